import { describe, expect, it } from 'vitest';
import { Log, type LogLevel, logTime } from './log.js';

describe('logTime', () => {
  it('agrees with Date on every day from 1970 to 2110', () => {
    for (let day = 0; day < 51_200; day++) {
      const time = day * 86_400_000 + 45_296_789;
      const [, name, date, year] = new Date(time).toUTCString().match(/^(\w+), (\d\d \w+) (\d+)/)!;
      expect(name).toBeTruthy();
      expect(logTime(time)).toBe(`${date} ${year} 12:34:56.789`);
    }
  });
});

describe('Log', () => {
  function linesAt(level: LogLevel): string[] {
    const lines: string[] = [];
    const log = new Log({
      write: (line) => lines.push(line),
      localClock: () => Date.UTC(2026, 0, 1, 12, 0, 0, 123),
      processId: 4711,
      level: () => level,
    });
    log.role = 'M';
    log.debug('a');
    log.verbose('b');
    log.notice('c');
    log.warning('d');
    log.raw('art');
    return lines;
  }

  it('writes lines as redis-server does', () => {
    expect(linesAt('debug')).toEqual([
      '4711:M 01 Jan 2026 12:00:00.123 . a',
      '4711:M 01 Jan 2026 12:00:00.123 - b',
      '4711:M 01 Jan 2026 12:00:00.123 * c',
      '4711:M 01 Jan 2026 12:00:00.123 # d',
      'art',
    ]);
  });

  it('drops what is below its level', () => {
    expect(linesAt('notice')).toHaveLength(3);
    expect(linesAt('warning')).toEqual(['4711:M 01 Jan 2026 12:00:00.123 # d']);
  });
});
