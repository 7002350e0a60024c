import { describe, expect, it } from 'vitest';
import { parseAddress } from './address.js';
import { assignsSlots, brokenSlots, planSlotFixes, showFixPlan } from './fix-plan.js';
import { type ClusterView, describeNode } from './view.js';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const C = 'c'.repeat(40);

/** Masters a, b and c; the texts are their slots as CLUSTER NODES writes them, the epochs 1, 2 and 3. */
function cluster(...holdings: string[]): ClusterView {
  return {
    nodes: holdings.map((slots, index) =>
      describeNode(parseAddress(`h:${7000 + index}`), {
        nodes: `${[A, B, C][index]} h:${7000 + index}@17000 myself,master - 0 0 ${index + 1} connected ${slots}`,
        clusterInfo: 'cluster_state:ok',
        replication: '',
        keys: 0,
      }),
    ),
    unreachable: [],
  };
}

/** Plans the repair of whatever is broken. `keys` tells slot 5's keys on a, b and c. */
function plan(view: ClusterView, ...keys: number[]) {
  return planSlotFixes(view, brokenSlots(view), (node, slot) =>
    slot === 5 ? (keys['abc'.indexOf(node.id[0])] ?? 0) : 0,
  );
}

const port = (port: number) => ({ port });

describe('planning a fix', () => {
  it('has nothing to do where each slot has one owner', () => {
    expect(plan(cluster('0-8000', '8001-16383', '')).actions).toEqual([]);
  });

  it('finishes a move in its own direction, wherever the keys are, and closes third parties', () => {
    const view = cluster(`0-8000 [5->-${B}]`, `8001-16383 [5-<-${A}]`, `[5-<-${A}]`);
    for (const keys of [
      [0, 0],
      [3, 1],
      [1, 3],
    ]) {
      const { actions } = plan(view, ...keys);
      expect(actions).toMatchObject([
        { type: 'finish', slot: 5, source: port(7000), target: port(7001), close: [port(7002)] },
      ]);
    }
  });

  it('does not finish a move when a third node has keys', () => {
    const view = cluster(`0-8000 [5->-${B}]`, `8001-16383 [5-<-${A}]`, '');
    expect(plan(view, 1, 1, 1).actions).toMatchObject([
      { type: 'gather', assign: false, owner: port(7000), from: [port(7001), port(7002)] },
    ]);
  });

  it('closes a slot that is migrating to a node that does not import it', () => {
    const view = cluster(`0-8000 [5->-${B}]`, '8001-16383', '');
    expect(plan(view, 4).actions).toMatchObject([
      { type: 'gather', assign: false, owner: port(7000), from: [], close: [port(7000)] },
    ]);
  });

  it('finishes a move that only one side knows of when the other has keys already', () => {
    const finish = [{ type: 'finish', source: port(7000), target: port(7001) }];
    expect(plan(cluster(`0-8000 [5->-${B}]`, '8001-16383', ''), 1, 3).actions).toMatchObject(finish);
    expect(plan(cluster('0-8000', `8001-16383 [5-<-${A}]`, ''), 1, 3).actions).toMatchObject(finish);
    // The old owner has failed: its replica knows nothing of the move.
    expect(plan(cluster('0-8000', `8001-16383 [5-<-${C}]`, ''), 1, 3).actions).toMatchObject(finish);
  });

  it('leaves a slot to its owner that is half open on the other side, without keys or on several', () => {
    const closing = { type: 'gather', assign: false, owner: port(7000) };
    expect(plan(cluster('0-8000', `8001-16383 [5-<-${A}]`, ''), 4).actions).toMatchObject([
      { ...closing, from: [], close: [port(7001)] },
    ]);
    expect(plan(cluster('0-8000', `8001-16383 [5-<-${A}]`, `[5-<-${A}]`), 2, 1, 1).actions).toMatchObject([
      { ...closing, from: [port(7001), port(7002)] },
    ]);
    // Towards a node that is no more.
    expect(plan(cluster(`0-8000 [5->-${C}]`, '8001-16383'), 4).actions).toMatchObject([
      { ...closing, from: [], close: [port(7000)] },
    ]);
  });

  it('gives an uncovered slot to the node with most of its keys', () => {
    const view = cluster('0-4', '6-16383', '');
    const fix = plan(view, 1, 2, 0);
    expect(fix.actions).toMatchObject([
      { type: 'gather', slot: 5, assign: true, owner: port(7001), from: [port(7000)], disown: [] },
    ]);
    expect(assignsSlots(fix)).toBe(true);
    expect(showFixPlan(fix)).toEqual(['>>> Covering slot 5 with h:7001, moving its keys there from h:7000']);
  });

  it('spreads uncovered slots without keys over the masters with fewest slots', () => {
    const fix = plan(cluster('0-8000', '8001-16000', '16001-16379'));
    expect(showFixPlan(fix)).toEqual(['>>> Covering slots [16380-16383] with h:7002']);
  });

  it('leaves a contested slot to the claimant with most keys, then to the newest claim', () => {
    const view = cluster('0-8000', '5 8001-16383', '');
    expect(plan(view, 2, 1).actions).toMatchObject([
      { assign: true, owner: port(7000), disown: [port(7001)], from: [port(7001)] },
    ]);
    expect(plan(view, 0, 0).actions).toMatchObject([{ owner: port(7001), disown: [port(7000)], from: [] }]);
    expect(showFixPlan(plan(view))).toEqual([
      '>>> Slot 5 has several owners: h:7001 keeps it, h:7000 lets go',
    ]);
  });
});
