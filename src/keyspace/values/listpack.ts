/**
 * Listpacks: a list of strings and integers in one run of bytes, Redis 7's format for small collections, byte for
 * byte (so that writing one to an RDB is a copy).
 *
 * | bytes | |
 * |---|---|
 * | 0-3 | length of the whole listpack, little endian |
 * | 4-5 | number of elements, little endian; 65535: more than can be said here, count them |
 * | … | elements: encoding and data, then the length of these two backwards, 7 bits a byte |
 * | last | 255 |
 *
 * The first byte of an element says what it is: `0vvvvvvv` an integer 0-127, `10llllll` a string of l bytes,
 * `110vvvvv v` an integer of 13 bits, `1110llll l` a string with 12 bits of length, 240 a string with 32, 241-244 an
 * integer of 2, 3, 4, 8 bytes. Text that is an integer in canonical form is kept as an integer.
 *
 * A position is the number of bytes between the listpack's first and the element's; 0 is none, as it is for records.
 * Positions stay right when the listpack moves in memory, and before the place of a change.
 *
 * Next, previous: O(1). Find, seek, insert, replace, delete: O(bytes), short loops over one or two cache lines
 * where these lists are as short as they are meant to be. Nothing here makes garbage, but for integers beyond 2^53.
 */
import {
  allocate,
  type ByteRange,
  type Bytes,
  copy,
  EMPTY,
  equal,
  viewOf,
  writeLatin1,
} from '../../protocol/bytes.js';
import { int64In, integerIn, writeInteger } from '../../protocol/integers.js';
import type { ReplyWriter } from '../../protocol/reply-writer.js';
import type { ElementRun } from './element-run.js';
import {
  backwardBytes,
  elementBytes,
  integerBytes,
  LONGEST_INTEGER,
  largeIntegerIn,
  little32,
  SHORTEST_LARGE_INTEGER,
  stringBytes,
  writeLittle32,
  writeNumber,
  writeNumber64,
  writeString,
} from './listpack-elements.js';

/** Bytes before the first element. */
export const HEADER_BYTES = 6;
const TERMINATOR = 255;
/** Length of a listpack without elements. */
export const EMPTY_LISTPACK_BYTES = HEADER_BYTES + 1;
/** Longer ones are not to be made, whatever is configured: lengths have 32 bits. */
export const LISTPACK_LIMIT = 2 ** 30;
const UNKNOWN_COUNT = 65535;
/** Fewer bytes than this are moved faster by a loop than by a native call. */
const SHORT_MOVE = 48;

/** Moves bytes[from, end) to `to`; the two may overlap. */
function move(bytes: Bytes, to: number, from: number, end: number): void {
  const length = end - from;
  if (length >= SHORT_MOVE) bytes.copyWithin(to, from, end);
  else if (to < from) for (let i = 0; i < length; i++) bytes[to + i] = bytes[from + i];
  else for (let i = length - 1; i >= 0; i--) bytes[to + i] = bytes[from + i];
}

/** The integer at `at`, NaN when it is a string or beyond 2^53. */
function integerAt(bytes: Bytes, at: number): number {
  const first = bytes[at];
  if (first < 0x80) return first;
  if (first < 0xc0) return Number.NaN;
  if (first < 0xe0) return (((first & 0x1f) << 27) >> 19) | bytes[at + 1];
  switch (first) {
    case 0xf1:
      return bytes[at + 1] | ((bytes[at + 2] << 24) >> 16);
    case 0xf2:
      return bytes[at + 1] | (bytes[at + 2] << 8) | ((bytes[at + 3] << 24) >> 8);
    case 0xf3:
      return little32(bytes, at + 1) | 0;
    case 0xf4: {
      const n = (little32(bytes, at + 5) | 0) * 2 ** 32 + little32(bytes, at + 1);
      return Number.isSafeInteger(n) ? n : Number.NaN;
    }
    default:
      return Number.NaN;
  }
}

/** An element's text, as `Listpack.read` finds it. */
export class Element implements ByteRange {
  bytes: Bytes = EMPTY;
  start = 0;
  end = 0;
  /** Where the text of an integer is written. */
  readonly digits: Bytes = allocate(LONGEST_INTEGER);
}

/**
 * A listpack in storage that can grow; see RecordListpack for the one in a key's record. An object of this kind is a
 * view: one can be pointed at listpack after listpack.
 */
export abstract class Listpack {
  /** The listpack is in these bytes … */
  bytes: Bytes = EMPTY;
  /** … and begins here. */
  start = 0;
  private readonly element = new Element();

