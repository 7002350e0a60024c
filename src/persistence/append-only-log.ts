/**
 * The append-only log: every change, in the request's own bytes, behind a snapshot of what was before.
 *
 * Commands fed during a turn collect in a buffer and reach the file in one write at the turn's end, before any reply
 * that acknowledges them leaves. So a killed process loses nothing, whatever the fsync policy; the policy says what
 * power loss may cost:
 * - `always`: replies wait for an fsync that covers their commands. One fsync runs at a time and off the thread;
 *   what is written meanwhile shares the next one (group commit), so the loop never waits and many clients cost one
 *   fsync. A failed write or fsync ends the process, as in Redis: replies can't be taken back.
 * - `everysec`: one fsync a second, in the background.
 * - `no`: the system writes when it likes.
 * Redis may hold back a write while a fsync runs, because Linux may block it; then replies overtake the log. Hexis
 * writes at once.
 *
 * A rewrite (BGREWRITEAOF) begins a new increment and a snapshot at the same moment, writes the snapshot in slices to
 * a temporary file, and puts it into the manifest as the new base. Every step leaves a folder that loads to the same
 * data: the manifest is replaced atomically, and old files go only afterwards.
 *
 * Specification: the comments on the manifest and rewriting in redis 7.0 `aof.c`.
 */
import { type AppendFile, DiskError, type Log, type Schedule } from '../node/host.js';
import { allocate, type Bytes, copy } from '../protocol/bytes.js';
import type { AofFolder } from './aof-folder.js';
import { type Manifest, withNewBase, withNewIncrement, withOldIncrementsAsHistory } from './aof-manifest.js';
import { RewriteLimit } from './rewrite-limit.js';
import { SnapshotFile, writeSnapshot } from './snapshot-file.js';
import type { SnapshotSource } from './snapshots.js';

export type FsyncPolicy = 'always' | 'everysec' | 'no';

export interface AppendOnlySettings {
  /** `appendfsync` */
  policy: FsyncPolicy;
  /** `auto-aof-rewrite-percentage`, 0 for never, and `auto-aof-rewrite-min-size`. */
  rewritePercentage: number;
  rewriteMinSize: number;
  /** `no-appendfsync-on-rewrite` */
  noSyncOnRewrite: boolean;
}

export interface AppendOnlyEnvironment {
  readonly folder: AofFolder;
  readonly log: Log;
  readonly schedule: Schedule;
  /** Wall clock, milliseconds. */
  now(): number;
  readonly snapshots: SnapshotSource;
  readonly processId: number;
  /** A new increment begins: the next command fed must come behind a SELECT. */
  reselect(): void;
  /** Replies that are ready must wait (`always`); answers how many batches of them wait now. */
  hold(): number;
  /** The first `count` batches may go. */
  release(count: number): void;
  /** Whether a dump is being saved: one long write to the disk at a time. */
  busy(): boolean;
  /** `error` may have changed. */
  errorChanged(): void;
  /** Ends the process, at once: what was acknowledged can't be kept. */
  exit(code: number): void;
}

const FIRST_CAPACITY = 64 * 1024;
const LARGEST_KEPT_BUFFER = 1024 * 1024;
/** At most one log line about write errors in so many milliseconds. */
const ERROR_LOG_INTERVAL = 30_000;

/** `waiting`: switched on while running, its first base is being written. */
export type AppendOnlyState = 'off' | 'on' | 'waiting';

export class AppendOnlyLog {
  state: AppendOnlyState = 'off';
  /** Bytes of base and increments, and what they were after the last rewrite. */
  currentSize = 0;
  rewriteBaseSize = 0;
  rewriteScheduled = false;
  /** Whether the last rewrite succeeded; how long it took and since when one runs, in milliseconds (-1: none). */
  lastRewriteOk = true;
  lastRewriteTime = -1;
  rewriteStarted = -1;
  rewrites = 0;

