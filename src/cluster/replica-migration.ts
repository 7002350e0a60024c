/**
 * Replica migration: a master that lost its last working replica gets one from the master that has most. All
 * replicas decide alone and reach the same answer: the one with the smallest id among the best-covered masters'
 * replicas moves. Cluster specification, "Replica migration" and "Replica migration algorithm".
 */
import { NodeFlag } from '../protocol/bus-frame.js';
import type { ClusterNode } from './cluster-node.js';
import { followMaster } from './roles.js';
import { type ClusterState, Todo } from './state.js';

/** A master must have been without a replica this long, milliseconds: after a failover its replicas may just be late. */
const MIGRATION_DELAY = 5000;

/** Moves this replica if it is the one to move. `maxReplicas` is the greatest number of working replicas. */
export function considerMigration(state: ClusterState, maxReplicas: number): void {
  const { myself } = state;
  const { master } = myself;
  if (!state.isUp || !master) return;
  const fellows = master.replicas.filter((replica) => !replica.isFailed && !replica.isSuspected);
  if (fellows.length <= state.options.migrationBarrier) return;

  let target: ClusterNode | null = null;
  let candidate = myself;
  for (const node of state.nodes) {
    const working = node.isMaster ? node.countWorkingReplicas() : 0;
    const orphaned = !node.isReplica && !node.isFailed && node.has(NodeFlag.MIGRATE_TO) && working === 0;
    if (!orphaned) node.orphanedTime = 0;
    else {
      if (!target && node.slotCount > 0) target = node;
      if (node.orphanedTime === 0) node.orphanedTime = state.now;
    }
    if (working !== maxReplicas) continue;
    for (const replica of node.replicas) if (replica.id < candidate.id) candidate = replica;
  }
  if (!target || candidate !== myself || state.now - target.orphanedTime <= MIGRATION_DELAY) return;
  state.log('warning', `Migrating to orphaned master ${target.id}`);
  followMaster(state, target);
  state.later(Todo.SAVE | Todo.UPDATE_STATE);
  state.env.emit({ type: 'replica-migrated', masterId: target.id });
}
