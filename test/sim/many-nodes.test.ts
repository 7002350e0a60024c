/** R2, R3, R16: disasters of 20 nodes, one of 100, and that a seed gives the same run. */
import { describe, expect, it } from 'vitest';
import { runDisaster } from './disaster.js';
import { expectNoViolations } from './disasters.js';
import type { Scenario } from './scenario.js';
import { drawScenario } from './scenario.js';
import { shrink } from './shrink.js';

const SEEDS = 20;
const PART = 5;

describe('twenty nodes', () => {
  it.each(Array.from({ length: SEEDS / PART }, (_, i) => 1 + i * PART))(
    `survive ${PART} disasters from seed %i on`,
    (first) => expectNoViolations(20, first, PART),
    120_000,
  );
});

describe('a hundred nodes', () => {
  it('survive a disaster', () => expectNoViolations(100, 1, 1), 400_000);
});

describe('a disaster', () => {
  it('is the same for the same seed, and another for another', () => {
    const hash = (seed: number) => runDisaster(drawScenario(seed, 6)).hash;
    expect(hash(3)).toBe(hash(3));
    expect(hash(3)).not.toBe(hash(4));
  }, 60_000);

  it('shrinks to what it needs to fail', () => {
    const scenario = drawScenario(7, 6);
    const [culprit] = scenario.faults;
    const run = ({ faults }: Scenario) => {
      const violations = faults.includes(culprit) ? [{ rule: 'R0', text: 'made up' }] : [];
      return { ...EMPTY, violations };
    };
    const small = shrink(scenario, run, () => {});
    expect(small.faults).toEqual([culprit]);
    expect(small.operations).toEqual([]);
  });
});

const EMPTY = {
  violations: [],
  hash: '',
  virtualMilliseconds: 0,
  healing: 0,
  writes: 0,
  losses: new Map<string, number>(),
  promotions: 0,
};
