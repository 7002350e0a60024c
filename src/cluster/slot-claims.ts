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
import { bitmapOf, countSlots, difference, intersection, slotsOf } from './slot-bitmap.js';
import { assignSlots } from './slot-ownership.js';
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
  const { shardMaster } = myself;
  slots.noteClaims(claimant, claimed);
  const taken = wonBy(state, claimant, epoch, claimed);
  const fromMyShard = intersection(taken, shardMaster.slots);
  const count = countSlots(taken);
  const lost = countSlots(fromMyShard);
  if (count > 0) {
    assignSlots(state, taken, claimant);
    state.later(Todo.UPDATE_STATE);
    // What passes between other shards is saved with the tick: a reshard would have every node save for every slot.
    if (claimant === shardMaster || lost > 0) state.later(Todo.SAVE | Todo.FSYNC);
    else state.saveWithTick();
    state.env.emit({ type: 'slots-changed', nodeId: claimant.id, count });
  }

  const { allowReplicaMigration } = state.options;
  const replaced = lost > 0 && shardMaster.slotCount === 0;
  const grandmaster = myself.master?.master;
  if (replaced && (allowReplicaMigration || countSlots(claimed) === lost)) {
    reconfigureAsReplicaOf(state, claimant);
  } else if (grandmaster && grandmaster !== myself) {
    state.log(
      'warning',
      `I'm a sub-replica! Reconfiguring myself as a replica of grandmaster ${grandmaster.id}`,
    );
    followMaster(state, grandmaster);
    state.later(SAVE_AND_UPDATE);
  } else if (lost > 0 && myself.isMaster) {
    // Still a master, without these slots: their keys are somebody else's now.
    for (const slot of slotsOf(fromMyShard)) state.env.keyspace.deleteKeysInSlot(slot);
  }
}

/** Of the claimed slots those that nobody holds, or that are held under a smaller epoch. */
function wonBy(state: ClusterState, claimant: ClusterNode, epoch: number, claimed: Bytes): Bytes {
  const { slots } = state;
  let won = difference(claimed, claimant.slots);
  for (const owner of slots.ownersOf(won)) {
    if (owner.configEpoch >= epoch) won = difference(won, slots.claimedBy(owner));
  }
  // While we import a slot its owner changes only by hand.
  return difference(won, bitmapOf(slots.importing.keys()));
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
  const found = newerHolder(state, difference(claimed, claimant.slots), epoch);
  if (found === undefined) return;
  const { owner } = found;
  state.log(
    'verbose',
    `Node ${claimant.id} has old slots configuration, sending an UPDATE message about ${owner.id}`,
  );
  sendUpdate(state, claimant, owner);
}

/** Somebody who holds one of the slots under a greater epoch, and that slot. */
export function newerHolder(
  { slots }: ClusterState,
  claimed: Bytes,
  epoch: number,
): { slot: number; owner: ClusterNode } | undefined {
  for (const owner of slots.ownersOf(claimed)) {
    if (owner.configEpoch <= epoch) continue;
    for (const slot of slotsOf(intersection(claimed, slots.claimedBy(owner)))) return { slot, owner };
  }
  return undefined;
}