  private manifest: Manifest;
  private file: AppendFile | null = null;
  private buffer: Bytes = allocate(FIRST_CAPACITY);
  private length = 0;
  /** Bytes of the increment that were written, and that are safe. */
  private written = 0;
  private synced = 0;
  private syncing = false;
  private writeError: string | undefined;
  private syncError: string | undefined;
  private lastErrorLogged = Number.NEGATIVE_INFINITY;
  private rewrite: SnapshotFile | null = null;
  private readonly limit = new RewriteLimit();
  private stopTicking: (() => void) | undefined;

  /**
   * @param manifest as the loader found it
   * @param settings read whenever they matter; the caller may change them
   */
  constructor(
    private readonly env: AppendOnlyEnvironment,
    readonly settings: AppendOnlySettings,
    manifest: Manifest,
  ) {
    this.manifest = manifest;
  }

  /** Why writes must be refused now (`-MISCONF Errors writing to the AOF file: …`), or undefined. */
  get error(): string | undefined {
    return this.writeError ?? this.syncError;
  }

  get rewriteInProgress(): boolean {
    return this.rewrite !== null;
  }

  /** Commands fed and not written to the file yet, in bytes. */
  get bufferedBytes(): number {
    return this.length;
  }

  /** Bytes written that an fsync must still make safe. */
  get unsyncedBytes(): number {
    return this.written - this.synced;
  }

  /** Goes on with the files that the loader found. */
  adopt(manifest: Manifest): void {
    this.manifest = manifest;
  }

  // Opening and closing

  /**
   * Opens the log when the node has started and loaded its data: makes a first base when the folder is empty, opens
   * the last increment. Throws `DiskError`, logged: the node must not start.
   * @param totalBytes size of all files as the loader found them, and of the base among them
   */
  open(totalBytes = 0, baseBytes = 0): void {
    const { folder, log } = this.env;
    this.currentSize = totalBytes;
    this.rewriteBaseSize = baseBytes;
    folder.create();
    let { manifest } = this;
    if (manifest.base === undefined && manifest.increments.length === 0) {
      manifest = withNewBase(manifest, folder.filename);
      this.rewriteBaseSize = this.currentSize = this.writeBaseNow(manifest.base!.name);
      log('notice', `Creating AOF base file ${manifest.base!.name} on server start`);
    }
    const isNew = manifest.increments.length === 0;
    if (isNew) manifest = withNewIncrement(manifest, folder.filename);
    const { name } = manifest.increments.at(-1)!;
    const file = this.openIncrement(name, false);
    if (manifest !== this.manifest) folder.writeManifest(manifest);
    this.manifest = manifest;
    this.use(file);
    this.state = 'on';
    log('notice', `${isNew ? 'Creating' : 'Opening'} AOF incr file ${name} on server start`);
    this.deleteHistory();
    this.tickLater();
  }

  /** Switches the log on while the node runs (CONFIG SET appendonly yes, a replica after a full sync). */
  start(): void {
    const { log } = this.env;
    this.state = 'waiting';
    this.abortRewrite();
    this.writeError = this.syncError = undefined;
    this.env.errorChanged();
    this.tickLater();
    if (this.beginRewrite()) return;
    this.stop();
    log(
      'warning',
      "Redis needs to enable the AOF but can't trigger a background AOF rewrite operation. Check the above logs for more info about the error.",
    );
  }

  /**
   * Writes and makes safe what there is before it returns, so that no reply need wait: in the middle of a turn, when
   * replies that are being written can't be held.
   */
  flushNow(): void {
    try {
      this.makeSafe();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.env.log('warning', `Fail to fsync the AOF file: ${error.message}`);
    }
  }

  /** Switches the log off: writes and makes safe what there is and closes the file. */
  stop(): void {
    if (this.state === 'off') return;
    this.flushNow();
    this.file?.close();
    this.abortRewrite();
    this.file = null;
    this.length = this.written = this.synced = 0;
    this.rewriteScheduled = false;
    this.state = 'off';
    this.env.release(Number.POSITIVE_INFINITY);
    this.stopTicking?.();
    this.stopTicking = undefined;
  }

