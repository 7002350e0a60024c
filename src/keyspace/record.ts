/**
 * The layout of a key's record in the arena. A record holds the key and, for strings and small collections, the
 * value itself, so that reading a key touches one place in memory:
 *
 * | word | holds |
 * |---|---|
 * | 0 | size class (8 bits), access clock of eviction (24 bits) |
 * | 1 | type (4 bits), flags |
 * | 2 | length of the key |
 * | 3 | length of the value; or, with IS_OBJECT, its handle in the object table |
 * | 4 | place in the table of expiry times, plus one; 0 = never expires |
 * | 5 | hash of the key |
 * | 6, 7 | next and previous key of the same slot (cluster mode only) |
 * | … | key bytes, value bytes |
 */

export const META = 0;
export const TYPE = 1;
/** Same word as `KEY_LENGTH_WORD` of dictionary.ts. */
export const KEY_LENGTH = 2;
export const VALUE = 3;
export const EXPIRY = 4;
export const HASH = 5;
export const SLOT_NEXT = 6;
export const SLOT_PREVIOUS = 7;

/** Bytes before the key, outside and inside cluster mode. */
export const HEADER_BYTES = 24;
export const CLUSTER_HEADER_BYTES = 32;

/** Types, numbered as RDB and Redis's object.h number them. */
export const STRING = 0;
export const LIST = 1;
export const SET = 2;
export const ZSET = 3;
export const HASH_TYPE = 4;
export const STREAM = 6;
export const TYPE_MASK = 15;

export type ValueType =
  | typeof STRING
  | typeof LIST
  | typeof SET
  | typeof ZSET
  | typeof HASH_TYPE
  | typeof STREAM;

/** The value is a JavaScript object; word 3 is its handle. */
export const IS_OBJECT = 1 << 4;
/** A string changed in place (APPEND, SETRANGE …): its encoding is `raw` whatever its bytes are. */
export const IS_RAW = 1 << 5;
/** A string made by INCRBYFLOAT: its encoding is not `int` even if it looks like an integer. */
export const IS_FLOAT = 1 << 6;
/** A packed hash or set that Redis would have in a hash table: its encoding is `hashtable`. */
export const IS_HASHTABLE = 1 << 7;
/** How a value came about, as far as its encoding depends on that. */
export const ORIGIN_MASK = IS_RAW | IS_FLOAT | IS_HASHTABLE;

const TYPE_NAMES = ['string', 'list', 'set', 'zset', 'hash', 'module', 'stream'];

/** The name TYPE replies with. */
export function typeName(type: number): string {
  return TYPE_NAMES[type];
}
