/**
 * `SmallNode`s that replicate over links in memory, under virtual time. Bytes on a link arrive in pieces, chosen by a
 * seed, when `settle` is called or time passes; links can be cut.
 */
import type { Link, LinkHandler, Schedule } from '../../src/node/host.js';
import type { Loading } from '../../src/persistence/load-progress.js';
import { RdbLoader } from '../../src/persistence/rdb/loader.js';
import type { Bytes } from '../../src/protocol/bytes.js';
import { COMPLETE, RequestParser } from '../../src/protocol/request-parser.js';
import { CoordinatedFailover } from '../../src/replication/coordinated-failover.js';
import { Master, type MasterSettings } from '../../src/replication/master.js';
import { ReplicaLink } from '../../src/replication/replica-link.js';
import type { TestRandom } from './random.js';
import { SmallNode } from './small-node.js';
import { VirtualTime } from './virtual-time.js';

const LIMITS = { maxArguments: 1e6, maxBulkLength: 1e9, authenticated: true };

export const MASTER_SETTINGS: MasterSettings = {
  backlogSize: 1024 * 1024,
  backlogTtl: 3600,
  pingPeriod: 10,
  timeout: 60,
  syncDelay: 0,
  syncReplicas: 0,
  hardLimit: 256 * 1024 * 1024,
  softLimit: 64 * 1024 * 1024,
  softSeconds: 60,
};

/** One end of a connection. */
class PairLink implements Link {
  readonly remoteAddress = '127.0.0.1';
  readonly remotePort = 1;
  readonly localAddress = '127.0.0.1';
  localPort = 2;
  queue: Buffer[] = [];
  peer!: PairLink;
  handler!: LinkHandler;
  open = true;
  /** While set nothing arrives at the other end. */
  stuck = false;

  constructor(private readonly network: SmallNetwork) {}

  get buffered(): number {
    return this.queue.reduce((sum, bytes) => sum + bytes.length, 0);
  }

  write(bytes: Bytes, start: number, end: number): boolean {
    if (this.open) this.queue.push(Buffer.from(bytes.subarray(start, end)));
    return true;
  }

  close(): void {
    this.destroy();
  }

  destroy(): void {
    if (!this.open) return;
    this.open = this.peer.open = false;
    this.network.links.delete(this);
    this.network.links.delete(this.peer);
    this.handler.closed('closed');
    this.peer.handler.closed('closed');
  }

  pause(): void {}
  resume(): void {}

  /** Brings a piece of what was written to the other end; answers whether there was any. */
  deliver(random: TestRandom): boolean {
    if (this.queue.length === 0 || this.stuck) return false;
    const all = Buffer.concat(this.queue);
    const length = 1 + random.below(random.below(4) === 0 ? 10 : 70_000);
    const rest = all.subarray(length);
    this.queue = rest.length > 0 ? [rest] : [];
    this.peer.handler.received(all, 0, Math.min(length, all.length));
    return true;
  }
}

/** What a `Peer` lives in. */
export interface World {
  readonly time: { readonly now: number; readonly schedule: Schedule };
  readonly random: TestRandom;
  dial(from: Peer, port: number, handler: LinkHandler): Link;
}

export class SmallNetwork implements World {
  readonly time = new VirtualTime();
  readonly links = new Set<PairLink>();
  readonly peers = new Map<number, Peer>();
  private connections = 0;

  constructor(readonly random: TestRandom) {}

  add(port: number, settings: Partial<MasterSettings> = {}): Peer {
    const peer = new Peer(this, port, { ...MASTER_SETTINGS, ...settings });
    this.peers.set(port, peer);
    return peer;
  }

  dial(from: Peer, port: number, handler: LinkHandler): Link {
    const here = new PairLink(this);
    const there = new PairLink(this);
    here.peer = there;
    there.peer = here;
    here.handler = handler;
    there.handler = { received() {}, closed() {} };
    here.localPort = from.port;
    this.time.schedule(1, () => {
      const target = this.peers.get(port);
      if (!here.open) return;
      if (target === undefined || target.isDown) {
        here.open = false;
        handler.closed('connect ECONNREFUSED');
        return;
      }
      this.links.add(here);
      this.links.add(there);
      there.handler = target.accept(this.connections++, there);
      handler.connected?.();
    });
    return here;
  }

  /** Lets everything on its way arrive, then ends the turn, until nothing moves. */
  settle(): void {
    for (let moved = true; moved; ) {
      moved = false;
      for (const peer of this.peers.values()) peer.master.flush();
      for (const link of [...this.links]) if (link.open && link.deliver(this.random)) moved = true;
    }
  }

  /** Lets time pass, in steps. */
  run(milliseconds: number): void {
    for (let passed = 0; passed < milliseconds; passed += 5) {
      this.time.advance(5);
      this.settle();
    }
  }

  /** Breaks all connections of a peer; what is under way is lost. */
  cut(peer: Peer): void {
    for (const link of [...this.links]) {
      if (link.localPort === peer.port || link.peer.localPort === peer.port) link.destroy();
    }
  }
}

