/**
 * Clients that wait for keys beside clients that fill them, and clients that are told what others do: everybody gets
 * what redis-server gives, in the same order, and replicas hear the same.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../../src/io/index.js';
import { commandStream } from '../support/command-stream.js';
import { converse } from '../support/conversation.js';
import { hasRedisServer } from '../support/plain-redis.js';
import { RedisServer } from '../support/redis-server.js';
import { PERMISSIONS } from './conversations-acl.js';
import { MESSAGES } from './conversations-messages.js';
import { STREAMS } from './conversations-streams.js';

const SCRIPTS = {
  'the first to come is served first': `
    a> BLPOP k 0
    b> BRPOP k 0
    c> BLPOP k 0
    d: RPUSH k 1 2
    d: LLEN k
    d: LPUSH k 3 4
    d: LRANGE k 0 -1`,
  'one that waits for several keys is served once': `
    a> BLPOP one two 0
    b> BLPOP two one 0
    c: LPUSH two x
    c: LPUSH one y
    c: LPUSH two z
    c: LLEN two`,
  'the same key twice': `
    a> BLPOP k l l k 0
    b: LPUSH l x
    a> BLPOP k l l k 0
    b: LPUSH k y`,
  'a transaction is over before anybody is served': `
    a> BLPOP k 0
    b: MULTI
    b: LPUSH k 1
    b: LPUSH k 2
    b: LPUSH k 3
    b: EXEC
    b: LRANGE k 0 -1`,
  'several keys filled in one transaction': `
    a> BLMPOP 0 2 k l LEFT COUNT 1
    b> BLMPOP 0 2 k l RIGHT COUNT 10
    c> BLMPOP 0 2 k l LEFT COUNT 10
    d> BLMPOP 0 2 k l RIGHT COUNT 1
    e: MULTI
    e: LPUSH k a b c d e
    e: LPUSH l 1 2 3 4 5
    e: EXEC
    e: LPUSH l 1 2 3
    e: LRANGE l 0 -1`,
  'what is gone at the end of a transaction wakes nobody': `
    a> BLPOP k 0
    b: MULTI
    b: LPUSH k x
    b: DEL k
    b: EXEC
    b: MULTI
    b: LPUSH k x
    b: DEL k
    b: SET k string
    b: EXEC
    b: DEL k
    b: LPUSH k y`,
  'moves feed those who wait for their destination': `
    a> BLMOVE k l RIGHT LEFT 0
    b> BLMOVE l m LEFT RIGHT 0
    c> BLPOP m 0
    d: RPUSH k x y
    d: LRANGE k 0 -1
    d: EXISTS l m`,
  'moves in a circle': `
    a> BRPOPLPUSH k l 0
    b> BRPOPLPUSH l k 0
    c: RPUSH k x
    c: LRANGE k 0 -1
    c: EXISTS l`,
  'a move onto itself': `
    a> BRPOPLPUSH k k 0
    b> BLMOVE k k LEFT RIGHT 0
    c: RPUSH k x y z
    c: LRANGE k 0 -1`,
  'a destination of another type': `
    a: SET s string
    a> BRPOPLPUSH k s 0
    b> BLMOVE k l LEFT LEFT 0
    c: RPUSH k x
    c: LRANGE l 0 -1
    c: EXISTS k`,
  'a key of another type stays waited for': `
    a> BLPOP k l 0
    b: SET k string
    b: LPUSH l x
    a> BLPOP n o 0
    b: MULTI
    b: SET n string
    b: LPUSH o x
    b: EXEC`,
  'keys that come by other ways': `
    a> BLPOP k 0
    b: LPUSH other x y
    b: RENAME other k
    a> BLPOP l 0
    b: COPY k l
    a> BLPOP m 0
    b: SELECT 2
    b: LPUSH m z
    b: MOVE m 0
    b: EXISTS m`,
  'databases swapped': `
    a> BRPOP k 0
    b: SELECT 1
    b: RPUSH k x y
    b: SWAPDB 0 1
    b: LRANGE k 0 -1
    b: SELECT 0
    b: LRANGE k 0 -1`,
  'a client waits in its own database': `
    a: SELECT 3
    a> BLPOP k 0
    b: LPUSH k x
    b: SELECT 3
    b: LPUSH k y`,
  'a key that has expired before anybody is served': `
    a> BLPOP k 0
    b: MULTI
    b: LPUSH k x
    b: PEXPIRE k 1
    b: DEBUG SLEEP 0.01
    b: EXEC
    b: EXISTS k`,
  'CLIENT UNBLOCK': `
    a> BLPOP k 0
    b: CLIENT UNBLOCK @a
    a> BLMOVE k l LEFT LEFT 0
    b: CLIENT UNBLOCK @a TIMEOUT
    a> BLMPOP 0 1 k LEFT
    b: CLIENT UNBLOCK @a ERROR
    b: CLIENT UNBLOCK @a
    b: CLIENT UNBLOCK @a NONSENSE
    b: CLIENT UNBLOCK 123456789
    b: LPUSH k x
    b: LLEN k`,
  'nobody waits inside a transaction': `
    a: MULTI
    a: BLPOP k 0
    a: BLMOVE k l LEFT LEFT 0
    a: BRPOPLPUSH k l 0
    a: BLMPOP 0 1 k LEFT
    a: EXEC`,
  'requests behind one that waits': `
    a> BLPOP k 0
    a+ PING
    a+ LPUSH l 1
    a+ BLPOP m 0
    a+ PING
    b: LPUSH k x
    b: LPUSH m y
    b: LRANGE l 0 -1`,
  'a push that is taken at once breaks a WATCH': `
    a> BLMOVE k l LEFT LEFT 0
    b: WATCH l
    b: MULTI
    b: PING
    c: LPUSH k x
    b: EXEC`,
  'waiting breaks no WATCH': `
    a> BLMOVE k l LEFT LEFT 0
    b: WATCH l k
    b: MULTI
    b: PING
    b: EXEC`,
  'a client that waits is gone': `
    a> BLPOP k 0
    b> BLPOP k 0
    c: CLIENT KILL ID @a
    c: RPUSH k x y
    c: LRANGE k 0 -1`,
  'in RESP3, and with replies off': `
    a: CLIENT SETNAME a
    a: HELLO 3
    a> BLPOP k 0
    b+ CLIENT REPLY OFF
    b> BLPOP k 0
    c: LPUSH k x y
    b+ CLIENT REPLY ON
    a> BLPOP k 0
    c: CLIENT UNBLOCK @a`,
  'sorted sets': `
    a> BZPOPMIN z y 0
    b> BZPOPMAX z 0
    c> BZMPOP 0 2 y z MIN COUNT 2
    d: ZADD z 1 one 2 two 3 three 4 four
    d: ZRANGE z 0 -1
    a> BZPOPMIN z 0
    d: CLIENT UNBLOCK @a`,
  'lists and sorted sets under one name': `
    a> BZPOPMIN k 0
    b> BLPOP k 0
    c> BZPOPMAX k 0
    d: LPUSH k x y
    d: DEL k
    d: ZADD k 1 one 2 two
    d: EXISTS k`,
  'a pause': `
    a: CLIENT PAUSE 100000 WRITE
    b> LPUSH k x
    c: LLEN k
    c: CLIENT UNPAUSE
    b: LLEN k`,
  'times that are up': `
    a: BLPOP k 0.001
    a: BLMOVE k l LEFT LEFT 0.01
    a: BLMPOP 0.002 1 k LEFT
    a: BRPOPLPUSH k l 0.003
    b: LPUSH k x
    b: LLEN k`,
};

/** What redis-server tells every client anew. */
function comparable(parties: Record<string, string[]>): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(parties).map(([name, replies]) => [
      name,
      replies.map((reply) => (reply.startsWith('%') ? 'greeting' : reply)),
    ]),
  );
}

