import { describe, expect, it } from 'vitest';
import { SimulatedCluster } from './simulated-cluster.js';

function sixNodes(seed: number): SimulatedCluster {
  const simulation = new SimulatedCluster(seed);
  for (let i = 0; i < 6; i++) simulation.addNode();
  simulation.form(3);
  return simulation;
}

function failover(seed: number): SimulatedCluster {
  const simulation = sixNodes(seed);
  simulation.isolate(simulation.nodes[0]);
  simulation.runUntil(() => simulation.nodes[3].cluster.myself.isMaster);
  return simulation;
}

describe('six simulated nodes', () => {
  it('form a cluster that serves all slots', () => {
    const { nodes } = sixNodes(1);
    for (const node of nodes) {
      const info = node.cluster.view.info();
      expect(info).toMatchObject({ state: 'ok', slotsOk: 16384, knownNodes: 6, size: 3 });
    }
    expect(nodes[3].cluster.myself.master?.id).toBe(nodes[0].id);
  });

  it('elect the replica of a master that is cut off', () => {
    const simulation = failover(2);
    const [old, , , successor, ...others] = simulation.nodes;
    expect(successor.cluster.myself.slotCount).toBe(5461);
    simulation.runUntil(() => !old.cluster.isUp);
    simulation.heal();
    simulation.runUntil(() => old.cluster.myself.isReplica);
    expect(old.cluster.myself.master?.id).toBe(successor.id);
    simulation.run(5000);
    for (const node of [old, successor, ...others]) {
      expect(node.cluster.nodeOfSlot(0)?.id).toBe(successor.id);
      expect(node.cluster.isUp).toBe(true);
    }
  });

  it('give the same transcript for the same seed, and another one for another', () => {
    const hash = failover(3).transcriptHash;
    expect(failover(3).transcriptHash).toBe(hash);
    expect(failover(4).transcriptHash).not.toBe(hash);
  });
});
