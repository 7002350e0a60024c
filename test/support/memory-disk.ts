/**
 * A disk in memory for unit tests, with failures on request. fsyncs end when the test says so (`finishSyncs`), or at
 * once when `syncAtOnce` is set. It can be filled from a real folder and written out to one.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type AppendFile, type Disk, DiskError, type ReadFile } from '../../src/node/host.js';
import type { Bytes } from '../../src/protocol/bytes.js';

class Contents {
  private memory: Buffer = Buffer.alloc(0);
  private length = 0;

  get bytes(): Buffer {
    return this.memory.subarray(0, this.length);
  }

  set bytes(bytes: Buffer) {
    this.memory = bytes;
    this.length = bytes.length;
  }

  append(bytes: Uint8Array): void {
    const length = this.length + bytes.length;
    if (length > this.memory.length) {
      const grown = Buffer.alloc(Math.max(length, this.memory.length * 2));
      this.memory.copy(grown, 0, 0, this.length);
      this.memory = grown;
    }
    this.memory.set(bytes, this.length);
    this.length = length;
  }
}

export class MemoryDisk implements Disk {
  readonly files = new Map<string, Contents>();
  readonly directories = new Set<string>();
  syncAtOnce = true;
  /** Complaint of the next writes or fsyncs, while set. */
  writeFailure: DiskError | undefined;
  syncFailure: DiskError | undefined;
  /** Bytes that a failing write leaves behind. */
  shortWrite = 0;
  syncs = 0;
  private waiting: (() => void)[] = [];

  read(path: string): Bytes | undefined {
    const file = this.files.get(path);
    return file && Buffer.from(file.bytes);
  }

  open(path: string): ReadFile | undefined {
    const file = this.files.get(path);
    if (file === undefined) return undefined;
    const { bytes } = file;
    return {
      size: bytes.length,
      read: (target, offset, length, position) => bytes.copy(target, offset, position, position + length),
      close: () => {},
    };
  }

  replace(path: string, contents: Bytes): void {
    this.mayFail();
    this.demandDirectory(path);
    this.put(path, contents);
  }

  append(path: string): AppendFile {
    this.demandDirectory(path);
    const file = this.files.get(path) ?? new Contents();
    this.files.set(path, file);
    return new MemoryFile(this, file);
  }

  rename(from: string, to: string): void {
    const file = this.files.get(from);
    if (file === undefined) throw new DiskError('ENOENT', 'No such file or directory');
    this.files.delete(from);
    this.files.set(to, file);
  }

  remove(path: string): void {
    this.files.delete(path);
  }

  makeDirectory(path: string): void {
    this.directories.add(path);
  }

  list(path: string): string[] {
    const prefix = `${path}/`;
    return [...this.files.keys()]
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length));
  }

  put(path: string, contents: Uint8Array | string): void {
    const file = new Contents();
    file.bytes = typeof contents === 'string' ? Buffer.from(contents, 'latin1') : Buffer.from(contents);
    this.files.set(path, file);
  }

  text(path: string): string | undefined {
    return this.files.get(path)?.bytes.toString('latin1');
  }

  /** The fsyncs under way end. */
  finishSyncs(): void {
    for (const finish of this.waiting.splice(0)) finish();
  }

  startSync(finish: () => void): void {
    this.syncs++;
    if (this.syncAtOnce) finish();
    else this.waiting.push(finish);
  }

  mayFail(): void {
    if (this.writeFailure) throw this.writeFailure;
  }

  private demandDirectory(path: string): void {
    const directory = dirname(path);
    if (directory !== '.' && !this.directories.has(directory)) {
      throw new DiskError('ENOENT', 'No such file or directory');
    }
  }

  /** A copy, as a crash would leave it. */
  copy(): MemoryDisk {
    const disk = new MemoryDisk();
    for (const [path, file] of this.files) disk.put(path, file.bytes);
    for (const directory of this.directories) disk.directories.add(directory);
    return disk;
  }

  static fromFolder(folder: string): MemoryDisk {
    const disk = new MemoryDisk();
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) disk.directories.add(name);
      else disk.put(name, readFileSync(path));
    }
    return disk;
  }

  toFolder(folder: string): void {
    for (const [name, file] of this.files) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, file.bytes);
    }
  }
}

class MemoryFile implements AppendFile {
  constructor(
    private readonly disk: MemoryDisk,
    private readonly file: Contents,
  ) {}

  get size(): number {
    return this.file.bytes.length;
  }

  write(bytes: Bytes, start: number, end: number): void {
    const { file, disk } = this;
    const failure = disk.writeFailure;
    if (failure) end = Math.min(end, start + disk.shortWrite);
    file.append(bytes.subarray(start, end));
    if (failure) throw failure;
  }

  sync(done: (error?: DiskError) => void): void {
    this.disk.startSync(() => done(this.disk.syncFailure));
  }

  syncNow(): void {
    if (this.disk.syncFailure) throw this.disk.syncFailure;
    this.disk.syncs++;
  }

  truncate(size: number): void {
    this.file.bytes = Buffer.from(this.file.bytes.subarray(0, size));
  }

  close(): void {}
}
