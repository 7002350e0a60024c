/**
 * Exact integers in text. Redis's integers are signed 64-bit and accepted in one canonical form only: an
 * optional minus, no leading zeros, no spaces (string2ll). Up to 2^53 a JavaScript number is exact and fast;
 * what lies beyond goes through bigint.
 */
import { type Bytes, latin1 } from './bytes.js';

export const INT64_MAX = 9223372036854775807n;
export const INT64_MIN = -9223372036854775808n;

/** What `integerIn` answers when the text is not an exact integer. */
export const NOT_AN_INTEGER = Number.NaN;

const ZERO = 0x30;
const MINUS = 0x2d;

/** The canonical integer in bytes[start, end) when it is exact as a number (|n| ≤ 2^53), else NaN. */
export function integerIn(bytes: Bytes, start: number, end: number): number {
  const negative = bytes[start] === MINUS;
  let at = negative ? start + 1 : start;
  const digits = end - at;
  if (digits < 1 || digits > 16) return NOT_AN_INTEGER;
  if (bytes[at] === ZERO) return digits === 1 && !negative ? 0 : NOT_AN_INTEGER;
  let value = 0;
  while (at < end) {
    const digit = bytes[at++] - ZERO;
    if (digit < 0 || digit > 9) return NOT_AN_INTEGER;
    value = value * 10 + digit;
  }
  if (value > Number.MAX_SAFE_INTEGER) return NOT_AN_INTEGER;
  return negative ? -value : value;
}

/** The canonical signed 64-bit integer in bytes[start, end), or undefined when it is none. */
export function int64In(bytes: Bytes, start: number, end: number): bigint | undefined {
  if (end - start > 20) return undefined;
  const small = integerIn(bytes, start, end);
  if (!Number.isNaN(small)) return BigInt(small);
  const text = latin1(bytes, start, end);
  if (!/^-?[1-9][0-9]*$/.test(text)) return undefined;
  const value = BigInt(text);
  return value >= INT64_MIN && value <= INT64_MAX ? value : undefined;
}

const BILLION = 1e9;
/** 10 to the n-th, from which on numbers have more than n digits; 0 has one, too. */
const POWERS_OF_TEN = Int32Array.of(0, 10, 100, 1000, 1e4, 1e5, 1e6, 1e7, 1e8, BILLION);

/**
 * Number of characters of a non-negative safe integer in decimal. The same few steps for all of them: were there a branch
 * for each number of digits, a counter that grows would come to one never taken before again and again, and whatever is
 * compiled together with it would be thrown away each time.
 */
export function digitCount(n: number): number {
  if (n > 0x7fffffff) return 9 + digitCount(Math.floor(n / BILLION));
  const least = ((32 - Math.clz32(n)) * 1233) >>> 12; // bits times log10(2)
  return n < POWERS_OF_TEN[least] ? least : least + 1;
}

/** Writes a safe integer in decimal at `offset`; answers the offset behind it. Needs up to 17 bytes. */
export function writeInteger(target: Bytes, offset: number, n: number): number {
  if (n < 0) {
    target[offset++] = MINUS;
    n = -n;
  }
  if (n < 10) {
    target[offset] = ZERO + n;
    return offset + 1;
  }
  const end = offset + digitCount(n);
  let at = end;
  if (n > 0x7fffffff) {
    // Nine digits fewer, so that the rest is done in integers of 32 bits.
    let upper = Math.floor(n / BILLION);
    let lower = n - upper * BILLION;
    if (lower < 0) {
      upper--; // the division was rounded up
      lower += BILLION;
    }
    at -= 9;
    writeDigits(target, at, end, lower);
    n = upper;
  }
  writeDigits(target, offset, at, n);
  return end;
}

/** Fills target[offset, end) with the last digits of a number below 2^31, two at a time. */
function writeDigits(target: Bytes, offset: number, end: number, n: number): void {
  let rest = n | 0; // says that divisions are those of 32-bit integers: they become multiplications
  let at = end;
  while (at > offset + 1) {
    const quotient = (rest / 100) | 0;
    const pair = rest - quotient * 100;
    const tens = (pair / 10) | 0;
    target[--at] = ZERO + pair - tens * 10;
    target[--at] = ZERO + tens;
    rest = quotient;
  }
  if (at > offset) target[offset] = ZERO + rest;
}
