/**
 * What this node says on the bus. Every message carries the same header about the sender; a replica speaks for its
 * master's slots and config epoch.
 */

import {
  type BusBody,
  type BusHeader,
  encodeFrame,
  type HeartbeatName,
  MessageFlag,
} from '../protocol/bus-frame.js';
import type { Bytes } from '../protocol/bytes.js';
import { announcedPorts } from './addresses.js';
import type { PeerLink } from './bus.js';
import type { ClusterNode } from './cluster-node.js';
import { chooseMentions } from './mentions.js';
import { shardIdFor } from './shard-ids.js';
import type { ClusterState } from './state.js';

/** Said even when none follow: Valkey tells its hostname only to nodes that say they know what extensions are. */
const READS_EXTENSIONS = MessageFlag.EXTENSIONS;

/** PING, PONG or MEET with gossip; a ping on our own link starts the wait for its pong. */
export function sendHeartbeat(state: ClusterState, link: PeerLink, type: HeartbeatName): void {
  if (!link.inbound && type === 'ping') link.node!.pingSent = state.now;
  const { hostname } = state.myself;
  const shardId = shardIdFor(state, link);
  send(state, link, { type, gossip: chooseMentions(state, link.node), hostname, shardId });
}

/** A PONG to every node in touch, to spread a changed configuration at once. */
export function broadcastPong(state: ClusterState): void {
  for (const node of state.nodes) {
    if (node.link && !node.isMyself && !node.inHandshake) sendHeartbeat(state, node.link, 'pong');
  }
}

/** A PONG to the other replicas of my master, so that all know each other's offsets. */
export function pongFellowReplicas(state: ClusterState): void {
  const { myself } = state;
  for (const node of state.nodes) {
    if (!node.link || node.isMyself || node.inHandshake || !node.isReplica || !node.master) continue;
    if (node.master === myself || node.master === myself.master) sendHeartbeat(state, node.link, 'pong');
  }
}

/** Tells everyone that a node has failed. */
export function broadcastFail(state: ClusterState, failed: ClusterNode): void {
  broadcast(state, { type: 'fail', nodeId: failed.id });
}

/** Tells a node that another one holds slots under a newer config epoch. */
export function sendUpdate(state: ClusterState, to: ClusterNode, about: ClusterNode): void {
  if (!to.link) return;
  const { id, configEpoch } = about;
  send(state, to.link, { type: 'update', nodeId: id, configEpoch, slots: state.slots.claimedBy(about) });
}

/** Asks all nodes for their vote; masters answer. A manual failover asks although the master works. */
export function requestVotes(state: ClusterState): void {
  broadcast(state, { type: 'auth-req' }, state.manualFailover.end ? MessageFlag.FORCE_ACK : 0);
}

export function sendVote(state: ClusterState, to: ClusterNode): void {
  if (to.link) send(state, to.link, { type: 'auth-ack' });
}

/** Asks the master to hold its clients back for a manual failover. */
export function sendManualFailoverStart(state: ClusterState, master: ClusterNode): void {
  if (master.link) send(state, master.link, { type: 'mfstart' });
}

/** PUBLISH to every node; SPUBLISH to the nodes of this shard. */
export function sendPublish(state: ClusterState, channel: Bytes, message: Bytes, sharded: boolean): void {
  if (!sharded) {
    broadcast(state, { type: 'publish', channel, message });
    return;
  }
  const master = state.myself.shardMaster;
  broadcast(state, { type: 'publishshard', channel, message }, 0, [master, ...master.replicas]);
}

function send(state: ClusterState, link: PeerLink, body: BusBody): void {
  state.bus.send(link, body.type, encodeFrame(headerOf(state), body));
}

/** Encodes once, queues for every node that is known by name and in touch. */
function broadcast(
  state: ClusterState,
  body: BusBody,
  messageFlags = 0,
  nodes: Iterable<ClusterNode> = state.nodes,
): void {
  const header = headerOf(state);
  header.messageFlags |= messageFlags;
  const frame = encodeFrame(header, body);
  for (const node of nodes) {
    if (node.link && !node.isMyself && !node.inHandshake) state.bus.send(node.link, body.type, frame);
  }
}

function headerOf(state: ClusterState): BusHeader {
  const { myself, manualFailover } = state;
  const { configEpoch, slots } = myself.shardMaster;
  const { replication } = state.env;
  // The replica takes over at the offset that comes with this flag.
  const paused = myself.isMaster && manualFailover.end !== 0 && !replication.inUnit();
  return {
    sender: myself.id,
    masterId: myself.master?.id ?? '',
    ip: state.options.announceIp,
    ...announcedPorts(state.options),
    flags: myself.flags,
    currentEpoch: state.currentEpoch,
    configEpoch,
    offset: replication.offset(),
    slots,
    clusterOk: state.isUp,
    messageFlags: READS_EXTENSIONS | (paused ? MessageFlag.PAUSED : 0),
  };
}
