/** `hexis up`, `status` and `down` as a person uses them: the built binary, in a folder of its own. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Connection } from '../../src/client/connection.js';
import { connect } from '../../src/client/index.js';
import { keySlot, SLOT_COUNT } from '../../src/protocol/key-slot.js';
import { freePorts } from '../support/ports.js';
import { hasRedisServer } from '../support/redis-process.js';

const BINARY = resolve(import.meta.dirname, '../../bin/hexis');
// Its bus is below the ports that systems give to outgoing connections.
const PORT = await freePorts(11); // and five more from the sixth on
const BUS = PORT + 10_000;

let directory: string;
beforeAll(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'hexis-up-')));
});
afterAll(async () => {
  await hexis('down');
  rmSync(directory, { recursive: true, force: true });
});

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function hexis(...args: string[]): Promise<Outcome> {
  return new Promise((done) => {
    const options = { cwd: directory, timeout: 20_000 };
    execFile(process.execPath, [BINARY, ...args], options, (error, out, err) => {
      done({ code: error ? Number(error.code ?? 1) : 0, out, err });
    });
  });
}

async function call(port: number, ...args: string[]): Promise<unknown> {
  const connection = await Connection.open({ host: '127.0.0.1', port });
  try {
    return await connection.call(...args);
  } finally {
    connection.destroy();
  }
}

/** Deletes a key that isn't there in each slot: a write like any other, which leaves nothing behind. */
async function writeToEverySlot(): Promise<void> {
  const keys = new Map<number, string>();
  for (let i = 0; keys.size < SLOT_COUNT; i++)
    keys.set(keySlot(Buffer.from(`k${i}`), 0, `k${i}`.length), `k${i}`);
  const client = await connect(`127.0.0.1:${PORT}`);
  try {
    const deleted = await Promise.all([...keys.values()].map((key) => client.del(key)));
    expect(deleted.every((count) => count === 0)).toBe(true);
  } finally {
    await client.close();
  }
}

interface Status {
  readonly healthy: boolean;
  readonly pid: number;
  readonly nodes: readonly { readonly port: number; readonly role: string; readonly masterLink: string }[];
}

async function status(): Promise<Status | undefined> {
  const { out } = await hexis('status', '--dir', '.hexis', '--json');
  return JSON.parse(out)[0];
}

