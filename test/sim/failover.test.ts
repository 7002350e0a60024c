import { describe, expect, it } from 'vitest';
import { VirtualCluster } from '../../src/local/virtual-cluster.js';
import { forEachSeed } from './seeds.js';

const FILE = 'test/sim/failover.test.ts';

/** A master is cut off, its replica takes over, the network heals. */
function failover(seed: number, faults: 'calm' | 'drawn' = 'drawn'): VirtualCluster {
  const cluster = new VirtualCluster({ masters: 3, replicas: 1, seed, faults });
  cluster.advanceUntil(() => cluster.isReady());
  const [old, , , successor] = cluster.nodes;
  cluster.call(old, 'SET', 'hoge', 'before');
  cluster.advanceUntil(() => dump(cluster, successor) === dump(cluster, old));

  cluster.partition(old);
  cluster.advanceUntil(() => String(cluster.call(successor, 'ROLE')).startsWith('master'));
  cluster.advanceUntil(() => reply(cluster, successor, 'SET', 'hoge', 'during') === 'OK');
  expect(reply(cluster, old, 'SET', 'hoge', 'lost')).toMatch(/^CLUSTERDOWN/);

  cluster.heal();
  cluster.advanceUntil(() => cluster.isReady());
  expect(reply(cluster, old, 'SET', 'hoge', 'x')).toBe(`MOVED 1525 ${successor.host}:7000`);
  expect(cluster.call(successor, 'GET', 'hoge')).toBe('during');
  cluster.advanceUntil(() => dump(cluster, successor) === dump(cluster, old));
  return cluster;
}

function reply(cluster: VirtualCluster, node: VirtualCluster['nodes'][number], ...args: string[]): string {
  try {
    return String(cluster.call(node, ...args));
  } catch (error) {
    return (error as Error).message;
  }
}

function dump(cluster: VirtualCluster, node: VirtualCluster['nodes'][number]): string {
  return String(cluster.call(node, 'DEBUG', 'DIGEST'));
}

describe('a master that is cut off', () => {
  it('is replaced by its replica, refuses writes, and follows when it is back', async () => {
    await forEachSeed(FILE, 5, (seed) => {
      failover(seed);
    });
  });

  it('is replaced in the same way by the same seed, and in another by another', () => {
    const { hash } = failover(3);
    expect(failover(3).hash).toBe(hash);
    expect(failover(4).hash).not.toBe(hash);
  });

  it('is replaced within the node timeout and three seconds', async () => {
    await forEachSeed(FILE, 6, (seed) => {
      const nodeTimeout = 1000 * (1 + (seed % 3) * 2);
      const cluster = new VirtualCluster({ masters: 3, replicas: 1, seed, nodeTimeout });
      cluster.advanceUntil(() => cluster.isReady());
      const [master, , , replica] = cluster.nodes;
      cluster.kill(master);
      cluster.advanceUntil(() => reply(cluster, replica, 'SET', 'hoge', 'x') === 'OK', nodeTimeout + 3000);
    });
  });
});

describe('a replica that has restarted', () => {
  it('is not elected before it has been linked again: what was acknowledged meanwhile would be lost', async () => {
    await forEachSeed(FILE, 3, (seed) => {
      const cluster = new VirtualCluster({ masters: 3, replicas: 1, seed });
      cluster.advanceUntil(() => cluster.isReady());
      const [master, , , replica] = cluster.nodes;
      cluster.call(master, 'SET', 'hoge', 'before');
      cluster.advanceUntil(() => dump(cluster, replica) === dump(cluster, master));
      cluster.kill(replica);
      cluster.call(master, 'SET', 'hoge', 'after');
      cluster.kill(master);

      cluster.restart(replica);
      cluster.advance(30_000);
      expect(String(cluster.call(replica, 'ROLE'))).toMatch(/^slave/);
      cluster.restart(master);
      cluster.advanceUntil(() => cluster.isReady());
      expect(cluster.call(master, 'GET', 'hoge')).toBe('after');
      expect(dump(cluster, replica)).toBe(dump(cluster, master));

      cluster.kill(master);
      cluster.advanceUntil(() => reply(cluster, replica, 'GET', 'hoge') === 'after');
    });
  });
});
