/**
 * What goes to replicas and the append-only file: the same commands as a redis-server's, seen by a replica that
 * attaches to it with SYNC.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BareNode } from '../support/bare-node.js';
import { commandStream } from '../support/command-stream.js';
import { hasRedisServer } from '../support/plain-redis.js';
import { RawConnection, RedisServer } from '../support/redis-server.js';
import { parseScript } from './compare.js';

let server: RedisServer;
let redis: RawConnection;

const SCRIPT = `
SET k v
SET k v NX
SET new v NX
SET k v GET
SET k v GET XX get
SET k v EX 100
SET k v PX 100000 GET
SET k v EXAT 33177117420
SET k v PXAT 33177117420123 NX
SET k v KEEPTTL
SETEX k 10 v
PSETEX k 10000 v
SETNX k v
GETSET k w
GETDEL k
GETDEL k
SET e v
GETEX e
GETEX e EX 100
GETEX e PERSIST
GETEX e PERSIST
GETEX e PXAT 33177117420123
GETEX e PXAT 1
MSET a 1 b 2
MSETNX a 1 c 2
MSETNX c 1 d 2
INCR a
INCRBY a 5
INCRBY a 9223372036854775807
INCRBYFLOAT a 0.5
APPEND a ""
APPEND a x
APPEND fresh ""
SETRANGE a 1 ""
SETRANGE a 1 y
GETRANGE a 0 -1
EXPIRE a 100
EXPIRE a 50 GT
EXPIRE a 200 GT
EXPIREAT a 33177117420
PEXPIRE a 100000
PEXPIREAT a 33177117420123
PEXPIREAT a 33177117420124 GT
PERSIST a
PERSIST a
EXPIRE a -1
EXPIRE a 10
EXISTS a
DEL nothing
DEL b c nothing
UNLINK d
SET k v
RENAME k l
RENAME l l
RENAMENX l e2
RENAMENX e2 e2
COPY e2 e3
COPY e2 e3
COPY e2 e3 REPLACE
COPY e2 e2 DB 1
MOVE e2 2
SELECT 2
SET two 2
SELECT 0
SWAPDB 0 2
FLUSHDB
FLUSHDB ASYNC
FLUSHALL
CONFIG SET lazyfree-lazy-expire yes lazyfree-lazy-user-del yes
SET k v
EXPIRE k -1
SET k v
GETEX k PXAT 1
SET k v
DEL k
SET k v
GETDEL k
CONFIG SET lazyfree-lazy-expire no lazyfree-lazy-user-del no
RPUSH l a b c d e f g h
LPUSHX nothing x
LPOP l
LPOP l 2
LPOP l 0
LPOP nothing
LMOVE l m LEFT RIGHT
RPOPLPUSH l m
LMPOP 2 nothing l LEFT COUNT 1
LMPOP 2 nothing m LEFT COUNT 10
BLPOP nothing l 0
RPUSH l x y z
BLMOVE l m left right 0
BRPOPLPUSH l m 0
BLMPOP 0 2 nothing m RIGHT COUNT 5
BLPOP nothing 0.001
LTRIM l 0 -1
LREM l 0 nothing
LREM l 0 x
LSET l 0 new
LINSERT l BEFORE nothing x
LINSERT l BEFORE new x
MULTI
BLPOP l 0
BLPOP nothing 0
RPUSH l a
EXEC
XADD s 1-1 f v
XADD s * f v
XADD s MAXLEN 10 * f v
XADD s MAXLEN ~ 1 5000000000000-1 f v
XADD s MINID ~ 5 LIMIT 7 5000000000000-* f v
XADD s MAXLEN 2 5000000000001-* f v
XADD s NOMKSTREAM 5000000000002-0 f v
XADD nothing NOMKSTREAM * f v
XTRIM s MAXLEN ~ 1
XTRIM s MAXLEN ~ 0
XTRIM s MAXLEN 0
XADD s 5000000000003-0 f v
XADD s 5000000000004-0 f v
XDEL s 1-1
XDEL s 5000000000004-0
XSETID s 5000000000005-0 ENTRIESADDED 9
XADD s 5000000000005-1 f v
XGROUP CREATE s g 0
XGROUP CREATE new g $ MKSTREAM
XGROUP CREATECONSUMER s g c
XGROUP CREATECONSUMER s g c
XGROUP SETID s g 1-1 ENTRIESREAD 4
XREADGROUP GROUP g c COUNT 1 STREAMS s >
XREADGROUP GROUP g d COUNT 1 STREAMS s >
XREADGROUP GROUP g c STREAMS s 0
XREADGROUP GROUP g e STREAMS s 0
XREADGROUP GROUP g f NOACK STREAMS s 0
XADD s 5000000000006-0 f v
XADD s 5000000000006-1 f v
XREADGROUP GROUP g h NOACK STREAMS s >
XREADGROUP GROUP g h NOACK STREAMS s >
XCLAIM s g c 0 5000000000003-0 5000000000005-1
XCLAIM s g c 0 9-9 LASTID 5000000000009-9
XCLAIM s g i 0 9-9
XCLAIM s g i 0 5000000000006-0 FORCE JUSTID RETRYCOUNT 3 TIME 5
XDEL s 5000000000003-0
XCLAIM s g j 0 5000000000003-0
XDEL s 5000000000006-0
XAUTOCLAIM s g k 0 0
XAUTOCLAIM s g k 100000000 0
XACK s g 5000000000005-1
XACK s g 5000000000005-1
XGROUP DELCONSUMER s g c
XGROUP DELCONSUMER s g c
XGROUP DESTROY s g
XGROUP DESTROY s g
MULTI
XADD s 5000000000007-* f v
XREAD STREAMS s 0
EXEC
SET last one
EVAL "return 1" 0
EVAL "return redis.call('get', 'k')" 0
EVAL "return redis.call('set', KEYS[1], ARGV[1])" 1 sk 1
EVAL "redis.call('set', KEYS[1], 2) return redis.call('incr', KEYS[1])" 1 sk
EVAL "redis.call('set', KEYS[1], 3) error('after')" 1 sk
EVAL "redis.call('select', 2) redis.call('set', 'two', 1) redis.call('select', 0) redis.call('set', 'zero', 1)" 0
MULTI
EVAL "redis.call('set', 'm', 1) redis.call('set', 'm', 2)" 0
SET n 1
EXEC
FUNCTION LOAD "#!lua name=lib\\nredis.register_function('f', function(keys) return redis.call('incr', keys[1]) end)"
FCALL f 1 fk
FUNCTION DELETE lib
FUNCTION FLUSH
`;

/** Times counted from now differ by as long as the test takes, and with them what stream IDs are made of. */
function withoutPresentTimes(line: string): string {
  return line.replace(/\b1[5-9]\d{11}\b(-\d+)?/g, 'soon');
}

describe.skipIf(!hasRedisServer())('propagation', () => {
  beforeAll(async () => {
    server = await RedisServer.start('--enable-debug-command', 'yes', '--repl-diskless-sync-delay', '0');
    redis = await RawConnection.open(server.port);
  });

  afterAll(async () => {
    redis.close();
    await server.stop();
  });

  it('propagates what redis-server propagates', async () => {
    const steps = parseScript(SCRIPT).map(({ words }) => words);
    const expected = await commandStream(server.port, 'SET last one', () => redis.send(steps));
    const node = new BareNode();
    for (const words of steps) node.run(words);
    expect(node.propagated.map(withoutPresentTimes)).toEqual(expected.map(withoutPresentTimes));
  });
});
