/**
 * Writes the increment of the append-only file: what commands have fed during a turn, in one write, made safe as
 * `appendfsync` says.
 *
 * A failed write leaves what was fed in the buffer, to be tried again, and the node refuses writes meanwhile; under
 * `always` a failed write or fsync ends the process, as in Redis, because replies can't be taken back.
 */
import { type AppendFile, DiskError, type Log, type Schedule } from '../../node/host.js';
import { allocate, type Bytes, copy, fromLatin1, withView } from '../../protocol/bytes.js';
import { GroupCommit } from './group-commit.js';

export type FsyncPolicy = 'always' | 'everysec' | 'no';

/** The directives that matter here. */
export interface IncrementSettings {
  readonly appendfsync: FsyncPolicy;
  readonly 'aof-timestamp-enabled': boolean;
}

export interface IncrementEnvironment {
  readonly log: Log;
  readonly schedule: Schedule;
  /** Wall clock, milliseconds. */
  now(): number;
  /** The time that the commands of this turn see, milliseconds since 1970. */
  turnTime(): number;
  /** Replies that are ready must wait (`always`); answers how many wait now. */
  hold(): number;
  /** The first `count` of them may go. */
  release(count: number): void;
  /** `error` may have changed. */
  errorChanged(): void;
  /** Ends the process, at once: what was acknowledged can't be kept. */
  exit(code: number): void;
}

const FIRST_CAPACITY = 64 * 1024;
const LARGEST_KEPT_BUFFER = 1024 * 1024;
/** At most one log line about write errors in so many milliseconds. */
const ERROR_LOG_INTERVAL = 30_000;

export class IncrementWriter {
  /** Bytes of the increment that were written. */
  written = 0;
  /** Put off fsyncs (`no-appendfsync-on-rewrite`). */
  syncSuspended = false;
  private file: AppendFile | null = null;
  private buffer: Bytes = withView(allocate(FIRST_CAPACITY));
  private length = 0;
  /** Bytes of the increment that are safe. */
  private synced = 0;
  private syncing = false;
  private readonly group: GroupCommit;
  private writeError: string | undefined;
  private syncError: string | undefined;
  private lastErrorLogged = Number.NEGATIVE_INFINITY;
  /** The time of the last annotation, seconds since 1970. */
  private annotated = 0;

  /** `settings` are read whenever they matter. */
  constructor(
    private readonly env: IncrementEnvironment,
    private readonly settings: IncrementSettings,
  ) {
    this.group = new GroupCommit(env.schedule, () => this.flush());
  }

  /** Why writes must be refused now, or undefined. */
  get error(): string | undefined {
    return this.writeError ?? this.syncError;
  }

  /** Commands fed and not written to the file yet, in bytes. */
  get bufferedBytes(): number {
    return this.length;
  }

  /** What is fed from now on goes to this file. The one before must be safe (`makeSafe`). */
  use(file: AppendFile): void {
    this.file?.close();
    this.file = file;
    this.syncing = false;
    this.written = this.synced = file.size;
  }

  /** Closes the file, and forgets what was fed and not written. */
  close(): void {
    this.file?.close();
    this.file = null;
    this.length = this.written = this.synced = 0;
    this.releaseAll();
  }

  forgetErrors(): void {
    this.writeError = this.syncError = undefined;
    this.env.errorChanged();
  }

  /** Adds bytes[start, end), one or more whole commands in RESP. */
  feed(bytes: Bytes, start: number, end: number): void {
    if (this.length === 0 && this.settings['aof-timestamp-enabled']) this.annotate();
    this.add(bytes, start, end);
  }

  /** Notes the time of what comes in this turn, when a second has begun since it was noted last. */
  private annotate(): void {
    const seconds = Math.floor(this.env.turnTime() / 1000);
    if (seconds <= this.annotated) return;
    this.annotated = seconds;
    const line = fromLatin1(`#TS:${seconds}\r\n`);
    this.add(line, 0, line.length);
  }

  private add(bytes: Bytes, start: number, end: number): void {
    const length = this.length + end - start;
    if (length > this.buffer.length) {
      const grown = withView(allocate(Math.max(length, this.buffer.length * 2)));
      copy(grown, 0, this.buffer, 0, this.length);
      this.buffer = grown;
    }
    this.length = copy(this.buffer, this.length, bytes, start, end);
  }

  /** The turn's end, before replies leave: writes what was fed and, under `always`, has the replies wait. */
  flush(): void {
    if (this.length > 0 && !this.write()) return;
    if (this.settings.appendfsync === 'always') this.commit();
  }

  /** Once a second: tries again what failed, and an fsync under `everysec`. */
  tick(): void {
    if (this.length > 0) this.flush();
    if (this.settings.appendfsync !== 'everysec' || this.written === this.synced) return;
    if (!this.syncing && !this.syncSuspended) this.sync(0);
  }

  /**
   * Writes what was fed and waits until all of the file is safe; then no reply need wait. Throws `DiskError` when that
   * can't be done.
   */
  makeSafe(): void {
    if (this.file === null) return;
    if (this.length > 0) this.write();
    try {
      this.file.syncNow();
    } catch (error) {
      if (error instanceof DiskError) this.syncFailed(error);
      throw error;
    }
    this.synced = this.written;
    this.releaseAll();
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
    this.length = 0;
    if (this.buffer.length > LARGEST_KEPT_BUFFER) this.buffer = withView(allocate(FIRST_CAPACITY));
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
    if (this.settings.appendfsync === 'always') {
      env.log(
        'warning',
        "Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting...",
      );
      env.exit(1);
    }
    this.writeError = error.message; // what was fed stays in the buffer, to be tried again
    env.errorChanged();
  }

  /**
   * Replies wait; an fsync begins unless one runs or more writes are likely to share it. With nothing left to make
   * safe nothing need wait: the replies of turns that wrote nothing, but came while an fsync ran, go with it.
   */
  private commit(): void {
    if (this.syncSuspended) {
      this.releaseAll();
      return;
    }
    if (this.written === this.synced) {
      this.env.release(Number.POSITIVE_INFINITY); // the group that is expected is still to come
      return;
    }
    const waiting = this.env.hold();
    if (!this.syncing && this.group.isWhole(waiting)) this.sync(waiting);
  }

  private releaseAll(): void {
    this.group.reset();
    this.env.release(Number.POSITIVE_INFINITY);
  }

  /** @param waiting replies that this fsync releases */
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
      if (this.settings.appendfsync !== 'always') {
        this.releaseAll();
        return;
      }
      this.group.ended(waiting, this.env.hold() - waiting);
      this.env.release(waiting);
      // What came meanwhile is written first: the next fsync must cover all replies that wait for it.
      this.flush();
    }, this.settings.appendfsync === 'always');
  }

  private syncFailed(error: DiskError): 'fatal' | 'refuse writes' {
    const { env } = this;
    if (this.settings.appendfsync === 'always') {
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
}
