/**
 * The one small module through which the sans-I/O core touches Node.js: bytes in, text out.
 *
 * Everywhere else in the core a byte string is a `Uint8Array` and a range [start, end) in it. The runtime
 * objects are Buffers, whose native slice and write methods are several times faster than TextDecoder; this
 * module reaches those methods without letting the type leak.
 *
 * Measured on Node 20: a loop beats `set`/`copyWithin` below about 48 bytes, because the native call costs
 * more than the copy; above that the native call wins. What is read and written all the time (receive and reply
 * buffers, the arena) has a `view` in addition, by which four bytes are moved at a time: 32 bytes in a quarter of the
 * loop's time, and faster than the native call up to 200 bytes. A last word that would be cut short begins earlier, and
 * goes over bytes that have been dealt with already. Words are little endian, as they are in the processor.
 */
import { Buffer } from 'node:buffer';

/** A byte string. Usually a `Buffer` at run time; the core relies only on `Uint8Array`. */
export type Bytes = Uint8Array & {
  /** See `viewOf`. */
  view?: DataView;
};

/** A part of a byte string: bytes[start, end). */
export interface ByteRange {
  bytes: Bytes;
  start: number;
  end: number;
}

/** Below this many bytes a plain loop copies faster than a native call. */
const LOOP_COPY_LIMIT = 48;
/** The same for a loop that moves four bytes at a time. */
const VIEW_COPY_LIMIT = 200;

/** The empty byte string. */
export const EMPTY: Bytes = Buffer.alloc(0);

/** A range to be filled in. */
export function emptyRange(): ByteRange {
  return { bytes: EMPTY, start: 0, end: 0 };
}

const { latin1Slice, utf8Slice, latin1Write, utf8Write } = Buffer.prototype;

/** `size` bytes of its own memory, contents unspecified. */
export function allocate(size: number): Bytes {
  return Buffer.allocUnsafeSlow(size);
}

/** `size` zero bytes; large sizes cost nothing until they are touched. */
export function allocateZeroed(size: number): Bytes {
  return Buffer.alloc(size);
}

/** Size of a block that `carve` cuts up. */
const BLOCK_SIZE = 64 * 1024;
let block: Bytes = EMPTY;
let carved = 0;

/**
 * `size` zero bytes, cut from a block together with others: for short-lived byte strings, of which each costs several
 * times less this way than with memory of its own, which has to be given back one by one.
 */
export function carve(size: number): Bytes {
  if (size > BLOCK_SIZE / 8) return allocateZeroed(size);
  if (carved + size > block.length) {
    block = allocateZeroed(BLOCK_SIZE);
    carved = 0;
  }
  carved += size;
  return block.subarray(carved - size, carved);
}

/** The byte string's view, made when it is first asked for: ask for those only that live long. */
export function viewOf(bytes: Bytes): DataView {
  bytes.view ??= new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return bytes.view;
}

/** Gives a byte string its view. Answers the byte string. */
export function withView(bytes: Bytes): Bytes {
  viewOf(bytes);
  return bytes;
}

/** The range as text, one character per byte. Lossless: `fromLatin1` gives the same bytes back. */
export function latin1(bytes: Bytes, start = 0, end = bytes.length): string {
  return latin1Slice.call(bytes, start, end);
}

/** The range decoded as UTF-8; bytes that are not UTF-8 become U+FFFD. */
export function utf8(bytes: Bytes, start = 0, end = bytes.length): string {
  return utf8Slice.call(bytes, start, end);
}

/** Bytes of a text whose characters are all below U+0100. */
export function fromLatin1(text: string): Bytes {
  return Buffer.from(text, 'latin1');
}

/** UTF-8 bytes of a text. */
export function fromUtf8(text: string): Bytes {
  return Buffer.from(text, 'utf8');
}

/** Length of the text in UTF-8, in bytes. */
export function utf8Length(text: string): number {
  return Buffer.byteLength(text);
}

/** Writes one byte per character at `offset`; answers the number of bytes written. */
export function writeLatin1(target: Bytes, text: string, offset: number): number {
  const { length } = text;
  if (length >= LOOP_COPY_LIMIT) return latin1Write.call(target, text, offset);
  for (let i = 0; i < length; i++) target[offset + i] = text.charCodeAt(i);
  return length;
}

/** Writes the text as UTF-8 at `offset`; answers the number of bytes written. */
export function writeUtf8(target: Bytes, text: string, offset: number): number {
  return utf8Write.call(target, text, offset);
}

/** Copies source[start, end) to target at `offset`; answers the offset behind the copy. */
export function copy(target: Bytes, offset: number, source: Bytes, start: number, end: number): number {
  const length = end - start;
  const to = target.view;
  const from = source.view;
  if (length < VIEW_COPY_LIMIT && to !== undefined && from !== undefined) {
    if (length >= 4) {
      const last = end - 4;
      const tail = from.getInt32(last, true); // overlaps the word before it, unless that ends where it begins
      for (; start < last; start += 4, offset += 4) to.setInt32(offset, from.getInt32(start, true), true);
      to.setInt32(offset + last - start, tail, true);
      return offset + end - start;
    }
    while (start < end) to.setUint8(offset++, from.getUint8(start++));
    return offset;
  }
  if (length < LOOP_COPY_LIMIT) {
    while (start < end) target[offset++] = source[start++];
    return offset;
  }
  // A plain view: making one that is a Buffer too takes twice as long.
  target.set(new Uint8Array(source.buffer, source.byteOffset + start, length), offset);
  return offset + length;
}

/** The range as bytes of its own, safe to keep after the source buffer is reused. */
export function slice(bytes: Bytes, start: number, end: number): Bytes {
  const own = Buffer.allocUnsafeSlow(end - start);
  copy(own, 0, bytes, start, end);
  return own;
}

export function concat(parts: readonly Bytes[]): Bytes {
  return Buffer.concat(parts);
}

/** Whether a[aStart, aEnd) and b[bStart, bEnd) hold the same bytes. */
export function equal(
  a: Bytes,
  aStart: number,
  aEnd: number,
  b: Bytes,
  bStart: number,
  bEnd: number,
): boolean {
  if (aEnd - aStart !== bEnd - bStart) return false;
  const left = a.view;
  const right = b.view;
  if (left !== undefined && right !== undefined) {
    const last = aEnd - 4;
    if (aStart <= last) {
      for (; aStart < last; aStart += 4, bStart += 4) {
        if (left.getInt32(aStart, true) !== right.getInt32(bStart, true)) return false;
      }
      return left.getInt32(last, true) === right.getInt32(bEnd - 4, true); // overlaps the word before it
    }
  }
  while (aStart < aEnd) if (a[aStart++] !== b[bStart++]) return false;
  return true;
}

/** Byte order as memcmp gives it, the shorter first when one is a prefix of the other. */
export function compare(a: Bytes, b: Bytes): -1 | 0 | 1 {
  return Buffer.compare(a, b);
}

/** The order of a[aStart, aEnd) and b[bStart, bEnd), as memcmp gives it, a prefix first: negative, 0 or positive. */
export function compareRanges(
  a: Bytes,
  aStart: number,
  aEnd: number,
  b: Bytes,
  bStart: number,
  bEnd: number,
): number {
  const lengths = aEnd - aStart - (bEnd - bStart);
  const end = lengths < 0 ? aEnd : aStart + bEnd - bStart;
  for (; aStart < end; aStart++, bStart++) {
    const difference = a[aStart] - b[bStart];
    if (difference !== 0) return difference;
  }
  return lengths;
}
