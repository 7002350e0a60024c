/**
 * Several `Cluster` instances in one process on a virtual clock and network, from a seed: the same seed gives the
 * same run. Replication is a stub: a replica whose network reaches its master has the master's offset.
 */
import { createHash } from 'node:crypto';
import { Cluster } from '../../src/cluster/cluster.js';
import {
  type BusLink,
  type BusLinkEvents,
  type ClusterEnvironment,
  type ClusterEvent,
  type ClusterOptions,
  DEFAULT_CLUSTER_OPTIONS,
} from '../../src/cluster/environment.js';
import { Schedule } from '../../src/local/world/schedule.js';
import type { Bytes } from '../../src/protocol/bytes.js';

/** A small generator of random 32-bit integers (xorshift32 behind a mix), enough for tests. */
export function seededRandom(seed: number): () => number {
  let x = (seed * 2654435761) | 0 || 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}

const TICK = 100;

export class SimulatedCluster {
  /** Whether what is written in one piece arrives in two. */
  fragments = true;
  readonly nodes: SimulatedNode[] = [];
  readonly random: () => number;
  /** Everything that was said and decided, as one hash. */
  private readonly transcript = createHash('sha256');
  /** Sees every write on a link, when set: one or more whole frames. */
  onSend: ((from: SimulatedNode, to: SimulatedNode, frames: Bytes) => void) | null = null;
  onEvent: ((node: SimulatedNode, event: ClusterEvent) => void) | null = null;
  private readonly byIp = new Map<string, SimulatedNode>();
  private readonly schedule = new Schedule();
  private readonly cuts = new Set<string>();

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.schedule.now = 1_700_000_000_000;
  }

  get now(): number {
    return this.schedule.now;
  }

  /** Starts one more node, with the nodes.conf that it had. */
  addNode(options: Partial<ClusterOptions> = {}, nodesConf = ''): SimulatedNode {
    const node = new SimulatedNode(this, this.nodes.length, options);
    this.nodes.push(node);
    this.byIp.set(node.ip, node);
    node.start(nodesConf);
    return node;
  }

  nodeAt(ip: string): SimulatedNode | undefined {
    return this.byIp.get(ip);
  }

  /**
   * The first `masters` nodes share the slots, the others become their replicas in turn. `firsts` says where each
   * master's slots begin, if not in equal shares.
   */
  form(
    masters: number,
    firsts = Array.from({ length: masters }, (_, i) => Math.round((i * 16384) / masters)),
  ): void {
    const [seed, ...others] = this.nodes;
    for (const node of others) seed.meet(node);
    this.runUntil(() => this.nodes.every((node) => knownNodes(node) === this.nodes.length));
    for (const [i, first] of firsts.entries()) {
      const range = { first, last: (firsts[i + 1] ?? 16384) - 1 };
      this.nodes[i].do((cluster) => cluster.administration.addSlots([range]));
    }
    for (let i = masters; i < this.nodes.length; i++) {
      const master = this.nodes[(i - masters) % masters];
      this.nodes[i].do((cluster) => cluster.administration.replicate(master.id));
    }
    this.runUntil(() => this.nodes.every((node) => node.cluster.isUp));
    this.runUntil(() => this.nodes.every((node) => seenReplicas(node) === this.nodes.length - masters));
  }

  after(delay: number, run: () => void): void {
    this.schedule.after(delay, run);
  }

  run(milliseconds: number): void {
    const end = this.now + milliseconds;
    while (this.schedule.step(end));
    this.schedule.now = end;
  }

  /** Runs until the condition holds; fails after `limit` virtual milliseconds. */
  runUntil(condition: () => boolean, limit = 60_000): void {
    const end = this.now + limit;
    while (!condition()) {
      if (this.now >= end) throw new Error(`not reached within ${limit} ms: ${condition}`);
      this.run(TICK);
    }
  }

  /** Cuts the network between a node and all others, in both directions. */
  isolate(node: SimulatedNode): void {
    for (const other of this.nodes) if (other !== node) this.cut(node, other);
  }

  cut(a: SimulatedNode, b: SimulatedNode): void {
    this.cuts.add(pairOf(a, b));
  }

  heal(): void {
    this.cuts.clear();
  }

  reaches(a: SimulatedNode, b: SimulatedNode): boolean {
    return a.running && b.running && (this.cuts.size === 0 || !this.cuts.has(pairOf(a, b)));
  }

  record(line: string): void {
    this.transcript.update(`${this.now} ${line}\n`);
  }

  get transcriptHash(): string {
    return this.transcript.copy().digest('hex');
  }
}