describe('hexis up', () => {
  it('starts a cluster that is ready when it says so', async () => {
    const up = await hexis('up', '-d', '--port', String(PORT));
    expect(up).toMatchObject({ code: 0, out: expect.stringContaining('Your cluster is ready'), err: '' });
    const { healthy, nodes } = (await status())!;
    expect(healthy).toBe(true);
    expect(nodes.map(({ role, masterLink }) => [role, masterLink])).toEqual([
      ...Array(3).fill(['master', null]),
      ...Array(3).fill(['replica', 'up']),
    ]);
    expect(await call(PORT, 'SET', 'hoge', 'fuga')).toBe('OK');
    await writeToEverySlot();
    expect((await hexis('status')).out).toContain(`127.0.0.1:${PORT}  master   slots [0-5460], 1 key`);
  });

  it('refuses a folder that is in use, and ports that are', async () => {
    const { pid } = (await status())!;
    const again = await hexis('up', '--port', String(PORT));
    expect([again.code, again.err]).toEqual([1, expect.stringContaining(`(process ${pid}, port ${PORT})`)]);
    const elsewhere = await hexis('up', '--dir', 'other', '--port', String(PORT + 5));
    expect([elsewhere.code, elsewhere.err]).toEqual([
      1,
      expect.stringContaining(`Port ${PORT + 5} is in use by a Redis node (process ${pid}).`),
    ]);
    const bus = await hexis('up', '--dir', 'other', '--port', String(BUS));
    expect([bus.code, bus.err]).toEqual([1, expect.stringContaining(`Ports ${BUS}`)]);
    expect(existsSync(join(directory, 'other'))).toBe(false);
  });

  it.skipIf(process.platform === 'win32')(
    'says that a cluster does not answer, and leaves it alone',
    async () => {
      const { pid } = (await status())!;
      process.kill(pid, 'SIGSTOP');
      try {
        for (const command of ['status', 'down', 'up']) {
          const { code, err } = await hexis(command, '--dir', '.hexis');
          expect([code, err]).toEqual([1, expect.stringMatching(/^hexis: The cluster .* does not answer/)]);
        }
      } finally {
        process.kill(pid, 'SIGCONT');
      }
      await expect.poll(status, { timeout: 10_000 }).toMatchObject({ pid });
    },
    30_000,
  );

  it('brings the data back after down, and after kill -9', async () => {
    expect(await hexis('down')).toMatchObject({ code: 0, out: expect.stringContaining('Stopped') });
    expect(await status()).toBeUndefined();
    expect((await hexis('up', '-d')).out).toContain('Your cluster is back');
    expect(await call(PORT, 'GET', 'hoge')).toBe('fuga');
    expect(await call(PORT, 'SET', 'hoge', 'again')).toBe('OK');

    process.kill((await status())!.pid, 'SIGKILL');
    await expect.poll(status, { timeout: 5000 }).toBeUndefined();
    expect((await hexis('up', '-d')).out).toContain('Your cluster is back');
    expect(await call(PORT, 'GET', 'hoge')).toBe('again');
    expect((await hexis('up', '--masters', '5')).err).toContain('holds a cluster with --masters 3, not 5');
    expect((await hexis('down')).code).toBe(0);
  });

  it('says that nothing runs', async () => {
    expect(await hexis('down')).toMatchObject({ code: 0, out: expect.stringContaining('No cluster runs') });
    expect((await hexis('status', '--dir', '.hexis')).code).toBe(3);
  });

  it('keeps nothing with --ephemeral', async () => {
    const { out, err } = await hexis('up', '-d', '--ephemeral', '--masters', '1', '--port', String(PORT));
    expect(err).toBe('');
    expect(out).toContain(`127.0.0.1:${PORT}  master   slots 0-16383`);
    const statuses = JSON.parse((await hexis('status', '--json')).out) as {
      folder: string;
      startedIn: string;
    }[];
    const own = statuses.find(({ startedIn }) => startedIn === directory)!;
    expect(existsSync(own.folder)).toBe(true);
    expect((await hexis('down')).code).toBe(0);
    expect(existsSync(own.folder)).toBe(false);
  });

  it.skipIf(!hasRedisServer())('runs redis-server instead, and goes on with its files', async () => {
    const up = await hexis('up', '-d', '--engine', 'redis', '--dir', 'redis', '--port', String(PORT));
    expect(up).toMatchObject({ code: 0, out: expect.stringContaining('is ready'), err: '' });
    expect(String(await call(PORT, 'INFO', 'server'))).toMatch(/^executable:.*redis-server/m);
    expect(await call(PORT, 'SET', 'hoge', 'fuga')).toBe('OK');
    expect((await hexis('status', '--dir', 'redis')).out).toContain(`replica  of ${PORT}, `);
    expect((await hexis('down', '--dir', 'redis')).code).toBe(0);

    expect((await hexis('up', '-d', '--dir', 'redis')).out).toContain('is back');
    expect(await call(PORT, 'GET', 'hoge')).toBe('fuga');
    expect((await hexis('down', '--dir', 'redis')).code).toBe(0);
  });

  it.skipIf(!hasRedisServer())(
    'ends the servers that a killed `up` has left, and nobody else’s',
    async () => {
      const killed = async () => {
        const { pid } = JSON.parse((await hexis('status', '--dir', 'redis', '--json')).out)[0];
        process.kill(pid, 'SIGKILL');
        await expect.poll(async () => (await hexis('status', '--dir', 'redis')).code).toBe(3);
        expect(await call(PORT, 'PING')).toBe('PONG');
      };
      const back = { code: 0, err: '' };
      expect(await hexis('up', '-d', '--engine', 'redis', '--dir', 'redis')).toMatchObject(back);
      await killed();
      const elsewhere = await hexis('up', '-d', '--dir', 'other', '--port', String(PORT));
      expect(elsewhere).toMatchObject({ code: 1, err: expect.stringContaining('in use') });

      expect(await hexis('up', '-d', '--dir', 'redis')).toMatchObject({ code: 0, err: '' });
      expect(await call(PORT, 'GET', 'hoge')).toBe('fuga');
      expect((await hexis('down', '--dir', 'redis')).code).toBe(0);

      expect(await hexis('up', '-d', '--engine', 'redis', '--dir', 'redis')).toMatchObject(back);
      await killed();
      expect((await hexis('down', '--dir', 'redis')).out).toContain('Stopped what a cluster that was killed');
      expect((await hexis('down', '--dir', 'redis')).out).toContain('No cluster runs');
    },
  );

  it('tells wrong usage apart from failure', async () => {
    expect((await hexis('up', '--masters', 'many')).code).toBe(2);
    expect((await hexis('up', '--engine', 'memcached')).code).toBe(2);
    const high = await hexis('up', '--dir', 'other', '--port', '60000');
    expect([high.code, high.err]).toEqual([1, expect.stringContaining('Port 60005 is too high')]);
  });
});
