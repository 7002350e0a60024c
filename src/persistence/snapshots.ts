/**
 * Snapshots without fork: an image of one moment, in RDB or as commands, written in slices while commands go on.
 *
 * A snapshot walks each database's hash space from 0 upwards, the order in which SCAN visits it at every table
 * size. So for any key it is plain whether the walk has passed it: its place is below the cursor. Before a key that
 * lies ahead is changed for the first time, `beforeChange` writes it as it still is (or notes that it wasn't there),
 * and the walk leaves it out when it comes by. The file is then the image of the moment at which it began; the order
 * of keys in it doesn't matter.
 *
 * Costs: a change ahead of the cursor writes that key once; memory is one slice, what such changes write between two
 * slices, and one name for each of them until the walk comes by. With no snapshot running a change costs one test
 * (`Keyspace.observer`).
 */
import type { Ref } from '../keyspace/arena.js';
import type { Database } from '../keyspace/database.js';
import type { ChangeObserver, Keyspace } from '../keyspace/keyspace.js';
import { type Bytes, latin1 } from '../protocol/bytes.js';
import { CommandWriter } from './command-writer.js';
import { RdbWriter, type RdbWriterOptions } from './rdb-writer.js';

/** A slice is finished when it has this many bytes. */
const SLICE_BYTES = 16 * 1024;
/** And at the latest after this many steps of the walk, for tables with few or small keys. */
const STEPS_PER_SLICE = 64;
/** A step goes through so many places of the table at most. */
const WIDEST_STEP = 64;
/** And after so many microseconds of delay. */
const LONGEST_DELAY = 10_000;

/** What goes into a snapshot. */
export interface SnapshotContents {
  readonly data: boolean;
  readonly libraries: boolean;
}

export const EVERYTHING: SnapshotContents = { data: true, libraries: true };

/** What a snapshot is to be. */
export interface SnapshotInfo {
  /**
   * `dump`: an RDB. `base`: an RDB that says that it is an append-only file's base, which keeps keys whose time has
   * passed when it is loaded. `commands`: such a base in the form of commands.
   */
  form: 'dump' | 'base' | 'commands';
  /** Unless it holds everything. */
  contents?: SnapshotContents;
  /** With which time commands begin, milliseconds since 1970. */
  timestamp?: number;
  /** Where the replication stream stands, for a snapshot that a replica can go on from. */
  replication?: { id: string; offset: number; database: number };
}

export interface SnapshotSettings extends RdbWriterOptions {
  /** The version of Redis that the file names. */
  redisVersion: string;
  /** The code of the function libraries. */
  libraries: readonly string[];
}

/** Writes a snapshot's contents, in RDB or as commands. */
export interface SnapshotWriter {
  /** Bytes written and not taken yet. */
  readonly pending: number;
  /** Takes what was written; the caller may keep it. */
  take(): Bytes;
  /** A function library, from its code. */
  library(code: string): void;
  selectDatabase(index: number): void;
  /** How many keys the database has, and how many of them with an expiry. */
  resizeDatabase(keys: number, expiries: number): void;
  key(db: Database, ref: number): void;
  end(): void;
}

/** How far a snapshot has come: keys written, and keys there were when it began. */
export interface SnapshotProgress {
  readonly keys: number;
  readonly total: number;
}

/** A snapshot in the making. */
export interface Snapshot {
  readonly progress: SnapshotProgress;
  /** The next slice, or undefined after the last. Slices are the caller's to keep. */
  next(): Bytes | undefined;
  /** Milliseconds that the next slice should be waited with, when snapshots are slowed down. */
  readonly delay: number;
  /** Gives it up. Not needed after the last slice. */
  close(): void;
}

/** Makes snapshots; what the append-only log and the master need. */
export interface SnapshotSource {
  begin(info: SnapshotInfo): Snapshot;
}

/** The snapshots of one keyspace. */
export class Snapshots implements SnapshotSource, ChangeObserver {
  private readonly running = new Set<RunningSnapshot>();

  /**
   * @param settings asked when a snapshot begins
   * @param keyDelay microseconds that each key is to take longer (`rdb-key-save-delay`, for tests)
   * @param begun told of every snapshot
   */
  constructor(
    private readonly keyspace: Keyspace,
    private readonly settings: () => SnapshotSettings,
    private readonly keyDelay: () => number = () => 0,
    private readonly begun: () => void = () => {},
  ) {}

  begin(info: SnapshotInfo): Snapshot {
    this.begun();
    const snapshot = new RunningSnapshot(this.keyspace, this.settings(), this.keyDelay, info, (ended) => {
      this.running.delete(ended);
      if (this.running.size === 0) this.keyspace.observer = null;
    });
    this.running.add(snapshot);
    this.keyspace.observer = this;
    return snapshot;
  }

  /** The key's value or expiry may be about to change, or the key to appear or go. */
  beforeChange(db: Database, key: Bytes, start: number, end: number): void {
    for (const snapshot of this.running) snapshot.capture(db, key, start, end);
  }

