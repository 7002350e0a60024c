/** Lists in RDB: written as Redis 7 does, listpack by listpack; read in all the forms that there have been. */
import type { Database } from '../../keyspace/database.js';
import { ListValue } from '../../keyspace/values/list-value.js';
import { EMPTY_LISTPACK_BYTES, isListpack } from '../../keyspace/values/listpack.js';
import { type ByteRange, emptyRange } from '../../protocol/bytes.js';
import { buildValue } from './build-value.js';
import {
  EmptyValueError,
  RDB_LIST,
  RDB_LIST_QUICKLIST,
  RDB_LIST_QUICKLIST_2,
  RDB_LIST_ZIPLIST,
  RdbError,
} from './format.js';
import type { ValueLoader } from './loader.js';
import type { RdbInput } from './reader.js';
import type { ValueWriter } from './writer.js';
import { ziplistElements } from './ziplist.js';

/** What a node of a quicklist is: one element too large for a listpack, or a listpack. */
const PLAIN_NODE = 1;
const PACKED_NODE = 2;

const list = new ListValue();
const item = emptyRange();

export const listWriter: ValueWriter = {
  rdbType: () => RDB_LIST_QUICKLIST_2,

  write(writer, db, ref) {
    const { packs } = list.open(db, ref);
    writer.size(packs);
    for (let i = 0; i < packs; i++) {
      const { bytes, start, length } = list.packAt(i);
      writer.size(PACKED_NODE);
      writer.string(bytes, start, start + length);
    }
  },
};

export const listLoaders: Record<number, ValueLoader> = {
  [RDB_LIST]: (input, db, key) => load(input, db, key, input.size(), readString, addElement),
  [RDB_LIST_ZIPLIST]: (input, db, key) => load(input, db, key, 1, readString, addZiplist),
  [RDB_LIST_QUICKLIST]: (input, db, key) => load(input, db, key, input.size(), readString, addZiplist),
  [RDB_LIST_QUICKLIST_2]: (input, db, key) => load(input, db, key, input.size(), readNode, addNode),
};

/** Reads `count` items and adds what each of them holds; `read` answers what `add` wants to know of an item. */
function load(
  input: RdbInput,
  db: Database,
  key: Readonly<ByteRange>,
  count: number,
  read: (input: RdbInput) => number,
  add: (kind: number) => void,
): number {
  input.demand(count, () => read(input));
  return buildValue(list, db, key, () => {
    for (let n = 0; n < count; n++) add(read(input));
  });
}

function readString(input: RdbInput): number {
  input.string(item);
  return PLAIN_NODE;
}

function readNode(input: RdbInput): number {
  const kind = input.size();
  input.string(item);
  return kind;
}

function addElement(): void {
  list.push(false, item.bytes, item.start, item.end);
}

function addZiplist(): void {
  const elements = ziplistElements(item.bytes, item.start, item.end);
  if (elements === undefined) throw new RdbError('Ziplist integrity check failed.');
  for (const { bytes, start, end } of elements) list.push(false, bytes, start, end);
}

function addNode(kind: number): void {
  const { bytes, start, end } = item;
  if (start === end) throw new EmptyValueError();
  if (kind === PLAIN_NODE) addElement();
  else if (kind !== PACKED_NODE || !isListpack(bytes, start, end)) {
    throw new RdbError('Listpack integrity check failed.');
  } else if (end - start > EMPTY_LISTPACK_BYTES) list.appendListpack(bytes, start, end);
}
