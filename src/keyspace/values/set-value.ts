/**
 * Sets, whatever they are kept in.
 *
 * - Small sets of integers are an intset in the key's record: 2, 4 or 8 bytes a member. Find: O(log n).
 * - Other small sets are a listpack in the key's record. Redis 7.0 has a hash table for them, so that is what
 *   OBJECT ENCODING tells (IS_HASHTABLE); a table of its own would take about a kilobyte before its first member,
 *   and the garbage collector would have to look at it. All operations: O(members) in short loops.
 * - Large ones are a SetTable of arena records: O(1).
 *
 * As in Redis a set begins as what suits its first member, turns into a hash table with the first member that is no
 * integer or with more than `set-max-intset-entries`, and never back.
 */
import { type ByteRange, type Bytes, slice } from '../../protocol/bytes.js';
import type { Ref } from '../arena.js';
import type { Database } from '../database.js';
import type { Digest } from '../digest.js';
import { IS_HASHTABLE } from '../record.js';
import { Intset, isInteger } from './intset.js';
import { Element } from './listpack.js';
import { RecordListpack } from './record-listpack.js';
import { Sampler, sampleRecords } from './sampling.js';
import { SetTable } from './set-value-table.js';

/** A listpack may have so many members … */
const PACKED_MEMBERS = 128;
/** … and so many bytes. */
const PACKED_BYTES = 8192;
/** However many integers are allowed in an intset, it has no more than these. */
const INTSET_LIMIT = 2 ** 30;

/** Gets a member; the range is good only during the call. */
export type MemberVisitor = (member: Readonly<ByteRange>) => void;

type Kind = 'intset' | 'listpack' | 'table';

/** A view of a set. One can be pointed at set after set, and follows its record when that moves. */
export class SetValue {
  private kind: Kind = 'intset';
  private readonly intset = new Intset();
  private readonly listpack = new RecordListpack();
  private table!: SetTable;
  private readonly element = new Element();
  private db!: Database;

  /** Points it at a record, which must hold a set. */
  open(db: Database, ref: Ref): this {
    this.db = db;
    this.intset.ref = this.listpack.ref = ref;
    if (db.isObject(ref)) {
      this.kind = 'table';
      this.table = db.object(ref) as SetTable;
    } else if (db.origin(ref) === IS_HASHTABLE) {
      this.kind = 'listpack';
      this.listpack.open(db, ref);
    } else {
      this.kind = 'intset';
      this.intset.open(db, ref);
    }
    return this;
  }

  /** Gives a key an empty set, whatever it held, and points at it. An empty set must not stay. */
  create(db: Database, key: Bytes, keyStart: number, keyEnd: number): this {
    this.db = db;
    this.kind = 'intset';
    this.intset.create(db, key, keyStart, keyEnd);
    return this;
  }

  /** The key's record. */
  get ref(): Ref {
    return this.kind === 'intset' ? this.intset.ref : this.listpack.ref;
  }

  /** Whether it is an intset, for Redis as for us. */
  get isIntset(): boolean {
    return this.kind === 'intset';
  }

  /** Number of members. */
  get size(): number {
    if (this.kind === 'intset') return this.intset.count;
    return this.kind === 'listpack' ? this.listpack.count : this.table.size;
  }

  has(member: Bytes, start: number, end: number): boolean {
    if (this.kind === 'intset') return this.intset.has(member, start, end);
    if (this.kind === 'listpack') return this.listpack.find(member, start, end) !== 0;
    return this.table.has(member, start, end);
  }

  /** Adds a member, from bytes outside of this set; answers whether it is new. */
  add(member: Bytes, start: number, end: number): boolean {
    if (this.kind === 'intset') {
      if (isInteger(member, start, end)) return this.addInteger(member, start, end);
      this.becomeHashtable();
    }
    const { listpack } = this;
    if (this.kind === 'listpack') {
      if (listpack.find(member, start, end) !== 0) return false;
      if (listpack.count < PACKED_MEMBERS && listpack.length + end - start <= PACKED_BYTES) {
        listpack.append(member, start, end);
        return true;
      }
      this.unpack();
    }
    return this.table.add(member, start, end);
  }

  private addInteger(member: Bytes, start: number, end: number): boolean {
    if (!this.intset.add(member, start, end)) return false;
    this.limitIntegers();
    return true;
  }

  /** Keeps an intset to the limit of their number. */
  limitIntegers(): void {
    const limit = Math.min(this.db.keyspace.limits['set-max-intset-entries'], INTSET_LIMIT);
    if (this.intset.count > limit) this.becomeHashtable();
  }

  /** Removes a member; answers whether it was there. A set without members must go: that is the caller's to do. */
  remove(member: Bytes, start: number, end: number): boolean {
    if (this.kind === 'intset') return this.intset.remove(member, start, end);
    if (this.kind === 'table') return this.table.remove(member, start, end);
    const at = this.listpack.find(member, start, end);
    if (at === 0) return false;
    this.listpack.delete(at);
    return true;
  }

