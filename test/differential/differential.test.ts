import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BareNode } from '../support/bare-node.js';
import { hasRedisServer } from '../support/redis-process.js';
import { RawConnection, RedisServer } from '../support/redis-server.js';
import { firstDifference, parseScript } from './compare.js';
import { familiesIn } from './families.js';

const families = await familiesIn<string>('scripts');

let server: RedisServer;
let redis: RawConnection;

describe.skipIf(!hasRedisServer())('every command answers as redis-server does', () => {
  beforeAll(async () => {
    server = await RedisServer.start('--enable-debug-command', 'yes');
    redis = await RawConnection.open(server.port);
  });

  afterAll(async () => {
    redis.close();
    await server.stop();
  });

  for (const [family, script] of Object.entries(families)) {
    it.each([2, 3] as const)(`${family}, RESP%i`, async (resp) => {
      expect(await firstDifference(parseScript(script), redis, new BareNode(), resp)).toBeUndefined();
    });
  }
});
