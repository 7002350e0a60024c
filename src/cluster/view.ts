/**
 * The cluster as this node sees it, as plain data: the telling half of the CLUSTER command, for INFO, NODES, SLOTS,
 * SHARDS, LINKS and REPLICAS. Ports: with `plain` the plaintext port of nodes in a TLS cluster is shown, for clients
 * that came without TLS.
 */
import { MESSAGE_NAMES } from '../protocol/bus-frame.js';
import { SLOT_COUNT } from '../protocol/key-slot.js';
import type { MessageCounts, PeerLink } from './bus.js';
import { ClusterError } from './cluster-error.js';
import type { ClusterNode } from './cluster-node.js';
import { describeNode } from './nodes-conf.js';
import type { SlotRange } from './slot-bitmap.js';
import type { ClusterState } from './state.js';

export interface ClusterInfo {
  state: 'ok' | 'fail';
  slotsAssigned: number;
  slotsOk: number;
  slotsPfail: number;
  slotsFail: number;
  knownNodes: number;
  size: number;
  currentEpoch: number;
  myEpoch: number;
  sent: Readonly<MessageCounts>;
  received: Readonly<MessageCounts>;
  linksClosedOverLimit: number;
}

/** How clients reach a node, in CLUSTER SLOTS. */
export interface NodeEndpoint {
  /** The preferred endpoint: null when clients shall use the address they have, `?` when it is not known. */
  endpoint: string | null;
  port: number;
  id: string;
  /** What is known beside the preferred endpoint. */
  metadata: { ip?: string; hostname?: string };
}

/** A range of slots with its master and the replicas that can be read from. */
export interface SlotAssignment extends SlotRange {
  nodes: NodeEndpoint[];
}

export interface ShardNode {
  id: string;
  /** 0 when the node has no such port. */
  port: number;
  tlsPort: number;
  ip: string;
  endpoint: string;
  hostname: string;
  role: 'master' | 'replica';
  replicationOffset: number;
  health: 'online' | 'loading' | 'fail';
}

/** A master with its replicas. */
export interface Shard {
  slots: readonly SlotRange[];
  nodes: ShardNode[];
}

export interface LinkDescription {
  direction: 'to' | 'from';
  node: string;
  createTime: number;
  events: string;
  sendBufferAllocated: number;
  sendBufferUsed: number;
}

export class ClusterView {
  private readonly state: ClusterState;

  constructor(state: ClusterState) {
    this.state = state;
  }

  /** CLUSTER NODES, one line a node, each with its line end. */
  nodes(plain = false): string {
    let text = '';
    for (const node of this.state.nodes) text += `${this.describe(node, plain)}\n`;
    return text;
  }

  /** CLUSTER REPLICAS: lines as in CLUSTER NODES. Throws ClusterError when the id is not a known master's. */
  replicas(masterId: string, plain = false): string[] {
    const master = this.state.nodes.get(masterId);
    if (!master) throw new ClusterError(`Unknown node ${masterId}`);
    if (master.isReplica) throw new ClusterError('The specified node is not a master');
    return master.replicas.map((replica) => this.describe(replica, plain));
  }

  info(): ClusterInfo {
    const { bus, currentEpoch, isUp, linksClosedOverLimit, myself, nodes, size, slots } = this.state;
    let slotsPfail = 0;
    let slotsFail = 0;
    for (const node of nodes) {
      if (node.isFailed) slotsFail += node.slotCount;
      else if (node.isSuspected) slotsPfail += node.slotCount;
    }
    return {
      state: isUp ? 'ok' : 'fail',
      slotsAssigned: slots.assigned,
      slotsOk: slots.assigned - slotsPfail - slotsFail,
      slotsPfail,
      slotsFail,
      knownNodes: nodes.size,
      size,
      currentEpoch,
      myEpoch: myself.shardMaster.configEpoch,
      sent: bus.sent,
      received: bus.received,
      linksClosedOverLimit,
    };
  }

  /** CLUSTER INFO's text. */
  infoText(): string {
    return formatClusterInfo(this.info());
  }

  /** CLUSTER SLOTS. */
  slots(plain = false): SlotAssignment[] {
    const { slots } = this.state;
    const assignments: SlotAssignment[] = [];
    for (let first = 0; first < SLOT_COUNT; ) {
      const owner = slots.owner(first);
      let last = first;
      while (last + 1 < SLOT_COUNT && slots.owner(last + 1) === owner) last++;
      if (owner) {
        const readable = owner.replicas.filter((replica) => this.isReadable(replica));
        const nodes = [owner, ...readable].map((node) => this.endpoint(node, plain));
        assignments.push({ first, last, nodes });
      }
      first = last + 1;
    }
    return assignments;
  }

