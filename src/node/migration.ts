/**
 * MIGRATE: keys moved to another server while this one goes on working.
 *
 * Redis stands still until the target has answered. A node here serves everybody else meanwhile, so it must say what
 * becomes of the keys on their way. It holds back the commands that name one of them, reads too, until the transfer
 * is over: nobody can change a value that has been sent, and nobody reads it here when the target may have a newer
 * one. Held back as well is what can change keys without naming them (FLUSHALL, SWAPDB, scripts …): it runs behind the
 * transfer, as it does in Redis. Everything else, other keys of the same slot included, isn't delayed. A held session
 * asks again when the transfer is over; in a slot on the move it then gets ASK and follows the key.
 *
 * Each key is in one place for whoever asks: here until the target has confirmed it, then there. The key is removed
 * in the same step that answers the caller, and that goes to replicas and the append-only file as one DEL of
 * the confirmed keys. When the target can't be heard any more its last keys may be there as well as here; this node
 * remains the one that serves them, and a second MIGRATE with REPLACE settles it, as in Redis.
 *
 * Keys may expire or be evicted on their way: they are gone here then, and the target has them with their expiry.
 * A master that has become a replica meanwhile removes nothing: its new master decides.
 *
 * Cluster specification, "Live resharding" and "MIGRATE".
 */
import { type Command, FLAG } from '../commands/command.js';
import { type Context, EVENT } from '../commands/context.js';
import type { MigrationFacility, MigrationOrder } from '../commands/facilities/facilities.js';
import type { Database } from '../keyspace/database.js';
import type { DumpPayloads } from '../persistence/rdb/dump-payload.js';
import { type Bytes, concat, latin1 } from '../protocol/bytes.js';
import { CommandError } from '../protocol/command-error.js';
import type { ReplyError } from '../protocol/reply-decoder.js';
import type { Request } from '../protocol/request.js';
import { encodeRequest } from '../protocol/request-parser.js';
import { type Blocking, STATE_CHANGED } from './blocking.js';
import type { Dispatcher } from './dispatcher.js';
import type { Gatekeeper } from './gatekeeper.js';
import type { Host, Schedule } from './host.js';
import { type MigrationLink, MigrationLinks, type MigrationLinkUser } from './migration-link.js';
import type { Session } from './session.js';
import { copyRequest } from './transactions.js';

const CANNOT_CONNECT = 'IOERR error or timeout connecting to the client';
const CANNOT_WRITE = 'IOERR error or timeout writing to target instance';
const CANNOT_READ = 'IOERR error or timeout reading to target instance';

/** What moving keys needs of the node. */
export interface MigrationSurroundings {
  readonly host: Host;
  readonly schedule: Schedule;
  readonly blocking: Blocking;
  readonly dispatcher: Dispatcher;
  readonly gatekeeper: Gatekeeper;
  readonly payloads: DumpPayloads;
  readonly clusterMode: boolean;
  readonly isReplica: () => boolean;
  /** Notes the time: something has happened on a link. */
  readonly setClock: () => void;
}

export class Migration implements MigrationFacility {
  readonly links: MigrationLinks;
  /** Keys on their way, in Latin-1, of whatever database: MOVE and COPY could otherwise reach them from another. */
  private readonly keys = new Set<string>();
  /** Sessions whose next command must wait for a key. */
  private held: Session[] = [];

  constructor(readonly around: MigrationSurroundings) {
    this.links = new MigrationLinks(around.host, around.schedule);
  }

  begin(order: MigrationOrder): void {
    const { dispatcher, blocking } = this.around;
    const { session, command, request, db } = dispatcher;
    if (!(order.port > 0 && order.port < 65536)) throw new CommandError(CANNOT_WRITE);
    const transfer = new Transfer(this, order, { session, command, request: copyRequest(request), db });
    if (!order.copy) for (const key of order.keys) this.keys.add(latin1(key));
    this.around.gatekeeper.set({ migrating: this.keys.size > 0 });
    blocking.block(
      session,
      0,
      (reply) => reply.error('UNBLOCKED client unblocked via CLIENT UNBLOCK'),
      () => transfer.callerLeft(),
    );
    transfer.start();
  }

