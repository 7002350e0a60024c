/**
 * Recovery: brings the data set back from the append-only file's folder, base first, then the increments in order.
 *
 * Commands (CommandFile) are handed to `execute` one by one. A file that ends in the middle of a command or
 * transaction, the mark of a crash, is cut behind the last whole one when `aof-load-truncated` allows it and it is the
 * last file; everything else that is wrong refuses to start, with Redis's log lines. A power loss may also leave zeros
 * at the end of a file, which got its new size but not its data: they count as missing.
 */
import type { Keyspace } from '../../keyspace/keyspace.js';
import { DiskError, type Log, type ReadFile } from '../../node/host.js';
import { allocate, type Bytes, latin1 } from '../../protocol/bytes.js';
import type { Request } from '../../protocol/request.js';
import type { Loading, LoadPace, LoadProgress } from '../load-progress.js';
import { loadRdb } from '../rdb/file.js';
import { RdbError } from '../rdb/format.js';
import { RdbLoader } from '../rdb/loader.js';
import { CommandFile, withoutZeros } from './command-file.js';
import type { AofFolder } from './folder.js';
import { EMPTY_MANIFEST, type Manifest } from './manifest.js';

export interface AofLoaderEnvironment {
  readonly folder: AofFolder;
  readonly keyspace: Keyspace;
  readonly log: Log;
  /** Milliseconds that never go back, for the time a file took. */
  now(): number;
  /** Runs a recorded command as a client without limits would; answers false when there is no such command. */
  execute(request: Request): boolean;
  /** A new file begins: database 0 is selected. */
  beginFile(): void;
  /** See `RdbLoadOptions.library`. */
  library?: (code: Bytes, mayReplace: boolean) => string | undefined;
}

/** `absent`: there is no append-only file. `failed`: the node must not start. */
export type AofLoadResult = 'ok' | 'absent' | 'failed';

type FileResult = 'ok' | 'empty' | 'truncated' | 'failed';

export class AofLoader {
  /** The manifest as found, or as the upgrade of an old file made it. */
  manifest: Manifest = EMPTY_MANIFEST;
  /** Bytes of all files, and of the base. */
  totalBytes = 0;
  baseBytes = 0;

  /** @param loadTruncated `aof-load-truncated` */
  constructor(
    private readonly env: AofLoaderEnvironment,
    private readonly loadTruncated: boolean,
    private readonly progress: LoadProgress,
    private readonly pace: LoadPace,
  ) {}

  /** Loads everything. Throws `ManifestError` or `DiskError`, logged, when the folder itself can't be read. */
  *load(): Loading<AofLoadResult> {
    const { folder, log } = this.env;
    this.manifest = folder.readManifest();
    this.upgradeOldFile();
    const { base, increments } = this.manifest;
    const files = base ? [base, ...increments] : increments;
    if (files.length === 0) return 'absent';
    if (!this.measure(files.map((file) => file.name))) return 'failed';
    if (this.totalBytes === 0) return 'ok';
    this.progress.totalBytes = this.totalBytes;
    for (const [i, { name }] of files.entries()) {
      const isLast = i === files.length - 1;
      const began = this.env.now();
      const result = yield* this.loadFile(name);
      if (result === 'failed') return 'failed';
      if (result === 'truncated' && !isLast) {
        log('warning', 'Fatal error: the truncated file is not the last file');
        return 'failed';
      }
      if (result === 'empty') continue;
      const seconds = ((this.env.now() - began) / 1000).toFixed(3);
      const kind = base && i === 0 ? 'base' : 'incr';
      log('notice', `DB loaded from ${kind} file ${name}: ${seconds} seconds`);
    }
    return 'ok';
  }

  /** A file of the time before multi-part append-only files becomes the base of the folder. */
  private upgradeOldFile(): void {
    const { folder, log } = this.env;
    const { filename, disk, directory } = folder;
    const { base, increments } = this.manifest;
    if (!exists(disk.open(filename))) return;
    const unused = base === undefined && increments.length === 0;
    const interrupted =
      base?.name === filename && increments.length === 0 && !exists(disk.open(folder.path(filename)));
    if (!unused && !interrupted) return;
    folder.create();
    this.manifest = { ...EMPTY_MANIFEST, base: { name: filename, sequence: 1 }, baseSequence: 1 };
    folder.writeManifest(this.manifest);
    folder.attempt(`Error trying to move the old AOF file ${filename} into dir ${directory}`, () =>
      disk.rename(filename, folder.path(filename)),
    );
    log(
      'notice',
      `Successfully migrated an old-style AOF file (${filename}) into the AOF directory (${directory}).`,
    );
  }

