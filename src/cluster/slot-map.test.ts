import { describe, expect, it } from 'vitest';
import { NodeFlag } from '../protocol/bus-frame.js';
import { ClusterNode } from './cluster-node.js';
import { hasSlot, includeSlot, NO_SLOTS } from './slot-bitmap.js';
import { SlotMap } from './slot-map.js';

const myself = () => new ClusterNode('a'.repeat(40), NodeFlag.MYSELF | NodeFlag.MASTER, 0);
const other = () => new ClusterNode('b'.repeat(40), NodeFlag.MASTER, 0);

describe('the slot map', () => {
  it('lets this node serve at once only stable slots of its own while the cluster is up', () => {
    const slots = new SlotMap();
    const [me, peer] = [myself(), other()];
    slots.assign(1, me);
    slots.assign(2, peer);
    expect([...slots.serves.subarray(0, 4)]).toEqual([0, 0, 0, 0]);
    slots.setUp(true);
    expect([...slots.serves.subarray(0, 4)]).toEqual([0, 1, 0, 0]);
    slots.setMigrating(1, peer);
    expect(slots.serves[1]).toBe(0);
    slots.closeAll();
    expect(slots.serves[1]).toBe(1);
    slots.clear(1);
    expect(slots.serves[1]).toBe(0);
    slots.assign(1, me);
    slots.setUp(false);
    expect(slots.serves[1]).toBe(0);
  });

  it("keeps each node's bitmap and count, and shares the empty one", () => {
    const slots = new SlotMap();
    const node = other();
    for (const slot of [0, 1, 2, 9, 16383]) slots.assign(slot, node);
    expect(slots.rangesOf(node)).toEqual([
      { first: 0, last: 2 },
      { first: 9, last: 9 },
      { first: 16383, last: 16383 },
    ]);
    expect([node.slotCount, slots.assigned]).toEqual([5, 5]);
    for (const slot of [0, 1, 2, 9, 16383, 16383]) slots.clear(slot);
    expect([node.slotCount, slots.assigned, node.slots]).toEqual([0, 0, NO_SLOTS]);
    expect(slots.rangesOf(node)).toEqual([]);
    expect(NO_SLOTS.every((byte) => byte === 0)).toBe(true);
  });

  it('does not tell others about slots that their owner stopped claiming', () => {
    const slots = new SlotMap();
    const node = other();
    slots.assign(5, node);
    slots.assign(6, node);
    const claimed = NO_SLOTS.slice();
    includeSlot(claimed, 6);
    slots.noteClaims(node, claimed);
    expect(slots.isUnclaimed(5)).toBe(true);
    expect([5, 6].map((slot) => hasSlot(slots.claimedBy(node), slot))).toEqual([false, true]);
    slots.noteClaims(node, node.slots);
    expect(slots.isUnclaimed(5)).toBe(false);
    slots.noteClaims(node, NO_SLOTS);
    slots.clear(5);
    slots.assign(5, node);
    expect(slots.isUnclaimed(5)).toBe(false);
  });

  it('ends the migrations with one node only', () => {
    const slots = new SlotMap();
    const [me, peer, third] = [myself(), other(), other()];
    slots.assign(1, me);
    slots.setMigrating(1, peer);
    slots.setImporting(2, third);
    slots.closeAll(peer);
    expect([slots.migratingTo(1), slots.importingFrom(2)]).toEqual([undefined, third]);
  });
});
