import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DiskError } from '../node/host.js';
import { fromLatin1, latin1 } from '../protocol/bytes.js';
import { DirectoryDisk } from './disk.js';

let folder: string;
let disk: DirectoryDisk;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hexis-disk-'));
  disk = new DirectoryDisk(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function failure(action: () => unknown): DiskError {
  try {
    action();
  } catch (error) {
    if (error instanceof DiskError) return error;
    throw error;
  }
  throw new Error('it worked');
}

describe('DirectoryDisk', () => {
  it('reads a whole file, and nothing of one that is absent', () => {
    expect(disk.read('a')).toBeUndefined();
    writeFileSync(join(folder, 'a'), 'text');
    const bytes = disk.read('a')!;
    expect(latin1(bytes)).toBe('text');
    expect(bytes.byteOffset).toBe(0);
  });

  it('replaces a file and leaves nothing else behind', () => {
    for (const durable of [true, false]) {
      disk.replace('a', fromLatin1('old'), durable);
      disk.replace('a', fromLatin1('new'), durable);
      expect(latin1(disk.read('a')!)).toBe('new');
      expect(readdirSync(folder)).toEqual(['a']);
    }
  });

  it('keeps the old file when a replacement fails', () => {
    disk.makeDirectory('a');
    expect(failure(() => disk.replace('a', fromLatin1('x'))).code).toBe('EISDIR');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  it('reads piece by piece', () => {
    expect(disk.open('a')).toBeUndefined();
    disk.replace('a', fromLatin1('0123456789'));
    const file = disk.open('a')!;
    const target = fromLatin1('......');
    expect(file.size).toBe(10);
    expect(file.read(target, 1, 4, 5)).toBe(4);
    expect(latin1(target)).toBe('.5678.');
    expect(file.read(target, 0, 4, 10)).toBe(0);
    file.close();
  });

  it('says once that an awaited fsync is over, whether or not it took the call itself', async () => {
    const file = disk.append('awaited.aof');
    let calls = 0;
    for (let round = 0; round < 5; round++) {
      file.write(Buffer.from('line\n'), 0, 5);
      await new Promise<void>((resolve) => {
        file.sync((error) => {
          expect(error).toBeUndefined();
          calls++;
          resolve();
        }, true);
      });
    }
    expect(calls).toBe(5);
    file.close();
  });

  it('appends, truncates and syncs', async () => {
    const file = disk.append('a');
    const bytes = fromLatin1('-one two-');
    file.write(bytes, 1, 8);
    expect(file.size).toBe(7);
    file.syncNow();
    const synced = new Promise((resolve) => file.sync(resolve));
    file.close(); // while an fsync is under way
    expect(await synced).toBeUndefined();

    const again = disk.append('a');
    expect(again.size).toBe(7);
    again.truncate(3);
    again.write(bytes, 4, 8);
    again.close();
    expect(readFileSync(join(folder, 'a'), 'latin1')).toBe('one two');
  });

  it('lists, renames and removes', () => {
    expect(disk.list('absent')).toEqual([]);
    disk.makeDirectory('deep/er');
    disk.replace('deep/er/b', fromLatin1(''));
    disk.replace('deep/er/a', fromLatin1(''));
    expect(disk.list('deep/er')).toEqual(['a', 'b']);
    disk.rename('deep/er/a', 'c');
    disk.remove('c');
    disk.remove('c');
    expect(disk.list('deep/er')).toEqual(['b']);
    expect(disk.list('.')).toEqual(['deep']);
  });

  it('says what went wrong with a code', () => {
    expect(failure(() => disk.append('no/such/folder')).code).toBe('ENOENT');
    expect(failure(() => disk.rename('absent', 'b')).code).toBe('ENOENT');
    expect(failure(() => disk.read('.')).code).toBe('EISDIR');
  });

  it('follows its directory', () => {
    disk.makeDirectory('sub');
    disk.directory = join(folder, 'sub');
    disk.replace('a', fromLatin1('x'));
    expect(readdirSync(join(folder, 'sub'))).toEqual(['a']);
  });
});