  // Writing

  /** Adds bytes[start, end), one or more whole commands in RESP. */
  feed(bytes: Bytes, start: number, end: number): void {
    if (this.state === 'off') return;
    const length = this.length + end - start;
    if (length > this.buffer.length) {
      const grown = allocate(Math.max(length, this.buffer.length * 2));
      copy(grown, 0, this.buffer, 0, this.length);
      this.buffer = grown;
    }
    this.length = copy(this.buffer, this.length, bytes, start, end);
  }

  /** The turn's end, before replies leave: writes what was fed and, under `always`, has the replies wait. */
  flush(): void {
    if (this.length > 0 && !this.write()) return;
    if (this.settings.policy === 'always') this.commit();
  }

  /** Answers false when the write failed. */
  private write(): boolean {
    const file = this.file!;
    try {
      file.write(this.buffer, 0, this.length);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.writeFailed(file, error);
      return false;
    }
    if (this.writeError !== undefined) {
      this.env.log('warning', 'AOF write error looks solved, Redis can write again.');
      this.writeError = undefined;
      this.env.errorChanged();
    }
    this.written += this.length;
    this.currentSize += this.length;
    this.length = 0;
    if (this.buffer.length > LARGEST_KEPT_BUFFER) this.buffer = allocate(FIRST_CAPACITY);
    return true;
  }

  private writeFailed(file: AppendFile, error: DiskError): void {
    const { env } = this;
    const mayLog = env.now() - this.lastErrorLogged > ERROR_LOG_INTERVAL;
    if (mayLog) {
      this.lastErrorLogged = env.now();
      env.log('warning', `Error writing to the AOF file: ${error.message}`);
    }
    try {
      if (file.size !== this.written) file.truncate(this.written);
    } catch (failure) {
      if (!(failure instanceof DiskError)) throw failure;
      env.log(
        'warning',
        `Could not remove short write from the append-only file.  Redis may refuse to load the AOF the next time it starts.  ftruncate: ${failure.message}`,
      );
    }
    if (this.settings.policy === 'always') {
      env.log(
        'warning',
        "Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting...",
      );
      env.exit(1);
    }
    this.writeError = error.message; // what was fed stays in the buffer, to be tried again
    env.errorChanged();
  }

  /** Group commit: replies wait; an fsync begins unless one runs. */
  private commit(): void {
    if (this.written === this.synced) return;
    if (this.syncSuspended) {
      this.env.release(Number.POSITIVE_INFINITY);
      return;
    }
    const waiting = this.env.hold();
    if (!this.syncing) this.sync(waiting);
  }

  private get syncSuspended(): boolean {
    return this.settings.noSyncOnRewrite && this.rewrite !== null;
  }

  /** @param waiting batches of replies that this fsync releases */
  private sync(waiting: number): void {
    const file = this.file!;
    const { written } = this;
    this.syncing = true;
    file.sync((error) => {
      if (file !== this.file) return; // a new increment was begun meanwhile
      this.syncing = false;
      if (error !== undefined) {
        if (this.syncFailed(error) === 'fatal') return; // what waits must not go
      } else {
        if (this.syncError !== undefined) {
          this.syncError = undefined;
          this.env.errorChanged();
        }
        this.synced = written;
      }
      // What came meanwhile is written first: the next fsync must cover all replies that wait for it.
      if (this.settings.policy === 'always') {
        this.env.release(waiting);
        this.flush();
      } else this.env.release(Number.POSITIVE_INFINITY);
    });
  }

  private syncFailed(error: DiskError): 'fatal' | 'refuse writes' {
    const { env } = this;
    if (this.settings.policy === 'always') {
      env.log(
        'warning',
        `Can't persist AOF for fsync error when the AOF fsync policy is 'always': ${error.message}. Exiting...`,
      );
      env.exit(1);
      return 'fatal';
    }
    if (this.syncError === undefined) env.log('warning', `Fail to fsync the AOF file: ${error.message}`);
    this.syncError = error.message;
    env.errorChanged();
    return 'refuse writes';
  }

