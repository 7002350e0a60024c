/**
 * A whole cluster in virtual time, for tests: the shipping nodes on machines of a virtual world, from one seed.
 *
 *     const cluster = await createVirtualCluster({ masters: 3, replicas: 1, seed: 7 });
 *     cluster.call(cluster.nodes[0], 'SET', 'hoge', 'fuga', 'PX', 1000);
 *     cluster.isolate(cluster.nodes[0]);
 *     cluster.advance(20_000); // the key has expired, and node 3 is the master now
 *
 * Nothing happens between calls: time passes in `advance`, and in `call` until the reply is there. A minute of a
 * quiet six-node cluster takes a few tens of milliseconds.
 */
import { readinessObstacles } from '../manager/check.js';
import { describeNode, type NodeView } from '../manager/view.js';
import type { ClusterEvent, Node } from '../node/node.js';
import { type Bytes, fromLatin1 } from '../protocol/bytes.js';
import type { Reply } from '../protocol/reply-decoder.js';
import { configFile, NODES_CONF, type NodeSettings, nodeCount, nodesConf, planLayout } from './layout.js';
import { nodeProgram } from './node-program.js';
import { VirtualConnection } from './virtual-connection.js';
import { CALM, drawFaults, type FaultRates } from './world/faults.js';
import type { Machine } from './world/machine.js';
import { RandomStream } from './world/random.js';
import { World } from './world/world.js';

/** How long something that should happen soon may take, virtual milliseconds. */
const PATIENCE = 60_000;
const PORT = 7000;

export interface VirtualClusterOptions {
  /** Default 3. */
  readonly masters?: number;
  /** Replicas of each master, default 1. */
  readonly replicas?: number;
  /** Any integer, default 1: the same seed gives the same run. */
  readonly seed?: number;
  /** cluster-node-timeout in milliseconds, default 5000. */
  readonly nodeTimeout?: number;
  /** Further directives of redis.conf for every node, such as `{ appendfsync: 'always' }`. */
  readonly config?: Readonly<Record<string, string | number>>;
  /**
   * How network, disks and schedulers behave: 'calm' (default) as in a quiet machine room, 'drawn' as badly as the
   * seed has it, or rates of your own.
   */
  readonly faults?: 'calm' | 'drawn' | FaultRates;
  /** Told what happens in the cluster, in the view of the node that it happens to. */
  readonly observe?: (node: VirtualNode, event: ClusterEvent) => void;
}

/** One node of a virtual cluster. */
export class VirtualNode {
  readonly port = PORT;
  /** The shipping node, as it was started last. */
  server!: Node;

  constructor(
    /** Place in `cluster.nodes`: masters first, then replicas, as they are in the beginning. */
    readonly index: number,
    readonly machine: Machine,
  ) {}

  get host(): string {
    return this.machine.address;
  }

  /** Its id in the cluster. */
  get id(): string {
    return this.server.clusterService!.cluster.myself.id;
  }
}

export class VirtualCluster {
  readonly seed: number;
  readonly world: World;
  readonly nodes: VirtualNode[] = [];
  private readonly client: Machine;
  private readonly connections = new Map<VirtualNode, VirtualConnection>();
  /** What every node is configured with. */
  private readonly settings: NodeSettings;
  private readonly directives: string;
  private readonly observe: (node: VirtualNode, event: ClusterEvent) => void;

