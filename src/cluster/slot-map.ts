/**
 * Who serves which slot, from this node's point of view.
 *
 * The hot path of a node asks one question per command: may I serve this slot without looking closer? `serves`
 * answers it with one byte. It is 1 only when the cluster is up, the slot is this node's and no migration touches
 * it; everything else goes the long way, through `route`. Cluster specification, "Keys distribution model" and
 * "Cluster live reconfiguration".
 */

import type { Bytes } from '../protocol/bytes.js';
import { SLOT_COUNT } from '../protocol/key-slot.js';
import type { ClusterNode } from './cluster-node.js';
import { countSlots, difference, NO_SLOTS, type SlotRange, slotRanges, union } from './slot-bitmap.js';

export class SlotMap {
  /** 1 where this node may serve at once, else 0. Read it; only this class writes it. */
  readonly serves = new Uint8Array(SLOT_COUNT);
  private readonly owners: (ClusterNode | null)[] = new Array(SLOT_COUNT).fill(null);
  private readonly leaving = new Map<number, ClusterNode>();
  private readonly arriving = new Map<number, ClusterNode>();
  /** Slots whose owner no longer claims them in its heartbeats; whoever claims one next may have it. */
  private unclaimed: Bytes = NO_SLOTS;
  private count = 0;
  private up = false;

  /** Number of slots that have an owner. */
  get assigned(): number {
    return this.count;
  }

  owner(slot: number): ClusterNode | null {
    return this.owners[slot];
  }

  /** The node a slot of ours is being moved to. */
  migratingTo(slot: number): ClusterNode | undefined {
    return this.leaving.get(slot);
  }

  /** The node we are taking the slot from. */
  importingFrom(slot: number): ClusterNode | undefined {
    return this.arriving.get(slot);
  }

  /** The slots in migration, with their other side. */
  get migrating(): ReadonlyMap<number, ClusterNode> {
    return this.leaving;
  }

  get importing(): ReadonlyMap<number, ClusterNode> {
    return this.arriving;
  }

  /** Gives the slots to the node, or to nobody, whoever had them. */
  give(slots: Bytes, node: ClusterNode | null): void {
    for (const owner of this.ownersOf(slots)) this.setSlots(owner, difference(owner.slots, slots));
    if (node) this.setSlots(node, union(node.slots, slots));
    this.unclaimed = difference(this.unclaimed, slots);
    for (const { first, last } of slotRanges(slots)) {
      this.owners.fill(node, first, last + 1);
      this.serves.fill(this.up && node?.isMyself ? 1 : 0, first, last + 1);
    }
    for (const slot of this.leaving.keys()) this.refresh(slot);
    for (const slot of this.arriving.keys()) this.refresh(slot);
  }

  /** All who have one of the slots. */
  ownersOf(slots: Bytes): Set<ClusterNode> {
    const owners = new Set<ClusterNode>();
    let last: ClusterNode | null = null;
    for (const range of slotRanges(slots)) {
      for (let slot = range.first; slot <= range.last; slot++) {
        const owner = this.owners[slot];
        if (owner === last || owner === null) continue;
        owners.add(owner);
        last = owner;
      }
    }
    return owners;
  }

  private setSlots(node: ClusterNode, slots: Bytes): void {
    const count = countSlots(slots);
    this.count += count - node.slotCount;
    node.slotCount = count;
    node.slots = count === 0 ? NO_SLOTS : slots;
    node.slotRanges = null;
  }

  setMigrating(slot: number, to: ClusterNode | null): void {
    if (to) this.leaving.set(slot, to);
    else this.leaving.delete(slot);
    this.refresh(slot);
  }

  setImporting(slot: number, from: ClusterNode | null): void {
    if (from) this.arriving.set(slot, from);
    else this.arriving.delete(slot);
    this.refresh(slot);
  }

  /** Ends all migrations, or those with one node. */
  closeAll(other?: ClusterNode): void {
    for (const [slot, node] of this.leaving) if (!other || node === other) this.setMigrating(slot, null);
    for (const [slot, node] of this.arriving) if (!other || node === other) this.setImporting(slot, null);
  }

  /** Notes which of its slots the node still claims. It keeps the others, so that clients get a redirect. */
  noteClaims({ slots }: ClusterNode, claimed: Bytes): void {
    this.unclaimed = union(difference(this.unclaimed, slots), difference(slots, claimed));
  }

  /** The node's slots without those it stopped claiming: what others may be told about it. */
  claimedBy(node: ClusterNode): Bytes {
    return difference(node.slots, this.unclaimed);
  }

  /** The node's slots as ranges in order. */
  rangesOf(node: ClusterNode): readonly SlotRange[] {
    node.slotRanges ??= slotRanges(node.slots);
    return node.slotRanges;
  }

  /** Opens or shuts the fast path as a whole, as the cluster's state goes. */
  setUp(up: boolean): void {
    if (this.up === up) return;
    this.up = up;
    for (let slot = 0; slot < SLOT_COUNT; slot++) this.refresh(slot);
  }

  private refresh(slot: number): void {
    const mine = this.up && this.owners[slot]?.isMyself === true;
    this.serves[slot] = mine && !this.leaving.has(slot) && !this.arriving.has(slot) ? 1 : 0;
  }
}
