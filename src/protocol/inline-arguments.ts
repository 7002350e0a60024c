/**
 * One line split into arguments, as redis-server splits inline requests and config files and redis-cli its
 * prompt: words separated by blanks, "double quotes" with \n \r \t \b \a \xHH and \" inside, 'single quotes'
 * with only \' inside. A closing quote must be followed by a blank or the end.
 */
import type { Bytes } from './bytes.js';
import { allocate, slice } from './bytes.js';

const BACKSLASH = 0x5c;
const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;

const ESCAPES = new Map([
  [0x6e, 0x0a], // \n
  [0x72, 0x0d], // \r
  [0x74, 0x09], // \t
  [0x62, 0x08], // \b
  [0x61, 0x07], // \a
]);

/** Whether C's isspace says so. */
function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** The arguments in bytes[start, end), or undefined when a quote is unbalanced. */
export function splitArguments(bytes: Bytes, start: number, end: number): Bytes[] | undefined {
  const words: Bytes[] = [];
  const word = allocate(end - start);
  let at = start;
  for (;;) {
    while (at < end && isBlank(bytes[at])) at++;
    if (at >= end || bytes[at] === 0) return words;
    let length = 0;
    while (at < end && !isBlank(bytes[at]) && bytes[at] !== 0) {
      const quote = bytes[at];
      if (quote !== DOUBLE_QUOTE && quote !== SINGLE_QUOTE) {
        word[length++] = bytes[at++];
        continue;
      }
      at++;
      for (;;) {
        if (at >= end) return undefined;
        const byte = bytes[at];
        if (byte === quote) break;
        if (byte !== BACKSLASH || at + 1 >= end) {
          word[length++] = byte;
          at++;
        } else if (quote === SINGLE_QUOTE) {
          const escaped = bytes[at + 1] === SINGLE_QUOTE;
          word[length++] = escaped ? SINGLE_QUOTE : byte;
          at += escaped ? 2 : 1;
        } else if (bytes[at + 1] === 0x78 && at + 3 < end && hexPair(bytes, at + 2) >= 0) {
          word[length++] = hexPair(bytes, at + 2);
          at += 4;
        } else {
          word[length++] = ESCAPES.get(bytes[at + 1]) ?? bytes[at + 1];
          at += 2;
        }
      }
      at++;
      if (at < end && !isBlank(bytes[at])) return undefined;
    }
    words.push(slice(word, 0, length));
  }
}

function hexPair(bytes: Bytes, at: number): number {
  const high = hexValue(bytes[at]);
  const low = hexValue(bytes[at + 1]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}
