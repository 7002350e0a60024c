/**
 * One numbered database: a dictionary of key records (record.ts), their expiry times, and in cluster mode the
 * keys of each slot.
 *
 * Commands hold a key's `Ref` only while they run: whatever changes a value's size may move the record, so the
 * methods that do answer the new reference. Reading costs one probe and one record; writing a string of about the
 * same size is done in place.
 *
 * Lookups come in Redis's three kinds: `peek` sees what is there, `read` and `write` honour expiry (a key whose time
 * has passed is not there, and is removed when this node may remove it) and note the access for eviction.
 */
import { allocate, type Bytes, copy, latin1 } from '../protocol/bytes.js';
import { keySlot } from '../protocol/key-slot.js';
import { type Ref, SEGMENT_SHIFT, sizeClass, UNIT_MASK } from './arena.js';
import { Dictionary, type Visit } from './dictionary.js';
import { type Disposable, dispose } from './disposal.js';
import { Expiries } from './expiries.js';
import { hashBytes } from './hash.js';
import type { Keyspace } from './keyspace.js';
import type { LargeValue } from './object-table.js';
import {
  CLUSTER_HEADER_BYTES,
  EXPIRY,
  HASH,
  HEADER_BYTES,
  IS_OBJECT,
  KEY_LENGTH,
  META,
  ORIGIN_MASK,
  STRING,
  TYPE,
  TYPE_MASK,
  VALUE,
  type ValueType,
} from './record.js';
import { SlotIndex } from './slot-index.js';

const NO_EXPIRY = -1;

export class Database {
  readonly expiries = new Expiries();
  /** The keys of each slot; null outside cluster mode. */
  readonly slots: SlotIndex | null;
  private dictionary: Dictionary;
  private readonly headerBytes: number;

  constructor(
    readonly keyspace: Keyspace,
    public index: number,
    clusterMode: boolean,
  ) {
    this.headerBytes = clusterMode ? CLUSTER_HEADER_BYTES : HEADER_BYTES;
    this.dictionary = new Dictionary(keyspace.arena, this.headerBytes);
    this.slots = clusterMode ? new SlotIndex(keyspace.arena) : null;
  }

  /** Number of keys, those included whose time has passed but which haven't been removed yet. */
  get size(): number {
    return this.dictionary.size;
  }

  /** Bytes of the tables that find the keys. */
  get overheadBytes(): number {
    return this.dictionary.tableBytes + this.expiries.size * 12;
  }

  // Lookups

  /** The record of the key, or 0, whatever its expiry; nothing is noted. */
  peek(bytes: Bytes, start: number, end: number): Ref {
    return this.dictionary.find(bytes, start, end);
  }

  /** The key's record for reading, or 0. Counts a hit or a miss. */
  read(bytes: Bytes, start: number, end: number): Ref {
    const ref = this.live(bytes, start, end);
    if (ref === 0) this.keyspace.missed(this, bytes, start, end);
    else {
      this.keyspace.hits++;
      this.touch(ref);
    }
    return ref;
  }

  /** The key's record for a command that may change it, or 0. */
  write(bytes: Bytes, start: number, end: number): Ref {
    if (this.keyspace.observer !== null) this.keyspace.observer.beforeChange(this, bytes, start, end);
    const ref = this.live(bytes, start, end);
    if (ref !== 0) this.touch(ref);
    else if (this.keyspace.ownExpiries !== null) this.removeExpired(bytes, start, end);
    return ref;
  }

  /** A writable replica is about to write to a key whose time has passed: it begins anew. */
  private removeExpired(bytes: Bytes, start: number, end: number): void {
    const ref = this.dictionary.find(bytes, start, end);
    if (ref !== 0) this.keyspace.expire(this, ref);
  }

  /** See `Dictionary.prefetch`. */
  prefetch(hashes: Uint32Array, count: number): number {
    return this.dictionary.prefetch(hashes, count);
  }

  /** As `read`, without counting or noting the access (TYPE, TTL, OBJECT …). */
  live(bytes: Bytes, start: number, end: number): Ref {
    const ref = this.dictionary.find(bytes, start, end);
    if (ref === 0) return 0;
    const place = this.get(ref, EXPIRY);
    if (place === 0 || this.expiries.time(place) > this.keyspace.now) return ref;
    return this.keyspace.keyExpired(this, ref) ? 0 : ref;
  }

