/** Numbers of the RDB format, shared by its writer and its reader. */

/** The version written, Redis 7.0's, and those that can be read. */
export const RDB_VERSION = 10;
export const RDB_OLDEST_VERSION = 1;
export const RDB_NEWEST_VERSION = 11;
/** Files of earlier versions end without a checksum. */
export const RDB_FIRST_CHECKED_VERSION = 5;

/** Operations between keys. */
export const OP_FUNCTION = 245;
export const OP_MODULE_AUX = 247;
export const OP_IDLE = 248;
export const OP_FREQ = 249;
export const OP_AUX = 250;
export const OP_RESIZE_DB = 251;
export const OP_EXPIRE_TIME_MS = 252;
export const OP_EXPIRE_TIME = 253;
export const OP_SELECT_DB = 254;
export const OP_EOF = 255;

/** Types of values. */
export const RDB_STRING = 0;
export const RDB_LIST = 1;
export const RDB_SET = 2;
export const RDB_ZSET = 3;
export const RDB_HASH = 4;
export const RDB_ZSET_2 = 5;
export const RDB_HASH_ZIPMAP = 9;
export const RDB_LIST_ZIPLIST = 10;
export const RDB_SET_INTSET = 11;
export const RDB_ZSET_ZIPLIST = 12;
export const RDB_HASH_ZIPLIST = 13;
export const RDB_LIST_QUICKLIST = 14;
export const RDB_STREAM_LISTPACKS = 15;
export const RDB_HASH_LISTPACK = 16;
export const RDB_ZSET_LISTPACK = 17;
export const RDB_LIST_QUICKLIST_2 = 18;
export const RDB_STREAM_LISTPACKS_2 = 19;
export const RDB_SET_LISTPACK = 20;
export const RDB_STREAM_LISTPACKS_3 = 21;

/**
 * A length begins with two bits that say how it goes on: 00 six bits, 01 fourteen bits, 10 then 32 or 64 bits, 11 a
 * string in one of the special encodings below.
 */
export const LENGTH_14_BITS = 0x40;
export const LENGTH_32_BITS = 0x80;
export const LENGTH_64_BITS = 0x81;
export const ENCODED = 0xc0;
export const ENCODED_INT8 = 0;
export const ENCODED_INT16 = 1;
export const ENCODED_INT32 = 2;
export const ENCODED_LZF = 3;

export const CHECKSUM_BYTES = 8;

/** The file is not, or no longer, a sound RDB; the text is for the log. */
export class RdbError extends Error {
  override name = 'RdbError';
}

/** All of the file can be read, but it isn't what was written. */
export class ChecksumError extends RdbError {}

/** A collection without elements, which no server should have written: a file's is left out, a payload's refused. */
export class EmptyValueError extends RdbError {
  constructor() {
    super('empty value');
  }
}
