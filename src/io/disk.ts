/**
 * A node's files, below one directory.
 *
 * `replace` is how anything that must be there whole or not at all is written: a temporary file beside the target,
 * fsync, rename over the target, fsync of the directory. After a crash at any point either the old file or the new
 * one is there.
 */
import {
  close,
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type AppendFile, type Disk, DiskError, type ReadFile } from '../node/host.js';
import { allocate, type Bytes } from '../protocol/bytes.js';
import { systemReason } from './system-error.js';

export { DiskError };

export class DirectoryDisk implements Disk {
  /** Paths are relative to `directory`, which may change (CONFIG SET dir). Absolute paths are taken as they are. */
  constructor(public directory: string) {}

  read(path: string): Bytes | undefined {
    return attempt(() => {
      try {
        return ownMemory(readFileSync(this.resolve(path)));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    });
  }

  open(path: string): ReadFile | undefined {
    return attempt(() => {
      try {
        return new RealReadFile(this.resolve(path));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    });
  }

  replace(path: string, contents: Bytes, durable = true): void {
    attempt(() => replaceFile(this.resolve(path), contents, durable));
  }

  append(path: string): AppendFile {
    return attempt(() => new RealAppendFile(this.resolve(path)));
  }

  rename(from: string, to: string): void {
    attempt(() => {
      const target = this.resolve(to);
      unlinkBy(() => renameSync(this.resolve(from), target), target);
      syncDirectory(dirname(target));
    });
  }

  remove(path: string): void {
    const target = this.resolve(path);
    attempt(() => unlinkBy(() => rmSync(target, { force: true }), target));
  }

  makeDirectory(path: string): void {
    const directory = this.resolve(path);
    attempt(() => {
      try {
        mkdirSync(directory); // says what is wrong, which the recursive form doesn't always
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT') mkdirSync(directory, { recursive: true });
        else if (code !== 'EEXIST') throw error;
      }
    });
  }

  list(path: string): string[] {
    return attempt(() => {
      try {
        return readdirSync(this.resolve(path)).sort();
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
    });
  }

  private resolve(path: string): string {
    return resolve(this.directory, path);
  }
}

/** Writes a file so that it is there whole or not at all, and, when `durable`, survives power loss. */
export function replaceFile(path: string, contents: Bytes, durable = true): void {
  const temporary = `${path}.${process.pid}.tmp`;
  const fd = openSync(temporary, 'w', 0o644);
  try {
    try {
      writeAll(fd, contents, 0, contents.length);
      if (durable) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  if (durable) syncDirectory(dirname(path));
}

class RealReadFile implements ReadFile {
  readonly size: number;
  private readonly fd: number;

  constructor(path: string) {
    this.fd = openSync(path, 'r');
    this.size = fstatSync(this.fd).size;
  }

  read(target: Bytes, offset: number, length: number, position: number): number {
    return attempt(() => readSync(this.fd, target, offset, length, position));
  }

  close(): void {
    attempt(() => closeSync(this.fd));
  }
}

/** While fsyncs take less, in milliseconds, one that is awaited is not worth the way to another thread and back. */
const SHORT_SYNC = 2;

class RealAppendFile implements AppendFile {
  size: number;
  private readonly fd: number;
  private closed = false;
  /** fsyncs under way: the file is closed behind the last. */
  private syncing = 0;
  /** How long the last fsync took, milliseconds. */
  private syncTime = Number.POSITIVE_INFINITY;

  constructor(path: string) {
    this.fd = openSync(path, 'a', 0o644);
    this.size = fstatSync(this.fd).size;
    if (this.size === 0) syncDirectory(dirname(path));
  }

  write(bytes: Bytes, start: number, end: number): void {
    try {
      writeAll(this.fd, bytes, start, end);
      this.size += end - start;
    } catch (error) {
      this.size = fstatSync(this.fd).size; // part of it may be there
      throw diskError(error);
    }
  }

  sync(done: (error?: DiskError) => void, awaited = false): void {
    const begun = performance.now();
    const ended = (error: Error | null) => {
      this.syncTime = performance.now() - begun;
      done(error ? diskError(error) : undefined);
    };
    if (awaited && this.syncTime < SHORT_SYNC) {
      let failure: Error | null = null;
      try {
        fdatasyncSync(this.fd);
      } catch (error) {
        failure = error as Error;
      }
      ended(failure);
      return;
    }
    this.syncing++;
    fdatasync(this.fd, (error) => {
      this.syncing--;
      if (this.closed) this.closeWhenIdle();
      ended(error);
    });
  }

  syncNow(): void {
    attempt(() => fdatasyncSync(this.fd));
  }

  truncate(size: number): void {
    attempt(() => ftruncateSync(this.fd, size));
    this.size = size;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.closeWhenIdle();
  }

  private closeWhenIdle(): void {
    if (this.syncing === 0) attempt(() => closeSync(this.fd));
  }
}

/** One write nearly always takes everything; a full disk or a signal may leave a rest. */
function writeAll(fd: number, bytes: Bytes, start: number, end: number): void {
  while (start < end) start += writeSync(fd, bytes, start, end - start);
}

/**
 * Does what takes the file's name away. The file itself goes with its last descriptor, which is closed on another thread:
 * giving back gigabytes takes long.
 */
function unlinkBy(action: () => void, path: string): void {
  const fd = descriptorOf(path);
  try {
    action();
  } finally {
    if (fd !== undefined) close(fd, () => {});
  }
}

/** Undefined where there is none: no such file, or one that can't be read, or a system where it would be in the way. */
function descriptorOf(path: string): number | undefined {
  if (process.platform === 'win32') return undefined; // an open file can't be replaced there
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK); // it may be a pipe
  } catch {
    return undefined;
  }
}

/** New names in a directory survive power loss only once it has been synced itself. */
function syncDirectory(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } catch (error) {
    // Some file systems can't; Windows never can.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EINVAL' && code !== 'EPERM' && code !== 'ENOTSUP') throw error;
  } finally {
    closeSync(fd);
  }
}

/** Small files are read into Node's shared pool, whose bytes begin anywhere; ours begin at 0 of their own memory. */
function ownMemory(bytes: Buffer): Bytes {
  if (bytes.byteLength === bytes.buffer.byteLength) return bytes;
  const own = allocate(bytes.length);
  own.set(bytes);
  return own;
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function diskError(error: unknown): DiskError {
  return new DiskError((error as NodeJS.ErrnoException).code ?? 'EIO', systemReason(error));
}

/** Failures of the system become `DiskError`s. */
function attempt<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === undefined ? error : diskError(error);
  }
}
