/** Sets in RDB: intsets as they are, others member by member. */
import type { Database } from '../../keyspace/database.js';
import { SET } from '../../keyspace/record.js';
import { isIntset } from '../../keyspace/values/intset.js';
import { SetValue } from '../../keyspace/values/set-value.js';
import { type ByteRange, copy, emptyRange } from '../../protocol/bytes.js';
import { buildValue } from './build-value.js';
import { RDB_SET, RDB_SET_INTSET, RDB_SET_LISTPACK, RdbError } from './format.js';
import { LoadedListpack } from './loaded-listpack.js';
import type { ValueLoader } from './loader.js';
import type { RdbInput } from './reader.js';
import type { ValueWriter } from './writer.js';

const set = new SetValue();
const listpack = new LoadedListpack();
const text = emptyRange();

export const setWriter: ValueWriter = {
  rdbType: (db, ref) => (set.open(db, ref).isIntset ? RDB_SET_INTSET : RDB_SET),

  write(writer, db, ref) {
    if (set.open(db, ref).isIntset) {
      writer.string(db.buffer(ref), db.valueStart(ref), db.valueEnd(ref));
      return;
    }
    writer.size(set.size);
    set.forEach(({ bytes, start, end }) => {
      writer.string(bytes, start, end);
    });
  },
};

export const setLoaders: Record<number, ValueLoader> = {
  [RDB_SET]: loadMembers,
  [RDB_SET_INTSET]: loadIntset,
  [RDB_SET_LISTPACK]: loadListpack,
};

/** The number of members, then they. */
function loadMembers(input: RdbInput, db: Database, key: Readonly<ByteRange>): number {
  const count = input.size();
  input.demand(count, () => input.string(text));
  return buildValue(set, db, key, () => {
    for (let n = 0; n < count; n++) {
      input.string(text);
      addMember(text);
    }
  });
}

/** What Redis 7.2 has for small sets that are no intsets. */
function loadListpack(input: RdbInput, db: Database, key: Readonly<ByteRange>): number {
  input.string(text);
  if (!listpack.open(text)) throw new RdbError('Set listpack integrity check failed.');
  return buildValue(set, db, key, () => {
    for (let at = listpack.first; at !== 0; at = listpack.next(at)) addMember(listpack.read(at));
  });
}

function addMember({ bytes, start, end }: Readonly<ByteRange>): void {
  if (!set.add(bytes, start, end)) throw new RdbError('Duplicate set members detected');
}

function loadIntset(input: RdbInput, db: Database, key: Readonly<ByteRange>): number {
  input.string(text);
  const { bytes, start, end } = text;
  if (!isIntset(bytes, start, end)) throw new RdbError('Intset integrity check failed.');
  const ref = db.put(key.bytes, key.start, key.end, SET, end - start);
  copy(db.buffer(ref), db.valueStart(ref), bytes, start, end);
  set.open(db, ref).limitIntegers();
  return set.ref;
}
