/**
 * Brings back what was written, and takes in what a master has sent: piece by piece, while clients are told that the
 * data is being loaded; for DEBUG RELOAD and LOADAOF in one go.
 */
import type { Keyspace } from '../keyspace/keyspace.js';
import type { AofFolder } from '../persistence/aof/folder.js';
import { AofLoader } from '../persistence/aof/loader.js';
import { type Loading, LoadPace, type LoadProgress } from '../persistence/load-progress.js';
import { loadRdbFile, loadRdbParts, type RdbFileResult } from '../persistence/rdb/file.js';
import { RdbLoader, type RdbLoadOptions } from '../persistence/rdb/loader.js';
import type { Bytes } from '../protocol/bytes.js';
import type { Request } from '../protocol/request.js';
import type { Config } from './config/index.js';
import type { Gatekeeper } from './gatekeeper.js';
import type { Host, Log } from './host.js';
import type { Propagation } from './propagation.js';

export interface RecoverySurroundings {
  readonly host: Host;
  readonly config: Config;
  readonly keyspace: Keyspace;
  readonly propagation: Propagation;
  readonly gatekeeper: Gatekeeper;
  readonly log: Log;
  /** Runs a recorded command; answers false when there is no such command. */
  replay(request: Request): boolean;
  /** A recorded stream begins: database 0 is selected. */
  beginReplay(): void;
  /** Takes in a function library; answers what is wrong with it. */
  loadLibrary(code: Bytes, mayReplace: boolean): string | undefined;
}

/** How often the log tells how far the loading has come, in milliseconds. */
const PROGRESS_INTERVAL = 5000;

export class Recovery {
  /** How far the loading has come, null when nothing is being loaded. */
  progress: LoadProgress | null = null;
  /** Of the last dump that was loaded. */
  keysLoaded = 0;
  keysExpired = 0;

  constructor(
    private readonly around: RecoverySurroundings,
    private readonly folder: AofFolder,
  ) {}

  /** Loads the dump. */
  *dump(
    options: Pick<RdbLoadOptions, 'dropExpired' | 'continueStream' | 'expired' | 'mayReplace'>,
  ): Loading<RdbFileResult> {
    const { host, config, keyspace, log } = this.around;
    const { values } = config;
    const result = yield* this.whileLoading((progress) =>
      loadRdbFile(
        host.disk,
        values.dbfilename,
        keyspace,
        {
          log,
          checkSum: values.rdbchecksum,
          library: (code, mayReplace) => this.around.loadLibrary(code, mayReplace),
          ...options,
        },
        progress,
        new LoadPace(values),
      ),
    );
    if (typeof result === 'object') this.noteKeys(result);
    return result;
  }

  /**
   * Loads a snapshot that a master has sent, into databases that are empty. Throws `RdbError` when it isn't sound; what
   * was loaded is then still there.
   */
  *snapshot(parts: readonly Bytes[]): Loading<RdbLoader> {
    const { config, keyspace, log } = this.around;
    const loader = new RdbLoader(keyspace, {
      log,
      dropExpired: false,
      library: (code, mayReplace) => this.around.loadLibrary(code, mayReplace),
    });
    yield* this.whileLoading((progress) =>
      loadRdbParts(parts, loader, progress, new LoadPace(config.values)),
    );
    this.noteKeys(loader);
    return loader;
  }

  private noteKeys({ keysLoaded, keysExpired }: RdbLoader): void {
    this.keysLoaded = keysLoaded;
    this.keysExpired = keysExpired;
  }

  /** Replays the append-only file. Undefined, the reason logged, when that failed. */
  *appendOnlyFile(): Loading<AofLoader | undefined> {
    const { host, config, keyspace, log } = this.around;
    let loader!: AofLoader;
    const result = yield* this.whileLoading((progress) => {
      loader = new AofLoader(
        {
          folder: this.folder,
          keyspace,
          log,
          now: () => host.monotonicClock(),
          execute: (request) => this.around.replay(request),
          beginFile: () => this.around.beginReplay(),
          library: (code, mayReplace) => this.around.loadLibrary(code, mayReplace),
        },
        config.values['aof-load-truncated'],
        progress,
        new LoadPace(config.values),
      );
      return loader.load();
    });
    return result === 'failed' ? undefined : loader;
  }

  /** Has the node be in the state of loading meanwhile, and the log tell how far it has come. */
  private *whileLoading<Result>(load: (progress: LoadProgress) => Loading<Result>): Loading<Result> {
    const { host, config, keyspace, gatekeeper, propagation, log } = this.around;
    const { expiryPolicy } = keyspace;
    const progress: LoadProgress = {
      startedAt: host.wallClock(),
      totalBytes: 0,
      loadedBytes: 0,
      usedMemory: 0,
    };
    this.progress = progress;
    keyspace.expiryPolicy = 'ignore';
    config.loading = true;
    propagation.muted = true;
    gatekeeper.set({ loading: true });
    let told = host.monotonicClock();
    try {
      const loading = load(progress);
      for (;;) {
        const { done, value } = loading.next();
        if (done) return value;
        const now = host.monotonicClock();
        if (now - told >= PROGRESS_INTERVAL) {
          told = now;
          const { loadedBytes, totalBytes } = progress;
          const percent = ((loadedBytes / totalBytes) * 100).toFixed(0);
          log('notice', `Loading the data: ${percent}% of ${(totalBytes / 2 ** 20).toFixed(0)} MB`);
        }
        yield value;
      }
    } finally {
      keyspace.expiryPolicy = expiryPolicy;
      config.loading = false;
      propagation.muted = false;
      gatekeeper.set({ loading: false });
      this.progress = null;
    }
  }
}
