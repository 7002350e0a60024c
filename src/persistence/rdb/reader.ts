/**
 * The RDB format, read from chunks of any size.
 *
 * Whatever isn't whole yet is read again from its beginning when more has come: methods of `RdbInput` throw
 * `INCOMPLETE`, one shared value, and the reader goes back to the last whole item. "Incomplete" and "invalid"
 * (`RdbError`) are different answers. Every length is compared with what has arrived, or with what the compressed
 * bytes could become, before anything is allocated. Long strings are not read again and again: the input remembers how
 * many bytes it waits for.
 *
 * What is read goes to a handler, item by item; values are left to it, since it knows the types.
 */
import { allocate, type Bytes, carve, copy, EMPTY, latin1, slice } from '../../protocol/bytes.js';
import { writeInteger } from '../../protocol/integers.js';
import { Crc64 } from './crc64.js';
import {
  CHECKSUM_BYTES,
  ChecksumError,
  ENCODED,
  ENCODED_INT8,
  ENCODED_INT16,
  ENCODED_INT32,
  ENCODED_LZF,
  LENGTH_32_BITS,
  LENGTH_64_BITS,
  OP_AUX,
  OP_EOF,
  OP_EXPIRE_TIME,
  OP_EXPIRE_TIME_MS,
  OP_FREQ,
  OP_FUNCTION,
  OP_IDLE,
  OP_MODULE_AUX,
  OP_RESIZE_DB,
  OP_SELECT_DB,
  RDB_FIRST_CHECKED_VERSION,
  RDB_NEWEST_VERSION,
  RDB_OLDEST_VERSION,
  RdbError,
} from './format.js';
import { lzfDecompress, lzfMaxExpansion } from './lzf.js';

/** Thrown when the bytes so far end within an item. */
export const INCOMPLETE = new Error('incomplete');

/** A string that was read: bytes[start, end), valid until the next chunk. */
export interface RdbText {
  bytes: Bytes;
  start: number;
  end: number;
}

/** The bytes at hand, read from front to back. */
export class RdbInput {
  bytes: Bytes = EMPTY;
  position = 0;
  end = 0;
  /** Bytes that must be there from `position` on for the next attempt to get further. */
  wanted = 0;
  /** Where the item begins that is being read, and how many of its elements `demand` has seen in how many bytes. */
  private itemStart = 0;
  private passed = 0;
  private passedBytes = 0;

  byte(): number {
    if (this.position >= this.end) throw INCOMPLETE;
    return this.bytes[this.position++];
  }

  /** Passes over `size` bytes; answers where they begin. */
  skip(size: number): number {
    const start = this.position;
    if (size > this.end - start) {
      this.wanted = Math.max(this.wanted, start + size);
      throw INCOMPLETE;
    }
    this.position += size;
    return start;
  }

  /** A length or count. */
  size(): number {
    const first = this.byte();
    if (first >= ENCODED)
      throw new RdbError(`a length was expected, but there is an encoded string (${first})`);
    return this.sizeFrom(first);
  }

  /** A number of 64 bits in the form of a length. */
  size64(): bigint {
    const first = this.bytes[this.position];
    if (this.position >= this.end || first !== LENGTH_64_BITS) return BigInt(this.size());
    this.position++;
    const high = this.big32();
    return (BigInt(high) << 32n) | BigInt(this.big32());
  }

  /** The next string. */
  string(into: RdbText): void {
    const first = this.byte();
    if (first >= ENCODED) {
      this.encoded(first & 63, into);
      return;
    }
    const size = this.sizeFrom(first);
    const start = this.skip(size);
    into.bytes = this.bytes;
    into.start = start;
    into.end = start + size;
  }

