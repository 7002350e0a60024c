/**
 * What goes to replicas and the append-only file: the same commands as a redis-server's, seen by a replica that
 * attaches to it with SYNC.
 */
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BareNode } from '../support/bare-node.js';
import { hasRedisServer } from '../support/plain-redis.js';
import { RawConnection, RedisServer } from '../support/redis-server.js';
import { parseReply, replyEnd } from '../support/resp.js';
import { parseScript } from './compare.js';

const LIMIT_MS = 10_000;

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
SET last one
`;

/** Attaches as a replica; resolves to the commands after the snapshot, one line each, up to `SET last one`. */
async function commandStream(run: () => Promise<unknown>): Promise<string[]> {
  const socket = connect(server.port, '127.0.0.1');
  try {
    return await readStream(socket, run);
  } finally {
    socket.destroy();
  }
}

function readStream(socket: Socket, run: () => Promise<unknown>): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error('the stream has no end')), LIMIT_MS);
    const lines: string[] = [];
    let bytes = Buffer.alloc(0);
    let snapshotRead = false;
    socket.on('error', reject);
    socket.on('data', (more) => {
      bytes = Buffer.concat([bytes, more]);
      while (!snapshotRead && bytes[0] === 10) bytes = bytes.subarray(1); // the master's way of staying awake
      if (!snapshotRead) {
        const head = /^\$(\d+)\r\n/.exec(bytes.toString('latin1', 0, 40));
        if (head === null || bytes.length < head[0].length + Number(head[1])) return;
        bytes = bytes.subarray(head[0].length + Number(head[1]));
        snapshotRead = true;
        run().catch(reject);
      }
      for (let end = replyEnd(bytes); end > 0; end = replyEnd(bytes)) {
        const command = parseReply(bytes.subarray(0, end));
        bytes = bytes.subarray(end);
        if (!('elements' in command)) continue;
        const line = command.elements.map((word) => ('text' in word ? word.text : '')).join(' ');
        if (line !== 'PING') lines.push(line);
        if (line !== 'SET last one') continue;
        clearTimeout(limit);
        resolve(lines);
      }
    });
    socket.write('SYNC\r\n');
  });
}

/** Times counted from now differ by as long as the test takes. */
function withoutPresentTimes(line: string): string {
  return line.replace(/\b1[5-9]\d{11}\b/g, 'soon');
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
    const expected = await commandStream(() => redis.send(steps));
    const node = new BareNode();
    for (const words of steps) node.run(words);
    expect(node.propagated.map(withoutPresentTimes)).toEqual(expected.map(withoutPresentTimes));
  });
});
