import { expect, it } from 'vitest';
import { connect, LoneNode } from '../../../test/support/lone-node.js';

const PUSHES_TWICE = `
  redis.call('lpush', KEYS[1], 'first')
  redis.call('debug', 'sleep', '0.1')
  for i = 1, 1000000 do end
  redis.call('lpush', KEYS[1], 'second')
  return 'done'`;

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
