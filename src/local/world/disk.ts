/**
 * A virtual disk with two images of each file: what was written, and what would survive a power loss.
 *
 * `sync` moves the border between them; so does `replace`, which by contract is there whole and durable or not at
 * all. A power loss keeps of the rest only a random prefix, whose end may be torn (zeros where data should be, as
 * file systems leave them). Creating, renaming and removing is journalled as file systems do: in order, and
 * committed by the next sync of anything; a power loss undoes a random part of what was not committed, last first.
 * A killed process loses nothing here: the operating system lives on.
 */
import { type AppendFile, type Disk, DiskError, type ReadFile } from '../../node/host.js';
import { allocate, type Bytes, copy, slice } from '../../protocol/bytes.js';
import type { RandomStream } from './random.js';

/** What a disk needs of the machine it is in. */
export interface DiskSite {
  readonly random: RandomStream;
  /** Later, on the thread of the process that asks now, unless that has ended or the power has failed. */
  later(delay: number, action: () => void): void;
  /** Mean time of an fsync, milliseconds. */
  readonly syncTime: number;
  record(operation: string, path: string, size: number): void;
}

const SECTOR = 512;

class FileImage {
  bytes: Bytes = allocate(64);
  length = 0;
  /** bytes[0, durable) survive a power loss. */
  durable = 0;

  write(bytes: Bytes, start: number, end: number): void {
    const length = this.length + end - start;
    if (length > this.bytes.length) {
      const grown = allocate(Math.max(length, this.bytes.length * 2));
      copy(grown, 0, this.bytes, 0, this.length);
      this.bytes = grown;
    }
    this.length = copy(this.bytes, this.length, bytes, start, end);
  }

  truncate(size: number): void {
    this.length = Math.min(this.length, size);
    this.durable = Math.min(this.durable, size);
  }

  losePower(random: RandomStream): void {
    const lost = this.length - this.durable;
    this.truncate(this.durable + random.below(lost + 1));
    const torn = Math.min(this.length - this.durable, random.below(SECTOR));
    if (random.chance(0.5)) this.bytes.fill(0, this.length - torn, this.length);
    this.durable = this.length;
  }
}

/** Another file stands at a path, or none. */
interface Change {
  readonly path: string;
  /** What stood there. */
  readonly before: FileImage | undefined;
  undo(): void;
}

export class VirtualDisk implements Disk {
  /** While true writes fail with ENOSPC. */
  full = false;
  private readonly files = new Map<string, FileImage>();
  private readonly directories = new Set<string>(['']);
  /** Changes of the directory that no sync has committed, in order. */
  private uncommitted: Change[] = [];

  constructor(private readonly site: DiskSite) {}

  read(path: string): Bytes | undefined {
    const file = this.files.get(normalized(path));
    return file && slice(file.bytes, 0, file.length);
  }

  open(path: string): ReadFile | undefined {
    const file = this.files.get(normalized(path));
    return (
      file && {
        size: file.length,
        read(target, offset, length, position) {
          const end = Math.min(position + length, file.length);
          return copy(target, offset, file.bytes, position, Math.max(position, end)) - offset;
        },
        close() {},
      }
    );
  }

  replace(path: string, contents: Bytes, durable = true): void {
    this.demandSpace(path);
    path = this.place(path);
    const replaced = this.files.get(path);
    const file = new FileImage();
    file.write(contents, 0, contents.length);
    file.durable = file.length;
    this.files.set(path, file);
    if (durable) this.commit();
    else this.uncommitted.push({ path, before: replaced, undo: () => this.restore(path, replaced) });
    this.site.record('replace', path, contents.length);
  }

