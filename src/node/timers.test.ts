import { describe, expect, it } from 'vitest';
import { testSeed, withSeed } from '../../test/support/random.js';
import { Timers } from './timers.js';

describe('timers', () => {
  it('run in the order of their times, but for those that are cancelled', () => {
    withSeed(testSeed(1), 'src/node/timers.test.ts', (random) => {
      const wakeUps: number[] = [];
      const timers = new Timers((time) => wakeUps.push(time));
      const ran: number[] = [];
      const expected: number[] = [];
      for (let n = 0; n < 2000; n++) {
        const time = random.below(1000);
        const timer = timers.at(time, () => ran.push(time));
        if (random.below(4) === 0) expected.push(time);
        else timers.cancel(timer);
      }
      for (let now = 0; now <= 1000; now += 50) timers.run(now);
      expect(ran).toEqual(expected.sort((a, b) => a - b));
      expect(wakeUps.length).toBeGreaterThan(0);
    });
  });

  it('can be cancelled when they have run, and set new ones', () => {
    const timers = new Timers(() => {});
    const ran: string[] = [];
    const first = timers.at(1, () => {
      ran.push('first');
      timers.cancel(first);
      timers.at(2, () => ran.push('second'));
    });
    timers.run(5);
    timers.cancel(first);
    expect(ran).toEqual(['first', 'second']);
  });
});
