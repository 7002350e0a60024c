import { expect, it } from 'vitest';
import { type Counters, Rates } from './rates.js';

const counters = (commands: number): Counters => ({
  commands,
  inputBytes: commands * 10,
  outputBytes: 0,
  replicaInputBytes: 0,
  replicaOutputBytes: 0,
});

it('says how fast counters have grown lately, and begins anew when they do', () => {
  const rates = new Rates();
  expect(rates.perSecond('commands')).toBe(0);
  for (let n = 0; n <= 16; n++) rates.sample(n * 100, counters(n * 5));
  expect(rates.perSecond('commands')).toBeCloseTo(50);
  expect(rates.perSecond('inputBytes')).toBeCloseTo(500);
  expect(rates.perSecond('outputBytes')).toBe(0);
  rates.sample(1700, counters(2)); // reset, and two since
  expect(rates.perSecond('commands')).toBeCloseTo((15 * 50 + 20) / 16);
  for (let n = 18; n < 40; n++) rates.sample(n * 100, counters(2));
  expect(rates.perSecond('commands')).toBe(0);
});
