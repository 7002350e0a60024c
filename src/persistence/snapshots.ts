/**
 * Snapshots without fork: an RDB image of one moment, written in slices while commands go on.
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
import type { Database } from '../keyspace/database.js';
import type { ChangeObserver, Keyspace } from '../keyspace/keyspace.js';
import { type Bytes, latin1 } from '../protocol/bytes.js';
import { RdbWriter, type RdbWriterOptions } from './rdb-writer.js';

/** A slice is finished when it has this many bytes. */
const SLICE_BYTES = 64 * 1024;
/** And at the latest after this many steps of the walk, for tables with few or small keys. */
const STEPS_PER_SLICE = 4096;

/** What goes into a snapshot. */
export interface SnapshotContents {
  readonly data: boolean;
  readonly libraries: boolean;
}

export const EVERYTHING: SnapshotContents = { data: true, libraries: true };

/** What a snapshot says about itself. */
export interface SnapshotInfo {
  /** Unless it holds everything. */
  contents?: SnapshotContents;
  /** For an append-only file's base: such a file keeps keys whose time has passed when it is loaded. */
  aofBase: boolean;
  /** Where the replication stream stands, for a snapshot that a replica can go on from. */
  replication?: { id: string; offset: number; database: number };
}

export interface SnapshotSettings extends RdbWriterOptions {
  /** The version of Redis that the file names. */
  redisVersion: string;
  /** The code of the function libraries. */
  libraries: readonly string[];
}

/** A snapshot in the making. */
export interface Snapshot {
  /** The next slice, or undefined after the last. Slices are the caller's to keep. */
  next(): Bytes | undefined;
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

  /** @param settings asked when a snapshot begins */
  constructor(
    private readonly keyspace: Keyspace,
    private readonly settings: () => SnapshotSettings,
  ) {}

  begin(info: SnapshotInfo): Snapshot {
    const snapshot = new RunningSnapshot(this.keyspace, this.settings(), info, (ended) => {
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
  private readonly writer: RdbWriter;
  /** The walk is in this database … */
  private database = 0;
  /** … and has passed all hashes below this. */
  private cursor = 0;
  /** Keys ahead of the walk that have been dealt with, by database. */
  private readonly captured: Set<string>[];
  private selected = -1;
  private finished = false;

  constructor(
    private readonly keyspace: Keyspace,
    settings: SnapshotSettings,
    info: SnapshotInfo,
    private readonly ended: (snapshot: RunningSnapshot) => void,
  ) {
    this.captured = keyspace.databases.map(() => new Set());
    this.writer = new RdbWriter(settings);
    const { data, libraries } = info.contents ?? EVERYTHING;
    if (!data) this.database = keyspace.databases.length;
    this.writeHeader(libraries ? settings : { ...settings, libraries: [] }, info);
  }

  next(): Bytes | undefined {
    let steps = STEPS_PER_SLICE;
    while (!this.finished && this.writer.pending < SLICE_BYTES && steps-- > 0) this.step();
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

  private writeHeader(settings: SnapshotSettings, info: SnapshotInfo): void {
    const { writer, keyspace } = this;
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
    writer.aux('aof-base', info.aofBase ? '1' : '0');
    for (const code of settings.libraries) writer.library(code);
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
    const captured = this.captured[this.database];
    this.cursor = db.scan(this.cursor, (ref) => {
      if (captured.size === 0 || !captured.delete(db.keyLatin1(ref))) this.write(db, ref);
    });
    if (this.cursor === 0) this.database++;
  }

  private write(db: Database, ref: number): void {
    this.select(db);
    this.writer.key(db, ref);
  }

  private select(db: Database): void {
    if (this.selected === db.index) return;
    this.selected = db.index;
    this.writer.selectDatabase(db.index);
  }
}
