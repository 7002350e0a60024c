/**
 * What happens ten times a second without any message: links are opened, nodes pinged, silent nodes suspected, and
 * a replica looks after its candidacy. Cluster specification, "Heartbeat and gossip messages" and "Failure
 * detection".
 */
import { NodeFlag } from '../protocol/bus-frame.js';
import type { PeerLink } from './bus.js';
import type { ClusterNode } from './cluster-node.js';
import { advanceCandidacy } from './election.js';
import { suspect } from './failure-detection.js';
import { silenceLimit, updateHealth } from './health.js';
import { abortExpiredManualFailover, advanceManualFailover } from './manual-failover.js';
import { removeNode } from './membership.js';
import { sendHeartbeat } from './messages.js';
import { considerMigration } from './replica-migration.js';
import type { ClusterState } from './state.js';

const MIN_HANDSHAKE_TIMEOUT = 1000;
/** One random ping per second: every so many ticks, the longest silent of so many samples. */
const TICKS_PER_RANDOM_PING = 10;
const RANDOM_PING_SAMPLES = 5;
/** A voter is pinged at the latest when it has been silent for this part of the time that it may be. */
const VOTER_PING_PART = 2 / 3;

export function tick(state: ClusterState): void {
  state.ticks++;
  keepLinks(state);
  if (state.ticks % TICKS_PER_RANDOM_PING === 0) pingSomeNode(state);
  watchNodes(state);

  const { env, myself } = state;
  const { master } = myself;
  if (myself.isReplica && master && !master.has(NodeFlag.NOADDR) && !env.replication.isFollowing())
    env.replication.becomeReplicaOf(master.ip, master.port);
  abortExpiredManualFailover(state);
  if (myself.isReplica) {
    advanceManualFailover(state);
    advanceCandidacy(state);
    migrateIfOrphaned(state);
  }
  updateHealth(state);
}

/**
 * Opens missing links; gives up links that can't get rid of their data, and handshakes and connections that take too
 * long. The node may well reach us over its own connection, so what it sends says nothing about an attempt of ours that
 * got lost on the way.
 */
function keepLinks(state: ClusterState): void {
  const { bus, now, options } = state;
  const timeout = Math.max(options.nodeTimeout, MIN_HANDSHAKE_TIMEOUT);
  state.suspectedNodes = 0;
  for (const node of state.nodes.snapshot()) {
    if (options.linkSendBufferLimit > 0) closeIfOverLimit(state, node);
    if (node.has(NodeFlag.MYSELF | NodeFlag.NOADDR)) continue;
    if (node.isSuspected) state.suspectedNodes++;
    if (node.inHandshake && now - node.createdAt > timeout) removeNode(state, node);
    else if (!node.link) bus.dial(node);
    else if (!node.link.isUp && now - node.link.createdAt > timeout) bus.close(node.link);
  }
}

function closeIfOverLimit(state: ClusterState, node: ClusterNode): void {
  for (const link of [node.link, node.inboundLink]) {
    if (!link || link.pendingBytes <= state.options.linkSendBufferLimit) continue;
    const direction = link.inbound ? 'from' : 'to';
    state.log(
      'warning',
      `Freeing cluster link(${direction} node ${node.id}, used memory: ${link.pendingBytes}) ` +
        'due to exceeding send buffer memory limit.',
    );
    state.bus.close(link);
    state.linksClosedOverLimit++;
  }
}

/** Of a few random nodes, pings the one whose last pong is oldest. */
function pingSomeNode(state: ClusterState): void {
  let oldest: ClusterNode | null = null;
  for (let i = 0; i < RANDOM_PING_SAMPLES; i++) {
    const node = state.nodes.pick(state.env.random());
    if (!node.link || node.pingSent !== 0 || node.has(NodeFlag.MYSELF | NodeFlag.HANDSHAKE)) continue;
    if (!oldest || node.pongReceived < oldest.pongReceived) oldest = node;
  }
  if (oldest) sendHeartbeat(state, oldest.link!, 'ping');
}

/** Pings who was not heard of for half the node timeout, and suspects who does not answer for a whole one. */
function watchNodes(state: ClusterState): void {
  const { manualFailover, now } = state;
  const { nodeTimeout } = state.options;
  for (const node of state.nodes) {
    if (node.has(NodeFlag.MYSELF | NodeFlag.NOADDR | NodeFlag.HANDSHAKE)) continue;
    if (node.link && seemsBroken(state, node, node.link)) state.bus.close(node.link);
    if (node.link) {
      // During a manual failover the replica waits for every word of ours.
      if (isPingDue(state, node) || (manualFailover.replica === node && manualFailover.end)) {
        sendHeartbeat(state, node.link, 'ping');
        continue;
      }
    }
    if (node.pingSent === 0) continue;
    // Any data shows that the node lives, even if its pong is stuck behind it.
    const silence = now - Math.max(node.pingSent, node.dataReceived);
    if (silence > nodeTimeout && !node.has(NodeFlag.PFAIL | NodeFlag.FAIL)) suspect(state, node);
  }
}

/**
 * Whether our connection to a node may be broken, and not the node: another one is tried before the node is taken for
 * dead. A node that speaks to us and doesn't answer may only be slow, but it may also have lost its end of ours, when it
 * hung and its power was switched off: Redis keeps it in FAIL until it happens to be silent for a moment.
 */
function seemsBroken({ now, options }: ClusterState, node: ClusterNode, link: PeerLink): boolean {
  const { nodeTimeout } = options;
  if (node.pingSent === 0 || now - link.createdAt <= nodeTimeout) return false;
  const isHeard = now - node.dataReceived <= nodeTimeout / 2;
  return now - node.pingSent > (isHeard ? nodeTimeout : nodeTimeout / 2);
}

/**
 * Whether to ping a node: after half the node timeout without a pong, or news of one through gossip. But whether we are
 * among the majority we judge by whom we hear ourselves, so gossip puts off the ping to a voter only so far.
 */
function isPingDue(state: ClusterState, node: ClusterNode): boolean {
  if (node.pingSent !== 0) return false;
  if (state.now - node.pongReceived > state.options.nodeTimeout / 2) return true;
  return node.isVoter && state.now - node.dataReceived > silenceLimit(state) * VOTER_PING_PART;
}

/** Looks for orphaned masters, and lets this replica consider moving if its master has the most replicas. */
function migrateIfOrphaned(state: ClusterState): void {
  if (!state.options.allowReplicaMigration) return;
  let orphans = 0;
  let most = 0;
  let mine = 0;
  for (const node of state.nodes) {
    if (!node.isMaster || node.isFailed || node.has(NodeFlag.NOADDR | NodeFlag.HANDSHAKE)) continue;
    const working = node.countWorkingReplicas();
    if (working === 0 && node.slotCount > 0 && node.has(NodeFlag.MIGRATE_TO)) orphans++;
    if (working > most) most = working;
    if (node === state.myself.master) mine = working;
  }
  // With a single replica everywhere nobody can be spared.
  if (orphans > 0 && most >= 2 && mine === most) considerMigration(state, most);
}
