/**
 * The RDB format, written: from numbers and strings up to one key with its value.
 *
 * Bytes collect in a buffer that the caller takes away now and then; the checksum is computed over what is taken, in
 * long runs. A type of value is one entry in `valueWriters`.
 */
import type { Database } from '../../keyspace/database.js';
import { HASH_TYPE, LIST, SET, STREAM, STRING, typeName, ZSET } from '../../keyspace/record.js';
import { allocate, type Bytes, copy, EMPTY, fromLatin1, withView } from '../../protocol/bytes.js';
import { integerIn } from '../../protocol/integers.js';
import { Crc64 } from './crc64.js';
import {
  CHECKSUM_BYTES,
  ENCODED,
  ENCODED_INT8,
  ENCODED_INT16,
  ENCODED_INT32,
  ENCODED_LZF,
  LENGTH_14_BITS,
  LENGTH_32_BITS,
  LENGTH_64_BITS,
  OP_AUX,
  OP_EOF,
  OP_EXPIRE_TIME_MS,
  OP_FREQ,
  OP_FUNCTION,
  OP_IDLE,
  OP_RESIZE_DB,
  OP_SELECT_DB,
  RDB_STRING,
  RDB_VERSION,
} from './format.js';
import { hashWriter } from './hash.js';
import { listWriter } from './list.js';
import { lzfCompress } from './lzf.js';
import { setWriter } from './set.js';
import { streamWriter } from './stream.js';
import { zsetWriter } from './zset.js';

const FIRST_CAPACITY = 64 * 1024;
/** A larger buffer is given up when what is in it has been taken. */
const LARGEST_KEPT_BUFFER = 4 * FIRST_CAPACITY;
/** Shorter strings don't get shorter. */
const SMALLEST_COMPRESSED = 20;
/** Longest text that may be an integer of 32 bits. */
const LONGEST_INTEGER = 11;

export interface RdbWriterOptions {
  /** `rdbcompression` */
  compress: boolean;
  /** `rdbchecksum`; without it the checksum is 0, which readers don't check. */
  checksum: boolean;
  /** What the access clock of a key holds, when the eviction policy uses it. */
  accessClock: 'none' | 'lru' | 'lfu';
}

/** How the value of one type is written: the type's number, then everything behind the key. */
export interface ValueWriter {
  rdbType(db: Database, ref: number): number;
  write(writer: RdbWriter, db: Database, ref: number): void;
}

const valueWriters: Partial<Record<number, ValueWriter>> = {
  [STRING]: {
    rdbType: () => RDB_STRING,
    write: (writer, db, ref) => writer.string(db.buffer(ref), db.valueStart(ref), db.valueEnd(ref)),
  },
  [LIST]: listWriter,
  [SET]: setWriter,
  [ZSET]: zsetWriter,
  [HASH_TYPE]: hashWriter,
  [STREAM]: streamWriter,
};

function valueWriterOf(db: Database, ref: number): ValueWriter {
  const type = db.type(ref);
  const writer = valueWriters[type];
  if (writer === undefined) throw new Error(`values of type ${typeName(type)} can't be written to RDB`);
  return writer;
}

export class RdbWriter {
  private buffer: Bytes = withView(allocate(FIRST_CAPACITY));
  private length = 0;
  private scratch: Bytes = EMPTY;
  private readonly crc = new Crc64();

  constructor(private readonly options: RdbWriterOptions) {}

  /** Bytes written and not taken yet. */
  get pending(): number {
    return this.length;
  }

  /** Takes what was written. It is valid until more is. */
  take(): Bytes {
    const { buffer, length } = this;
    if (this.options.checksum) this.crc.update(buffer, 0, length);
    this.length = 0;
    if (buffer.length > LARGEST_KEPT_BUFFER) this.buffer = withView(allocate(FIRST_CAPACITY));
    return buffer.subarray(0, length);
  }

  header(): void {
    this.raw(fromLatin1(`REDIS${String(RDB_VERSION).padStart(4, '0')}`));
  }

  aux(name: string, value: string): void {
    this.byte(OP_AUX);
    this.text(name);
    this.text(value);
  }

  /** A function library, from its code. */
  library(code: string): void {
    this.byte(OP_FUNCTION);
    this.text(code);
  }

  selectDatabase(index: number): void {
    this.byte(OP_SELECT_DB);
    this.size(index);
  }

  /** How many keys, and how many of them with an expiry, to make room for. */
  resizeDatabase(keys: number, expiries: number): void {
    this.byte(OP_RESIZE_DB);
    this.size(keys);
    this.size(expiries);
  }

  /** One key with its expiry, access clock and value. */
  key(db: Database, ref: number): void {
    const writer = valueWriterOf(db, ref);
    const expiry = db.expiry(ref);
    if (expiry >= 0) {
      this.byte(OP_EXPIRE_TIME_MS);
      this.little64(expiry);
    }
    this.accessClock(db, ref);
    this.byte(writer.rdbType(db, ref));
    this.string(db.buffer(ref), db.keyStart(ref), db.keyEnd(ref));
    writer.write(this, db, ref);
  }

