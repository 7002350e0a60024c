/**
 * The dump: SAVE, BGSAVE and the `save` points.
 *
 * A snapshot goes to a temporary file, which replaces the dump when it is whole and safe, so there is always one good
 * dump. SAVE does that in one go, BGSAVE in slices while commands go on.
 *
 * Specification: `rdbSave` and `rdbSaveBackground` in redis 7.0 `rdb.c`; `serverCron`.
 */
import { DiskError, type Log } from '../../node/host.js';
import { SnapshotFile, type SnapshotFileEnvironment, writeSnapshot } from '../snapshot-file.js';
import type { SnapshotInfo, SnapshotProgress } from '../snapshots.js';

/** Save when there were so many changes and the last dump is older than so many seconds. */
export interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

export interface RdbSavesEnvironment extends SnapshotFileEnvironment {
  readonly log: Log;
  readonly processId: number;
  /** Wall clock, milliseconds. */
  now(): number;
  /** `dbfilename` and `save`, as they are now. */
  filename(): string;
  points(): readonly SavePoint[];
  /** Where the replication stream stands, if there is one: a node that starts from the dump can go on with it. */
  streamPosition(): SnapshotInfo['replication'];
  /** Changes since the last good dump; a save sets it back. */
  readonly changes: { dirty: number };
  /** Whether the append-only file is being rewritten: one long write to the disk at a time. */
  busy(): boolean;
  /** `lastOk` may have changed. */
  ended(): void;
}

/** A save that failed is tried again by itself after so many milliseconds. */
const RETRY_DELAY = 5000;
const TICK = 100;

export class RdbSaves {
  /** Milliseconds since 1970: when the last good dump was made, and since when one is being made (-1: none is). */
  lastSave: number;
  started = -1;
  /** How long the last BGSAVE took, in milliseconds, -1 for none. */
  lastDuration = -1;
  lastOk = true;
  count = 0;
  /** A BGSAVE waits until the disk is free. */
  scheduled = false;

  private running: SnapshotFile | null = null;
  /** Changes when the BGSAVE began. */
  private dirtyAtStart = 0;
  private lastTry = Number.NEGATIVE_INFINITY;

  constructor(private readonly env: RdbSavesEnvironment) {
    this.lastSave = env.now();
  }

  get inProgress(): boolean {
    return this.running !== null;
  }

  /** How far the BGSAVE that is running has come. */
  get progress(): SnapshotProgress | undefined {
    return this.running?.progress;
  }

  /** The data has been loaded: the `save` points count from now on. */
  start(): void {
    this.env.schedule(TICK, () => {
      this.tick();
      this.start();
    });
  }

  /** SAVE. Answers whether it succeeded; the log says why not. */
  save(): boolean {
    const { env } = this;
    const path = this.temporaryPath('temp');
    this.count++;
    try {
      writeSnapshot(env, path, this.info());
    } catch (error) {
      this.failed(path, error);
      return false;
    }
    if (!this.adopt(path)) return false;
    env.changes.dirty = 0;
    this.lastOk = true;
    env.ended();
    return true;
  }

  /** BGSAVE. Answers whether one has begun; the log says why not. */
  begin(): boolean {
    const { env } = this;
    if (this.running !== null || env.busy()) return false;
    this.count++;
    this.dirtyAtStart = env.changes.dirty;
    this.lastTry = env.now();
    const path = this.temporaryPath('temp-bg');
    try {
      const file = new SnapshotFile(env, path, this.info(), (error) => this.finished(file, error));
      this.running = file;
    } catch (error) {
      this.failed(path, error);
      this.lastOk = false;
      env.ended();
      return false;
    }
    this.scheduled = false;
    this.started = env.now();
    env.log('notice', `Background saving started by pid ${env.processId}`);
    this.running.start();
    return true;
  }

  /** Gives up the BGSAVE that is running, if one is. */
  cancel(): void {
    this.running?.abort();
    this.running = null;
    this.started = -1;
  }

  private finished(file: SnapshotFile, error: DiskError | undefined): void {
    const { env } = this;
    const { started } = this;
    this.running = null;
    this.started = -1;
    this.lastDuration = env.now() - started;
    if (error === undefined) this.lastOk = this.adopt(file.path);
    else {
      this.failed(file.path, error);
      this.lastOk = false;
    }
    if (this.lastOk) {
      env.log('notice', 'Background saving terminated with success');
      env.changes.dirty -= this.dirtyAtStart;
    } else env.log('warning', 'Background saving error');
    env.ended();
  }

  private info(): SnapshotInfo {
    return { form: 'dump', replication: this.env.streamPosition() };
  }

  /** The temporary file becomes the dump. */
  private adopt(path: string): boolean {
    const { env } = this;
    const filename = env.filename();
    try {
      env.disk.rename(path, filename);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      env.log(
        'warning',
        `Error moving temp DB file ${path} on the final destination ${filename}: ${error.message}`,
      );
      this.discard(path);
      return false;
    }
    this.lastSave = env.now();
    env.log('notice', 'DB saved on disk');
    return true;
  }

  private failed(path: string, error: unknown): void {
    if (!(error instanceof DiskError)) throw error;
    this.env.log('warning', `Write error saving DB on disk(${path}): ${error.message}`);
    this.discard(path);
  }

  private discard(path: string): void {
    try {
      this.env.disk.remove(path);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
    }
  }

  /** Named after the process and the dump: other nodes may use the same folder. */
  private temporaryPath(prefix: string): string {
    return `${prefix}-${this.env.processId}-${this.env.filename()}`;
  }

  private tick(): void {
    const { env } = this;
    if (this.running !== null || env.busy()) return;
    const now = env.now();
    if (!this.lastOk && now - this.lastTry <= RETRY_DELAY) return;
    if (this.scheduled) {
      this.begin();
      return;
    }
    const age = (now - this.lastSave) / 1000;
    const due = env.points().find(({ seconds, changes }) => env.changes.dirty >= changes && age > seconds);
    if (due === undefined) return;
    env.log('notice', `${due.changes} changes in ${due.seconds} seconds. Saving...`);
    this.begin();
  }
}
