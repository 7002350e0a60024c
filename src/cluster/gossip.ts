/**
 * What a heartbeat's gossip teaches: who is failing in the sender's opinion, how fresh everyone's last pong is, where
 * a node that we lost can be reached, and nodes that we have never heard of. Cluster specification, "Heartbeat packet
 * content" and "Nodes handshake".
 */
import { type GossipEntry, NodeFlag } from '../protocol/bus-frame.js';
import { ClusterNode } from './cluster-node.js';
import { addFailureReport, countFailureReports, removeFailureReport } from './failure-detection.js';
import { addNode, moveNode } from './membership.js';
import type { ClusterState } from './state.js';

/** How far ahead of our clock a pong time from another node may be, milliseconds. */
const CLOCK_TOLERANCE = 500;

/** Flags of others that are taken over when a node is first heard of. PFAIL isn't: nobody but us can say whom we reach. */
const LEARNED_FLAGS =
  NodeFlag.MASTER | NodeFlag.REPLICA | NodeFlag.FAIL | NodeFlag.MIGRATE_TO | NodeFlag.NOFAILOVER;

/** Learns from the mentions in a heartbeat of a known node. */
export function processGossip(
  state: ClusterState,
  sender: ClusterNode,
  gossip: readonly GossipEntry[],
): void {
  const { now, wallClockLead } = state;
  sender.deemsUsFailed = false;
  for (const entry of gossip) {
    const node = state.nodes.get(entry.id);
    if (node) updateKnownNode(state, sender, node, entry, now, entry.pongReceived - wallClockLead);
    else learnNode(state, entry);
  }
}

function updateKnownNode(
  state: ClusterState,
  sender: ClusterNode,
  node: ClusterNode,
  entry: GossipEntry,
  now: number,
  pongReceived: number,
): void {
  const reportedFailing = (entry.flags & (NodeFlag.FAIL | NodeFlag.PFAIL)) !== 0;
  if (node === state.myself) sender.deemsUsFailed = (entry.flags & NodeFlag.FAIL) !== 0;
  else if (sender.isMaster) {
    if (reportedFailing) addFailureReport(state, node, sender);
    else removeFailureReport(state, node, sender);
  }
  if (reportedFailing) return;

  // A pong that someone else got lets us ping the node later: with N nodes that saves most pings.
  if (node.pingSent === 0 && countFailureReports(state, node) === 0) {
    // By a clock that is ahead of ours it may lie in the future, which would hide the node's silence for as long.
    if (pongReceived <= now + CLOCK_TOLERANCE && pongReceived > node.pongReceived)
      node.pongReceived = Math.min(pongReceived, now);
  }

  // We can't reach the node but the sender can, at another address: try there, unless the node itself tells us where it
  // is, since the sender may not know yet that it has moved. Redis leaves a replica to follow its master at the old
  // address for ever: the master's own word of the new one is no news then. And of a node whose address it has lost it
  // takes no other's word: two that have changed places never find each other again.
  const moved = node.ip !== entry.ip || node.port !== entry.port || node.busPort !== entry.busPort;
  const lost = node.has(NodeFlag.FAIL | NodeFlag.PFAIL | NodeFlag.NOADDR) && node.inboundLink === null;
  if (lost && moved && !(entry.flags & NodeFlag.NOADDR)) moveNode(state, node, entry);
}

/** Takes in a node under the id it is said to have: its address alone could by now belong to another cluster. */
function learnNode(state: ClusterState, entry: GossipEntry): void {
  if (entry.flags & NodeFlag.NOADDR || state.nodes.isForgotten(entry.id, state.now)) return;
  const node = new ClusterNode(entry.id, entry.flags & LEARNED_FLAGS, state.now);
  node.address = entry;
  addNode(state, node);
}
