/** INFO's fields against redis-server's: the same names in the same order, but for those named here. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startServer } from '../../src/io/index.js';
import { hasRedisServer } from '../support/redis-process.js';
import { RawConnection, RedisServer } from '../support/redis-server.js';
import { parseReply } from '../support/resp.js';

/** About the C program: we don't have them. */
const THEIRS_ONLY = ['monotonic_clock', 'atomicvar_api', 'gcc_version'];
const OURS_ONLY = ['hexis_version'];

/** What a server says of itself after the same few commands: titles and names of fields. */
async function fields(port: number): Promise<string[]> {
  const connection = await RawConnection.open(port);
  try {
    const replies = await connection.send([
      // One command only, for redis-server lists commands in the order of a hash table.
      ['SET', 'k', 'v'],
      ['SET', 'k'],
      ['INFO', 'everything'],
    ]);
    const info = parseReply(replies[2]);
    if (!('text' in info)) throw new Error('INFO answered something else');
    return info.text
      .split('\r\n')
      .filter((line) => !line.startsWith('latency_percentiles_usec_'))
      .map((line) => line.replace(/:.*/, ''));
  } finally {
    connection.close();
  }
}

describe.skipIf(!hasRedisServer())('INFO compared with redis-server 7.0.15', () => {
  it('has the same fields in the same order', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hexis-info-'));
    const redis = await RedisServer.start('--appendonly', 'yes');
    const hexis = await startServer({ anyPort: true, config: { dir: folder, appendonly: true } });
    try {
      const theirs = await fields(redis.port);
      const ours = await fields(hexis.port);
      expect(theirs.length).toBeGreaterThan(180);
      expect(ours.filter((name) => !OURS_ONLY.includes(name))).toEqual(
        theirs.filter((name) => !THEIRS_ONLY.includes(name)),
      );
    } finally {
      await hexis.close();
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