  /**
   * Makes sure that `count` elements, each of which `pass` reads, have arrived in full, and leaves the position before
   * them: a collection is only built when all of it is there. None is passed over twice, however small the chunks
   * are in which they come.
   */
  demand(count: number, pass: () => void): void {
    const first = this.position;
    if (this.passed > 0) this.position = this.itemStart + this.passedBytes;
    while (this.passed < count) {
      pass();
      this.passed++;
      this.passedBytes = this.position - this.itemStart;
    }
    this.position = first;
  }

  /**
   * As `demand`, for elements whose number is only seen on the way: `pass` reads one and answers whether there are
   * more. It is told when it is the item's first, and must not note anything of an element before all of it is read.
   */
  demandWhile(pass: (isFirst: boolean) => boolean): void {
    const first = this.position;
    if (this.passed > 0) this.position = this.itemStart + this.passedBytes;
    for (let more = true; more; ) {
      more = pass(this.passed === 0);
      this.passed++;
      this.passedBytes = this.position - this.itemStart;
    }
    this.position = first;
  }

  /** An item begins at the position; `again`: the same one as before, of which more has arrived. */
  beginItem(again = false): void {
    this.itemStart = this.position;
    if (!again) this.passed = 0;
  }

  /** An integer of `size` bytes, little endian; exact up to 2^53. */
  unsigned(size: number): number {
    const start = this.skip(size);
    let n = 0;
    for (let i = size - 1; i >= 0; i--) n = n * 256 + this.bytes[start + i];
    return n;
  }

  signed(size: number): number {
    if (size < 8) {
      const n = this.unsigned(size);
      return n < 2 ** (size * 8 - 1) ? n : n - 2 ** (size * 8);
    }
    this.position = this.skip(8); // all of it is there, or nothing has been read
    const low = this.unsigned(4);
    return this.signed(4) * 2 ** 32 + low;
  }

  private sizeFrom(first: number): number {
    const kind = first & ENCODED;
    if (kind === 0) return first;
    if (kind !== LENGTH_32_BITS) return ((first & 63) << 8) | this.byte();
    if (first === LENGTH_32_BITS) return this.big32();
    if (first !== LENGTH_64_BITS) throw new RdbError(`Unknown length encoding ${first} in rdbLoadLen()`);
    const high = this.big32();
    const size = high * 2 ** 32 + this.big32();
    if (high >= 2 ** 21) throw new RdbError(`the length ${size} is too large`);
    return size;
  }

  private big32(): number {
    const { bytes } = this;
    const at = this.skip(4);
    return bytes[at] * 2 ** 24 + ((bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]);
  }

  private encoded(encoding: number, into: RdbText): void {
    switch (encoding) {
      case ENCODED_INT8:
      case ENCODED_INT16:
      case ENCODED_INT32:
        into.bytes = carve(17);
        into.start = 0;
        into.end = writeInteger(into.bytes, 0, this.signed(1 << encoding));
        break;
      case ENCODED_LZF: {
        const packed = this.size();
        const length = this.size();
        const start = this.skip(packed);
        if (length > lzfMaxExpansion(packed)) throw new RdbError('Invalid LZF compressed string');
        into.bytes = carve(length);
        into.start = 0;
        into.end = length;
        if (!lzfDecompress(this.bytes, start, start + packed, into.bytes)) {
          throw new RdbError('Invalid LZF compressed string');
        }
        break;
      }
      default:
        throw new RdbError(`Unknown RDB string encoding type ${encoding}`);
    }
  }
}

/** What stands before a key. */
export interface KeyAttributes {
  /** Milliseconds since 1970, -1 for none. */
  expiry: number;
  /** Seconds since the last access, -1 when not given. */
  idle: number;
  /** Logarithmic access counter, -1 when not given. */
  frequency: number;
}

/** What the reader is at, in the words of redis-check-rdb. */
export type RdbStep =
  | 'start'
  | 'read-type'
  | 'read-expire'
  | 'read-key'
  | 'read-object-value'
  | 'check-sum'
  | 'read-len'
  | 'read-aux'
  | 'read-module-aux'
  | 'read-functions';

