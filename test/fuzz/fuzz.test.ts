/** Each fuzzer for a moment; `npm run fuzz` runs them for long. */
import { describe, expect, it } from 'vitest';
import { testSeed } from '../support/random.js';
import { FUZZERS } from './fuzzers.js';
import { runRound } from './round.js';

const SEED = testSeed(1);

describe('a node that is sent anything', () => {
  it.each(Object.entries(FUZZERS))('survives %s', (name, round) => {
    expect(runRound(name, SEED, round)).toBeGreaterThan(0);
  });
});
