/**
 * Persistence in its node: loads what the last run left, keeps the append-only log, makes snapshots.
 *
 * The order that keeps the promises is the node's: at the end of a turn `flush` writes the log first, then replies
 * leave (see outbox.ts); under `appendfsync always` the log holds them back until its fsync is done.
 */
import type { PersistenceFacility } from '../commands/facilities.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { AofFolder } from '../persistence/aof-folder.js';
import { AofLoader } from '../persistence/aof-loader.js';
import { EMPTY_MANIFEST, ManifestError } from '../persistence/aof-manifest.js';
import { AppendOnlyLog, type AppendOnlySettings } from '../persistence/append-only-log.js';
import { RdbLoader } from '../persistence/rdb-loader.js';
import { Snapshots } from '../persistence/snapshots.js';
import type { Bytes } from '../protocol/bytes.js';
import type { Request } from '../protocol/request.js';
import type { Config } from './config/index.js';
import { DiskError, type Host, type Log, type Schedule } from './host.js';
import type { Outbox } from './outbox.js';
import { type Propagation, TARGET } from './propagation.js';
import { REDIS_VERSION } from './version.js';

export interface PersistenceSurroundings {
  readonly host: Host;
  readonly config: Config;
  readonly keyspace: Keyspace;
  readonly propagation: Propagation;
  readonly outbox: Outbox;
  readonly log: Log;
  readonly schedule: Schedule;
  /** Runs a recorded command; answers false when there is no such command. */
  replay(request: Request): boolean;
  /** A recorded stream begins: database 0 is selected. */
  beginReplay(): void;
  /** Empties all databases, and removes the function libraries. */
  emptyAll(): void;
  /** Takes in a function library; answers what is wrong with it. */
  loadLibrary(code: Bytes): string | undefined;
  /** The code of every function library. */
  readonly libraryCodes: readonly string[];
}

export class PersistenceService implements PersistenceFacility {
  readonly snapshots: Snapshots;
  readonly appendOnly: AppendOnlyLog;
  lastSave: number;
  private readonly settings: AppendOnlySettings;
  private readonly folder: AofFolder;

  constructor(private readonly around: PersistenceSurroundings) {
    const { host, config, keyspace, outbox, propagation, log, schedule } = around;
    const { values } = config;
    this.lastSave = Math.floor(host.wallClock() / 1000);
    this.snapshots = new Snapshots(keyspace, () => ({
      redisVersion: REDIS_VERSION,
      compress: values.rdbcompression,
      checksum: values.rdbchecksum,
      accessClock: 'none',
      libraries: around.libraryCodes,
    }));
    this.folder = new AofFolder(host.disk, log, values.appenddirname, values.appendfilename);
    this.settings = appendOnlySettings(config);
    this.appendOnly = new AppendOnlyLog(
      {
        folder: this.folder,
        log,
        schedule,
        now: () => host.wallClock(),
        snapshots: this.snapshots,
        processId: host.processId,
        reselect: () => propagation.restart(this.appendOnly),
        hold: () => outbox.hold(),
        release: (count) => outbox.release(count),
        exit: (code) => host.exit(code),
      },
      this.settings,
      EMPTY_MANIFEST,
    );
    config.onChange(
      [
        'appendfsync',
        'auto-aof-rewrite-percentage',
        'auto-aof-rewrite-min-size',
        'no-appendfsync-on-rewrite',
      ],
      () => {
        Object.assign(this.settings, appendOnlySettings(config));
        return undefined;
      },
    );
    config.onChange('appendonly', () => {
      this.switchAppendOnly(values.appendonly);
      return undefined;
    });
  }

  /** Whether replies must wait for the end of the turn, because the log has something to write first. */
  get pending(): boolean {
    return this.appendOnly.bufferedBytes > 0;
  }