  // Once a second

  private tickLater(): void {
    this.stopTicking ??= this.env.schedule(1000, () => {
      this.stopTicking = undefined;
      this.tick();
      if (this.state !== 'off' || this.rewriteScheduled) this.tickLater();
    });
  }

  private tick(): void {
    if (this.length > 0) this.flush();
    const { policy } = this.settings;
    if (policy === 'everysec' && this.written !== this.synced && !this.syncing && !this.syncSuspended) {
      this.sync(0);
    }
    if (this.rewrite === null) this.considerRewrite();
  }

  private considerRewrite(): void {
    const { rewritePercentage, rewriteMinSize } = this.settings;
    const { env } = this;
    if (env.busy()) return;
    if (this.rewriteScheduled) {
      if (!this.limit.reached(env.now(), env.log)) this.beginRewrite();
      return;
    }
    if (this.state !== 'on' || rewritePercentage === 0 || this.currentSize <= rewriteMinSize) return;
    const base = this.rewriteBaseSize || 1;
    const growth = Math.floor((this.currentSize * 100) / base) - 100;
    if (growth < rewritePercentage || this.limit.reached(env.now(), env.log)) return;
    env.log('notice', `Starting automatic rewriting of AOF on ${growth}% growth`);
    this.beginRewrite();
  }

  // Rewriting

  /** A rewrite as soon as possible. */
  scheduleRewrite(): void {
    this.rewriteScheduled = true;
    this.limit.succeeded();
    this.tickLater();
  }

  /** Gives up the rewrite that is running, if one is. */
  abortRewrite(): void {
    this.rewrite?.abort();
    this.rewrite = null;
    this.rewriteStarted = -1;
  }

  /** BGREWRITEAOF. Answers whether a rewrite has begun; the log says why not. */
  beginRewrite(): boolean {
    const { env } = this;
    if (this.rewrite !== null) return false;
    this.rewriteScheduled = false;
    try {
      env.folder.create();
      if (this.state !== 'off') this.beginIncrement();
      this.rewrite = this.openRewrite();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.lastRewriteOk = false;
      this.limit.failed();
      return false;
    }
    this.rewrites++;
    this.rewriteStarted = env.now();
    env.log('notice', `Background append only file rewriting started by pid ${env.processId}`);
    this.rewrite.start();
    return true;
  }

  private openRewrite(): SnapshotFile {
    const { env } = this;
    const { folder, schedule, snapshots } = env;
    const path = `temp-rewriteaof-bg-${env.processId}-${folder.filename}`;
    return folder.attempt('Opening the temp file for AOF rewrite in rewriteAppendOnlyFile()', () => {
      const rewrite: SnapshotFile = new SnapshotFile(
        { disk: folder.disk, schedule, snapshots },
        path,
        { aofBase: true },
        (error) => this.rewriteEnded(rewrite, error),
      );
      return rewrite;
    });
  }

  /** Commands from now on go to a new increment: a temporary one while the log is being switched on. */
  private beginIncrement(): void {
    const { env } = this;
    const { folder } = env;
    this.makeSafe();
    let { manifest } = this;
    let name = this.temporaryIncrement;
    if (this.state === 'on') {
      manifest = withNewIncrement(manifest, folder.filename);
      name = manifest.increments.at(-1)!.name;
    }
    const file = this.openIncrement(name, true);
    if (this.state === 'on') folder.writeManifest(manifest);
    this.manifest = manifest;
    env.log('notice', `Creating AOF incr file ${name} on background rewrite`);
    this.file?.close();
    this.use(file);
    env.reselect();
  }

  /**
   * The increment so far must be whole on the disk before there is a next one: only the last may end in the middle of
   * a command. Waiting for it here, once a rewrite, also keeps the order of replies.
   */
  private makeSafe(): void {
    if (this.file === null) return;
    if (this.length > 0) this.write();
    try {
      this.file.syncNow();
    } catch (error) {
      if (error instanceof DiskError) this.syncFailed(error);
      throw error;
    }
    this.synced = this.written;
    this.env.release(Number.POSITIVE_INFINITY);
  }

