/**
 * Well-formed frames with arbitrary content from strangers, members and impostors: whatever a node is told, it must
 * not throw, and what it then believes must be consistent and loadable.
 */
import { describe, expect, it } from 'vitest';
import type { BusLink } from '../../src/cluster/environment.js';
import { hasSlot } from '../../src/cluster/slot-bitmap.js';
import { type BusBody, type BusHeader, encodeFrame, MESSAGE_NAMES } from '../../src/protocol/bus-frame.js';
import { SimulatedCluster, type SimulatedNode, seededRandom } from './simulated-cluster.js';

const FRAMES = 2000;

class Liar {
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

function expectConsistent(node: SimulatedNode): void {
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
    expect(peer.slotCount).toBe(counts.get(peer.id) ?? 0);
    for (const replica of peer.replicas) expect(replica.master).toBe(peer);
    if (peer.master) expect(peer.master.replicas).toContain(peer);
    expect([peer.link?.node ?? peer, peer.inboundLink?.node ?? peer]).toEqual([peer, peer]);
  }
}

describe('a node that is told anything', () => {
  it.each([1, 2, 3, 4])('keeps its senses: seed %i', (seed) => {
    const simulation = new SimulatedCluster(seed);
    for (let i = 0; i < 5; i++) simulation.addNode();
    simulation.form(3);
    const victim = simulation.nodes[seed % 5];
    const liar = new Liar(
      seed,
      simulation.nodes.map((node) => node.id),
    );
    const links: BusLink[] = Array.from({ length: 4 }, (_, i) => ({
      remoteAddress: `10.0.0.${i + 1}`,
      localAddress: '10.0.0.2',
      pendingBytes: 0,
      send: () => {},
      close: () => {},
    }));
    const events = links.map((link) => victim.cluster.accept(link));
    for (let i = 0; i < FRAMES; i++) {
      const which = liar.below(links.length);
      if (liar.below(20) === 0) events[which] = victim.cluster.accept(links[which]);
      const bytes = liar.frame();
      victim.do(() => events[which].received(bytes, 0, bytes.length));
      if (liar.below(10) === 0) simulation.run(liar.below(500));
      if (i % 300 === 0) expectConsistent(victim);
    }
    expectConsistent(victim);
    // The lies went in: they changed roles and slots many times.
    expect(victim.events.filter(({ type }) => type === 'role-changed').length).toBeGreaterThan(20);
    expect(victim.events.filter(({ type }) => type === 'slots-changed').length).toBeGreaterThan(20);
    victim.cluster.view.nodes();
    victim.cluster.view.slots();
    victim.cluster.view.shards();
    victim.cluster.saveConfig();
    victim.stop();
    victim.restart();
    expectConsistent(victim);
  });
});