/** A node with both sides of replication. */
export class Peer {
  readonly node: SmallNode;
  readonly master: Master;
  readonly link: ReplicaLink;
  readonly failover: CoordinatedFailover;
  paused = false;
  readonly log: string[] = [];
  isDown = false;
  /** Answers PSYNC … FAILOVER with an error. */
  refusesPromotion = false;
  loads = 0;
  /** Milliseconds to wait after each part of a snapshot; a whole one is loaded at once without. */
  loadDelay: number | undefined;

  constructor(
    readonly network: World,
    readonly port: number,
    settings: MasterSettings,
  ) {
    const { time, random } = network;
    const node = new SmallNode();
    this.node = node;
    const log = (_level: string, text: string) => this.log.push(text);
    const failover = () => this.failover;
    this.master = new Master(
      {
        log,
        schedule: time.schedule,
        now: () => time.now,
        random: random.uint32,
        snapshots: this.node.snapshots,
        source: () => (this.link.state === 'off' ? 'own' : this.link.up ? 'master' : 'broken'),
        streamDatabase: () => (this.link.state === 'off' ? this.node.streamDatabase : this.node.database),
        reselect: () => this.node.reselect(),
        handingOver: false,
        inUnit: false,
        progressed: () => this.failover.advance(),
      },
      settings,
    );
    this.node.feed = (bytes, start, end) => this.master.feed(bytes, start, end);
    this.link = new ReplicaLink(
      {
        log,
        schedule: time.schedule,
        now: () => time.now,
        dial: (_host, target, handler) => network.dial(this, target, handler),
        loadSnapshot: (parts) => this.load(parts),
        servesOldData: false,
        beginStream: (database) => {
          this.node.database = database;
          this.node.dropTransaction();
        },
        execute: (request) => {
          if (!this.node.execute(request)) throw new Error(`unknown command ${request.latin1(0)}`);
        },
        get inTransaction() {
          return node.inTransaction;
        },
        interruptStream: () => this.node.dropTransaction(),
        get promotesMaster() {
          return failover().state === 'failover-in-progress';
        },
        answeredPsync: (accepted) => this.failover.answered(accepted),
        stateChanged: () => {},
      },
      this.master,
      { timeout: 60, masterAuth: '', masterUser: '', announcedPort: port, announcedAddress: '' },
    );
    const peer = this;
    this.failover = new CoordinatedFailover({
      log,
      schedule: time.schedule,
      master: this.master,
      get isReplica() {
        return peer.link.state !== 'off';
      },
      pauseWrites: () => {
        this.paused = true;
      },
      resumeWrites: () => {
        this.paused = false;
      },
      follow: (_host, target) => this.link.follow('127.0.0.1', target, true),
      becomeMaster: () => this.promote(),
    });
  }

  /** Takes a snapshot in; what has been loaded goes again when that is given up. */
  private *load(parts: readonly Bytes[]): Loading<number> {
    this.loads++;
    this.node.clear();
    const loader = new RdbLoader(this.node.keyspace, {
      log: (_level, text) => this.log.push(text),
      dropExpired: false,
    });
    try {
      for (const part of parts) {
        loader.feed(part, 0, part.length);
        if (this.loadDelay !== undefined) yield this.loadDelay;
      }
      loader.end();
    } finally {
      if (!loader.done) this.node.clear();
    }
    return loader.replication.database;
  }

  follow(other: Peer, resumable = true): void {
    this.link.follow('127.0.0.1', other.port, resumable);
  }

  promote(): void {
    this.link.stop();
    this.master.becomeMaster();
  }

  /** A client connects. */
  accept(id: number, link: Link): LinkHandler {
    const connection = { id, link };
    const parser = new RequestParser();
    let input = Buffer.alloc(0);
    const reply = (text: string) => {
      const bytes = Buffer.from(text, 'latin1');
      link.write(bytes, 0, bytes.length);
    };
    return {
      received: (bytes, start, end) => {
        input = Buffer.concat([input, bytes.subarray(start, end)]);
        parser.position = 0;
        let done = 0;
        while (parser.parse(input, input.length, LIMITS) === COMPLETE) {
          done = parser.position;
          const { request } = parser;
          if (request.is(0, 'PING')) reply('+PONG\r\n');
          else if (request.is(0, 'REPLCONF')) {
            let result = 'ok';
            for (let i = 1; i + 1 < request.argc; i += 2) {
              const outcome = this.master.configure(connection, request.latin1(i), request.latin1(i + 1));
              result = typeof outcome === 'string' ? outcome : outcome.error;
            }
            if (result === 'ok') reply('+OK\r\n');
          } else {
            const id = request.is(0, 'PSYNC') ? request.latin1(1) : undefined;
            if (request.argc > 3 && !this.refusesPromotion) this.promote();
            const refused = request.argc > 3 && this.refusesPromotion;
            const complaint = refused
              ? 'ERR no'
              : this.master.synchronise(connection, id, id ? request.integer(2) : -1);
            if (complaint) reply(`-${complaint}\r\n`);
          }
        }
        parser.reset();
        input = input.subarray(done);
      },
      closed: () => this.master.closed(id),
    };
  }
}