async function play(port: number, script: string) {
  let parties: Record<string, string[]> = {};
  const propagated = await commandStream(port, 'SET last one', async () => {
    parties = comparable(await converse(port, script));
  });
  const asked = propagated.filter((line) => line !== 'ping'); // what a master says by itself
  const timeless = asked.map((line) => line.replace(/\d{13}/, 'soon'));
  return { parties, propagated: timeless };
}

describe.skipIf(!hasRedisServer())('several clients', () => {
  let redis: RedisServer;
  let hexis: RunningServer;

  beforeAll(async () => {
    redis = await RedisServer.start('--enable-debug-command', 'yes', '--repl-diskless-sync-delay', '0');
    const config = { save: '', 'enable-debug-command': 'yes', 'repl-diskless-sync-delay': '0' };
    hexis = await startServer({ anyPort: true, config });
  });

  afterAll(async () => {
    await redis.stop();
    await hexis.close();
  });

  it('end when the server becomes a replica', async () => {
    const script = `
      a> BLPOP k 0
      b> WAIT 3 0
      c: REPLICAOF 127.0.0.1 1
      c: REPLICAOF NO ONE
      c: LPUSH k x`;
    expect(await converse(hexis.port, script)).toEqual(await converse(redis.port, script));
  });

  const all = { ...SCRIPTS, ...STREAMS, ...MESSAGES, ...PERMISSIONS };
  it.each(Object.entries(all))('%s', async (_, script) => {
    expect(await play(hexis.port, script)).toEqual(await play(redis.port, script));
  });
});
