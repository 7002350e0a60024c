/** The kinds of argument that typed methods take. */
import type { Argument } from './encode.js';

export type Key = string | Uint8Array;

/** A value to be stored; numbers are stored in decimal. */
export type Value = string | number | bigint | Uint8Array;

export type Integer = number | bigint;

/** A number, or what Redis understands besides, such as `'(5'` and `'+inf'`. */
export type Double = number | string;

/** One, or a list of them. */
export type OneOrMore<T> = T | readonly T[];

/** Names with their values: an object, a Map or a list of pairs. */
export type Entries = Iterable<readonly [Key, Value]> | Readonly<Record<string, Value>>;

/** Appends name, value, name, value … to the arguments. */
export function pushEntries(args: Argument[], entries: Entries): Argument[] {
  const pairs = Symbol.iterator in entries ? entries : Object.entries(entries);
  for (const [name, value] of pairs as Iterable<readonly [Key, Value]>) args.push(name, value);
  return args;
}

/** Whether it is one argument, not a list or an object of several. */
export function isArgument(value: unknown): value is Argument {
  return typeof value !== 'object' || value instanceof Uint8Array;
}
