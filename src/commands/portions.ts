/** Replies of random elements that may be very long: SRANDMEMBER, HRANDFIELD and ZRANDMEMBER with a negative count. */
import type { Context } from './context.js';

const PORTION = 1024;

/** Draws so many elements with `draw`, in portions: no further when the caller may not be sent as much. */
export function drawInPortions(c: Context, count: number, draw: (count: number) => void): void {
  for (let left = count; left > 0 && !c.replyIsTooLong(); left -= PORTION) draw(Math.min(left, PORTION));
}
