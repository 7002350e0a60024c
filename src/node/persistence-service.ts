/**
 * Persistence in its node: loads what the last run left, keeps the append-only log, makes snapshots.
 *
 * The order that keeps the promises is the node's: at the end of a turn `flush` writes the log first, then replies
 * leave (see outbox.ts); under `appendfsync always` the log holds them back until its fsync is done.
 */

import type { PersistenceFacility } from '../commands/facilities/facilities.js';
import { AppendOnlyLog } from '../persistence/aof/append-only-log.js';
import { AofFolder } from '../persistence/aof/folder.js';
import { EMPTY_MANIFEST, ManifestError } from '../persistence/aof/manifest.js';
import { type Loading, runToEnd } from '../persistence/load-progress.js';
import type { RdbReplicationInfo } from '../persistence/rdb/loader.js';
import { RdbSaves } from '../persistence/rdb/saves.js';
import { type SnapshotInfo, Snapshots } from '../persistence/snapshots.js';
import type { Bytes } from '../protocol/bytes.js';
import { DiskError, type Schedule } from './host.js';
import type { Statistics } from './monitoring/statistics.js';
import type { Outbox } from './outbox.js';
import { TARGET } from './propagation.js';
import { Recovery, type RecoverySurroundings } from './recovery.js';
import { REDIS_VERSION } from './version.js';

export interface PersistenceSurroundings extends RecoverySurroundings {
  readonly outbox: Outbox;
  readonly statistics: Statistics;
  readonly schedule: Schedule;
  /** Empties all databases, and removes the function libraries. */
  emptyAll(): void;
  /** The code of every function library. */
  readonly libraryCodes: readonly string[];
  /** Whether this node is to follow a master once it has started: then it doesn't expire keys itself. */
  startsAsReplica(): boolean;
  /** Where the replication stream stands; undefined while there is none. */
  readonly streamPosition: SnapshotInfo['replication'];
  /** The dump that was loaded stood here in a stream. */
  continueStream(position: RdbReplicationInfo): void;
  /** A key of the dump isn't there any more. */
  expiredWhileAway(database: number, key: Bytes): void;
  /** Ends the process at once; nothing leaves the node any more. */
  crash(code: number): void;
}

export class PersistenceService implements PersistenceFacility {
  readonly snapshots: Snapshots;
  readonly appendOnly: AppendOnlyLog;
  readonly saves: RdbSaves;
  readonly recovery: Recovery;

  constructor(private readonly around: PersistenceSurroundings) {
    const { host, config, keyspace, outbox, propagation, log, schedule } = around;
    const { values } = config;
    this.snapshots = new Snapshots(
      keyspace,
      () => ({
        redisVersion: REDIS_VERSION,
        compress: values.rdbcompression,
        checksum: values.rdbchecksum,
        accessClock: 'none',
        libraries: around.libraryCodes,
      }),
      {
        clock: () => host.monotonicClock(),
        commands: () => around.statistics.commandsProcessed,
        keyDelay: () => values['rdb-key-save-delay'],
      },
      () => around.statistics.snapshots++,
    );
    const folder = new AofFolder(host.disk, log, values.appenddirname, values.appendfilename);
    this.recovery = new Recovery(around, folder);
    const common = {
      log,
      schedule,
      snapshots: this.snapshots,
      processId: host.processId,
      now: () => host.wallClock(),
    };
    this.appendOnly = new AppendOnlyLog(
      {
        ...common,
        folder,
        turnTime: () => keyspace.now,
        reselect: () => propagation.restart(this.appendOnly),
        hold: () => outbox.hold(),
        release: (count) => outbox.release(count),
        busy: () => this.saves.inProgress || propagation.inUnit,
        errorChanged: () => this.updateGates(),
        exit: (code) => around.crash(code),
      },
      values,
      EMPTY_MANIFEST,
    );
    this.saves = new RdbSaves({
      ...common,
      disk: host.disk,
      filename: () => values.dbfilename,
      syncOften: () => values['rdb-save-incremental-fsync'],
      points: () => values.save,
      streamPosition: () => around.streamPosition,
      changes: around.statistics,
      busy: () => this.appendOnly.rewriteInProgress || config.loading || propagation.inUnit,
      ended: () => this.updateGates(),
    });
    config.onChange('appendonly', () => {
      if (!config.loading) this.switchAppendOnly(values.appendonly); // otherwise when the data is there
      this.updateGates();
      return undefined;
    });
    config.onChange('aof-disable-auto-gc', () => {
      this.appendOnly.deleteHistory();
      return undefined;
    });
    config.onChange(['save', 'stop-writes-on-bgsave-error'], () => {
      this.updateGates();
      return undefined;
    });
  }

