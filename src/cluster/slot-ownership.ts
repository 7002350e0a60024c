/**
 * Changing who serves a slot, with what belongs to it: sharded subscriptions end where a shard gives a slot up, and
 * a master that gets its first slot in a cluster with replicas may receive one of them by replica migration.
 */
import { NodeFlag } from '../protocol/bus-frame.js';
import type { ClusterNode } from './cluster-node.js';
import { slotsOf } from './slot-bitmap.js';
import type { ClusterState } from './state.js';

/** Gives a slot that has no owner to the node. */
export function assignSlot(state: ClusterState, slot: number, node: ClusterNode): void {
  state.slots.assign(slot, node);
  if (node.slotCount === 1 && mastersHaveReplicas(state)) node.flags |= NodeFlag.MIGRATE_TO;
}

/** Takes the slot from whoever serves it. */
export function releaseSlot(state: ClusterState, slot: number): void {
  const owner = state.slots.owner(slot);
  if (!owner) return;
  if (owner === state.myself || owner === state.myself.master) state.env.slotReleased(slot);
  state.slots.clear(slot);
}

/** Takes all its slots from the node. */
export function releaseSlotsOf(state: ClusterState, node: ClusterNode): void {
  for (const slot of [...slotsOf(node.slots)]) releaseSlot(state, slot);
}

function mastersHaveReplicas(state: ClusterState): boolean {
  for (const node of state.nodes) if (!node.isReplica && node.replicas.length > 0) return true;
  return false;
}
