/**
 * A snapshot on its way to a temporary file, slice by slice, while commands go on. Whoever asked for it renames the
 * file when it is whole and safe.
 */
import { type AppendFile, type Disk, DiskError, type Schedule } from '../node/host.js';
import type { Snapshot, SnapshotInfo, SnapshotProgress, SnapshotSource } from './snapshots.js';

export interface SnapshotFileEnvironment {
  readonly disk: Disk;
  readonly schedule: Schedule;
  readonly snapshots: SnapshotSource;
  /** Whether the system is told to write now and then, so that the last fsync is short. */
  syncOften(): boolean;
}

const SYNC_BYTES = 4 * 1024 * 1024;

export class SnapshotFile {
  /** Bytes written. */
  size = 0;
  private readonly file: AppendFile;
  private readonly snapshot: Snapshot;
  private syncedSize = 0;
  private failure: DiskError | undefined;
  private over = false;

  /**
   * The image is that of this moment. Throws `DiskError` when the file can't be opened.
   * @param path of the temporary file
   * @param ended called once the file is whole and safe, or with what went wrong; not after `abort`
   */
  constructor(
    private readonly env: SnapshotFileEnvironment,
    readonly path: string,
    info: SnapshotInfo,
    private readonly ended: (error?: DiskError) => void,
  ) {
    this.file = openEmpty(env.disk, path);
    this.snapshot = env.snapshots.begin(info);
  }

  get progress(): SnapshotProgress {
    return this.snapshot.progress;
  }

  start(delay = 0): void {
    this.env.schedule(delay, () => this.step());
  }

  /** Gives it up and removes the file; `ended` is not called. */
  abort(): void {
    if (this.over) return;
    this.over = true;
    this.snapshot.close();
    this.close();
    this.discard();
  }

  /** Removes the file, if it is there. */
  discard(): void {
    try {
      this.env.disk.remove(this.path);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
    }
  }

  private step(): void {
    if (this.over) return;
    try {
      const slice = this.snapshot.next();
      if (slice !== undefined) {
        this.file.write(slice, 0, slice.length);
        this.size += slice.length;
        this.syncSome();
        this.start(this.snapshot.delay);
        return;
      }
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.snapshot.close();
      this.finish(error);
      return;
    }
    this.file.sync((error) => {
      if (!this.over) this.finish(this.failure ?? error);
    });
  }

  private syncSome(): void {
    if (this.size - this.syncedSize < SYNC_BYTES || !this.env.syncOften()) return;
    this.syncedSize = this.size;
    this.file.sync((error) => {
      this.failure ??= error; // the system tells of a failure once
    });
  }

  private finish(error: DiskError | undefined): void {
    this.over = true;
    this.close();
    this.ended(error);
  }

  private close(): void {
    try {
      this.file.close();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
    }
  }
}

/**
 * Writes a whole snapshot to a file and makes it safe before it returns; answers its size. Throws `DiskError`; what
 * was written is then still there.
 */
export function writeSnapshot(
  { disk, snapshots }: Pick<SnapshotFileEnvironment, 'disk' | 'snapshots'>,
  path: string,
  info: SnapshotInfo,
): number {
  const file = openEmpty(disk, path);
  const snapshot = snapshots.begin(info);
  try {
    for (let slice = snapshot.next(); slice !== undefined; slice = snapshot.next()) {
      file.write(slice, 0, slice.length);
    }
    file.syncNow();
    return file.size;
  } finally {
    snapshot.close();
    file.close();
  }
}

function openEmpty(disk: Disk, path: string): AppendFile {
  const file = disk.append(path);
  if (file.size > 0) file.truncate(0);
  return file;
}
