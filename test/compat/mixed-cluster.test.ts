/**
 * Hexis nodes and real redis-servers as members of one cluster: each as the other's replica, failovers in both
 * directions while clients write, and the road on which people leave Hexis for redis-server.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Client, connect } from '../../src/client/index.js';
import { type RunningServer, startServer } from '../../src/io/server.js';
import { createCluster } from '../../src/local/testing.js';
import {
  applyAddNode,
  applyCreate,
  applyDeleteNode,
  checkCluster,
  inspect,
  planAddNode,
  planCreate,
  planDeleteNode,
} from '../../src/manager/index.js';
import { call, RedisServers } from '../manager/redis-servers.js';
import { CountingLoad } from '../support/counting-load.js';
import { everyType } from '../support/every-type.js';
import { freePorts } from '../support/ports.js';
import { hasRedisServer } from '../support/redis-process.js';

const LIMIT = { timeout: 20_000, interval: 50 };
const REDIS_OPTIONS = ['--repl-diskless-sync-delay', '0', '--enable-debug-command', 'yes'];
/** Hash tags whose slots lie in the three thirds of the slot space. */
const TAGS = ['b', 'c', 'a'];

const address = (port: number) => `127.0.0.1:${port}`;

async function infoOf(port: number, field: string): Promise<string | undefined> {
  return new RegExp(`^${field}:(.*?)\r?$`, 'm').exec(String(await call(port, 'INFO', 'replication')))?.[1];
}

/** Waits until the replica follows the master with the same data, the load having ended. */
async function expectSameData(master: number, replica: number): Promise<void> {
  await expect.poll(() => infoOf(replica, 'master_link_status'), LIMIT).toBe('up');
  const digest = await call(master, 'DEBUG', 'DIGEST');
  expect(digest).not.toBe('0'.repeat(40));
  await expect.poll(() => call(replica, 'DEBUG', 'DIGEST'), LIMIT).toBe(digest);
}

/**
 * Has the replica take over without a lost write, and waits until the old master follows it. Everyone must know the
 * replica for one first: a redis-server refuses its vote to whom it takes for a master, and a candidate asks once.
 */
async function failOver(master: number, replica: number): Promise<void> {
  await expect.poll(() => infoOf(replica, 'master_link_status'), LIMIT).toBe('up');
  await expect.poll(async () => checkCluster(await inspect(address(replica))).obstacles, LIMIT).toEqual([]);
  await call(replica, 'CLUSTER', 'FAILOVER');
  await expect.poll(() => infoOf(replica, 'role'), LIMIT).toBe('master');
  await expect.poll(() => infoOf(master, 'master_link_status'), LIMIT).toBe('up');
}

async function expectSound(port: number): Promise<void> {
  const isSound = async () => checkCluster(await inspect(address(port))).ok;
  await expect.poll(isSound, LIMIT).toBe(true);
}

