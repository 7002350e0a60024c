/**
 * Who serves which slot, from this node's point of view.
 *
 * The hot path of a node asks one question per command: may I serve this slot without looking closer? `serves`
 * answers it with one byte. It is 1 only when the cluster is up, the slot is this node's and no migration touches
 * it; everything else goes the long way, through `route`. Cluster specification, "Keys distribution model" and
 * "Cluster live reconfiguration".
 */

import { SLOT_BITMAP_SIZE } from '../protocol/bus-frame.js';
import type { Bytes } from '../protocol/bytes.js';
import { SLOT_COUNT } from '../protocol/key-slot.js';
import type { ClusterNode } from './cluster-node.js';
import { excludeSlot, hasSlot, includeSlot, NO_SLOTS, type SlotRange, slotRanges } from './slot-bitmap.js';

export class SlotMap {
  /** 1 where this node may serve at once, else 0. Read it; only this class writes it. */
  readonly serves = new Uint8Array(SLOT_COUNT);
  private readonly owners: (ClusterNode | null)[] = new Array(SLOT_COUNT).fill(null);
  private readonly leaving = new Map<number, ClusterNode>();
  private readonly arriving = new Map<number, ClusterNode>();
  /** Slots whose owner no longer claims them in its heartbeats; whoever claims one next may have it. */
  private readonly unclaimed: Bytes = new Uint8Array(SLOT_BITMAP_SIZE);
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

  /** Gives a slot without an owner to the node. */
  assign(slot: number, node: ClusterNode): void {
    this.owners[slot] = node;
    this.count++;
    if (node.slotCount++ === 0) node.slots = new Uint8Array(SLOT_BITMAP_SIZE);
    includeSlot(node.slots, slot);
    node.slotRanges = null;
    this.refresh(slot);
  }

  /** Takes the slot from its owner, if it has one. */
  clear(slot: number): void {
    const owner = this.owners[slot];
    if (!owner) return;
    this.owners[slot] = null;
    this.count--;
    excludeSlot(owner.slots, slot);
    excludeSlot(this.unclaimed, slot);
    if (--owner.slotCount === 0) owner.slots = NO_SLOTS;
    owner.slotRanges = null;
    this.refresh(slot);
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

  /** Whether nobody holds on to the slot: no owner, or one that stopped claiming it. */
  isUnclaimed(slot: number): boolean {
    return this.owners[slot] === null || hasSlot(this.unclaimed, slot);
  }

  /** Notes which of its slots the node still claims. It keeps the others, so that clients get a redirect. */
  noteClaims({ slots }: ClusterNode, claimed: Bytes): void {
    const { unclaimed } = this;
    for (let i = 0; i < SLOT_BITMAP_SIZE; i++)
      unclaimed[i] = (unclaimed[i] & ~slots[i]) | (slots[i] & ~claimed[i]);
  }

  /** The node's slots without those it stopped claiming: what others may be told about it. */
  claimedBy(node: ClusterNode): Bytes {
    const slots = node.slots.slice();
    for (let i = 0; i < SLOT_BITMAP_SIZE; i++) slots[i] &= ~this.unclaimed[i];
    return slots;
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
    const mine = this.owners[slot]?.isMyself ?? false;
    const stable = !this.leaving.has(slot) && !this.arriving.has(slot);
    this.serves[slot] = this.up && mine && stable ? 1 : 0;
  }
}
