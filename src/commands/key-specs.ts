/**
 * Which arguments of a request are keys: the key specifications of Redis 7 and how they are followed.
 *
 * A specification says where its keys begin (a place, or behind a word) and how to go on from there (a range, or a
 * count among the arguments). Nearly all commands have one fixed range, which `Command` follows by itself; what is
 * here serves the others, and COMMAND GETKEYS.
 */
import type { Request } from '../protocol/request.js';

/** What a command does with a key; the words of COMMAND INFO. */
export type KeyFlag =
  | 'RO'
  | 'RW'
  | 'OW'
  | 'RM'
  | 'access'
  | 'update'
  | 'insert'
  | 'delete'
  | 'not_key'
  | 'incomplete'
  | 'variable_flags';

export interface KeyRange {
  /** Last key, counted from the first; from the end of the request when negative. */
  readonly lastKey: number;
  readonly step: number;
  /** With a `lastKey` of -1: the keys are the first 1/limit of what is left. 0: all of it. */
  readonly limit: number;
}

/** Where keys begin, and how to go on from there. */
export interface KeySpec {
  readonly flags: readonly KeyFlag[];
  readonly begin:
    | { readonly index: number }
    | { readonly keyword: string; readonly from: number }
    | { readonly unknown: true };
  readonly find:
    | KeyRange
    | { readonly countAt: number; readonly firstKey: number; readonly step: number }
    | { readonly unknown: true };
  readonly notes?: string;
}

/** Told the number of an argument that is a key, and what the command does with it. */
export type AddKey = (argument: number, flags: readonly KeyFlag[]) => void;

/** One key, at argument `index`. */
export function keyAt(index: number, ...flags: KeyFlag[]): KeySpec {
  return { flags, begin: { index }, find: { lastKey: 0, step: 1, limit: 0 } };
}

/** Keys from argument `index` to `lastKey` (counted from the first key, or from the end when negative). */
export function keyRange(index: number, lastKey: number, step: number, ...flags: KeyFlag[]): KeySpec {
  return { flags, begin: { index }, find: { lastKey, step, limit: 0 } };
}

/** `numkeys key [key …]` with numkeys at argument `index`. */
export function keyCount(index: number, ...flags: KeyFlag[]): KeySpec {
  return { flags, begin: { index }, find: { countAt: 0, firstKey: 1, step: 1 } };
}

/** Keys behind a word, looked for from argument `from` (from the end, backwards, when negative). */
export function keysAfter(keyword: string, from: number, range: KeyRange, ...flags: KeyFlag[]): KeySpec {
  return { flags, begin: { keyword, from }, find: range };
}

/**
 * Calls `add` for every key that the specifications name in the request. Answers false, and adds nothing, when the
 * arguments don't fit them or they can't tell.
 */
export function eachKeyOf(specs: readonly KeySpec[], request: Request, add: AddKey): boolean {
  const places = specs.filter(isKey).map((spec) => placeOf(spec, request));
  if (places.includes('unclear')) return false;
  for (const place of places) {
    if (place === 'absent' || place === 'unclear') continue;
    for (let i = place.first; i <= place.last; i += place.step) add(i, place.flags);
  }
  return true;
}

/** Whether the specification is of keys, and not of what is only routed like one. */
export function isKey(spec: KeySpec): boolean {
  return !spec.flags.includes('not_key');
}

type Place = { first: number; last: number; step: number; flags: readonly KeyFlag[] };

function placeOf(spec: KeySpec, request: Request): Place | 'absent' | 'unclear' {
  const { begin, find, flags } = spec;
  if ('unknown' in begin || 'unknown' in find || flags.includes('incomplete')) return 'unclear';
  let first = 'index' in begin ? begin.index : behindWord(begin.keyword, begin.from, request);
  if (first === 0) return 'absent';
  let last: number;
  if ('countAt' in find) {
    if (first + find.countAt >= request.argc) return 'unclear';
    const count = request.integer(first + find.countAt);
    if (!(count > 0)) return 'unclear';
    first += find.firstKey;
    last = first + (count - 1) * find.step;
  } else if (find.lastKey >= 0) last = first + find.lastKey;
  else if (find.limit === 0) last = request.argc + find.lastKey;
  else last = first + Math.floor((request.argc - first) / find.limit) + find.lastKey;
  if (first >= request.argc || last >= request.argc || last < first) return 'unclear';
  return { first, last, step: find.step, flags };
}

/** The argument behind a word, or 0. */
function behindWord(word: string, from: number, request: Request): number {
  const step = from < 0 ? -1 : 1;
  let i = from < 0 ? request.argc + from : from;
  for (; i > 0 && i < request.argc; i += step) if (request.is(i, word)) return i + 1;
  return 0;
}

/** COMMAND INFO's first key, last key and step; `whole` when they tell all keys. */
export interface LegacyRange {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  readonly whole: boolean;
}

/** The one range of the older COMMAND reply: joins specifications that are next to each other. */
export function legacyRange(specs: readonly KeySpec[]): LegacyRange {
  let first = 0;
  let last = 0;
  let step = 0;
  let whole = true;
  for (const { begin, find, flags } of specs) {
    const fixed = 'index' in begin && 'lastKey' in find;
    if (!fixed || (specs.length > 1 && (find.step !== 1 || (last !== 0 && last !== begin.index - 1)))) {
      whole = false;
      continue;
    }
    if (flags.includes('incomplete')) whole = false;
    if (first === 0) first = begin.index;
    last = find.lastKey < 0 ? find.lastKey : begin.index + find.lastKey;
    step = find.step;
  }
  return { first, last, step, whole };
}
