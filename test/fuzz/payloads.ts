/**
 * Damaged values: DUMP's payloads with a checksum that fits the damage, and whole snapshot files. RESTORE and the loading of
 * a snapshot must refuse them, or take them and then serve every command on what they took.
 */
import { Crc64 } from '../../src/persistence/rdb/crc64.js';
import { latin1 } from '../../src/protocol/bytes.js';
import { LoneNode } from '../support/lone-node.js';
import { MemoryDisk } from '../support/memory-disk.js';
import type { TestRandom } from '../support/random.js';
import { mutate } from './mutate.js';

const PAYLOADS = 300;
const SNAPSHOTS = 40;
const MEMORY = 256 * 1024 * 1024;
const CHECKSUM_BYTES = 8;
const FOOTER_BYTES = 10;
/** The types that values have in files, up to the last of Redis 7.0. */
const TYPES = 20;

/** Commands that make a value of each type and encoding. */
const MAKERS = [
  'SET string hello',
  'SET number 12345678',
  `SET long ${'abcdefgh'.repeat(40)}`,
  'PFADD hll a b c d',
  'HSET hash a 1 b two c 3.5',
  `HSET bighash ${many((i) => `field${i} value${i}`)}`,
  `HSET widehash field ${'x'.repeat(100)}`,
  'RPUSH list a 2 c',
  `RPUSH longlist ${many((i) => `element${i}`)}`,
  'SADD ints 1 2 300000 5000000000',
  'SADD set a b c',
  `SADD bigset ${many((i) => `member${i}`)}`,
  'ZADD zset 1 a 2.5 b -inf c',
  `ZADD bigzset ${many((i) => `${i} member${i}`)}`,
  'GEOADD geo 13.36 38.11 Palermo 15.08 37.50 Catania',
  'XADD stream 1-1 field value other 2',
  'XADD stream 2-1 field value',
  'XGROUP CREATE stream group 0',
  'XREADGROUP GROUP group consumer COUNT 1 STREAMS stream >',
];

/** What is asked of a key that was taken, whatever it is. */
const QUESTIONS = [
  ...[
    'TYPE k',
    'OBJECT ENCODING k',
    'DUMP k',
    'DEBUG DIGEST-VALUE k',
    'MEMORY USAGE k SAMPLES 0',
    'SORT k ALPHA',
  ],
  ...[
    'GET k',
    'STRLEN k',
    'APPEND k x',
    'SETRANGE k 3 abc',
    'BITCOUNT k',
    'PFCOUNT k',
    'PFADD k e',
    'PFMERGE hll k',
  ],
  ...['HGETALL k', 'HLEN k', 'HSCAN k 0', 'HSET k a 2 new 1', 'HDEL k a field1', 'HRANDFIELD k 3 WITHVALUES'],
  ...[
    'LRANGE k 0 -1',
    'LLEN k',
    'LINDEX k -1',
    'LINSERT k BEFORE c b',
    'LSET k 0 x',
    'LREM k 0 c',
    'LTRIM k 0 -2',
  ],
  ...[
    'SMEMBERS k',
    'SCARD k',
    'SSCAN k 0',
    'SADD k 7 word',
    'SREM k 1 a',
    'SPOP k',
    'SINTER k k',
    'SMISMEMBER k a 1',
  ],
  ...[
    'ZRANGE k 0 -1 WITHSCORES',
    'ZCARD k',
    'ZSCAN k 0',
    'ZRANK k a',
    'ZADD k 3 d',
    'ZINCRBY k 1 b',
    'ZPOPMIN k',
  ],
  ...[
    'ZRANGEBYSCORE k -inf +inf',
    'ZRANGEBYLEX k - +',
    'ZREM k c',
    'GEOPOS k Palermo',
    'ZUNIONSTORE copy 1 k',
  ],
  ...['XLEN k', 'XRANGE k - +', 'XINFO STREAM k FULL', 'XREVRANGE k + -', 'XPENDING k group', 'XADD k * f v'],
  ...[
    'XREADGROUP GROUP group c COUNT 9 STREAMS k >',
    'XAUTOCLAIM k group c 0 0',
    'XTRIM k MAXLEN 1',
    'XDEL k 1-1',
  ],
  ...['COPY k copy REPLACE', 'RENAME k other', 'RESTORE k 0 x', 'DEL other copy'],
];

