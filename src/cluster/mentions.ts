/**
 * Which nodes a heartbeat mentions: a tenth of the known ones, at least three, picked at random, so that within two
 * node timeouts a failing node is reported by most masters; and in addition all nodes in PFAIL, so that a failure
 * does not wait for luck, and the receiver itself if it is in FAIL, so that a master which is back knows that it may be
 * about to be replaced. Cluster specification, "Heartbeat packet content".
 */
import { type GossipEntry, NodeFlag } from '../protocol/bus-frame.js';
import type { ClusterNode } from './cluster-node.js';
import type { ClusterState } from './state.js';

const MIN_MENTIONS = 3;

/** The nodes that the next heartbeat mentions; it goes to `receiver`, as far as that is known. */
export function chooseMentions(state: ClusterState, receiver: ClusterNode | null): GossipEntry[] {
  const { nodes } = state;
  const round = ++state.gossipRound;
  // All but this node and the receiver; nodes not worth a mention count down as they are met.
  let candidates = nodes.size - 2;
  const wanted = Math.min(Math.max(Math.floor(nodes.size / 10), MIN_MENTIONS), candidates);
  const chosen: ClusterNode[] = [];

  for (let tries = wanted * 3; tries > 0 && candidates > 0 && chosen.length < wanted; tries--) {
    const node = nodes.pick(state.env.random());
    if (node.isMyself || node.isSuspected || node.gossipRound === round) continue;
    candidates--;
    if (node.has(NodeFlag.HANDSHAKE | NodeFlag.NOADDR)) continue;
    if (!node.link && node.slotCount === 0) continue;
    node.gossipRound = round;
    chosen.push(node);
  }
  if (state.suspectedNodes > 0) {
    for (const node of nodes) {
      if (node.isSuspected && !node.has(NodeFlag.HANDSHAKE | NodeFlag.NOADDR)) chosen.push(node);
    }
  }
  if (receiver?.isFailed && receiver.gossipRound !== round) chosen.push(receiver);
  const lead = state.wallClockLead;
  return chosen.map((node) => mention(state, node, lead));
}

function mention(state: ClusterState, node: ClusterNode, wallClockLead: number): GossipEntry {
  const { id, ip, port, plainPort, busPort, flags } = node;
  return {
    id,
    pingSent: state.toWallClock(node.pingSent, wallClockLead),
    pongReceived: state.toWallClock(node.pongReceived, wallClockLead),
    ip,
    port,
    plainPort,
    busPort,
    flags,
  };
}