  // Walking. The set must not change meanwhile.

  forEach(visit: MemberVisitor): void {
    const { listpack, size } = this;
    if (this.kind === 'table') this.table.dictionary.forEach(this.recordVisitor(visit));
    else if (this.kind === 'listpack') {
      for (let at = listpack.first; at !== 0; at = listpack.next(at)) visit(listpack.read(at, this.element));
    } else for (let i = 0; i < size; i++) visit(this.intset.read(i, this.element));
  }

  /** One step of SSCAN: see `Dictionary.scan`. A packed set is one step. */
  scan(cursor: number, visit: MemberVisitor): number {
    if (this.kind === 'table') return this.table.dictionary.scan(cursor, this.recordVisitor(visit));
    this.forEach(visit);
    return 0;
  }

  /** Visits `count` different members chosen at random, at most all of them, in no useful order. */
  sample(count: number, visit: MemberVisitor): void {
    const { random } = this.db.keyspace;
    if (this.kind === 'table') {
      sampleRecords(this.table.dictionary, count, random, this.recordVisitor(visit));
      return;
    }
    const sampler = new Sampler(this.size, count, random);
    this.forEach((member) => {
      if (sampler.take()) visit(member);
    });
  }

  /** Visits `count` members, each chosen at random among all. */
  draw(count: number, visit: MemberVisitor): void {
    for (let n = count; n > 0; n--) this.visitPlace(this.randomPlace(), visit);
  }

  /** Removes `count` different members chosen at random, at most all of them; visits each before it goes. */
  pop(count: number, visit: MemberVisitor): void {
    if (count === 1) {
      const place = this.randomPlace();
      this.visitPlace(place, visit);
      this.removePlace(place);
      return;
    }
    const places = this.samplePlaces(count);
    for (const place of places) this.visitPlace(place, visit);
    // From the last: the places of those before stay right.
    for (let i = places.length - 1; i >= 0; i--) this.removePlace(places[i]);
  }

  private recordVisitor(visit: MemberVisitor): (ref: Ref) => void {
    const { table, element } = this;
    return (ref) => visit(table.member(ref, element));
  }

  // Places: an index in an intset, a position in a listpack, a record of a table.

  private randomPlace(): number {
    const { random } = this.db.keyspace;
    if (this.kind === 'table') return this.table.dictionary.random(random);
    const index = random() % this.size;
    return this.kind === 'intset' ? index : this.listpack.seek(index);
  }

  private samplePlaces(count: number): number[] {
    const { random } = this.db.keyspace;
    const { listpack, size } = this;
    const places: number[] = [];
    if (this.kind === 'table') {
      sampleRecords(this.table.dictionary, count, random, (ref) => places.push(ref));
      return places;
    }
    const sampler = new Sampler(size, count, random);
    const packed = this.kind === 'listpack';
    let place = packed ? listpack.first : 0;
    for (let i = 0; i < size; i++) {
      if (sampler.take()) places.push(place);
      place = packed ? listpack.next(place) : i + 1;
    }
    return places;
  }

  private visitPlace(place: number, visit: MemberVisitor): void {
    const { element } = this;
    if (this.kind === 'intset') visit(this.intset.read(place, element));
    else if (this.kind === 'listpack') visit(this.listpack.read(place, element));
    else visit(this.table.member(place, element));
  }

  private removePlace(place: number): void {
    if (this.kind === 'intset') this.intset.removeAt(place);
    else if (this.kind === 'listpack') this.listpack.delete(place);
    else this.table.removeRecord(place);
  }

  // Encodings

  /** Redis would have a hash table from now on. */
  private becomeHashtable(): void {
    if (this.size > PACKED_MEMBERS) this.unpack();
    else this.becomeListpack();
  }

  private becomeListpack(): void {
    const { db, listpack } = this;
    const members: Bytes[] = [];
    this.forEach(({ bytes, start, end }) => {
      members.push(slice(bytes, start, end));
    });
    listpack.reset(db, this.ref);
    db.setOrigin(listpack.ref, IS_HASHTABLE);
    for (const member of members) listpack.append(member, 0, member.length);
    this.kind = 'listpack';
  }

  private unpack(): void {
    const table = new SetTable(this.db.keyspace.arena);
    this.forEach(({ bytes, start, end }) => {
      table.add(bytes, start, end);
    });
    this.listpack.ref = this.db.becomeObject(this.ref, table);
    this.table = table;
    this.kind = 'table';
  }
}

const view = new SetValue();

/** Adds a set's members to its key's digest. */
export function addSet(digest: Digest, db: Database, ref: Ref): void {
  view.open(db, ref).forEach(({ bytes, start, end }) => {
    digest.add(bytes, start, end);
  });
}
