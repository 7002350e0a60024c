/** Small damage to bytes, as text with one character per byte: what fuzzers do to inputs that would be fine. */
import type { TestRandom } from '../support/random.js';

/** Numbers at which something changes: sizes of integers, lengths, limits. */
export const NUMBERS = [
  '0 1 2 3 -1 -2 10 16 63 64 100 127 128 255 256 1024 4095 16383 16384 32767 32768 65535 65536',
  '1048576 2147483647 -2147483648 4294967295 4294967296 9007199254740993',
  '9223372036854775807 -9223372036854775808 9223372036854775808 18446744073709551615 00 -0 +1 1e3 0x10',
].flatMap((line) => line.split(' '));

const SPECIAL = '\r\n$*:+-_%~|>#,(!= \t"\'\\\0\x01\x7f\x80\xff0123456789abcxyzAZ';

/** One to three changes. */
export function mutate(random: TestRandom, text: string): string {
  for (let n = 1 + random.below(3); n > 0; n--) text = change(random, text);
  return text;
}

function change(random: TestRandom, text: string): string {
  const at = random.below(text.length + 1);
  const end = Math.min(text.length, at + 1 + random.below(random.below(8) === 0 ? text.length + 1 : 8));
  const [before, piece, after] = [text.slice(0, at), text.slice(at, end), text.slice(end)];
  switch (random.below(8)) {
    case 0: // one byte is another
      return before + SPECIAL[random.below(SPECIAL.length)] + text.slice(at + 1);
    case 1: // a bit is flipped
      if (at === text.length) return text;
      return before + String.fromCharCode(text.charCodeAt(at) ^ (1 << random.below(8))) + text.slice(at + 1);
    case 2: // a piece is gone
      return before + after;
    case 3: // a piece is there twice
      return before + piece + piece + after;
    case 4: // something is put in
      return before + SPECIAL[random.below(SPECIAL.length)].repeat(1 + random.below(4)) + piece + after;
    case 5: // the end is missing
      return before;
    case 6: // a piece is somewhere else
      return piece + before + after;
    default: {
      // a number is another
      const number = /-?\d+/.exec(text.slice(at));
      if (number === null) return text;
      const start = at + number.index;
      return text.slice(0, start) + random.pick(NUMBERS) + text.slice(start + number[0].length);
    }
  }
}