  /** Whole databases are about to be emptied or swapped: what is missing of each snapshot is written at once. */
  beforeUpheaval(): void {
    for (const snapshot of this.running) snapshot.complete();
  }
}

class RunningSnapshot implements Snapshot {
  private readonly writer: SnapshotWriter;
  /** The walk is in this database … */
  private database = 0;
  /** … and has passed all hashes below this. */
  private cursor = 0;
  /** How wide the next step is, in places of the table: less while keys are large. */
  private width = 1;
  /** The keys of a step. */
  private readonly found: Ref[] = [];
  private touched = 0;
  /** Keys ahead of the walk that have been dealt with, by database. */
  private readonly captured: Set<string>[];
  readonly progress: { keys: number; total: number };
  private selected = -1;
  private finished = false;
  /** Written since the last slice. */
  private keys = 0;
  delay = 0;

  constructor(
    private readonly keyspace: Keyspace,
    settings: SnapshotSettings,
    private readonly keyDelay: () => number,
    info: SnapshotInfo,
    private readonly ended: (snapshot: RunningSnapshot) => void,
  ) {
    this.captured = keyspace.databases.map(() => new Set());
    this.progress = { keys: 0, total: keyspace.databases.reduce((sum, db) => sum + db.size, 0) };
    const { data, libraries } = info.contents ?? EVERYTHING;
    if (!data) this.database = keyspace.databases.length;
    this.writer =
      info.form === 'commands' ? new CommandWriter(info.timestamp) : rdbWriter(keyspace, settings, info);
    if (libraries) for (const code of settings.libraries) this.writer.library(code);
  }

  next(): Bytes | undefined {
    const keyDelay = Math.max(0, this.keyDelay());
    let steps = STEPS_PER_SLICE;
    while (!this.finished && this.writer.pending < SLICE_BYTES && steps-- > 0) {
      this.step();
      if (this.keys * keyDelay >= LONGEST_DELAY) break;
    }
    this.delay = (this.keys * keyDelay) / 1000;
    this.keys = 0;
    return this.writer.pending > 0 || !this.finished ? this.writer.take() : undefined;
  }

  complete(): void {
    while (!this.finished) this.step();
  }

  close(): void {
    this.finished = true;
    this.ended(this);
  }

  capture(db: Database, key: Bytes, start: number, end: number): void {
    const { index } = db;
    if (index < this.database) return;
    if (index === this.database && db.scanPlace(key, start, end) < this.cursor) return;
    const captured = this.captured[index];
    const name = latin1(key, start, end);
    if (captured.has(name)) return;
    captured.add(name);
    const ref = db.peek(key, start, end);
    if (ref !== 0) this.write(db, ref);
  }

  private step(): void {
    const db = this.keyspace.databases[this.database];
    if (db === undefined) {
      this.writer.end();
      this.finished = true;
      this.ended(this);
      return;
    }
    if (this.cursor === 0 && db.size > 0) {
      this.select(db);
      this.writer.resizeDatabase(db.size, db.expiries.size);
    }
    const { found } = this;
    const captured = this.captured[this.database];
    this.cursor = db.scan(this.cursor, this.collect, this.width);
    // Records lie anywhere in memory. Looking at all of them first has the processor fetch them side by side.
    for (const ref of found) this.touched ^= db.type(ref);
    const before = this.writer.pending;
    for (const ref of found) {
      if (captured.size === 0 || !captured.delete(db.keyLatin1(ref))) this.write(db, ref);
    }
    found.length = 0;
    const isMuch = this.writer.pending - before > SLICE_BYTES / 4;
    this.width = isMuch ? 1 : Math.min(2 * this.width, WIDEST_STEP);
    if (this.cursor === 0) this.database++;
  }

  private readonly collect = (ref: Ref): void => {
    this.found.push(ref);
  };

  private write(db: Database, ref: number): void {
    this.select(db);
    this.keys++;
    this.progress.keys++;
    this.writer.key(db, ref);
  }

  private select(db: Database): void {
    if (this.selected === db.index) return;
    this.selected = db.index;
    this.writer.selectDatabase(db.index);
  }
}

/** A writer of an RDB that has written what the file says of itself. */
function rdbWriter(keyspace: Keyspace, settings: SnapshotSettings, info: SnapshotInfo): RdbWriter {
  const writer = new RdbWriter(settings);
  writer.header();
  writer.aux('redis-ver', settings.redisVersion);
  writer.aux('redis-bits', '64');
  writer.aux('ctime', String(Math.floor(keyspace.now / 1000)));
  writer.aux('used-mem', String(keyspace.usedBytes));
  if (info.replication) {
    writer.aux('repl-stream-db', String(info.replication.database));
    writer.aux('repl-id', info.replication.id);
    writer.aux('repl-offset', String(info.replication.offset));
  }
  writer.aux('aof-base', info.form === 'base' ? '1' : '0');
  return writer;
}
