import { describe, expect, it } from 'vitest';
import { TestRandom } from '../../../test/support/random.js';
import { Histogram } from './histogram.js';

describe('Histogram', () => {
  it('knows small values exactly', () => {
    const histogram = new Histogram();
    for (let value = 1; value <= 100; value++) histogram.record(value);
    expect([0, 1, 50, 99, 100].map((p) => histogram.percentile(p))).toEqual([1, 1, 50, 99, 100]);
  });

  it('knows every value to within 1%', () => {
    const random = new TestRandom(7);
    for (let i = 0; i < 2000; i++) {
      const value = Math.floor(2 ** ((random.uint32() / 2 ** 32) * 29.8)) + 1;
      const histogram = new Histogram();
      histogram.record(value);
      const found = histogram.percentile(50);
      expect(found).toBeGreaterThanOrEqual(value);
      expect(found).toBeLessThanOrEqual(value * 1.01);
    }
  });

  it('counts what is beyond a second as a second', () => {
    const histogram = new Histogram();
    histogram.record(1e12);
    expect(histogram.percentile(100)).toBeGreaterThanOrEqual(1e9);
    expect(histogram.percentile(100)).toBeLessThan(1.01e9);
  });

  it("prints the boundaries of redis-server's LATENCY HISTOGRAM", () => {
    const histogram = new Histogram();
    for (const microseconds of [1, 2, 3, 30, 500]) histogram.record(microseconds * 1000);
    expect(histogram.cumulative()).toEqual([
      [1, 1],
      [2, 2],
      [4, 3],
      [33, 4],
      [528, 5],
    ]);
  });

  it('has nothing to say when nothing was recorded', () => {
    expect(new Histogram().cumulative()).toEqual([]);
    expect(new Histogram().percentile(50)).toBe(0);
  });
});
