/** What redis-cli's `--cluster` commands do to a cluster of Hexis nodes; those that move slots are in resharding.test.ts. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Directives, type RunningServer, startServer } from '../../src/io/server.js';
import { createCluster, type TestCluster } from '../../src/local/testing.js';
import { inspect } from '../../src/manager/index.js';
import { countSlots } from '../../src/manager/slots.js';
import { call } from '../manager/redis-servers.js';
import { redisCli } from '../support/redis-cli.js';
import { hasRedisServer } from '../support/redis-process.js';

const LIMIT = { timeout: 20_000, interval: 50 };

describe.skipIf(!hasRedisServer())('redis-cli --cluster', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hexis-cli-'));
  const servers: RunningServer[] = [];
  let cluster: TestCluster;
  let first: string;

  beforeAll(async () => {
    cluster = await createCluster({ nodeTimeout: 2000 });
    [first] = cluster.addresses;
  });
  afterAll(async () => {
    await cluster?.close();
    await Promise.all(servers.map((server) => server.close()));
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(directives: Directives = {}): Promise<{ port: number; address: string }> {
    const config = { dir: mkdtempSync(join(folder, 'server-')), save: '', ...directives };
    const server = await startServer({ anyPort: true, config });
    servers.push(server);
    return { port: server.port, address: `127.0.0.1:${server.port}` };
  }

  /** Slots by port, of all masters, as soon as all nodes say the same. */
  async function slotCounts(): Promise<Record<number, number>> {
    await expect.poll(() => redisCli('check', first).catch(String), LIMIT).toContain('All nodes agree');
    const { nodes } = await inspect(first);
    const sizes = nodes.map(({ port, slots }): [number, number] => [port, countSlots(slots)]);
    return Object.fromEntries(sizes.filter(([, size]) => size > 0));
  }

  /** Until every node knows so many: redis-cli's del-node gives up at a node that has not heard of the one to forget. */
  async function joined(nodes: number): Promise<void> {
    const known = async () => {
      const views = await Promise.all(cluster.nodes.map((node) => cluster.call(node, 'CLUSTER', 'INFO')));
      return views.every((info) => String(info).includes(`cluster_known_nodes:${nodes}\r\n`));
    };
    await expect.poll(known, LIMIT).toBe(true);
  }

  it('add-node, rebalance and del-node take a master in and let it go', async () => {
    const node = await start({ 'cluster-enabled': true, 'cluster-node-timeout': 2000 });
    await redisCli('add-node', node.address, first);
    await joined(7);
    await expect.poll(() => call(node.port, 'CLUSTER', 'INFO'), LIMIT).toContain('cluster_state:ok');
    const id = String(await call(node.port, 'CLUSTER', 'MYID'));
    await redisCli('rebalance', first, '--cluster-use-empty-masters', '--cluster-weight', `${id}=0.02`);
    // 0.02 of 3.02 parts of 16384 are 108.5, and redis-cli rounds as it likes.
    expect(Math.abs((await slotCounts())[node.port] - 108)).toBeLessThan(4);

    await redisCli('rebalance', first, '--cluster-weight', `${id}=0`);
    const left = await slotCounts();
    expect(Object.keys(left)).toHaveLength(3);
    expect(left[node.port]).toBeUndefined();
    await redisCli('del-node', first, id);
    await joined(6);
    expect(await call(node.port, 'CLUSTER', 'INFO')).toContain('cluster_known_nodes:1\r\n');
  }, 60_000);

  it('add-node makes a replica', async () => {
    const node = await start({ 'cluster-enabled': true, 'cluster-node-timeout': 2000 });
    const master = cluster.nodes[1];
    await cluster.call(master, 'FLUSHALL');
    const words = ['--cluster-slave', '--cluster-master-id', master.id];
    await redisCli('add-node', node.address, first, ...words);
    await joined(7);
    await expect.poll(() => call(node.port, 'INFO', 'replication'), LIMIT).toContain('master_link_status:up');
    const [role, , port] = (await call(node.port, 'ROLE')) as unknown[];
    expect([role, port]).toEqual(['slave', master.port]);
    await redisCli('del-node', first, String(await call(node.port, 'CLUSTER', 'MYID')));
    await joined(6);
  }, 60_000);

  it('import copies the keys of a server that is no cluster', async () => {
    const source = await start();
    const keys = Array.from({ length: 300 }, (_, n) => `imported:${n}`);
    for (const key of keys) await call(source.port, 'SET', key, key);
    await redisCli('import', first, '--cluster-from', source.address, '--cluster-copy');
    expect(await call(source.port, 'DBSIZE')).toBe(300);
    const sizes = await Promise.all(cluster.nodes.slice(0, 3).map((node) => cluster.call(node, 'DBSIZE')));
    expect(sizes.map(Number).reduce((sum, size) => sum + size)).toBe(300);
  });

  it('call, set-timeout and backup reach every node', async () => {
    const answers = await redisCli('call', first, 'INCRBYFLOAT', 'no-such-slot-here', 'x');
    expect(answers.match(/^127\.0\.0\.1:\d+: /gm)).toHaveLength(6);
    await redisCli('set-timeout', first, '2500');
    for (const node of cluster.nodes) {
      const [, timeout] = (await cluster.call(node, 'CONFIG', 'GET', 'cluster-node-timeout')) as string[];
      expect(timeout).toBe('2500');
    }
    const backup = mkdtempSync(join(folder, 'backup-'));
    await redisCli('backup', first, backup);
    const dumps = readdirSync(backup).filter((name) => name.endsWith('.rdb'));
    expect(dumps).toHaveLength(3);
    for (const name of dumps) expect(readFileSync(join(backup, name), 'latin1')).toMatch(/^REDIS00/);
  });
});
