/**
 * The links of the cluster bus. Between two nodes there are usually two: each opens one and sends its requests on
 * it, and answers on the one that the other opened.
 *
 * Outgoing frames wait in the link's outbox until `flush`, which the cluster calls after it has saved its
 * configuration. That one rule gives every message the order "on disk first, then told to others", as in Raft.
 */

import {
  type BusFrame,
  decodeFrame,
  MalformedFrame,
  MESSAGE_NAMES,
  type MessageName,
} from '../protocol/bus-frame.js';
import { BusFrameSplitter } from '../protocol/bus-splitter.js';
import { type Bytes, concat } from '../protocol/bytes.js';
import type { ClusterNode } from './cluster-node.js';
import type { BusLink, BusLinkEvents, ClusterEnvironment } from './environment.js';

/** Who makes sense of what the links bring. */
export interface BusReceiver {
  linkUp(link: PeerLink): void;
  frame(link: PeerLink, frame: BusFrame): void;
}

export type MessageCounts = Record<MessageName, number>;

export class PeerLink implements BusLinkEvents {
  /** The node at the other end; null on an accepted link until the node has named itself. */
  node: ClusterNode | null;
  readonly inbound: boolean;
  readonly createdAt: number;
  /** The same by the wall clock, for CLUSTER LINKS. */
  readonly createTime: number;
  /** The host's connection; null only while `dial` runs. */
  socket: BusLink | null = null;
  /** The connection has come about. */
  isUp = false;
  isClosed = false;
  readonly splitter = new BusFrameSplitter();
  outbox: Bytes[] = [];
  private readonly bus: Bus;

  constructor(bus: Bus, node: ClusterNode | null) {
    this.bus = bus;
    this.node = node;
    this.inbound = node === null;
    this.createdAt = bus.now;
    this.createTime = bus.wallClock;
  }

  /** Bytes on their way to the peer: ours and those the host still holds. */
  get pendingBytes(): number {
    let bytes = this.socket?.pendingBytes ?? 0;
    for (const frame of this.outbox) bytes += frame.length;
    return bytes;
  }

  /** The same, and bytes of a frame that has come in part. */
  get bufferedBytes(): number {
    return this.pendingBytes + this.splitter.pendingBytes;
  }

  connected(): void {
    if (this.isClosed) return;
    this.isUp = true;
    this.bus.receiver.linkUp(this);
  }

  received(bytes: Bytes, start: number, end: number): void {
    if (!this.isClosed) this.bus.receive(this, bytes, start, end);
  }

  /** Silence counts from here on: who has lost its connection can't be pinged, and won't answer. */
  closed(reason: string): void {
    const { bus, node, isClosed, inbound } = this;
    if (node && !inbound && !isClosed) {
      if (node.pingSent === 0) node.pingSent = bus.now;
      if (!this.isUp) bus.noteFailedDial(node, reason);
    }
    bus.close(this);
  }
}

export class Bus {
  readonly receiver: BusReceiver;
  readonly sent: MessageCounts = zeroCounts();
  readonly received: MessageCounts = zeroCounts();
  /** DEBUG DROP-CLUSTER-PACKET-FILTER: the message that is dropped on arrival, for tests. */
  dropped: MessageName | null = null;
  private readonly env: ClusterEnvironment;
  private readonly waiting = new Set<PeerLink>();

  constructor(env: ClusterEnvironment, receiver: BusReceiver) {
    this.env = env;
    this.receiver = receiver;
  }

  get now(): number {
    return this.env.now();
  }

  get wallClock(): number {
    return this.env.wallClock();
  }

  /** Takes a connection that another node opened. */
  accept(socket: BusLink): PeerLink {
    const link = new PeerLink(this, null);
    link.socket = socket;
    return link;
  }

  /** Opens the link to a node that has an address and no link. */
  dial(node: ClusterNode): void {
    const link = new PeerLink(this, node);
    node.link = link;
    link.socket = this.env.dial(node.ip, node.busPort, link);
  }

  noteFailedDial({ id, ip, busPort }: ClusterNode, reason: string): void {
    this.env.log('verbose', `Connection with Node ${id} at ${ip}:${busPort} failed: ${reason}`);
  }

  /** Names the node behind an accepted link, replacing the link it had before. */
  identify(link: PeerLink, node: ClusterNode): void {
    if (node.inboundLink) this.close(node.inboundLink);
    node.inboundLink = link;
    link.node = node;
  }

  /** Queues a frame; it leaves with the next `flush`. */
  send(link: PeerLink, type: MessageName, frame: Bytes): void {
    if (link.isClosed) return;
    link.outbox.push(frame);
    this.waiting.add(link);
    this.sent[type]++;
  }

  /** Hands everything queued to the host, one write per link. */
  flush(): void {
    for (const link of this.waiting) {
      const { outbox } = link;
      link.outbox = [];
      if (!link.isClosed) link.socket?.send(outbox.length === 1 ? outbox[0] : concat(outbox));
    }
    this.waiting.clear();
  }

  close(link: PeerLink): void {
    if (link.isClosed) return;
    link.isClosed = true;
    link.outbox = [];
    if (link.node?.link === link) link.node.link = null;
    if (link.node?.inboundLink === link) link.node.inboundLink = null;
    link.socket?.close();
  }

  receive(link: PeerLink, bytes: Bytes, start: number, end: number): void {
    const inStep = link.splitter.push(bytes, start, end, (frame) => {
      this.receiveFrame(link, frame);
      return !link.isClosed;
    });
    if (inStep) return;
    this.env.log('warning', 'Bad message length or signature received from Cluster bus.');
    this.close(link);
  }

  private receiveFrame(link: PeerLink, bytes: Bytes): void {
    const frame = decodeFrame(bytes);
    if (frame instanceof MalformedFrame) {
      this.env.log('warning', frame.reason);
      return;
    }
    const { type } = frame.body;
    this.received[type]++;
    if (type === this.dropped) {
      this.env.log('warning', 'Dropping packet that matches debug drop filter');
      return;
    }
    this.receiver.frame(link, frame);
  }
}

function zeroCounts(): MessageCounts {
  return Object.fromEntries(MESSAGE_NAMES.map((name) => [name, 0])) as MessageCounts;
}
