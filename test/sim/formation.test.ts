import { describe, expect, it } from 'vitest';
import { VirtualCluster } from '../../src/local/virtual-cluster.js';
import { forEachSeed } from './seeds.js';

const FILE = 'test/sim/formation.test.ts';

/** Six nodes that don't know each other become a cluster by the commands that a manager would send. */
function form(seed: number, faults: 'calm' | 'drawn'): VirtualCluster {
  const cluster = new VirtualCluster({ masters: 3, replicas: 1, seed, faults }, 'strangers');
  const { nodes } = cluster;
  const [first, ...others] = nodes;
  const meet = () => {
    for (const { host, port } of others) cluster.call(first, 'CLUSTER', 'MEET', host, port);
  };
  for (const [i, node] of nodes.slice(0, 3).entries()) {
    const share = 16384 / 3;
    cluster.call(node, 'CLUSTER', 'ADDSLOTSRANGE', Math.round(i * share), Math.round((i + 1) * share) - 1);
  }
  for (const [i, node] of nodes.entries()) cluster.call(node, 'CLUSTER', 'SET-CONFIG-EPOCH', i + 1);
  meet();
  const known = () => cluster.view().every(({ table }) => table.filter(({ linked }) => linked).length === 6);
  cluster.advanceUntil(known);
  for (const [i, node] of nodes.slice(3).entries()) {
    cluster.call(node, 'CLUSTER', 'REPLICATE', String(cluster.call(nodes[i], 'CLUSTER', 'MYID')));
  }
  cluster.advanceUntil(() => cluster.isReady());
  return cluster;
}

describe('six nodes in a virtual world', () => {
  it('form a cluster through MEET, ADDSLOTSRANGE and REPLICATE', () => {
    const cluster = form(1, 'calm');
    expect(cluster.call(cluster.nodes[0], 'SET', 'hoge', 'fuga')).toBe('OK');
    expect(() => cluster.call(cluster.nodes[1], 'GET', 'hoge')).toThrow('MOVED 1525 10.0.0.1:7000');
  });

  it('form one on bad networks and slow disks too', async () => {
    await forEachSeed(FILE, 5, (seed) => {
      form(seed, 'drawn');
    });
  });
});
