import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { DirectoryLock } from '../../src/io/directory-lock.js';
import { temporaryFolder } from '../support/plain-redis.js';

describe('a directory lock', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'lock');
  afterEach(() => rmSync(path, { force: true }));

  it('is held by one at a time, also within a process, and can be given back', () => {
    const lock = DirectoryLock.acquire(path) as DirectoryLock;
    expect(DirectoryLock.acquire(path)).toBe(process.pid);
    lock.release();
    expect(existsSync(path)).toBe(false);
    expect(DirectoryLock.acquire(path)).toBeInstanceOf(DirectoryLock);
  });

  it('of a process that was killed counts for nothing', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    DirectoryLock.acquire(path);
    const own = readFileSync(path, 'latin1');
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')[19];
    const theirs = own.replace(/^\d+/, String(child.pid)).replace(/\d+\n$/, `${stat}\n`);
    writeFileSync(path, theirs);
    expect(DirectoryLock.acquire(path)).toBe(child.pid);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(DirectoryLock.acquire(path)).toBeInstanceOf(DirectoryLock);
    expect(readdirSync(folder)).toEqual(['lock']);
  });

  it('of another process with the same id counts for nothing', () => {
    DirectoryLock.acquire(path);
    writeFileSync(path, readFileSync(path, 'latin1').replace(/\d+\n$/, '1\n'));
    expect(DirectoryLock.acquire(path)).toBeInstanceOf(DirectoryLock);
  });

  it('that is cut off or garbage counts for nothing', () => {
    for (const text of ['', 'x', '0 unknown\n', '-1 unknown\n']) {
      writeFileSync(path, text);
      expect(DirectoryLock.acquire(path)).toBeInstanceOf(DirectoryLock);
    }
  });
});
