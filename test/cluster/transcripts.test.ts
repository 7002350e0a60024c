/**
 * The important conversations of the protocol, word for word. A transcript that changes shows in review what the
 * change means on the wire; `vitest -u` accepts it.
 */
import { describe, expect, it } from 'vitest';
import type { ClusterEvent } from '../../src/cluster/environment.js';
import { slotRanges } from '../../src/cluster/slot-bitmap.js';
import { decodeFrame, MalformedFrame, MessageFlag } from '../../src/protocol/bus-frame.js';
import { BusFrameSplitter } from '../../src/protocol/bus-splitter.js';
import type { Bytes } from '../../src/protocol/bytes.js';
import { SimulatedCluster, type SimulatedNode } from './simulated-cluster.js';

const NAMES = 'ABCDEFG';
const HEARTBEATS = ['ping', 'pong'];

class Transcript {
  private readonly lines: string[] = [];
  private readonly simulation: SimulatedCluster;
  private readonly start: number;
  private readonly heartbeats: boolean;

  /** Records from now on; heartbeats only when asked for, for they are many. */
  constructor(simulation: SimulatedCluster, heartbeats = false) {
    this.simulation = simulation;
    this.start = simulation.now;
    this.heartbeats = heartbeats;
    simulation.onSend = (from, to, bytes) => this.record(from, to, bytes);
    simulation.onEvent = (node, event) => this.line(`${NAMES[node.index]}         ${this.describe(event)}`);
  }

  get text(): string {
    return `${this.lines.join('\n')}\n`;
  }

  private record(from: SimulatedNode, to: SimulatedNode, bytes: Bytes): void {
    new BusFrameSplitter().push(bytes, 0, bytes.length, (raw) => {
      const frame = decodeFrame(raw);
      if (frame instanceof MalformedFrame) throw new Error(frame.reason);
      const { header, body } = frame;
      if (!this.heartbeats && HEARTBEATS.includes(body.type)) return true;
      const words = [body.type, `epoch ${header.currentEpoch}`];
      if (header.masterId === '') words.push(`config ${header.configEpoch}`);
      const ranges = slotRanges(header.slots).map(({ first, last }) => `${first}-${last}`);
      if (ranges.length > 0) words.push(`slots ${ranges.join(' ')}`);
      if (header.masterId !== '') words.push(`replica of ${this.name(header.masterId)}`);
      if (header.messageFlags & MessageFlag.PAUSED) words.push(`paused at ${header.offset}`);
      if (header.messageFlags & MessageFlag.FORCE_ACK) words.push('forced');
      if ('nodeId' in body) words.push(`about ${this.name(body.nodeId)}`);
      if ('gossip' in body && body.gossip.length > 0)
        words.push(
          `gossip ${body.gossip
            .map(({ id }) => this.name(id))
            .sort()
            .join(' ')}`,
        );
      this.line(`${NAMES[from.index]} -> ${NAMES[to.index]}  ${words.join(', ')}`);
      return true;
    });
  }

  private describe({ type, ...facts }: ClusterEvent): string {
    const told = Object.entries(facts).filter(([, value]) => value !== '');
    const words = told.map(([name, value]) => {
      if (name === 'at') return `in ${Number(value) - this.simulation.now} ms`;
      return `${name} ${/^[0-9a-f]{40}$/.test(`${value}`) ? this.name(`${value}`) : value}`;
    });
    return `(${[type, ...words].join(', ')})`;
  }

  private name(id: string): string {
    const node = this.simulation.nodes.find((other) => other.id === id);
    return node ? NAMES[node.index] : '?';
  }

  private line(text: string): void {
    this.lines.push(`${`${this.simulation.now - this.start}`.padStart(6)}  ${text}`);
  }
}

function threeAndOne(): SimulatedCluster {
  const simulation = new SimulatedCluster(1);
  for (let i = 0; i < 4; i++) simulation.addNode();
  simulation.form(3);
  for (const node of simulation.nodes.slice(0, 3)) node.offset = 100;
  simulation.run(3000);
  return simulation;
}

async function expectTranscript(name: string, transcript: Transcript): Promise<void> {
  await expect(transcript.text).toMatchFileSnapshot(`transcripts/${name}.txt`);
}

describe('the conversation', () => {
  it('of two nodes that meet', async () => {
    const simulation = new SimulatedCluster(1);
    const [a, b] = [simulation.addNode(), simulation.addNode()];
    const transcript = new Transcript(simulation, true);
    a.meet(b);
    simulation.run(300);
    await expectTranscript('meet', transcript);
  });

  it('of a failover', async () => {
    const simulation = threeAndOne();
    const transcript = new Transcript(simulation);
    simulation.nodes[0].stop();
    simulation.runUntil(
      () => simulation.nodes[1].cluster.isUp && simulation.nodes[3].cluster.myself.isMaster,
    );
    simulation.run(500);
    await expectTranscript('failover', transcript);
  });

  it('of a manual failover', async () => {
    const simulation = threeAndOne();
    const transcript = new Transcript(simulation, true);
    simulation.nodes[3].do((cluster) => cluster.administration.failover('normal'));
    simulation.run(60);
    await expectTranscript('manual-failover', transcript);
  });

  it('with a master that returns too late', async () => {
    const simulation = threeAndOne();
    const [old, , , successor] = simulation.nodes;
    simulation.isolate(old);
    simulation.runUntil(() => successor.cluster.myself.isMaster);
    simulation.run(5000);
    const transcript = new Transcript(simulation);
    simulation.heal();
    simulation.cut(old, successor);
    simulation.runUntil(() => old.cluster.myself.isReplica);
    await expectTranscript('late-return', transcript);
  });

  it('of a slot that moves', async () => {
    const simulation = threeAndOne();
    const [source, target] = simulation.nodes;
    const transcript = new Transcript(simulation, true);
    const slot = 100;
    target.do((cluster) => cluster.administration.setSlotImporting(slot, source.id));
    source.do((cluster) => cluster.administration.setSlotMigrating(slot, target.id));
    target.do((cluster) => cluster.administration.setSlotNode(slot, target.id));
    source.do((cluster) => cluster.administration.setSlotNode(slot, target.id));
    simulation.run(20);
    await expectTranscript('slot-move', transcript);
  });

  it('of two masters with one config epoch', async () => {
    const simulation = threeAndOne();
    const [a, b] = simulation.nodes;
    simulation.cut(a, b);
    // Both take the next epoch, each without the other: resharding does it without asking anybody.
    for (const node of [a, b]) node.do((cluster) => cluster.administration.bumpEpoch());
    expect(a.cluster.myself.configEpoch).toBe(b.cluster.myself.configEpoch);
    const transcript = new Transcript(simulation, true);
    simulation.heal();
    simulation.runUntil(() => a.sees(b)!.configEpoch === 5 && b.sees(a)!.configEpoch === 4);
    await expectTranscript('epoch-collision', transcript);
  });
});
