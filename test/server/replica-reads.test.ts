/** What a replica of a cluster serves to clients that have sent READONLY, and what it sends to its master. */
import { expect, it } from 'vitest';
import { createVirtualCluster } from '../../src/local/testing.js';

it('a script that says that it writes is sent to the master, as commands that write are', async () => {
  const cluster = await createVirtualCluster();
  const [master, , , replica] = cluster.nodes;
  cluster.call(master, 'SET', 'hoge', 'fuga');
  cluster.advance(100);
  const reader = cluster.connect(replica);
  const ask = (...words: (string | number)[]) => reader.call(words, 1000);
  ask('READONLY');
  const script = (flags: string, name: string) => `#!lua ${flags}\nreturn redis.call('${name}', KEYS[1])`;
  expect(ask('EVAL', script('flags=no-writes', 'GET'), 1, 'hoge')).toBe('fuga');
  expect(() => ask('EVAL', script('', 'DEL'), 1, 'hoge')).toThrow(/^MOVED/);
  expect(() => ask('DEL', 'hoge')).toThrow(/^MOVED/);
  ask('MULTI');
  ask('EVAL', script('flags=no-writes', 'GET'), 1, 'hoge');
  expect(ask('EXEC')).toEqual(['fuga']);
});
