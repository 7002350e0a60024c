/** MIGRATE against a target that answers when the test wants it to: what waits, what doesn't, how failures end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../../src/io/index.js';
import { RawConnection } from '../support/redis-server.js';

/** Takes connections and requests, and answers what it is told to. */
class Target {
  received = '';
  readonly sockets: Socket[] = [];
  private readonly server: Server;

  constructor() {
    this.server = createServer((socket) => {
      this.sockets.push(socket);
      socket.on('data', (bytes) => {
        this.received += bytes.toString('latin1');
      });
      socket.on('error', () => {});
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return String((this.server.address() as AddressInfo).port);
  }

  /** Waits until so many RESTOREs have come. */
  async restores(count: number): Promise<void> {
    await expect.poll(() => this.received.split('RESTORE\r\n').length - 1, { timeout: 5000 }).toBe(count);
  }

  answer(text: string): void {
    this.sockets.at(-1)!.write(text);
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }
}

let folder: string;
let server: RunningServer;
let migrator: RawConnection;
let other: RawConnection;
let target: Target;
let port: string;

const ask = async (connection: RawConnection, ...words: string[]) =>
  String((await connection.send([words]))[0]);

/** Sends MIGRATE of keys; resolves to its reply. */
const migrate = (timeout: string, ...words: string[]) =>
  ask(migrator, 'MIGRATE', '127.0.0.1', port, '', '0', timeout, ...words);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hexis-migrate-'));
  server = await startServer({ config: { dir: folder, save: '' }, anyPort: true });
  migrator = await RawConnection.open(server.port);
  other = await RawConnection.open(server.port);
  target = new Target();
  port = await target.listen();
  await ask(other, 'MSET', 'a', '1', 'b', '2', 'c', '3');
});
afterEach(async () => {
  migrator.close();
  other.close();
  target.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('MIGRATE', () => {
  it('holds back commands on the keys only, until the target has them', async () => {
    const reply = migrate('5000', 'KEYS', 'a', 'b', 'nothing');
    await target.restores(2);
    expect(await ask(other, 'INCR', 'c')).toBe(':4\r\n');
    let increased: string | undefined;
    const increment = ask(other, 'INCR', 'a').then((text) => {
      increased = text;
    });
    target.answer('+OK\r\n+OK\r\n');
    expect(increased).toBeUndefined();
    target.answer('+OK\r\n');
    expect(await reply).toBe('+OK\r\n');
    await increment;
    expect(increased).toBe(':1\r\n'); // the key had gone
    expect(await ask(other, 'EXISTS', 'a', 'b', 'c')).toBe(':2\r\n');
  });

  it('holds back what does not say which keys it touches, transactions included', async () => {
    const reply = migrate('5000', 'KEYS', 'a');
    await target.restores(1);
    let done = false;
    const transaction = other.send([['MULTI'], ['SET', 'a', 'x'], ['GET', 'c'], ['EXEC']]).then(() => {
      done = true;
    });
    const third = await RawConnection.open(server.port);
    const flush = ask(third, 'FLUSHALL');
    target.answer('+OK\r\n');
    expect(done).toBe(false);
    target.answer('+OK\r\n');
    expect(await reply).toBe('+OK\r\n');
    await Promise.all([transaction, flush]);
    third.close();
  });

  it('leaves keys that stay alone when they are only copied', async () => {
    const reply = migrate('5000', 'COPY', 'KEYS', 'a');
    await target.restores(1);
    expect(await ask(other, 'INCR', 'a')).toBe(':2\r\n');
    target.answer('+OK\r\n+OK\r\n');
    expect(await reply).toBe('+OK\r\n');
    expect(await ask(other, 'GET', 'a')).toBe('$1\r\n2\r\n');
  });

  it('keeps the keys that the target refuses and removes the others', async () => {
    const reply = migrate('5000', 'KEYS', 'a', 'b', 'c');
    await target.restores(3);
    target.answer('+OK\r\n+OK\r\n-BUSYKEY Target key name already exists.\r\n+OK\r\n');
    expect(await reply).toBe(
      '-ERR Target instance replied with error: BUSYKEY Target key name already exists.\r\n',
    );
    expect(await ask(other, 'MGET', 'a', 'b', 'c')).toBe('*3\r\n$-1\r\n$1\r\n2\r\n$-1\r\n');
  });

  it('removes nothing when the target refuses the database or the password', async () => {
    const reply = migrate('5000', 'AUTH', 'secret', 'KEYS', 'a');
    await target.restores(1);
    target.answer('-ERR no such user\r\n+OK\r\n+OK\r\n');
    expect(await reply).toBe('-ERR Target instance replied with error: ERR no such user\r\n');
    expect(await ask(other, 'EXISTS', 'a')).toBe(':1\r\n');
  });

  it('gives up on a silent target, keeps the key and lets its commands go on', async () => {
    const reply = migrate('200', 'KEYS', 'a');
    await target.restores(1);
    const increment = ask(other, 'INCR', 'a');
    expect(await reply).toBe('-IOERR error or timeout reading to target instance\r\n');
    expect(await increment).toBe(':2\r\n');
  });

  it('tries once more when the connection breaks before an answer', async () => {
    const reply = migrate('5000', 'KEYS', 'a');
    await target.restores(1);
    target.sockets[0].destroy();
    await target.restores(2);
    target.answer('+OK\r\n+OK\r\n');
    expect(await reply).toBe('+OK\r\n');
    expect(await ask(other, 'EXISTS', 'a')).toBe(':0\r\n');
  });

  it('removes what was confirmed before the connection broke', async () => {
    const reply = migrate('5000', 'KEYS', 'a', 'b');
    await target.restores(2);
    target.answer('+OK\r\n+OK\r\n');
    target.sockets[0].end();
    expect(await reply).toBe('-IOERR error or timeout reading to target instance\r\n');
    expect(await ask(other, 'MGET', 'a', 'b')).toBe('*2\r\n$-1\r\n$1\r\n2\r\n');
  });

  it('says when nobody listens', async () => {
    target.close();
    expect(await migrate('5000', 'KEYS', 'a')).toBe('-IOERR error or timeout writing to target instance\r\n');
    expect(await ask(other, 'EXISTS', 'a')).toBe(':1\r\n');
  });

  it('uses a connection again, and selects the database only once', async () => {
    for (const key of ['a', 'b']) {
      const reply = migrate('5000', 'KEYS', key);
      await target.restores(key === 'a' ? 1 : 2);
      target.answer(key === 'a' ? '+OK\r\n+OK\r\n' : '+OK\r\n');
      expect(await reply).toBe('+OK\r\n');
    }
    expect(target.sockets.length).toBe(1);
    expect(target.received.split('SELECT').length - 1).toBe(1);
    expect(await ask(other, 'INFO', 'stats')).toContain('migrate_cached_sockets:1');
  });

  it('goes on without its caller', async () => {
    void migrate('5000', 'KEYS', 'a').catch(() => {});
    await target.restores(1);
    migrator.close();
    target.answer('+OK\r\n+OK\r\n');
    await expect.poll(() => ask(other, 'EXISTS', 'a')).toBe(':0\r\n');
  });
});