function many(item: (i: number) => string): string {
  return Array.from({ length: 200 }, (_, i) => item(i)).join(' ');
}

function filledNode(disk = new MemoryDisk()): LoneNode {
  const lone = new LoneNode({}, { disk });
  for (const line of MAKERS) lone.send(...line.split(' '));
  return lone;
}

/** The payloads of all values, without their footers' checksum. */
function corpus(): string[] {
  const lone = filledNode();
  const keys = lone.send('KEYS', '*').match(/(?<=\$\d+\r\n).*(?=\r\n)/g) ?? [];
  return keys.map((key) =>
    lone
      .send('DUMP', key)
      .replace(/^\$\d+\r\n/, '')
      .slice(0, -2 - CHECKSUM_BYTES),
  );
}

export function payloadRound(random: TestRandom): number {
  const payloads = corpus();
  const lone = filledNode();
  for (let n = 0; n < PAYLOADS; n++) {
    let payload = mutate(random, random.pick(payloads));
    if (random.below(4) === 0) payload = String.fromCharCode(random.below(TYPES)) + payload.slice(1);
    if (payload.length < FOOTER_BYTES) continue;
    try {
      const reply = lone.send('RESTORE', 'k', '0', sealed(payload), 'REPLACE');
      if (!/^(?:\+OK|-ERR [^\r\n]+)\r\n$/.test(reply)) throw new Error(`RESTORE answers ${reply}`);
      if (reply === '+OK\r\n') for (const line of QUESTIONS) lone.send(...line.split(' '));
    } catch (error) {
      throw new Error(`payload ${n}: ${JSON.stringify(payload)}`, { cause: error });
    }
    if (lone.exited !== undefined) throw new Error(`payload ${n} ends the node: ${JSON.stringify(payload)}`);
    if (lone.node.keyspace.usedBytes > MEMORY) throw new Error(`holds ${lone.node.keyspace.usedBytes} bytes`);
  }
  lone.send('FLUSHALL');
  return PAYLOADS;
}

/** With the checksum of what it is now. */
function sealed(payload: string): string {
  const bytes = Buffer.from(payload + '\0'.repeat(CHECKSUM_BYTES), 'latin1');
  const sum = new Crc64();
  sum.update(bytes, 0, payload.length);
  sum.writeTo(bytes, payload.length);
  return latin1(bytes, 0, bytes.length);
}

export function snapshotRound(random: TestRandom): number {
  const disk = new MemoryDisk();
  filledNode(disk).send('SAVE');
  const file = disk.read('dump.rdb')!;
  const whole = latin1(file, 0, file.length - CHECKSUM_BYTES);
  for (let n = 0; n < SNAPSHOTS; n++) {
    const damaged = mutate(random, whole);
    const copy = new MemoryDisk();
    copy.replace('dump.rdb', Buffer.from(sealed(damaged), 'latin1'));
    try {
      const lone = new LoneNode({}, { disk: copy });
      for (let turns = 0; lone.loaded === undefined && lone.exited === undefined; turns++) {
        if (turns > 10_000) throw new Error('loading does not end');
        lone.advance(1);
      }
      if (lone.loaded) {
        lone.digest();
        lone.send('SAVE');
      }
      if (lone.node.keyspace.usedBytes > MEMORY)
        throw new Error(`holds ${lone.node.keyspace.usedBytes} bytes`);
    } catch (error) {
      throw new Error(`snapshot ${n}: ${JSON.stringify(damaged)}`, { cause: error });
    }
  }
  return SNAPSHOTS;
}
