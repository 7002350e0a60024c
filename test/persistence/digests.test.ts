/** R10 of the guarantees: the live data, its append-only file, its dump and its replica are the same. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Connection } from '../../src/client/connection.js';
import { type Directives, type RunningServer, startServer } from '../../src/io/index.js';
import { workload } from '../crash/workload.js';
import { PlainRedis } from '../support/plain-redis.js';
import { freePorts } from '../support/ports.js';
import { hasRedisServer } from '../support/redis-process.js';

const REDIS_PORT = await freePorts(1);
const folder = mkdtempSync(join(tmpdir(), 'hexis-digests-'));
const servers: RunningServer[] = [];

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  rmSync(folder, { recursive: true, force: true });
});

/** What is pending in the groups of database 0's streams, of which the digest knows nothing. */
async function pending(connection: Connection): Promise<unknown[]> {
  await connection.call('SELECT', '0');
  const keys = (await connection.call('KEYS', 'stream:*')) as string[];
  const asked = keys.sort().map((key) => connection.call('XPENDING', key, 'group').catch(() => null));
  return Promise.all(asked);
}

async function start(config: Directives) {
  const server = await startServer({
    config: { 'enable-debug-command': true, save: '', ...config },
    anyPort: true,
  });
  servers.push(server);
  const connection = await Connection.open({ host: '127.0.0.1', port: server.port });
  const digest = async () => {
    const data = String(await connection.call('DEBUG', 'DIGEST'));
    return `${data} ${JSON.stringify(await pending(connection))}`;
  };
  return { server, connection, digest };
}

describe('the digest', () => {
  it('is the same live, replayed, reloaded and on a replica', async () => {
    const own = join(folder, 'own');
    const other = mkdtempSync(join(folder, 'replica-'));
    const directives = { dir: mkdtempSync(own), appendonly: true };
    const node = await start(directives);
    const replica = await start({ dir: other, replicaof: ['127.0.0.1', node.server.port] });
    for (const { commands } of workload(7, 300)) {
      await Promise.allSettled(commands.map(([name, ...args]) => node.connection.call(name, ...args)));
    }
    const digest = await node.digest();
    expect(digest).not.toContain('0'.repeat(40));
    expect(digest).toMatch(/-\d+/); // something is pending
    await expect.poll(replica.digest, { timeout: 10_000, interval: 20 }).toBe(digest);

    await node.connection.call('DEBUG', 'LOADAOF');
    expect(await node.digest(), 'replayed').toBe(digest);
    await node.connection.call('DEBUG', 'RELOAD');
    expect(await node.digest(), 'reloaded').toBe(digest);
    await node.connection.call('SAVE');
    node.connection.close();
    await node.server.close();

    const replayed = await start(directives);
    expect(await replayed.digest(), 'restarted on the append-only file').toBe(digest);
    replayed.connection.close();
    await replayed.server.close();
    const loaded = await start({ ...directives, appendonly: false });
    expect(await loaded.digest(), 'restarted on the dump').toBe(digest);
    loaded.connection.close();
    await loaded.server.close();

    if (!hasRedisServer()) return;
    for (const appendonly of ['yes', 'no']) {
      const redis = new PlainRedis(REDIS_PORT, directives.dir, [
        '--appendonly',
        appendonly,
        '--enable-debug-command',
        'yes',
      ]);
      try {
        await redis.ready();
        const found = await redis.cli('DEBUG', 'DIGEST');
        expect(found, `redis-server, appendonly ${appendonly}`).toBe(digest.slice(0, 40));
      } finally {
        await redis.stop();
      }
    }
  });
});
