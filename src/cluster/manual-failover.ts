/**
 * CLUSTER FAILOVER without losing a write. The replica asks its master (MFSTART) to hold writing clients back; the
 * master flags its heartbeats PAUSED and they carry its final offset; once the replica has processed the stream up
 * to it, it stands for election, and masters vote although nobody has failed. Cluster specification, "Manual
 * failover" (CLUSTER FAILOVER).
 */
import type { PeerLink } from './bus.js';
import type { ClusterNode } from './cluster-node.js';
import { sendHeartbeat } from './messages.js';
import { type ClusterState, Todo } from './state.js';

/** How long a manual failover may take, milliseconds. */
export const MANUAL_FAILOVER_TIMEOUT = 5000;
/** The master holds clients back this many timeouts: the new configuration must reach it first. */
const PAUSE_FACTOR = 2;

/** Ends a manual failover on either side, whatever came of it. */
export function resetManualFailover(state: ClusterState): void {
  const { manualFailover } = state;
  if (manualFailover.replica) state.env.resumeWrites();
  manualFailover.end = 0;
  manualFailover.replica = null;
  manualFailover.masterOffset = -1;
  manualFailover.canStart = false;
}

/** On the master: a replica asks for it, on this link. */
export function pauseFor(state: ClusterState, replica: ClusterNode, link: PeerLink): void {
  resetManualFailover(state);
  const { manualFailover } = state;
  manualFailover.end = state.now + MANUAL_FAILOVER_TIMEOUT;
  manualFailover.replica = replica;
  state.env.pauseWrites(MANUAL_FAILOVER_TIMEOUT * PAUSE_FACTOR);
  state.log('warning', `Manual failover requested by replica ${replica.id}.`);
  state.env.emit({ type: 'manual-failover', phase: 'paused' });
  // The heartbeat is flagged PAUSED and carries the final offset.
  sendHeartbeat(state, link, 'ping');
}

/** On the replica: the paused master's heartbeat brought its offset. */
export function acceptMasterOffset(state: ClusterState, offset: number): void {
  state.manualFailover.masterOffset = offset;
  state.later(Todo.MANUAL_FAILOVER);
  state.log('warning', `Received replication offset for paused master manual failover: ${offset}`);
}

/** On the replica: stands for election once it has everything that the paused master wrote. */
export function advanceManualFailover(state: ClusterState): void {
  const { manualFailover } = state;
  if (manualFailover.end === 0 || manualFailover.canStart || manualFailover.masterOffset < 0) return;
  // The offset alone says nothing while a snapshot is awaited: a master that has restarted may be at 0 too, or at that of
  // our past. Redis takes over then, without the data.
  const { replication } = state.env;
  if (!replication.isLinked() || replication.offset() !== manualFailover.masterOffset) {
    state.later(Todo.MANUAL_FAILOVER);
    return;
  }
  manualFailover.canStart = true;
  state.log('warning', 'All master replication stream processed, manual failover can start.');
  state.env.emit({ type: 'manual-failover', phase: 'ready' });
  state.later(Todo.FAILOVER);
}

/** Gives up a manual failover whose time is over; its election too, so that the next request begins another. */
export function abortExpiredManualFailover(state: ClusterState): void {
  const { end, canStart } = state.manualFailover;
  if (end === 0 || end >= state.now) return;
  state.log('warning', 'Manual failover timed out.');
  state.env.emit({ type: 'manual-failover', phase: 'timeout' });
  if (canStart) state.candidacy.time = 0;
  resetManualFailover(state);
}
