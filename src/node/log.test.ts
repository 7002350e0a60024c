import { describe, expect, it } from 'vitest';
import { Config } from './config/index.js';
import type { LogLevel } from './host.js';
import { createLog, logTime } from './log.js';

describe('logTime', () => {
  it('agrees with Date from 1970 to 2110', () => {
    for (let day = 0; day < 51_200; day += 13) {
      const time = day * 86_400_000 + 45_296_789;
      const [, date] = new Date(time).toUTCString().match(/^\w+, (\d\d \w+ \d+)/)!;
      expect(logTime(time)).toBe(`${date} 12:34:56.789`);
    }
  });

  it('knows leap days', () => {
    expect(logTime(Date.UTC(2024, 1, 29))).toBe('29 Feb 2024 00:00:00.000');
    expect(logTime(Date.UTC(2100, 2, 1) - 1)).toBe('28 Feb 2100 23:59:59.999');
  });
});

describe('createLog', () => {
  const levels = ['debug', 'verbose', 'notice', 'warning'] as const;

  function linesAt(level: LogLevel): string[] {
    const lines: string[] = [];
    const config = new Config();
    config.set([['loglevel', level]]);
    const host = {
      log: (line: string) => void lines.push(line),
      localClock: () => Date.UTC(2026, 0, 1, 12, 0, 0, 123),
      processId: 4711,
    };
    const log = createLog(host, config, () => 'M');
    for (const each of levels) log(each, `at ${each}`);
    return lines;
  }

  it('writes lines as redis-server does', () => {
    expect(linesAt('debug')).toEqual([
      '4711:M 01 Jan 2026 12:00:00.123 . at debug',
      '4711:M 01 Jan 2026 12:00:00.123 - at verbose',
      '4711:M 01 Jan 2026 12:00:00.123 * at notice',
      '4711:M 01 Jan 2026 12:00:00.123 # at warning',
    ]);
  });

  it('drops what is below its level', () => {
    expect(levels.map((level) => linesAt(level).length)).toEqual([4, 3, 2, 1]);
  });
});
