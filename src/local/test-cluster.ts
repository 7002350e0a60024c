/**
 * A cluster on real ports inside the test's own process: any client can talk to it, redirections, replicas and
 * elections are the real ones, and there is no binary, no container and nothing to clean up.
 *
 *     await using cluster = await createCluster();
 *     const client = await connect(cluster.addresses[0]);
 *
 * All nodes share the process's thread and keep their nodes.conf in a temporary folder, no data. For control over
 * time and network use `createVirtualCluster`.
 */
import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Argument } from '../client/encode.js';
import { ListenError } from '../io/listener.js';
import { type Directives, type RunningServer, startServer } from '../io/server.js';
import { Connections } from '../manager/connections.js';
import type { Reply } from '../protocol/reply-decoder.js';
import {
  busPort,
  type Endpoint,
  type Layout,
  NODES_CONF,
  nodeCount,
  nodesConf,
  type PlannedNode,
  planLayout,
} from './layout.js';
import { isFree } from './ports.js';
import { waitUntilReady } from './readiness.js';

export interface TestClusterOptions {
  /** Default 3. */
  readonly masters?: number;
  /** Replicas of each master, default 1. */
  readonly replicas?: number;
  /** cluster-node-timeout in milliseconds, default 5000: how soon a node that has gone is replaced. */
  readonly nodeTimeout?: number;
  /** Further directives of redis.conf for every node, such as `{ maxmemory: '10mb' }`. */
  readonly config?: Directives;
}

export interface TestNode extends Endpoint {
  /** Place in `cluster.nodes`: masters first, then replicas, as they are in the beginning. */
  readonly index: number;
  /** `host:port`. */
  readonly address: string;
  /** Its id in the cluster. */
  readonly id: string;
}

/** Ports are looked for from here on: their buses stay below the ports that systems give to outgoing connections. */
const LOWEST_PORT = 11_000;
const HIGHEST_PORT = 22_700;
const ATTEMPTS = 10;
const READY_LIMIT = 30_000;
const PAUSE = 5;

export class TestCluster {
  readonly nodes: readonly TestNode[];
  private readonly servers = new Map<number, RunningServer>();
  private readonly connections = new Connections();
  /** Slots that are held open. */
  private readonly held = new Set<number>();

  constructor(
    private readonly layout: Layout,
    private readonly folder: string,
    private readonly directives: Directives,
  ) {
    this.nodes = layout.nodes.map(({ index, host, port, id }) => ({
      index,
      host,
      port,
      id,
      address: `${host}:${port}`,
    }));
    for (const node of layout.nodes) {
      mkdirSync(this.directoryOf(node));
      writeFileSync(join(this.directoryOf(node), NODES_CONF), nodesConf(layout, node));
    }
  }

  /** `host:port` of every node: any of them leads a client to all. */
  get addresses(): string[] {
    return this.nodes.map(({ address }) => address);
  }

  /** Sends a command to a node and answers its reply; redirections are not followed. Throws for an error reply. */
  call(node: TestNode, ...args: Argument[]): Promise<Reply> {
    return this.connections.call(node, ...args);
  }

  /**
   * For the next test: every node runs and is empty, slots that were held are closed, and masters and replicas are again
   * what they were in the beginning. Milliseconds, when nothing but data has changed. Slots that were moved stay moved.
   */
  async reset(): Promise<void> {
    const stopped = this.nodes.filter(({ index }) => !this.servers.has(index));
    await Promise.all(stopped.map((node) => this.start(node)));
    await Promise.all([...this.held].map((slot) => this.closeSlot(slot)));
    const restored = await Promise.all(this.layout.nodes.map((node) => this.restoreRole(node)));
    if (stopped.length > 0 || restored.includes(true)) await this.ready();
    await Promise.all(
      this.nodes.map(async (node) => {
        if ((await this.roleOf(node)) === 'master') await this.call(node, 'FLUSHALL');
      }),
    );
  }

  /** Makes a node that began as a master one again; answers whether it had to. */
  private async restoreRole({ index, masterIndex }: PlannedNode): Promise<boolean> {
    const node = this.nodes[index];
    if (masterIndex !== null || (await this.roleOf(node)) === 'master') return false;
    // The data goes anyway, so nobody need be asked.
    await this.call(node, 'CLUSTER', 'FAILOVER', 'TAKEOVER');
    return true;
  }

  private async roleOf(node: TestNode): Promise<Reply> {
    return ((await this.call(node, 'ROLE')) as Reply[])[0];
  }

