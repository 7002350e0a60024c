/**
 * A hash table of records in an arena: the key index, and the index of every large collection.
 *
 * Open addressing with linear probing in one typed array: the record's reference and, beside it in the same cache
 * line, its full hash, so that a probe touches the record only when the hashes agree. A removal shifts the records
 * behind it back; there are no tombstones.
 *
 * The upper bits of the hash choose the home position, so the table is ordered by hash but for short
 * displacements, at every size. Two things follow:
 * - A table two thirds full grows to double its size, one an eighth full shrinks to a quarter, step by step: while
 *   old and new exist, every change moves a few positions. No operation ever pays for the whole table.
 * - SCAN walks the hash space from 0 to 2^32 and its cursor is a place in that space. It means the same at every
 *   table size, so an element that is there from beginning to end is returned, exactly Redis's guarantee, without
 *   a reverse-binary cursor, and twice only if it was removed and added again.
 *
 * What is copied from one dictionary to another often comes in the order of the first (a snapshot that is loaded, a
 * union that is stored). Inserted in its own order a table fills up from one end and every probe is as long as what
 * is there already. So each dictionary has an order of its own: it multiplies hashes by an odd number of its own.
 *
 * A random record is found by drawing positions until one isn't empty, so that all have the same chances. That takes
 * eight draws on average just before a table shrinks, and ten just after: so shrinking is done quickly.
 *
 * find, insert, remove, random: O(1) expected. Memory: 8 bytes a position, between 1.5 and 3 positions an element after
 * growth.
 *
 * A record in a dictionary has its key's length in one of its words and its key behind its header.
 */
import { type Bytes, equal } from '../protocol/bytes.js';
import { type Arena, type Ref, SEGMENT_SHIFT, UNIT_MASK } from './arena.js';
import { hashBytes } from './hash.js';

/** That word of a key's record, and of others that keep to it. */
const KEY_LENGTH_WORD = 2;

const FIRST_BITS = 4;
/** Tables up to this size are resized at once: it takes microseconds. */
const AT_ONCE_BITS = 8;
/** Positions of the old table moved by each change while a table grows, … */
const MOVES_PER_STEP = 8;
/** … and while it shrinks: of eight positions one is taken. */
const MOVES_PER_SHRINKING_STEP = 64;

const HASH_SPACE = 2 ** 32;

const WORDS_PER_CACHE_LINE = 16;
/** The last word of a segment. */
const LAST_WORD = (UNIT_MASK << 1) | 1;

/** Sees a record, and its place in the hash space. */
export type Visit = (ref: Ref, place: number) => void;

/** One open-addressing table; a dictionary has two while it is being resized. */
class Table {
  /** Two words a position: the record's reference (0: empty) and its hash. */
  readonly words: Uint32Array;
  readonly capacity: number;
  readonly mask: number;
  readonly shift: number;
  count = 0;

  constructor(readonly bits: number) {
    this.capacity = 1 << bits;
    this.words = new Uint32Array(2 << bits);
    this.mask = this.capacity - 1;
    this.shift = 32 - bits;
  }

  insert(hash: number, ref: Ref): void {
    const { words, mask } = this;
    let at = hash >>> this.shift;
    while (words[at << 1] !== 0) at = (at + 1) & mask;
    words[at << 1] = ref;
    words[(at << 1) + 1] = hash;
    this.count++;
  }

  ref(at: number): Ref {
    return this.words[at << 1];
  }

  /** The hash at this position, unsigned. */
  hash(at: number): number {
    return this.words[(at << 1) + 1];
  }

  /** The position of this very record, or -1. */
  positionOf(hash: number, ref: Ref): number {
    const { words, mask } = this;
    let at = hash >>> this.shift;
    for (let found = words[at << 1]; found !== 0; found = words[at << 1]) {
      if (found === ref) return at;
      at = (at + 1) & mask;
    }
    return -1;
  }

  /** Empties a position and moves back the records that were displaced past it. */
  removeAt(hole: number): void {
    const { words, mask, shift } = this;
    this.count--;
    let at = hole;
    for (;;) {
      at = (at + 1) & mask;
      if (words[at << 1] === 0) break;
      const home = words[(at << 1) + 1] >>> shift;
      // A record may move into the hole unless its home lies cyclically within (hole, at].
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        words[hole << 1] = words[at << 1];
        words[(hole << 1) + 1] = words[(at << 1) + 1];
        hole = at;
      }
    }
    words[hole << 1] = 0;
  }
}

export class Dictionary {
  private table = new Table(FIRST_BITS);
  /** What hashes are multiplied by. */
  private order: number;
  /** The table being emptied into `table`, and how far that has come. */
  private old: Table | null = null;
  private moved = 0;
  /** How far `drain` has come. */
  private drained = 0;
  /** Hash of the key looked for last: `insert` after a miss need not compute it again. */
  lastHash = 0;