  /** Whether the session must wait before it may run the command, because of a key on its way. If so it is held. */
  holds(session: Session, command: Command, request: Request): boolean {
    if (this.keys.size === 0 || session.isMaster || !this.concerns(session, command, request)) return false;
    session.suspended = true;
    this.held.push(session);
    return true;
  }

  /** The session has gone. */
  forget(session: Session): void {
    this.held = this.held.filter((other) => other !== session);
  }

  /** A transfer is over: its keys are free again. */
  ended({ copy, keys }: MigrationOrder): void {
    if (!copy) for (const key of keys) this.keys.delete(latin1(key));
    this.around.gatekeeper.set({ migrating: this.keys.size > 0 });
    const { held } = this;
    this.held = [];
    for (const session of held) this.around.blocking.release(session);
  }

  private concerns(session: Session, command: Command, request: Request): boolean {
    const { transaction } = session;
    if (transaction === null) return this.mayTouch(command, request);
    if (command.fullName !== 'exec') return false; // it is only queued
    return transaction.queue.some((queued) => this.mayTouch(queued.command, queued.request));
  }

  private mayTouch(command: Command, request: Request): boolean {
    if (!command.hasKeys) return (command.flags & FLAG.write) !== 0;
    if (command.definition.group === 'scripting') return true;
    let names = false;
    command.eachKey(request, (i) => {
      names ||= this.keys.has(request.latin1(i));
    });
    return names;
  }
}

/** The MIGRATE that a transfer answers. */
interface Call {
  readonly session: Session;
  readonly command: Command;
  readonly request: Request;
  readonly db: Database;
}

/** One MIGRATE under way. */
class Transfer implements MigrationLinkUser {
  private link!: MigrationLink;
  private callerWaits = true;
  private mayRetry = true;
  /** The keys sent, in order; the first `answered` have been answered. */
  private sent: Bytes[] = [];
  private answered = 0;
  private readonly confirmed: Bytes[] = [];
  /** Replies still to come before those to the keys: of AUTH and SELECT. */
  private preliminaries = 0;
  /** AUTH or SELECT was refused: whatever became of the keys, it isn't what was asked for. */
  private refused = false;
  private targetError: string | undefined;
  /** How the time for the target is taken back. */
  private stopTimer = () => {};
  private lastProgress = 0;
  private unsent = 0;

  constructor(
    private readonly migration: Migration,
    private readonly order: MigrationOrder,
    private readonly call: Call,
  ) {}

  start(): void {
    const { host, port } = this.order;
    const { links } = this.migration;
    this.progressed();
    this.watchTime(this.order.timeout);
    this.link = links.take(host, port, this);
    if (this.link.isUp) this.send();
  }

  /** The caller has gone, or was told something else; the keys go on. */
  callerLeft(): void {
    this.callerWaits = false;
  }

  // The link

  connected(): void {
    this.migration.around.setClock();
    this.progressed();
    this.send();
  }

  replied(error: ReplyError | null): void {
    this.progressed();
    if (error !== null) this.targetError ??= error.message;
    if (this.preliminaries > 0) {
      this.preliminaries--;
      if (error !== null) this.refused = true;
      return;
    }
    const key = this.sent[this.answered++];
    if (error === null && !this.refused) this.confirmed.push(key);
    if (this.answered === this.sent.length) this.finish(null);
  }

  lost(): void {
    if (!this.link.isUp)
      this.finish(CANNOT_WRITE); // Redis finds out that nobody listens when it writes
    else if (this.mayRetry && this.answered === 0) {
      // Most likely it was a kept connection that the target had closed.
      this.mayRetry = false;
      this.stopTimer();
      this.start();
    } else this.finish(CANNOT_READ);
  }

