/**
 * Runs requests: finds the command, checks that it may run here and now, runs it, and passes on what it changed.
 *
 * The dispatcher is the `Context` that commands see. There is one per node and nothing is allocated per call. The
 * checks that most requests don't need hide behind three tests: a session in an ordinary state, a command none of
 * whose gates is closed, one slot that this node serves.
 *
 * A request can come from a client, from a queue (EXEC), from a script, from the append-only file or from our
 * master; the latter ones come in through `execute`, past the checks that are the clients'.
 */

import { type Command, FLAG } from '../commands/command.js';
import type { Context, KeyWait } from '../commands/context.js';
import { wrongArity } from '../commands/errors.js';
import type { Denial } from '../commands/facilities/acl.js';
import type { ServerFacilities } from '../commands/facilities/facilities.js';
import type { CommandTable } from '../commands/table.js';
import type { Database } from '../keyspace/database.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import type { Bytes } from '../protocol/bytes.js';
import { CommandError } from '../protocol/command-error.js';
import type { ReplyWriter } from '../protocol/reply-writer.js';
import type { Request } from '../protocol/request.js';
import { encodeRequest } from '../protocol/request-parser.js';
import type { Acl } from './acl/acl.js';
import { Admission, type AdmissionParts } from './admission.js';
import type { Gatekeeper } from './gatekeeper.js';
import type { KeyWaits, Waiter } from './key-waits.js';
import type { Deliveries } from './messaging/deliveries.js';
import type { Notifications } from './messaging/notifications.js';
import type { Tracking } from './messaging/tracking.js';
import type { Observers } from './monitoring/observers.js';
import type { Statistics } from './monitoring/statistics.js';
import type { Stopwatch } from './monitoring/stopwatch.js';
import { type Propagation, TARGET } from './propagation.js';
import { type Session, SPECIAL } from './session.js';
import type { SlotGate } from './slot-gate.js';
import { discardTransaction, Transaction, type Watches } from './transactions.js';

/** What the dispatcher needs of the node around it, for itself and for the checks. */
export interface DispatcherParts extends AdmissionParts {
  readonly table: CommandTable;
  readonly keyspace: Keyspace;
  readonly propagation: Propagation;
  readonly notifications: Notifications;
  readonly tracking: Tracking;
  readonly observers: Observers;
  readonly keyWaits: KeyWaits;
  readonly stopwatch: Stopwatch;
  /** Whether the session must wait before it may run the command: it will be asked for again. */
  readonly postpones: (session: Session, command: Command, request: Request) => boolean;
  /** Closes the connection of somebody who speaks HTTP: a web page that was made to attack this node. */
  readonly hangUp: (session: Session) => null;
  /** Closes the connection of a replica that has asked for something: a reply would be taken for the stream. */
  readonly rejectReplica: (session: Session, command: string, error: string | undefined) => void;
  /** The command's flags, or those of the script that it runs. */
  readonly flagsOf: (command: Command, request: Request) => number;
  /** A write has ended: the node may have work at the end of the turn. */
  readonly wrote: (session: Session) => void;
}

/** Commands that run at once although a transaction is open. */
const NOT_QUEUED = new Set(['exec', 'discard', 'multi', 'watch', 'quit', 'reset']);

/** Errors begin with it. */
const MINUS = 0x2d;

export class Dispatcher implements Context {
  command!: Command;
  request!: Request;
  db!: Database;
  session!: Session;
  now = 0;
  readonly keyspace: Keyspace;
  readonly reply: ReplyWriter;
  server!: ServerFacilities;

  private readonly parts: DispatcherParts;
  private readonly table: CommandTable;
  private readonly slotGate: SlotGate | null;
  private readonly gatekeeper: Gatekeeper;
  private readonly admission: Admission;
  private readonly acl: Acl;
  private readonly propagation: Propagation;
  private readonly watches: Watches;
  private readonly keyWaits: KeyWaits;
  private readonly statistics: Statistics;
  private readonly notifications: Notifications;
  private readonly tracking: Tracking;
  private readonly observers: Observers;
  private readonly deliveries: Deliveries;

