/**
 * Every frame from the bus comes through here: who sent it, what its header alone teaches, and which rule its
 * content belongs to. Frames other than heartbeats count only from nodes that we know.
 */
import { type BusBody, type BusFrame, type BusHeader, MessageFlag, NodeFlag } from '../protocol/bus-frame.js';
import type { PeerLink } from './bus.js';
import type { ClusterNode } from './cluster-node.js';
import { considerVote, countVote } from './election.js';
import { acceptFail } from './failure-detection.js';
import { followRole, processHeartbeat } from './heartbeat.js';
import { acceptMasterOffset, pauseFor } from './manual-failover.js';
import { setMaster } from './roles.js';
import { acceptClaims } from './slot-claims.js';
import { type ClusterState, Todo } from './state.js';

export function processFrame(state: ClusterState, link: PeerLink, { header, body }: BusFrame): void {
  const sender = senderOf(state, link, header);
  if (sender) {
    sender.dataReceived = state.now;
    // Who reaches us can be reached, although we tried too early perhaps: nodes that start together needn't wait.
    if (!sender.link && !sender.has(NodeFlag.MYSELF | NodeFlag.NOADDR)) state.bus.dial(sender);
    if (!sender.inHandshake) learnFromHeader(state, sender, header);
  }
  switch (body.type) {
    case 'ping':
    case 'pong':
    case 'meet':
      processHeartbeat(state, link, sender, header, body);
      return;
    default:
      if (sender) processMessage(state, link, sender, header, body);
      else if (body.type === 'fail')
        state.log('notice', `Ignoring FAIL message from unknown node ${header.sender} about ${body.nodeId}`);
  }
}

/**
 * The node behind a frame. The first frame on an accepted link that names a known node ties the link to it. Another that
 * speaks on its link is a stranger: Redis takes the epochs of who lives at a node's old address by now for that node's.
 */
function senderOf(state: ClusterState, link: PeerLink, header: BusHeader): ClusterNode | undefined {
  if (link.node && !link.node.inHandshake) return link.node.id === header.sender ? link.node : undefined;
  const sender = state.nodes.get(header.sender);
  if (sender && !link.node) state.bus.identify(link, sender);
  return sender;
}

function learnFromHeader(state: ClusterState, sender: ClusterNode, header: BusHeader): void {
  if (header.currentEpoch > state.currentEpoch) {
    state.currentEpoch = header.currentEpoch;
    state.later(Todo.SAVE | Todo.FSYNC);
  }
  if (header.configEpoch > sender.configEpoch) {
    sender.configEpoch = header.configEpoch;
    // A replica's is its master's, which has been saved when its master claimed slots under it.
    state.later(header.masterId === '' ? Todo.SAVE | Todo.FSYNC : Todo.SAVE);
  }
  sender.replicationOffset = header.offset;
  const { manualFailover, myself } = state;
  const paused = (header.messageFlags & MessageFlag.PAUSED) !== 0;
  if (paused && manualFailover.end && manualFailover.masterOffset < 0) {
    if (myself.isReplica && myself.master === sender) acceptMasterOffset(state, header.offset);
  }
}

function processMessage(
  state: ClusterState,
  link: PeerLink,
  sender: ClusterNode,
  header: BusHeader,
  body: BusBody,
): void {
  switch (body.type) {
    case 'fail': {
      const failed = state.nodes.get(body.nodeId);
      if (failed) acceptFail(state, failed, sender);
      return;
    }
    case 'publish':
    case 'publishshard':
      state.env.deliver(body.channel, body.message, body.type === 'publishshard');
      return;
    // By its own word: that it is a replica now, and whose, its heartbeats may not have told us yet.
    case 'auth-req':
      followRole(state, sender, header);
      considerVote(state, sender, header);
      return;
    case 'auth-ack':
      countVote(state, sender, header.currentEpoch);
      return;
    case 'mfstart':
      followRole(state, sender, header);
      if (sender.master === state.myself) pauseFor(state, sender, link);
      return;
    case 'update': {
      const node = state.nodes.get(body.nodeId);
      if (!node || node.configEpoch >= body.configEpoch) return;
      // Whether we are one is for us to say. In Redis a replica would take itself for a master, and go on replicating.
      if (!node.isMyself) setMaster(state, node);
      node.configEpoch = body.configEpoch;
      state.later(Todo.SAVE | Todo.FSYNC);
      acceptClaims(state, node, body.configEpoch, body.slots);
      return;
    }
  }
}
