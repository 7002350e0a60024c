/**
 * Glob patterns as KEYS, SCAN, PSUBSCRIBE and CONFIG GET know them: `*`, `?`, `[abc]`, `[^a-z]`, and `\` before a
 * character that is meant literally.
 *
 * The matcher doesn't recurse. Only the last `*` ever needs to be tried again further on, so matching costs at most
 * pattern length × text length, whatever the pattern: a hostile one can't hold the node.
 */
import type { Bytes } from './bytes.js';

const STAR = 0x2a;
const QUESTION = 0x3f;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const CARET = 0x5e;
const DASH = 0x2d;
const BACKSLASH = 0x5c;

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

/** Whether the pattern in pattern[ps, pe) matches all of text[ts, te); `nocase` ignores the case of ASCII letters. */
export function globMatch(
  pattern: Bytes,
  ps: number,
  pe: number,
  text: Bytes,
  ts: number,
  te: number,
  nocase = false,
): boolean {
  if (ts === te) return ps === pe; // even a lone star wants a byte
  let starAt = -1; // behind the last star
  let retryAt = 0; // where the text behind that star was last taken to begin
  while (ts < te || ps < pe) {
    if (ps < pe) {
      if (pattern[ps] === STAR) {
        starAt = ++ps;
        retryAt = ts;
        continue;
      }
      if (ts < te) {
        const next = matchOne(pattern, ps, pe, text[ts], nocase);
        if (next >= 0) {
          ps = next;
          ts++;
          continue;
        }
      }
    }
    if (starAt < 0 || retryAt >= te) return false;
    ps = starAt;
    ts = ++retryAt;
  }
  return true;
}

/** Matches one byte against the pattern at `ps`, which is no star: the place behind what it used, or -1. */
function matchOne(pattern: Bytes, ps: number, pe: number, byte: number, nocase: boolean): number {
  let wanted = pattern[ps];
  if (wanted === QUESTION) return ps + 1;
  if (wanted === OPEN) return matchClass(pattern, ps + 1, pe, byte, nocase);
  if (wanted === BACKSLASH && ps + 1 < pe) wanted = pattern[++ps];
  const same = nocase ? lower(wanted) === lower(byte) : wanted === byte;
  return same ? ps + 1 : -1;
}

/** A byte as C's `char`, which is what Redis compares in ranges. */
function signed(byte: number): number {
  return (byte << 24) >> 24;
}

/** The same for a class, from behind its `[`. A class that isn't closed ends with the pattern. */
function matchClass(pattern: Bytes, ps: number, pe: number, byte: number, nocase: boolean): number {
  const negated = ps < pe && pattern[ps] === CARET;
  if (negated) ps++;
  const wanted = signed(nocase ? lower(byte) : byte);
  let found = false;
  while (ps < pe && pattern[ps] !== CLOSE) {
    let from = pattern[ps];
    let to: number;
    if (from === BACKSLASH && ps + 1 < pe) {
      from = to = pattern[ps + 1];
      ps += 2;
    } else if (ps + 2 < pe && pattern[ps + 1] === DASH) {
      to = pattern[ps + 2];
      ps += 3;
    } else {
      to = from;
      ps++;
    }
    from = signed(nocase ? lower(from) : from);
    to = signed(nocase ? lower(to) : to);
    if (from > to ? wanted >= to && wanted <= from : wanted >= from && wanted <= to) found = true;
  }
  if (found === negated) return -1;
  return ps < pe ? ps + 1 : ps;
}
