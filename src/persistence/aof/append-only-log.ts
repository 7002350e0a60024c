/**
 * The append-only log: every change, in the request's own bytes, behind a snapshot of what was before.
 *
 * Commands fed during a turn reach the file in one write at the turn's end, before any reply that acknowledges them
 * leaves (IncrementWriter). So a killed process loses nothing, whatever the fsync policy; the policy says what power
 * loss may cost:
 * - `always`: replies wait for an fsync that covers their commands. One fsync runs at a time and, unless the disk is
 *   fast, off the thread; what is written meanwhile shares the next one (group commit), so the loop never waits for a slow
 *   disk and many clients cost one fsync.
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
import { DiskError, type Log, type Schedule } from '../../node/host.js';
import type { Bytes } from '../../protocol/bytes.js';
import { SnapshotFile, writeSnapshot } from '../snapshot-file.js';
import type { SnapshotInfo, SnapshotProgress, SnapshotSource } from '../snapshots.js';
import type { AofFolder } from './folder.js';
import { type IncrementEnvironment, type IncrementSettings, IncrementWriter } from './increment-writer.js';
import { type Manifest, withNewBase, withNewIncrement, withOldIncrementsAsHistory } from './manifest.js';
import { RewriteSchedule, type RewriteScheduleSettings } from './rewrite-schedule.js';

/** The directives that matter here. */
export interface AppendOnlySettings extends IncrementSettings, RewriteScheduleSettings {
  readonly 'no-appendfsync-on-rewrite': boolean;
  readonly 'aof-use-rdb-preamble': boolean;
  readonly 'aof-rewrite-incremental-fsync': boolean;
  readonly 'aof-disable-auto-gc': boolean;
}

export interface AppendOnlyEnvironment extends IncrementEnvironment {
  readonly folder: AofFolder;
  readonly log: Log;
  readonly schedule: Schedule;
  readonly snapshots: SnapshotSource;
  readonly processId: number;
  /** A new increment begins: the next command fed must come behind a SELECT. */
  reselect(): void;
  /** Whether a dump is being saved (one long write to the disk at a time), or a transaction has not ended. */
  busy(): boolean;
}

/** `waiting`: switched on while running, its first base is being written. */
export type AppendOnlyState = 'off' | 'on' | 'waiting';

export class AppendOnlyLog {
  state: AppendOnlyState = 'off';
  /** Bytes of base and increments after the last rewrite. */
  rewriteBaseSize = 0;
  /** Whether the last rewrite succeeded; how long it took and since when one runs, in milliseconds (-1: none). */
  lastRewriteOk = true;
  lastRewriteTime = -1;
  rewriteStarted = -1;
  rewrites = 0;

  private readonly increment: IncrementWriter;
  private readonly schedule: RewriteSchedule;
  private rewrite: SnapshotFile | null = null;
  /** Bytes of base and increments, but for the one that is being written. */
  private closedSize = 0;
  private stopTicking: (() => void) | undefined;

  /**
   * @param settings read whenever they matter
   * @param manifest as the loader found it
   */
  constructor(
    private readonly env: AppendOnlyEnvironment,
    private readonly settings: AppendOnlySettings,
    private manifest: Manifest,
  ) {
    this.increment = new IncrementWriter(env, settings);
    this.schedule = new RewriteSchedule(settings, env.log);
  }

  /** Why writes must be refused now (`-MISCONF Errors writing to the AOF file: …`), or undefined. */
  get error(): string | undefined {
    return this.increment.error;
  }

  get rewriteInProgress(): boolean {
    return this.rewrite !== null;
  }

  /** How far the rewrite that is running has come. */
  get rewriteProgress(): SnapshotProgress | undefined {
    return this.rewrite?.progress;
  }

  /** Whether a rewrite will begin as soon as possible. */
  get rewriteScheduled(): boolean {
    return this.schedule.wanted;
  }

  /** Bytes of base and increments. */
  get currentSize(): number {
    return this.closedSize + this.increment.written;
  }

