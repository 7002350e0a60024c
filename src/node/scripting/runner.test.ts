import { describe, expect, it } from 'vitest';
import { connect, LoneNode } from '../../../test/support/lone-node.js';
import { MemoryDisk } from '../../../test/support/memory-disk.js';
import { encodeRequest } from '../../protocol/request-parser.js';

const PUSHES_TWICE = `
  redis.call('lpush', KEYS[1], 'first')
  redis.call('debug', 'sleep', '0.1')
  for i = 1, 1000000 do end
  redis.call('lpush', KEYS[1], 'second')
  return 'done'`;

describe('a script in the debugger', () => {
  const SCRIPT = "local key = KEYS[1]\nredis.call('set', key, 1)\nreturn 'done'";

  function standing() {
    const lone = new LoneNode();
    const user = connect(lone);
    user.send('SCRIPT', 'DEBUG', 'SYNC');
    expect(user.send('EVAL', SCRIPT, '1', 'k')).toContain('* Stopped at 1, stop reason = step over');
    expect(lone.send('GET', 'k')).toMatch(/^-BUSY /);
    return { lone, user };
  }

  it('runs to its end when its user has gone', () => {
    const { lone, user } = standing();
    user.disconnect();
    lone.advance(10);
    expect(lone.send('GET', 'k')).toBe('$1\r\n1\r\n');
  });

  it('can be killed by others', () => {
    const { lone, user } = standing();
    expect(lone.send('SCRIPT', 'KILL')).toBe('+OK\r\n');
    lone.advance(10);
    expect(user.output).toContain('<endsession>');
    expect(user.output).toContain('-ERR Script killed by user with SCRIPT KILL');
    expect(user.closed).toBe(true);
    expect(lone.send('EXISTS', 'k')).toBe(':0\r\n');
  });

  it('stops when it seems never to end', () => {
    const lone = new LoneNode({ 'busy-reply-threshold': '100' });
    lone.send('DEBUG', 'SET-DISABLE-DENY-SCRIPTS', '1');
    const user = connect(lone);
    user.send('SCRIPT', 'DEBUG', 'SYNC');
    user.send('EVAL', "while true do redis.call('debug', 'sleep', '0.01') end", '0');
    expect(user.send('continue')).toContain('stop reason = timeout reached, infinite loop?');
    expect(user.send('abort')).toContain('script aborted for user request');
    expect(lone.send('PING')).toBe('+PONG\r\n');
  });
});

it('a script that is interrupted is over before anybody is served what it pushes', () => {
  const lone = new LoneNode({ 'busy-reply-threshold': '10' });
  lone.send('DEBUG', 'SET-DISABLE-DENY-SCRIPTS', '1');
  const waiter = connect(lone);
  waiter.send('BLPOP', 'k', '0');
  const caller = connect(lone);
  expect(caller.send('EVAL', PUSHES_TWICE, '1', 'k')).toBe('');
  expect(lone.send('GET', 'other')).toMatch(/^-BUSY /);
  expect(lone.send('HELLO', '2')).toContain('server');
  expect(waiter.output).toBe('');
  lone.advance(100);
  expect(caller.output).toBe('$4\r\ndone\r\n');
  expect(waiter.output).toBe('*2\r\n$1\r\nk\r\n$6\r\nsecond\r\n');
});

it('scripts of an append-only file write while the data is being loaded, on a replica and beyond maxmemory', () => {
  const disk = new MemoryDisk();
  const script = (code: string) => encodeRequest(['EVAL', code, '1', 'k']);
  const log = [script("redis.call('set', KEYS[1], 100)"), script("#!lua\nredis.call('incr', KEYS[1])")];
  disk.replace('appendonly.aof', Buffer.concat(log));
  const directives = { appendonly: 'yes', replicaof: '127.0.0.1 7000', maxmemory: '1' };
  const lone = new LoneNode(directives, { disk });
  expect([lone.loaded, lone.send('GET', 'k')]).toEqual([true, '$3\r\n101\r\n']);
});