  /**
   * Brings the data back and opens the log. Answers false, the reason logged, when the node must not start.
   */
  load(): boolean {
    if (!this.around.config.values.appendonly) return true;
    try {
      const loader = this.loadAppendOnlyFile();
      if (loader === undefined) return false;
      this.appendOnly.adopt(loader.manifest);
      this.appendOnly.open(loader.totalBytes, loader.baseBytes);
    } catch (error) {
      if (error instanceof ManifestError || error instanceof DiskError) return false;
      throw error;
    }
    this.around.propagation.add(this.appendOnly, TARGET.log);
    return true;
  }

  /** Replays the append-only file into the keyspace. Undefined, the reason logged, when that failed. */
  private loadAppendOnlyFile(): AofLoader | undefined {
    const { host, config, keyspace, log } = this.around;
    const { expiryPolicy } = keyspace;
    const loader = new AofLoader(
      {
        folder: this.folder,
        keyspace,
        log,
        now: () => host.monotonicClock(),
        execute: (request) => this.around.replay(request),
        beginFile: () => this.around.beginReplay(),
        library: (code) => this.around.loadLibrary(code),
      },
      config.values['aof-load-truncated'],
    );
    keyspace.expiryPolicy = 'ignore';
    try {
      return loader.load() === 'failed' ? undefined : loader;
    } finally {
      keyspace.expiryPolicy = expiryPolicy;
    }
  }

  /** DEBUG RELOAD: through an RDB and back. */
  reload(_save: boolean, flush: boolean): string | undefined {
    const { keyspace, log } = this.around;
    const slices: Bytes[] = [];
    const snapshot = this.snapshots.begin({ aofBase: false });
    for (let slice = snapshot.next(); slice !== undefined; slice = snapshot.next()) slices.push(slice);
    if (flush) this.around.emptyAll();
    const loader = new RdbLoader(keyspace, {
      log,
      dropExpired: true,
      library: (code) => this.around.loadLibrary(code),
    });
    for (const slice of slices) loader.feed(slice, 0, slice.length);
    loader.end();
    return undefined;
  }

  /** DEBUG LOADAOF. */
  reloadAppendOnlyFile(): string | undefined {
    this.appendOnly.flush();
    this.around.emptyAll();
    const loaded = this.loadAppendOnlyFile();
    return loaded === undefined ? 'ERR Error trying to load the AOF files, check server logs.' : undefined;
  }

  /** The data set is replaced by a master's: the append-only file begins anew with what `load` brings. */
  aroundResync(load: () => void): void {
    const { propagation, config } = this.around;
    propagation.remove(this.appendOnly);
    this.appendOnly.stop();
    try {
      load();
    } finally {
      this.switchAppendOnly(config.values.appendonly);
    }
  }

  /** The end of a turn, before replies leave. */
  flush(): void {
    if (this.appendOnly.state !== 'off') this.appendOnly.flush();
  }

  private switchAppendOnly(on: boolean): void {
    const { propagation } = this.around;
    if (on === (this.appendOnly.state !== 'off')) return;
    if (on) {
      this.appendOnly.start();
      propagation.add(this.appendOnly, TARGET.log);
    } else {
      propagation.remove(this.appendOnly);
      this.appendOnly.stop();
    }
  }

  /** Writes and makes safe what there is: the node is about to end. */
  close(): void {
    this.appendOnly.stop();
  }

  rewriteAppendOnlyFile(): { status: string } | { error: string } {
    if (this.appendOnly.rewriteInProgress) {
      return { error: 'ERR Background append only file rewriting already in progress' };
    }
    if (this.appendOnly.beginRewrite()) return { status: 'Background append only file rewriting started' };
    return {
      error:
        "ERR Can't execute an AOF background rewriting. Please check the server logs for more information.",
    };
  }

  save(): string | undefined {
    return undefined;
  }

  backgroundSave(): { status: string } | { error: string } {
    return { status: 'Background saving started' };
  }
}

function appendOnlySettings({ values }: Config): AppendOnlySettings {
  return {
    policy: values.appendfsync,
    rewritePercentage: values['auto-aof-rewrite-percentage'],
    rewriteMinSize: values['auto-aof-rewrite-min-size'],
    noSyncOnRewrite: values['no-appendfsync-on-rewrite'],
  };
}
