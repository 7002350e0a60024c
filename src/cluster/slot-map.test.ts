import { describe, expect, it } from 'vitest';
import { NodeFlag } from '../protocol/bus-frame.js';
import { ClusterNode } from './cluster-node.js';
import { bitmapOf, hasSlot, NO_SLOTS } from './slot-bitmap.js';
import { SlotMap } from './slot-map.js';

const myself = () => new ClusterNode('a'.repeat(40), NodeFlag.MYSELF | NodeFlag.MASTER, 0);
const other = () => new ClusterNode('b'.repeat(40), NodeFlag.MASTER, 0);

describe('the slot map', () => {
  it('lets this node serve at once only stable slots of its own while the cluster is up', () => {
    const slots = new SlotMap();
    const [me, peer] = [myself(), other()];
    slots.give(bitmapOf([1]), me);
    slots.give(bitmapOf([2]), peer);
    expect([...slots.serves.subarray(0, 4)]).toEqual([0, 0, 0, 0]);
    slots.setUp(true);
    expect([...slots.serves.subarray(0, 4)]).toEqual([0, 1, 0, 0]);
    slots.setMigrating(1, peer);
    expect(slots.serves[1]).toBe(0);
    slots.closeAll();
    expect(slots.serves[1]).toBe(1);
    slots.give(bitmapOf([1]), null);
    expect(slots.serves[1]).toBe(0);
    slots.give(bitmapOf([1]), me);
    slots.setUp(false);
    expect(slots.serves[1]).toBe(0);
  });

  it("keeps each node's bitmap and count, and shares the empty one", () => {
    const slots = new SlotMap();
    const node = other();
    slots.give(bitmapOf([0, 1, 2, 9, 16383]), node);
    expect(slots.rangesOf(node)).toEqual([
      { first: 0, last: 2 },
      { first: 9, last: 9 },
      { first: 16383, last: 16383 },
    ]);
    expect([node.slotCount, slots.assigned]).toEqual([5, 5]);
    for (let time = 0; time < 2; time++) slots.give(bitmapOf([0, 1, 2, 9, 16383]), null);
    expect([node.slotCount, slots.assigned, node.slots]).toEqual([0, 0, NO_SLOTS]);
    expect(slots.rangesOf(node)).toEqual([]);
    expect(NO_SLOTS.every((byte) => byte === 0)).toBe(true);
  });

  it('moves slots in bulk from whoever has them', () => {
    const slots = new SlotMap();
    const [me, peer, third] = [myself(), other(), other()];
    slots.setUp(true);
    slots.give(bitmapOf([1, 2, 3]), peer);
    slots.give(bitmapOf([4, 5]), third);
    slots.setImporting(4, third);
    slots.give(bitmapOf([3, 4, 5, 6]), me);
    expect([me, peer, third].map(({ slotCount }) => slotCount)).toEqual([4, 2, 0]);
    expect([...slots.ownersOf(bitmapOf([1, 6, 7]))]).toEqual([peer, me]);
    expect(slots.assigned).toBe(6);
    expect([...slots.serves.subarray(0, 8)]).toEqual([0, 0, 0, 1, 0, 1, 1, 0]);
  });

  it('does not tell others about slots that their owner stopped claiming', () => {
    const slots = new SlotMap();
    const node = other();
    slots.give(bitmapOf([5]), node);
    slots.give(bitmapOf([6]), node);
    const claimed = () => [5, 6].map((slot) => hasSlot(slots.claimedBy(node), slot));
    slots.noteClaims(node, bitmapOf([6]));
    expect(claimed()).toEqual([false, true]);
    slots.noteClaims(node, node.slots);
    expect(claimed()).toEqual([true, true]);
    slots.noteClaims(node, bitmapOf([6]));
    slots.give(bitmapOf([5]), null);
    slots.give(bitmapOf([5]), node);
    expect(claimed()).toEqual([true, true]);
  });

  it('ends the migrations with one node only', () => {
    const slots = new SlotMap();
    const [me, peer, third] = [myself(), other(), other()];
    slots.give(bitmapOf([1]), me);
    slots.setMigrating(1, peer);
    slots.setImporting(2, third);
    slots.closeAll(peer);
    expect([slots.migratingTo(1), slots.importingFrom(2)]).toEqual([undefined, third]);
  });
});