  private rewriteEnded(rewrite: SnapshotFile, error: DiskError | undefined): void {
    const { env } = this;
    if (this.rewrite !== rewrite) return;
    this.rewrite = null;
    this.lastRewriteTime = env.now() - this.rewriteStarted;
    this.rewriteStarted = -1;
    try {
      if (error !== undefined) {
        env.log('warning', `Write error writing append only file on disk: ${error.message}`);
        throw error;
      }
      env.log('notice', `Successfully created the temporary AOF base file ${rewrite.path}`);
      env.log('notice', 'Background AOF rewrite terminated with success');
      this.adoptBase(rewrite);
      this.lastRewriteOk = true;
      this.limit.succeeded();
      env.log('notice', 'Background AOF rewrite finished successfully');
    } catch (failure) {
      if (!(failure instanceof DiskError)) throw failure;
      if (error !== undefined) env.log('warning', 'Background AOF rewrite terminated with error');
      rewrite.discard();
      this.lastRewriteOk = false;
      this.limit.failed();
      if (this.state === 'waiting') this.rewriteScheduled = true;
    }
  }

  /** The finished snapshot becomes the base; the increments before it become history and go. */
  private adoptBase(rewrite: SnapshotFile): void {
    const { env } = this;
    const { folder } = env;
    let manifest = withNewBase(this.manifest, folder.filename);
    const base = manifest.base!.name;
    folder.attempt(`Error trying to rename the temporary AOF base file ${rewrite.path} into ${base}`, () =>
      folder.disk.rename(rewrite.path, folder.path(base)),
    );
    env.log('notice', `Successfully renamed the temporary AOF base file ${rewrite.path} into ${base}`);
    if (this.state === 'waiting') {
      manifest = withNewIncrement(manifest, folder.filename);
      const { name } = manifest.increments.at(-1)!;
      const temporary = this.temporaryIncrement;
      folder.attempt(`Error trying to rename the temporary AOF incr file ${temporary} into ${name}`, () =>
        folder.disk.rename(folder.path(temporary), folder.path(name)),
      );
      env.log('notice', `Successfully renamed the temporary AOF incr file ${temporary} into ${name}`);
    }
    manifest = withOldIncrementsAsHistory(manifest, this.state === 'off' ? 0 : 1);
    folder.writeManifest(manifest);
    this.manifest = manifest;
    if (this.state === 'waiting') this.state = 'on';
    if (this.state === 'on') this.rewriteBaseSize = this.currentSize = rewrite.size + this.written;
    this.deleteHistory();
  }

  private deleteHistory(): void {
    const { folder, log } = this.env;
    const { history } = this.manifest;
    if (history.length === 0) return;
    try {
      for (const { name } of history) {
        log('notice', `Removing the history file ${name} in the background`);
        folder.disk.remove(folder.path(name));
      }
      this.manifest = { ...this.manifest, history: [] };
      folder.writeManifest(this.manifest);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error; // harmless: tried again after the next rewrite
    }
  }

  // Files

  private get temporaryIncrement(): string {
    return `temp-${this.env.folder.filename}.incr`;
  }

  private openIncrement(name: string, empty: boolean): AppendFile {
    const { folder } = this.env;
    return folder.attempt(`Can't open the append-only file ${name}`, () => {
      const file = folder.disk.append(folder.path(name));
      if (empty && file.size > 0) file.truncate(0);
      return file;
    });
  }

  private use(file: AppendFile): void {
    this.file = file;
    this.syncing = false;
    this.written = this.synced = file.size;
  }

  /** Writes a base in one go; answers its size. */
  private writeBaseNow(name: string): number {
    const { folder, snapshots } = this.env;
    return folder.attempt('Write error writing append only file on disk', () =>
      writeSnapshot({ disk: folder.disk, snapshots }, folder.path(name), { aofBase: true }),
    );
  }
}
