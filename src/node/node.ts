/**
 * One node: the keyspace, the command table and the services around them, driven by its host.
 *
 * Input in, effects out: the host calls `start`, `accept`, a link's handler, `wake` and `endOfTurn`; the node answers
 * through its links, its disk and its log, all of them the host's. It never waits, and asks for the time only at the
 * start of what it is told, so the same inputs give the same outputs.
 *
 * A turn is everything the host has to tell at once. What commands cause leaves at its end, in an order that keeps the
 * promises: the append-only file is written first, then replies go out, then what the cluster has to say.
 */
import { commandTable } from '../commands/index.js';
import { expireSome } from '../keyspace/active-expiry.js';
import type { Ref } from '../keyspace/arena.js';
import type { Database } from '../keyspace/database.js';
import { seedHash } from '../keyspace/hash.js';
import { Keyspace, type KeyspaceListener } from '../keyspace/keyspace.js';
import { type Bytes, EMPTY, slice } from '../protocol/bytes.js';
import { COMPLETE, INVALID, type RequestLimits, RequestParser } from '../protocol/request-parser.js';
import { Blocking } from './blocking.js';
import { Clients } from './clients.js';
import type { Config } from './config/index.js';
import { Dispatcher } from './dispatcher.js';
import { Gatekeeper } from './gatekeeper.js';
import type { Host, Link, LinkHandler } from './host.js';
import { Outbox } from './outbox.js';
import { Propagation } from './propagation.js';
import { Session, type SessionOwner } from './session.js';
import { Statistics } from './statistics.js';
import { Timers } from './timers.js';
import { Watches } from './transactions.js';

/** Keys looked at by one round of active expiry. */
const EXPIRY_BUDGET = 2000;

export interface NodeOptions {
  readonly host: Host;
  readonly config: Config;
}

export class Node implements SessionOwner, KeyspaceListener {
  readonly keyspace: Keyspace;
  readonly statistics = new Statistics(commandTable.all.length);
  readonly clients: Clients;
  private readonly host: Host;
  readonly config: Config;
  private readonly parser = new RequestParser();
  private readonly outbox = new Outbox();
  private readonly timers: Timers;
  private readonly gatekeeper = new Gatekeeper(commandTable);
  private readonly propagation = new Propagation();
  private readonly watches = new Watches();
  private readonly blocking: Blocking;
  private readonly dispatcher: Dispatcher;
  private readonly limits: RequestLimits;
  private readonly strangerLimits: RequestLimits = {
    maxArguments: 10,
    maxBulkLength: 16384,
    authenticated: false,
  };

  constructor({ host, config }: NodeOptions) {
    this.host = host;
    this.config = config;
    const { values } = config;
    const clusterMode = values['cluster-enabled'];
    seedHash(host.random());
    this.keyspace = new Keyspace({
      databases: clusterMode ? 1 : values.databases,
      clusterMode,
      random: () => host.random(),
      listener: this,
    });
    this.limits = {
      maxArguments: Number.POSITIVE_INFINITY,
      maxBulkLength: values['proto-max-bulk-len'],
      authenticated: true,
    };
    this.timers = new Timers((time) => host.wakeAt(time));
    const monotonic = () => host.monotonicClock();
    this.blocking = new Blocking(this.outbox, this.timers, monotonic, () => host.wakeAtEndOfTurn());
    this.clients = new Clients(() => host.wallClock(), monotonic, this.timers, this.blocking);
    this.dispatcher = new Dispatcher({
      table: commandTable,
      keyspace: this.keyspace,
      reply: this.outbox.writer,
      gatekeeper: this.gatekeeper,
      propagation: this.propagation,
      statistics: this.statistics,
      watches: this.watches,
      slotGate: null,
      microseconds: () => host.monotonicClock() * 1000,
      postpones: (session, command) => this.clients.holds(session, command),
      makeRoom() {},
      wrote() {},
    });
    this.statistics.startedAt = host.wallClock();
    this.every(100, () => expireSome(this.keyspace, EXPIRY_BUDGET));
  }

  /** A client has connected. The answer handles what happens on the link. */
  accept(link: Link): LinkHandler {
    const session = new Session(this.clients.takeId(), link, this.host.wallClock(), this);
    this.statistics.connectionsReceived++;
    this.clients.add(session);
    return session;
  }

  /** The time asked for with `host.wakeAt` has come. */
  wake(): void {
    this.setClock();
    this.timers.run(this.host.monotonicClock());
  }

  /** All events at hand have been handled. */
  endOfTurn(): void {
    this.setClock();
    for (const session of this.blocking.takeRunnable()) this.serve(session, EMPTY, 0, 0);
    this.outbox.flush();
  }

  /** Runs `work` every so many milliseconds, on the monotonic clock. */
  private every(interval: number, work: () => void): void {
    const again = () => {
      work();
      this.timers.at(this.host.monotonicClock() + interval, again);
    };
    this.timers.at(this.host.monotonicClock() + interval, again);
  }

  private setClock(): void {
    this.keyspace.now = this.dispatcher.now = this.host.wallClock();
  }

  // Sessions

  serve(session: Session, bytes: Bytes, start: number, end: number): void {
    const { parser, outbox, dispatcher } = this;
    this.statistics.inputBytes += end - start;
    let buffer = bytes;
    parser.position = start;
    if (session.inputLength > 0 || session.suspended) {
      session.keep(bytes, start, end);
      if (session.suspended) return;
      buffer = session.input;
      end = session.inputLength;
      parser.position = 0;
      if (session.partial !== null) parser.resume(session.partial);
      session.partial = null;
    }
    this.setClock();
    session.lastActive = this.keyspace.now;
    const { writer } = outbox;
    const mark = writer.length;
    writer.resp = session.resp;
    while (!session.closing && !session.suspended) {
      const begin = parser.suspended ? parser.request.first : parser.position;
      const result = parser.parse(buffer, end, session.authenticated ? this.limits : this.strangerLimits);
      if (result === COMPLETE) {
        if (!dispatcher.dispatch(session, parser.request)) parser.position = begin;
      } else {
        if (result === INVALID) {
          writer.error(`ERR ${parser.error}`);
          session.closeAfterReply();
        }
        break;
      }
    }
    this.keepRest(session, buffer, end);
    outbox.post(session, mark, false);
    if (session.closing) outbox.close(session);
  }

  /** What has not become a request stays with the session. */
  private keepRest(session: Session, buffer: Bytes, end: number): void {
    const { parser } = this;
    const begin = parser.suspended ? parser.request.first : parser.position;
    if (parser.suspended) session.partial = parser.suspend();
    if (buffer === session.input) session.discardInput(begin);
    else if (begin < end) session.keep(buffer, begin, end);
  }

  sessionClosed(session: Session): void {
    session.gone = true;
    this.clients.remove(session);
    this.blocking.forget(session);
    this.watches.removeAll(session);
  }

  // What happens to keys by itself

  expiring(db: Database, ref: Ref): void {
    const buffer = db.buffer(ref);
    const start = db.keyStart(ref);
    const end = db.keyEnd(ref);
    if (this.watches.any) this.watches.keyChanged(db, buffer, start, end);
    if (this.propagation.active) this.propagation.words(db.index, 'DEL', slice(buffer, start, end));
  }
}
