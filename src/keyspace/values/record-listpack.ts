/** The listpack that is a key's value: hashes, sorted sets and others while they are small. */
import type { Bytes } from '../../protocol/bytes.js';
import type { Ref } from '../arena.js';
import type { Database } from '../database.js';
import type { ValueType } from '../record.js';
import { EMPTY_LISTPACK_BYTES, Listpack } from './listpack.js';

/**
 * One of these serves a whole family of commands: `open` points it at a record. Storing or removing other keys may
 * change where things are in memory but never moves this record: it stays open until its own key is changed by
 * something else.
 */
export class RecordListpack extends Listpack {
  /** The record; changes of the listpack may move it. */
  ref: Ref = 0;
  private db!: Database;

  /** Points it at the value of a record. */
  open(db: Database, ref: Ref): this {
    this.db = db;
    this.ref = ref;
    this.bytes = db.buffer(ref);
    this.start = db.valueStart(ref);
    return this;
  }

  /** Gives a key an empty listpack as its value, whatever it held, and points at it. */
  create(db: Database, key: Bytes, keyStart: number, keyEnd: number, type: ValueType): this {
    this.open(db, db.put(key, keyStart, keyEnd, type, EMPTY_LISTPACK_BYTES));
    this.clear();
    return this;
  }

  /** Makes a record's value, packed in another form, an empty listpack, and points at it. */
  reset(db: Database, ref: Ref): this {
    this.open(db, db.fitValue(ref, EMPTY_LISTPACK_BYTES));
    this.clear();
    return this;
  }

  protected resize(length: number): void {
    this.open(this.db, this.db.fitValue(this.ref, length));
  }
}