  /** `start` decides whether nodes begin as a cluster, or as strangers that have yet to meet. */
  constructor(options: VirtualClusterOptions, start: 'formed' | 'strangers' = 'formed') {
    const { masters = 3, replicas = 1, seed = 1, nodeTimeout = 5000, config = {} } = options;
    this.seed = seed;
    this.observe = options.observe ?? (() => {});
    this.settings = { nodeTimeout, ephemeral: false };
    this.directives = Object.entries({ 'enable-debug-command': 'yes', ...config })
      .map(([name, value]) => `${name} ${value}\n`)
      .join('');
    this.world = new World({ seed, faults: ratesOf(options) });
    const size = { masters, replicas };
    const endpoints = Array.from({ length: nodeCount(size) }, (_, i) => ({ host: addressOf(i), port: PORT }));
    const layout = planLayout(size, endpoints, new RandomStream(seed, 'layout').uint32);
    for (const planned of layout.nodes) {
      this.startNode(start === 'formed' ? nodesConf(layout, planned) : undefined);
    }
    this.client = this.world.addMachine('client', '10.255.0.1', CALM);
    this.client.run(() => ({ wake() {}, endOfTurn() {} }));
    this.world.advanceUntil(() => this.nodes.every(listens), PATIENCE);
  }

  /** Starts one more node, on a machine of its own, that knows nobody: it has yet to MEET the others. */
  addNode(): VirtualNode {
    return this.startNode(undefined);
  }

  private startNode(conf: string | undefined): VirtualNode {
    const index = this.nodes.length;
    const node = new VirtualNode(index, this.world.addMachine(`node ${index}`, addressOf(index)));
    const { host, port, machine } = node;
    if (conf !== undefined) machine.disk.replace(NODES_CONF, fromLatin1(conf));
    machine.run(
      nodeProgram(configFile({ host, port }, this.settings) + this.directives, {
        started: (server) => {
          node.server = server;
        },
        happened: (event) => this.observe(node, event),
      }),
    );
    this.nodes.push(node);
    return node;
  }

  /** Virtual milliseconds since the cluster began. */
  get now(): number {
    return this.world.now;
  }

  /** A hash of everything that has happened: equal for equal seeds and calls. */
  get hash(): string {
    return this.world.hash;
  }

  /** Lets virtual time pass: clocks, timeouts, expiry, heartbeats, elections. */
  advance(milliseconds: number): void {
    this.world.advance(milliseconds);
  }

  /**
   * Lets time pass until the condition holds, looked at every `step` ms (default 100). Throws when it does not within
   * `limit` virtual milliseconds.
   */
  advanceUntil(condition: () => boolean, limit = PATIENCE, step = 100): void {
    const end = this.now + limit;
    while (!condition()) {
      if (this.now >= end)
        throw new Error(`not within ${limit} virtual ms (seed ${this.seed}): ${condition}`);
      this.advance(step);
    }
  }

  /**
   * Runs a command on a node and answers the reply; redirections are not followed. Throws a `ReplyError` for an
   * error reply, and an error when the node does not reply.
   */
  call(node: VirtualNode, ...args: (string | number | Bytes)[]): Reply {
    let connection = this.connections.get(node);
    if (connection === undefined || connection.lost !== undefined) {
      connection = this.connect(node);
      this.connections.set(node, connection);
    }
    return connection.call(args, PATIENCE);
  }

  /** A connection of its own, for blocking commands, transactions, subscriptions. */
  connect(node: VirtualNode): VirtualConnection {
    return new VirtualConnection(this.client.process!, node);
  }

  /** Ends the node's process as kill -9 does: connections break, what was written stays. */
  kill(node: VirtualNode): void {
    node.machine.kill();
    this.connections.delete(node);
  }

  /** Pulls the plug: nobody is told, and what was not synced is lost. */
  losePower(node: VirtualNode): void {
    node.machine.losePower();
    this.connections.delete(node);
  }

  /** Starts the node again from what its disk holds. Throws with the end of its log when it does not start. */
  restart(node: VirtualNode): void {
    const process = node.machine.run();
    this.connections.delete(node);
    this.world.advanceUntil(() => listens(node) || !process.alive, PATIENCE);
    if (!process.alive) throw new Error(`node ${node.index} has ended:\n${process.logLines.join('\n')}`);
  }

  /** Stops the node's process as SIGSTOP does, until `thaw`. */
  freeze(node: VirtualNode): void {
    node.machine.process!.freeze();
  }

  thaw(node: VirtualNode): void {
    node.machine.process!.thaw();
  }

