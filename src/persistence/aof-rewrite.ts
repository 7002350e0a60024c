/** One rewrite of the append-only file: a snapshot on its way to a temporary file, slice by slice. */
import { type AppendFile, type Disk, DiskError, type Log, type Schedule } from '../node/host.js';
import type { AofFolder } from './aof-folder.js';
import type { Snapshot, SnapshotSource } from './snapshots.js';

export interface AofRewriteEnvironment {
  readonly folder: AofFolder;
  readonly log: Log;
  readonly schedule: Schedule;
  readonly snapshots: SnapshotSource;
  readonly processId: number;
}

export class AofRewrite {
  /** The temporary file. */
  readonly path: string;
  size = 0;
  private readonly disk: Disk;
  private readonly file: AppendFile;
  private readonly snapshot: Snapshot;
  private over = false;

  /**
   * The image is that of this moment. Throws `DiskError`, logged, when the file can't be opened.
   * @param ended called once the file is whole and safe, or with what went wrong; not after `abort`
   */
  constructor(
    private readonly env: AofRewriteEnvironment,
    private readonly ended: (error?: DiskError) => void,
  ) {
    this.path = `temp-rewriteaof-bg-${env.processId}.aof`;
    this.disk = env.folder.disk;
    this.file = env.folder.attempt('Opening the temp file for AOF rewrite in rewriteAppendOnlyFile()', () => {
      const file = this.disk.append(this.path);
      file.truncate(0);
      return file;
    });
    this.snapshot = env.snapshots.begin({ aofBase: true });
  }

  start(): void {
    this.env.schedule(0, () => this.step());
  }

  /** Gives it up; `ended` is not called. */
  abort(): void {
    this.over = true;
    this.snapshot.close();
    this.closeFile();
    this.discard();
  }

  /** Removes the temporary file, if it is there. */
  discard(): void {
    try {
      this.disk.remove(this.path);
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
        this.start();
        return;
      }
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.env.log('warning', `Write error writing append only file on disk: ${error.message}`);
      this.snapshot.close();
      this.finish(error);
      return;
    }
    this.file.sync((error) => {
      if (this.over) return;
      if (error === undefined) {
        this.env.log('notice', `Successfully created the temporary AOF base file ${this.path}`);
      }
      this.finish(error);
    });
  }

  private finish(error?: DiskError): void {
    this.over = true;
    this.size = this.file.size;
    this.closeFile();
    this.ended(error);
  }

  private closeFile(): void {
    try {
      this.file.close();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
    }
  }
}

const FAILURES_BEFORE_LIMIT = 3;
const LONGEST_DELAY = 60;

/** Rewrites that keep failing are tried less and less often: after 1, 2, 4 … 60 minutes. */
export class RewriteLimit {
  private failures = 0;
  private delay = 0;
  private until = 0;

  failed(): void {
    this.failures++;
  }

  succeeded(): void {
    this.failures = 0;
    this.delay = 0;
    this.until = 0;
  }

  /** Whether a rewrite that nobody asked for must wait. */
  reached(now: number, log: Log): boolean {
    if (this.failures < FAILURES_BEFORE_LIMIT) return false;
    if (this.until !== 0) {
      if (now < this.until) return true;
      this.until = 0;
      return false;
    }
    this.delay = Math.min(this.delay === 0 ? 1 : this.delay * 2, LONGEST_DELAY);
    this.until = now + this.delay * 60_000;
    log(
      'warning',
      `Background AOF rewrite has repeatedly failed and triggered the limit, will retry in ${this.delay} minutes`,
    );
    return true;
  }
}
