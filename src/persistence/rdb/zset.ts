/**
 * Sorted sets in RDB: small ones as the listpack that they are, large ones as members and scores from the highest down,
 * so that a skip list can be built by inserting at its head. Read are also what came before: ziplists, and scores as text.
 */

import type { Database } from '../../keyspace/database.js';
import { dispose } from '../../keyspace/disposal.js';
import { ZSET } from '../../keyspace/record.js';
import { LargeZset } from '../../keyspace/values/zset-large.js';
import { ZsetValue } from '../../keyspace/values/zset-value.js';
import { type ByteRange, copy, emptyRange } from '../../protocol/bytes.js';
import { doubleIn, looseDoubleIn } from '../../protocol/doubles.js';
import {
  EmptyValueError,
  RDB_ZSET,
  RDB_ZSET_2,
  RDB_ZSET_LISTPACK,
  RDB_ZSET_ZIPLIST,
  RdbError,
} from './format.js';
import { LoadedListpack } from './loaded-listpack.js';
import type { ValueLoader } from './loader.js';
import type { RdbInput } from './reader.js';
import type { ValueWriter } from './writer.js';
import { ziplistElements } from './ziplist.js';

const SCORE_BYTES = 8;
/** A score as text begins with its length, or one of these. */
const TEXT_NAN = 253;
const TEXT_INFINITY = 254;
const TEXT_MINUS_INFINITY = 255;

const zset = new ZsetValue();
const listpack = new LoadedListpack();
const text = emptyRange();
const score = new Float64Array(1);
const scoreBytes = new Uint8Array(score.buffer);

export const zsetWriter: ValueWriter = {
  rdbType: (db, ref) => (db.isObject(ref) ? RDB_ZSET_2 : RDB_ZSET_LISTPACK),

  write(writer, db, ref) {
    if (!db.isObject(ref)) {
      writer.string(db.buffer(ref), db.valueStart(ref), db.valueEnd(ref));
      return;
    }
    const { size } = zset.open(db, ref);
    writer.size(size);
    zset.visit(size - 1, size, true, ({ bytes, start, end }, value) => {
      writer.string(bytes, start, end);
      score[0] = value;
      writer.raw(scoreBytes);
    });
  },
};

export const zsetLoaders: Record<number, ValueLoader> = {
  [RDB_ZSET]: (input, db, key) => loadMembers(input, db, key, textScore),
  [RDB_ZSET_2]: (input, db, key) => loadMembers(input, db, key, binaryScore),
  [RDB_ZSET_ZIPLIST]: loadZiplist,
  [RDB_ZSET_LISTPACK]: loadListpack,
};

function binaryScore(input: RdbInput): number {
  const start = input.skip(SCORE_BYTES);
  copy(scoreBytes, 0, input.bytes, start, start + SCORE_BYTES);
  return score[0];
}

function textScore(input: RdbInput): number {
  const length = input.byte();
  if (length === TEXT_INFINITY) return Number.POSITIVE_INFINITY;
  if (length === TEXT_MINUS_INFINITY) return Number.NEGATIVE_INFINITY;
  if (length === TEXT_NAN) return Number.NaN;
  const start = input.skip(length);
  return doubleIn(input.bytes, start, start + length);
}

/** The number of members, then members and scores. */
function loadMembers(
  input: RdbInput,
  db: Database,
  key: Readonly<ByteRange>,
  readScore: (input: RdbInput) => number,
): number {
  const count = input.size();
  input.demand(count, () => {
    input.string(text);
    readScore(input);
  });
  const large = new LargeZset(db.keyspace.arena);
  return fill(large, db, key, () => {
    for (let n = 0; n < count; n++) {
      input.string(text);
      addMember(large, text, readScore(input));
    }
  });
}

function loadZiplist(input: RdbInput, db: Database, key: Readonly<ByteRange>): number {
  input.string(text);
  const elements = ziplistElements(text.bytes, text.start, text.end);
  if (elements === undefined || elements.length % 2 === 1) {
    throw new RdbError('Zset ziplist integrity check failed.');
  }
  const large = new LargeZset(db.keyspace.arena);
  return fill(large, db, key, () => {
    for (let i = 0; i < elements.length; i += 2) {
      const { bytes, start, end } = elements[i + 1];
      addMember(large, elements[i], looseDoubleIn(bytes, start, end));
    }
  });
}

/** Adds members with `add`, then gives the set to the key. When something is wrong with them nothing has happened. */
function fill(large: LargeZset, db: Database, key: Readonly<ByteRange>, add: () => void): number {
  try {
    add();
    if (large.size === 0) throw new EmptyValueError();
  } catch (error) {
    dispose(large);
    throw error;
  }
  return zset.store(db, key.bytes, key.start, key.end, large).ref;
}

function addMember(large: LargeZset, { bytes, start, end }: Readonly<ByteRange>, score: number): void {
  if (Number.isNaN(score)) throw new RdbError('Zset with NAN score detected');
  if (large.find(bytes, start, end) !== 0) throw new RdbError('Duplicate zset fields detected');
  large.add(bytes, start, end, score);
}

function loadListpack(input: RdbInput, db: Database, key: Readonly<ByteRange>): number {
  input.string(text);
  if (!listpack.open(text) || !listpack.holdsDistinctPairs() || !scoresAreNumbers()) {
    throw new RdbError('Zset listpack integrity check failed.');
  }
  if (listpack.first === 0) throw new EmptyValueError();
  const { bytes, start, end } = text;
  const ref = db.put(key.bytes, key.start, key.end, ZSET, end - start);
  copy(db.buffer(ref), db.valueStart(ref), bytes, start, end);
  return zset.open(db, ref).limitMembers().ref;
}

/** Whether the second elements of a listpack's pairs are scores. */
function scoresAreNumbers(): boolean {
  for (let at = listpack.first; at !== 0; ) {
    const place = listpack.next(at);
    const { bytes, start, end } = listpack.read(place);
    if (Number.isNaN(looseDoubleIn(bytes, start, end))) return false;
    at = listpack.next(place);
  }
  return true;
}
