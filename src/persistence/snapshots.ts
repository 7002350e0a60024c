/**
 * Snapshots without fork: an image of one moment, in RDB or as commands, written in slices while commands go on.
 *
 * A snapshot walks each database's hash space from 0 upwards, the order in which SCAN visits it at every table
 * size. So for any key it is plain whether the walk has passed it: its place is below the cursor. Before anything is
 * changed ahead of the cursor, `beforeChange` writes what is there as it still is: the range of places around the key,
 * with about one key in it (place-marks.ts). The range is marked, and the walk leaves it out when it comes by. The file is
 * then the image of the moment at which it began; the order of keys in it doesn't matter.
 *
 * Costs: a change ahead of the cursor writes a range once; memory is one slice, what such changes write between two
 * slices, and a bit for each key. With no snapshot running a change costs one test (`Keyspace.observer`).
 *
 * Clients wait for the slice that is being written, and a process that never sleeps is made to wait itself, by the system,
 * for milliseconds at a time (the 99th percentile of SET was four times what it is without a snapshot). So slices are short
 * while clients are served, with pauses between them, and the snapshot takes its time; with nobody to serve they are as long
 * as is good for the disk.
 */
import type { Ref } from '../keyspace/arena.js';
import type { Database } from '../keyspace/database.js';
import type { ChangeObserver, Keyspace } from '../keyspace/keyspace.js';
import type { Bytes } from '../protocol/bytes.js';
import { CommandWriter } from './aof/command-writer.js';
import { PlaceMarks } from './place-marks.js';
import { RdbWriter, type RdbWriterOptions } from './rdb/writer.js';

/** A slice is finished when it has this many bytes. */
const SLICE_BYTES = 16 * 1024;
/** And at the latest after this many steps of the walk, for tables with few or small keys. */
const STEPS_PER_SLICE = 64;
/** A step goes through so many places of the table at most. */
const WIDEST_STEP = 64;
/** And after so many microseconds of delay. */
const LONGEST_DELAY = 10_000;
/** And, while clients are served, when it has taken so many milliseconds. */
const SHORT_SLICE = 0.3;
/** Then so many milliseconds pass before the next. */
const PAUSE = 1;
/** They are as long as the last command isn't so many milliseconds ago: it takes a client a while to send the next one. */
const SERVING_TIME = 3;

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
  /** Takes what was written. It is valid until more is. */
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
  /** The next slice, or undefined after the last. It is valid until commands go on. */
  next(): Bytes | undefined;
  /** Milliseconds that the next slice should be waited with: while clients are served, or when snapshots are slowed down. */
  readonly delay: number;
  /** Gives it up. Not needed after the last slice. */
  close(): void;
}

/** What the length of slices depends on. */
export interface SnapshotPace {
  /** Milliseconds, with a fraction, that never go back. */
  clock(): number;
  /** Commands that the node has run so far. */
  commands(): number;
  /** Microseconds that each key is to take longer (`rdb-key-save-delay`, for tests). */
  keyDelay(): number;
}

const UNHURRIED: SnapshotPace = { clock: () => 0, commands: () => 0, keyDelay: () => 0 };

/** Makes snapshots; what the append-only log and the master need. */
export interface SnapshotSource {
  begin(info: SnapshotInfo): Snapshot;
}

/** The snapshots of one keyspace. */
export class Snapshots implements SnapshotSource, ChangeObserver {
  private readonly running = new Set<RunningSnapshot>();

  /**
   * @param settings asked when a snapshot begins
   * @param begun told of every snapshot
   */
  constructor(
    private readonly keyspace: Keyspace,
    private readonly settings: () => SnapshotSettings,
    private readonly pace = UNHURRIED,
    private readonly begun: () => void = () => {},
  ) {}

  begin(info: SnapshotInfo): Snapshot {
    this.begun();
    const snapshot = new RunningSnapshot(this.keyspace, this.settings(), this.pace, info, (ended) => {
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
  /** The keys to be written. */
  private readonly found: Ref[] = [];
  private touched = 0;
  /** What has been written of each database ahead of the walk. */
  private readonly captured: PlaceMarks[];
  /** The same of the database at hand. */
  private marks!: PlaceMarks;
  /** Commands the node had run before the last slice, and when there were more of them than before another. */
  private commands: number;
  private servedAt = Number.NEGATIVE_INFINITY;
  readonly progress: { keys: number; total: number };
  private selected = -1;
  private finished = false;
  /** Written since the last slice. */
  private keys = 0;
  delay = 0;

  constructor(
    private readonly keyspace: Keyspace,
    settings: SnapshotSettings,
    private readonly pace: SnapshotPace,
    info: SnapshotInfo,
    private readonly ended: (snapshot: RunningSnapshot) => void,
  ) {
    this.captured = keyspace.databases.map((db) => new PlaceMarks(db.size));
    this.commands = pace.commands();
    this.progress = { keys: 0, total: keyspace.databases.reduce((sum, db) => sum + db.size, 0) };
    const { data, libraries } = info.contents ?? EVERYTHING;
    if (!data) this.database = keyspace.databases.length;
    this.writer =
      info.form === 'commands' ? new CommandWriter(info.timestamp) : rdbWriter(keyspace, settings, info);
    if (libraries) for (const code of settings.libraries) this.writer.library(code);
  }

  next(): Bytes | undefined {
    const { pace } = this;
    const keyDelay = Math.max(0, pace.keyDelay());
    const serving = this.isServing();
    const end = serving ? pace.clock() + SHORT_SLICE : Number.POSITIVE_INFINITY;
    let steps = STEPS_PER_SLICE;
    while (!this.finished && this.writer.pending < SLICE_BYTES && steps-- > 0) {
      this.step();
      if (this.keys * keyDelay >= LONGEST_DELAY || pace.clock() >= end) break;
    }
    this.delay = Math.max((this.keys * keyDelay) / 1000, serving ? PAUSE : 0);
    this.keys = 0;
    return this.writer.pending > 0 || !this.finished ? this.writer.take() : undefined;
  }

  /** Whether clients' commands are being run these days. */
  private isServing(): boolean {
    const { pace } = this;
    const now = pace.clock();
    const commands = pace.commands();
    if (commands !== this.commands) this.servedAt = now;
    this.commands = commands;
    return now - this.servedAt < SERVING_TIME;
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
    const place = db.scanPlace(key, start, end);
    const passed = index === this.database ? this.cursor : 0;
    const captured = this.captured[index];
    if (place < passed || captured.has(place)) return;
    this.marks = captured;
    db.scanRange(Math.max(passed, captured.begin(place)), captured.end(place), this.collect);
    captured.add(place);
    this.writeFound(db);
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
    this.marks = this.captured[this.database];
    this.cursor = db.scan(this.cursor, this.collect, this.width);
    const before = this.writer.pending;
    this.writeFound(db);
    const isMuch = this.writer.pending - before > SLICE_BYTES / 4;
    this.width = isMuch ? 1 : Math.min(2 * this.width, WIDEST_STEP);
    if (this.cursor === 0) this.database++;
  }

  private readonly collect = (ref: Ref, place: number): void => {
    if (!this.marks.has(place)) this.found.push(ref);
  };

  private writeFound(db: Database): void {
    const { found } = this;
    if (found.length === 0) return;
    this.select(db);
    // Records lie anywhere in memory. Looking at all of them first has the processor fetch them side by side.
    for (const ref of found) this.touched ^= db.type(ref);
    for (const ref of found) this.writer.key(db, ref);
    this.keys += found.length;
    this.progress.keys += found.length;
    found.length = 0;
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
