/** A `SmallNode` with an append-only file on a disk in memory, under virtual time. */

import { AppendOnlyLog } from '../../src/persistence/aof/append-only-log.js';
import { AofFolder } from '../../src/persistence/aof/folder.js';
import type { FsyncPolicy } from '../../src/persistence/aof/increment-writer.js';
import { AofLoader } from '../../src/persistence/aof/loader.js';
import { LoadPace, runToEnd } from '../../src/persistence/load-progress.js';
import { MemoryDisk } from './memory-disk.js';
import { SmallNode } from './small-node.js';
import { VirtualTime } from './virtual-time.js';

export class SmallLog {
  readonly node = new SmallNode();
  readonly time = new VirtualTime();
  readonly lines: string[] = [];
  readonly settings = {
    appendfsync: 'everysec' as FsyncPolicy,
    'aof-timestamp-enabled': false,
    'auto-aof-rewrite-percentage': 100,
    'auto-aof-rewrite-min-size': 64 * 1024 * 1024,
    'no-appendfsync-on-rewrite': false,
    'aof-use-rdb-preamble': true,
    'aof-rewrite-incremental-fsync': true,
    'aof-disable-auto-gc': false,
  };
  readonly folder: AofFolder;
  log!: AppendOnlyLog;
  loader!: AofLoader;
  /** Replies that wait for an fsync. */
  held: string[] = [];
  posted: string[] = [];
  sent: string[] = [];
  exited = -1;

  constructor(readonly disk = new MemoryDisk()) {
    const note = (_level: string, text: string) => this.lines.push(text);
    this.folder = new AofFolder(disk, note, 'appendonlydir', 'appendonly.aof');
  }

  /** Loads what is there. */
  load(loadTruncated = true): 'ok' | 'absent' | 'failed' {
    const note = (_level: string, text: string) => this.lines.push(text);
    this.loader = new AofLoader(
      {
        folder: this.folder,
        keyspace: this.node.keyspace,
        log: note,
        now: () => this.time.now,
        execute: this.node.execute,
        beginFile: () => {
          this.node.database = 0;
        },
      },
      loadTruncated,
      { startedAt: 0, totalBytes: 0, loadedBytes: 0, usedMemory: 0 },
      new LoadPace({ 'loading-process-events-interval-bytes': 2 ** 21, 'key-load-delay': 0 }),
    );
    const result = runToEnd(this.loader.load());
    this.node.database = 0;
    return result;
  }

  /** Opens the log behind what was loaded. */
  open(): this {
    this.make();
    this.log.open(this.loader?.totalBytes, this.loader?.baseBytes);
    return this;
  }

  make(): void {
    this.log = new AppendOnlyLog(
      {
        folder: this.folder,
        log: (_level, text) => this.lines.push(text),
        schedule: this.time.schedule,
        now: () => this.time.now,
        turnTime: () => this.time.now,
        snapshots: this.node.snapshots,
        processId: 42,
        busy: () => false,
        errorChanged() {},
        reselect: () => this.node.reselect(),
        hold: () => {
          this.held.push(...this.posted);
          this.posted = [];
          return this.held.length;
        },
        release: (count) => {
          this.sent.push(...this.held.splice(0, count));
        },
        exit: (code) => {
          this.exited = code;
        },
      },
      this.settings,
      this.loader?.manifest ?? { history: [], increments: [], baseSequence: 0, incrementSequence: 0 },
    );
    this.node.feed = (bytes, start, end) => this.log.feed(bytes, start, end);
  }

  /** The turn's end. */
  endTurn(): void {
    this.log.flush();
    if (this.exited >= 0) return;
    if (this.held.length > 0) this.held.push(...this.posted);
    else this.sent.push(...this.posted);
    this.posted = [];
  }

  /** A process that starts on this disk as it is now, and loads it. */
  restarted(loadTruncated = true): SmallLog {
    const next = new SmallLog(this.disk.copy());
    next.load(loadTruncated);
    return next;
  }
}
