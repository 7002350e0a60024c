/**
 * Data sets of every type, exchanged with redis-server in both directions: its DEBUG DIGEST of what it has loaded from
 * our append-only file and our dump is ours, and the other way round. 2,000 keys here, 100,000 with `npm run exchange`.
 */
import { rmSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { LoneNode } from '../support/lone-node.js';
import { MemoryDisk } from '../support/memory-disk.js';
import { PlainRedis, temporaryFolder } from '../support/plain-redis.js';
import { freePorts } from '../support/ports.js';
import { TestRandom, testSeed } from '../support/random.js';
import { hasRedisServer } from '../support/redis-process.js';
import { randomData } from './random-data.js';

const KEYS = Number(process.env.HEXIS_EXCHANGE_KEYS ?? 2000);
const SEED = testSeed(7);
const COMMANDS_PER_TURN = 100;
const LIMIT = 20_000 + KEYS * 5;

/** The base of the append-only file in either form, and the dump. */
const FORMS = [
  { name: 'append-only file with an RDB base', appendonly: 'yes', preamble: 'yes' },
  { name: 'append-only file of commands', appendonly: 'yes', preamble: 'no' },
  { name: 'dump', appendonly: 'no', preamble: 'yes' },
];

describe.skipIf(!hasRedisServer())(`${KEYS} random keys (HEXIS_SEED=${SEED})`, () => {
  let folder: string;
  let redis: PlainRedis | undefined;

  afterEach(async () => {
    await redis?.stop();
    redis = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  async function startRedis({ appendonly, preamble }: (typeof FORMS)[number]): Promise<PlainRedis> {
    const options = { appendonly, 'aof-use-rdb-preamble': preamble, 'enable-debug-command': 'yes' };
    redis = new PlainRedis(
      await freePorts(1),
      folder,
      Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
    );
    await redis.ready(LIMIT);
    return redis;
  }

  /** A node with the data: two thirds in the base or the dump, the rest, in an append-only file, behind it. */
  function filled({ appendonly, preamble }: (typeof FORMS)[number], disk: MemoryDisk): LoneNode {
    const node = new LoneNode({ appendonly, 'aof-use-rdb-preamble': preamble }, { disk });
    const random = new TestRandom(SEED);
    const fill = (from: number, to: number) => {
      let turn: string[][] = [];
      for (const command of randomData(random, from, to)) {
        if (turn.push(command) < COMMANDS_PER_TURN) continue;
        node.sendTogether(...turn);
        turn = [];
      }
      node.sendTogether(...turn);
      expect(node.takeOutput()).not.toContain('-ERR');
    };
    const inBase = Math.floor((KEYS * 2) / 3);
    fill(0, inBase);
    if (appendonly === 'yes') {
      expect(node.send('BGREWRITEAOF')).toContain('started');
      node.advance(1000);
      expect(node.info('aof_last_bgrewrite_status')).toBe('ok');
    }
    fill(inBase, KEYS);
    node.advance(2000);
    if (appendonly === 'no') node.send('SAVE');
    return node;
  }

  it.each(FORMS)(
    'are the same there and back again, $name',
    async (form) => {
      folder = temporaryFolder();
      const disk = new MemoryDisk();
      const digest = filled(form, disk).digest();
      disk.toFolder(folder);
      const server = await startRedis(form);
      expect(await server.cli('DEBUG', 'DIGEST')).toBe(digest);

      await server.cli('SET', 'a key of redis-server', 'x');
      const changed = await server.cli('DEBUG', 'DIGEST');
      if (form.appendonly === 'yes') {
        await server.cli('BGREWRITEAOF');
        await server.finished('aof_rewrite_in_progress');
        await server.cli('SET', 'behind the base', 'x');
        await server.cli('DEL', 'behind the base');
      } else await server.cli('SAVE');
      await server.stop();
      const node = new LoneNode({ appendonly: form.appendonly }, { disk: MemoryDisk.fromFolder(folder) });
      node.advance(1);
      expect(node.loaded, node.lines.join('\n')).toBe(true);
      expect(node.digest()).toBe(changed);
    },
    LIMIT,
  );
});
