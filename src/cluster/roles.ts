/**
 * Changing roles, this node's and what it thinks of others'.
 */
import { NodeFlag } from '../protocol/bus-frame.js';
import type { ClusterNode } from './cluster-node.js';
import { resetManualFailover } from './manual-failover.js';
import { broadcastPong } from './messages.js';
import { leaveShard, releaseSlots } from './slot-ownership.js';
import { type ClusterState, Todo } from './state.js';

/** The node acts as a master now. */
export function setMaster(state: ClusterState, node: ClusterNode): void {
  if (node.isMaster) return;
  if (node.master) {
    node.master.removeReplica(node);
    if (!node.isMyself) node.flags |= NodeFlag.MIGRATE_TO;
  }
  node.flags = (node.flags & ~NodeFlag.REPLICA) | NodeFlag.MASTER;
  node.master = null;
  if (node.isMyself && node.shardId === '') node.shardId = node.id;
  state.later(Todo.SAVE | Todo.UPDATE_STATE);
  emitRole(state, node);
}

/** Another node says it replicates `master`, or a node we don't know (null). */
export function setReplica(state: ClusterState, node: ClusterNode, master: ClusterNode | null): void {
  const wasMaster = node.isMaster;
  if (wasMaster) {
    releaseSlots(state, node.slots);
    demote(node);
    state.later(Todo.SAVE | Todo.UPDATE_STATE);
  }
  const moved = master !== null && node.master !== master;
  if (moved) {
    node.master?.removeReplica(node);
    node.master = master;
    master.addReplica(node);
    state.later(Todo.SAVE);
  }
  if (wasMaster || moved) emitRole(state, node);
}

/**
 * Makes this node a replica of `master`. It must not serve slots. Everyone is told at once, not with the next heartbeats
 * as Redis does: masters that don't know it for a replica yet would refuse it their votes.
 */
export function followMaster(state: ClusterState, master: ClusterNode): void {
  const { myself } = state;
  if (myself.master !== master) leaveShard(state);
  if (myself.isMaster) {
    demote(myself);
    state.slots.closeAll();
  } else myself.master?.removeReplica(myself);
  myself.master = master;
  myself.shardId = master.shardId;
  master.addReplica(myself);
  state.env.replication.becomeReplicaOf(master.ip, master.port);
  resetManualFailover(state);
  broadcastPong(state);
  emitRole(state, myself);
}

function demote(node: ClusterNode): void {
  node.flags = (node.flags & ~(NodeFlag.MASTER | NodeFlag.MIGRATE_TO)) | NodeFlag.REPLICA;
  node.votedTime = 0; // the vote has had its effect: when it is a master again its replicas may have another
}

function emitRole(state: ClusterState, node: ClusterNode): void {
  const role = node.isMaster ? 'master' : 'replica';
  state.env.emit({ type: 'role-changed', nodeId: node.id, role, masterId: node.master?.id ?? '' });
}
