/**
 * Claims to slots, and what follows for this node. A claim wins when the slot is free or its owner's config epoch is
 * smaller. A master that loses its last slot this way has been replaced and becomes a replica of the winner; so does
 * a replica whose master lost its last slot. Cluster specification, "Hash slots configuration propagation" and "UPDATE
 * messages, a closer look".
 */
import type { Bytes } from '../protocol/bytes.js';
import type { ClusterNode } from './cluster-node.js';
import { sendUpdate } from './messages.js';
import { followMaster } from './roles.js';
import { countSlots, slotsOf } from './slot-bitmap.js';
import { assignSlot, releaseSlot } from './slot-ownership.js';
import { type ClusterState, Todo } from './state.js';

const SAVE_AND_UPDATE = Todo.SAVE | Todo.UPDATE_STATE | Todo.FSYNC;

/** Takes over what a master claims under a config epoch, as its heartbeat or somebody's UPDATE says. */
export function acceptClaims(
  state: ClusterState,
  claimant: ClusterNode,
  epoch: number,
  claimed: Bytes,
): void {
  const { myself, slots } = state;
  if (claimant === myself) {
    state.log('warning', 'Discarding UPDATE message about myself.');
    return;
  }
  const myMaster = myself.isMaster ? myself : myself.master;
  const lostWithKeys: number[] = [];
  let taken = 0;
  let takenFromMyShard = 0;

  slots.noteClaims(claimant, claimed);
  for (const slot of slotsOf(claimed, claimant.slots)) {
    const owner = slots.owner(slot);
    // While we import a slot its owner changes only by hand.
    if (slots.importingFrom(slot)) continue;
    if (!slots.isUnclaimed(slot) && owner!.configEpoch >= epoch) continue;
    if (owner === myself && state.env.keyspace.countKeysInSlot(slot) > 0) lostWithKeys.push(slot);
    if (owner !== null && owner === myMaster) takenFromMyShard++;
    releaseSlot(state, slot);
    assignSlot(state, slot, claimant);
    taken++;
  }
  if (taken > 0) {
    state.later(SAVE_AND_UPDATE);
    state.env.emit({ type: 'slots-changed', nodeId: claimant.id, count: taken });
  }

  const { allowReplicaMigration } = state.options;
  const replaced = takenFromMyShard > 0 && myMaster!.slotCount === 0;
  const grandmaster = myself.master?.master;
  if (replaced && (allowReplicaMigration || countSlots(claimed) === takenFromMyShard)) {
    reconfigureAsReplicaOf(state, claimant);
  } else if (grandmaster && grandmaster !== myself) {
    state.log(
      'warning',
      `I'm a sub-replica! Reconfiguring myself as a replica of grandmaster ${grandmaster.id}`,
    );
    followMaster(state, grandmaster);
    state.later(SAVE_AND_UPDATE);
  } else {
    // Still a master, without these slots: their keys are somebody else's now.
    for (const slot of lostWithKeys) state.env.keyspace.deleteKeysInSlot(slot);
  }
}

/** This node's slots, or its master's, are all served by `master` now. */
export function reconfigureAsReplicaOf(state: ClusterState, master: ClusterNode): void {
  state.log('warning', `Configuration change detected. Reconfiguring myself as a replica of ${master.id}`);
  followMaster(state, master);
  state.later(SAVE_AND_UPDATE);
}

/**
 * A returning node may claim slots that were given to another while it was away, and that other one may not reach
 * it: so whoever notices tells it, one owner at a time.
 */
export function correctStaleClaims(
  state: ClusterState,
  claimant: ClusterNode,
  epoch: number,
  claimed: Bytes,
): void {
  const { slots } = state;
  for (const slot of slotsOf(claimed, claimant.slots)) {
    const owner = slots.owner(slot);
    if (slots.isUnclaimed(slot) || owner!.configEpoch <= epoch) continue;
    state.log(
      'verbose',
      `Node ${claimant.id} has old slots configuration, sending an UPDATE message about ${owner!.id}`,
    );
    sendUpdate(state, claimant, owner!);
    return;
  }
}
