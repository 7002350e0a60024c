/**
 * npm run faults: a million increments of a thousand counters in every scenario, on redis-server and on Hexis, or on the
 * engines and in the scenarios whose names begin with a word that is given.
 *
 *     npm run faults
 *     npm run faults -- redis-server kill manual
 */
import { freePorts } from '../support/ports.js';
import { type Outcome, play, scenarios } from './fault-scenarios.js';
import { type Engine, RedisCluster } from './redis-cluster.js';

const ENGINES: readonly Engine[] = ['redis-server', 'hexis'];
const LOAD = {
  total: Number(process.env.INCREMENTS ?? 1_000_000),
  counters: 1000,
  workers: 150,
  rate: 20_000, // a fraction of what the machine can do: whoever is slowed down then is held up, not crowded out
};
const LEAST_RATE = 0.8;
const MOST_HEAP = 8 * 1024 * 1024;

const words = process.argv.slice(2);
const chosen = <Item>(items: readonly Item[], name: (item: Item) => string): readonly Item[] => {
  const named = items.filter((item) => words.some((word) => name(item).startsWith(word)));
  return named.length > 0 ? named : items;
};

/** What is wrong with an outcome. */
function complaints(outcome: Outcome, mayLose = false): string[] {
  const found: string[] = [];
  if (outcome.twice > 0) found.push(`${outcome.twice} increments ran twice`);
  if (outcome.lost > 0 && !mayLose) found.push(`${outcome.lost} acknowledged increments are lost`);
  if (outcome.surprises.length > 0) found.push(`unexpected: ${outcome.surprises[0]}`);
  if (outcome.longest > outcome.limit + 500) found.push(`a command took ${Math.round(outcome.longest)} ms`);
  if (outcome.others !== undefined && outcome.others < LEAST_RATE) found.push('other shards were slower');
  if (outcome.heapGrowth > MOST_HEAP) found.push(`${outcome.heapGrowth} bytes of heap were kept`);
  return found;
}

let failures = 0;
for (const engine of chosen(ENGINES, (name) => name)) {
  for (const scenario of chosen(scenarios, ({ name }) => name)) {
    const first = await freePorts(20);
    const cluster = await RedisCluster.start(first, 3, engine);
    try {
      const outcome = await play(scenario, { cluster, sparePort: first + 10 }, LOAD);
      const wrong = complaints(outcome, scenario.mayLose);
      failures += wrong.length;
      const { sent, acknowledged, unknown, refused, lost, longest, others, heapGrowth, seconds } = outcome;
      console.log(
        `${engine}, ${scenario.name}: ${wrong.length === 0 ? 'good' : `WRONG: ${wrong.join('; ')}`}`,
      );
      console.log(
        `  ${acknowledged} acknowledged of ${sent} sent in ${seconds.toFixed(1)} s, ${unknown} unknown, ${refused} refused, ` +
          `${lost} lost by asynchronous replication, the longest took ${Math.round(longest)} ms, ` +
          `other shards ${others === undefined ? '-' : `${Math.round(others * 100)} %`}, ` +
          `heap ${(heapGrowth / 1024 / 1024).toFixed(1)} MB more`,
      );
    } finally {
      await cluster.stop();
    }
  }
}
process.exit(failures === 0 ? 0 : 1);
