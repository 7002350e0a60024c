import { describe, expect, it } from 'vitest';
import { testSeed, withSeed } from '../../test/support/random.js';
import { Backlog } from './backlog.js';
import { NO_ID, ReplicationHistory } from './history.js';

describe('the backlog', () => {
  it('gives back the stream from any place it still has, and keeps what is needed', () => {
    withSeed(testSeed(31), 'src/replication/backlog.test.ts', (random) => {
      const backlog = new Backlog(1000, 200_000);
      let stream = Buffer.alloc(1000);
      for (let step = 0; step < 400; step++) {
        const part = Buffer.from(random.text(random.below(10) === 0 ? 60_000 : 300));
        backlog.append(part, 0, part.length);
        stream = Buffer.concat([stream, part]);
        const needed = backlog.end - random.below(300_000);
        const before = backlog.start;
        backlog.trim(needed);
        expect(backlog.end).toBe(stream.length);
        expect(backlog.start).toBeLessThanOrEqual(Math.max(before, needed));
        if (needed >= backlog.end - 200_000) {
          expect(backlog.length).toBeLessThan(200_000 + 16 * 1024 + part.length);
        }
        let place = backlog.start + random.below(backlog.length + 1);
        const expected = stream.subarray(place);
        const parts: Buffer[] = [];
        while (place < backlog.end) {
          place = backlog.read(place, (bytes, start, end) =>
            parts.push(Buffer.from(bytes.subarray(start, end))),
          );
        }
        expect(Buffer.concat(parts).equals(expected)).toBe(true);
      }
      expect(backlog.start).toBeGreaterThan(1000);
    });
  });
});

describe('a history', () => {
  it('branches at a promotion and remembers up to where it shares its past', () => {
    let n = 0;
    const history = new ReplicationHistory(() => n++);
    expect(history.id).toBe('0000000000000001000000020000000300000004');
    history.offset = 99;
    const { id } = history;
    history.branch();
    expect([history.secondId, history.secondOffset, history.offset]).toEqual([id, 100, 99]);
    expect(history.id).not.toBe(id);
    history.adopt('a'.repeat(40), 7);
    expect([history.id, history.offset, history.secondId]).toEqual(['a'.repeat(40), 7, NO_ID]);
  });
});
