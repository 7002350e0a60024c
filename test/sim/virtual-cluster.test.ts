/** What `createVirtualCluster` promises to tests: time, faults and durability of the shipping node. */
import { describe, expect, it } from 'vitest';
import { createVirtualCluster, type VirtualCluster } from '../../src/local/testing.js';
import { forEachSeed } from './seeds.js';

const FILE = 'test/sim/virtual-cluster.test.ts';

describe('a virtual cluster', () => {
  it('is ready at once: every slot takes a write', async () => {
    const cluster = await createVirtualCluster({ masters: 5, replicas: 2 });
    expect(cluster.nodes).toHaveLength(15);
    expect(cluster.now).toBeLessThan(1000);
    for (const node of cluster.nodes.slice(0, 5)) {
      expect(String(cluster.call(node, 'CLUSTER', 'INFO'))).toMatch(
        /cluster_state:ok\r\ncluster_slots_assigned:16384/,
      );
    }
  });

  it('lets keys expire as virtual time passes, on replicas too', async () => {
    const cluster = await createVirtualCluster();
    const [master, , , replica] = cluster.nodes;
    const reader = cluster.connect(replica);
    reader.send('READONLY');
    cluster.call(master, 'SET', 'hoge', 'fuga', 'PX', 60_000);
    cluster.advance(59_000);
    expect(reader.call(['GET', 'hoge'], 1000)).toBe('fuga');
    cluster.advance(1100);
    expect(cluster.call(master, 'GET', 'hoge')).toBe(null);
    expect(reader.call(['GET', 'hoge'], 1000)).toBe(null);
    expect(cluster.call(replica, 'DBSIZE')).toBe(0);
  });

  it('ends the wait of WAIT when its time has passed', async () => {
    const cluster = await createVirtualCluster({ replicas: 1 });
    const [master, , , replica] = cluster.nodes;
    cluster.freeze(replica);
    const connection = cluster.connect(master);
    connection.send('SET', 'hoge', 'fuga');
    const waiting = connection.send('WAIT', 1, 3000);
    cluster.advance(2900);
    expect(waiting.isSettled).toBe(false);
    cluster.advance(200);
    expect(waiting.value).toBe(0);
    cluster.thaw(replica);
    expect(connection.call(['WAIT', 1, 3000], 10_000)).toBe(1);
  });

  it('fails over a master that hangs, which follows when it goes on', async () => {
    const cluster = await createVirtualCluster();
    const [master, , , replica] = cluster.nodes;
    cluster.freeze(master);
    cluster.advanceUntil(() => roleOf(cluster, replica) === 'master', 20_000);
    cluster.thaw(master);
    cluster.advanceUntil(() => roleOf(cluster, master) === 'slave', 10_000);
  });

  it('names the elected master of a slot while the one before, cut off, still claims it', async () => {
    const cluster = await createVirtualCluster();
    const [master, , , replica] = cluster.nodes;
    cluster.partition(master);
    cluster.advanceUntil(() => cluster.masterOf(0) === replica, 20_000);
    expect(roleOf(cluster, master)).toBe('master');
  });

  it('comes back with all data after kill -9 of every node', async () => {
    const cluster = await createVirtualCluster();
    const keys = fill(cluster);
    cluster.advance(1);
    for (const node of cluster.nodes) cluster.kill(node);
    for (const node of cluster.nodes) cluster.restart(node);
    cluster.advanceUntil(() => cluster.isReady());
    expectAll(cluster, keys);
  });

  it('loses nothing acknowledged in a power failure with appendfsync always', async () => {
    await forEachSeed(FILE, 10, async (seed) => {
      const config = { appendfsync: 'always' };
      const cluster = await createVirtualCluster({ seed, faults: 'drawn', config, replicas: 0 });
      const keys = fill(cluster);
      cluster.advance(seed * 7);
      for (const node of cluster.nodes) cluster.losePower(node);
      for (const node of cluster.nodes) cluster.restart(node);
      cluster.advanceUntil(() => cluster.isReady());
      expectAll(cluster, keys);
    });
  });

  it('hears nothing over a way that is cut, and the more over the other', async () => {
    const cluster = await createVirtualCluster({ nodeTimeout: 2000 });
    const [a, b] = cluster.nodes;
    cluster.cut(a, b);
    cluster.advance(10_000);
    const flags = (observer: typeof a, subject: typeof a) =>
      cluster
        .view()
        .find(({ port, host }) => host === observer.host && port === observer.port)!
        .table.find(({ id }) => id === subject.id)!.flags;
    expect(flags(b, a)).toContain('fail?');
    cluster.heal();
    cluster.advance(5000);
    expect(flags(b, a)).not.toContain('fail?');
  });
});