  /**
   * Gives the listpack `length` bytes of storage and sets `bytes` and `start` to where that is now. What fits of its
   * contents stays.
   */
  protected abstract resize(length: number): void;

  /** Makes it an empty one. The storage must have EMPTY_LISTPACK_BYTES. */
  clear(): void {
    const { bytes, start } = this;
    writeLittle32(bytes, start, EMPTY_LISTPACK_BYTES);
    bytes[start + 4] = 0;
    bytes[start + 5] = 0;
    bytes[start + HEADER_BYTES] = TERMINATOR;
  }

  /** Makes it a copy of the listpack source[start, end). */
  assign(source: Bytes, start: number, end: number): void {
    this.resize(end - start);
    copy(this.bytes, this.start, source, start, end);
  }

  /** Length of the whole, in bytes. */
  get length(): number {
    return little32(this.bytes, this.start);
  }

  /** Number of elements. O(1) below 65535, O(n) beyond. */
  get count(): number {
    const { bytes, start } = this;
    const count = bytes[start + 4] | (bytes[start + 5] << 8);
    if (count !== UNKNOWN_COUNT) return count;
    let counted = 0;
    for (let at = this.first; at !== 0; at = this.next(at)) counted++;
    return counted;
  }

  // Walking

  /** Position of the first element, 0 when there is none. */
  get first(): number {
    return this.bytes[this.start + HEADER_BYTES] === TERMINATOR ? 0 : HEADER_BYTES;
  }

  /** Position of the last element, 0 when there is none. */
  get last(): number {
    return this.previous(this.end);
  }

  /** Position behind the last element: where `insert` appends. */
  get end(): number {
    return this.length - 1;
  }

  /** Position of the element behind the one at `at`, 0 at the end. */
  next(at: number): number {
    const { bytes, start } = this;
    const size = elementBytes(bytes, start + at);
    at += size + backwardBytes(size);
    return bytes[start + at] === TERMINATOR ? 0 : at;
  }

  /** Position of the element before the one at `at` (or before the `end`), 0 at the beginning. */
  previous(at: number): number {
    if (at === HEADER_BYTES) return 0;
    const { bytes, start } = this;
    let from = start + at - 1;
    let size = bytes[from] & 127;
    for (let scale = 128; bytes[from] & 128; scale *= 128) size += (bytes[--from] & 127) * scale;
    return from - start - size;
  }

  /** Position of the element with this index, counted from the end when negative (-1 is the last); 0 when there is none. */
  seek(index: number): number {
    const { count } = this;
    if (index < 0) index += count;
    if (index < 0 || index >= count) return 0;
    let at: number;
    if (index * 2 < count) {
      at = this.first;
      while (index-- > 0) at = this.next(at);
    } else {
      at = this.last;
      while (++index < count) at = this.previous(at);
    }
    return at;
  }

  // Reading

  /** The element's text, good until the listpack changes or `element` (the listpack's own) is used again. */
  read(at: number, element = this.element): Readonly<ByteRange> {
    const { bytes } = this;
    const from = this.start + at;
    const first = bytes[from];
    if ((first >= 0x80 && first < 0xc0) || (first >= 0xe0 && first <= 0xf0)) {
      element.bytes = bytes;
      element.start = from + (first < 0xc0 ? 1 : first < 0xf0 ? 2 : 5);
      element.end = from + elementBytes(bytes, from);
      return element;
    }
    const { digits } = element;
    const n = integerAt(bytes, from);
    element.bytes = digits;
    element.start = 0;
    element.end = Number.isNaN(n)
      ? writeLatin1(digits, String(this.bigint(at)), 0)
      : writeInteger(digits, 0, n);
    return element;
  }

  /** Replies with the elements from the one at `at` on, `count` of them or as many as there are; answers how many. */
  replyWith(reply: ReplyWriter, at: number, count: number): number {
    const { bytes, start } = this;
    const view = bytes.view ?? viewOf(bytes);
    let from = start + at;
    let written = 0;
    for (let first = bytes[from]; written < count && first !== TERMINATOR; first = bytes[from]) {
      if (first >= 0x80 && first < 0xc0) {
        // By far the most: short strings.
        const length = first & 0x3f;
        reply.shortBulk(view, from + 1, length);
        from += length + 2;
      } else {
        const element = this.read(from - start);
        reply.bulk(element.bytes, element.start, element.end);
        from += this.span(from - start);
      }
      written++;
    }
    return written;
  }

