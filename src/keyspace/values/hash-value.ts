/**
 * Hashes, whatever they are kept in.
 *
 * - Small ones are a listpack in the key's record, field and value in turn: one place in memory, a byte or two over
 *   the data for each element. Get, set, delete: O(fields) in short loops.
 * - Large ones are a HashTable of arena records: O(1).
 *
 * The encoding that OBJECT ENCODING tells follows Redis's rules: `listpack` up to `hash-max-listpack-entries` fields of
 * at most `hash-max-listpack-value` bytes, `hashtable` from then on. Where those rules ask for a hash table although the
 * hash is small, it stays packed and is only flagged (IS_HASHTABLE): a table of its own would take about a kilobyte
 * before its first field, and the garbage collector would have to look at it.
 */
import type { ByteRange, Bytes } from '../../protocol/bytes.js';
import type { Ref } from '../arena.js';
import type { Database } from '../database.js';
import { Digest } from '../digest.js';
import { HASH_TYPE, IS_HASHTABLE } from '../record.js';
import { ElementRun } from './element-run.js';
import { HashTable } from './hash-value-table.js';
import { Element, LISTPACK_LIMIT } from './listpack.js';
import { RecordListpack } from './record-listpack.js';
import { Sampler, sampleRecords } from './sampling.js';

/** A flagged hash stays packed up to so many fields … */
const PACKED_FIELDS = 128;
/** … and so many bytes. */
const PACKED_BYTES = 8192;

/** Gets a pair; both ranges are good only during the call. */
export type PairVisitor = (field: Readonly<ByteRange>, value: Readonly<ByteRange>) => void;

/** A pair that is added, for a moment. */
const run = new ElementRun();

/** A view of a hash. One can be pointed at hash after hash, and follows its record when that moves. */
export class HashValue {
  private readonly listpack = new RecordListpack();
  private table: HashTable | null = null;
  private readonly fieldRange = new Element();
  private readonly valueRange = new Element();
  private db!: Database;

  /** Points it at a record, which must hold a hash. */
  open(db: Database, ref: Ref): this {
    this.db = db;
    this.listpack.open(db, ref);
    this.table = db.isObject(ref) ? (db.object(ref) as HashTable) : null;
    return this;
  }

  /** Gives a key an empty hash, whatever it held, and points at it. An empty hash must not stay. */
  create(db: Database, key: Bytes, keyStart: number, keyEnd: number): this {
    this.db = db;
    this.listpack.create(db, key, keyStart, keyEnd, HASH_TYPE);
    this.table = null;
    return this;
  }

  /** The key's record. */
  get ref(): Ref {
    return this.listpack.ref;
  }

  /** Number of fields. */
  get size(): number {
    return this.table === null ? this.listpack.count / 2 : this.table.size;
  }

  /** The listpack that Redis would have too, or null when it would have a hash table. */
  get packed(): RecordListpack | null {
    return this.table === null && this.db.origin(this.ref) !== IS_HASHTABLE ? this.listpack : null;
  }

  /** The field's value, good until the hash changes or another is asked for; undefined when there is none. */
  get(field: Bytes, start: number, end: number): Readonly<ByteRange> | undefined {
    const { table, listpack, valueRange } = this;
    if (table !== null) {
      const pair = table.find(field, start, end);
      return pair === 0 ? undefined : table.value(pair, valueRange);
    }
    const at = listpack.find(field, start, end, 1);
    return at === 0 ? undefined : listpack.read(listpack.next(at), valueRange);
  }

  has(field: Bytes, start: number, end: number): boolean {
    const { table } = this;
    return (table === null ? this.listpack.find(field, start, end, 1) : table.find(field, start, end)) !== 0;
  }

  /** Sets a field, from bytes outside of this hash; answers whether it is new. */
  set(
    field: Bytes,
    fieldStart: number,
    fieldEnd: number,
    value: Bytes,
    valueStart: number,
    valueEnd: number,
  ): boolean {
    if (this.table === null) this.makeRoom(fieldEnd - fieldStart, valueEnd - valueStart);
    const { table, listpack } = this;
    if (table !== null) return table.set(field, fieldStart, fieldEnd, value, valueStart, valueEnd);
    const at = listpack.find(field, fieldStart, fieldEnd, 1);
    if (at !== 0) {
      listpack.replace(listpack.next(at), value, valueStart, valueEnd);
    } else {
      run.clear();
      run.text(field, fieldStart, fieldEnd);
      run.text(value, valueStart, valueEnd);
      listpack.appendRun(run);
    }
    this.limitFields();
    return at === 0;
  }