  /**
   * @param arena where the records live
   * @param headerBytes where in a record its key begins
   * @param keyLengthWord the word of a record that holds the length of its key in bytes
   */
  constructor(
    private readonly arena: Arena,
    private readonly headerBytes: number,
    private readonly keyLengthWord = KEY_LENGTH_WORD,
  ) {
    this.order = arena.nextOrder();
  }

  /** Number of records. */
  get size(): number {
    return this.table.count + (this.old === null ? 0 : this.old.count);
  }

  /** Bytes of the tables. */
  get tableBytes(): number {
    return this.table.words.byteLength + (this.old === null ? 0 : this.old.words.byteLength);
  }

  /** The record whose key is bytes[start, end), or 0. */
  find(bytes: Bytes, start: number, end: number): Ref {
    const hash = hashBytes(bytes, start, end);
    this.lastHash = hash;
    const place = Math.imul(hash, this.order);
    const ref = this.findIn(this.table, place, bytes, start, end);
    if (ref !== 0 || this.old === null) return ref;
    return this.findIn(this.old, place, bytes, start, end);
  }

  /**
   * Loads into the processor's caches what `find` will look at for keys with the first `count` of these hashes, which it
   * overwrites. Three loops, each too short to keep the processor from being several turns ahead: so its trips to
   * memory overlap. The answer means nothing; use it, or the compiler leaves the loading out.
   */
  prefetch(hashes: Uint32Array, count: number): number {
    const { words, shift, mask } = this.table;
    let loaded = 0;
    if (this.table.count === 0) return loaded;
    for (let i = 0; i < count; i++) {
      const place = Math.imul(hashes[i], this.order) >>> 0;
      hashes[i] = place;
      loaded ^= words[(place >>> shift) << 1];
    }
    for (let i = 0; i < count; i++) {
      const place = hashes[i];
      let at = place >>> shift;
      while (words[at << 1] !== 0 && words[(at << 1) + 1] !== place) at = (at + 1) & mask;
      hashes[i] = words[at << 1];
    }
    const segments = this.arena.words;
    for (let i = 0; i < count; i++) {
      const ref = hashes[i]; // 0, a unit that nobody uses, for a key that isn't there
      const segment = segments[ref >>> SEGMENT_SHIFT];
      const at = (ref & UNIT_MASK) << 1;
      loaded ^= segment[at] ^ segment[(at + WORDS_PER_CACHE_LINE) & LAST_WORD];
    }
    return loaded;
  }

  /** Where in the space that `scan` walks a key lies, whether it is there or not. */
  placeOf(bytes: Bytes, start: number, end: number): number {
    return Math.imul(hashBytes(bytes, start, end), this.order) >>> 0;
  }

  private findIn(table: Table, hash: number, bytes: Bytes, start: number, end: number): Ref {
    const { words, mask } = table;
    const unsigned = hash >>> 0;
    let at = hash >>> table.shift;
    for (let ref = words[at << 1]; ref !== 0; ref = words[at << 1]) {
      if (words[(at << 1) + 1] === unsigned && this.hasKey(ref, bytes, start, end)) return ref;
      at = (at + 1) & mask;
    }
    return 0;
  }

  private hasKey(ref: Ref, bytes: Bytes, start: number, end: number): boolean {
    const segment = ref >>> SEGMENT_SHIFT;
    const unit = ref & UNIT_MASK;
    const length = this.arena.words[segment][(unit << 1) + this.keyLengthWord];
    if (length !== end - start) return false;
    const key = unit * 8 + this.headerBytes;
    return equal(this.arena.bytes[segment], key, key + length, bytes, start, end);
  }

  /** Adds a record whose key is not there yet. `hash` is the hash of its key. */
  insert(hash: number, ref: Ref): void {
    if (this.old !== null) this.moveStep();
    else if (this.table.count * 3 >= this.table.capacity * 2) this.resize(this.table.bits + 1);
    this.table.insert(Math.imul(hash, this.order), ref);
  }

  /** Takes out a record. Its memory is the caller's to free. */
  remove(hash: number, ref: Ref): void {
    const place = Math.imul(hash, this.order);
    const at = this.table.positionOf(place, ref);
    if (at >= 0) this.table.removeAt(at);
    else this.old!.removeAt(this.old!.positionOf(place, ref));
    if (this.old !== null) this.moveStep();
    else if (this.table.count * 8 < this.table.capacity && this.table.bits > FIRST_BITS) {
      this.resize(Math.max(FIRST_BITS, this.table.bits - 2));
    }
  }

