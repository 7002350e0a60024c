/**
 * The command table on a keyspace, in this process, without connections, disk or cluster: what a command does is seen
 * at once, and time stands where the test puts it. Services that commands ask for are the node's own where they
 * stand alone, and stand-ins otherwise.
 */

import type { ServerFacilities, TransactionsFacility } from '../../src/commands/facilities/facilities.js';
import { commandTable } from '../../src/commands/index.js';
import { createLuaMachine } from '../../src/io/lua-machine.js';
import { Keyspace } from '../../src/keyspace/keyspace.js';
import { Acl } from '../../src/node/acl/acl.js';
import { Blocking } from '../../src/node/blocking.js';
import { Clients } from '../../src/node/clients/clients.js';
import { Config } from '../../src/node/config/index.js';
import { Dispatcher } from '../../src/node/dispatcher.js';
import { Gatekeeper } from '../../src/node/gatekeeper.js';
import type { Link } from '../../src/node/host.js';
import { KeyWaits } from '../../src/node/key-waits.js';
import type { Deliveries } from '../../src/node/messaging/deliveries.js';
import { Messaging } from '../../src/node/messaging/messaging.js';
import { Observers } from '../../src/node/monitoring/observers.js';
import { Statistics } from '../../src/node/monitoring/statistics.js';
import { Stopwatch } from '../../src/node/monitoring/stopwatch.js';
import { Outbox } from '../../src/node/outbox.js';
import { Propagation } from '../../src/node/propagation.js';
import { Scripting } from '../../src/node/scripting/scripting.js';
import { Session } from '../../src/node/session.js';
import { Timers } from '../../src/node/timers.js';
import { Watches } from '../../src/node/transactions.js';
import { DumpPayloads } from '../../src/persistence/rdb/dump-payload.js';
import { encodeRequest, RequestParser } from '../../src/protocol/request-parser.js';
import { TestRandom } from './random.js';
import { parseReply, replyEnd } from './resp.js';

const LIMITS = { maxArguments: Number.POSITIVE_INFINITY, maxBulkLength: 2 ** 29, authenticated: true };

const NO_LINK: Link = {
  remoteAddress: '127.0.0.1',
  remotePort: 50000,
  localAddress: '127.0.0.1',
  localPort: 6379,
  buffered: 0,
  write: () => true,
  close() {},
  destroy() {},
  pause() {},
  resume() {},
};

export class BareNode {
  readonly keyspace: Keyspace;
  readonly config = new Config();
  readonly session: Session;
  /** What was propagated, in words, one line a command. */
  readonly propagated: string[] = [];
  private readonly outbox = new Outbox({ outputBytes: 0, writes: 0 });
  private readonly watches = new Watches();
  private readonly blocking: Blocking;
  private readonly parser = new RequestParser();
  private readonly dispatcher: Dispatcher;
  private readonly deliveries: Deliveries;
  private readonly observers: Observers;
  private readonly payloads = new DumpPayloads({ rdbcompression: true }, () => {});
  private time: number | undefined;

  constructor(random = new TestRandom(1)) {
    this.config.record('enable-debug-command', ['yes']);
    this.keyspace = new Keyspace({
      databases: 16,
      clusterMode: false,
      random: random.uint32,
      limits: this.config.values,
      listener: { expiring() {} },
    });
    const timers = new Timers(() => {});
    this.blocking = new Blocking(
      this.outbox,
      timers,
      () => 0,
      () => {},
    );
    const messaging: Messaging = new Messaging({
      outbox: this.outbox,
      config: this.config,
      keyspace: this.keyspace,
      wallClock: () => this.now,
      wakeAtEndOfTurn() {},
      sessionById: (id) => clients.sessions.get(id),
      observersChanged: () => this.observers.update(),
    });
    const statistics = new Statistics(commandTable.all.length);
    const stopwatch = new Stopwatch(
      () => 0,
      (command, microseconds, calls) => statistics.recordTime(command.id, microseconds, calls),
    );
    this.observers = new Observers({
      config: this.config,
      stopwatch,
      statistics,
      monitors: messaging.monitors,
      tracking: messaging.tracking,
      wallClock: () => this.now,
      isBlocked: () => false,
    });
    const clients = new Clients({
      config: this.config,
      log() {},
      timers,
      blocking: this.blocking,
      messaging,
      wallClock: () => this.now,
      monotonicClock: () => 0,
      welcome: (session) => acl.welcome(session),
      requestBytes: () => 0,
      watchedKeys: () => 0,
      evicted() {},
      pausesChanged() {},
    });
    const acl = new Acl({
      config: this.config,
      disk: { read: () => undefined, replace() {} },
      log() {},
      pubsub: messaging.pubsub,
      wallClock: () => this.now,
      random: random.uint32,
      sessions: () => clients.sessions.values(),
      describe: (session) => clients.describe(session),
      disconnect: (session) => clients.end(session),
      call: () => this.dispatcher,
    });
    const propagation = new Propagation();
    const gatekeeper = new Gatekeeper(commandTable);
    propagation.add({
      feed: (bytes, start, end) => {
        const words = parseReply(Buffer.from(bytes.slice(start, end)));
        if ('elements' in words)
          this.propagated.push(words.elements.map((word) => ('text' in word ? word.text : '')).join(' '));
      },
    });
    this.dispatcher = new Dispatcher({
      table: commandTable,
      keyspace: this.keyspace,
      reply: this.outbox.writer,
      gatekeeper,
      acl,
      propagation,
      statistics,
      stopwatch,
      observers: this.observers,
      deliveries: messaging.deliveries,
      notifications: messaging.notifications,
      tracking: messaging.tracking,
      keyWaits: new KeyWaits(this.blocking, this.keyspace.databases),
      watches: this.watches,
      slotGate: null,
      postpones: () => false,
      flagsOf: ({ flags }) => flags,
      makeRoom() {},
      hangUp: () => null,
      rejectReplica() {},
      wrote() {},
    });
    this.deliveries = messaging.deliveries;
    const owner = { serve() {}, sessionClosed() {}, isServing: () => false, allowsOutput: () => true };
    this.session = new Session(clients.takeId(), NO_LINK, this.now, owner);
    clients.add(this.session);
    const scripting = new Scripting({
      host: { monotonicClock: () => 0, createLuaMachine },
      keyspace: this.keyspace,
      outbox: this.outbox,
      blocking: this.blocking,
      schedule: () => () => {},
      log() {},
      threshold: () => 0,
      clusterMode: false,
      hold() {},
      letGo() {},
      wrote() {},
      makeRoom() {},
      payloads: this.payloads,
      table: commandTable,
      dispatcher: this.dispatcher,
      gatekeeper,
      acl,
      propagation,
      statistics,
      slotGate: null,
      session: new Session(0, NO_LINK, 0, owner),
    });
    this.dispatcher.server = this.services(clients, messaging, scripting, acl);
  }

