/** redis-server on a folder that Hexis wrote, and Hexis on a folder that redis-server wrote. */
import { rmSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { MemoryDisk } from '../support/memory-disk.js';
import { PlainRedis, temporaryFolder } from '../support/plain-redis.js';
import { freePorts } from '../support/ports.js';
import { TestRandom } from '../support/random.js';
import { hasRedisServer } from '../support/redis-process.js';
import { SmallLog } from '../support/small-log.js';

const PORT = await freePorts(1);
const FAR = 4_000_000_000_000;

describe.skipIf(!hasRedisServer())('append-only files and redis-server', () => {
  const folder = temporaryFolder();
  let redis: PlainRedis | undefined;

  afterEach(async () => {
    await redis?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('load on each other, there and back, with expiries and a rewrite', async () => {
    const random = new TestRandom(1);
    const log = new SmallLog().open();
    const fill = (from: SmallLog, name: string) => {
      for (let i = 0; i < 300; i++) {
        from.node.run(
          'SET',
          `${name}${i}`,
          random.pick([String(random.below(1e9)), 'long '.repeat(20), 'v']),
        );
        if (i % 3 === 0) from.node.run('PEXPIREAT', `${name}${i}`, String(FAR + i));
      }
      from.endTurn();
    };
    fill(log, 'base');
    log.log.beginRewrite();
    fill(log, 'increment');
    log.time.advance(100);
    expect(log.log.lastRewriteOk).toBe(true);
    log.disk.toFolder(folder);

    redis = new PlainRedis(PORT, folder, ['--appendonly', 'yes']);
    await redis.ready();
    expect(await redis.dump()).toEqual(log.node.dump());
    await redis.cli('SET', 'from redis', 'x');
    await redis.cli('SET', 'base1', 'y', 'PX', '10000000');
    await redis.cli('DEL', 'base2');
    await redis.cli('-n', '3', 'APPEND', 'other', 'z');
    expect(await redis.cli('BGREWRITEAOF')).toContain('started');
    await redis.cli('SET', 'after', 'x');
    const expected = { ...(await redis.dump()), ...(await redis.dump(3)) };
    await redis.stop();

    const back = new SmallLog(MemoryDisk.fromFolder(folder));
    expect(back.load(false)).toBe('ok');
    expect(back.node.dump()).toEqual(Object.fromEntries(Object.entries(expected).sort()));
    back.open();
    fill(back, 'again');
    back.disk.toFolder(folder);
    redis = new PlainRedis(PORT, folder, ['--appendonly', 'yes']);
    await redis.ready();
    expect({ ...(await redis.dump()), ...(await redis.dump(3)) }).toEqual(back.node.dump());
  });
});
