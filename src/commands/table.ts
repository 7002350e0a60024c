/**
 * The command table: every family's entries, found by name or, on the hot path, by the bytes of a request's first
 * words without making a string of them.
 *
 * The lookup folds the bytes of the name, capitals as small letters, into 32 bits and probes a small open-addressing table; the
 * bytes are compared at the end, so a collision costs time and never a wrong command.
 */
import { type Bytes, EMPTY, fromLatin1, latin1 } from '../protocol/bytes.js';
import type { Request } from '../protocol/request.js';
import { Command, type CommandDefinition } from './command.js';

/** The bit that makes a small letter of a capital. Of some other bytes it makes others: no harm in a hash. */
const SMALL = 0x20;

export class CommandTable {
  /** Every top-level command, by name in lower case. */
  readonly commands: ReadonlyMap<string, Command>;
  /** Commands and subcommands, by id. */
  readonly all: readonly Command[];
  private readonly places: (Command | undefined)[];
  /** The name that each place's command goes by. */
  private readonly names: Bytes[];
  private readonly mask: number;

  private constructor(commands: ReadonlyMap<string, Command>, all: readonly Command[]) {
    this.commands = commands;
    this.all = all;
    const capacity = 2 ** Math.ceil(Math.log2(commands.size * 4 + 1));
    this.mask = capacity - 1;
    this.places = new Array(capacity).fill(undefined);
    this.names = new Array(capacity).fill(EMPTY);
    for (const [name, command] of commands) {
      let at = fold(name) & this.mask;
      while (this.places[at] !== undefined) at = (at + 1) & this.mask;
      this.places[at] = command;
      this.names[at] = fromLatin1(name);
    }
  }

  /** Throws when two families declare the same name. */
  static of(families: readonly (readonly CommandDefinition[])[]): CommandTable {
    const commands = new Map<string, Command>();
    const all: Command[] = [];
    let ids = 0;
    const register = (command: Command): void => {
      all[command.id] = command;
      for (const sub of command.subcommands.values()) register(sub);
    };
    for (const definition of families.flat()) {
      if (commands.has(definition.name)) throw new Error(`command '${definition.name}' is declared twice`);
      const command = new Command(definition, undefined, () => ids++);
      commands.set(definition.name, command);
      register(command);
    }
    return new CommandTable(commands, all);
  }

  /**
   * The table in which a command is called by another name, or by none when that is empty (`rename-command`). It is the
   * same command: rules, statistics and documentation know it by the name that it was declared with. Answers the
   * complaint when that can't be.
   */
  renamed(from: string, to: string): CommandTable | string {
    const commands = new Map(this.commands);
    const command = commands.get(from.toLowerCase());
    if (command === undefined) return 'No such command in rename-command';
    commands.delete(from.toLowerCase());
    if (to === '') return new CommandTable(commands, this.all);
    if (commands.has(to.toLowerCase())) return 'Target command name already exists';
    commands.set(to.toLowerCase(), command);
    return new CommandTable(commands, this.all);
  }

  /** The command or container named by the request's first word, in any case. */
  find(request: Request): Command | undefined {
    const { buffer } = request;
    const start = request.starts[0];
    const end = request.ends[0];
    let h = 0;
    for (let i = start; i < end; i++) h = (Math.imul(h, 31) + (buffer[i] | SMALL)) | 0;
    for (let at = h & this.mask; ; at = (at + 1) & this.mask) {
      const command = this.places[at];
      if (command === undefined) return undefined;
      if (sameName(this.names[at], buffer, start, end)) return command;
    }
  }

  /** The subcommand named by the request's second word, in any case. */
  findSubcommand(container: Command, request: Request): Command | undefined {
    return container.subcommands.get(
      latin1(request.buffer, request.starts[1], request.ends[1]).toLowerCase(),
    );
  }

  /** What the request calls: the subcommand where there are any and a second word names one. */
  resolve(request: Request): Command | undefined {
    const command = this.find(request);
    if (!command?.isContainer || request.argc < 2) return command;
    return this.findSubcommand(command, request);
  }

  /** By full name, `config|get`, in any case. */
  byName(name: string): Command | undefined {
    const [first, second, ...more] = name.toLowerCase().split('|');
    const command = more.length === 0 ? this.commands.get(first) : undefined;
    return second === undefined ? command : command?.subcommands.get(second);
  }
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | SMALL : byte;
}

function fold(name: string): number {
  let h = 0;
  for (let i = 0; i < name.length; i++) h = (Math.imul(h, 31) + (name.charCodeAt(i) | SMALL)) | 0;
  return h;
}

function sameName(name: Bytes, bytes: Bytes, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== lower(bytes[start + i])) return false;
  return true;
}
