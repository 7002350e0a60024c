/**
 * Frames of the cluster bus, true and false, damaged and in pieces: a node must close the link or take them, and what it
 * then believes must fit together.
 */
import { latin1 } from '../../src/protocol/bytes.js';
import { expectConsistent, Liar, strangers } from '../cluster/liar.js';
import { SimulatedCluster } from '../cluster/simulated-cluster.js';
import type { TestRandom } from '../support/random.js';
import { mutate } from './mutate.js';

const FRAMES = 1000;
const LINKS = 4;
const MOST_NODES = 2000;

export function frameRound(random: TestRandom): number {
  const simulation = new SimulatedCluster(random.seed);
  for (let i = 0; i < 5; i++) simulation.addNode();
  simulation.form(3);
  const victim = random.pick(simulation.nodes);
  const ids = simulation.nodes.map(({ id }) => id);
  const liar = new Liar(random.uint32(), ids);
  const links = strangers(LINKS);
  const events = links.map((link) => victim.cluster.accept(link));
  for (let n = 0; n < FRAMES; n++) {
    const which = random.below(LINKS);
    if (random.below(10) === 0) events[which] = victim.cluster.accept(links[which]);
    const frame = liar.frame();
    const whole = latin1(frame, 0, frame.length);
    const bytes = Buffer.from(random.below(4) === 0 ? whole : mutate(random, whole), 'latin1');
    const cut = random.below(bytes.length + 1);
    try {
      victim.do(() => events[which].received(bytes, 0, cut));
      victim.do(() => events[which].received(bytes, cut, bytes.length));
      if (random.below(20) === 0) simulation.run(random.below(500));
    } catch (error) {
      throw new Error(`frame ${n}: ${bytes.toString('base64')}`, { cause: error });
    }
  }
  expectConsistent(victim);
  const known = [...victim.cluster.nodes].length;
  if (known > MOST_NODES) throw new Error(`knows ${known} nodes`);
  victim.stop();
  victim.restart();
  expectConsistent(victim);
  return FRAMES;
}
