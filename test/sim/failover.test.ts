import { describe, expect, it } from 'vitest';
import { VirtualCluster, type VirtualNode } from '../../src/local/virtual-cluster.js';
import type { VirtualConnection } from '../../src/local/virtual-connection.js';
import { asciiKeySlot } from '../../src/protocol/key-slot.js';
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

describe('a master that wakes from a pause', () => {
  it('does not take what waited for it, for it may have been replaced (R5)', async () => {
    await forEachSeed(FILE, 3, (seed) => {
      const cluster = new VirtualCluster({ masters: 3, replicas: 1, seed, nodeTimeout: 1000 });
      cluster.advanceUntil(() => cluster.isReady());
      const [master, , , replica] = cluster.nodes;
      const connection = cluster.connect(master);
      cluster.advance(100);
      cluster.freeze(master);
      const write = connection.send('SET', 'hoge', 'x');
      cluster.advanceUntil(() => replica.server.clusterService!.cluster.myself.isMaster);
      cluster.thaw(master);
      cluster.advance(100);
      expect(() => write.value).toThrow(/^(MOVED|CLUSTERDOWN)/);
    });
  });
});

describe('a master that has restarted', () => {
  it('waits for a replica that may have replaced it, even when it had never saved that it knew it (R6)', async () => {
    await forEachSeed(FILE, 3, (seed) => {
      const cluster = new VirtualCluster({ masters: 3, replicas: 1, seed });
      cluster.advanceUntil(() => cluster.isReady());
      const [master, , , replica] = cluster.nodes;
      cluster.kill(master);
      cluster.cut(replica, master);
      cluster.restart(master);
      const begun = cluster.now;
      cluster.advanceUntil(() => reply(cluster, master, 'SET', 'hoge', 'x') === 'OK', 5000, 1);
      expect(cluster.now - begun).toBeGreaterThan(1900);
    });
  });
});

describe('a node that loses its power while it hangs', () => {
  it('is known to be back though it has lost the connections that others had made to it meanwhile', async () => {
    await forEachSeed(FILE, 3, (seed) => {
      const cluster = new VirtualCluster({ masters: 3, replicas: 1, seed });
      cluster.advanceUntil(() => cluster.isReady());
      const [, , , replica] = cluster.nodes;
      const { id } = replica;
      cluster.freeze(replica);
      cluster.advance(25_000);
      cluster.losePower(replica);
      cluster.restart(replica);
      const unseen = () =>
        cluster.nodes.filter(({ server }) => {
          const { isFailed, isSuspected } = server.clusterService!.cluster.node(id)!;
          return isFailed || isSuspected;
        });
      cluster.advanceUntil(() => unseen().length === 0, 3000);
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

describe('a manual failover under load', () => {
  it('takes less than half a second, and loses no write and leaves none unanswered', async () => {
    await forEachSeed(FILE, 3, (seed) => {
      const cluster = new VirtualCluster({ masters: 3, replicas: 1, seed });
      cluster.advanceUntil(() => cluster.isReady());
      cluster.advance(seed * 370);
      for (const i of [0, 1, 2]) {
        const master = cluster.nodes[i];
        const replica = cluster.nodes[i + 3];
        const key = keyOf(cluster, master);
        const writers = Array.from({ length: 4 }, () => new Writer(cluster.connect(master), key));
        const step = () => {
          cluster.advance(1);
          for (const writer of writers) writer.goOn();
        };
        for (let n = 0; n < 100; n++) step();
        const begun = cluster.now;
        cluster.connect(replica).send('CLUSTER', 'FAILOVER');
        while (!writers.every(({ sentAway }) => sentAway) && cluster.now - begun < 10_000) step();
        expect(cluster.now - begun).toBeLessThan(500);
        expect(writers.map(({ sentAway }) => sentAway)).toEqual(writers.map(() => moved(key, replica)));
        const acknowledged = writers.reduce((sum, writer) => sum + writer.acknowledged, 0);
        expect(cluster.call(replica, 'GET', key)).toBe(String(acknowledged));
      }
    });
  });
});

/** Increments a counter, one after another, until it is sent to another node. */
class Writer {
  acknowledged = 0;
  sentAway: string | undefined;
  private pending: ReturnType<VirtualConnection['send']>;

  constructor(
    private readonly connection: VirtualConnection,
    private readonly key: string,
  ) {
    this.pending = connection.send('INCR', key);
  }

  goOn(): void {
    if (this.sentAway !== undefined || !this.pending.isSettled) return;
    try {
      void this.pending.value;
      this.acknowledged++;
      this.pending = this.connection.send('INCR', this.key);
    } catch (error) {
      this.sentAway = (error as Error).message;
    }
  }
}

/** A key of the master's. */
function keyOf(cluster: VirtualCluster, master: VirtualNode): string {
  for (let i = 0; ; i++) if (cluster.masterOf(asciiKeySlot(`key:${i}`)) === master) return `key:${i}`;
}

function moved(key: string, to: VirtualNode): string {
  return `MOVED ${asciiKeySlot(key)} ${to.host}:${to.port}`;
}
