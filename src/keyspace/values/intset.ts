/**
 * Intsets: a sorted array of integers in one run of bytes, Redis's format for small sets of integers, byte for byte.
 *
 * | bytes | |
 * |---|---|
 * | 0-3 | bytes an integer takes: 2, 4 or 8, what the largest so far needed; little endian, as all that follows |
 * | 4-7 | number of integers |
 * | … | the integers, ascending |
 *
 * Find: O(log n). Add, remove: O(n), one short move of bytes. Integers have 64 bits, more than a JavaScript number is
 * exact for, so they are compared as a signed upper and an unsigned lower half; text and halves turn into each other
 * without garbage up to 2^53.
 */
import { type ByteRange, type Bytes, writeLatin1 } from '../../protocol/bytes.js';
import { int64In, integerIn, writeInteger } from '../../protocol/integers.js';
import type { Ref } from '../arena.js';
import type { Database } from '../database.js';
import { SET } from '../record.js';
import type { Element } from './listpack.js';

const HEADER_BYTES = 8;
/** Text shorter than this is no integer beyond 2^53. */
const SHORTEST_LARGE_INTEGER = 16;

function little32(bytes: Bytes, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

function writeLittle(bytes: Bytes, at: number, n: number, width: number): void {
  for (let i = 0; i < width; i++) bytes[at + i] = n >> (8 * i);
}

/** The intset in a key's record. One of these can be pointed at record after record. */
export class Intset {
  /** The record; changes of the intset may move it. */
  ref: Ref = 0;
  private db!: Database;
  private bytes!: Bytes;
  private start = 0;
  /** The integer that is sought, as two halves of 32 bits, both signed. */
  private high = 0;
  private low = 0;

  /** Points it at the value of a record. */
  open(db: Database, ref: Ref): this {
    this.db = db;
    this.ref = ref;
    this.bytes = db.buffer(ref);
    this.start = db.valueStart(ref);
    return this;
  }

  /** Gives a key an empty intset as its value, whatever it held, and points at it. */
  create(db: Database, key: Bytes, keyStart: number, keyEnd: number): this {
    this.open(db, db.put(key, keyStart, keyEnd, SET, HEADER_BYTES));
    writeLittle(this.bytes, this.start, 2, 4);
    this.count = 0;
    return this;
  }

  /** Number of integers. */
  get count(): number {
    return little32(this.bytes, this.start + 4) >>> 0;
  }

  private set count(count: number) {
    writeLittle(this.bytes, this.start + 4, count, 4);
  }

  /** Bytes an integer takes. */
  private get width(): number {
    return this.bytes[this.start];
  }

  /** Whether it contains the integer in source[start, end), or false when that is none. */
  has(source: Bytes, start: number, end: number): boolean {
    return this.parse(source, start, end) && this.search() >= 0;
  }

  /** Adds the integer in source[start, end); answers whether it is new. It must be one. */
  add(source: Bytes, start: number, end: number): boolean {
    this.parse(source, start, end);
    const found = this.search();
    if (found >= 0) return false;
    const width = Math.max(this.width, this.neededWidth());
    if (width > this.width) this.widen(width);
    const { count } = this;
    const at = HEADER_BYTES + (-found - 1) * width;
    const after = HEADER_BYTES + count * width;
    this.open(this.db, this.db.fitValue(this.ref, after + width));
    this.bytes.copyWithin(this.start + at + width, this.start + at, this.start + after);
    this.write(this.start + at, width);
    this.count = count + 1;
    return true;
  }

  /** Removes the integer in source[start, end); answers whether it was there. */
  remove(source: Bytes, start: number, end: number): boolean {
    const index = this.parse(source, start, end) ? this.search() : -1;
    if (index < 0) return false;
    this.removeAt(index);
    return true;
  }

  removeAt(index: number): void {
    const { width, count, bytes, start } = this;
    const at = start + HEADER_BYTES + index * width;
    const end = start + HEADER_BYTES + count * width;
    bytes.copyWithin(at, at + width, end);
    this.count = count - 1;
    this.open(this.db, this.db.fitValue(this.ref, HEADER_BYTES + (count - 1) * width));
  }

  /** The text of the integer with this index, in ascending order from 0; `element` is filled in. */
  read(index: number, element: Element): Readonly<ByteRange> {
    const { width, bytes } = this;
    const { digits } = element;
    const at = this.start + HEADER_BYTES + index * width;
    const low = this.lowAt(at, width);
    const high = width === 8 ? little32(bytes, at + 4) : low >> 31;
    const n = high * 2 ** 32 + (low >>> 0);
    element.bytes = digits;
    element.start = 0;
    element.end = Number.isSafeInteger(n)
      ? writeInteger(digits, 0, n)
      : writeLatin1(digits, String((BigInt(high) << 32n) | BigInt(low >>> 0)), 0);
    return element;
  }

  /** Reads the integer that is sought; answers whether the text is one. */
  private parse(source: Bytes, start: number, end: number): boolean {
    const n = integerIn(source, start, end);
    if (!Number.isNaN(n)) {
      this.high = Math.floor(n / 2 ** 32);
      this.low = (n - this.high * 2 ** 32) | 0;
      return true;
    }
    const exact = end - start < SHORTEST_LARGE_INTEGER ? undefined : int64In(source, start, end);
    if (exact === undefined) return false;
    this.high = Number(exact >> 32n);
    this.low = Number(BigInt.asIntN(32, exact));
    return true;
  }

  /** Index of the integer that is sought, or -1 - the index at which it belongs. */
  private search(): number {
    const { bytes, width, high, low } = this;
    let from = 0;
    let to = this.count;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const at = this.start + HEADER_BYTES + middle * width;
      const lowHere = this.lowAt(at, width);
      const highHere = width === 8 ? little32(bytes, at + 4) : lowHere >> 31;
      if (highHere === high && lowHere === low) return middle;
      if (highHere < high || (highHere === high && lowHere >>> 0 < low >>> 0)) from = middle + 1;
      else to = middle;
    }
    return -1 - from;
  }

  /** The lower half of the integer at bytes[at], signed. */
  private lowAt(at: number, width: number): number {
    const { bytes } = this;
    return width === 2 ? bytes[at] | ((bytes[at + 1] << 24) >> 16) : little32(bytes, at);
  }

  private neededWidth(): number {
    const { high, low } = this;
    if (high !== low >> 31) return 8;
    return low === (low << 16) >> 16 ? 2 : 4;
  }

  private write(at: number, width: number): void {
    writeLittle(this.bytes, at, this.low, Math.min(width, 4));
    if (width === 8) writeLittle(this.bytes, at + 4, this.high, 4);
  }

  /** Gives every integer `width` bytes. */
  private widen(width: number): void {
    const { count, width: before } = this;
    this.open(this.db, this.db.fitValue(this.ref, HEADER_BYTES + count * width));
    const { bytes, start } = this;
    for (let i = count - 1; i >= 0; i--) {
      const at = start + HEADER_BYTES + i * before;
      const to = start + HEADER_BYTES + i * width;
      const low = this.lowAt(at, before);
      writeLittle(bytes, to, low, 4);
      if (width === 8) writeLittle(bytes, to + 4, low >> 31, 4);
    }
    writeLittle(bytes, start, width, 4);
  }
}

/** Whether bytes[start, end), from a file or a client, are a sound intset, and not an empty one: lengths right, integers strictly ascending. */
export function isIntset(bytes: Bytes, start: number, end: number): boolean {
  if (end - start < HEADER_BYTES) return false;
  const width = little32(bytes, start);
  if (width !== 2 && width !== 4 && width !== 8) return false;
  const count = little32(bytes, start + 4) >>> 0;
  if (count === 0 || end - start !== HEADER_BYTES + count * width) return false;
  for (let at = start + HEADER_BYTES + width; at < end; at += width) {
    // From the most significant byte, which has the sign, down.
    let i = width - 1;
    let difference = ((bytes[at + i] << 24) >> 24) - ((bytes[at + i - width] << 24) >> 24);
    while (difference === 0 && i > 0) {
      i--;
      difference = bytes[at + i] - bytes[at + i - width];
    }
    if (difference <= 0) return false;
  }
  return true;
}

/** Whether source[start, end) is an integer that an intset may contain. */
export function isInteger(source: Bytes, start: number, end: number): boolean {
  if (!Number.isNaN(integerIn(source, start, end))) return true;
  return end - start >= SHORTEST_LARGE_INTEGER && int64In(source, start, end) !== undefined;
}