  /** Removes a field; answers whether it was there. A hash without fields must go: that is the caller's to do. */
  delete(field: Bytes, start: number, end: number): boolean {
    const { table, listpack } = this;
    if (table !== null) return table.delete(field, start, end);
    const at = listpack.find(field, start, end, 1);
    if (at === 0) return false;
    listpack.delete(at, 2);
    return true;
  }

  // Walking. The hash must not change meanwhile.

  forEach(visit: PairVisitor): void {
    const { table, listpack } = this;
    if (table !== null) table.dictionary.forEach(this.recordVisitor(table, visit));
    else for (let at = listpack.first; at !== 0; at = this.next(at)) this.visitAt(at, visit);
  }

  /** One step of HSCAN: see `Dictionary.scan`. A packed hash is one step. */
  scan(cursor: number, visit: PairVisitor): number {
    const { table } = this;
    if (table !== null) return table.dictionary.scan(cursor, this.recordVisitor(table, visit));
    this.forEach(visit);
    return 0;
  }

  /** Visits `count` different pairs chosen at random, at most all of them, in no useful order. */
  sample(count: number, visit: PairVisitor): void {
    const { table, listpack, size } = this;
    const { random } = this.db.keyspace;
    if (table !== null) sampleRecords(table.dictionary, count, random, this.recordVisitor(table, visit));
    else {
      const sampler = new Sampler(size, count, random);
      for (let at = listpack.first; at !== 0; at = this.next(at)) if (sampler.take()) this.visitAt(at, visit);
    }
  }

  /** Visits `count` pairs, each chosen at random among all. */
  draw(count: number, visit: PairVisitor): void {
    const { table, listpack, size } = this;
    const { random } = this.db.keyspace;
    if (table !== null) {
      const visitRecord = this.recordVisitor(table, visit);
      for (let n = count; n > 0; n--) visitRecord(table.dictionary.random(random));
    } else for (let n = count; n > 0; n--) this.visitAt(listpack.seek(2 * (random() % size)), visit);
  }

  private recordVisitor(table: HashTable, visit: PairVisitor): (ref: Ref) => void {
    const { fieldRange, valueRange } = this;
    return (ref) => visit(table.field(ref, fieldRange), table.value(ref, valueRange));
  }

  private visitAt(at: number, visit: PairVisitor): void {
    const { listpack } = this;
    visit(listpack.read(at, this.fieldRange), listpack.read(listpack.next(at), this.valueRange));
  }

  /** Position of the field behind the one at `at`, 0 at the end. */
  private next(at: number): number {
    return this.listpack.next(this.listpack.next(at));
  }

  // Encodings

  /** Before a pair of these lengths is set in a packed hash. */
  private makeRoom(fieldLength: number, valueLength: number): void {
    const { db, listpack } = this;
    const length = listpack.length + fieldLength + valueLength;
    if (Math.max(fieldLength, valueLength) > db.keyspace.limits['hash-max-listpack-value']) {
      db.setOrigin(this.ref, IS_HASHTABLE);
    }
    const flagged = db.origin(this.ref) === IS_HASHTABLE;
    if (length > (flagged ? PACKED_BYTES : LISTPACK_LIMIT)) this.unpack();
  }

  /** Keeps a packed hash to the limits of their number. */
  limitFields(): void {
    const { db, size } = this;
    if (size > db.keyspace.limits['hash-max-listpack-entries']) db.setOrigin(this.ref, IS_HASHTABLE);
    if (size > PACKED_FIELDS && db.origin(this.ref) === IS_HASHTABLE) this.unpack();
  }

  private unpack(): void {
    const table = new HashTable(this.db.keyspace.arena);
    this.forEach((field, value) => {
      table.set(field.bytes, field.start, field.end, value.bytes, value.start, value.end);
    });
    this.listpack.ref = this.db.becomeObject(this.ref, table);
    this.table = table;
  }
}

const view = new HashValue();

/** Adds a hash's pairs to its key's digest. */
export function addHash(digest: Digest, db: Database, ref: Ref): void {
  view.open(db, ref).forEach((field, value) => {
    const pair = new Digest();
    pair.append(field.bytes, field.start, field.end);
    pair.append(value.bytes, value.start, value.end);
    digest.addDigest(pair);
  });
}