  /** The record has moved: its key is the same, its reference is another. */
  replace(hash: number, ref: Ref, by: Ref): void {
    const place = Math.imul(hash, this.order);
    let table = this.table;
    let at = table.positionOf(place, ref);
    if (at < 0) {
      table = this.old!;
      at = table.positionOf(place, ref);
    }
    table.words[at << 1] = by;
  }

  /** Forgets all records; their memory is the caller's to free. */
  clear(): void {
    this.table = new Table(FIRST_BITS);
    this.old = null;
    this.order = this.arena.nextOrder();
  }

  /**
   * Of a dictionary that is given up: calls `visit`, which may free them, for the records at the next so many positions.
   * Answers whether there are no more; it is as good as new then.
   */
  drain(positions: number, visit: (ref: Ref) => void): boolean {
    const { table, old } = this;
    const total = table.capacity + (old === null ? 0 : old.capacity);
    const stop = Math.min(total, this.drained + positions);
    for (let at = this.drained; at < stop; at++) {
      const ref = at < table.capacity ? table.ref(at) : old!.ref(at - table.capacity);
      if (ref !== 0) visit(ref);
    }
    this.drained = stop;
    if (stop < total) return false;
    this.drained = 0;
    this.clear();
    return true;
  }

  /** Calls `visit` for every record, in no useful order. The dictionary must not change meanwhile. */
  forEach(visit: (ref: Ref) => void): void {
    for (const table of this.old === null ? [this.table] : [this.table, this.old]) {
      for (let at = 0; at < table.capacity; at++) if (table.ref(at) !== 0) visit(table.ref(at));
    }
  }

  /**
   * One step of a SCAN: visits the records of the hash range that begins at `cursor`, with the place of each in it, and
   * answers the next cursor, 0 at the end. The dictionary must not change during the step.
   * @param width how many positions of the table the step goes through
   */
  scan(cursor: number, visit: Visit, width = 1): number {
    const { table, old } = this;
    const shift = old === null || table.bits < old.bits ? table.shift : old.shift;
    const step = 2 ** shift;
    const from = Math.floor(cursor / step) * step;
    const to = Math.min(from + step * width, HASH_SPACE);
    this.scanRange(from, to, visit);
    return to >= HASH_SPACE ? 0 : to;
  }

  /** Visits the records whose place in the hash space is in [from, to). The dictionary must not change meanwhile. */
  scanRange(from: number, to: number, visit: Visit): void {
    this.scanTable(this.table, from, to, visit);
    if (this.old !== null) this.scanTable(this.old, from, to, visit);
  }

  /** `scanRange` of one table: records may be displaced beyond the range. */
  private scanTable(table: Table, from: number, to: number, visit: Visit): void {
    const { mask } = table;
    const size = 2 ** table.shift;
    const homes = Math.ceil((to - from) / size);
    const first = Math.floor(from / size);
    for (let distance = 0; distance <= mask; distance++) {
      const at = (first + distance) & mask;
      const ref = table.ref(at);
      if (ref === 0) {
        if (distance >= homes) return;
        continue;
      }
      const hash = table.hash(at);
      if (hash >= from && hash < to) visit(ref, hash);
    }
  }

  /** A record chosen with equal chances, 0 when there is none. `random` answers unsigned 32-bit numbers. */
  random(random: () => number): Ref {
    if (this.size === 0) return 0;
    const { table, old, moved } = this;
    const { capacity, mask } = table;
    let ref = 0;
    if (old === null) {
      do ref = table.ref(random() & mask);
      while (ref === 0);
      return ref;
    }
    const total = capacity + old.capacity - moved; // the first positions of `old` are empty
    do {
      const at = random() % total;
      ref = at < capacity ? table.ref(at) : old.ref(at - capacity + moved);
    } while (ref === 0);
    return ref;
  }

  /** Goes on with a resize in quiet moments. Answers whether there is more to do. */
  settle(positions: number): boolean {
    if (this.old !== null) this.moveSome(positions);
    return this.old !== null;
  }

  private resize(bits: number): void {
    this.old = this.table;
    this.moved = 0;
    this.table = new Table(bits);
    if (bits <= AT_ONCE_BITS) this.moveSome(this.old.capacity);
  }

  private moveStep(): void {
    const shrinks = this.old!.bits > this.table.bits;
    this.moveSome(shrinks ? MOVES_PER_SHRINKING_STEP : MOVES_PER_STEP);
  }

  private moveSome(positions: number): void {
    const old = this.old!;
    const stop = Math.min(old.capacity, this.moved + positions);
    // removeAt may pull a displaced record into the position just emptied: look at it again.
    while (this.moved < stop) {
      const ref = old.ref(this.moved);
      if (ref === 0) {
        this.moved++;
        continue;
      }
      this.table.insert(old.hash(this.moved), ref);
      old.removeAt(this.moved);
    }
    if (this.moved === old.capacity || old.count === 0) this.old = null;
  }
}
