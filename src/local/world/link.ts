/**
 * One end of a virtual TCP connection, and the stream of segments from it to the other end.
 *
 * Bytes arrive in order and unchanged, but late, in other pieces than they were written in, or not at all any more.
 * Received bytes are handed over in a buffer that is overwritten and used again after the call, and buffers that a link holds
 * are checked for changes, because those two rules of `Link` are the easiest to break without noticing.
 */
import type { Link, LinkHandler } from '../../node/host.js';
import { type Bytes, copy, EMPTY, equal } from '../../protocol/bytes.js';
import type { Network } from './network.js';
import type { Accept, VirtualProcess } from './process.js';

/** What travels from one end to the other. */
interface Segment {
  /** True time of arrival, if nothing is in the way. */
  arrival: number;
  readonly kind: 'data' | 'end' | 'reset';
  /** A buffer of the network's; the first `length` bytes are those that travel. */
  readonly bytes: Bytes;
  readonly length: number;
  /** The writer's own range, while the link holds it. */
  readonly held: Bytes | undefined;
}

/** What a system takes off the sender's hands, bytes. */
const SOCKET_BUFFER = 256 * 1024;
const POISON = 0xdb;

export class VirtualLink implements Link {
  /** Whether this end still takes part: neither failed nor ended by both sides. */
  isOpen = true;
  /** The other end; this one itself until a dial has succeeded. */
  other: VirtualLink = this;
  private connected = false;
  private closing = false;
  /** The program wants to hear nothing more but that it is over. */
  private destroyed = false;
  private paused = false;
  private readonly outgoing: Segment[] = [];
  private outgoingBytes = 0;
  private lastArrival = 0;
  private deliveryPending = false;

  constructor(
    private readonly network: Network,
    readonly process: VirtualProcess,
    readonly localAddress: string,
    readonly localPort: number,
    readonly remoteAddress: string,
    readonly remotePort: number,
    private handler: LinkHandler,
  ) {
    process.links.add(this);
  }

  /** Whether a dial has been answered, or this end was accepted. */
  get isEstablished(): boolean {
    return this.other !== this;
  }

  get buffered(): number {
    return Math.max(0, this.outgoingBytes - SOCKET_BUFFER);
  }

  write(bytes: Bytes, start: number, end: number): boolean {
    if (!this.isOpen || this.closing || start === end) return true;
    const { random } = this.network;
    const { faults } = this.process.machine;
    const hold = random.chance(faults.heldWrites);
    let from = start;
    do {
      const cut = random.chance(faults.fragmentation) ? from + 1 + random.below(end - from) : end;
      const own = this.network.buffers.take(cut - from);
      copy(own, 0, bytes, from, cut);
      this.send('data', own, cut - from, hold ? bytes.subarray(from, cut) : undefined);
      from = cut;
    } while (from < end);
    return !hold;
  }

  close(): void {
    if (!this.isOpen || this.closing) return;
    this.closing = true;
    this.send('end');
  }

  destroy(): void {
    if (!this.isOpen) return;
    if (!this.closing) this.send('end');
    this.destroyed = true;
    this.fail('connection closed');
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.other.deliverSoon();
  }

  /** The dial reached a listener: makes the end over there, which is accepted in its process's own time. */
  accepted(process: VirtualProcess, accept: Accept): void {
    const { network } = this;
    const there = new VirtualLink(
      network,
      process,
      this.remoteAddress,
      this.remotePort,
      this.localAddress,
      this.localPort,
      // Replaced before anything can arrive: the inbox is handled in order.
      { received() {}, closed() {} },
    );
    there.connected = true;
    there.other = this;
    this.other = there;
    process.post(() => {
      if (there.isOpen) there.handler = accept(there);
    });
    network.world.after(network.delay(process.machine), () => {
      if (!this.isOpen) return;
      this.connected = true;
      this.process.post(() => {
        if (!this.destroyed) this.handler.connected?.();
      });
      this.sendWaiting();
    });
  }

