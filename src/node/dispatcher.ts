/**
 * Runs one request: finds its command, checks that it may run here and now, runs it, and passes on what it changed.
 *
 * The dispatcher is the `Context` that commands see; there is one per node and nothing is allocated per call. The
 * checks that most requests don't need hide behind two tests: a session in an ordinary state (`session.plain`) and
 * a command none of whose `gates` the node has closed. Only when either says so does `Gatekeeper` go through
 * Redis's checks, in Redis's order.
 */
import type { Command } from '../commands/command.js';
import type { Context } from '../commands/context.js';
import { wrongArity } from '../commands/errors.js';
import type { ServerFacilities } from '../commands/facilities.js';
import type { CommandTable } from '../commands/table.js';
import type { Database } from '../keyspace/database.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import type { Bytes } from '../protocol/bytes.js';
import type { ReplyWriter } from '../protocol/reply-writer.js';
import type { Request } from '../protocol/request.js';
import type { Session } from './session.js';

export class Dispatcher implements Context {
  command!: Command;
  db!: Database;
  session!: Session;
  now = 0;
  /** Changes made by the command being run; commands without any are not propagated. */
  private changes = 0;

  constructor(
    private readonly table: CommandTable,
    readonly keyspace: Keyspace,
    readonly request: Request,
    readonly reply: ReplyWriter,
    readonly server: ServerFacilities,
  ) {}

  /** Runs the request on behalf of the session; exactly one reply is written. */
  dispatch(session: Session): void {
    const { request } = this;
    let command = this.table.find(request);
    if (command === undefined) {
      this.reply.error(unknownCommand(request));
      return;
    }
    if (command.subcommands.size > 0 && request.argc > 1) {
      const subcommand = this.table.findSubcommand(command, request);
      if (subcommand === undefined) {
        this.reply.error(unknownSubcommand(command, request));
        return;
      }
      command = subcommand;
    }
    if (!command.accepts(request.argc)) {
      this.reply.error(wrongArity(command.fullName));
      return;
    }
    this.command = command;
    this.session = session;
    this.db = this.keyspace.databases[session.database];
    this.changes = 0;
    command.run(this);
  }

  changed(_i: number, _eventClass: number, _event: string): void {
    this.changes++;
  }

  changedKey(_key: Bytes, _start: number, _end: number, _eventClass: number, _event: string): void {
    this.changes++;
  }

  notify(_i: number, _eventClass: number, _event: string): void {}

  replacing(): void {}

  touched(): void {
    this.changes++;
  }

  propagate(..._words: (string | Bytes)[]): void {}

  propagateNothing(): void {}
}

/** Redis quotes the name and up to 128 bytes of the arguments. */
function unknownCommand(request: Request): string {
  let args = '';
  for (let i = 1; i < request.argc && args.length < 128; i++) {
    args += `'${request.latin1(i).slice(0, 128 - args.length)}' `;
  }
  return `ERR unknown command '${request.latin1(0).slice(0, 128)}', with args beginning with: ${args}`;
}

function unknownSubcommand(command: Command, request: Request): string {
  const name = request.latin1(1).slice(0, 128);
  return `ERR unknown subcommand '${name}'. Try ${command.fullName.toUpperCase()} HELP.`;
}
