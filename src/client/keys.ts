/** Where a command's keys are, and which slot they belong to. */
import { fromLatin1 } from '../protocol/bytes.js';
import { asciiKeySlot, keySlot } from '../protocol/key-slot.js';
import type { CommandInfo } from './command-info.js';
import { type Argument, wire } from './encode.js';
import { NO_SLOT } from './request.js';

/** The slot of a key in wire form (one character per byte). */
export function slotOf(key: string): number {
  const slot = asciiKeySlot(key);
  return slot >= 0 ? slot : keySlot(fromLatin1(key), 0, key.length);
}

/** Positions of the keys among the arguments, name included: `first`, `first + step`, … up to `last`. */
export interface KeyRange {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

/** The keys of a command, or undefined when it has none. */
export function keyRange(info: CommandInfo, args: readonly Argument[]): KeyRange | undefined {
  const { firstKey, lastKey, keyStep, keyCount, keyWord } = info;
  if (keyWord !== '') return keysBehind(keyWord, args);
  const first = keyCount > 0 ? keyCount + 1 : firstKey;
  let last = lastKey < 0 ? args.length + lastKey : lastKey;
  if (keyCount > 0) last = keyCount + Number(args[keyCount]);
  const step = keyStep || 1;
  return first > 0 && first <= last && last < args.length ? { first, last, step } : undefined;
}

/** Keys behind a word, half of what follows: `XREAD … STREAMS key key id id`. */
function keysBehind(word: string, args: readonly Argument[]): KeyRange | undefined {
  const first = args.findIndex((arg) => typeof arg === 'string' && arg.toUpperCase() === word) + 1;
  const count = Math.floor((args.length - first) / 2);
  return first > 0 && count > 0 ? { first, last: first + count - 1, step: 1 } : undefined;
}

/** The slot of the command's first key, `NO_SLOT` when it has none. A server refuses keys of several slots. */
export function slotOfCommand(info: CommandInfo, args: readonly Argument[]): number {
  const range = keyRange(info, args);
  return range === undefined ? NO_SLOT : slotOf(wire(args[range.first]));
}