  /** Cuts the network between the given nodes and all others, both ways. Clients reach everybody still. */
  partition(...group: VirtualNode[]): void {
    const others = this.nodes.filter((node) => !group.includes(node));
    for (const a of group) {
      for (const b of others) {
        this.cut(a, b);
        this.cut(b, a);
      }
    }
  }

  /** Cuts one direction: `to` hears nothing from `from` any more. */
  cut(from: VirtualNode, to: VirtualNode): void {
    this.world.network.cut(from.machine, to.machine);
  }

  /** Makes the network whole again. */
  heal(): void {
    this.world.network.heal();
  }

  /** Has a replica take its master's place, without losing a write, and waits until it has. */
  failover(replica: VirtualNode): void {
    this.call(replica, 'CLUSTER', 'FAILOVER');
    this.advanceUntil(() => replica.server.clusterService!.cluster.myself.isMaster);
  }

  /**
   * Opens a slot as if it were being moved to another master, and leaves it so: clients are sent there with ASK for keys
   * that don't exist, and hear TRYAGAIN. Answers the slot's master. `closeSlot` ends it.
   */
  holdSlotMigrating(slot: number, target: VirtualNode): VirtualNode {
    const source = this.masterOf(slot);
    if (!source) throw new Error(`nobody serves slot ${slot}`);
    this.call(target, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', source.id);
    this.call(source, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', target.id);
    return source;
  }

  /** Ends what `holdSlotMigrating` began: the slot stays where it was. */
  closeSlot(slot: number): void {
    for (const node of this.nodes) {
      const { cluster } = node.server.clusterService!;
      if (node.machine.running && (cluster.migratingTo(slot) || cluster.importingFrom(slot)))
        this.call(node, 'CLUSTER', 'SETSLOT', slot, 'STABLE');
    }
  }

  /** The nodes that run, as each describes itself. */
  view(): NodeView[] {
    return this.nodes
      .filter(({ machine }) => machine.running)
      .map((node) =>
        describeNode(node, {
          nodes: String(this.call(node, 'CLUSTER', 'NODES')),
          clusterInfo: String(this.call(node, 'CLUSTER', 'INFO')),
          replication: String(this.call(node, 'INFO', 'replication')),
          keys: Number(this.call(node, 'DBSIZE')),
        }),
      );
  }

  /** Whether all nodes that run agree, every slot takes writes and every replica follows its master. */
  isReady(): boolean {
    return readinessObstacles({ nodes: this.view(), unreachable: [] }).length === 0;
  }

  /**
   * The node that serves the slot, in its own opinion; of several the one with the greatest config epoch, which the others
   * believe. Undefined while nobody does.
   */
  masterOf(slot: number): VirtualNode | undefined {
    const [owner] = this.view()
      .filter(
        ({ role, slots }) =>
          role === 'master' && slots.some(({ start, end }) => start <= slot && slot <= end),
      )
      .sort((a, b) => b.configEpoch - a.configEpoch);
    return this.nodes.find(({ host, port }) => host === owner?.host && port === owner?.port);
  }
}

/**
 * A cluster in virtual time that is ready: every slot takes a write, every replica follows its master. `masters` and
 * `replicas` as for `createCluster`.
 */
export async function createVirtualCluster(options: VirtualClusterOptions = {}): Promise<VirtualCluster> {
  const cluster = new VirtualCluster(options);
  cluster.advanceUntil(() => cluster.isReady());
  return cluster;
}

function listens({ machine }: VirtualNode): boolean {
  return machine.process!.listeners.size > 0;
}

function ratesOf({ faults = 'calm', seed = 1 }: VirtualClusterOptions): FaultRates {
  if (faults === 'calm') return CALM;
  return faults === 'drawn' ? drawFaults(new RandomStream(seed, 'faults')) : faults;
}

function addressOf(index: number): string {
  return `10.0.${index >> 8}.${(index & 255) + 1}`;
}