  /** Whether the key's time has passed by the clock, removed or not. */
  isExpired(ref: Ref): boolean {
    const place = this.get(ref, EXPIRY);
    return place !== 0 && this.expiries.time(place) <= this.keyspace.now;
  }

  // Records

  type(ref: Ref): number {
    return this.get(ref, TYPE) & TYPE_MASK;
  }

  /** How a value came about, as far as its encoding depends on that: a flag of ORIGIN_MASK or, most often, 0. */
  origin(ref: Ref): number {
    return this.get(ref, TYPE) & ORIGIN_MASK;
  }

  setOrigin(ref: Ref, origin: number): void {
    this.set(ref, TYPE, (this.get(ref, TYPE) & ~ORIGIN_MASK) | origin);
  }

  /** The segment in which the record lies: key and value are ranges of it. */
  buffer(ref: Ref): Bytes {
    return this.keyspace.arena.bytes[ref >>> SEGMENT_SHIFT];
  }

  keyStart(ref: Ref): number {
    return (ref & UNIT_MASK) * 8 + this.headerBytes;
  }

  keyEnd(ref: Ref): number {
    return this.keyStart(ref) + this.get(ref, KEY_LENGTH);
  }

  /** The key, one character per byte. */
  keyLatin1(ref: Ref): string {
    return latin1(this.buffer(ref), this.keyStart(ref), this.keyEnd(ref));
  }

  valueStart(ref: Ref): number {
    return this.keyEnd(ref);
  }

  valueEnd(ref: Ref): number {
    return this.keyEnd(ref) + this.get(ref, VALUE);
  }

  valueLength(ref: Ref): number {
    return this.get(ref, VALUE);
  }

  /** Whether the value is a JavaScript object and not bytes in the record. */
  isObject(ref: Ref): boolean {
    return (this.get(ref, TYPE) & IS_OBJECT) !== 0;
  }

  /** The value's object; the record must be one with `isObject`. */
  object(ref: Ref): LargeValue {
    return this.keyspace.objects.get(this.get(ref, VALUE));
  }

  /** Bytes a key and its value take, its place in the table that finds it included. */
  bytesOf(ref: Ref): number {
    const large = this.isObject(ref) ? (this.object(ref) as { readonly usedBytes?: number }).usedBytes : 0;
    return this.recordBytes(ref) + Math.ceil(this.dictionary.tableBytes / this.size) + (large ?? 0);
  }

  /** Bytes the record takes in the arena. */
  recordBytes(ref: Ref): number {
    return this.keyspace.arena.capacity(ref, this.get(ref, META) & 0xff);
  }

  // Writing values

  /**
   * Sets a key to a string, whatever it was before. Its expiry goes unless `keepExpiry`. The value may lie in the
   * arena but not in this key's own record.
   */
  setString(
    key: Bytes,
    keyStart: number,
    keyEnd: number,
    value: Bytes,
    start: number,
    end: number,
    keepExpiry = false,
  ): Ref {
    const { arena, observer } = this.keyspace;
    if (observer !== null) observer.beforeChange(this, key, keyStart, keyEnd);
    const length = end - start;
    let ref = this.dictionary.find(key, keyStart, keyEnd);
    if (ref === 0) ref = this.create(this.dictionary.lastHash, key, keyStart, keyEnd, STRING, length);
    else {
      const words = arena.words[ref >>> SEGMENT_SHIFT];
      const at = (ref & UNIT_MASK) << 1;
      const plain = words[at + TYPE] === STRING && words[at + EXPIRY] === 0;
      const size = this.headerBytes + keyEnd - keyStart + length;
      // The common case, a plain string of about the same size, is written in place.
      if (!plain || !fits(size, arena.capacity(ref, words[at + META] & 0xff))) {
        ref = this.overwrite(ref, STRING, length, keepExpiry);
      } else {
        words[at + VALUE] = length;
        this.touch(ref);
      }
    }
    copy(
      arena.bytes[ref >>> SEGMENT_SHIFT],
      (ref & UNIT_MASK) * 8 + this.headerBytes + keyEnd - keyStart,
      value,
      start,
      end,
    );
    return ref;
  }