/** Address of the node with this index. */
export function addressOf(index: number): string {
  return `10.0.${index >> 8}.${(index & 255) + 1}`;
}

function pairOf(a: SimulatedNode, b: SimulatedNode): string {
  return a.index < b.index ? `${a.index}-${b.index}` : `${b.index}-${a.index}`;
}

function knownNodes(node: SimulatedNode): number {
  return [...node.cluster.nodes].filter((peer) => !peer.inHandshake).length;
}

function seenReplicas(node: SimulatedNode): number {
  return [...node.cluster.nodes].filter((peer) => peer.isReplica && peer.master).length;
}

export class SimulatedNode {
  readonly index: number;
  readonly ip: string;
  readonly options: ClusterOptions;
  readonly events: ClusterEvent[] = [];
  readonly logs: string[] = [];
  readonly published: string[] = [];
  cluster!: Cluster;
  running = false;
  savedConfig = '';
  /** Keys by slot, as far as a test wants some. */
  readonly keys = new Map<number, number>();
  /** Set it on a master; replicas in touch have the same. */
  offset = 0;
  /** A script is half done. */
  runsScript = false;
  writesPausedUntil = 0;
  pauses = 0;
  following: { host: string; port: number } | null = null;
  lastSynced = 0;
  private readonly simulation: SimulatedCluster;
  private readonly random: () => number;
  private readonly sockets = new Set<SimulatedSocket>();
  private generation = 0;
  /** What came in while the node was paused; null when it runs. */
  private asleep: (() => void)[] | null = null;

  constructor(simulation: SimulatedCluster, index: number, options: Partial<ClusterOptions>) {
    this.simulation = simulation;
    this.index = index;
    this.ip = addressOf(index);
    this.options = { ...DEFAULT_CLUSTER_OPTIONS, port: 7000, nodeTimeout: 5000, ...options };
    this.random = seededRandom(simulation.random());
  }

  get id(): string {
    return this.cluster.myself.id;
  }

  /** What this node knows about another. */
  sees(other: SimulatedNode) {
    return this.cluster.node(other.id);
  }

  start(nodesConf: string): void {
    this.running = true;
    this.cluster = new Cluster(this.environment(), this.options, nodesConf);
    const generation = ++this.generation;
    const tick = () => {
      if (generation !== this.generation) return;
      this.simulation.after(TICK, tick);
      if (this.asleep) return;
      this.replicate();
      this.do((cluster) => cluster.tick());
    };
    this.simulation.after(this.random() % TICK, tick);
  }

  /** Stops as kill -9 does: what was saved stays. */
  stop(): void {
    this.running = false;
    this.asleep = null;
    this.generation++;
    for (const socket of [...this.sockets]) socket.reset();
  }

  /** Stops running, as SIGSTOP does: what arrives waits. */
  pause(): void {
    this.asleep ??= [];
  }

  resume(): void {
    const waiting = this.asleep;
    if (!waiting) return;
    this.asleep = null;
    const generation = this.generation;
    this.simulation.after(1, () => {
      if (generation === this.generation) for (const run of waiting) this.do(run);
    });
  }

  /** Something happened on a connection. */
  input(run: () => void): void {
    if (this.asleep) this.asleep.push(run);
    else this.do(run);
  }

  restart(): void {
    this.start(this.savedConfig);
  }

  /** One batch of inputs. */
  do(action: (cluster: Cluster) => void): void {
    action(this.cluster);
    this.cluster.afterEvents();
  }

  meet(other: SimulatedNode): void {
    this.do((cluster) =>
      cluster.administration.meet(other.ip, other.options.port, other.options.port + 10_000),
    );
  }

  master(): SimulatedNode | undefined {
    const { following } = this;
    return following ? this.simulation.nodeAt(following.host) : undefined;
  }

  private isLinked(): boolean {
    const master = this.master();
    return master !== undefined && this.simulation.reaches(this, master);
  }

  private replicate(): void {
    if (!this.isLinked()) return;
    this.offset = this.master()!.offset;
    this.lastSynced = this.simulation.now;
  }

  accept(from: SimulatedNode, peer: SimulatedSocket): SimulatedSocket {
    const socket = new SimulatedSocket(this.simulation, this, from);
    socket.peer = peer;
    this.sockets.add(socket);
    socket.events = this.cluster.accept(socket);
    return socket;
  }

  forgetSocket(socket: SimulatedSocket): void {
    this.sockets.delete(socket);
  }

