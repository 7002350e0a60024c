/**
 * What a PING, PONG or MEET does. A heartbeat proves that its sender lives, says what it is and which slots it
 * claims, and gossips about others; a PING and a MEET also want a PONG. Cluster specification, "Nodes handshake",
 * "Heartbeat packet content" and "Hash slots configuration propagation".
 */
import { type BusHeader, type HeartbeatBody, type HeartbeatName, NodeFlag } from '../protocol/bus-frame.js';
import type { PeerLink } from './bus.js';
import type { ClusterNode } from './cluster-node.js';
import { resolveCollision } from './epochs.js';
import { nodeAnswered } from './failure-detection.js';
import { processGossip } from './gossip.js';
import { followAddress, followHostname, removeNode, welcomeStranger } from './membership.js';
import { sendHeartbeat } from './messages.js';
import { setMaster, setReplica } from './roles.js';
import { followShardId } from './shard-ids.js';
import { sameSlots } from './slot-bitmap.js';
import { acceptClaims, correctStaleClaims } from './slot-claims.js';
import { type ClusterState, Todo } from './state.js';

/** Processes a heartbeat; `sender` is undefined when we don't know the node yet. */
export function processHeartbeat(
  state: ClusterState,
  link: PeerLink,
  sender: ClusterNode | undefined,
  header: BusHeader,
  heartbeat: HeartbeatBody,
): void {
  const { type } = heartbeat;
  if (type !== 'pong') answer(state, link, sender, header, type);
  if (!link.inbound && !checkIdentity(state, link, sender, header)) return;
  if (!link.inbound && type === 'pong') notePong(state, link.node!);
  // We reach ourselves when we have moved to where another node was: what we say then is no second voice.
  if (!sender || sender.isMyself) return;

  sender.flags = (sender.flags & ~NodeFlag.NOFAILOVER) | (header.flags & NodeFlag.NOFAILOVER);
  if (type === 'ping' && !sender.inHandshake) followAddress(state, sender, link, header);
  if (!precedesPromotion(state, sender, header)) {
    followRole(state, sender, header);
    compareSlots(state, sender, header);
    resolveCollision(state, sender);
  }
  processGossip(state, sender, heartbeat.gossip);
  followHostname(state, sender, heartbeat.hostname);
  followShardId(state, sender, header, heartbeat);
}

/** Replies to a PING or MEET, learns our own address from it, takes in strangers that meet us. */
function answer(
  state: ClusterState,
  link: PeerLink,
  sender: ClusterNode | undefined,
  header: BusHeader,
  type: HeartbeatName,
): void {
  const { myself } = state;
  // Whoever meets us used the address that others will use too.
  if ((type === 'meet' || myself.ip === '') && state.options.announceIp === '') {
    const { localAddress } = link.socket!;
    if (localAddress !== '' && localAddress !== myself.ip) {
      myself.ip = localAddress;
      state.log('warning', `IP address for this node updated to ${localAddress}`);
      state.later(Todo.SAVE);
    }
  }
  if (type === 'meet' && !sender) {
    welcomeStranger(state, link, header);
    state.later(Todo.SAVE);
  }
  sendHeartbeat(state, link, 'pong');
}

/**
 * On a link that we opened the other side must be who we think it is. In a handshake this is where the node gets
 * its name. Answers false when the link was given up.
 */
function checkIdentity(
  state: ClusterState,
  link: PeerLink,
  sender: ClusterNode | undefined,
  header: BusHeader,
): boolean {
  const node = link.node!;
  if (node.inHandshake) {
    if (sender) {
      state.log('verbose', `Handshake: we already know node ${sender.id}, updating the address if needed.`);
      followAddress(state, sender, link, header);
      removeNode(state, node);
      return false;
    }
    state.log('debug', `Handshake with node ${header.sender} completed.`);
    state.nodes.rename(node, header.sender);
    // Redis meets a node once: if the connection breaks before that is heard, it knows a node that doesn't know it.
    node.flags &= ~(NodeFlag.HANDSHAKE | NodeFlag.MEET);
    node.flags |= header.flags & (NodeFlag.MASTER | NodeFlag.REPLICA);
    state.later(Todo.SAVE);
  } else if (node.id !== header.sender) {
    // Another node lives at this address now.
    state.log('debug', `PONG contains mismatching sender ID. About node ${node.id}.`);
    node.flags |= NodeFlag.NOADDR;
    node.ip = '';
    node.port = 0;
    node.plainPort = 0;
    node.busPort = 0;
    state.bus.close(link);
    state.later(Todo.SAVE);
    return false;
  }
  return true;
}

function notePong(state: ClusterState, node: ClusterNode): void {
  // On disk before we serve: who starts from a file without pongs takes the cluster for new, and waits for nobody.
  if (node.pongReceived === 0) state.later(Todo.SAVE | Todo.FSYNC);
  node.pongReceived = state.now;
  node.dataReceived = state.now; // in a handshake nobody knew yet whose it was
  node.pingSent = 0;
  node.unheardSinceStart = false;
  nodeAnswered(state, node);
}

/**
 * Whether the sender wrote this as a replica and has taken its master's slots since. Between two nodes there are two
 * connections, and what leaves on one may arrive behind what left later on the other: a candidate answers a ping and wins
 * in one turn. Redis takes the slots away from the new master then, and says CLUSTERDOWN until its next heartbeat.
 */
function precedesPromotion(state: ClusterState, sender: ClusterNode, header: BusHeader): boolean {
  if (!sender.isVoter || header.masterId === '' || header.configEpoch >= sender.configEpoch) return false;
  return state.nodes.get(header.masterId)?.slotCount === 0;
}

/** Takes over what a node says of its role. */
export function followRole(state: ClusterState, sender: ClusterNode, header: BusHeader): void {
  if (header.masterId === '') setMaster(state, sender);
  else setReplica(state, sender, state.nodes.get(header.masterId) ?? null);
}

function compareSlots(state: ClusterState, sender: ClusterNode, header: BusHeader): void {
  const master = sender.isMaster ? sender : sender.master;
  if (!master || sameSlots(master.slots, header.slots)) return;
  if (sender.isMaster) acceptClaims(state, sender, header.configEpoch, header.slots);
  correctStaleClaims(state, sender, header.configEpoch, header.slots);
}