  /** Wall clock, milliseconds: the real one until it is set. */
  get now(): number {
    return this.time ?? Date.now();
  }

  set now(time: number) {
    this.time = time;
  }

  /** Runs requests; the bytes of their replies. */
  async send(requests: readonly (readonly (string | Uint8Array)[])[]): Promise<Buffer[]> {
    return requests.map((words) => this.run(words));
  }

  /** Runs one request; the bytes of its reply. Nobody else is there for whom it could wait. */
  run(words: readonly (string | Uint8Array)[]): Buffer {
    const { parser, dispatcher } = this;
    const { writer } = this.outbox;
    const bytes = encodeRequest(words);
    parser.position = 0;
    parser.parse(bytes, bytes.length, LIMITS);
    this.keyspace.now = dispatcher.now = this.now;
    writer.length = 0;
    writer.resp = this.session.resp;
    this.deliveries.begin(this.session);
    dispatcher.dispatch(this.session, parser.request);
    this.deliveries.end();
    if (this.blocking.isBlocked(this.session)) return this.giveUp();
    const reply = Buffer.from(writer.buffer.slice(0, writer.length));
    if (reply.length > 0 && replyEnd(reply) !== reply.length) {
      throw new Error(`not one reply to ${words.join(' ')}: ${reply}`);
    }
    return reply;
  }

  /** A command that waits gets the reply of one whose time is up. */
  private giveUp(): Buffer {
    const sent: Uint8Array[] = [];
    this.session.send = (bytes, start, end) => sent.push(Buffer.from(bytes.slice(start, end))) > 0;
    this.blocking.expire(this.session);
    this.blocking.takeRunnable();
    this.outbox.flush();
    return Buffer.concat(sent);
  }

  private services(
    clients: Clients,
    { pubsub, tracking }: Messaging,
    scripting: Scripting,
    acl: Acl,
  ): ServerFacilities {
    const { slowLog, latency } = this.observers;
    const caller = () => this.session;
    return {
      pubsub: pubsub.facility(caller, null),
      tracking: tracking.facility(caller),
      slowLog,
      latency: { events: latency.events, reset: (event: string) => latency.reset(event), timesOf() {} },
      memory: () => ({ used: 0, peak: 0 }),
      monitor() {},
      commands: commandTable,
      acl,
      config: this.config,
      clients,
      cluster: null,
      replication: {
        wait: () => this.outbox.writer.integer(0),
        role: () => ({ role: 'master', offset: 0, replicas: [] }),
        configure: (option: string) =>
          option === 'listening-port' ? 'ok' : { error: `ERR Unrecognized REPLCONF option: ${option}` },
        replicaOfNoOne: () => undefined,
        failOver: () => undefined,
        abortFailover: () => undefined,
      },
      transactions: {
        begin: () => this.dispatcher.beginTransaction(this.session),
        execute: () => this.dispatcher.executeTransaction(this.session),
        discard: () => this.dispatcher.discard(this.session),
        watch: (key, start, end) => this.watches.add(this.session, this.dispatcher.db, key, start, end),
        unwatch: () => this.watches.removeAll(this.session),
      } satisfies TransactionsFacility,
      persistence: { lastSave: 0, flushAll: flushUnsaved },
      debug: { sleep() {} },
      payloads: this.payloads,
      scripting,
      info: () => '# Server\r\n',
      time: () => ({ seconds: Math.floor(this.now / 1000), microseconds: 0 }),
    } as unknown as ServerFacilities;
  }
}

/** FLUSHALL without persistence. */
function flushUnsaved(empty: () => void): boolean {
  empty();
  return false;
}