  private readonly stopwatch: Stopwatch;
  /** Changes made by the command being run; a command without any isn't propagated. */
  private changes = 0;
  /** Set when the command has said itself what to propagate. */
  private propagatedItself = false;
  /** Where the reply of the command being run begins. */
  private replyStart = 0;

  /** How many errors had been written when the last was counted: EXEC doesn't fail with a command in it. */
  private countedErrors = 0;

  constructor(parts: DispatcherParts) {
    this.parts = parts;
    this.table = parts.table;
    this.keyspace = parts.keyspace;
    this.reply = parts.reply;
    this.slotGate = parts.slotGate;
    this.gatekeeper = parts.gatekeeper;
    this.admission = new Admission(parts);
    this.acl = parts.acl;
    this.propagation = parts.propagation;
    this.watches = parts.watches;
    this.keyWaits = parts.keyWaits;
    this.statistics = parts.statistics;
    this.notifications = parts.notifications;
    this.tracking = parts.tracking;
    this.observers = parts.observers;
    this.deliveries = parts.deliveries;
    this.stopwatch = parts.stopwatch;
  }

  /**
   * Serves a client's request; exactly one reply is written unless the session is muted or blocks. Answers false
   * when the request must wait and be dispatched again later.
   */
  dispatch(session: Session, request: Request): boolean {
    const { reply, slotGate } = this;
    const mark = reply.length;
    const command = this.find(session, request);
    if (command === null) return this.finish(session, mark);
    if (
      session.special !== 0 ||
      !this.gatekeeper.admits(command) ||
      (slotGate !== null && !slotGate.admits(command, request))
    ) {
      if (!this.admission.admits(session, command, request)) return this.finish(session, mark, command);
      if (this.parts.postpones(session, command, request)) return false;
      if (session.transaction !== null && !NOT_QUEUED.has(command.fullName)) {
        session.transaction.add(command, request, this.parts.flagsOf(command, request));
        reply.status('QUEUED');
        return this.finish(session, mark, command);
      }
    }
    this.execute(session, command, request);
    if (this.keyWaits.anyReady) this.serveWaiters();
    return session.special !== 0 || this.deliveries.waiting ? this.finish(session, mark, command) : true;
  }

  /** When the command that runs began, in monotonic milliseconds; a little earlier if it is timed in a run of such. */
  get begunAt(): number {
    return this.stopwatch.begunAt / 1000;
  }

  /** The session has nothing more to run for now. */
  endOfInput(): void {
    this.stopwatch.endRun();
  }

  /** The command a request names, or null when a complaint has been written. */
  find(session: Session, request: Request): Command | null {
    const command = this.table.find(request);
    if (command === undefined) {
      if (isHttp(request)) return this.parts.hangUp(session);
      return this.admission.refuse(session, unknownCommand(request));
    }
    if (command.isContainer && request.argc > 1) {
      const subcommand = this.table.findSubcommand(command, request);
      if (subcommand === undefined)
        return this.admission.refuse(session, unknownSubcommand(command, request));
      if (!subcommand.accepts(request.argc)) {
        return this.admission.reject(session, subcommand, wrongArity(subcommand.fullName));
      }
      return subcommand;
    }
    if (!command.accepts(request.argc))
      return this.admission.reject(session, command, wrongArity(command.fullName));
    return command;
  }

  /** Runs a command, whoever asks for it: counts it, and propagates what it changed. */
  execute(session: Session, command: Command, request: Request): void {
    if (this.observers.threshold < 0) this.observers.begins(session, command, request);
    const microseconds = this.perform(session, command, request, command.run);
    this.statistics.calls[command.id]++;
    this.statistics.commandsProcessed++;
    if (microseconds >= this.observers.threshold) {
      this.observers.ended(session, command, request, microseconds);
    }
  }

