/**
 * Failure detection in two steps. A node that does not answer for longer than the node timeout is PFAIL, which is
 * one node's opinion. When the majority of masters hold that opinion within a limited time, whoever notices first
 * marks the node FAIL and tells everybody. The agreement is weak on purpose: FAIL only allows an election, and the
 * election is what needs a real majority. Cluster specification, "Failure detection".
 */
import { NodeFlag } from '../protocol/bus-frame.js';
import type { ClusterNode } from './cluster-node.js';
import { broadcastFail, sendHeartbeat } from './messages.js';
import { type ClusterState, Todo } from './state.js';

/** Reports count for this many node timeouts. */
const REPORT_VALIDITY = 2;
/** A master that nobody replaced loses FAIL after this many node timeouts. */
const FAIL_UNDO_TIME = 2;

/** Notes that a master reports the node as failing. */
export function addFailureReport(state: ClusterState, node: ClusterNode, reporter: ClusterNode): void {
  if (!node.failureReports.has(reporter))
    state.log('verbose', `Node ${reporter.id} reported node ${node.id} as not reachable.`);
  node.failureReports.set(reporter, state.now);
  failIfMajorityAgrees(state, node);
}

export function removeFailureReport(state: ClusterState, node: ClusterNode, reporter: ClusterNode): void {
  if (node.failureReports.size > 0 && node.failureReports.delete(reporter))
    state.log('verbose', `Node ${reporter.id} reported node ${node.id} is back online.`);
}

/** Number of other voters whose report about the node still counts. */
export function countFailureReports(state: ClusterState, node: ClusterNode): number {
  if (node.failureReports.size === 0) return 0;
  const oldest = state.now - state.options.nodeTimeout * REPORT_VALIDITY;
  let count = 0;
  for (const [reporter, time] of node.failureReports) {
    if (time < oldest) node.failureReports.delete(reporter);
    else if (reporter.isVoter) count++;
  }
  return count;
}

/** This node can't reach the other one. */
export function suspect(state: ClusterState, node: ClusterNode): void {
  node.flags |= NodeFlag.PFAIL;
  state.suspectedNodes++;
  state.log('debug', `*** NODE ${node.id} possibly failing`);
  state.env.emit({ type: 'node-suspected', nodeId: node.id });
  state.later(Todo.UPDATE_STATE);
  tellReplicasOf(state, node);
  failIfMajorityAgrees(state, node);
}

/**
 * Who is to replace a master hears of our suspicion now, and not when gossip comes round to it: that is most of the
 * time from a failure to the election. Only masters' opinions count.
 */
function tellReplicasOf(state: ClusterState, master: ClusterNode): void {
  if (!state.myself.isMaster) return;
  for (const replica of master.replicas) {
    if (replica.link && !replica.isSuspected && !replica.isFailed) sendHeartbeat(state, replica.link, 'pong');
  }
}

function failIfMajorityAgrees(state: ClusterState, node: ClusterNode): void {
  if (!node.isSuspected || node.isFailed) return;
  // Redis counts masters without slots too: one that has just joined, and knows of no slots yet, is its own majority.
  const reports = countFailureReports(state, node) + (state.myself.isVoter ? 1 : 0);
  if (reports < state.quorum) return;
  state.log('notice', `Marking node ${node.id} as failing (quorum reached).`);
  markFailed(state, node, state.myself);
  broadcastFail(state, node);
}

/** Another node found that the majority agrees. */
export function acceptFail(state: ClusterState, node: ClusterNode, reporter: ClusterNode): void {
  if (node.has(NodeFlag.FAIL | NodeFlag.MYSELF)) return;
  state.log('notice', `FAIL message received from ${reporter.id} about ${node.id}`);
  markFailed(state, node, reporter);
}

function markFailed(state: ClusterState, node: ClusterNode, reporter: ClusterNode): void {
  node.flags = (node.flags & ~NodeFlag.PFAIL) | NodeFlag.FAIL;
  node.failTime = state.now;
  state.env.emit({ type: 'node-failed', nodeId: node.id, reportedBy: reporter.id });
  state.later(Todo.UPDATE_STATE | Todo.SAVE);
}

/** The node answered: PFAIL ends at once, FAIL when that can't bring back a master that was replaced. */
export function nodeAnswered(state: ClusterState, node: ClusterNode): void {
  if (node.isSuspected) recover(state, node, NodeFlag.PFAIL);
  else if (node.isFailed) undoFail(state, node);
}

function undoFail(state: ClusterState, node: ClusterNode): void {
  if (node.isReplica || node.slotCount === 0) {
    const what = node.isReplica ? 'replica' : 'master without slots';
    state.log('notice', `Clear FAIL state for node ${node.id}: ${what} is reachable again.`);
    recover(state, node, NodeFlag.FAIL);
  } else if (state.now - node.failTime > state.options.nodeTimeout * FAIL_UNDO_TIME) {
    state.log(
      'notice',
      `Clear FAIL state for node ${node.id}: ` +
        'is reachable again and nobody is serving its slots after some time.',
    );
    recover(state, node, NodeFlag.FAIL);
  }
}

function recover(state: ClusterState, node: ClusterNode, flag: number): void {
  node.flags &= ~flag;
  state.env.emit({ type: 'node-recovered', nodeId: node.id });
  state.later(Todo.UPDATE_STATE | Todo.SAVE);
}