  private environment(): ClusterEnvironment {
    const simulation = this.simulation;
    return {
      now: () => simulation.now,
      wallClock: () => simulation.now,
      random: this.random,
      dial: (host, busPort, events) => {
        const there = simulation.nodeAt(host);
        const target = there && there.options.port + 10_000 === busPort ? there : undefined;
        const socket = new SimulatedSocket(simulation, this, target);
        socket.events = events;
        this.sockets.add(socket);
        simulation.after(1 + (this.random() % 3), () => socket.connect());
        return socket;
      },
      saveConfig: (text) => {
        this.savedConfig = text;
      },
      log: (level, message) => {
        if (level !== 'debug') this.logs.push(message);
        simulation.record(`${this.index} ${level} ${message}`);
      },
      emit: (event) => {
        this.events.push(event);
        simulation.onEvent?.(this, event);
        simulation.record(`${this.index} ${JSON.stringify(event)}`);
      },
      deliver: (channel, message, sharded) => {
        this.published.push(`${sharded ? 's' : ''}${Buffer.from(channel)}=${Buffer.from(message)}`);
      },
      slotsReleased: () => {},
      pauseWrites: (milliseconds) => {
        this.writesPausedUntil = simulation.now + milliseconds;
        this.pauses++;
      },
      resumeWrites: () => {
        this.writesPausedUntil = 0;
      },
      replication: {
        offset: () => this.offset,
        inUnit: () => this.runsScript,
        dataAge: () => simulation.now - this.lastSynced,
        isLoading: () => false,
        isFollowing: () => this.following !== null,
        isLinked: () => this.isLinked(),
        becomeReplicaOf: (host, port) => {
          this.following = { host, port };
        },
        becomeMaster: () => {
          this.following = null;
        },
      },
      keyspace: {
        isEmpty: () => this.keys.size === 0,
        countKeysInSlot: (slot) => this.keys.get(slot) ?? 0,
        deleteKeysInSlot: (slot) => {
          this.keys.delete(slot);
        },
        flushAll: () => this.keys.clear(),
      },
    };
  }
}

/** One end of a simulated connection; bytes arrive in order, in pieces, a few milliseconds later. */
class SimulatedSocket implements BusLink {
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly pendingBytes = 0;
  events!: BusLinkEvents;
  peer: SimulatedSocket | null = null;
  private readonly simulation: SimulatedCluster;
  private readonly owner: SimulatedNode;
  private readonly other: SimulatedNode | undefined;
  private early: Bytes[] = [];
  private arrival = 0;
  private open = true;

  constructor(simulation: SimulatedCluster, owner: SimulatedNode, other: SimulatedNode | undefined) {
    this.simulation = simulation;
    this.owner = owner;
    this.other = other;
    this.localAddress = owner.ip;
    this.remoteAddress = other?.ip ?? '';
  }

  connect(): void {
    if (!this.open) return;
    if (!this.other || !this.simulation.reaches(this.owner, this.other)) {
      // A cut network swallows packets, a stopped node refuses.
      if (!this.other?.running) this.fail();
      return;
    }
    this.peer = this.other.accept(this.owner, this);
    this.input(() => this.events.connected());
    for (const bytes of this.early) this.send(bytes);
    this.early = [];
  }

  send(bytes: Bytes): void {
    if (!this.open) return;
    if (!this.peer) {
      this.early.push(bytes);
      return;
    }
    const { peer } = this;
    this.simulation.onSend?.(this.owner, this.other!, bytes);
    const delay = 1 + (this.simulation.random() % 5);
    const half = this.simulation.fragments ? this.simulation.random() % bytes.length : 0;
    this.arrival = Math.max(this.arrival, this.simulation.now + delay);
    this.simulation.after(this.arrival - this.simulation.now, () => {
      if (!this.other || !this.simulation.reaches(this.owner, this.other)) return;
      peer.receive(bytes, 0, half);
      peer.receive(bytes, half, bytes.length);
    });
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.owner.forgetSocket(this);
    const { peer } = this;
    if (peer && this.other && this.simulation.reaches(this.owner, this.other))
      this.simulation.after(2, () => peer.fail());
  }

  /** The process died: the other side notices if the network works. */
  reset(): void {
    const { peer } = this;
    this.open = false;
    this.owner.forgetSocket(this);
    if (peer) this.simulation.after(2, () => peer.fail());
  }

  private receive(bytes: Bytes, start: number, end: number): void {
    if (this.open && end > start) this.input(() => this.events.received(bytes, start, end));
  }

  private fail(): void {
    if (!this.open) return;
    this.open = false;
    this.owner.forgetSocket(this);
    if (this.owner.running) this.input(() => this.events.closed('connection closed'));
  }

  private input(run: () => void): void {
    this.owner.input(run);
  }
}
