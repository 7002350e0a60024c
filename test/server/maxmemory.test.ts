/** `maxmemory` on a running server: what is evicted, what is refused, what goes to replicas. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../../src/io/index.js';
import { RawConnection } from '../support/redis-server.js';

const MEGABYTE = 2 ** 20;
const VALUE = 'x'.repeat(1000);

let folder: string;
let server: RunningServer;
let connection: RawConnection;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hexis-maxmemory-'));
  server = await startServer({ config: { dir: folder, save: '' }, anyPort: true });
  connection = await RawConnection.open(server.port);
});
afterEach(async () => {
  connection.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const ask = async (...requests: string[][]) => (await connection.send(requests)).map(String);

async function infoNumber(section: string, field: string): Promise<number> {
  const [text] = await ask(['INFO', section]);
  return Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(text)![1]);
}

/** SETs of 4 MB in all; every second key expires. */
function sets(): string[][] {
  return Array.from({ length: 4000 }, (_, n) => [
    'SET',
    `key:${n}`,
    VALUE,
    ...(n % 2 === 0 ? ['EX', String(1000 + n)] : []),
  ]);
}

it.each(['allkeys-lru', 'allkeys-lfu', 'allkeys-random'])('%s makes room for everything', async (policy) => {
  await ask(['CONFIG', 'SET', 'maxmemory', '2mb', 'maxmemory-policy', policy]);
  expect(new Set(await ask(...sets()))).toEqual(new Set(['+OK\r\n']));
  expect(await infoNumber('memory', 'used_memory')).toBeLessThan(2.1 * MEGABYTE);
  const evicted = await infoNumber('stats', 'evicted_keys');
  expect(evicted).toBeGreaterThan(1000);
  expect(await ask(['DBSIZE'])).toEqual([`:${4000 - evicted}\r\n`]);
});

it.each([
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
])('%s leaves keys that do not expire alone', async (policy) => {
  await ask(['CONFIG', 'SET', 'maxmemory', '3mb', 'maxmemory-policy', policy]);
  expect(new Set(await ask(...sets()))).toEqual(new Set(['+OK\r\n']));
  const kept = sets().filter((_, n) => n % 2 === 1);
  expect(new Set(await ask(...kept.map(([, key]) => ['EXISTS', key])))).toEqual(new Set([':1\r\n']));
  expect(await infoNumber('stats', 'evicted_keys')).toBeGreaterThan(500);
});

it('refuses what may need memory when nothing may go, and only that', async () => {
  const OOM = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
  await ask(['CONFIG', 'SET', 'maxmemory', '2mb']);
  const replies = await ask(...sets());
  expect(new Set(replies)).toEqual(new Set(['+OK\r\n', OOM]));
  expect(await ask(['APPEND', 'key:1', 'x'], ['GET', 'nothing'], ['DEL', 'nothing'])).toEqual([
    OOM,
    '$-1\r\n',
    ':0\r\n',
  ]);
  expect(await ask(['MULTI'], ['SET', 'a', 'b'], ['EXEC'])).toEqual([
    '+OK\r\n',
    OOM,
    '-EXECABORT Transaction discarded because of previous errors.\r\n',
  ]);
  await ask(['DEL', ...sets().map(([, key]) => key)]);
  expect(await ask(['SET', 'a', 'b'])).toEqual(['+OK\r\n']);
});

it('evicts at once when the limit is lowered', async () => {
  await ask(['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru'], ...sets());
  await ask(['CONFIG', 'SET', 'maxmemory', '1mb']);
  await expect.poll(() => infoNumber('memory', 'used_memory')).toBeLessThan(1.1 * MEGABYTE);
});