/** Gets what is read. Throws `RdbError` to refuse. */
export interface RdbHandler {
  version?(version: number): void;
  /** A key of this type begins. */
  type?(type: number): void;
  /** The file is over, and its checksum is right, or was left out when it was written. */
  checksum?(outcome: 'right' | 'left out'): void;
  aux(name: string, value: string): void;
  selectDatabase(index: number): void;
  /** A function library's source. */
  library(code: Bytes): void;
  /** A key; reads its value from the input, as `type` says. Nothing may be kept before it is whole. */
  key(type: number, name: RdbText, attributes: KeyAttributes, input: RdbInput): void;
}

type State = 'header' | 'body' | 'checksum' | 'done';

export class RdbReader {
  /** Bytes read so far, the unfinished item's not included. */
  offset = 0;
  /** What is being read; `type` of the value when it is a key. For messages about what is wrong. */
  step: RdbStep = 'start';
  type = -1;
  private state: State = 'header';
  private version = 0;
  /** Where in the file the input's bytes begin. */
  private base = 0;
  /** The item at hand wasn't whole when it was last looked at. */
  private unfinished = false;
  private readonly input = new RdbInput();
  private readonly crc = new Crc64();
  /** Bytes kept for an unfinished item are in kept[0, keptLength). */
  private kept: Bytes = EMPTY;
  private keptLength = 0;
  private readonly name: RdbText = { bytes: EMPTY, start: 0, end: 0 };
  private readonly value: RdbText = { bytes: EMPTY, start: 0, end: 0 };
  private readonly attributes: KeyAttributes = { expiry: -1, idle: -1, frequency: -1 };

  /** @param checkSum whether to compare the checksum at the end (`rdbchecksum`) */
  constructor(
    private readonly handler: RdbHandler,
    private readonly checkSum = true,
  ) {}

  /** Whether the whole file has been read. */
  get done(): boolean {
    return this.state === 'done';
  }

  /** Bytes of the file read so far, those of an unfinished item included. */
  get position(): number {
    return this.base + this.input.position;
  }

  /**
   * Takes bytes[start, end); answers how many of them belong to the file: fewer than given only when it is over.
   * Throws `RdbError` when the file is not sound.
   */
  feed(bytes: Bytes, start: number, end: number): number {
    const { input } = this;
    if (this.keptLength === 0) {
      const whole = this.readItems(bytes, start, end);
      if (!this.done) this.keep(bytes, whole, end);
      return this.done ? whole - start : end - start;
    }
    const before = this.keptLength;
    this.keep(bytes, start, end);
    if (this.keptLength < input.wanted) return end - start;
    const whole = this.readItems(this.kept, 0, this.keptLength);
    if (this.done) return whole - before;
    this.kept.copyWithin(0, whole, this.keptLength);
    this.keptLength -= whole;
    input.wanted = Math.max(0, input.wanted - whole);
    if (this.keptLength === 0) this.kept = EMPTY;
    return end - start;
  }

  private keep(bytes: Bytes, start: number, end: number): void {
    const needed = this.keptLength + end - start;
    if (this.keptLength === 0) this.input.wanted = Math.max(0, this.input.wanted - start);
    if (needed > this.kept.length) {
      const grown = allocate(Math.max(needed, this.kept.length * 2));
      copy(grown, 0, this.kept, 0, this.keptLength);
      this.kept = grown;
    }
    this.keptLength = copy(this.kept, this.keptLength, bytes, start, end);
  }

