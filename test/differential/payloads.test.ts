/** Values of every encoding as DUMP payloads, from redis-server to Hexis and back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addValue } from '../../src/keyspace/data-digest.js';
import { Digest } from '../../src/keyspace/digest.js';
import { Keyspace } from '../../src/keyspace/keyspace.js';
import { DumpPayloads } from '../../src/persistence/rdb/dump-payload.js';
import { BareNode } from '../support/bare-node.js';
import { TestRandom, testSeed } from '../support/random.js';
import { hasRedisServer } from '../support/redis-process.js';
import { RawConnection, RedisServer } from '../support/redis-server.js';
import { firstDifference } from './compare.js';
import { hashes } from './random-hashes.js';
import { sets } from './random-sets.js';
import { streams } from './random-streams.js';
import { zsets } from './random-zsets.js';
import { sequence } from './vocabulary.js';

const FIRST_SEED = testSeed(1);
const SEQUENCES = 5;
const LENGTH = 150;
/** Encodings that are the same bytes here and there. */
const SAME_BYTES = ['listpack', 'intset', 'stream'];

let server: RedisServer;
let redis: RawConnection;

function digestOf(keyspace: Keyspace, key: Buffer): string {
  const digest = new Digest();
  const db = keyspace.databases[0];
  addValue(digest, db, db.peek(key, 0, key.length));
  return String(digest);
}

function bulk(reply: Buffer): Buffer {
  return reply.subarray(reply.indexOf('\r\n') + 2, -2);
}

describe.skipIf(!hasRedisServer())('DUMP payloads', () => {
  beforeAll(async () => {
    server = await RedisServer.start('--enable-debug-command', 'yes', '--rdbcompression', 'no');
    redis = await RawConnection.open(server.port);
  });

  afterAll(async () => {
    redis.close();
    await server.stop();
  });

  it.each(Object.entries({ hashes, sets, streams, zsets }))('%s', async (_, vocabulary) => {
    let exchanged = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEQUENCES; seed++) {
      const node = new BareNode();
      const steps = sequence(vocabulary, LENGTH, new TestRandom(seed));
      expect(await firstDifference(steps, redis, node, 2)).toBeUndefined();
      const db = node.keyspace.databases[0];
      const keys: Buffer[] = [];
      db.forEach((ref) => {
        keys.push(Buffer.from(db.keyLatin1(ref), 'latin1'));
      });
      for (const key of keys) await exchange(node, key);
      exchanged += keys.length;
    }
    expect(exchanged).toBeGreaterThan(SEQUENCES);
  });
});

/** Gives the key's payload to redis-server, takes redis-server's own, and compares what each makes of it. */
async function exchange(node: BareNode, key: Buffer): Promise<void> {
  const db = node.keyspace.databases[0];
  const payloads = new DumpPayloads({ rdbcompression: false }, () => {});
  db.persist(db.peek(key, 0, key.length));
  const ours = payloads.dump(db, db.peek(key, 0, key.length));
  const encoding = bulk(node.run(['OBJECT', 'ENCODING', key])).toString();
  const [reply, restored, value, again] = await redis.send([
    ['DUMP', key],
    ['RESTORE', 'restored', '0', ours, 'REPLACE'],
    ['DEBUG', 'DIGEST-VALUE', 'restored'],
    ['DUMP', 'restored'],
  ]);
  const theirs = bulk(reply);
  const isStream = encoding === 'stream'; // and holds times of the day
  if (SAME_BYTES.includes(encoding)) expect(Buffer.from(ours)).toEqual(isStream ? bulk(again) : theirs);
  expect(restored.toString()).toBe('+OK\r\n');
  expect(value.toString()).toContain(digestOf(node.keyspace, key));

  const copy = new Keyspace({
    databases: 1,
    clusterMode: false,
    random: () => 0,
    listener: { expiring() {} },
  });
  const range = { bytes: key, start: 0, end: key.length };
  expect(payloads.isSound(theirs, 0, theirs.length)).toBe(true);
  expect(payloads.restore(copy.databases[0], range, theirs, 0, theirs.length)).not.toBe(0);
  expect(digestOf(copy, key)).toBe(digestOf(node.keyspace, key));
  if (isStream) {
    const db = copy.databases[0];
    expect(Buffer.from(payloads.dump(db, db.peek(key, 0, key.length)))).toEqual(theirs);
  }
}
