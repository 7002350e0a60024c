/**
 * Config epochs: version numbers that decide whose claim to a slot is newer. They come from elections, where a
 * majority makes them unique, and, without anyone's consent, from resharding, TAKEOVER and the repair of
 * collisions. Cluster specification, "The configEpoch" and "configEpoch conflicts resolution algorithm".
 */
import type { ClusterNode } from './cluster-node.js';
import { type ClusterState, Todo } from './state.js';

/** The greatest epoch known here. */
export function maxEpoch(state: ClusterState): number {
  let max = state.currentEpoch;
  for (const node of state.nodes) if (node.configEpoch > max) max = node.configEpoch;
  return max;
}

/** Takes a new config epoch without consensus, unless ours is the greatest already. Answers whether it did. */
export function bumpEpoch(state: ClusterState): boolean {
  const { myself } = state;
  if (myself.configEpoch !== 0 && myself.configEpoch === maxEpoch(state)) return false;
  myself.configEpoch = ++state.currentEpoch;
  state.later(Todo.SAVE | Todo.FSYNC);
  state.log('warning', `New configEpoch set to ${myself.configEpoch}`);
  state.env.emit({ type: 'epoch-changed', configEpoch: myself.configEpoch, reason: 'bump' });
  return true;
}

/**
 * Two masters with one config epoch: the one with the smaller id takes the next epoch, so that one of any group of
 * colliding nodes always stays and all end up different.
 */
export function resolveCollision(state: ClusterState, other: ClusterNode): void {
  const { myself } = state;
  if (!myself.isMaster || !other.isMaster || other.configEpoch !== myself.configEpoch) return;
  if (other.id <= myself.id) return;
  myself.configEpoch = ++state.currentEpoch;
  state.later(Todo.SAVE | Todo.FSYNC);
  state.log(
    'verbose',
    `WARNING: configEpoch collision with node ${other.id}. configEpoch set to ${myself.configEpoch}`,
  );
  state.env.emit({ type: 'epoch-changed', configEpoch: myself.configEpoch, reason: 'collision' });
}
