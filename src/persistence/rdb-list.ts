/**
 * Lists in RDB files: written as Redis 7 does, listpack by listpack; read in all the forms that there have been.
 */
import type { Database } from '../keyspace/database.js';
import { ListValue } from '../keyspace/list-value.js';
import { EMPTY_LISTPACK_BYTES, isListpack } from '../keyspace/listpack.js';
import { mayGrow, Quicklist } from '../keyspace/quicklist.js';
import { LIST } from '../keyspace/record.js';
import { copy, EMPTY } from '../protocol/bytes.js';
import { RdbError } from './rdb-format.js';
import type { RdbInput, RdbText } from './rdb-reader.js';
import type { RdbWriter } from './rdb-writer.js';
import { ziplistElements } from './ziplist.js';

/** What a node of a quicklist is: one element too large for a listpack, or a listpack. */
const PLAIN_NODE = 1;
const PACKED_NODE = 2;

const list = new ListValue();
const text: RdbText = { bytes: EMPTY, start: 0, end: 0 };

/** The value's listpacks. */
export function writeList(writer: RdbWriter, db: Database, ref: number): void {
  const { packs } = list.open(db, ref);
  writer.size(packs);
  for (let i = 0; i < packs; i++) {
    const { bytes, start, length } = list.packAt(i);
    writer.size(PACKED_NODE);
    writer.string(bytes, start, start + length);
  }
}

/** Adds what one item of the input holds to a list. */
type AddItem = (input: RdbInput, list: Quicklist, directive: number) => void;

/** How a list was written, by its items. */
export const LIST_ITEMS = {
  strings(input, list, directive) {
    input.string(text);
    list.push(false, text.bytes, text.start, text.end, directive);
  },
  ziplists(input, list, directive) {
    input.string(text);
    const elements = ziplistElements(text.bytes, text.start, text.end);
    if (elements === undefined) throw new RdbError('List ziplist integrity check failed.');
    for (const { bytes, start, end } of elements) list.push(false, bytes, start, end, directive);
  },
  nodes(input, list, directive) {
    const kind = input.size();
    input.string(text);
    const { bytes, start, end } = text;
    if (kind === PLAIN_NODE) list.push(false, bytes, start, end, directive);
    else if (kind !== PACKED_NODE || !isListpack(bytes, start, end)) {
      throw new RdbError('Listpack integrity check failed.');
    } else if (end - start > EMPTY_LISTPACK_BYTES) list.appendListpack(bytes, start, end);
  },
} satisfies Record<string, AddItem>;

/** Reads a list: a number of items unless it is one ziplist, and these. */
export function loadList(input: RdbInput, db: Database, key: RdbText, add: AddItem, single = false): number {
  const { arena, limits } = db.keyspace;
  const directive = limits['list-max-listpack-size'];
  const read = new Quicklist(arena);
  try {
    for (let items = single ? 1 : input.size(); items > 0; items--) add(input, read, directive);
    if (read.length === 0) throw new RdbError('a list without elements');
  } catch (error) {
    read.dispose();
    throw error;
  }
  const first = read.open(0);
  if (read.blocks > 1 || !mayGrow(first, 0, directive)) {
    return db.putObject(key.bytes, key.start, key.end, LIST, read);
  }
  const { bytes, start, length } = first;
  const ref = db.put(key.bytes, key.start, key.end, LIST, length);
  copy(db.buffer(ref), db.valueStart(ref), bytes, start, start + length);
  read.dispose();
  return ref;
}