  /**
   * Gives a key a value of `length` bytes, contents unspecified, and drops what it held before. Its expiry goes
   * unless `keepExpiry`. For strings and for collections small enough to be packed in the record.
   */
  put(
    key: Bytes,
    keyStart: number,
    keyEnd: number,
    type: ValueType,
    length: number,
    keepExpiry = false,
  ): Ref {
    if (this.keyspace.observer !== null) this.keyspace.observer.beforeChange(this, key, keyStart, keyEnd);
    const ref = this.dictionary.find(key, keyStart, keyEnd);
    if (ref !== 0) return this.overwrite(ref, type, length, keepExpiry);
    return this.create(this.dictionary.lastHash, key, keyStart, keyEnd, type, length);
  }

  /** Gives a record another value. */
  private overwrite(ref: Ref, type: ValueType, length: number, keepExpiry: boolean): Ref {
    if (!keepExpiry) this.persist(ref);
    this.dropObject(ref);
    ref = this.reallocate(ref, length, false);
    this.set(ref, TYPE, type);
    this.touch(ref);
    return ref;
  }

  /** As `put`, for a value that is a JavaScript object. */
  putObject(
    key: Bytes,
    keyStart: number,
    keyEnd: number,
    type: ValueType,
    object: LargeValue,
    keepExpiry = false,
  ): Ref {
    const ref = this.put(key, keyStart, keyEnd, type, 0, keepExpiry);
    this.set(ref, TYPE, type | IS_OBJECT);
    this.set(ref, VALUE, this.keyspace.objects.add(object));
    return ref;
  }

  /** A packed value has outgrown its record: the object that takes its place. Expiry and access stay. */
  becomeObject(ref: Ref, object: LargeValue): Ref {
    const type = this.type(ref);
    const smaller = this.reallocate(ref, 0, false);
    this.set(smaller, TYPE, type | IS_OBJECT);
    this.set(smaller, VALUE, this.keyspace.objects.add(object));
    return smaller;
  }

  /**
   * Changes the length of a value kept in the record; what fits of its bytes stays, new ones are unspecified.
   * Answers the record, which may have moved. A growing value gets slack, so that appending is O(1) amortised.
   */
  resizeValue(ref: Ref, length: number): Ref {
    return this.reallocate(ref, length, true);
  }

  /** As `resizeValue` but without slack and giving back what a shrunk value leaves: for packed collections. */
  fitValue(ref: Ref, length: number): Ref {
    return this.reallocate(ref, length, false);
  }

  /** Moves a value to another key (of `target`), which must not exist; the expiry goes with it. */
  rename(ref: Ref, key: Bytes, keyStart: number, keyEnd: number, target: Database = this): Ref {
    if (this.keyspace.observer !== null) this.keyspace.observer.beforeChange(target, key, keyStart, keyEnd);
    const length = this.isObject(ref) ? 0 : this.valueLength(ref);
    const renamed = target.create(
      hashBytes(key, keyStart, keyEnd),
      key,
      keyStart,
      keyEnd,
      this.type(ref) as ValueType,
      length,
    );
    this.set(renamed, TYPE, this.get(ref, TYPE));
    this.set(renamed, META, (this.get(renamed, META) & 0xff) | (this.get(ref, META) & ~0xff));
    if (this.isObject(ref)) {
      this.set(renamed, VALUE, this.get(ref, VALUE));
      this.set(ref, TYPE, STRING); // its object has gone: there is nothing to drop
      this.set(ref, VALUE, 0);
    } else {
      copy(
        target.buffer(renamed),
        target.valueStart(renamed), // where the key's slot is linked, records have a longer head
        this.buffer(ref),
        this.valueStart(ref),
        this.valueEnd(ref),
      );
    }
    const expiry = this.expiry(ref);
    if (expiry !== NO_EXPIRY) target.expireAt(renamed, expiry);
    this.remove(ref);
    return renamed;
  }

  /** As `rename`, to a key of this database, whatever that was before. */
  adopt(from: Database, ref: Ref, key: Bytes, keyStart: number, keyEnd: number): Ref {
    const before = this.dictionary.find(key, keyStart, keyEnd);
    if (before !== 0) this.remove(before);
    return from.rename(ref, key, keyStart, keyEnd, this);
  }

