import { RandomStream } from '../../src/local/world/random.js';

/** Deterministic random numbers for tests: the same seed gives the same run. */
export class TestRandom {
  /** Unsigned 32-bit. */
  readonly uint32: () => number;

  constructor(readonly seed: number) {
    this.uint32 = new RandomStream(seed, 'test').uint32;
  }

  /** An integer in [0, limit). */
  below(limit: number): number {
    return this.uint32() % limit;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  text(maxLength: number, alphabet = 'abcdefghij'): string {
    let text = '';
    for (let n = this.below(maxLength + 1); n > 0; n--) text += alphabet[this.below(alphabet.length)];
    return text;
  }
}

/** The seed of this run: HEXIS_SEED, or a fixed one, so that plain runs repeat. */
export function testSeed(fallback: number): number {
  return Number(process.env.HEXIS_SEED ?? fallback);
}

/** Runs a random test; when it fails, the message says how to run this very case again. */
export function withSeed(seed: number, file: string, run: (random: TestRandom) => void): void {
  try {
    run(new TestRandom(seed));
  } catch (error) {
    throw new Error(`seed ${seed} failed; again: HEXIS_SEED=${seed} npx vitest run ${file}`, {
      cause: error,
    });
  }
}