  /** Has a replica take its master's place, without losing a write, and waits until the cluster is ready again. */
  async failover(replica: TestNode): Promise<void> {
    await this.call(replica, 'CLUSTER', 'FAILOVER');
    const end = performance.now() + READY_LIMIT;
    while ((await this.roleOf(replica)) !== 'master') {
      if (performance.now() > end) throw new Error(`${replica.address} has not become a master`);
      await pause(PAUSE);
    }
    await this.ready();
  }

  /**
   * Opens a slot as if it were being moved to another master, and leaves it so: clients are sent there with ASK for keys
   * that don't exist, and hear TRYAGAIN. Answers the slot's master. `closeSlot` ends it.
   */
  async holdSlotMigrating(slot: number, target: TestNode): Promise<TestNode> {
    const source = await this.masterOf(slot);
    this.held.add(slot);
    await this.call(target, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', source.id);
    await this.call(source, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', target.id);
    return source;
  }

  /** Ends what `holdSlotMigrating` began: the slot stays where it was. */
  async closeSlot(slot: number): Promise<void> {
    this.held.delete(slot);
    await Promise.all(
      this.running.map(async (node) => {
        if ((await this.roleOf(node)) === 'master')
          await this.call(node, 'CLUSTER', 'SETSLOT', slot, 'STABLE');
      }),
    );
  }

  /** The node that serves the slot. Throws when nobody does. */
  async masterOf(slot: number): Promise<TestNode> {
    const assignments = (await this.call(this.running[0], 'CLUSTER', 'SLOTS')) as Reply[][];
    const assignment = assignments.find(([first, last]) => Number(first) <= slot && slot <= Number(last));
    const [host, port] = (assignment?.[2] ?? []) as Reply[];
    const node = this.nodes.find((candidate) => candidate.host === host && candidate.port === port);
    if (!node) throw new Error(`nobody serves slot ${slot}`);
    return node;
  }

  /** Ends a node as SHUTDOWN does. */
  async stop(node: TestNode): Promise<void> {
    const server = this.servers.get(node.index);
    this.servers.delete(node.index);
    await server?.close();
  }

  /** Starts a node that was stopped: it comes back without data and takes what it is told from the others. */
  async start(node: TestNode): Promise<void> {
    if (this.servers.has(node.index)) return;
    const planned = this.layout.nodes[node.index];
    const config: Directives = {
      appendonly: false,
      save: '',
      'enable-debug-command': 'yes',
      ...this.directives,
      bind: planned.host,
      port: planned.port,
      dir: this.directoryOf(planned),
      'cluster-enabled': true,
      'cluster-config-file': NODES_CONF,
    };
    this.servers.set(node.index, await startServer({ config }));
  }

  /** Waits until every slot takes a write and every replica is linked. Throws when that takes too long. */
  async ready(limit = READY_LIMIT): Promise<void> {
    await waitUntilReady(this.connections, this.running, limit);
  }

  /** Ends all nodes and removes their files. */
  async close(): Promise<void> {
    this.connections.close();
    const servers = [...this.servers.values()];
    this.servers.clear();
    await Promise.all(servers.map((server) => server.close()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private get running(): TestNode[] {
    return this.nodes.filter(({ index }) => this.servers.has(index));
  }

  private directoryOf({ port }: PlannedNode): string {
    return join(this.folder, String(port));
  }
}

/** Starts a cluster on free ports; fulfils when every slot takes a write and every replica is linked. */
export async function createCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const { masters = 3, replicas = 1, nodeTimeout = 5000, config = {} } = options;
  const size = { masters, replicas };
  for (let attempt = 1; ; attempt++) {
    const endpoints = await freeEndpoints(nodeCount(size));
    const layout = planLayout(size, endpoints, () => randomInt(2 ** 32));
    const folder = mkdtempSync(join(tmpdir(), 'hexis-test-'));
    const cluster = new TestCluster(layout, folder, { 'cluster-node-timeout': nodeTimeout, ...config });
    try {
      for (const node of cluster.nodes) await cluster.start(node);
      await cluster.ready();
      return cluster;
    } catch (error) {
      await cluster.close();
      // Somebody else may have taken a port between our look and the start.
      if (!(error instanceof ListenError) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function freeEndpoints(count: number): Promise<Endpoint[]> {
  const endpoints: Endpoint[] = [];
  let port = randomInt(LOWEST_PORT, HIGHEST_PORT - count);
  for (; endpoints.length < count; port++) {
    if (port > HIGHEST_PORT) throw new Error('there are not enough free ports');
    const host = '127.0.0.1';
    if ((await isFree({ host, port })) && (await isFree({ host, port: busPort(port) }))) {
      endpoints.push({ host, port });
    }
  }
  return endpoints;
}