  /** This end is over; its program is told. */
  fail(reason: string): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.process.links.delete(this);
    // Behind what has arrived before and waits in the inbox.
    this.process.post(() => this.handler.closed(reason));
  }

  /** The network breaks the connection: both ends see a reset. */
  break(): void {
    if (!this.isOpen) return;
    this.network.world.record('break', this.localAddress, this.remoteAddress);
    this.other.fail('read ECONNRESET');
    this.fail('read ECONNRESET');
  }

  /** The process has ended; the system resets the connection, unless it has no power to. */
  processEnded(silently: boolean): void {
    this.isOpen = false;
    if (silently) this.outgoing.length = 0;
    else if (this.isEstablished) this.send('reset');
  }

  private send(kind: Segment['kind'], bytes: Bytes = EMPTY, length = 0, held?: Bytes): void {
    const { process, network } = this;
    this.lastArrival = Math.max(this.lastArrival, process.trueNow + network.delay(process.machine));
    this.outgoing.push({ kind, bytes, length, held, arrival: this.lastArrival });
    this.outgoingBytes += length;
    this.deliverSoon();
  }

  /** What was written before the connection stood begins its journey now. */
  private sendWaiting(): void {
    const { network, process, outgoing } = this;
    if (outgoing.length === 0) return;
    const late = network.world.now + network.delay(process.machine) - outgoing[0].arrival;
    if (late > 0) for (const segment of outgoing) segment.arrival += late;
    this.lastArrival = outgoing[outgoing.length - 1].arrival;
    this.deliverSoon();
  }

  /** Sees to it that the first segment is delivered when it arrives. */
  private deliverSoon(): void {
    if (this.deliveryPending || !this.connected || this.outgoing.length === 0) return;
    this.deliveryPending = true;
    const { world } = this.network;
    world.after(this.outgoing[0].arrival - world.now, this.deliver);
  }

  /** Delivers what has arrived by now. */
  private readonly deliver = (): void => {
    this.deliveryPending = false;
    const { network, other, outgoing } = this;
    const { world } = network;
    if (other.paused && other.isOpen) return; // until it resumes
    if (!network.reaches(this.process.machine, other.process.machine)) {
      this.deliveryPending = true;
      network.whenReachable(this.deliver);
      return;
    }
    const data: Segment[] = [];
    while (outgoing.length > 0 && outgoing[0].arrival <= world.now && outgoing[0].kind === 'data') {
      data.push(this.release(outgoing.shift()!));
    }
    if (data.length > 0) this.deliverData(data.length === 1 ? data[0] : this.join(data));
    else if (outgoing.length > 0 && outgoing[0].arrival <= world.now) {
      this.deliverEnd(outgoing.shift()!.kind);
    }
    this.deliverSoon();
  };

  private release(segment: Segment): Segment {
    const { bytes, length, held } = segment;
    this.outgoingBytes -= length;
    if (held && !equal(held, 0, length, bytes, 0, length)) {
      throw new Error('bytes were changed while a link held them');
    }
    return segment;
  }

  /** What arrives together is read together. */
  private join(segments: readonly Segment[]): Pick<Segment, 'bytes' | 'length'> {
    const { buffers } = this.network;
    const joined = buffers.take(segments.reduce((sum, { length }) => sum + length, 0));
    let length = 0;
    for (const segment of segments) {
      length = copy(joined, length, segment.bytes, 0, segment.length);
      buffers.give(segment.bytes);
    }
    return { bytes: joined, length };
  }

  private deliverData({ bytes, length }: Pick<Segment, 'bytes' | 'length'>): void {
    const { other, network } = this;
    if (!other.isOpen) {
      this.fail('read ECONNRESET'); // nobody there any more: the answer to data is a reset
      return;
    }
    network.world.recordBytes(this.process.machine.name, other.process.machine.name, bytes, length);
    other.process.post(() => {
      if (!other.destroyed) other.handler.received(bytes, 0, length);
      bytes.fill(POISON, 0, length);
      network.buffers.give(bytes);
    });
  }

  private deliverEnd(kind: Segment['kind']): void {
    const { other } = this;
    if (kind === 'end' && other.isOpen && !other.closing) other.send('end');
    other.fail(kind === 'end' ? 'connection closed' : 'read ECONNRESET');
  }
}