  /** What `execute` does, and what happens when a command goes on after a wait. Answers its time in microseconds. */
  perform(session: Session, command: Command, request: Request, run: (c: Context) => void): number {
    const { statistics, reply, propagation } = this;
    const outer = this.changes;
    this.countedErrors = reply.errors;
    this.command = command;
    this.request = request;
    this.session = session;
    session.lastCommand = command;
    this.db = this.keyspace.databases[session.database];
    this.changes = 0;
    this.propagatedItself = false;
    const begun = this.stopwatch.start(command);
    const mark = reply.length;
    this.replyStart = mark;
    try {
      run(this);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      reply.length = mark;
      reply.error(error.message);
    }
    const microseconds = this.stopwatch.stop(command, begun);
    if (reply.errors > this.countedErrors) this.countFailure(command);
    if (this.changes > 0) {
      statistics.dirty += this.changes;
      if (propagation.active && !this.propagatedItself) this.propagateRequest(request);
      propagation.flush();
      this.parts.wrote(session);
    } else if (propagation.waiting) propagation.flush((command.flags & FLAG.touches_arbitrary_keys) === 0);
    this.changes = outer;
    return microseconds;
  }

  /** The reply that has just been written, at once or at the end of a wait, is an error. */
  countFailure(command: Command): void {
    const { statistics, reply } = this;
    statistics.failed[command.id]++;
    statistics.countError(reply.errorCode);
    this.countedErrors = reply.errors;
  }

  /** Propagates the request as it came. */
  private propagateRequest(request: Request, targets = this.propagation.targets): void {
    const { database } = this.session; // not db.index: SWAPDB has changed it
    if (request.last > request.first) {
      this.propagation.command(database, request.buffer, request.first, request.last, targets);
      return;
    }
    const words: Bytes[] = [];
    for (let i = 0; i < request.argc; i++) {
      words.push(request.buffer.subarray(request.starts[i], request.ends[i]));
    }
    const bytes = encodeRequest(words);
    this.propagation.command(database, bytes, 0, bytes.length, targets);
  }

  // Transactions

  /** EXEC: runs what the session has queued as one unit, one reply each. */
  executeTransaction(session: Session): void {
    const { reply } = this;
    const transaction = session.transaction!;
    if (transaction.broken) {
      this.discard(session);
      reply.error('EXECABORT Transaction discarded because of previous errors.');
      return;
    }
    if (this.watches.isBroken(session, this.keyspace.databases)) {
      this.discard(session);
      reply.nilArray();
      return;
    }
    const refusal = this.gatekeeper.refusal(this.command, transaction.flags);
    if (refusal !== null && !session.isMaster) {
      this.discard(session);
      reply.error(`EXECABORT Transaction discarded because of: ${refusal}`);
      return;
    }
    const { command, request } = this;
    this.discard(session);
    reply.array(transaction.queue.length);
    const { mayBlock } = session;
    session.mayBlock = false;
    const { dirty } = this.statistics;
    this.propagation.begin();
    for (const queued of transaction.queue) {
      const denial = this.acl.refusal(session, queued.command, queued.request, 'multi');
      if (denial === null) this.execute(session, queued.command, queued.request);
      else reply.error(noLongerAllowed(denial));
    }
    this.propagation.end();
    if (this.statistics.dirty !== dirty) this.parts.wrote(session); // up to the end of the unit, for WAIT
    session.mayBlock = mayBlock;
    this.command = command;
    this.request = request;
  }

  /** Ends the session's transaction and its watches. */
  discard(session: Session): void {
    discardTransaction(session, this.watches);
  }

  beginTransaction(session: Session): void {
    session.transaction = new Transaction();
  }

  // Waiting for keys

  get mayBlock(): boolean {
    return this.session.mayBlock;
  }

  replyIsTooLong(): boolean {
    const { session, reply } = this;
    return session.id !== 0 && !session.mayHave(reply.length - this.replyStart); // what a script gets goes nowhere
  }

  block(wait: KeyWait): void {
    this.keyWaits.add(this.session, this.command, this.request, wait);
  }

  /** Keys that sessions wait for have changed, and nothing is running any more. */
  serveWaiters(): void {
    if (this.propagation.inUnit) return; // what an interrupted script has done is seen when it is over
    this.keyWaits.serveReady((waiter, serve, i) => this.resume(waiter, serve, i));
    this.propagation.flush(false); // of keys that were found to have expired
  }