  /** Sends the keys, as they are now. */
  private send(): void {
    const { order, link, migration, call } = this;
    const { credentials, database, replace, keys } = order;
    const { payloads, clusterMode } = migration.around;
    const { db } = call;
    const requests: Bytes[] = [];
    this.targetError = undefined;
    this.refused = false;
    if (credentials.length > 0) requests.push(encodeRequest(['AUTH', ...credentials]));
    if (link.database !== database) requests.push(encodeRequest(['SELECT', String(database)]));
    this.preliminaries = requests.length;
    this.sent = [];
    for (const key of keys) {
      const ref = db.live(key, 0, key.length);
      if (ref === 0) continue;
      const expiry = db.expiry(ref);
      const ttl = expiry < 0 ? 0 : Math.max(1, expiry - db.keyspace.now);
      const words = [clusterMode ? 'RESTORE-ASKING' : 'RESTORE', key, String(ttl), payloads.dump(db, ref)];
      requests.push(encodeRequest(replace ? [...words, 'REPLACE'] : words));
      this.sent.push(key);
    }
    if (this.sent.length === 0) {
      this.finish(null); // all have expired
      return;
    }
    this.unsent = link.send(concat(requests));
  }

  // Time

  private progressed(): void {
    this.lastProgress = this.migration.around.host.monotonicClock();
  }

  /**
   * Gives up when the target has been silent, and taken nothing either, for as long as it may. If this node was busy
   * meanwhile, what the target has said may still be waiting to be read: so it looks a last time, one turn later.
   */
  private watchTime(left: number, isLast = false): void {
    this.stopTimer = this.migration.around.schedule(left, () => {
      const { unsent } = this.link;
      if (unsent < this.unsent) this.progressed();
      this.unsent = unsent;
      const rest = this.lastProgress + this.order.timeout - this.migration.around.host.monotonicClock();
      if (rest > 0) this.watchTime(rest);
      else if (!isLast) this.watchTime(1, true);
      else this.finish(!this.link.isUp ? CANNOT_CONNECT : unsent > 0 ? CANNOT_WRITE : CANNOT_READ);
    });
  }

  // The end

  /** Removes what the target has confirmed and answers the caller; `failure` is what happened to the link, if anything. */
  private finish(failure: string | null): void {
    const { migration, order, call, link } = this;
    const { blocking, dispatcher, host } = migration.around;
    this.stopTimer();
    if (failure !== null) migration.links.drop(link);
    else migration.links.keep(link, this.targetError === undefined ? order.database : null);
    const { session, command, request } = call;
    const conclude = () => {
      dispatcher.perform(session, command, request, (c) => this.conclude(c, failure));
      return true;
    };
    if (this.callerWaits) blocking.serve(session, conclude);
    else this.discardReply(conclude);
    migration.ended(order);
    host.wakeAtEndOfTurn();
  }

  private discardReply(conclude: () => void): void {
    const { reply } = this.migration.around.dispatcher;
    const mark = reply.length;
    conclude();
    reply.length = mark;
  }

  private conclude(c: Context, failure: string | null): void {
    if (this.migration.around.isReplica()) throw new CommandError(STATE_CHANGED);
    if (!this.order.copy) this.removeConfirmed(c);
    if (this.targetError !== undefined) {
      c.reply.error(`ERR Target instance replied with error: ${this.targetError}`);
    } else if (failure !== null) c.reply.error(failure);
    else c.reply.ok();
  }

  private removeConfirmed(c: Context): void {
    const { db } = this.call;
    const removed: Bytes[] = [];
    for (const key of this.confirmed) {
      const ref = db.peek(key, 0, key.length);
      if (ref === 0) continue; // it has expired on its way
      db.remove(ref);
      c.changedKey(key, 0, key.length, EVENT.generic, 'del', db);
      removed.push(key);
    }
    if (removed.length > 0) c.propagate('DEL', ...removed);
  }
}
