/** Loads a dump, piece by piece: from a file, or from what a master has sent. */
import type { Keyspace } from '../../keyspace/keyspace.js';
import { type Disk, DiskError, type ReadFile } from '../../node/host.js';
import { allocate, type Bytes } from '../../protocol/bytes.js';
import type { Loading, LoadPace, LoadProgress } from '../load-progress.js';
import { checkRdb } from './check.js';
import { RdbError } from './format.js';
import { RdbLoader, type RdbLoadOptions } from './loader.js';

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
export function loadRdb(
  file: ReadFile,
  loader: RdbLoader,
  progress: LoadProgress,
  pace: LoadPace,
): Loading<void> {
  return loadPieces(piecesOfFile(file, Math.min(WINDOW_BYTES, pace.pieceBytes)), loader, progress, pace);
}

/** Feeds the loader an RDB that has arrived in parts. Throws `RdbError` when it isn't sound. */
export function loadRdbParts(
  parts: readonly Bytes[],
  loader: RdbLoader,
  progress: LoadProgress,
  pace: LoadPace,
): Loading<void> {
  progress.totalBytes += parts.reduce((sum, part) => sum + part.length, 0);
  return loadPieces(piecesOf(parts, pace.pieceBytes), loader, progress, pace);
}

function* loadPieces(
  pieces: Iterable<Bytes>,
  loader: RdbLoader,
  progress: LoadProgress,
  pace: LoadPace,
): Loading<void> {
  for (const piece of pieces) {
    const keys = loader.keysLoaded;
    progress.loadedBytes += loader.feed(piece, 0, piece.length);
    progress.usedMemory = loader.usedMemory;
    const pause = pace.pause(piece.length, loader.keysLoaded - keys);
    if (pause >= 0) yield pause;
    if (loader.done) break;
  }
  loader.end();
}

/** A file in pieces of this size. Each is valid until the next is asked for. */
function* piecesOfFile(file: ReadFile, size: number): Iterable<Bytes> {
  const window = allocate(Math.min(size, file.size + 1));
  for (let at = 0; ; ) {
    const length = file.read(window, 0, window.length, at);
    if (length === 0) return;
    at += length;
    yield window.subarray(0, length);
  }
}

/** The parts in pieces of this size at most. */
function* piecesOf(parts: readonly Bytes[], size: number): Iterable<Bytes> {
  for (const part of parts) {
    for (let at = 0; at < part.length; at += size) yield part.subarray(at, at + size);
  }
}
