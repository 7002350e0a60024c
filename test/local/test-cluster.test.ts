import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/client/index.js';
import { createCluster, type TestCluster } from '../../src/local/testing.js';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await createCluster({ nodeTimeout: 1000 });
});
afterAll(() => cluster?.close());

describe('a cluster in the test process', () => {
  it('redirects, serves any client, and replicates', async () => {
    await expect(cluster.call(cluster.nodes[1], 'SET', 'hoge', 'fuga')).rejects.toThrow(
      `MOVED 1525 ${cluster.nodes[0].address}`,
    );
    const client = await connect(cluster.addresses[2]);
    try {
      const keys = Array.from({ length: 300 }, (_, i) => `key:${i}`);
      await Promise.all(keys.map((key) => client.set(key, key)));
      expect(await Promise.all(keys.map((key) => client.get(key)))).toEqual(keys);
    } finally {
      await client.close();
    }
    const [first, second, third, replica] = cluster.nodes;
    for (const master of [first, second, third]) {
      expect(await cluster.call(master, 'DBSIZE')).toBeGreaterThan(80);
      await cluster.call(master, 'WAIT', 1, 5000);
    }
    expect(await cluster.call(replica, 'DBSIZE')).toBe(await cluster.call(first, 'DBSIZE'));
  });

  it('is empty again after reset', async () => {
    await cluster.call(cluster.nodes[0], 'SET', 'hoge', 'fuga');
    await cluster.reset();
    for (const node of cluster.nodes.slice(0, 3)) expect(await cluster.call(node, 'DBSIZE')).toBe(0);
  });

  it('replaces a master that has gone, and takes it back as a replica', async () => {
    const [master, , , replica] = cluster.nodes;
    await cluster.stop(master);
    await expect.poll(() => role(replica), { timeout: 10_000 }).toBe('master');
    await cluster.start(master);
    await expect.poll(() => role(master), { timeout: 10_000 }).toBe('slave');
    await cluster.ready();
  });
});

describe('a test that changes the cluster', () => {
  it('holds a slot on the move, and closes it', async () => {
    const target = cluster.nodes[2];
    const source = await cluster.holdSlotMigrating(1525, target);
    await expect(cluster.call(source, 'GET', 'hoge')).rejects.toThrow(`ASK 1525 ${target.address}`);
    await cluster.closeSlot(1525);
    expect(await cluster.call(source, 'GET', 'hoge')).toBe(null);
  });

  it('leaves nothing of it behind reset: neither data nor roles nor open slots', async () => {
    const [master, second, , replica] = cluster.nodes;
    if ((await role(master)) === 'slave') await cluster.failover(master);
    await cluster.failover(replica);
    await cluster.call(replica, 'SET', 'hoge', 'fuga');
    const source = await cluster.holdSlotMigrating(1525, second);
    expect(source).toBe(replica);
    await cluster.reset();
    expect([await role(master), await role(replica)]).toEqual(['master', 'slave']);
    expect(await cluster.call(master, 'GET', 'hoge')).toBe(null);
    expect(await cluster.call(master, 'SET', 'hoge', 'again')).toBe('OK');
  });
});

async function role(node: TestCluster['nodes'][number]): Promise<unknown> {
  return ((await cluster.call(node, 'ROLE')) as unknown[])[0];
}
