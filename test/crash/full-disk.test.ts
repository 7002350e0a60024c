/**
 * A real disk that is full, or can't be written to: a small tmpfs, with redis-server on another for comparison. Needs
 * root, to mount them; the same on disks in memory is tested beside the code (aof/append-only-log.test.ts, rdb/saves.test.ts).
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Connection } from '../../src/client/connection.js';
import { type Directives, type RunningServer, startServer } from '../../src/io/index.js';
import { eventually } from '../support/eventually.js';
import { PlainRedis } from '../support/plain-redis.js';
import { freePorts } from '../support/ports.js';
import { hasRedisServer } from '../support/redis-process.js';

const VALUE = 'x'.repeat(64 * 1024);

let folder: string;
let disk: string;
const mounted: string[] = [];
let server: RunningServer | undefined;
let redis: PlainRedis | undefined;
let lines: string[] = [];

function mount(path: string, options: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]).status === 0;
}

function mayMount(): boolean {
  const probe = mkdtempSync(join(tmpdir(), 'hexis-mount-'));
  const may = process.getuid?.() === 0 && mount(probe, 'size=64k');
  if (may) spawnSync('umount', [probe]);
  rmSync(probe, { recursive: true, force: true });
  return may;
}

function smallDisk(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  expect(mount(path, 'size=2m')).toBe(true);
  mounted.push(path);
  return path;
}

function remount(path: string, options: string): void {
  expect(spawnSync('mount', ['-o', `remount,${options}`, path]).status).toBe(0);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hexis-full-disk-'));
});
afterEach(async () => {
  await server?.close();
  await redis?.stop();
  server = redis = undefined;
  for (const path of mounted.splice(0)) spawnSync('umount', ['-l', path]);
  rmSync(folder, { recursive: true, force: true });
});

async function start(directives: Directives): Promise<Connection> {
  lines = [];
  server = await startServer({
    config: { save: '', appendonly: true, ...directives },
    anyPort: true,
    log: (line) => lines.push(line),
  });
  return Connection.open({ host: '127.0.0.1', port: server.port });
}

/** Sets keys until that is refused; answers how many have been acknowledged, and the refusal. */
async function fill(
  call: (...words: string[]) => Promise<unknown>,
): Promise<{ keys: number; refusal: string }> {
  for (let keys = 0; keys < 1000; keys++) {
    try {
      await call('SET', `key:${keys}`, VALUE);
    } catch (error) {
      return { keys, refusal: (error as Error).message.trim() };
    }
  }
  throw new Error('the disk is never full');
}

/** How many keys, from the first on, a server finds in a copy of the folder. */
async function recovered(): Promise<number> {
  const copy = mkdtempSync(join(folder, 'copy-'));
  cpSync(join(disk, 'appendonlydir'), join(copy, 'appendonlydir'), { recursive: true });
  const second = await startServer({ config: { save: '', appendonly: true, dir: copy }, anyPort: true });
  const connection = await Connection.open({ host: '127.0.0.1', port: second.port });
  try {
    const keys = Number(await connection.call('DBSIZE'));
    for (let i = 0; i < keys; i++) expect(await connection.call('STRLEN', `key:${i}`)).toBe(VALUE.length);
    return keys;
  } finally {
    connection.close();
    await second.close();
  }
}

describe.skipIf(!mayMount())('a disk of two megabytes', () => {
  it('that is full has writes refused, as by redis-server, until there is room', async () => {
    disk = smallDisk('hexis');
    const connection = await start({ dir: disk });
    const { keys, refusal } = await fill((...words) => connection.call(...words));
    expect(refusal).toBe('MISCONF Errors writing to the AOF file: No space left on device');
    await expect(connection.call('PING')).rejects.toThrow(refusal);
    expect(await connection.call('STRLEN', 'key:0')).toBe(VALUE.length);
    // The one that didn't fit was acknowledged before the disk refused it, and waits in memory.
    expect(await recovered()).toBe(keys - 1);

    if (hasRedisServer()) {
      redis = new PlainRedis(await freePorts(1), smallDisk('redis'), ['--appendonly', 'yes']);
      await redis.ready();
      const theirs = await fill((...words) => redis!.cli(...words));
      expect(theirs).toEqual({ keys, refusal });
    }

    remount(disk, 'size=64m');
    await eventually(async () => (await connection.call('SET', `key:${keys}`, VALUE)) === 'OK');
    expect(lines.join('\n')).toContain('AOF write error looks solved, Redis can write again.');
    expect(await recovered()).toBe(keys + 1);
    connection.close();
  });

  it('that is full ends a server under appendfsync always, and what it acknowledged is there', async () => {
    disk = smallDisk('hexis');
    const connection = await start({ dir: disk, appendfsync: 'always' });
    const { keys } = await fill((...words) => connection.call(...words));
    expect(await server!.ended).toBe(1);
    expect(lines.join('\n')).toContain(
      "Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting...",
    );
    server = undefined;
    expect(await recovered()).toBe(keys);
  });

  it('that is full has SAVE fail, and leaves the dump before as it was', async () => {
    disk = smallDisk('hexis');
    const connection = await start({ dir: disk, appendonly: false });
    await connection.call('SET', 'small', 'x');
    expect(await connection.call('SAVE')).toBe('OK');
    for (let i = 0; i < 40; i++) await connection.call('SET', `key:${i}`, String(i).repeat(100_000));
    await connection.call('CONFIG', 'SET', 'rdbcompression', 'no');
    await expect(connection.call('SAVE')).rejects.toThrow('ERR');
    expect(lines.join('\n')).toMatch(/Write error saving DB on disk\(.*\): No space left on device/);
    connection.close();
    await server!.close();
    const again = await start({ dir: disk, appendonly: false });
    expect(await again.call('KEYS', '*')).toEqual(['small']);
    again.close();
  });

  it('that can only be read keeps the server from starting', async () => {
    disk = smallDisk('hexis');
    remount(disk, 'ro');
    await expect(start({ dir: disk })).rejects.toThrow("can't be used");
    expect(lines.join('\n')).toContain(
      "Can't open or create append-only dir appendonlydir: Read-only file system",
    );
  });
});
