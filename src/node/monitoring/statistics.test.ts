import { describe, expect, it } from 'vitest';
import { connect, LoneNode } from '../../../test/support/lone-node.js';

/** What INFO says of a command: calls, rejected_calls, failed_calls. */
function counts(lone: LoneNode, command: string): number[] {
  const line = new RegExp(`cmdstat_${command}:calls=(\\d+),.*rejected_calls=(\\d+),failed_calls=(\\d+)`);
  return (line.exec(lone.send('INFO', 'commandstats')) ?? []).slice(1).map(Number);
}

function errorReplies(lone: LoneNode): number {
  return Number(/total_error_replies:(\d+)/.exec(lone.send('INFO', 'stats'))?.[1]);
}

describe('statistics of errors', () => {
  it('count a wait that ends with an error once', () => {
    const lone = new LoneNode();
    const waiting = connect(lone);
    lone.send('XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM');
    waiting.send('XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', '0', 'STREAMS', 's', '>');
    lone.send('XGROUP', 'DESTROY', 's', 'g');
    expect(counts(lone, 'xreadgroup')).toEqual([1, 0, 1]);
    expect(lone.send('INFO', 'errorstats')).toContain('errorstat_NOGROUP:count=1\r\n');
    expect(errorReplies(lone)).toBe(1);
    waiting.send('BLPOP', 'k', '0');
    lone.send('CLIENT', 'UNBLOCK', '2', 'ERROR');
    expect(counts(lone, 'blpop')).toEqual([1, 0, 1]);
    expect(errorReplies(lone)).toBe(2);
  });

  it('let a script fail with the error of a command in it, and count the error once', () => {
    const lone = new LoneNode();
    lone.send('SET', 'k', 'v');
    expect(lone.send('EVAL', "return redis.call('LPUSH', 'k', 'x')", '0')).toMatch(/^-WRONGTYPE/);
    expect(counts(lone, 'lpush')).toEqual([1, 0, 1]);
    expect(counts(lone, 'eval')).toEqual([1, 0, 1]);
    expect(errorReplies(lone)).toBe(1);
    lone.send('EVAL', "redis.pcall('LPUSH', 'k', 'x') return 1", '0');
    expect(counts(lone, 'eval')).toEqual([2, 0, 1]);
    expect(errorReplies(lone)).toBe(2);
    lone.send('CONFIG', 'SET', 'maxmemory', '1');
    expect(lone.send('EVAL', "return redis.call('SET', 'k', 'x')", '0')).toMatch(/^-OOM/);
    expect(counts(lone, 'set')).toEqual([1, 1, 0]);
    expect(counts(lone, 'eval')).toEqual([3, 0, 2]);
    expect(errorReplies(lone)).toBe(3);
  });
});
