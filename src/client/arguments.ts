/** The kinds of argument that typed methods take. */
import type { Argument } from './encode.js';

export type Key = string | Uint8Array;

/** A value to be stored; numbers are stored in decimal. */
export type Value = string | number | bigint | Uint8Array;

/** Names with their values: an object, a Map or a list of pairs. */
export type Entries = Iterable<readonly [Key, Value]> | Readonly<Record<string, Value>>;

/** Appends name, value, name, value … to the arguments. */
export function pushEntries(args: Argument[], entries: Entries): Argument[] {
  const pairs = Symbol.iterator in entries ? entries : Object.entries(entries);
  for (const [name, value] of pairs as Iterable<readonly [Key, Value]>) args.push(name, value);
  return args;
}
