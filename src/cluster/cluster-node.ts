/**
 * One node of the cluster, as this node knows it. All times are those of
 * `ClusterEnvironment.now`, milliseconds; 0 means never.
 */

import { NodeFlag } from '../protocol/bus-frame.js';
import type { Bytes } from '../protocol/bytes.js';
import type { PeerLink } from './bus.js';
import { NO_SLOTS, type SlotRange } from './slot-bitmap.js';

/** Where a node can be reached. */
export interface NodeAddress {
  readonly ip: string;
  readonly port: number;
  readonly plainPort: number;
  readonly busPort: number;
}

export class ClusterNode implements NodeAddress {
  id: string;
  flags: number;
  readonly createdAt: number;
  configEpoch = 0;

  ip = '';
  hostname = '';
  /** '' while it tells none. */
  shardId = '';
  /** False when its heartbeats show that it knows of no shard ids. */
  knowsShardIds = true;
  port = 0;
  plainPort = 0;
  busPort = 0;

  /** Served slots. Written by SlotMap only. */
  slots: Bytes = NO_SLOTS;
  slotCount = 0;
  /** The same as ranges, which nodes.conf and CLUSTER NODES tell of every node: null when they have to be worked out. */
  slotRanges: readonly SlotRange[] | null = null;

  master: ClusterNode | null = null;
  replicas: ClusterNode[] = [];
  replicationOffset = 0;

  /** The connection we opened to the node. */
  link: PeerLink | null = null;
  /** The connection the node opened to us. */
  inboundLink: PeerLink | null = null;

  /** When the ping was sent whose pong we still wait for. */
  pingSent = 0;
  pongReceived = 0;
  dataReceived = 0;
  /** In touch before we started, and without a pong since: it may know that we were replaced. */
  unheardSinceStart = false;
  /** Its last heartbeat says that it holds us for failed. */
  deemsUsFailed = false;
  failTime = 0;
  /** When we last voted for a replica of this master. */
  votedTime = 0;
  /** Since when this master has no working replica. */
  orphanedTime = 0;
  /** Masters that report the node as failing, and when they last did. */
  readonly failureReports = new Map<ClusterNode, number>();
  /** Number of the last heartbeat that mentioned the node. */
  gossipRound = 0;

  constructor(id: string, flags: number, createdAt: number) {
    this.id = id;
    this.flags = flags;
    this.createdAt = createdAt;
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  get isMyself(): boolean {
    return this.has(NodeFlag.MYSELF);
  }

  get isMaster(): boolean {
    return this.has(NodeFlag.MASTER);
  }

  get isReplica(): boolean {
    return this.has(NodeFlag.REPLICA);
  }

  /** Whether it belongs to the electorate: the masters with slots, whose majority decides. */
  get isVoter(): boolean {
    return this.isMaster && this.slotCount > 0;
  }

  get inHandshake(): boolean {
    return this.has(NodeFlag.HANDSHAKE);
  }

  /** PFAIL: unreachable from here. */
  get isSuspected(): boolean {
    return this.has(NodeFlag.PFAIL);
  }

  /** FAIL: the majority agreed. */
  get isFailed(): boolean {
    return this.has(NodeFlag.FAIL);
  }

  /** Configured never to stand for election. */
  get cannotFailover(): boolean {
    return this.has(NodeFlag.NOFAILOVER);
  }

  /** The node whose slots and config epoch this node's messages carry: its master, or itself. */
  get shardMaster(): ClusterNode {
    return this.isReplica && this.master ? this.master : this;
  }

  set address({ ip, port, plainPort, busPort }: NodeAddress) {
    this.ip = ip;
    this.port = port;
    this.plainPort = plainPort;
    this.busPort = busPort;
    this.flags &= ~NodeFlag.NOADDR;
  }

  addReplica(replica: ClusterNode): void {
    if (this.replicas.includes(replica)) return;
    this.replicas.push(replica);
    this.flags |= NodeFlag.MIGRATE_TO;
  }

  removeReplica(replica: ClusterNode): void {
    const index = this.replicas.indexOf(replica);
    if (index < 0) return;
    this.replicas.splice(index, 1);
    if (this.replicas.length === 0) this.flags &= ~NodeFlag.MIGRATE_TO;
  }

  /** Replicas without the FAIL flag. */
  countWorkingReplicas(): number {
    let working = 0;
    for (const replica of this.replicas) if (!replica.isFailed) working++;
    return working;
  }
}

const FLAG_NAMES: readonly (readonly [number, string])[] = [
  [NodeFlag.MYSELF, 'myself'],
  [NodeFlag.MASTER, 'master'],
  [NodeFlag.REPLICA, 'slave'],
  [NodeFlag.PFAIL, 'fail?'],
  [NodeFlag.FAIL, 'fail'],
  [NodeFlag.HANDSHAKE, 'handshake'],
  [NodeFlag.NOADDR, 'noaddr'],
  [NodeFlag.NOFAILOVER, 'nofailover'],
];

/** Flags as CLUSTER NODES and nodes.conf spell them, e.g. `myself,master`. */
export function formatFlags(flags: number): string {
  const names = FLAG_NAMES.filter(([flag]) => flags & flag).map(([, name]) => name);
  return names.length > 0 ? names.join(',') : 'noflags';
}

/** The reverse of `formatFlags`; -1 when a name is unknown. */
export function parseFlags(text: string): number {
  let flags = 0;
  for (const word of text.toLowerCase().split(',')) {
    if (word === 'noflags') continue;
    const entry = FLAG_NAMES.find(([, name]) => name === word);
    if (!entry) return -1;
    flags |= entry[0];
  }
  return flags;
}
