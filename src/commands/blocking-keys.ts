/** Commands that take from the first of several keys that is there: at once, or after waiting for one. */
import type { ValueType } from '../keyspace/record.js';
import type { Context } from './context.js';
import { writeTyped } from './lookup.js';

/** The first of the keys in these arguments that is there, 0 when none is. Throws when its value is of another type. */
export function firstTyped(c: Context, firstKey: number, lastKey: number, type: ValueType): number {
  for (let i = firstKey; i <= lastKey; i++) if (writeTyped(c, i, type) !== 0) return i;
  return 0;
}

/**
 * Calls `serve` with the first of the keys that is there, now or as soon as there is one, within `timeout`
 * milliseconds (0: at any time). In vain, or where commands may not wait, the reply is a null array.
 */
export function serveOrWait(
  c: Context,
  firstKey: number,
  lastKey: number,
  type: ValueType,
  timeout: number,
  serve: (c: Context, i: number) => void,
): void {
  const i = firstTyped(c, firstKey, lastKey, type);
  if (i !== 0) serve(c, i);
  else if (!c.mayBlock) c.reply.nilArray();
  else {
    const served = (c: Context, i: number) => {
      serve(c, i);
      return true;
    };
    c.block({ firstKey, lastKey, type, timeout, serve: served });
  }
}
