import { describe, expect, it } from 'vitest';
import { parseAddress } from './address.js';
import { movedSlots, planRebalance, planReshard } from './move-plan.js';
import { type ClusterView, describeNode } from './view.js';

/** Masters a…, b…, c… holding these slots, as CLUSTER NODES writes them; '-' makes a replica of a…. */
function cluster(...holdings: string[]): ClusterView {
  return {
    nodes: holdings.map((slots, index) => {
      const id = 'abcdef'[index].repeat(40);
      const role = slots === '-' ? `slave ${'a'.repeat(40)}` : 'master -';
      return describeNode(parseAddress(`h:${7000 + index}`), {
        nodes: `${id} h:${7000 + index}@17000 myself,${role} 0 0 1 connected ${slots === '-' ? '' : slots}`,
        clusterInfo: 'cluster_state:ok',
        replication: '',
        keys: 0,
      });
    }),
    unreachable: [],
  };
}

const even = cluster('0-5460', '5461-10922', '10923-16383', '-');

function summary(
  transfers: readonly { source: { port: number }; target: { port: number }; slots: readonly number[] }[],
) {
  return transfers.map(({ source, target, slots }) => [
    source.port,
    target.port,
    slots.length,
    slots[0],
    slots.at(-1),
  ]);
}

describe('a reshard plan', () => {
  it('takes from every source its part, the largest first and its lowest slots', () => {
    const plan = planReshard(even, { to: 'aaaa', from: 'all', slots: 1000 });
    expect(summary(plan.transfers)).toEqual([
      [7001, 7000, 501, 5461, 5961],
      [7002, 7000, 499, 10923, 11421],
    ]);
  });

  it('moves as many slots as asked for, also where rounding would lose some', () => {
    const five = cluster('0-3276', '3277-6553', '6554-9830', '9831-13107', '13108-16383');
    for (const slots of [1, 2, 3, 7, 101, 1111, 13000]) {
      expect(movedSlots(planReshard(five, { to: 'e', from: 'all', slots }).transfers)).toBe(slots);
    }
  });

  it('takes from the sources named only, and no more than they have', () => {
    const plan = planReshard(even, { to: 'c', from: ['a'.repeat(40)], slots: 16384 });
    expect(summary(plan.transfers)).toEqual([[7000, 7002, 5461, 0, 5460]]);
  });

  it('refuses what makes no sense', () => {
    expect(() => planReshard(even, { to: 'd', from: 'all', slots: 1 })).toThrow('not known or not a master');
    expect(() => planReshard(even, { to: '', from: 'all', slots: 1 })).toThrow('not known or not a master');
    expect(() => planReshard(even, { to: 'a', from: ['a'], slots: 1 })).toThrow('target node as source');
    expect(() => planReshard(even, { to: 'a', from: [], slots: 1 })).toThrow('No source nodes given');
    expect(() => planReshard(even, { to: 'a', from: 'all', slots: 0 })).toThrow('1 to 16384');
  });
});

describe('a rebalance plan', () => {
  it('is empty within the threshold', () => {
    expect(planRebalance(even)).toEqual({ kind: 'rebalance', nodes: 3, totalWeight: 3, transfers: [] });
  });

  it('levels masters out', () => {
    const plan = planRebalance(cluster('0-9999', '10000-12999', '13000-16383'));
    expect(summary(plan.transfers)).toEqual([
      [7000, 7001, 2462, 0, 2461],
      [7000, 7002, 2077, 2462, 4538],
    ]);
  });

  it('leaves masters without slots alone unless told to use them', () => {
    const view = cluster('0-8191', '8192-16383', '');
    expect(planRebalance(view).transfers).toEqual([]);
    expect(summary(planRebalance(view, { useEmptyMasters: true }).transfers)).toEqual([
      [7001, 7002, 2731, 8192, 10922],
      [7000, 7002, 2731, 0, 2730],
    ]);
  });

  it('goes by weight, and weight 0 empties a master', () => {
    const plan = planRebalance(even, { weights: { bbb: 0 } });
    expect(plan.totalWeight).toBe(2);
    expect(plan.transfers.every(({ source }) => source.port === 7001)).toBe(true);
    expect(movedSlots(plan.transfers)).toBe(5462);
    expect(() => planRebalance(even, { weights: { x: 1 } })).toThrow('not known or not a master');
  });
});
