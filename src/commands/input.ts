/**
 * Arguments as numbers. Redis's integers are signed 64-bit; commands compute with JavaScript numbers, exact up to
 * 2^53, and only where more matters (counters, expiry near the end of time) with bigint.
 *
 * Each function throws a CommandError when the argument is not what it should be.
 */
import { CommandError } from '../protocol/command-error.js';
import { doubleIn } from '../protocol/doubles.js';
import { INT64_MAX, INT64_MIN, int64In } from '../protocol/integers.js';
import { INFINITE, parse as parseLongDouble } from '../protocol/long-double.js';
import type { Context } from './context.js';
import { NOT_A_FLOAT, NOT_AN_INTEGER } from './errors.js';

const NEGATIVE_TIMEOUT = 'ERR timeout is negative';
const INT32_MAX = 2 ** 31 - 1;

/** Argument i as a signed 64-bit integer. */
export function int64Argument({ request }: Context, i: number, complaint = NOT_AN_INTEGER): bigint {
  const value = int64In(request.buffer, request.starts[i], request.ends[i]);
  if (value === undefined) throw new CommandError(complaint);
  return value;
}

/** Argument i as an integer: exact up to 2^53, the nearest double beyond. */
export function integerArgument(c: Context, i: number, complaint?: string): number {
  const value = c.request.integer(i);
  return Number.isNaN(value) ? Number(int64Argument(c, i, complaint)) : value;
}

/** Argument i as a double. */
export function doubleArgument({ request }: Context, i: number, complaint = NOT_A_FLOAT): number {
  const value = doubleIn(request.buffer, request.starts[i], request.ends[i]);
  if (Number.isNaN(value)) throw new CommandError(complaint);
  return value;
}

/** Argument i as an integer between `min` and `max`. */
export function rangeArgument(c: Context, i: number, min: number, max: number, complaint?: string): number {
  const value = integerArgument(c, i, complaint);
  if (value >= min && value <= max) return value;
  throw new CommandError(complaint ?? `ERR value is out of range, value must between ${min} and ${max}`);
}

/** Argument i as a C int. */
export function int32Argument(c: Context, i: number, complaint?: string): number {
  return rangeArgument(c, i, -INT32_MAX - 1, INT32_MAX, complaint);
}

/**
 * How many random elements are asked for: negative when the same one may come again. Exact up to 2^53, the nearest
 * double beyond.
 */
export function sampleArgument(c: Context, i: number): number {
  const count = int64Argument(c, i);
  if (count !== INT64_MIN) return Number(count);
  throw new CommandError(`ERR value is out of range, value must between ${-INT64_MAX} and ${INT64_MAX}`);
}

/** A time limit in milliseconds, not negative. */
export function timeoutArgument(c: Context, i: number): number {
  const timeout = integerArgument(c, i, 'ERR timeout is not an integer or out of range');
  if (timeout < 0) throw new CommandError(NEGATIVE_TIMEOUT);
  return timeout;
}

/** A time limit given in seconds, fractions allowed; in milliseconds, not negative. */
export function secondsArgument({ request }: Context, i: number): number {
  const whole = request.integer(i);
  if (whole >= 0 && whole < 2 ** 43) return whole * 1000;
  const seconds = parseLongDouble(request.latin1(i));
  if (seconds === undefined) throw new CommandError('ERR timeout is not a float or out of range');
  if (seconds === INFINITE) throw new CommandError(NEGATIVE_TIMEOUT); // what Redis makes of it
  const { mantissa, exponent } = seconds;
  const timeout =
    exponent >= 0 ? (mantissa * 1000n) << BigInt(exponent) : -((mantissa * -1000n) >> BigInt(-exponent)); // rounded up
  if (timeout < 0n || timeout > INT64_MAX) throw new CommandError(NEGATIVE_TIMEOUT);
  return Number(timeout);
}

/** The number of a database, which must exist. */
export function databaseArgument(c: Context, i: number, complaint?: string): number {
  const index = int32Argument(c, i, complaint);
  if (index < 0 || index >= c.keyspace.databases.length) {
    throw new CommandError('ERR DB index is out of range');
  }
  return index;
}

/** A number that may lie beyond 2^53 as the signed 64-bit integer nearest to it, for replies and propagation. */
export function toInt64(value: number): bigint {
  const exact = BigInt(value);
  if (exact > INT64_MAX) return INT64_MAX;
  return exact < INT64_MIN ? INT64_MIN : exact;
}
