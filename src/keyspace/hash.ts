/**
 * The hash of keys and members: 32 bits, seeded so that nobody who doesn't know the seed can choose keys that
 * collide. Four bytes at a time with multiply-xorshift rounds; the final mix spreads every input bit over the
 * upper bits, which choose the place in a table.
 */
import type { Bytes } from '../protocol/bytes.js';

let seed = 0x5bd1e995 | 0;

/** Sets the seed: once for the process, before any table is made, because tables don't remember it. */
export function seedHash(value: number): void {
  seed = value | 0;
}

/** The hash, a signed 32-bit number, of bytes[start, end). */
export function hashBytes(bytes: Bytes, start: number, end: number): number {
  let h = seed ^ (end - start);
  const whole = end - 3;
  const { view } = bytes;
  while (start < whole) {
    const word =
      view === undefined
        ? bytes[start] | (bytes[start + 1] << 8) | (bytes[start + 2] << 16) | (bytes[start + 3] << 24)
        : view.getInt32(start, true);
    h = Math.imul(h ^ word, 0x9e3779b1);
    h ^= h >>> 15;
    start += 4;
  }
  while (start < end) {
    h = Math.imul(h ^ bytes[start++], 0x85ebca6b);
    h ^= h >>> 13;
  }
  h = Math.imul(h ^ (h >>> 16), 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 13), 0x27d4eb2f);
  return h ^ (h >>> 16);
}
