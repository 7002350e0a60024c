/** How fuzzers run: in rounds, each with a seed of its own, so that a failure needs only its round to be seen again. */
import { TestRandom } from '../support/random.js';

/** Tries inputs drawn from `random` on something new; answers how many. Throws when something is wrong. */
export type Round = (random: TestRandom) => number;

/** Runs a round; a failure says how to see it again. */
export function runRound(name: string, seed: number, round: Round): number {
  try {
    return round(new TestRandom(seed));
  } catch (error) {
    throw new Error(`seed ${seed} failed; again: npm run fuzz -- ${name} --seed ${seed} --rounds 1`, {
      cause: error,
    });
  }
}
