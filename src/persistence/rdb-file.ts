/** Loads a dump, piece by piece. */
import type { Keyspace } from '../keyspace/keyspace.js';
import { type Disk, DiskError } from '../node/host.js';
import { allocate } from '../protocol/bytes.js';
import type { Loading, LoadProgress } from './load-progress.js';
import { RdbError } from './rdb-format.js';
import { RdbLoader, type RdbLoadOptions } from './rdb-loader.js';

const WINDOW_BYTES = 256 * 1024;

/** What became of it. `failed`: it can't be read or isn't sound, and the log says why; what was loaded is still there. */
export type RdbFileResult = RdbLoader | 'absent' | 'failed';

/** @param pieceBytes so much is read at once */
export function* loadRdbFile(
  disk: Disk,
  path: string,
  keyspace: Keyspace,
  options: RdbLoadOptions,
  progress: LoadProgress,
  pieceBytes: number,
): Loading<RdbFileResult> {
  const { log } = options;
  try {
    const file = disk.open(path);
    if (file === undefined) return 'absent';
    try {
      progress.totalBytes = file.size;
      const loader = new RdbLoader(keyspace, options);
      const window = allocate(Math.min(WINDOW_BYTES, file.size + 1));
      let pause = pieceBytes;
      while (!loader.done) {
        const length = file.read(window, 0, window.length, progress.loadedBytes);
        if (length === 0) break;
        loader.feed(window, 0, length);
        progress.loadedBytes += length;
        progress.usedMemory = loader.usedMemory;
        if (progress.loadedBytes < pause) continue;
        pause = progress.loadedBytes + pieceBytes;
        yield;
      }
      loader.end();
      return loader;
    } finally {
      file.close();
    }
  } catch (error) {
    if (error instanceof DiskError) log('warning', `Fatal error loading the DB: ${error.message}. Exiting.`);
    else if (error instanceof RdbError) {
      log('warning', error.message);
      log('warning', 'Terminating server after rdb file reading failure.');
    } else throw error;
    return 'failed';
  }
}
