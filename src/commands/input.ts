/**
 * Arguments as numbers. Redis's integers are signed 64-bit; commands compute with JavaScript numbers, exact up to
 * 2^53, and only where more matters (counters, expiry near the end of time) with bigint. When an argument is not
 * what it should be the complaint is written as the reply and the answer is NaN.
 */
import { INT64_MAX, INT64_MIN, int64In } from '../protocol/integers.js';
import type { Context } from './context.js';
import { NOT_AN_INTEGER } from './errors.js';

const INT32_MAX = 2 ** 31 - 1;

/** Argument i as an integer: exact up to 2^53, the nearest double beyond. NaN, with the error written, when it is none. */
export function integerArgument(c: Context, i: number, complaint = NOT_AN_INTEGER): number {
  const { request } = c;
  const value = request.integer(i);
  if (!Number.isNaN(value)) return value;
  const large = int64In(request.buffer, request.starts[i], request.ends[i]);
  if (large !== undefined) return Number(large);
  c.reply.error(complaint);
  return Number.NaN;
}

/** Argument i as an integer between `min` and `max`. NaN, with the error written, when it is none. */
export function rangeArgument(c: Context, i: number, min: number, max: number, complaint?: string): number {
  const value = integerArgument(c, i, complaint);
  if (value >= min && value <= max) return value;
  if (!Number.isNaN(value)) {
    c.reply.error(complaint ?? `ERR value is out of range, value must between ${min} and ${max}`);
  }
  return Number.NaN;
}

/** Argument i as a C int. NaN, with the error written, when it is none. */
export function int32Argument(c: Context, i: number, complaint?: string): number {
  return rangeArgument(c, i, -INT32_MAX - 1, INT32_MAX, complaint);
}

/** A time limit in milliseconds, not negative. NaN, with the error written, when it is none. */
export function timeoutArgument(c: Context, i: number): number {
  const timeout = integerArgument(c, i, 'ERR timeout is not an integer or out of range');
  if (timeout >= 0 || Number.isNaN(timeout)) return timeout;
  c.reply.error('ERR timeout is negative');
  return Number.NaN;
}

/** The number of a database, which must exist. NaN, with the error written, when it is none. */
export function databaseArgument(c: Context, i: number, complaint?: string): number {
  const index = int32Argument(c, i, complaint);
  if (Number.isNaN(index) || (index >= 0 && index < c.keyspace.databases.length)) return index;
  c.reply.error('ERR DB index is out of range');
  return Number.NaN;
}

/** A number that may lie beyond 2^53 as the signed 64-bit integer nearest to it, for replies and propagation. */
export function toInt64(value: number): bigint {
  const exact = BigInt(value);
  if (exact > INT64_MAX) return INT64_MAX;
  return exact < INT64_MIN ? INT64_MIN : exact;
}
