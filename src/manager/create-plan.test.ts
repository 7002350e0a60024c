import { describe, expect, it } from 'vitest';
import { formatAddress, type NodeAddress, parseAddress } from './address.js';
import { planCluster } from './create-plan.js';
import { ManagerError } from './errors.js';

function nodes(...addresses: string[]): NodeAddress[] {
  return addresses.map((text) => ({ ...parseAddress(text), id: text }));
}

const localhost = (count: number) =>
  nodes(...Array.from({ length: count }, (_, n) => `127.0.0.1:${7000 + n}`));

function links(replicas: readonly { node: NodeAddress; master: NodeAddress }[]): string[] {
  return replicas.map(({ node, master }) => `${formatAddress(node)} -> ${formatAddress(master)}`);
}

describe('planning a cluster', () => {
  it('gives six nodes with one replica the plan that redis-cli prints', () => {
    const plan = planCluster(localhost(6), 1);
    expect(plan.masters.map(({ node, slots }) => [node.port, slots.start, slots.end])).toEqual([
      [7000, 0, 5460],
      [7001, 5461, 10922],
      [7002, 10923, 16383],
    ]);
    expect(links(plan.replicas)).toEqual([
      '127.0.0.1:7004 -> 127.0.0.1:7000',
      '127.0.0.1:7005 -> 127.0.0.1:7001',
      '127.0.0.1:7003 -> 127.0.0.1:7002',
    ]);
    expect(plan.antiAffinity).toEqual({ before: 30_000, after: 30_000 });
  });

  it('takes masters from different hosts and puts each replica on another', () => {
    const plan = planCluster(
      nodes('10.0.0.1:1', '10.0.0.1:2', '10.0.0.2:1', '10.0.0.2:2', '10.0.0.3:1', '10.0.0.3:2'),
      1,
    );
    expect(plan.masters.map(({ node }) => node.host)).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3']);
    expect(links(plan.replicas)).toEqual([
      '10.0.0.2:2 -> 10.0.0.1:1',
      '10.0.0.3:2 -> 10.0.0.2:1',
      '10.0.0.1:2 -> 10.0.0.3:1',
    ]);
    expect(plan.antiAffinity.after).toBe(0);
  });

  it('improves on the first allocation when hosts have different numbers of nodes', () => {
    const plan = planCluster(nodes('a:1', 'a:2', 'a:3', 'a:4', 'b:1', 'b:2', 'c:1', 'c:2', 'c:3'), 2);
    expect(plan.antiAffinity.after).toBeLessThanOrEqual(plan.antiAffinity.before);
    expect(plan.antiAffinity.after).toBeLessThan(10_000);
    expect(plan.replicas).toHaveLength(6);
  });

  it('makes nodes left over further replicas, all of them', () => {
    const plan = planCluster(localhost(8), 1);
    expect(plan.masters).toHaveLength(4);
    const uneven = planCluster(localhost(23), 5);
    expect(uneven.masters).toHaveLength(3);
    expect(uneven.replicas).toHaveLength(20);
    expect(new Set(uneven.replicas.map(({ node }) => node.port)).size).toBe(20);
  });

  it('covers all slots without gap or overlap for any number of masters', () => {
    for (const count of [3, 5, 7, 48, 100, 333, 1000]) {
      const shares = planCluster(localhost(count)).masters.map(({ slots }) => slots);
      expect(shares[0].start).toBe(0);
      expect(shares.at(-1)?.end).toBe(16383);
      for (let n = 1; n < count; n++) expect(shares[n].start).toBe(shares[n - 1].end + 1);
    }
  });

  it('refuses too few nodes in the words of redis-cli', () => {
    const attempt = () => planCluster(localhost(5), 1);
    expect(attempt).toThrow(ManagerError);
    expect(attempt).toThrow(
      '*** ERROR: Invalid configuration for cluster creation.\n' +
        '*** Redis Cluster requires at least 3 master nodes.\n' +
        '*** This is not possible with 5 nodes and 1 replicas per node.\n' +
        '*** At least 6 nodes are required.',
    );
  });
});
