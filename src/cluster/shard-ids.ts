/**
 * Shard ids: a master and its replicas share one, and it stays when one of them takes another's place. Nothing is decided
 * by it here, but Redis since 7.2 makes one up for a master that tells none, and when a replica of that master tells
 * its own, every such node that sees both writes a nodes.conf that it refuses to start from. Redis 7.2 even hangs if two
 * nodes change places and it hears of one first, and that one tells none: it looks for its master in a circle.
 *
 * So a master tells its shard's, and a replica what its master tells. A replica of redis-server 7.0, which knows of no
 * shard ids, tells none: the others take its master's for it then. And redis-server 7.0 itself, which logs a warning for
 * each, is told none as soon as its heartbeats show what it is.
 */
import { type BusHeader, type HeartbeatBody, MessageFlag } from '../protocol/bus-frame.js';
import type { PeerLink } from './bus.js';
import type { ClusterNode } from './cluster-node.js';
import { type ClusterState, Todo } from './state.js';

/** The shard id that a heartbeat on this link tells, if any. */
export function shardIdFor({ myself }: ClusterState, link: PeerLink): string | undefined {
  if (link.node?.knowsShardIds === false) return undefined;
  return myself.shardId || undefined;
}

/** Learns a node's shard id, and takes over our master's. */
export function followShardId(
  state: ClusterState,
  sender: ClusterNode,
  { messageFlags }: BusHeader,
  { shardId, hostname }: HeartbeatBody,
): void {
  // Valkey says that it reads extensions, and sends none, to whom it doesn't know yet. 7.0 has its hostname to send, or
  // says nothing.
  const mayKnow = (messageFlags & MessageFlag.EXTENSIONS) !== 0 && hostname === '';
  sender.knowsShardIds = shardId !== undefined || mayKnow;
  if (shardId === undefined) return;
  sender.shardId = shardId;
  const { myself } = state;
  if (myself.master !== sender || myself.shardId === shardId) return;
  myself.shardId = shardId;
  state.later(Todo.SAVE);
}
