/** Runs disasters of a size for a row of seeds; a violation fails with the command that runs the seed again. */
import { runDisaster } from './disaster.js';
import { drawScenario } from './scenario.js';

export function expectNoViolations(nodes: number, first: number, seeds: number): void {
  for (let seed = first; seed < first + seeds; seed++) {
    const { violations } = runDisaster(drawScenario(seed, nodes));
    if (violations.length === 0) continue;
    const told = violations.slice(0, 5).map(({ rule, text }) => `${rule}: ${text}`);
    throw new Error(
      `seed ${seed} of ${nodes} nodes; again: npm run sim -- --seed ${seed} --nodes ${nodes}\n${told.join('\n')}`,
    );
  }
}
