/** Random sequences of commands on a few keys, on a redis-server and on Hexis: equal replies and equal data at the end. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BareNode } from '../support/bare-node.js';
import { TestRandom, testSeed } from '../support/random.js';
import { RawConnection, RedisServer } from '../support/redis-server.js';
import { firstDifference } from './compare.js';
import { hashes } from './random-hashes.js';
import { strings } from './random-strings.js';
import { sequence } from './vocabulary.js';

const PORT = Number(process.env.HEXIS_TEST_PORT ?? 25_100) + 2;
const FILE = 'test/differential/random.test.ts';
const SEQUENCES = 20;
const LENGTH = 1500;

let server: RedisServer;
let redis: RawConnection;

beforeAll(async () => {
  server = await RedisServer.start(PORT, '--enable-debug-command', 'yes');
  redis = await RawConnection.open(PORT);
  // Which keys redis-server removes by itself, and when, is chance.
  await redis.send([['DEBUG', 'SET-ACTIVE-EXPIRE', '0']]);
});

afterAll(async () => {
  redis.close();
  await server.stop();
});

describe.each(Object.entries({ strings, hashes }))('random sequences: %s', (_, vocabulary) => {
  const first = testSeed(1);
  const count = process.env.HEXIS_SEED === undefined ? SEQUENCES : 1;
  it.each(Array.from({ length: count }, (_, n) => first + n))('seed %i', async (seed) => {
    const resp = seed % 2 === 0 ? 2 : 3;
    const steps = sequence(vocabulary, LENGTH, new TestRandom(seed));
    const difference = await firstDifference(steps, redis, new BareNode(), resp);
    expect(difference && `${difference}\nagain: HEXIS_SEED=${seed} npx vitest run ${FILE}`).toBeUndefined();
  });
});
