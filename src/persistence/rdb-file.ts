/** Loads a dump, piece by piece: from a file, or from what a master has sent. */
import type { Keyspace } from '../keyspace/keyspace.js';
import { type Disk, DiskError, type ReadFile } from '../node/host.js';
import { allocate, type Bytes } from '../protocol/bytes.js';
import type { Loading, LoadPace, LoadProgress } from './load-progress.js';
import { checkRdb } from './rdb-check.js';
import { RdbError } from './rdb-format.js';
import { RdbLoader, type RdbLoadOptions } from './rdb-loader.js';

const WINDOW_BYTES = 256 * 1024;

/** What became of it. `failed`: it can't be read or isn't sound, and the log says why; what was loaded is still there. */
export type RdbFileResult = RdbLoader | 'absent' | 'failed';

export function* loadRdbFile(
  disk: Disk,
  path: string,
  keyspace: Keyspace,
  options: RdbLoadOptions,
  progress: LoadProgress,
  pace: LoadPace,
): Loading<RdbFileResult> {
  const { log } = options;
  try {
    const file = disk.open(path);
    if (file === undefined) return 'absent';
    try {
      progress.totalBytes = file.size;
      const loader = new RdbLoader(keyspace, options);
      yield* loadRdb(file, loader, progress, pace);
      return loader;
    } catch (error) {
      if (!(error instanceof RdbError)) throw error;
      log('warning', error.message);
      checkRdb(path, file, keyspace.now, (line) => log('warning', line)); // says where, and at which key
      log('warning', 'Terminating server after rdb file reading failure.');
    } finally {
      file.close();
    }
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    log('warning', `Fatal error loading the DB: ${error.message}. Exiting.`);
  }
  return 'failed';
}

/** Feeds the loader the RDB at the beginning of a file. Throws `RdbError` when it isn't sound. */
export function* loadRdb(
  file: ReadFile,
  loader: RdbLoader,
  progress: LoadProgress,
  pace: LoadPace,
): Loading<void> {
  const before = progress.loadedBytes;
  const window = allocate(Math.min(WINDOW_BYTES, pace.pieceBytes, file.size + 1));
  for (let at = 0; !loader.done; ) {
    const keys = loader.keysLoaded;
    const length = file.read(window, 0, window.length, at);
    if (length === 0) break;
    at += loader.feed(window, 0, length);
    progress.loadedBytes = before + at;
    progress.usedMemory = loader.usedMemory;
    const pause = pace.pause(length, loader.keysLoaded - keys);
    if (pause >= 0) yield pause;
  }
  loader.end();
}

/** Feeds the loader an RDB that has arrived in parts. Throws `RdbError` when it isn't sound. */
export function* loadRdbParts(
  parts: readonly Bytes[],
  loader: RdbLoader,
  progress: LoadProgress,
  pace: LoadPace,
): Loading<void> {
  for (const part of parts) progress.totalBytes += part.length;
  for (const part of parts) {
    for (let start = 0; start < part.length; ) {
      const keys = loader.keysLoaded;
      const end = Math.min(part.length, start + pace.pieceBytes);
      loader.feed(part, start, end);
      progress.loadedBytes += end - start;
      progress.usedMemory = loader.usedMemory;
      const pause = pace.pause(end - start, loader.keysLoaded - keys);
      if (pause >= 0) yield pause;
      start = end;
    }
  }
  loader.end();
}