  private measure(names: readonly string[]): boolean {
    const { folder, log } = this.env;
    for (const name of names) {
      const file = folder.disk.open(folder.path(name));
      if (file === undefined) {
        const reason = 'No such file or directory';
        log('warning', `Unable to obtain the AOF file ${name} length. stat: ${reason}`);
        return false;
      }
      if (name === this.manifest.base?.name) this.baseBytes = file.size;
      this.totalBytes += file.size;
      file.close();
    }
    return true;
  }

  private *loadFile(name: string): Loading<FileResult> {
    const { folder, log } = this.env;
    const file = folder.disk.open(folder.path(name));
    if (file === undefined) {
      log('warning', `The append log file ${name} doesn't exist: No such file or directory`);
      return 'failed';
    }
    try {
      if (file.size === 0) return 'empty';
      return yield* this.replay(name, file);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      log('warning', `Unrecoverable error reading the append only file ${name}: ${error.message}`);
      return 'failed';
    } finally {
      file.close();
    }
  }

  private *replay(name: string, file: ReadFile): Loading<FileResult> {
    const { env, progress, pace } = this;
    const before = progress.loadedBytes;
    const begin = yield* this.loadPreamble(name, file);
    if (begin < 0) return 'failed';
    env.beginFile();
    const end = withoutZeros(file, begin);
    const commands = new CommandFile(file, begin, end);
    let told = begin;
    for (;;) {
      const pause = pace.pause(commands.whole - told, 1);
      told = commands.whole;
      if (pause >= 0) {
        progress.loadedBytes = before + told;
        yield pause;
      }
      switch (commands.next()) {
        case 'end':
          if (end < file.size) return this.truncate(name, end);
          progress.loadedBytes = before + file.size;
          return 'ok';
        case 'truncated':
          return this.truncate(name, commands.whole);
        case 'invalid':
          env.log(
            'warning',
            `Bad file format reading the append only file ${name}: make a backup of your AOF file, then use hexis check-aof --fix <filename.manifest>`,
          );
          return 'failed';
        case 'open transaction':
          env.log('warning', `Revert incomplete MULTI/EXEC transaction in AOF file ${name}`);
          return this.truncate(name, commands.whole);
        default:
          if (env.execute(commands.request)) continue;
          env.log(
            'warning',
            `Unknown command '${commands.request.latin1(0)}' reading the append only file ${name}`,
          );
          return 'failed';
      }
    }
  }

  /** Loads the RDB at the beginning of a file, if there is one; answers where it ends, or -1. */
  private *loadPreamble(name: string, file: ReadFile): Loading<number> {
    const { log, keyspace, folder, library } = this.env;
    const magic = allocate(5);
    if (file.read(magic, 0, magic.length, 0) < magic.length || latin1(magic) !== 'REDIS') return 0;
    const isOld = name === folder.filename;
    log(
      'notice',
      isOld ? 'Reading RDB preamble from AOF file...' : 'Reading RDB base file on AOF loading...',
    );
    const loader = new RdbLoader(keyspace, { log, dropExpired: false, library });
    try {
      yield* loadRdb(file, loader, this.progress, this.pace);
    } catch (error) {
      if (!(error instanceof RdbError)) throw error;
      log('warning', error.message);
      const kind = isOld ? 'RDB preamble of the AOF file' : 'RDB base file';
      log('warning', `Error reading the ${kind} ${name}, AOF loading aborted`);
      return -1;
    }
    if (isOld) log('notice', 'Reading the remaining AOF tail...');
    return loader.offset;
  }

  /** Cuts a file whose end is missing behind its last whole command, if that is allowed. */
  private truncate(name: string, at: number): FileResult {
    const { log, folder } = this.env;
    if (this.loadTruncated) {
      log('warning', `!!! Warning: short read while loading the AOF file ${name}!!!`);
      log('warning', `!!! Truncating the AOF ${name} at offset ${at} !!!`);
      try {
        const file = folder.disk.append(folder.path(name));
        this.totalBytes -= file.size - at;
        file.truncate(at);
        file.syncNow();
        file.close();
        log('warning', `AOF ${name} loaded anyway because aof-load-truncated is enabled`);
        return 'truncated';
      } catch (error) {
        if (!(error instanceof DiskError)) throw error;
        log('warning', `Error truncating the AOF file ${name}: ${error.message}`);
      }
    }
    log(
      'warning',
      `Unexpected end of file reading the append only file ${name}. You can: 1) Make a backup of your AOF file, then use hexis check-aof --fix <filename.manifest>. 2) Alternatively you can set the 'aof-load-truncated' configuration option to yes and restart the server.`,
    );
    return 'failed';
  }
}

function exists(file: ReadFile | undefined): boolean {
  file?.close();
  return file !== undefined;
}