  /** Reads the whole items in bytes[start, end); answers where the last of them ends. */
  private readItems(bytes: Bytes, start: number, end: number): number {
    const { input } = this;
    input.bytes = bytes;
    input.position = start;
    input.end = end;
    input.wanted = 0;
    this.base = this.offset - start;
    let summed = start;
    let whole = start;
    try {
      while (this.state !== 'done') {
        if (this.state === 'checksum') {
          this.crc.update(input.bytes, summed, whole);
          summed = whole;
        }
        input.beginItem(this.unfinished);
        this.unfinished = false;
        this.readItem();
        whole = input.position;
      }
    } catch (error) {
      if (error !== INCOMPLETE) throw error;
      this.unfinished = true;
    }
    if (this.state !== 'done') this.crc.update(input.bytes, summed, whole);
    this.offset += whole - start;
    return whole;
  }

  private readItem(): void {
    if (this.state === 'header') {
      this.readHeader();
      this.state = 'body';
    } else if (this.state === 'checksum') {
      this.readChecksum();
      this.state = 'done';
    } else this.readOperation();
  }

  private readHeader(): void {
    const { input } = this;
    const start = input.skip(9);
    const text = latin1(input.bytes, start, start + 9);
    if (!text.startsWith('REDIS')) throw new RdbError('Wrong signature trying to load DB from file');
    const version = /^\d+$/.test(text.slice(5)) ? Number(text.slice(5)) : 0;
    if (version < RDB_OLDEST_VERSION || version > RDB_NEWEST_VERSION) {
      throw new RdbError(`Can't handle RDB format version ${version}`);
    }
    this.version = version;
    this.handler.version?.(version);
  }

  private readOperation(): void {
    const { input, handler, attributes, name, value } = this;
    this.step = 'read-type';
    const operation = input.byte();
    switch (operation) {
      case OP_EXPIRE_TIME_MS:
        this.step = 'read-expire';
        attributes.expiry = input.signed(8);
        break;
      case OP_EXPIRE_TIME:
        this.step = 'read-expire';
        attributes.expiry = input.signed(4) * 1000;
        break;
      case OP_FREQ:
        attributes.frequency = input.byte();
        break;
      case OP_IDLE:
        attributes.idle = input.size();
        break;
      case OP_SELECT_DB:
        this.step = 'read-len';
        handler.selectDatabase(input.size());
        break;
      case OP_RESIZE_DB:
        this.step = 'read-len'; // only a hint, and the dictionary grows step by step without it.
        input.size();
        input.size();
        break;
      case OP_AUX:
        this.step = 'read-aux';
        input.string(name);
        input.string(value);
        handler.aux(latin1(name.bytes, name.start, name.end), latin1(value.bytes, value.start, value.end));
        break;
      case OP_FUNCTION:
        this.step = 'read-functions';
        input.string(value);
        handler.library(slice(value.bytes, value.start, value.end));
        break;
      case OP_MODULE_AUX:
        this.step = 'read-module-aux';
        throw new RdbError("The RDB file contains AUX module data I can't load");
      case OP_EOF:
        this.state = 'checksum';
        break;
      default:
        handler.type?.(operation);
        this.type = operation;
        this.step = 'read-key';
        input.string(name);
        this.step = 'read-object-value';
        handler.key(operation, name, attributes, input);
        this.type = -1;
        attributes.expiry = attributes.idle = attributes.frequency = -1;
    }
  }

  private readChecksum(): void {
    const { input, crc } = this;
    if (this.version < RDB_FIRST_CHECKED_VERSION) return;
    this.step = 'check-sum';
    const at = input.skip(CHECKSUM_BYTES);
    if (!this.checkSum) return;
    const found = new Crc64();
    for (let i = 3; i >= 0; i--) {
      found.low = (found.low << 8) | input.bytes[at + i];
      found.high = (found.high << 8) | input.bytes[at + 4 + i];
    }
    const leftOut = found.low === 0 && found.high === 0;
    if (!leftOut && !crc.matches(input.bytes, at)) {
      throw new ChecksumError(`Wrong RDB checksum expected: (${crc}) but got (${found}). Aborting now.`);
    }
    this.handler.checksum?.(leftOut ? 'left out' : 'right');
  }
}