  append(path: string): AppendFile {
    path = this.place(path);
    const file = this.files.get(path) ?? this.create(path);
    const { site } = this;
    const disk = this;
    return {
      get size() {
        return file.length;
      },
      write(bytes, start, end) {
        disk.demandSpace(path);
        file.write(bytes, start, end);
        site.record('write', path, end - start);
      },
      sync(done) {
        const { length } = file;
        site.later(site.random.exponential(site.syncTime), () => {
          disk.secure(path, file, length);
          done();
        });
      },
      syncNow() {
        disk.secure(path, file, file.length);
      },
      truncate(size) {
        file.truncate(size);
        site.record('truncate', path, size);
      },
      close() {},
    };
  }

  rename(from: string, to: string): void {
    from = normalized(from);
    to = this.place(to);
    const file = this.files.get(from);
    if (!file) throw missing('rename', from);
    const replaced = this.files.get(to);
    this.files.delete(from);
    this.files.set(to, file);
    const undo = () => {
      this.restore(to, replaced);
      this.files.set(from, file);
    };
    this.uncommitted.push({ path: to, before: replaced, undo });
    this.site.record('rename', to, file.length);
  }

  remove(path: string): void {
    path = normalized(path);
    const file = this.files.get(path);
    if (!file) return;
    this.files.delete(path);
    this.uncommitted.push({ path, before: file, undo: () => this.files.set(path, file) });
    this.site.record('remove', path, file.length);
  }

  makeDirectory(path: string): void {
    let parent = '';
    for (const name of normalized(path).split('/')) {
      parent = parent === '' ? name : `${parent}/${name}`;
      this.directories.add(parent);
    }
  }

  list(path: string): string[] {
    const directory = normalized(path);
    const prefix = directory === '' ? '' : `${directory}/`;
    return [...this.files.keys()]
      .filter((file) => file.startsWith(prefix) && !file.includes('/', prefix.length))
      .map((file) => file.slice(prefix.length))
      .sort();
  }

  /** The power fails: what was not synced is gone, in part or whole. */
  losePower(): void {
    const { random } = this.site;
    for (let undo = random.below(this.uncommitted.length + 1); undo > 0; undo--)
      this.uncommitted.pop()!.undo();
    this.uncommitted = [];
    for (const file of this.files.values()) file.losePower(random);
  }

  /** The oldest file that a power loss may leave at a path; undefined when it may leave none. */
  survivor(path: string): Bytes | undefined {
    path = normalized(path);
    const change = this.uncommitted.find((uncommitted) => uncommitted.path === path);
    const file = change === undefined ? this.files.get(path) : change.before;
    return file && slice(file.bytes, 0, file.durable);
  }

  /** Removes everything. */
  erase(): void {
    this.files.clear();
    this.uncommitted = [];
  }

  private create(path: string): FileImage {
    this.demandSpace(path);
    const file = new FileImage();
    this.files.set(path, file);
    this.uncommitted.push({ path, before: undefined, undo: () => this.files.delete(path) });
    return file;
  }

  private secure(path: string, file: FileImage, length: number): void {
    file.durable = Math.max(file.durable, Math.min(length, file.length));
    this.commit();
    this.site.record('sync', path, length);
  }

  private commit(): void {
    this.uncommitted = [];
  }

  private restore(path: string, file: FileImage | undefined): void {
    if (file) this.files.set(path, file);
    else this.files.delete(path);
  }

  /** The path of a file that may be created, its directory being there. */
  private place(path: string): string {
    path = normalized(path);
    if (!this.directories.has(path.slice(0, Math.max(0, path.lastIndexOf('/'))))) throw missing('open', path);
    return path;
  }

  private demandSpace(path: string): void {
    if (this.full) throw new DiskError('ENOSPC', `ENOSPC: no space left on device, write '${path}'`);
  }
}

function missing(call: string, path: string): DiskError {
  return new DiskError('ENOENT', `ENOENT: no such file or directory, ${call} '${path}'`);
}

/** `./a//b/` is `a/b`. */
function normalized(path: string): string {
  return path
    .split('/')
    .filter((name) => name !== '' && name !== '.')
    .join('/');
}