  /** Whether replies must wait for the end of the turn, because the log has something to write first. */
  get pending(): boolean {
    return this.appendOnly.bufferedBytes > 0;
  }

  /** A disk that fails makes the node refuse writes. */
  private updateGates(): void {
    const { config, gatekeeper } = this.around;
    const { values } = config;
    // A log that has been switched off keeps its error, which concerns nobody any more.
    const error = values.appendonly ? this.appendOnly.error : undefined;
    gatekeeper.appendError = error ?? '';
    if (values['stop-writes-on-bgsave-error'] && values.save.length > 0 && !this.saves.lastOk) {
      gatekeeper.set({ diskError: 'snapshot' });
    } else gatekeeper.set({ diskError: error === undefined ? 'none' : 'append' });
  }

  // Loading

  /**
   * Brings the data back and opens the log, in pieces: what is small has been loaded when this returns. Calls
   * `loaded` at the end; with false, the reason logged, when the node must not start.
   */
  load(loaded: (ok: boolean) => void): void {
    const { schedule, statistics } = this.around;
    const loading = this.loadAll();
    const step = () => {
      const { done, value } = loading.next();
      if (!done) {
        schedule(value, step);
        return;
      }
      if (value) {
        this.switchAppendOnly(this.around.config.values.appendonly);
        this.saves.start();
      }
      statistics.dirty = 0;
      loaded(value);
    };
    step();
  }

  private *loadAll(): Loading<boolean> {
    const { host, config, log, propagation } = this.around;
    const began = host.monotonicClock();
    const seconds = () => ((host.monotonicClock() - began) / 1000).toFixed(3);
    if (!config.values.appendonly) {
      const result = yield* this.recovery.dump({
        dropExpired: !this.around.startsAsReplica(),
        continueStream: (position) => this.around.continueStream(position),
        expired: (db, key) => this.around.expiredWhileAway(db.index, key),
      });
      if (result === 'failed') return false;
      if (result !== 'absent') log('notice', `DB loaded from disk: ${seconds()} seconds`);
      return true;
    }
    try {
      const loader = yield* this.recovery.appendOnlyFile();
      if (loader === undefined) return false;
      if (loader.totalBytes > 0) log('notice', `DB loaded from append only file: ${seconds()} seconds`);
      this.appendOnly.adopt(loader.manifest);
      this.appendOnly.open(loader.totalBytes, loader.baseBytes);
    } catch (error) {
      if (error instanceof ManifestError || error instanceof DiskError) return false;
      throw error;
    }
    propagation.add(this.appendOnly, TARGET.log);
    return true;
  }

  /** DEBUG RELOAD: to the dump and back. */
  reload({ save, flush, merge }: { save: boolean; flush: boolean; merge: boolean }): string | undefined {
    const { log } = this.around;
    if (save && !this.saves.save()) return 'ERR';
    if (flush) this.around.emptyAll();
    const options = { dropExpired: !this.around.startsAsReplica(), mayReplace: merge };
    const result = runToEnd(this.recovery.dump(options));
    if (result === 'failed') return 'ERR Error trying to load the RDB dump.';
    log('warning', 'DB reloaded by DEBUG RELOAD');
    return undefined;
  }

