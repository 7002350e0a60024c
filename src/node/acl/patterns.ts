/** The keys and channels that a user may name: glob patterns, or all of them. */
import type { KeyFlag } from '../../commands/key-specs.js';
import { type Bytes, equal, fromLatin1 } from '../../protocol/bytes.js';
import { globMatch } from '../../protocol/glob.js';

/** What may be done with a key. */
export const ACCESS = { read: 1, write: 2, both: 3 } as const;

/** The access that a command needs to a key, from what it does with it. */
export function accessOf(flags: readonly KeyFlag[]): number {
  let access = 0;
  for (const flag of flags) {
    if (flag === 'access') access |= ACCESS.read;
    else if (flag === 'insert' || flag === 'delete' || flag === 'update') access |= ACCESS.write;
  }
  return access;
}

export interface KeyPattern {
  /** One character per byte. */
  readonly text: string;
  readonly bytes: Bytes;
  readonly access: number;
}

/** Key patterns, in the order in which they were given. */
export type KeyPatterns = readonly KeyPattern[] | 'all';

/** The patterns with one more; its access is added to that of an equal one. */
export function withKeyPattern(patterns: KeyPatterns, text: string, access: number): KeyPatterns {
  const before = patterns === 'all' ? [] : patterns;
  const known = before.some((pattern) => pattern.text === text);
  if (!known) return [...before, { text, bytes: fromLatin1(text), access }];
  return before.map((pattern) =>
    pattern.text === text ? { ...pattern, access: pattern.access | access } : pattern,
  );
}

/** Whether one pattern allows all of the access to the key in bytes[start, end). */
export function coversKey(
  patterns: KeyPatterns,
  access: number,
  bytes: Bytes,
  start: number,
  end: number,
): boolean {
  if (patterns === 'all') return true;
  return patterns.some(
    (pattern) =>
      (pattern.access & access) === access &&
      globMatch(pattern.bytes, 0, pattern.bytes.length, bytes, start, end),
  );
}

/** Whether the patterns allow this access to every key there may be. */
export function coversAllKeys(patterns: KeyPatterns, access: number): boolean {
  if (patterns === 'all') return true;
  return patterns.some((pattern) => pattern.text === '*' && (pattern.access & access) === access);
}

/** As in rules: `~a* %R~b*`. */
export function keyPatternText({ text, access }: KeyPattern): string {
  if (access === ACCESS.both) return `~${text}`;
  return access === ACCESS.read ? `%R~${text}` : `%W~${text}`;
}

/** Channel patterns, in the order in which they were given. */
export type ChannelPatterns = readonly Bytes[] | 'all';

/** Whether the channel is allowed: by a pattern that matches it, or when it is a pattern itself by an equal one. */
export function coversChannel(
  patterns: readonly Bytes[],
  isPattern: boolean,
  bytes: Bytes,
  start: number,
  end: number,
): boolean {
  return patterns.some((pattern) =>
    isPattern
      ? equal(pattern, 0, pattern.length, bytes, start, end)
      : globMatch(pattern, 0, pattern.length, bytes, start, end),
  );
}