  /** Goes on with a command that waited for the key in argument `i`. Answers whether it has replied. */
  private resume({ session, command, request }: Waiter, serve: KeyWait['serve'], i: number): boolean {
    let served = true; // with an error, if it ends with one
    this.deliveries.begin(session);
    this.perform(session, command, request, (c) => {
      served = serve(c, i);
    });
    this.deliveries.end();
    return served;
  }

  // Replies

  /** Takes back what was written for a session that doesn't want replies (CLIENT REPLY); ASKING is for one command. */
  private finish(session: Session, mark: number, command?: Command): true {
    const { special } = session;
    if (special & SPECIAL.muted) {
      if (session.replyMode === 'skip-next') session.replyMode = 'skip';
      else {
        this.reply.length = mark;
        if (session.replyMode === 'skip') session.replyMode = 'on';
      }
    } else if (special & SPECIAL.master) this.reply.length = mark;
    if (special & SPECIAL.replica && this.reply.length > mark) {
      const { buffer, lastError } = this.reply;
      const error = buffer[mark] === MINUS ? lastError : undefined;
      this.reply.length = mark;
      this.parts.rejectReplica(session, command?.fullName ?? '<unknown>', error);
    }
    if (special & SPECIAL.asking && command?.fullName !== 'asking' && session.transaction === null) {
      session.asking = false; // a transaction keeps it to its end
    }
    if (this.deliveries.waiting) this.deliveries.writeFollowing();
    return true;
  }

  // Context

  changed(i: number, eventClass: number, event: string, count = 1): void {
    const { buffer, starts, ends } = this.request;
    this.changedKey(buffer, starts[i], ends[i], eventClass, event);
    this.changes += count - 1;
  }

  changedKey(key: Bytes, start: number, end: number, eventClass: number, event: string, db = this.db): void {
    this.changes++;
    if (this.watches.any) this.watches.keyChanged(db, key, start, end);
    if (this.tracking.any) this.tracking.keyChanged(key, start, end);
    this.notifications.report(eventClass, event, db.index, key, start, end);
    if (this.keyWaits.any) this.keyWaits.keyChanged(db, key, start, end);
  }

  notify(i: number, eventClass: number, event: string): void {
    const { buffer, starts, ends } = this.request;
    this.notifications.report(eventClass, event, this.db.index, buffer, starts[i], ends[i]);
  }

  awaken(i: number): void {
    const { buffer, starts, ends } = this.request;
    if (this.keyWaits.any) this.keyWaits.keyChanged(this.db, buffer, starts[i], ends[i]);
  }

  replacing(db: Database, by?: Database): void {
    if (this.watches.any) this.watches.databaseReplaced(db, by);
    if (this.tracking.any && by === undefined) this.tracking.flushed();
    if (this.keyWaits.any) this.keyWaits.databaseReplaced(db);
  }

  touched(count = 1): void {
    this.changes += count;
  }

  get propagates(): boolean {
    return this.propagation.active;
  }

  propagate(...words: (string | Bytes)[]): void {
    this.propagatedItself = true;
    this.propagation.words(this.db.index, ...words);
  }

  propagateNothing(): void {
    this.propagatedItself = true;
  }

  propagateAnyway(): void {
    if (this.propagation.active) this.propagateRequest(this.request);
    this.propagatedItself = true;
    this.parts.wrote(this.session);
  }

  propagateToReplicas(): void {
    this.propagateRequest(this.request, this.propagation.targets & TARGET.replicas);
    this.parts.wrote(this.session);
  }
}

const NO_LONGER_ALLOWED = {
  command: 'no permission to execute the command or subcommand',
  key: 'no permission to touch the specified keys',
  channel: 'no permission to access one of the channels used as arguments',
} as const;

/** Of a command that was allowed when it was queued. */
function noLongerAllowed({ reason }: Denial): string {
  return (
    'NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is ' +
    `no longer allowed for the following reason: ${NO_LONGER_ALLOWED[reason]}`
  );
}

/** Whether this is a line of an HTTP request. */
function isHttp(request: Request): boolean {
  return request.is(0, 'POST') || request.is(0, 'HOST:');
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