  /** Commands fed and not written to the file yet, in bytes. */
  get bufferedBytes(): number {
    return this.increment.bufferedBytes;
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
    this.closedSize = totalBytes;
    this.rewriteBaseSize = baseBytes;
    folder.create();
    let { manifest } = this;
    if (manifest.base === undefined && manifest.increments.length === 0) {
      manifest = this.withNewBase(manifest);
      this.rewriteBaseSize = this.closedSize = this.writeBaseNow(manifest.base!.name);
      log('notice', `Creating AOF base file ${manifest.base!.name} on server start`);
    }
    const isNew = manifest.increments.length === 0;
    if (isNew) manifest = withNewIncrement(manifest, folder.filename);
    const { name } = manifest.increments.at(-1)!;
    const file = folder.openIncrement(name, false);
    if (manifest !== this.manifest) folder.writeManifest(manifest);
    this.manifest = manifest;
    this.closedSize -= file.size;
    this.increment.use(file);
    this.state = 'on';
    log('notice', `${isNew ? 'Creating' : 'Opening'} AOF incr file ${name} on server start`);
    this.deleteHistory();
    this.tickLater();
  }

  /** Switches the log on while the node runs (CONFIG SET appendonly yes, a replica after a full sync). */
  start(): void {
    this.state = 'waiting';
    this.abortRewrite();
    this.increment.forgetErrors();
    this.tickLater();
    if (this.env.busy()) {
      this.schedule.ask();
      this.env.log(
        'warning',
        'AOF was enabled but there is already another background operation. An AOF background was scheduled to start when possible.',
      );
      return;
    }
    if (this.beginRewrite()) return;
    this.stop();
    this.env.log(
      'warning',
      "Redis needs to enable the AOF but can't trigger a background AOF rewrite operation. Check the above logs for more info about the error.",
    );
  }

  /** Switches the log off: writes and makes safe what there is and closes the file. */
  stop(): void {
    if (this.state === 'off') return;
    this.flushNow();
    this.abortRewrite();
    this.increment.close();
    this.schedule.wanted = false;
    this.state = 'off';
    this.stopTicking?.();
    this.stopTicking = undefined;
  }

  // Writing

  /** Adds bytes[start, end), one or more whole commands in RESP. */
  feed(bytes: Bytes, start: number, end: number): void {
    // Before its first base is begun there is nothing to add to: the base will have it.
    if (this.state === 'on' || (this.state === 'waiting' && this.rewrite !== null)) {
      this.increment.feed(bytes, start, end);
    }
  }

  /** The turn's end, before replies leave: writes what was fed and, under `always`, has the replies wait. */
  flush(): void {
    this.increment.flush();
  }

  /**
   * Writes and makes safe what there is before it returns, so that no reply need wait: in the middle of a turn, when
   * replies that are being written can't be held.
   */
  flushNow(): void {
    try {
      this.increment.makeSafe();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error; // logged
    }
  }

  /** Once a second. */
  private tickLater(): void {
    this.stopTicking ??= this.env.schedule(1000, () => {
      this.stopTicking = undefined;
      this.increment.tick();
      this.considerRewrite();
      if (this.state !== 'off' || this.rewriteScheduled) this.tickLater();
    });
  }

  private considerRewrite(): void {
    const { env } = this;
    if (this.rewrite !== null || env.busy()) return;
    const size = this.state === 'on' ? this.currentSize : -1;
    if (this.schedule.due(env.now(), size, this.rewriteBaseSize)) this.beginRewrite();
  }

  // Rewriting

  /** A rewrite as soon as possible. */
  scheduleRewrite(): void {
    this.schedule.ask();
    this.tickLater();
  }

  /** BGREWRITEAOF. Answers whether a rewrite has begun; the log says why not. */
  beginRewrite(): boolean {
    const { env, settings } = this;
    if (this.rewrite !== null) return false;
    this.schedule.wanted = false;
    try {
      env.folder.create();
      if (this.state !== 'off') this.beginIncrement();
      this.rewrite = this.openRewrite();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.lastRewriteOk = false;
      this.schedule.failed();
      return false;
    }
    this.rewrites++;
    this.rewriteStarted = env.now();
    this.increment.syncSuspended = settings['no-appendfsync-on-rewrite'];
    env.log('notice', `Background append only file rewriting started by pid ${env.processId}`);
    this.rewrite.start();
    return true;
  }

  /** Gives up the rewrite that is running, if one is. */
  abortRewrite(): void {
    if (this.rewrite === null) return;
    this.env.log('notice', `Killing running AOF rewrite child: ${this.env.processId}`);
    this.rewrite.abort();
    this.rewriteOver();
  }

  private rewriteOver(): void {
    this.rewrite = null;
    this.rewriteStarted = -1;
    this.increment.syncSuspended = false;
  }