  /** CLUSTER SHARDS. */
  shards(): Shard[] {
    const shards: Shard[] = [];
    for (const master of this.state.nodes) {
      if (!master.isMaster) continue;
      const nodes = [master, ...master.replicas].map((node) => this.shardNode(node));
      shards.push({ slots: this.state.slots.rangesOf(master), nodes });
    }
    return shards;
  }

  /** CLUSTER LINKS: the links whose other end is known. */
  links(): LinkDescription[] {
    const links: LinkDescription[] = [];
    for (const node of this.state.nodes) {
      if (node.link) links.push(describeLink(node.link, node));
      if (node.inboundLink) links.push(describeLink(node.inboundLink, node));
    }
    return links;
  }

  /** Connections of the bus when all nodes are in touch: one to and one from each. */
  get connections(): number {
    return (this.state.nodes.size - 1) * 2;
  }

  /** Bytes that wait in the links: to be sent, and of frames that have come in part. */
  get linkBytes(): number {
    let bytes = 0;
    for (const { link, inboundLink } of this.state.nodes)
      bytes += (link?.bufferedBytes ?? 0) + (inboundLink?.bufferedBytes ?? 0);
    return bytes;
  }

  /** The host that clients are told for a node: `?` or '' when there is none to tell. */
  preferredEndpoint(node: ClusterNode): string {
    switch (this.state.options.preferredEndpointType) {
      case 'ip':
        return node.ip;
      case 'hostname':
        return node.hostname || '?';
      case 'unknown-endpoint':
        return '';
    }
  }

  /** The client port of a node for a client that came with or without TLS. */
  port(node: ClusterNode, plain: boolean): number {
    return (plain && node.plainPort) || node.port;
  }

  private describe(node: ClusterNode, plain: boolean): string {
    return describeNode(this.state, node, this.port(node, plain));
  }

  private endpoint(node: ClusterNode, plain: boolean): NodeEndpoint {
    const type = this.state.options.preferredEndpointType;
    const metadata: NodeEndpoint['metadata'] = {};
    if (type !== 'ip') metadata.ip = node.ip;
    if (type !== 'hostname' && node.hostname !== '') metadata.hostname = node.hostname;
    return {
      endpoint: type === 'unknown-endpoint' ? null : this.preferredEndpoint(node),
      port: this.port(node, plain),
      id: node.id,
      metadata,
    };
  }

  private shardNode(node: ClusterNode): ShardNode {
    const { tlsCluster } = this.state.options;
    const replicationOffset = this.offset(node);
    const loading = node.isReplica && replicationOffset === 0;
    return {
      id: node.id,
      port: tlsCluster ? node.plainPort : node.port,
      tlsPort: tlsCluster ? node.port : 0,
      ip: node.ip,
      endpoint: this.preferredEndpoint(node),
      hostname: node.hostname,
      role: node.isReplica ? 'replica' : 'master',
      replicationOffset,
      health: node.isFailed ? 'fail' : loading ? 'loading' : 'online',
    };
  }

  /** Whether a replica works and has been synchronised. */
  private isReadable(replica: ClusterNode): boolean {
    return !replica.isFailed && this.offset(replica) !== 0;
  }

  private offset(node: ClusterNode): number {
    return node.isMyself ? this.state.env.replication.offset() : node.replicationOffset;
  }
}

/** CLUSTER INFO as text; kinds of messages that never occurred are left out. */
export function formatClusterInfo(info: ClusterInfo): string {
  const lines = [
    `cluster_state:${info.state}`,
    `cluster_slots_assigned:${info.slotsAssigned}`,
    `cluster_slots_ok:${info.slotsOk}`,
    `cluster_slots_pfail:${info.slotsPfail}`,
    `cluster_slots_fail:${info.slotsFail}`,
    `cluster_known_nodes:${info.knownNodes}`,
    `cluster_size:${info.size}`,
    `cluster_current_epoch:${info.currentEpoch}`,
    `cluster_my_epoch:${info.myEpoch}`,
  ];
  for (const direction of ['sent', 'received'] as const) {
    const counts = info[direction];
    let total = 0;
    for (const name of MESSAGE_NAMES) {
      if (counts[name] > 0) lines.push(`cluster_stats_messages_${name}_${direction}:${counts[name]}`);
      total += counts[name];
    }
    lines.push(`cluster_stats_messages_${direction}:${total}`);
  }
  lines.push(`total_cluster_links_buffer_limit_exceeded:${info.linksClosedOverLimit}`);
  return `${lines.join('\r\n')}\r\n`;
}

function describeLink(link: PeerLink, node: ClusterNode): LinkDescription {
  const pending = link.pendingBytes;
  return {
    direction: link.inbound ? 'from' : 'to',
    node: node.id,
    createTime: link.createTime,
    events: pending > 0 ? 'rw' : 'r',
    sendBufferAllocated: pending,
    sendBufferUsed: pending,
  };
}