  /** Removes a key and its value. */
  remove(ref: Ref): void {
    this.announce(ref);
    this.persist(ref);
    this.dictionary.remove(this.get(ref, HASH) | 0, ref);
    if (this.slots !== null) this.slots.remove(this.slotOf(ref), ref);
    this.free(ref);
  }

  /** Removes every key: O(keys), or, with `lazily`, O(1), and their memory is given back bit by bit. */
  clear(lazily = false): void {
    const { arena, observer, disposal } = this.keyspace;
    observer?.beforeUpheaval();
    const keys = this.dictionary;
    this.dictionary = new Dictionary(arena, this.headerBytes);
    this.expiries.clear();
    this.slots?.clear();
    const abandoned: Disposable = {
      pieces: keys.size,
      disposeSome: (pieces) => keys.drain(pieces, (ref) => this.free(ref)),
    };
    if (lazily) disposal.add(abandoned, keys.size);
    else dispose(abandoned);
  }

  /** Frees the record and what it refers to; nothing refers to it any more. */
  private free(ref: Ref): void {
    this.dropObject(ref);
    this.keyspace.arena.free(ref, this.get(ref, META) & 0xff);
  }

  // Expiry

  /** When the key expires, in milliseconds since 1970; -1 when it doesn't. */
  expiry(ref: Ref): number {
    const place = this.get(ref, EXPIRY);
    return place === 0 ? NO_EXPIRY : this.expiries.time(place);
  }

  /** Sets when the key expires, in milliseconds since 1970. */
  expireAt(ref: Ref, at: number): void {
    this.announce(ref);
    const place = this.get(ref, EXPIRY);
    if (place === 0) this.set(ref, EXPIRY, this.expiries.add(ref, at));
    else this.expiries.setTime(place, at);
    if (this.keyspace.ownExpiries !== null) this.keyspace.ownExpiries.add(this, ref);
  }

  /** Takes away the expiry; answers whether there was one. */
  persist(ref: Ref): boolean {
    const place = this.get(ref, EXPIRY);
    if (place === 0) return false;
    this.announce(ref);
    const moved = this.expiries.remove(place);
    if (moved !== 0) this.set(moved, EXPIRY, place);
    this.set(ref, EXPIRY, 0);
    return true;
  }

  // Eviction's clock

  /** 24 bits: seconds for LRU; minutes and a logarithmic counter for LFU. */
  accessClock(ref: Ref): number {
    return this.get(ref, META) >>> 8;
  }

  setAccessClock(ref: Ref, clock: number): void {
    this.set(ref, META, (this.get(ref, META) & 0xff) | (clock << 8));
  }

  private touch(ref: Ref): void {
    const words = this.keyspace.arena.words[ref >>> SEGMENT_SHIFT];
    const at = ((ref & UNIT_MASK) << 1) + META;
    words[at] = (words[at] & 0xff) | (this.keyspace.accessClock(words[at] >>> 8) << 8);
  }

  // Walking

  /** One step of SCAN: see `Dictionary.scan`. */
  scan(cursor: number, visit: Visit, width = 1): number {
    return this.dictionary.scan(cursor, visit, width);
  }

  /** Visits the keys whose places are in [from, to): see `Dictionary.scanRange`. */
  scanRange(from: number, to: number, visit: Visit): void {
    this.dictionary.scanRange(from, to, visit);
  }

  /** Where SCAN's cursor comes by a key: see `Dictionary.placeOf`. */
  scanPlace(key: Bytes, start: number, end: number): number {
    return this.dictionary.placeOf(key, start, end);
  }

  /** A key chosen at random, 0 when the database is empty. */
  random(): Ref {
    return this.dictionary.random(this.keyspace.random);
  }

  forEach(visit: (ref: Ref) => void): void {
    this.dictionary.forEach(visit);
  }

  /** Moves some more entries of an index that is being resized; answers whether there are more. */
  settle(): boolean {
    return this.dictionary.settle(1024);
  }

  // Inside

