/**
 * Whether the cluster, as seen from this node, serves requests. Two things end it: a slot that nobody serves (unless
 * cluster-require-full-coverage is off), and being among a minority of masters, where writes would be lost. A master
 * that comes back from either waits before it accepts writes again, long enough to hear that it was replaced.
 * Cluster specification, "Availability" and "Write safety".
 */
import { SLOT_COUNT } from '../protocol/key-slot.js';
import { type ClusterState, Todo } from './state.js';

const MAX_REJOIN_DELAY = 5000;
const MIN_REJOIN_DELAY = 500;
/** A master that starts stays closed this long. */
const WRITABLE_DELAY = 2000;

export function updateHealth(state: ClusterState): void {
  state.todo &= ~Todo.UPDATE_STATE;
  const { myself, now } = state;
  if (state.firstEvaluation === 0) state.firstEvaluation = now;
  if (myself.isMaster && !state.isUp && now - state.firstEvaluation < WRITABLE_DELAY) return;

  let reachable = 0;
  state.size = 0;
  for (const node of state.nodes) {
    if (!node.isMaster || node.slotCount === 0) continue;
    state.size++;
    if (!node.isFailed && !node.isSuspected) reachable++;
  }
  const amongMinority = reachable < state.quorum;
  if (amongMinority) state.minorityTime = now;

  const up = !amongMinority && (!state.options.requireFullCoverage || coversAllSlots(state));
  if (up === state.isUp) return;
  const { nodeTimeout } = state.options;
  const rejoinDelay = Math.min(Math.max(nodeTimeout, MIN_REJOIN_DELAY), MAX_REJOIN_DELAY);
  if (up && myself.isMaster && now - state.minorityTime < rejoinDelay) return;

  state.isUp = up;
  state.slots.setUp(up);
  state.log('warning', `Cluster state changed: ${up ? 'ok' : 'fail'}`);
  state.env.emit({ type: 'state-changed', state: up ? 'ok' : 'fail' });
}

function coversAllSlots(state: ClusterState): boolean {
  if (state.slots.assigned < SLOT_COUNT) return false;
  for (const node of state.nodes) if (node.isFailed && node.slotCount > 0) return false;
  return true;
}
