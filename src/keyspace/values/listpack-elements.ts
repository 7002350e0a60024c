/**
 * The elements of listpacks (listpack.ts), one by one: how long they are, and how they are written.
 *
 * An element is written with the length behind it; the functions that do it answer the offset behind the whole.
 */
import { type Bytes, copy } from '../../protocol/bytes.js';
import { int64In } from '../../protocol/integers.js';

/** Longest text that may be an integer of 64 bits, and the shortest that may be one beyond 2^53. */
export const LONGEST_INTEGER = 20;
export const SHORTEST_LARGE_INTEGER = 16;

/** An element takes no more than this besides its text. */
export const LARGEST_OVERHEAD = 10;

/** Length of the element at `at`, encoding and data. */
export function elementBytes(bytes: Bytes, at: number): number {
  const first = bytes[at];
  if (first < 0x80) return 1;
  if (first < 0xc0) return 1 + (first & 0x3f);
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 2 + (((first & 0x0f) << 8) | bytes[at + 1]);
  switch (first) {
    case 0xf0:
      return 5 + little32(bytes, at + 1);
    case 0xf1:
      return 3;
    case 0xf2:
      return 4;
    case 0xf3:
      return 5;
    default:
      return 9;
  }
}

/** Bytes that the backward length of an element of `size` bytes takes. */
export function backwardBytes(size: number): number {
  if (size < 128) return 1;
  if (size < 16383) return 2;
  if (size < 2097151) return 3;
  return size < 268435455 ? 4 : 5;
}

/** Bytes of an integer, its encoding included. */
export function integerBytes(n: number): number {
  if (n >= 0 && n < 128) return 1;
  if (n >= -4096 && n < 4096) return 2;
  if (n >= -32768 && n < 32768) return 3;
  if (n >= -8388608 && n < 8388608) return 4;
  return n >= -2147483648 && n < 2147483648 ? 5 : 9;
}

/** Bytes of a string, its encoding included. */
export function stringBytes(length: number): number {
  return length < 64 ? 1 + length : length < 4096 ? 2 + length : 5 + length;
}

export function little32(bytes: Bytes, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

export function writeLittle32(bytes: Bytes, at: number, n: number): void {
  bytes[at] = n;
  bytes[at + 1] = n >>> 8;
  bytes[at + 2] = n >>> 16;
  bytes[at + 3] = n >>> 24;
}

/** The integer beyond 2^53 that source[start, end) is in canonical form, undefined when it is none. */
export function largeIntegerIn(source: Bytes, start: number, end: number): bigint | undefined {
  const length = end - start;
  if (length < SHORTEST_LARGE_INTEGER || length > LONGEST_INTEGER) return undefined;
  return int64In(source, start, end);
}

/** Writes source[start, end) as a string. */
export function writeString(bytes: Bytes, at: number, source: Bytes, start: number, end: number): number {
  const length = end - start;
  if (length < 64) bytes[at++] = 0x80 | length;
  else if (length < 4096) {
    bytes[at++] = 0xe0 | (length >>> 8);
    bytes[at++] = length;
  } else {
    bytes[at] = 0xf0;
    writeLittle32(bytes, at + 1, length);
    at += 5;
  }
  return writeBackward(bytes, copy(bytes, at, source, start, end), stringBytes(length));
}

/** Writes an integer of at most 2^53 either way. */
export function writeNumber(bytes: Bytes, at: number, n: number): number {
  const size = integerBytes(n);
  if (size === 9) return writeNumber64(bytes, at, n >>> 0, Math.floor(n / 2 ** 32));
  if (size === 1) bytes[at] = n;
  else if (size === 2) {
    bytes[at] = 0xc0 | ((n >> 8) & 0x1f);
    bytes[at + 1] = n;
  } else {
    bytes[at] = 0xf1 + size - 3;
    for (let i = 1; i < size; i++) bytes[at + i] = n >> (8 * (i - 1));
  }
  return writeBackward(bytes, at + size, size);
}

/** Writes an integer of 64 bits, given as two of 32. */
export function writeNumber64(bytes: Bytes, at: number, low: number, high: number): number {
  bytes[at] = 0xf4;
  writeLittle32(bytes, at + 1, low);
  writeLittle32(bytes, at + 5, high);
  return writeBackward(bytes, at + 9, 9);
}

/** Writes the length of an element behind it, so that it can be read backwards. */
function writeBackward(bytes: Bytes, at: number, size: number): number {
  const backward = backwardBytes(size);
  let to = at + backward - 1;
  bytes[to] = (size & 127) | (backward > 1 ? 128 : 0);
  let rest = Math.floor(size / 128);
  for (let n = 1; n < backward; n++) {
    bytes[--to] = (rest & 127) | (n < backward - 1 ? 128 : 0);
    rest = Math.floor(rest / 128);
  }
  return at + backward;
}
