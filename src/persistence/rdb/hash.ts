/** Hashes in RDB: those that Redis would pack too as the listpack that they are, others pair by pair. */
import type { Database } from '../../keyspace/database.js';
import { HASH_TYPE } from '../../keyspace/record.js';
import { HashValue } from '../../keyspace/values/hash-value.js';
import { type ByteRange, copy, emptyRange } from '../../protocol/bytes.js';
import { buildValue } from './build-value.js';
import {
  EmptyValueError,
  RDB_HASH,
  RDB_HASH_LISTPACK,
  RDB_HASH_ZIPLIST,
  RDB_HASH_ZIPMAP,
  RdbError,
} from './format.js';
import { LoadedListpack } from './loaded-listpack.js';
import type { ValueLoader } from './loader.js';
import type { RdbInput } from './reader.js';
import type { ValueWriter } from './writer.js';
import { ziplistElements } from './ziplist.js';
import { zipmapElements } from './zipmap.js';

const hash = new HashValue();
const listpack = new LoadedListpack();
const field = emptyRange();
const value = emptyRange();

export const hashWriter: ValueWriter = {
  rdbType: (db, ref) => (hash.open(db, ref).packed ? RDB_HASH_LISTPACK : RDB_HASH),

  write(writer, db, ref) {
    const { packed, size } = hash.open(db, ref);
    if (packed) {
      writer.string(db.buffer(ref), db.valueStart(ref), db.valueEnd(ref));
      return;
    }
    writer.size(size);
    hash.forEach((field, value) => {
      writer.string(field.bytes, field.start, field.end);
      writer.string(value.bytes, value.start, value.end);
    });
  },
};

export const hashLoaders: Record<number, ValueLoader> = {
  [RDB_HASH]: loadPairs,
  [RDB_HASH_ZIPMAP]: (input, db, key) =>
    loadOld(input, db, key, zipmapElements, 'Zipmap integrity check failed.'),
  [RDB_HASH_ZIPLIST]: (input, db, key) =>
    loadOld(input, db, key, ziplistElements, 'Hash ziplist integrity check failed.'),
  [RDB_HASH_LISTPACK]: loadListpack,
};

/** The number of pairs, then fields and values. */
function loadPairs(input: RdbInput, db: Database, key: Readonly<ByteRange>): number {
  const count = input.size();
  input.demand(2 * count, () => input.string(field));
  return buildValue(hash, db, key, () => {
    for (let n = 0; n < count; n++) {
      input.string(field);
      input.string(value);
      addPair(field, value, 'Duplicate hash fields detected');
    }
  });
}

/** A form of former times, whose elements `elementsOf` finds. */
function loadOld(
  input: RdbInput,
  db: Database,
  key: Readonly<ByteRange>,
  elementsOf: typeof ziplistElements,
  complaint: string,
): number {
  input.string(value);
  const elements = elementsOf(value.bytes, value.start, value.end);
  if (elements === undefined || elements.length % 2 === 1) throw new RdbError(complaint);
  return buildValue(hash, db, key, () => {
    for (let i = 0; i < elements.length; i += 2) addPair(elements[i], elements[i + 1], complaint);
  });
}

function addPair(field: Readonly<ByteRange>, value: Readonly<ByteRange>, complaint: string): void {
  if (!hash.set(field.bytes, field.start, field.end, value.bytes, value.start, value.end)) {
    throw new RdbError(complaint);
  }
}

function loadListpack(input: RdbInput, db: Database, key: Readonly<ByteRange>): number {
  input.string(value);
  if (!listpack.open(value)) throw new RdbError('Hash listpack integrity check failed.');
  if (!listpack.holdsDistinctPairs()) {
    throw new RdbError('Hash listpack integrity check failed: listpack with dup elements, or an odd number.');
  }
  if (listpack.first === 0) throw new EmptyValueError();
  const { bytes, start, end } = value;
  const ref = db.put(key.bytes, key.start, key.end, HASH_TYPE, end - start);
  copy(db.buffer(ref), db.valueStart(ref), bytes, start, end);
  hash.open(db, ref).limitFields();
  return hash.ref;
}