  private create(
    hash: number,
    key: Bytes,
    keyStart: number,
    keyEnd: number,
    type: ValueType,
    length: number,
  ): Ref {
    const keyLength = keyEnd - keyStart;
    const size = this.headerBytes + keyLength + length;
    const ref = this.keyspace.arena.allocate(size);
    const words = this.keyspace.arena.words[ref >>> SEGMENT_SHIFT];
    const at = (ref & UNIT_MASK) << 1;
    words[at + META] = sizeClass(size) | (this.keyspace.accessClock(-1) << 8);
    words[at + TYPE] = type;
    words[at + KEY_LENGTH] = keyLength;
    words[at + VALUE] = length;
    words[at + EXPIRY] = 0;
    words[at + HASH] = hash;
    copy(this.buffer(ref), this.keyStart(ref), key, keyStart, keyEnd);
    this.dictionary.insert(hash, ref);
    if (this.slots !== null) this.slots.add(keySlot(key, keyStart, keyEnd), ref);
    if (this.keyspace.spectator !== null) this.keyspace.spectator.created(this, key, keyStart, keyEnd);
    return ref;
  }

  /** Gives the record room for a value of `length` bytes and sets that length; answers where it is now. */
  private reallocate(ref: Ref, length: number, growing: boolean): Ref {
    const { arena } = this.keyspace;
    const cls = this.get(ref, META) & 0xff;
    const capacity = arena.capacity(ref, cls);
    const fixed = this.headerBytes + this.get(ref, KEY_LENGTH);
    const size = fixed + length;
    if (growing ? size <= capacity : fits(size, capacity)) {
      this.set(ref, VALUE, length);
      return ref;
    }
    const roomy = growing && size > capacity ? fixed + slack(length) : size;
    const moved = arena.allocate(roomy);
    const kept = Math.min(size, fixed + this.get(ref, VALUE));
    const from = (ref & UNIT_MASK) * 8;
    copy(this.buffer(moved), (moved & UNIT_MASK) * 8, this.buffer(ref), from, from + kept);
    this.set(moved, META, sizeClass(roomy) | (this.get(ref, META) & ~0xff));
    this.set(moved, VALUE, length);
    this.dictionary.replace(this.get(ref, HASH) | 0, ref, moved);
    const place = this.get(ref, EXPIRY);
    if (place !== 0) this.expiries.setRef(place, moved);
    if (this.slots !== null) this.slots.moved(this.slotOf(moved), moved);
    arena.free(ref, cls);
    return moved;
  }

  private announce(ref: Ref): void {
    const { observer } = this.keyspace;
    if (observer !== null)
      observer.beforeChange(this, this.buffer(ref), this.keyStart(ref), this.keyEnd(ref));
  }

  private dropObject(ref: Ref): void {
    if (!this.isObject(ref)) return;
    this.keyspace.objects.remove(this.get(ref, VALUE));
    this.set(ref, TYPE, this.type(ref));
    this.set(ref, VALUE, 0);
  }

  private slotOf(ref: Ref): number {
    return keySlot(this.buffer(ref), this.keyStart(ref), this.keyEnd(ref));
  }

  private get(ref: Ref, word: number): number {
    return this.keyspace.arena.words[ref >>> SEGMENT_SHIFT][((ref & UNIT_MASK) << 1) + word];
  }

  private set(ref: Ref, word: number, value: number): void {
    this.keyspace.arena.words[ref >>> SEGMENT_SHIFT][((ref & UNIT_MASK) << 1) + word] = value;
  }
}

/** Whether a record of this size may stay in a block of this capacity: it has room, and doesn't waste much. */
function fits(size: number, capacity: number): boolean {
  return size <= capacity && (capacity <= 256 || size * 2 > capacity);
}

/** Room for a value that grows: double up to 1 MB, then 1 MB more, as Redis's strings do. */
function slack(length: number): number {
  return length < 1024 * 1024 ? length * 2 : length + 1024 * 1024;
}

/** A copy of a value's bytes, for what must outlive the command. */
export function copyValue(db: Database, ref: Ref): Bytes {
  const length = db.valueLength(ref);
  const bytes = allocate(length);
  const start = db.valueStart(ref);
  copy(bytes, 0, db.buffer(ref), start, start + length);
  return bytes;
}