  /** DEBUG LOADAOF. */
  reloadAppendOnlyFile(): string | undefined {
    const { log, statistics } = this.around;
    this.appendOnly.flushNow();
    this.around.emptyAll();
    const loaded = runToEnd(this.recovery.appendOnlyFile());
    if (loaded === undefined) return 'ERR Error trying to load the AOF files, check server logs.';
    this.appendOnly.adopt(loaded.manifest);
    statistics.dirty = 0;
    log('warning', 'Append Only File loaded by DEBUG LOADAOF');
    return undefined;
  }

  /**
   * Replaces all data by a master's snapshot, and begins the append-only file anew with it. The value is the database
   * that the master's stream has selected, -1 for none. Throws `RdbError` when the snapshot isn't sound; the data is
   * empty then, and also when the loading is given up.
   */
  *resync(parts: readonly Bytes[]): Loading<number> {
    const { propagation, config } = this.around;
    let whole = false;
    propagation.remove(this.appendOnly);
    this.appendOnly.stop();
    this.around.emptyAll();
    try {
      const { replication } = yield* this.recovery.snapshot(parts);
      whole = true;
      return replication.database;
    } finally {
      if (!whole) this.around.emptyAll();
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

  /**
   * The node is about to end: makes the log safe and saves the dump, when there are `save` points or `save` asks for
   * it. Answers false when the node can't end without losing data, unless it is forced to.
   */
  close({ save, force = false }: { save?: boolean; force?: boolean }): boolean {
    const { log, config } = this.around;
    const { appendOnly, saves } = this;
    const stays = (reason: string) => {
      log('warning', force ? `${reason}. Exit anyway.` : `${reason}, can't exit.`);
      return !force;
    };
    if (saves.inProgress) {
      log('warning', 'There is a child saving an .rdb. Killing it!');
      saves.cancel();
    }
    if (appendOnly.rewriteInProgress) {
      if (appendOnly.state === 'waiting' && stays('Writing initial AOF')) return false;
      log('warning', 'There is a child rewriting the AOF. Killing it!');
      appendOnly.abortRewrite();
    }
    if (appendOnly.state !== 'off') {
      log('notice', 'Calling fsync() on the AOF file.');
      appendOnly.flushNow();
    }
    if (this.recovery.progress === null && (save ?? config.values.save.length > 0)) {
      log('notice', 'Saving the final RDB snapshot before exiting.');
      if (!saves.save() && stays('Error trying to save the DB')) return false;
    }
    appendOnly.stop();
    return true;
  }

  // Commands

  /** Seconds since 1970. */
  get lastSave(): number {
    return Math.floor(this.saves.lastSave / 1000);
  }

  rewriteAppendOnlyFile(): { status: string } | { error: string } {
    if (this.appendOnly.rewriteInProgress) {
      return { error: 'ERR Background append only file rewriting already in progress' };
    }
    if (this.saves.inProgress || this.around.propagation.inUnit) {
      this.appendOnly.scheduleRewrite();
      return { status: 'Background append only file rewriting scheduled' };
    }
    if (this.appendOnly.beginRewrite()) return { status: 'Background append only file rewriting started' };
    return {
      error:
        "ERR Can't execute an AOF background rewriting. Please check the server logs for more information.",
    };
  }

  save(): string | undefined {
    if (this.saves.inProgress) return 'ERR Background save already in progress';
    return this.saves.save() ? undefined : 'ERR';
  }

  backgroundSave(schedule: boolean): { status: string } | { error: string } {
    const { saves, appendOnly } = this;
    const { inUnit } = this.around.propagation;
    if (saves.inProgress) return { error: 'ERR Background save already in progress' };
    if (appendOnly.rewriteInProgress || inUnit) {
      if (schedule || inUnit) {
        saves.scheduled = true;
        return { status: 'Background saving scheduled' };
      }
      return {
        error:
          "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible.",
      };
    }
    return saves.begin() ? { status: 'Background saving started' } : { error: 'ERR' };
  }

  /** FLUSHALL, done by `empty`: what a BGSAVE is writing is of no use any more, and the dump gets empty too. */
  flushAll(empty: () => void): boolean {
    this.saves.cancel();
    empty();
    return this.recovery.progress === null && this.around.config.values.save.length > 0 && this.saves.save();
  }
}
