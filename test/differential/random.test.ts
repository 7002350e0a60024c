/** Random sequences of commands on a few keys, on a redis-server and on Hexis: equal replies and equal data at the end. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BareNode } from '../support/bare-node.js';
import { hasRedisServer } from '../support/plain-redis.js';
import { TestRandom, testSeed } from '../support/random.js';
import { RawConnection, RedisServer } from '../support/redis-server.js';
import { firstDifference, type Step } from './compare.js';

const FILE = 'test/differential/random.test.ts';
const SEQUENCES = 20;
const LENGTH = 1500;

let server: RedisServer;
let redis: RawConnection;

/** A template's words; those in angle brackets are drawn anew each time. */
const TEMPLATES = [
  'GET <key>',
  'SET <key> <value>',
  'SET <key> <value> <condition>',
  'SET <key> <value> <condition> GET',
  'SET <key> <value> <expiry>',
  'SET <key> <value> KEEPTTL',
  'SETNX <key> <value>',
  'GETSET <key> <value>',
  'GETDEL <key>',
  'GETEX <key> <expiry>',
  'GETEX <key> PERSIST',
  'MSET <key> <value> <key> <value>',
  'MSETNX <key> <value> <key> <value>',
  'MGET <key> <key> <key>',
  'INCR <key>',
  'DECR <key>',
  'INCRBY <key> <integer>',
  'DECRBY <key> <integer>',
  'INCRBYFLOAT <key> <float>',
  'APPEND <key> <value>',
  'STRLEN <key>',
  'GETRANGE <key> <index> <index>',
  'SETRANGE <key> <offset> <value>',
  'LCS <key> <key>',
  'LCS <key> <key> IDX WITHMATCHLEN',
  'DEL <key> <key>',
  'UNLINK <key>',
  'EXISTS <key> <key>',
  'TYPE <key>',
  'RENAME <key> <key>',
  'RENAMENX <key> <key>',
  'COPY <key> <key>',
  'COPY <key> <key> REPLACE',
  'COPY <key> <key> DB <database>',
  'MOVE <key> <database>',
  'SELECT <database>',
  'DBSIZE',
  'SWAPDB <database> <database>',
  'PEXPIREAT <key> <time>',
  'PEXPIREAT <key> <time> <expire-condition>',
  'PEXPIRETIME <key>',
  'PERSIST <key>',
  'OBJECT ENCODING <key>',
  'DEBUG DIGEST-VALUE <key>',
  'DUMP <key>',
];

const INTEGERS = [
  '0',
  '1',
  '-1',
  '12',
  '9007199254740991',
  '9007199254740993',
  '-9223372036854775808',
  '9223372036854775807',
];

function draw(kind: string, random: TestRandom): string {
  switch (kind) {
    case 'key':
      return `k${random.below(6)}`;
    case 'value':
      return random.pick([
        () => random.text(12),
        () => random.text(60, '\0\xff\r\nab'),
        () => random.pick(INTEGERS),
        () => String(random.below(20_000) - 10_000),
        () => (random.below(10_000) / 100).toString(),
        () => 'x'.repeat(random.below(200)),
      ])();
    case 'integer':
      return random.below(2) === 0 ? random.pick(INTEGERS) : String(random.below(2000) - 1000);
    case 'float':
      return `${random.below(2) === 0 ? '-' : ''}${random.below(1000)}.${random.below(1_000_000)}e${random.below(12) - 6}`;
    case 'index':
      return String(random.below(60) - 30);
    case 'offset':
      return String(random.below(40));
    case 'database':
      return String(random.below(3));
    case 'condition':
      return random.pick(['NX', 'XX']);
    case 'expire-condition':
      return random.pick(['NX', 'XX', 'GT', 'LT']);
    case 'time':
      return random.pick(['1', '33177117420000', '33177117420001', '33177117430000', '9007199254740991']);
    default:
      return random.pick(['PXAT 33177117420123', 'EXAT 33177117420', 'PXAT 1']);
  }
}

function sequence(random: TestRandom): Step[] {
  const steps: Step[] = [];
  for (let n = 0; n < LENGTH; n++) {
    const words = random
      .pick(TEMPLATES)
      .split(' ')
      .flatMap((word) => {
        const kind = /^<(.*)>$/.exec(word)?.[1];
        if (kind === undefined) return [word];
        const drawn = draw(kind, random);
        return kind === 'expiry' ? drawn.split(' ') : [drawn];
      })
      .map((word) => Buffer.from(word, 'latin1'));
    steps.push({ mark: '', words });
  }
  steps.push({ mark: '', words: ['DEBUG', 'DIGEST'] });
  return steps;
}

describe.skipIf(!hasRedisServer())('random commands', () => {
  beforeAll(async () => {
    server = await RedisServer.start('--enable-debug-command', 'yes');
    redis = await RawConnection.open(server.port);
    // Which keys redis-server removes by itself, and when, is chance.
    await redis.send([['DEBUG', 'SET-ACTIVE-EXPIRE', '0']]);
  });

  afterAll(async () => {
    redis.close();
    await server.stop();
  });

  it('matches patterns as redis-server does', async () => {
    const random = new TestRandom(testSeed(1));
    const alphabet = 'ab-]^\\\xe9\xff';
    const steps: Step[] = [];
    for (let n = 0; n < 80; n++)
      steps.push({ mark: '', words: ['SET', Buffer.from(random.text(6, alphabet), 'latin1'), 'v'] });
    for (let n = 0; n < 3000; n++) {
      steps.push({ mark: '~', words: ['KEYS', Buffer.from(random.text(8, `${alphabet}**??[[`), 'latin1')] });
    }
    expect(await firstDifference(steps, redis, new BareNode(), 2)).toBeUndefined();
  });

  it('dumps long strings to the same bytes', async () => {
    const random = new TestRandom(testSeed(1));
    const steps: Step[] = [];
    for (let n = 0; n < 400; n++) {
      const alphabet = random.pick(['ab', 'abcdefgh', 'a\xffbcdefghijklmnopqrstuvwxyz0123456789']);
      const text = random.text(random.pick([30, 300, 3000, 20_000]), alphabet);
      const value = text + random.text(30, alphabet) + text.slice(random.below(40));
      steps.push(
        { mark: '', words: ['SET', 'k', Buffer.from(value, 'latin1')] },
        { mark: '', words: ['DUMP', 'k'] },
      );
    }
    expect(await firstDifference(steps, redis, new BareNode(), 2)).toBeUndefined();
  });

  const first = testSeed(1);
  const count = process.env.HEXIS_SEED === undefined ? SEQUENCES : 1;
  it.each(Array.from({ length: count }, (_, n) => first + n))('seed %i', async (seed) => {
    const resp = seed % 2 === 0 ? 2 : 3;
    const difference = await firstDifference(sequence(new TestRandom(seed)), redis, new BareNode(), resp);
    expect(difference && `${difference}\nagain: HEXIS_SEED=${seed} npx vitest run ${FILE}`).toBeUndefined();
  });
});