  private openRewrite(): SnapshotFile {
    const { env, settings } = this;
    const { folder, schedule, snapshots } = env;
    const path = `temp-rewriteaof-bg-${env.processId}-${folder.filename}`;
    return folder.attempt('Opening the temp file for AOF rewrite in rewriteAppendOnlyFile()', () => {
      const rewrite: SnapshotFile = new SnapshotFile(
        {
          disk: folder.disk,
          schedule,
          snapshots,
          syncOften: () => settings['aof-rewrite-incremental-fsync'],
        },
        path,
        this.baseInfo,
        (error) => this.rewriteEnded(rewrite, error),
      );
      return rewrite;
    });
  }

  /**
   * Commands from now on go to a new increment: a temporary one while the log is being switched on. The one before
   * must be whole on the disk first: only the last may end in the middle of a command. Waiting for it here, once a
   * rewrite, also keeps the order of replies.
   */
  private beginIncrement(): void {
    const { env, increment } = this;
    const { folder } = env;
    increment.makeSafe();
    let { manifest } = this;
    let name = folder.temporaryIncrement;
    if (this.state === 'on') {
      manifest = withNewIncrement(manifest, folder.filename);
      name = manifest.increments.at(-1)!.name;
    }
    const file = folder.openIncrement(name, true);
    if (this.state === 'on') folder.writeManifest(manifest);
    this.manifest = manifest;
    env.log('notice', `Creating AOF incr file ${name} on background rewrite`);
    this.closedSize += increment.written;
    increment.use(file);
    env.reselect();
  }

  private rewriteEnded(rewrite: SnapshotFile, error: DiskError | undefined): void {
    const { env } = this;
    if (this.rewrite !== rewrite) return;
    this.lastRewriteTime = env.now() - this.rewriteStarted;
    this.rewriteOver();
    try {
      if (error !== undefined) {
        env.log('warning', `Write error writing append only file on disk: ${error.message}`);
        throw error;
      }
      env.log('notice', `Successfully created the temporary AOF base file ${rewrite.path}`);
      env.log('notice', 'Background AOF rewrite terminated with success');
      this.adoptBase(rewrite);
      this.lastRewriteOk = true;
      this.schedule.succeeded();
      env.log('notice', 'Background AOF rewrite finished successfully');
    } catch (failure) {
      if (!(failure instanceof DiskError)) throw failure;
      if (error !== undefined) env.log('warning', 'Background AOF rewrite terminated with error');
      rewrite.discard();
      this.lastRewriteOk = false;
      this.schedule.failed();
      if (this.state === 'waiting') this.schedule.wanted = true;
    }
  }

  /** The finished snapshot becomes the base; the increments before it become history and go. */
  private adoptBase(rewrite: SnapshotFile): void {
    const { env } = this;
    const { folder } = env;
    let manifest = this.withNewBase(this.manifest);
    folder.moveIn(rewrite.path, manifest.base!.name, 'AOF base file');
    if (this.state === 'waiting') {
      manifest = withNewIncrement(manifest, folder.filename);
      folder.moveIn(
        folder.path(folder.temporaryIncrement),
        manifest.increments.at(-1)!.name,
        'AOF incr file',
      );
    }
    manifest = withOldIncrementsAsHistory(manifest, this.state === 'off' ? 0 : 1);
    folder.writeManifest(manifest);
    this.manifest = manifest;
    if (this.state === 'waiting') this.state = 'on';
    if (this.state === 'on') {
      this.closedSize = rewrite.size;
      this.rewriteBaseSize = this.currentSize;
    }
    this.deleteHistory();
  }

  /** Removes the files that no start needs any more, unless `aof-disable-auto-gc` keeps them. */
  deleteHistory(): void {
    if (!this.settings['aof-disable-auto-gc']) this.manifest = this.env.folder.deleteHistory(this.manifest);
  }

  // The base

  private withNewBase(manifest: Manifest): Manifest {
    const format = this.settings['aof-use-rdb-preamble'] ? 'rdb' : 'aof';
    return withNewBase(manifest, this.env.folder.filename, format);
  }

  private get baseInfo(): SnapshotInfo {
    const { settings, env } = this;
    if (settings['aof-use-rdb-preamble']) return { form: 'base' };
    return { form: 'commands', ...(settings['aof-timestamp-enabled'] && { timestamp: env.now() }) };
  }

  /** Writes a base in one go; answers its size. */
  private writeBaseNow(name: string): number {
    const { folder, snapshots } = this.env;
    return folder.attempt('Write error writing append only file on disk', () =>
      writeSnapshot({ disk: folder.disk, snapshots }, folder.path(name), this.baseInfo),
    );
  }
}
