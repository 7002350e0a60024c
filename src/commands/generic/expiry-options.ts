/** Times as SET, GETEX and their kind give them, and what happens to a key whose time is already past. */
import { CommandError } from '../../protocol/command-error.js';
import { INT64_MAX } from '../../protocol/integers.js';
import type { Request } from '../../protocol/request.js';
import type { Context } from '../context.js';
import { invalidExpire } from '../errors.js';
import { int64Argument } from '../input.js';

// The options as bits
export const EX = 1 << 0;
export const PX = 1 << 1;
const EXAT = 1 << 2;
const PXAT = 1 << 3;
/** All of them: only one may be given, but that one more than once. */
export const EXPIRY_OPTIONS = EX | PX | EXAT | PXAT;

/** Which of the options argument i is, or 0. */
export function expiryOption(request: Request, i: number): number {
  if (request.is(i, 'EX')) return EX;
  if (request.is(i, 'PX')) return PX;
  if (request.is(i, 'EXAT')) return EXAT;
  if (request.is(i, 'PXAT')) return PXAT;
  return 0;
}

/**
 * The time in argument i as `options` means it, in milliseconds since 1970. Throws unless it is positive and, in
 * milliseconds, below 2^63.
 */
export function expiryTime(c: Context, i: number, options: number): number {
  const value = c.request.integer(i);
  const perUnit = options & (EX | EXAT) ? 1000 : 1;
  const base = options & (EX | PX) ? c.now : 0;
  const time = value * perUnit + base;
  if (value > 0 && Number.isSafeInteger(time)) return time;
  const exact = int64Argument(c, i);
  const exactTime = exact * BigInt(perUnit) + BigInt(base);
  if (exact <= 0n || exactTime > INT64_MAX) throw new CommandError(invalidExpire(c.command.fullName));
  return Number(exactTime);
}

/**
 * Whether a key given this time is to be removed at once. A replica, and a node that is loading, keep it: the
 * master's word or the rest of the file decides.
 */
export function isPast(c: Context, time: number): boolean {
  return time <= c.now && c.keyspace.expiryPolicy === 'remove';
}

/** The key in argument i was removed: propagates that in the form the directive asks for. */
export function propagateRemoval(
  c: Context,
  i: number,
  directive: 'lazyfree-lazy-expire' | 'lazyfree-lazy-user-del',
): void {
  c.propagate(c.server.config.text(directive) === 'yes' ? 'UNLINK' : 'DEL', c.request.view(i));
}
