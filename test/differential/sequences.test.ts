/** Random sequences of commands on a few keys, on a redis-server and on Hexis: equal replies and equal data at the end. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BareNode } from '../support/bare-node.js';
import { TestRandom, testSeed } from '../support/random.js';
import { hasRedisServer } from '../support/redis-process.js';
import { RawConnection, RedisServer } from '../support/redis-server.js';
import { firstDifference, type Step } from './compare.js';
import { familiesIn } from './families.js';
import { sequence, type Vocabulary } from './vocabulary.js';

const vocabularies = await familiesIn<Vocabulary>('random-');

const FILE = 'test/differential/sequences.test.ts';
const SEQUENCES = 20;
const LENGTH = 1500;

let server: RedisServer;
let redis: RawConnection;

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

  describe.each(Object.entries(vocabularies))('%s', (_, vocabulary) => {
    const first = testSeed(1);
    const count = process.env.HEXIS_SEED === undefined ? SEQUENCES : 1;
    it.each(Array.from({ length: count }, (_, n) => first + n))('seed %i', async (seed) => {
      const resp = seed % 2 === 0 ? 2 : 3;
      const steps = sequence(vocabulary, LENGTH, new TestRandom(seed));
      const difference = await firstDifference(steps, redis, new BareNode(), resp);
      expect(difference && `${difference}\nagain: HEXIS_SEED=${seed} npx vitest run ${FILE}`).toBeUndefined();
    });
  });
});
