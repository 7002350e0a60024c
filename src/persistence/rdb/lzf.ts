/**
 * LZF, the compression of long strings in RDB files. A stream of instructions:
 *
 * | first byte | then | means |
 * |---|---|---|
 * | 000LLLLL | L + 1 bytes | these bytes as they are |
 * | LLLooooo | 1 byte o | L + 2 bytes (L from 1 to 6) from o + 1 bytes back; o has 13 bits |
 * | 111ooooo | 1 byte L, 1 byte o | L + 9 bytes, likewise |
 *
 * The compressor looks for the last place with the same three bytes in a small hash table; it gives up as soon as
 * the result would not be shorter than asked. Both directions are O(n) and bounded by their output. It decides as
 * LibLZF does as Redis builds it (VERY_FAST, 16 bits of hash), so that DUMP gives the same bytes here and there.
 */
import type { Bytes } from '../../protocol/bytes.js';

const MAX_LITERAL = 32;
const MAX_DISTANCE = 1 << 13;
const MAX_MATCH = 264;

const HASH_BITS = 16;
const LARGEST_POSITION = 2 ** 32 - 1;
/** Position of the last three bytes with this hash, counted from 1; only entries of this run (≥ `base`) count. */
const positions = new Uint32Array(1 << HASH_BITS);
let base = 1;

/** Most bytes that `length` compressed bytes can become. */
export function lzfMaxExpansion(length: number): number {
  return Math.ceil(length / 3) * MAX_MATCH + length;
}

/**
 * Compresses input[start, end) into output[0, limit). Answers the compressed length, or 0 when it would not fit.
 */
export function lzfCompress(input: Bytes, start: number, end: number, output: Bytes, limit: number): number {
  if (start === end || limit <= 0) return 0;
  if (base + end - start > LARGEST_POSITION) {
    positions.fill(0);
    base = 1;
  }
  const origin = base - start; // what turns a position in the input into one in the table
  base += end - start;
  let out = 1; // the first literal run's length byte
  let literals = 0;
  let at = start;
  while (at < end - 2) {
    const hash = hashOf(input, at);
    const reference = positions[hash] - origin;
    positions[hash] = at + origin;
    // The first byte is never referred to: it would save nothing worth the test, says LibLZF.
    if (
      reference <= start ||
      at - reference > MAX_DISTANCE ||
      input[reference] !== input[at] ||
      input[reference + 1] !== input[at + 1] ||
      input[reference + 2] !== input[at + 2]
    ) {
      if (out >= limit) return 0;
      output[out++] = input[at++];
      if (++literals === MAX_LITERAL) {
        output[out - MAX_LITERAL - 1] = MAX_LITERAL - 1;
        literals = 0;
        out++;
      }
      continue;
    }
    const length = matchLength(input, reference, at, end);
    if (literals > 0) output[out - literals - 1] = literals - 1;
    else out--; // no run was open: take its length byte back
    literals = 0;
    if (out + 4 >= limit) return 0;
    const offset = at - reference - 1;
    if (length < 9) output[out++] = ((length - 2) << 5) | (offset >>> 8);
    else {
      output[out++] = (7 << 5) | (offset >>> 8);
      output[out++] = length - 9;
    }
    output[out++] = offset & 255;
    out++;
    at += length;
    if (at >= end - 2) break;
    // Of the bytes passed over only the last two places are remembered.
    positions[hashOf(input, at - 2)] = at - 2 + origin;
    positions[hashOf(input, at - 1)] = at - 1 + origin;
  }
  if (out + 3 > limit) return 0;
  for (; at < end; at++) {
    output[out++] = input[at];
    if (++literals === MAX_LITERAL) {
      output[out - MAX_LITERAL - 1] = MAX_LITERAL - 1;
      literals = 0;
      out++;
    }
  }
  if (literals > 0) output[out - literals - 1] = literals - 1;
  else out--;
  return out;
}

/** How many bytes from `at` on are the same as from `reference` on: 3 at least, and not all up to the end. */
function matchLength(input: Bytes, reference: number, at: number, end: number): number {
  const room = Math.min(MAX_MATCH, end - at - 2);
  const most = room > 16 ? Math.max(19, room) : room;
  let length = 3;
  while (length < most && input[reference + length] === input[at + length]) length++;
  return length;
}

function hashOf(input: Bytes, at: number): number {
  const three = (input[at] << 16) | (input[at + 1] << 8) | input[at + 2];
  return ((three >>> (24 - HASH_BITS)) - three * 5) & ((1 << HASH_BITS) - 1);
}

/** Decompresses input[start, end) into the whole of `output`; answers whether it filled it exactly and was sound. */
export function lzfDecompress(input: Bytes, start: number, end: number, output: Bytes): boolean {
  const limit = output.length;
  let at = start;
  let out = 0;
  while (at < end) {
    const control = input[at++];
    if (control < 32) {
      const length = control + 1;
      if (at + length > end || out + length > limit) return false;
      for (let i = 0; i < length; i++) output[out++] = input[at++];
      continue;
    }
    let length = (control >>> 5) + 2;
    if (length === 9) {
      if (at >= end) return false;
      length += input[at++];
    }
    if (at >= end) return false;
    let reference = out - (((control & 31) << 8) | input[at++]) - 1;
    if (reference < 0 || out + length > limit) return false;
    for (let i = 0; i < length; i++) output[out++] = output[reference++];
  }
  return out === limit;
}
