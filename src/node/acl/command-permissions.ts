/**
 * Which commands a user may run: one bit per command of the table, and the few commands of which only calls with a
 * certain first argument are allowed (`+select|0`).
 *
 * Allowing or forbidding a command does the same to its subcommands. Beside the bits there is one more: whether
 * commands that come to be later are allowed, which says if the description begins with `+@all` or `-@all`.
 */
import { ACL_CATEGORIES, type AclCategory, type Command, FLAG } from '../../commands/command.js';
import type { CommandTable } from '../../commands/table.js';
import type { Request } from '../../protocol/request.js';

export class CommandPermissions {
  private bits: Int32Array;
  private future = false;
  /** By command id: the first arguments, in lower case, with which a forbidden command may be called. */
  private firstArguments: ReadonlyMap<number, readonly string[]> = new Map();

  constructor(private readonly table: CommandTable) {
    this.bits = new Int32Array(Math.ceil(table.all.length / 32));
  }

  copy(): CommandPermissions {
    const copy = new CommandPermissions(this.table);
    copy.bits = this.bits.slice();
    copy.future = this.future;
    copy.firstArguments = this.firstArguments;
    return copy;
  }

  /** `+@all` or `-@all`. */
  setAll(allowed: boolean): void {
    this.bits.fill(allowed ? -1 : 0);
    this.future = allowed;
    this.firstArguments = new Map();
  }

  set(command: Command, allowed: boolean): void {
    this.setBit(command.id, allowed);
    if (this.firstArguments.has(command.id)) {
      this.firstArguments = new Map([...this.firstArguments].filter(([id]) => id !== command.id));
    }
    for (const { id } of command.subcommands.values()) this.setBit(id, allowed);
  }

  setCategory(category: AclCategory, allowed: boolean): void {
    for (const command of this.table.all) {
      if (command.categories.includes(category)) this.set(command, allowed);
    }
  }

  /** Allows calls of the command with this first argument, whether or not the command is allowed. */
  allowFirstArgument({ id }: Command, word: string): void {
    const words = this.firstArguments.get(id) ?? [];
    const lower = word.toLowerCase();
    if (words.includes(lower)) return;
    this.firstArguments = new Map([...this.firstArguments, [id, [...words, lower]]]);
  }

  /** Whether nothing is forbidden. */
  get unlimited(): boolean {
    return this.table.all.every((command) => this.allows(command));
  }

  allows({ id }: Command): boolean {
    return (this.bits[id >> 5] & (1 << (id & 31))) !== 0;
  }

  /** Whether the call is allowed. What anybody may do who hasn't authenticated is. */
  admits(command: Command, request: Request): boolean {
    if (command.flags & FLAG.no_auth || this.allows(command)) return true;
    const words = this.firstArguments.get(command.id);
    return words !== undefined && request.argc > 1 && words.includes(request.latin1(1).toLowerCase());
  }

  private setBit(id: number, on: boolean): void {
    if (on) this.bits[id >> 5] |= 1 << (id & 31);
    else this.bits[id >> 5] &= ~(1 << (id & 31));
  }

  // Description

  /**
   * The rules that give these permissions: `+@all` or `-@all`, then categories, then what is left of single commands.
   * Categories are chosen one after the other, as Redis chooses them: each time the one that leaves the fewest
   * commands to be put right.
   */
  describe(): string {
    const rules = [this.future ? '+@all' : '-@all'];
    const adding = !this.future;
    const described = new CommandPermissions(this.table);
    described.setAll(this.future);
    const left = this.copy();
    const unused = new Set<AclCategory>(ACL_CATEGORIES);
    for (;;) {
      const category = left.bestCategory(unused, adding);
      if (category === undefined) break;
      rules.push(`${adding ? '+' : '-'}@${category}`);
      described.setCategory(category, adding);
      left.setCategory(category, !adding);
      unused.delete(category);
    }
    for (const command of this.table.commands.values()) {
      this.describeDifference(described, command, rules);
      for (const subcommand of command.subcommands.values()) {
        this.describeDifference(described, subcommand, rules);
      }
    }
    return rules.join(' ');
  }

  /** The category most of whose commands are allowed (forbidden, unless `adding`), with the fewest exceptions. */
  private bestCategory(among: Iterable<AclCategory>, adding: boolean): AclCategory | undefined {
    let best: AclCategory | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    let most = 0;
    for (const category of among) {
      const members = this.table.all.filter(({ categories }) => categories.includes(category));
      const same = members.filter((command) => this.allows(command) === adding).length;
      const different = members.length - same;
      if (same > different && (different < fewest || (different === fewest && same > most))) {
        best = category;
        fewest = different;
        most = same;
      }
    }
    return best;
  }

  /** Adds what is missing between `described` and these permissions for one command. */
  private describeDifference(described: CommandPermissions, command: Command, rules: string[]): void {
    const allowed = this.allows(command);
    if (allowed !== described.allows(command)) {
      rules.push(`${allowed ? '+' : '-'}${command.fullName}`);
      described.set(command, allowed);
    }
    if (allowed) return;
    for (const word of this.firstArguments.get(command.id) ?? []) rules.push(`+${command.fullName}|${word}`);
  }
}