  /** Replies with the element at `at`; answers the position behind it, which may be the end's. */
  replyWithOne(reply: ReplyWriter, at: number): number {
    const { bytes } = this;
    const from = this.start + at;
    const first = bytes[from];
    if (first >= 0x80 && first < 0xc0) {
      // By far the most: short strings.
      const length = first & 0x3f;
      reply.shortBulk(bytes.view ?? viewOf(bytes), from + 1, length);
      return at + length + 2;
    }
    const element = this.read(at);
    reply.bulk(element.bytes, element.start, element.end);
    return at + this.span(at);
  }

  /** The element as a number, NaN when it isn't kept as an integer or is one beyond 2^53. */
  integer(at: number): number {
    return integerAt(this.bytes, this.start + at);
  }

  /** Whether the element is kept as an integer. */
  isInteger(at: number): boolean {
    const first = this.bytes[this.start + at];
    return first < 0x80 || (first >= 0xc0 && first < 0xe0) || first > 0xf0;
  }

  /** The element, one kept as an integer of any size, exactly. */
  int64(at: number): bigint {
    const small = this.integer(at);
    return Number.isNaN(small) ? this.bigint(at) : BigInt(small);
  }

  /** The element, one kept as an integer of 64 bits, exactly. */
  private bigint(at: number): bigint {
    const from = this.start + at + 1;
    return (BigInt(little32(this.bytes, from + 4) | 0) << 32n) | BigInt(little32(this.bytes, from));
  }

  /** Position behind `count` elements from the one at `at` on, which must be there; it may be the end's. */
  skip(at: number, count: number): number {
    const { bytes, start } = this;
    let from = start + at;
    while (count-- > 0) {
      const size = elementBytes(bytes, from);
      from += size + backwardBytes(size);
    }
    return from - start;
  }

  /** Whether the element's text is source[start, end). */
  equals(at: number, source: Bytes, start: number, end: number): boolean {
    return this.matches(this.start + at, source, start, end, integerIn(source, start, end));
  }

  /**
   * Position of the first element, from the one at `from` on, whose text is source[start, end); 0 when there is none.
   * After each element compared, `skip` of them are passed over: 1 finds fields among fields and values.
   */
  find(source: Bytes, start: number, end: number, skip = 0, from = HEADER_BYTES): number {
    const { bytes, start: base } = this;
    const length = end - start;
    const number = integerIn(source, start, end);
    let at = base + from;
    for (let first = bytes[at]; first !== TERMINATOR; first = bytes[at]) {
      let size: number;
      if (first >= 0x80 && first < 0xc0) {
        // By far the most: short strings.
        size = 1 + (first & 0x3f);
        if (size === length + 1 && equal(bytes, at + 1, at + size, source, start, end)) return at - base;
      } else {
        if (this.matches(at, source, start, end, number)) return at - base;
        size = elementBytes(bytes, at);
      }
      at += size + backwardBytes(size);
      for (let n = skip; n > 0; n--) {
        size = elementBytes(bytes, at);
        at += size + backwardBytes(size);
      }
    }
    return 0;
  }

  /** Whether the element at bytes[at] is source[start, end), whose value as a number is `number`. */
  private matches(at: number, source: Bytes, start: number, end: number, number: number): boolean {
    const { bytes } = this;
    const first = bytes[at];
    if (first < 0x80) return first === number;
    if (first < 0xc0 || (first >= 0xe0 && first <= 0xf0)) {
      const text = at + (first < 0xc0 ? 1 : first < 0xf0 ? 2 : 5);
      return equal(bytes, text, at + elementBytes(bytes, at), source, start, end);
    }
    const value = integerAt(bytes, at);
    if (!Number.isNaN(value)) return value === number;
    return (
      end - start >= SHORTEST_LARGE_INTEGER && int64In(source, start, end) === this.bigint(at - this.start)
    );
  }

  // Changing. The source must not lie in the listpack itself: it may move.

  /** Puts source[start, end) before the element at `at`; `at` is then its position. */
  insert(at: number, source: Bytes, start: number, end: number): void {
    this.put(at, 0, source, start, end);
    this.adjustCount(1);
  }

  /** As `insert`, for an integer of at most 2^53 either way. */
  insertInteger(at: number, n: number): void {
    this.putInteger(at, 0, n);
    this.adjustCount(1);
  }

  /** Puts source[start, end) behind the last element. */
  append(source: Bytes, start: number, end: number): void {
    this.insert(this.end, source, start, end);
  }

  /** Puts the elements of a run before the one at `at`; the first of them is then there. */
  insertRun(at: number, { bytes, length, count }: ElementRun): void {
    this.splice(at, 0, length);
    copy(this.bytes, this.start + at, bytes, 0, length);
    this.adjustCount(count);
  }

