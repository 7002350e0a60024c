/** Who tells a node of the cluster anything, in frames that are well-formed, and what the node may then believe. */
import type { BusLink } from '../../src/cluster/environment.js';
import { hasSlot } from '../../src/cluster/slot-bitmap.js';
import { type BusBody, type BusHeader, encodeFrame, MESSAGE_NAMES } from '../../src/protocol/bus-frame.js';
import { type SimulatedNode, seededRandom } from './simulated-cluster.js';

/** Draws frames in the name of members and strangers. */
export class Liar {
  private readonly random: () => number;
  private readonly ids: string[];

  constructor(seed: number, ids: string[]) {
    this.random = seededRandom(seed);
    this.ids = [...ids, 'e'.repeat(40), 'f'.repeat(40)];
  }

  below(limit: number): number {
    return this.random() % limit;
  }

  frame(): Uint8Array {
    return encodeFrame(this.header(), this.body());
  }

  private id(): string {
    return this.ids[this.below(this.ids.length)];
  }

  private slots(): Uint8Array {
    const slots = new Uint8Array(2048);
    const [first, length] = [this.below(2048), this.below(700)];
    if (this.below(3) > 0) slots.fill(this.below(2) ? 255 : this.below(256), first, first + length);
    return slots;
  }

  private epoch(): number {
    return [0, 1, 2, 3, 5, 8, 1000, 2 ** 52][this.below(8)];
  }

  private ip(): string {
    return ['', '10.0.0.1', '10.0.0.3', '10.9.9.9', '::1'][this.below(5)];
  }

  private ports() {
    return { port: this.below(3) * 7000, plainPort: 0, busPort: 10_000 + this.below(3) * 7000 };
  }

  private header(): BusHeader {
    return {
      sender: this.id(),
      masterId: this.below(3) === 0 ? this.id() : '',
      ip: this.ip(),
      ...this.ports(),
      flags: this.below(1024),
      currentEpoch: this.epoch(),
      configEpoch: this.epoch(),
      offset: this.below(200),
      slots: this.slots(),
      clusterOk: this.below(2) === 0,
      messageFlags: this.below(4),
    };
  }

  private body(): BusBody {
    const type = MESSAGE_NAMES[this.below(MESSAGE_NAMES.length)];
    switch (type) {
      case 'ping':
      case 'pong':
      case 'meet':
        return {
          type,
          hostname: ['', 'a.example'][this.below(2)],
          gossip: Array.from({ length: this.below(5) }, () => ({
            id: this.id(),
            pingSent: 0,
            pongReceived: this.below(2 ** 32) * 1000,
            ip: this.ip(),
            ...this.ports(),
            flags: this.below(1024),
          })),
        };
      case 'fail':
        return { type, nodeId: this.id() };
      case 'update':
        return { type, nodeId: this.id(), configEpoch: this.epoch(), slots: this.slots() };
      case 'publish':
      case 'publishshard':
        return { type, channel: new Uint8Array(this.below(9)), message: new Uint8Array(this.below(9)) };
      case 'module':
        return { type, moduleId: new Uint8Array(8), moduleType: 0, payload: new Uint8Array(this.below(9)) };
      default:
        return { type };
    }
  }
}

/** Links from addresses of members and others. */
export function strangers(count: number): BusLink[] {
  return Array.from({ length: count }, (_, i) => ({
    remoteAddress: `10.0.0.${i + 1}`,
    localAddress: '10.0.0.2',
    pendingBytes: 0,
    send: () => {},
    close: () => {},
  }));
}

/** What a node knows must fit together. */
export function expectConsistent(node: SimulatedNode): void {
  const { cluster } = node;
  const counts = new Map<string, number>();
  for (let slot = 0; slot < 16384; slot++) {
    const owner = cluster.nodeOfSlot(slot);
    if (owner) {
      counts.set(owner.id, (counts.get(owner.id) ?? 0) + 1);
      if (!hasSlot(owner.slots, slot)) throw new Error(`slot ${slot} is not in its owner's bitmap`);
      if (cluster.node(owner.id) !== owner) throw new Error(`slot ${slot} is owned by a removed node`);
    }
    const open = cluster.migratingTo(slot) || cluster.importingFrom(slot);
    const serves = cluster.isUp && owner === cluster.myself && !open;
    if (cluster.serves[slot] !== (serves ? 1 : 0)) throw new Error(`slot ${slot} is served wrongly`);
  }
  for (const peer of cluster.nodes) {
    const claims: [string, boolean][] = [
      ['owns as many slots as it counts', peer.slotCount === (counts.get(peer.id) ?? 0)],
      ['is the master of its replicas', peer.replicas.every((replica) => replica.master === peer)],
      ["is among its master's replicas", !peer.master || peer.master.replicas.includes(peer)],
      ['is at the other end of its link', !peer.link || peer.link.node === peer],
      ['is at the other end of its inbound link', !peer.inboundLink || peer.inboundLink.node === peer],
    ];
    for (const [claim, holds] of claims) if (!holds) throw new Error(`not true that ${peer.id} ${claim}`);
  }
}
