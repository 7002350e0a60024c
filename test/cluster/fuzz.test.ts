/**
 * Well-formed frames with arbitrary content from strangers, members and impostors: whatever a node is told, it must
 * not throw, and what it then believes must be consistent and loadable.
 */
import { describe, expect, it } from 'vitest';
import { expectConsistent, Liar, strangers } from './liar.js';
import { SimulatedCluster } from './simulated-cluster.js';

const FRAMES = 2000;

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
    const links = strangers(4);
    const events = links.map((link) => victim.cluster.accept(link));
    for (let i = 0; i < FRAMES; i++) {
      const which = liar.below(links.length);
      if (liar.below(3) === 0) events[which] = victim.cluster.accept(links[which]);
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