describe('a test in virtual time', () => {
  it('fails over by hand, and holds a slot on the move', async () => {
    const cluster = await createVirtualCluster();
    const [master, , target, replica] = cluster.nodes;
    cluster.failover(replica);
    expect(cluster.masterOf(1525)).toBe(replica);
    cluster.advanceUntil(() => cluster.isReady());
    expect(roleOf(cluster, master)).toBe('slave');
    expect(cluster.holdSlotMigrating(1525, target)).toBe(replica);
    expect(() => cluster.call(replica, 'GET', 'hoge')).toThrow(`ASK 1525 ${target.host}:7000`);
    cluster.closeSlot(1525);
    expect(cluster.call(replica, 'GET', 'hoge')).toBe(null);
  });

  it('takes a whole transaction after ASKING, and only one command otherwise', async () => {
    const cluster = await createVirtualCluster();
    const target = cluster.nodes[2];
    cluster.holdSlotMigrating(1525, target);
    const client = cluster.connect(target);
    const call = (...words: string[]) => client.call(words, 1000);
    call('ASKING');
    call('MULTI');
    expect([call('SET', 'hoge', '1'), call('INCR', 'hoge'), call('EXEC')]).toEqual([
      'QUEUED',
      'QUEUED',
      ['OK', 2],
    ]);
    expect(() => call('GET', 'hoge')).toThrow('MOVED 1525');
    call('ASKING');
    expect(call('GET', 'hoge')).toBe('2');
    expect(() => call('GET', 'hoge')).toThrow('MOVED 1525');
  });

  it('lets a new node join', async () => {
    const cluster = await createVirtualCluster();
    const [master] = cluster.nodes;
    const node = cluster.addNode();
    cluster.advance(100);
    cluster.call(node, 'CLUSTER', 'MEET', master.host, master.port);
    cluster.advance(2000);
    cluster.call(node, 'CLUSTER', 'REPLICATE', master.id);
    cluster.advanceUntil(() => cluster.isReady());
    expect(roleOf(cluster, node)).toBe('slave');
  });
});

type TestNode = VirtualCluster['nodes'][number];

function roleOf(cluster: VirtualCluster, node: TestNode): unknown {
  return (cluster.call(node, 'ROLE') as unknown[])[0];
}

/** Sets some keys on each master and answers where they are. */
function fill(cluster: VirtualCluster): { key: string; node: TestNode }[] {
  const keys: { key: string; node: TestNode }[] = [];
  for (let i = 0; keys.length < 30; i++) {
    for (const node of cluster.nodes.slice(0, 3)) {
      const pending = cluster.connect(node).send('SET', `key:${i}`, String(i));
      cluster.advanceUntil(() => pending.isSettled, 60_000, 1);
      try {
        if (pending.value === 'OK') keys.push({ key: `key:${i}`, node });
      } catch {
        // It belongs to another node.
      }
    }
  }
  return keys;
}

function expectAll(cluster: VirtualCluster, keys: { key: string; node: TestNode }[]): void {
  for (const { key, node } of keys) expect(cluster.call(node, 'GET', key)).toBe(key.slice(4));
}