  /** A value without its key, as DUMP gives it: the type's number and the value. */
  value(db: Database, ref: number): void {
    const writer = valueWriterOf(db, ref);
    this.byte(writer.rdbType(db, ref));
    writer.write(this, db, ref);
  }

  /** The end of the file, checksum included: after this only `take` is left. */
  end(): void {
    this.byte(OP_EOF);
    this.reserve(CHECKSUM_BYTES);
    if (this.options.checksum) {
      this.crc.update(this.buffer, 0, this.length);
      this.crc.writeTo(this.buffer, this.length);
    } else this.buffer.fill(0, this.length, this.length + CHECKSUM_BYTES);
    this.length += CHECKSUM_BYTES;
  }

  private accessClock(db: Database, ref: number): void {
    const { accessClock } = this.options;
    if (accessClock === 'lru') {
      const seconds = Math.floor(db.keyspace.now / 1000);
      this.byte(OP_IDLE);
      this.size((seconds - db.accessClock(ref)) & 0xffffff);
    } else if (accessClock === 'lfu') {
      this.byte(OP_FREQ);
      this.byte(db.accessClock(ref) & 255);
    }
  }

  // Strings and numbers, for the writers of values

  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  /** A length or count. */
  size(n: number): void {
    this.reserve(9);
    const { buffer } = this;
    if (n < 64) buffer[this.length++] = n;
    else if (n < 16384) {
      buffer[this.length++] = LENGTH_14_BITS | (n >>> 8);
      buffer[this.length++] = n & 255;
    } else if (n < 2 ** 32) {
      buffer[this.length++] = LENGTH_32_BITS;
      this.big32(n);
    } else {
      buffer[this.length++] = LENGTH_64_BITS;
      this.big32(Math.floor(n / 2 ** 32));
      this.big32(n >>> 0);
    }
  }

  /** A number of 64 bits in the form of a length. */
  size64(n: bigint): void {
    if (n < 2n ** 32n) {
      this.size(Number(n));
      return;
    }
    this.reserve(9);
    this.buffer[this.length++] = LENGTH_64_BITS;
    this.big32(Number(n >> 32n));
    this.big32(Number(n & 0xffffffffn));
  }

  /** A string, as an integer or compressed when that is shorter. */
  string(bytes: Bytes, start: number, end: number): void {
    const length = end - start;
    if (length <= LONGEST_INTEGER && this.integer(bytes, start, end)) return;
    if (this.options.compress && length > SMALLEST_COMPRESSED && this.compressed(bytes, start, end)) return;
    this.size(length);
    this.raw(bytes, start, end);
  }

  /** A string of Latin-1 characters. */
  text(text: string): void {
    const bytes = fromLatin1(text);
    this.string(bytes, 0, bytes.length);
  }

  /** Bytes without a length. */
  raw(bytes: Bytes, start = 0, end = bytes.length): void {
    this.reserve(end - start);
    this.length = copy(this.buffer, this.length, bytes, start, end);
  }

  private integer(bytes: Bytes, start: number, end: number): boolean {
    const n = integerIn(bytes, start, end);
    if (!(n >= -(2 ** 31) && n < 2 ** 31)) return false;
    const size = n >= -128 && n < 128 ? 1 : n >= -32768 && n < 32768 ? 2 : 4;
    this.byte(ENCODED | (size === 1 ? ENCODED_INT8 : size === 2 ? ENCODED_INT16 : ENCODED_INT32));
    this.reserve(size);
    for (let i = 0; i < size; i++) this.buffer[this.length++] = n >> (8 * i);
    return true;
  }

  private compressed(bytes: Bytes, start: number, end: number): boolean {
    const limit = end - start - 4;
    if (this.scratch.length < limit) this.scratch = allocate(limit);
    const length = lzfCompress(bytes, start, end, this.scratch, limit);
    if (length > 0) {
      this.byte(ENCODED | ENCODED_LZF);
      this.size(length);
      this.size(end - start);
      this.raw(this.scratch, 0, length);
    }
    if (this.scratch.length > 16 * FIRST_CAPACITY) this.scratch = EMPTY;
    return length > 0;
  }

  private big32(n: number): void {
    for (let shift = 24; shift >= 0; shift -= 8) this.buffer[this.length++] = n >>> shift;
  }

  /** A safe integer as eight bytes, little endian. */
  little64(n: number): void {
    this.reserve(8);
    const upper = Math.floor(n / 2 ** 32);
    for (let shift = 0; shift < 32; shift += 8) this.buffer[this.length++] = n >>> shift;
    for (let shift = 0; shift < 32; shift += 8) this.buffer[this.length++] = upper >>> shift;
  }

  private reserve(size: number): void {
    const needed = this.length + size;
    if (needed <= this.buffer.length) return;
    const grown = withView(allocate(Math.max(needed, this.buffer.length * 2)));
    copy(grown, 0, this.buffer, 0, this.length);
    this.buffer = grown;
  }
}

/** Bytes that a value takes in an RDB (DEBUG OBJECT's serializedlength). */
export function serializedLength(db: Database, ref: number): number {
  const writer = new RdbWriter({ compress: true, checksum: false, accessClock: 'none' });
  valueWriters[db.type(ref)]!.write(writer, db, ref);
  return writer.pending;
}