  /** Puts the elements of a run behind the last one. */
  appendRun(run: ElementRun): void {
    this.insertRun(this.end, run);
  }

  /** Puts source[start, end) in the place of the element at `at`. */
  replace(at: number, source: Bytes, start: number, end: number): void {
    this.put(at, this.span(at), source, start, end);
  }

  /** As `replace`, for an integer of at most 2^53 either way. */
  replaceInteger(at: number, n: number): void {
    const from = this.start + at;
    if (elementBytes(this.bytes, from) === integerBytes(n)) writeNumber(this.bytes, from, n);
    else this.putInteger(at, this.span(at), n);
  }

  /** Takes out `count` elements from the one at `at` on, or as many as there are; answers the position of the next, 0 at the end. */
  delete(at: number, count = 1): number {
    const { end } = this;
    let to = at;
    let deleted = 0;
    while (deleted < count && to !== end) {
      to += this.span(to);
      deleted++;
    }
    this.splice(at, to - at, 0);
    this.adjustCount(-deleted);
    return at === this.end ? 0 : at;
  }

  /** Bytes of the element at `at`, its backward length included. */
  protected span(at: number): number {
    const size = elementBytes(this.bytes, this.start + at);
    return size + backwardBytes(size);
  }

  /** Writes an element over the `removed` bytes at `at`. */
  private put(at: number, removed: number, source: Bytes, start: number, end: number): void {
    const n = integerIn(source, start, end);
    if (!Number.isNaN(n)) {
      this.putInteger(at, removed, n);
      return;
    }
    const exact = largeIntegerIn(source, start, end);
    if (exact !== undefined) {
      this.putInt64(at, removed, exact);
      return;
    }
    this.makeRoom(at, removed, stringBytes(end - start));
    writeString(this.bytes, this.start + at, source, start, end);
  }

  private putInteger(at: number, removed: number, n: number): void {
    this.makeRoom(at, removed, integerBytes(n));
    writeNumber(this.bytes, this.start + at, n);
  }

  private putInt64(at: number, removed: number, n: bigint): void {
    this.makeRoom(at, removed, 9);
    writeNumber64(this.bytes, this.start + at, Number(BigInt.asUintN(32, n)), Number(n >> 32n));
  }

  /** Makes room for an element of `size` bytes where `removed` bytes lay. */
  private makeRoom(at: number, removed: number, size: number): void {
    this.splice(at, removed, size + backwardBytes(size));
  }

  /** Makes the `removed` bytes at `at` `added` bytes, contents unspecified. */
  protected splice(at: number, removed: number, added: number): void {
    const { length } = this;
    const changed = length - removed + added;
    if (added > removed) this.resize(changed);
    if (added !== removed) {
      const { bytes, start } = this;
      move(bytes, start + at + added, start + at + removed, start + length);
      writeLittle32(bytes, start, changed);
    }
    if (added < removed) this.resize(changed);
  }

  private adjustCount(by: number): void {
    const { bytes, start } = this;
    const count = bytes[start + 4] | (bytes[start + 5] << 8);
    if (count === UNKNOWN_COUNT) return;
    const adjusted = Math.min(count + by, UNKNOWN_COUNT);
    bytes[start + 4] = adjusted;
    bytes[start + 5] = adjusted >>> 8;
  }
}

/**
 * Whether bytes[start, end), from a file or a client, are a sound listpack: every length in bounds, forwards and
 * backwards, and the numbers in the header true. Sound ones can be read and changed without further checks.
 */
export function isListpack(bytes: Bytes, start: number, end: number): boolean {
  const length = end - start;
  if (length < EMPTY_LISTPACK_BYTES || little32(bytes, start) !== length) return false;
  const last = end - 1;
  if (bytes[last] !== TERMINATOR) return false;
  let count = 0;
  let at = start + HEADER_BYTES;
  for (; bytes[at] !== TERMINATOR; count++) {
    const first = bytes[at];
    if (first > 0xf4) return false;
    if (at + (first === 0xf0 ? 5 : first >= 0xe0 ? 2 : 1) > last) return false; // its length can't be read
    const size = elementBytes(bytes, at);
    const backward = backwardBytes(size);
    if (at + size + backward > last) return false;
    at += size;
    let rest = size;
    for (let n = backward - 1; n >= 0; n--) {
      if (bytes[at + n] !== ((rest & 127) | (n > 0 ? 128 : 0))) return false;
      rest = Math.floor(rest / 128);
    }
    at += backward;
  }
  const said = bytes[start + 4] | (bytes[start + 5] << 8);
  return at === last && (said === UNKNOWN_COUNT || said === count);
}
