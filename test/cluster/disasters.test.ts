/**
 * Many seeds of random partitions, kills and restarts, then peace: the cluster must come together again, and on the
 * way nobody may have broken the rules of elections.
 */
import { describe, expect, it } from 'vitest';
import { SimulatedCluster, type SimulatedNode } from './simulated-cluster.js';

const SEEDS = 12;

/** What no run may ever show, looked at after every step. */
class Watch {
  private readonly epochs = new Map<SimulatedNode, number>();
  private readonly simulation: SimulatedCluster;

  constructor(simulation: SimulatedCluster) {
    this.simulation = simulation;
  }

  epochsNeverGoBack(): void {
    for (const node of this.simulation.nodes) {
      const before = this.epochs.get(node) ?? 0;
      expect(node.cluster.currentEpoch).toBeGreaterThanOrEqual(before);
      this.epochs.set(node, node.cluster.currentEpoch);
    }
  }

  oneVotePerEpoch(): void {
    for (const node of this.simulation.nodes) {
      const epochs = node.events.flatMap((event) => (event.type === 'vote-granted' ? [event.epoch] : []));
      expect(new Set(epochs).size).toBe(epochs.length);
    }
  }

  oneWinnerPerEpoch(): void {
    const epochs = this.simulation.nodes.flatMap((node) =>
      node.events.flatMap((event) => (event.type === 'election-won' ? [event.epoch] : [])),
    );
    expect(new Set(epochs).size).toBe(epochs.length);
  }
}

function disturb(simulation: SimulatedCluster): void {
  const { nodes, random } = simulation;
  const node = nodes[random() % nodes.length];
  switch (random() % 8) {
    case 0:
      simulation.isolate(node);
      break;
    case 1:
      simulation.cut(node, nodes[random() % nodes.length]);
      break;
    case 2:
      if (node.running) node.stop();
      break;
    case 3:
      if (!node.running) node.restart();
      break;
    case 4:
      simulation.heal();
      break;
    case 5:
      node.pause();
      break;
    case 6:
      node.resume();
      break;
    case 7:
      if (node.running && node.cluster.myself.isReplica && random() % 3 === 0) {
        const mode = (['force', 'takeover'] as const)[random() % 2];
        node.do((cluster) => cluster.administration.failover(mode));
      }
  }
}

/** All see the same masters with the same slots, and serve them. */
function agreed(simulation: SimulatedCluster): boolean {
  const views = simulation.nodes.map((node) => {
    const masters = [...node.cluster.nodes].filter((peer) => peer.slotCount > 0);
    return masters
      .map(({ id, slots, isFailed }) => `${id} ${isFailed} ${Buffer.from(slots).toString('base64')}`)
      .sort();
  });
  return (
    simulation.nodes.every((node) => node.cluster.isUp) &&
    views.every((view) => view.join() === views[0].join()) &&
    simulation.nodes.every(({ cluster: { myself } }) => myself.isMaster || myself.master?.isMaster === true)
  );
}

describe('random disasters', () => {
  it.each(Array.from({ length: SEEDS }, (_, i) => i + 1))('end well: seed %i', (seed) => {
    const simulation = new SimulatedCluster(seed);
    const size = 6 + (seed % 3);
    for (let i = 0; i < size; i++) simulation.addNode({ nodeTimeout: 2000, replicaValidityFactor: 0 });
    simulation.form(3);
    const watch = new Watch(simulation);
    for (let step = 0; step < 30; step++) {
      disturb(simulation);
      simulation.run(500 + (simulation.random() % 3000));
      watch.epochsNeverGoBack();
      watch.oneVotePerEpoch();
    }
    simulation.heal();
    for (const node of simulation.nodes) {
      node.resume();
      if (!node.running) node.restart();
    }
    simulation.runUntil(() => agreed(simulation), 120_000);
    watch.oneVotePerEpoch();
    watch.oneWinnerPerEpoch();
  });
});
