/**
 * Changing who serves slots, with what belongs to it: sharded subscriptions end where a shard gives slots up or a node
 * leaves its shard, and a master that gets its first slots in a cluster with replicas may receive one of them by replica
 * migration.
 */
import { NodeFlag } from '../protocol/bus-frame.js';
import type { Bytes } from '../protocol/bytes.js';
import type { ClusterNode } from './cluster-node.js';
import { ALL_SLOTS, intersection } from './slot-bitmap.js';
import type { ClusterState } from './state.js';

/** Gives the slots to the node, whoever serves them. */
export function assignSlots(state: ClusterState, slots: Bytes, node: ClusterNode): void {
  const hadNone = node.slotCount === 0;
  tellOfRelease(state, slots);
  state.slots.give(slots, node);
  if (hadNone && node.slotCount > 0 && mastersHaveReplicas(state)) node.flags |= NodeFlag.MIGRATE_TO;
}

/** Takes the slots from whoever serves them. */
export function releaseSlots(state: ClusterState, slots: Bytes): void {
  tellOfRelease(state, slots);
  state.slots.give(slots, null);
}

/**
 * This node is about to leave its shard, which goes on without it. In Redis 7.0 who listens here to the shard's channels
 * isn't told, and hears nothing any more.
 */
export function leaveShard(state: ClusterState): void {
  tellOfRelease(state, ALL_SLOTS);
}

/** This shard's part of the slots is about to be another's. */
function tellOfRelease(state: ClusterState, slots: Bytes): void {
  const { shardMaster } = state.myself;
  if (shardMaster.slotCount > 0) state.env.slotsReleased(intersection(slots, shardMaster.slots));
}

function mastersHaveReplicas(state: ClusterState): boolean {
  for (const node of state.nodes) if (!node.isReplica && node.replicas.length > 0) return true;
  return false;
}
