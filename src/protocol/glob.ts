/**
 * Glob patterns as Redis matches them: `*`, `?`, `[abc]`, `[^a-z]`, and `\` before a character that is meant itself. On
 * bytes, so keys need not be text.
 *
 * Only the last `*` met is ever tried again: what an earlier one could still match, the later one can too. So a
 * match takes at most pattern × text steps, and no pattern can hold the node up.
 */
import { type Bytes, fromLatin1 } from './bytes.js';

const STAR = 0x2a;
const QUESTION = 0x3f;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const CARET = 0x5e;
const BACKSLASH = 0x5c;
const DASH = 0x2d;

/** Where `matchesOne` has left off in the pattern. */
let behind = 0;

/** Whether text[start, end) matches the pattern as a whole. Like Redis's, `*` doesn't match the empty text. */
export function matchesGlob(
  pattern: Bytes,
  text: Bytes,
  start: number,
  end: number,
  ignoreCase = false,
): boolean {
  if (start === end) return pattern.length === 0;
  let p = 0;
  let t = start;
  let afterStar = -1;
  let starAt = 0;
  while (t < end) {
    if (p < pattern.length && pattern[p] === STAR) {
      afterStar = ++p;
      starAt = t;
      if (p === pattern.length) return true;
    } else if (p < pattern.length && matchesOne(pattern, p, text[t], ignoreCase)) {
      p = behind;
      t++;
    } else {
      if (afterStar < 0) return false;
      p = afterStar;
      t = ++starAt;
    }
  }
  while (p < pattern.length && pattern[p] === STAR) p++;
  return p === pattern.length;
}

/** As `matchesGlob`, for texts with one byte per character. */
export function matchesGlobText(pattern: string, text: string, ignoreCase = false): boolean {
  return matchesGlob(fromLatin1(pattern), fromLatin1(text), 0, text.length, ignoreCase);
}

/** Whether one byte matches the part of the pattern at `p`; `behind` is then where the next part begins. */
function matchesOne(pattern: Bytes, p: number, byte: number, ignoreCase: boolean): boolean {
  switch (pattern[p]) {
    case QUESTION:
      behind = p + 1;
      return true;
    case OPEN:
      return matchesClass(pattern, p + 1, byte, ignoreCase);
    case BACKSLASH:
      if (p + 1 < pattern.length) p++;
  }
  behind = p + 1;
  return pattern[p] === byte || (ignoreCase && lower(pattern[p]) === lower(byte));
}

/** A class whose first byte is at `p`. One without an end goes to the end of the pattern. */
function matchesClass(pattern: Bytes, p: number, byte: number, ignoreCase: boolean): boolean {
  const { length } = pattern;
  const negated = pattern[p] === CARET;
  if (negated) p++;
  let found = false;
  for (; p < length; p++) {
    if (pattern[p] === BACKSLASH && p + 1 < length) {
      if (pattern[++p] === byte) found = true;
    } else if (pattern[p] === CLOSE) break;
    else if (p + 2 < length && pattern[p + 1] === DASH) {
      if (isBetween(byte, pattern[p], pattern[p + 2], ignoreCase)) found = true;
      p += 2;
    } else if (pattern[p] === byte || (ignoreCase && lower(pattern[p]) === lower(byte))) found = true;
  }
  behind = Math.min(p + 1, length);
  return found !== negated;
}

/** Bytes are compared as C's signed chars, as Redis does. */
function isBetween(byte: number, from: number, to: number, ignoreCase: boolean): boolean {
  const fold = ignoreCase ? lower : (b: number) => b;
  const [low, high] = signed(from) <= signed(to) ? [from, to] : [to, from];
  return signed(fold(byte)) >= signed(fold(low)) && signed(fold(byte)) <= signed(fold(high));
}

function signed(byte: number): number {
  return (byte << 24) >> 24;
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte;
}
