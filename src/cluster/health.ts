/**
 * Whether the cluster, as seen from this node, serves requests. Two things end it: a slot that nobody serves (unless
 * cluster-require-full-coverage is off), and being among a minority of masters, where writes would be lost. A master
 * that comes back from either waits before it accepts writes again, long enough to hear that it was replaced.
 *
 * Redis finds out that it is alone when its pings have gone unanswered for the node timeout, which is up to half as
 * long again after the connection was lost, and not at all while it is paused. Here a master counts only if it was heard
 * within the node timeout. So a master that is cut off, or wakes from a long pause, stops accepting writes before others
 * can have replaced it. Gossip doesn't count: its times are those of other clocks, and a companion among the minority
 * whose clock is ahead would keep the others alive. Cluster specification, "Availability" and "Write safety".
 */
import { SLOT_COUNT } from '../protocol/key-slot.js';
import type { ClusterNode } from './cluster-node.js';
import { type ClusterState, Todo } from './state.js';

const MAX_REJOIN_DELAY = 5000;
const MIN_REJOIN_DELAY = 500;
/** A master that starts stays closed so long, unless everybody has answered before. */
const WRITABLE_DELAY = 2000;
/** Pings are due every half node timeout but sent by a tick: with less than this, silence means nothing. */
const MIN_SILENCE = 500;

export function updateHealth(state: ClusterState): void {
  state.todo &= ~Todo.UPDATE_STATE;
  const { myself, now } = state;
  // First of all, for the quorum depends on it: also while a starting master waits.
  const reachable = countMasters(state);
  if (state.firstEvaluation === 0) state.firstEvaluation = now;
  if (myself.isMaster && !state.isUp && (mayHaveBeenReplaced(state) || waitsForFirstWord(state, reachable)))
    return;

  const amongMinority = reachable < state.quorum;
  // Without any slots there is no partition to come back from: a cluster being created is up at once.
  if (amongMinority && state.size > 0) state.minorityTime = now;

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

/**
 * Whether this node, which has just started, may have been replaced while it was away and not have heard of it, or may
 * soon be. Redis waits 2 s. But whoever knows better answers our first ping with it, so when everybody whom we knew has
 * answered and nobody holds us for failed, which allows an election, there is nobody left to wait for; and a node that
 * never heard of another, in a cluster that starts for the first time, has nobody to be replaced by.
 */
function mayHaveBeenReplaced(state: ClusterState): boolean {
  if (state.now - state.firstEvaluation >= WRITABLE_DELAY) return false;
  for (const node of state.nodes) if (node.unheardSinceStart || node.deemsUsFailed) return true;
  return false;
}

/**
 * Whether this node, which starts from a prepared nodes.conf, has yet to hear from a majority for the first time. That is
 * no partition to come back from: when it has heard, it serves at once.
 */
function waitsForFirstWord(state: ClusterState, reachable: number): boolean {
  if (reachable >= state.quorum) return false;
  for (const node of state.nodes)
    if (node.slotCount > 0 && !node.isMyself && node.dataReceived === 0) return true;
  return false;
}

/** Counts the electorate, the masters with slots, into `size`; answers how many of them are in reach. */
export function countMasters(state: ClusterState): number {
  let reachable = 0;
  state.size = 0;
  for (const node of state.nodes) {
    if (!node.isVoter) continue;
    state.size++;
    if (!node.isFailed && !node.isSuspected && !isSilent(state, node)) reachable++;
  }
  return reachable;
}

/**
 * Whether a node has been silent for the node timeout, or always: a node that starts from a prepared nodes.conf must not
 * take the others for granted.
 */
function isSilent(state: ClusterState, node: ClusterNode): boolean {
  return !node.isMyself && state.now - node.dataReceived > silenceLimit(state);
}

/** A voter that is silent for longer is out of reach, milliseconds. */
export function silenceLimit(state: ClusterState): number {
  return Math.max(state.options.nodeTimeout, MIN_SILENCE);
}

function coversAllSlots(state: ClusterState): boolean {
  if (state.slots.assigned < SLOT_COUNT) return false;
  for (const node of state.nodes) if (node.isFailed && node.slotCount > 0) return false;
  return true;
}
