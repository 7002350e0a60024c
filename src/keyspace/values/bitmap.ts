/**
 * Strings as rows of bits, the most significant bit of the first byte first.
 *
 * Long rows are read 32 bits at a time through a view on the words that lie in them, with single bytes before the
 * first aligned word and behind the last: counting, searching and combining run at a few GB/s. Ranges are of bits and
 * include both ends, so that bytes and bits are one case.
 */
import { allocateZeroed, type Bytes } from '../../protocol/bytes.js';

/** From so many bytes on a view costs less than it saves. */
const VIEW_WORTHWHILE = 64;

/** Bits set in the byte. */
function countInByte(byte: number): number {
  byte -= (byte >>> 1) & 0x55;
  byte = (byte & 0x33) + ((byte >>> 2) & 0x33);
  return (byte + (byte >>> 4)) & 0x0f;
}

/** Bits set in bytes[start, end). */
function countBits(bytes: Bytes, start: number, end: number): number {
  let count = 0;
  let at = start;
  if (end - start >= VIEW_WORTHWHILE) {
    for (; (bytes.byteOffset + at) & 3; at++) count += countInByte(bytes[at]);
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (end - at) >>> 2);
    for (let i = 0; i < words.length; i++) {
      let word = words[i];
      word -= (word >>> 1) & 0x55555555;
      word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
      count += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
    }
    at += words.length * 4;
  }
  for (; at < end; at++) count += countInByte(bytes[at]);
  return count;
}

/** Bits set among the bits `first` to `last`, counted from the byte at `start`. */
export function countBitRange(bytes: Bytes, start: number, first: number, last: number): number {
  const firstByte = start + Math.floor(first / 8);
  const lastByte = start + Math.floor(last / 8);
  const before = bytes[firstByte] & ~(0xff >>> (first % 8));
  const behind = bytes[lastByte] & (0x7f >>> (last % 8));
  return countBits(bytes, firstByte, lastByte + 1) - countInByte(before) - countInByte(behind);
}

/** The first bit with this value among the bits `first` to `last`, counted from the byte at `start`; -1 for none. */
export function findBit(bytes: Bytes, start: number, first: number, last: number, bit: 0 | 1): number {
  const boring = bit === 1 ? 0 : 0xff; // a byte in which it isn't
  const lastByte = start + Math.floor(last / 8);
  let at = start + Math.floor(first / 8);
  let interesting = (bytes[at] ^ boring) & (0xff >>> (first % 8));
  if (interesting === 0) {
    at = skipBytes(bytes, at + 1, lastByte, boring);
    if (at > lastByte) return -1;
    interesting = bytes[at] ^ boring;
  }
  if (interesting === 0) return -1;
  const found = (at - start) * 8 + Math.clz32(interesting) - 24;
  return found <= last ? found : -1;
}

/** The first place from `at` on that holds another byte, `last` at the latest. */
function skipBytes(bytes: Bytes, at: number, last: number, byte: number): number {
  if (last - at >= VIEW_WORTHWHILE) {
    for (; (bytes.byteOffset + at) & 3; at++) if (bytes[at] !== byte) return at;
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (last - at) >>> 2);
    const word = byte === 0 ? 0 : -1;
    let i = 0;
    while (i < words.length && words[i] === word) i++;
    at += i * 4;
  }
  while (at < last && bytes[at] === byte) at++;
  return at;
}

export type BitOperation = 'and' | 'or' | 'xor' | 'not';

/** A row of bits being combined from others, which count as zeros behind their ends. */
export class BitCombination {
  readonly result: Bytes;
  private readonly words: Int32Array;
  private readonly operand: Bytes;
  private readonly operandWords: Int32Array;

  /** `length` is that of the longest row, in bytes. */
  constructor(readonly length: number) {
    const size = (length + 3) & ~3;
    this.result = allocateZeroed(size).subarray(0, length);
    this.words = new Int32Array(this.result.buffer, this.result.byteOffset, size >>> 2);
    this.operand = allocateZeroed(size);
    this.operandWords = new Int32Array(this.operand.buffer, this.operand.byteOffset, size >>> 2);
  }

  /** Begins with bytes[start, end). */
  begin(bytes: Bytes, start: number, end: number): void {
    this.result.set(bytes.subarray(start, end));
  }

  invert(): void {
    const { words } = this;
    for (let i = 0; i < words.length; i++) words[i] = ~words[i];
  }

  /** Combines with bytes[start, end). */
  combine(operation: BitOperation, bytes: Bytes, start: number, end: number): void {
    const { words, operand, operandWords } = this;
    operand.set(bytes.subarray(start, end));
    operand.fill(0, end - start);
    if (operation === 'and') for (let i = 0; i < words.length; i++) words[i] &= operandWords[i];
    else if (operation === 'or') for (let i = 0; i < words.length; i++) words[i] |= operandWords[i];
    else for (let i = 0; i < words.length; i++) words[i] ^= operandWords[i];
  }
}
