/**
 * Listpack elements in the making, one behind the other: a field and its value, a member and its score, all of a stream's
 * entry. `Listpack.insertRun` puts them into a listpack, which then grows, moves and counts once instead of once for each.
 */
import { allocate, type Bytes, copy, withView } from '../../protocol/bytes.js';
import { integerIn } from '../../protocol/integers.js';
import {
  LARGEST_OVERHEAD,
  largeIntegerIn,
  writeNumber,
  writeNumber64,
  writeString,
} from './listpack-elements.js';

const FIRST_CAPACITY = 1024;
/** A larger buffer is given back. */
const KEPT_CAPACITY = 1 << 20;

export class ElementRun {
  /** The elements are bytes[0, length). */
  bytes: Bytes = withView(allocate(FIRST_CAPACITY));
  length = 0;
  /** Number of elements. */
  count = 0;

  /** Makes it an empty one. */
  clear(): this {
    this.length = 0;
    this.count = 0;
    if (this.bytes.length > KEPT_CAPACITY) this.bytes = withView(allocate(FIRST_CAPACITY));
    return this;
  }

  /** Adds source[start, end). */
  text(source: Bytes, start: number, end: number): void {
    const n = integerIn(source, start, end);
    const exact = Number.isNaN(n) ? largeIntegerIn(source, start, end) : undefined;
    if (exact !== undefined) this.int64(exact);
    else if (!Number.isNaN(n)) this.integer(n);
    else {
      this.reserve(end - start);
      this.added(writeString(this.bytes, this.length, source, start, end));
    }
  }

  /** Adds an integer of at most 2^53 either way. */
  integer(n: number): void {
    this.reserve(0);
    const { bytes, length } = this;
    if (n >= 0 && n < 128) {
      // By far the most: flags, counts and differences.
      bytes[length] = n;
      bytes[length + 1] = 1;
      this.added(length + 2);
    } else this.added(writeNumber(bytes, length, n));
  }

  /** Adds an integer of 64 bits. */
  int64(n: bigint): void {
    if (n >= BigInt(Number.MIN_SAFE_INTEGER) && n <= BigInt(Number.MAX_SAFE_INTEGER)) {
      this.integer(Number(n));
      return;
    }
    this.reserve(0);
    this.added(writeNumber64(this.bytes, this.length, Number(BigInt.asUintN(32, n)), Number(n >> 32n)));
  }

  private added(length: number): void {
    this.length = length;
    this.count++;
  }

  private reserve(text: number): void {
    const needed = this.length + text + LARGEST_OVERHEAD;
    if (needed <= this.bytes.length) return;
    const { bytes } = this;
    this.bytes = withView(allocate(Math.max(needed, bytes.length * 2)));
    copy(this.bytes, 0, bytes, 0, this.length);
  }
}
