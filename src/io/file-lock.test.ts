import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/plain-redis.js';
import { FileLock } from './file-lock.js';

describe('the lock of a file', () => {
  const folder = temporaryFolder();
  const file = join(folder, 'dump.rdb');
  const path = `${file}.lock`;
  afterEach(() => rmSync(path, { force: true }));

  it('is held by one at a time, also within a process, and can be given back', () => {
    const lock = FileLock.acquire(file) as FileLock;
    expect(FileLock.acquire(file)).toBe(process.pid);
    lock.release();
    expect(existsSync(path)).toBe(false);
    expect(FileLock.acquire(file)).toBeInstanceOf(FileLock);
  });

  it('of a process that was killed counts for nothing', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    FileLock.acquire(file);
    const own = readFileSync(path, 'latin1');
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')[19];
    const theirs = own.replace(/^\d+/, String(child.pid)).replace(/\d+\n$/, `${stat}\n`);
    writeFileSync(path, theirs);
    expect(FileLock.acquire(file)).toBe(child.pid);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(FileLock.acquire(file)).toBeInstanceOf(FileLock);
    expect(readdirSync(folder)).toEqual(['dump.rdb.lock']);
  });

  it('of another process with the same id counts for nothing', () => {
    FileLock.acquire(file);
    writeFileSync(path, readFileSync(path, 'latin1').replace(/\d+\n$/, '1\n'));
    expect(FileLock.acquire(file)).toBeInstanceOf(FileLock);
  });

  it('that is cut off or garbage counts for nothing', () => {
    for (const text of ['', 'x', '0 unknown\n', '-1 unknown\n']) {
      writeFileSync(path, text);
      expect(FileLock.acquire(file)).toBeInstanceOf(FileLock);
    }
  });
});