describe.skipIf(!hasRedisServer())('a cluster of Hexis nodes and redis-servers', () => {
  const real = new RedisServers();
  const ours = new Map<number, RunningServer>();
  let ports: number[];
  let client: Client;
  let load: CountingLoad;

  beforeAll(async () => {
    const first = await freePorts(6);
    ports = Array.from({ length: 6 }, (_, i) => first + i);
    await Promise.all(ports.slice(0, 3).map((port) => real.start(port, ...REDIS_OPTIONS)));
    for (const port of ports.slice(3)) {
      const config = {
        port,
        dir: real.folder,
        save: '',
        'cluster-enabled': true,
        'cluster-config-file': `nodes-${port}.conf`,
        'cluster-node-timeout': 2000,
        'enable-debug-command': 'yes',
      };
      ours.set(port, await startServer({ config }));
    }
    await applyCreate(await planCreate(ports.slice(0, 3).map(address)));
    for (const [i, port] of ports.slice(3).entries()) {
      const replicaOf = String(await call(ports[i], 'CLUSTER', 'MYID'));
      const { plan } = await planAddNode(address(port), address(ports[0]), { replicaOf });
      await applyAddNode(plan);
    }
    client = await connect(ports.map(address));
    for (const [name, ...args] of TAGS.flatMap(everyType)) await client.call(name, ...args);
  }, 60_000);
  afterAll(async () => {
    await client?.close();
    await Promise.all([...ours.values()].map((server) => server.close()));
    await real.close();
  });
  afterEach(() => load?.stopAndCheck());

  it('has the same data on real masters and our replicas', async () => {
    for (const i of [0, 1, 2]) await expectSameData(ports[i], ports[i + 3]);
  });

  it('keeps all data when ours take over and give back, under writes', async () => {
    load = new CountingLoad(client);
    for (const i of [0, 1, 2]) await failOver(ports[i], ports[i + 3]);
    await load.stopAndCheck();
    for (const i of [0, 1, 2]) await expectSameData(ports[i + 3], ports[i]);
    load = new CountingLoad(client);
    for (const i of [0, 1, 2]) await failOver(ports[i + 3], ports[i]);
    await load.stopAndCheck();
    for (const i of [0, 1, 2]) await expectSameData(ports[i], ports[i + 3]);
    await expectSound(ports[0]);
  }, 60_000);

  it('goes on with our replica when a real master is killed, and takes it back as a replica', async () => {
    const [master, , , replica] = ports;
    const before = await call(master, 'DEBUG', 'DIGEST');
    await real.kill(master);
    await expect.poll(() => infoOf(replica, 'role'), LIMIT).toBe('master');
    expect(await call(replica, 'DEBUG', 'DIGEST')).toBe(before);
    await real.start(master, ...REDIS_OPTIONS);
    await expectSameData(replica, master);
    await expectSound(replica);
  }, 60_000);

  it('goes on with a real replica when our master ends', async () => {
    const [real0, , , our0] = ports;
    const before = await call(our0, 'DEBUG', 'DIGEST');
    await ours.get(our0)!.close();
    ours.delete(our0);
    await expect.poll(() => infoOf(real0, 'role'), LIMIT).toBe('master');
    expect(await call(real0, 'DEBUG', 'DIGEST')).toBe(before);
  }, 60_000);
});

describe.skipIf(!hasRedisServer())('leaving Hexis for redis-server', () => {
  it('takes no downtime: redis-servers join as replicas, take over, and the Hexis nodes go', async () => {
    const real = new RedisServers();
    const cluster = await createCluster({ nodeTimeout: 5000 });
    const client = await connect(cluster.addresses);
    try {
      for (const [name, ...args] of TAGS.flatMap(everyType)) await client.call(name, ...args);
      const load = new CountingLoad(client);
      const first = await freePorts(3);
      const masters = cluster.nodes.slice(0, 3);
      for (const [i, master] of masters.entries()) {
        await real.start(first + i, ...REDIS_OPTIONS);
        const { plan } = await planAddNode(address(first + i), master.address, { replicaOf: master.id });
        await applyAddNode(plan);
      }
      for (const [i, master] of masters.entries()) await failOver(master.port, first + i);
      for (const node of cluster.nodes) {
        await applyDeleteNode(await planDeleteNode(address(first), node.id));
        await cluster.stop(node);
      }
      await load.stopAndCheck();
      const view = await inspect(address(first));
      expect(view.nodes.map(({ port }) => port).sort()).toEqual([first, first + 1, first + 2]);
      expect(checkCluster(view).ok).toBe(true);
      for (const tag of TAGS) {
        expect(await client.call('XLEN', `{${tag}}:stream`)).toBe(150);
        expect(await client.call('ZCARD', `{${tag}}:large sorted set`)).toBe(1000);
        expect(await client.call('TTL', `{${tag}}:large hash`)).toBeGreaterThan(7000);
      }
    } finally {
      await client.close();
      await cluster.close();
      await real.close();
    }
  }, 90_000);
});
