/**
 * Shrinking: of all that went wrong in a failing run, what is needed for it to fail? Leaves out ever smaller parts of
 * the faults and operations as long as some violation stays (delta debugging). Because every concern draws from a
 * stream of its own, what is left happens as before.
 */
import type { Outcome } from './disaster.js';
import type { Scenario } from './scenario.js';

export function shrink(
  scenario: Scenario,
  run: (scenario: Scenario) => Outcome,
  tell: (line: string) => void,
): Scenario {
  const fails = (candidate: Scenario) => run(candidate).violations.length > 0;
  let best = scenario;
  for (const list of ['operations', 'faults'] as const) {
    for (
      let part = Math.ceil(best[list].length / 2);
      part >= 1;
      part = part === 1 ? 0 : Math.ceil(part / 2)
    ) {
      for (let start = 0; start < best[list].length; ) {
        const rest = best[list].filter((_, i) => i < start || i >= start + part);
        const candidate = { ...best, [list]: rest };
        if (fails(candidate)) best = candidate;
        else start += part;
        tell(`${best.faults.length} faults, ${best.operations.length} operations`);
      }
    }
  }
  return best;
}
