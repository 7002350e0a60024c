/**
 * CRC-64 as RDB files use it: the Jones polynomial, bits reflected, starting from 0.
 *
 * JavaScript has no fast 64-bit integers, so the state is two 32-bit halves; eight tables of 256 entries take in
 * eight bytes a step ("slicing by eight"). About 1 GB/s, no allocation.
 */
import type { Bytes } from '../../protocol/bytes.js';

/** 0xad93d23594c935a9 with its bits in reverse order. */
const POLYNOMIAL_HIGH = 0x95ac9329;
const POLYNOMIAL_LOW = 0xac4bc9b5;
const SLICES = 8;

/** table[slice * 256 + byte], in two halves. */
const high = new Int32Array(SLICES * 256);
const low = new Int32Array(SLICES * 256);

for (let byte = 0; byte < 256; byte++) {
  let h = 0;
  let l = byte;
  for (let bit = 0; bit < 8; bit++) {
    const carry = l & 1;
    l = (l >>> 1) | (h << 31);
    h >>>= 1;
    if (carry) {
      h ^= POLYNOMIAL_HIGH;
      l ^= POLYNOMIAL_LOW;
    }
  }
  high[byte] = h;
  low[byte] = l;
}
for (let i = 256; i < SLICES * 256; i++) {
  const h = high[i - 256];
  const l = low[i - 256];
  const first = l & 255;
  low[i] = ((l >>> 8) | (h << 24)) ^ low[first];
  high[i] = (h >>> 8) ^ high[first];
}

export class Crc64 {
  /** The two halves of the checksum so far, as signed 32-bit numbers. */
  high = 0;
  low = 0;

  /** Takes in bytes[start, end). */
  update(bytes: Bytes, start: number, end: number): void {
    let h = this.high;
    let l = this.low;
    let at = start;
    for (const stop = end - 7; at < stop; at += 8) {
      l ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
      h ^= bytes[at + 4] | (bytes[at + 5] << 8) | (bytes[at + 6] << 16) | (bytes[at + 7] << 24);
      const a = 0x700 + (l & 255);
      const b = 0x600 + ((l >>> 8) & 255);
      const c = 0x500 + ((l >>> 16) & 255);
      const d = 0x400 + (l >>> 24);
      const e = 0x300 + (h & 255);
      const f = 0x200 + ((h >>> 8) & 255);
      const g = 0x100 + ((h >>> 16) & 255);
      const i = h >>> 24;
      l = low[a] ^ low[b] ^ low[c] ^ low[d] ^ low[e] ^ low[f] ^ low[g] ^ low[i];
      h = high[a] ^ high[b] ^ high[c] ^ high[d] ^ high[e] ^ high[f] ^ high[g] ^ high[i];
    }
    while (at < end) {
      const first = (l ^ bytes[at++]) & 255;
      l = ((l >>> 8) | (h << 24)) ^ low[first];
      h = (h >>> 8) ^ high[first];
    }
    this.high = h;
    this.low = l;
  }

  /** Writes the checksum at `offset`, 8 bytes, little endian. */
  writeTo(target: Bytes, offset: number): void {
    for (let i = 0; i < 4; i++) {
      target[offset + i] = this.low >>> (8 * i);
      target[offset + 4 + i] = this.high >>> (8 * i);
    }
  }

  /** Whether the 8 bytes at `offset` are this checksum. */
  matches(bytes: Bytes, offset: number): boolean {
    for (let i = 0; i < 4; i++) {
      if (bytes[offset + i] !== ((this.low >>> (8 * i)) & 255)) return false;
      if (bytes[offset + 4 + i] !== ((this.high >>> (8 * i)) & 255)) return false;
    }
    return true;
  }

  /** The checksum in hexadecimal, as Redis prints it: without leading zeros. */
  toString(): string {
    const high = this.high >>> 0;
    const low = (this.low >>> 0).toString(16);
    return high === 0 ? low : high.toString(16) + low.padStart(8, '0');
  }
}
