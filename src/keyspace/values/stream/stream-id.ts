/**
 * IDs of stream entries: a time in milliseconds and a sequence number, 64 bits each, unsigned.
 *
 * JavaScript's numbers are exact up to 2^53 and its bigints make garbage, so an ID is four numbers of 32 bits. Comparing,
 * counting up and down, and adding what a node of a stream says an ID lies behind another cost a few additions; text of
 * up to 15 digits is read and written without a bigint.
 *
 * An ID is a variable: commands keep a few of them and fill them again and again.
 */
import { type Bytes, copy, fromLatin1, latin1, withView, writeLatin1 } from '../../../protocol/bytes.js';
import { integerIn, writeInteger } from '../../../protocol/integers.js';

const WORD = 2 ** 32;
const WORD_MAX = WORD - 1;
/** Upper words from here on make a number that isn't safe. */
const SAFE_HIGH = 2 ** 21;
const UINT64_MAX = 2n ** 64n - 1n;
const MINUS = 0x2d;
const STAR = 0x2a;

/** Longest text of an ID. */
export const ID_TEXT_BYTES = 41;
/** Bytes of an ID in an RDB: big endian, so that their order is that of the IDs. */
export const ID_BYTES = 16;
/** Longest text that is looked at. */
const LONGEST_TEXT = 127;

/** What a text is: no ID, one with or without a sequence number, or one that asks for the next number (`5-*`). */
export type IdForm = 'invalid' | 'whole' | 'milliseconds' | 'next';

/** The time written last, and its text: of IDs that follow each other most have the same. */
let writtenHigh = 0;
let writtenLow = 0;
const written = withView(fromLatin1('0'.padEnd(ID_TEXT_BYTES)));
let writtenLength = 1;

export class StreamId {
  msHigh = 0;
  msLow = 0;
  seqHigh = 0;
  seqLow = 0;

  set(msHigh: number, msLow: number, seqHigh: number, seqLow: number): this {
    this.msHigh = msHigh;
    this.msLow = msLow;
    this.seqHigh = seqHigh;
    this.seqLow = seqLow;
    return this;
  }

  copy(other: StreamId): this {
    return this.set(other.msHigh, other.msLow, other.seqHigh, other.seqLow);
  }

  clone(): StreamId {
    return new StreamId().copy(this);
  }

  /** 0-0, below every entry. */
  setZero(): this {
    return this.set(0, 0, 0, 0);
  }

  /** The greatest there is. */
  setMax(): this {
    return this.set(WORD_MAX, WORD_MAX, WORD_MAX, WORD_MAX);
  }

  /** The first ID of a time, in milliseconds, a safe integer. */
  setTime(milliseconds: number): this {
    return this.set(Math.floor(milliseconds / WORD), milliseconds >>> 0, 0, 0);
  }

  get isZero(): boolean {
    return this.msLow === 0 && this.msHigh === 0 && this.seqLow === 0 && this.seqHigh === 0;
  }

  get isMax(): boolean {
    return this.lastOfTime && this.msLow === WORD_MAX && this.msHigh === WORD_MAX;
  }

  /** Whether no ID of the same time follows. */
  get lastOfTime(): boolean {
    return this.seqLow === WORD_MAX && this.seqHigh === WORD_MAX;
  }

  /** Whether the two have the same time. */
  sameTime(other: StreamId): boolean {
    return this.msLow === other.msLow && this.msHigh === other.msHigh;
  }

  /** Negative, 0 or positive, as this comes before, is, or comes behind the other. */
  compare(other: StreamId): number {
    return (
      this.msHigh - other.msHigh ||
      this.msLow - other.msLow ||
      this.seqHigh - other.seqHigh ||
      this.seqLow - other.seqLow
    );
  }

  /** Goes to the next ID; answers false when there is none: it is 0-0 then. */
  increment(): boolean {
    if (this.seqLow < WORD_MAX) {
      this.seqLow++;
      return true;
    }
    this.seqLow = 0;
    if (this.seqHigh < WORD_MAX) {
      this.seqHigh++;
      return true;
    }
    this.seqHigh = 0;
    if (this.msLow < WORD_MAX) {
      this.msLow++;
      return true;
    }
    this.msLow = 0;
    this.msHigh = this.msHigh < WORD_MAX ? this.msHigh + 1 : 0;
    return this.msHigh > 0;
  }

  /** Goes to the ID before; answers false when there is none: it is the greatest then. */
  decrement(): boolean {
    const first = this.isZero;
    if (--this.seqLow >= 0) return true;
    this.seqLow = WORD_MAX;
    if (--this.seqHigh >= 0) return true;
    this.seqHigh = WORD_MAX;
    if (--this.msLow >= 0) return true;
    this.msLow = WORD_MAX;
    if (--this.msHigh < 0) this.msHigh = WORD_MAX;
    return !first;
  }

  // 64 bits at a time

  get ms(): bigint {
    return join(this.msHigh, this.msLow);
  }

  set ms(value: bigint) {
    this.msHigh = upper(value);
    this.msLow = lower(value);
  }

  get seq(): bigint {
    return join(this.seqHigh, this.seqLow);
  }

  set seq(value: bigint) {
    this.seqHigh = upper(value);
    this.seqLow = lower(value);
  }

  /** How far the time lies behind the other's, modulo 2^64 and signed; NaN when that is beyond 2^53. */
  msSince(other: StreamId): number {
    return difference(this.msHigh, this.msLow, other.msHigh, other.msLow);
  }

  seqSince(other: StreamId): number {
    return difference(this.seqHigh, this.seqLow, other.seqHigh, other.seqLow);
  }

  /** Adds safe integers to the time and the sequence number, modulo 2^64. */
  add(ms: number, seq: number): void {
    const low = this.msLow + ms;
    const lowSeq = this.seqLow + seq;
    this.msLow = low >>> 0;
    this.seqLow = lowSeq >>> 0;
    if (low !== this.msLow) this.msHigh = (this.msHigh + Math.floor(low / WORD)) >>> 0;
    if (lowSeq !== this.seqLow) this.seqHigh = (this.seqHigh + Math.floor(lowSeq / WORD)) >>> 0;
  }

  // As text

  /**
   * Takes the ID from bytes[start, end): `MS-SEQ`, or `MS` alone, whose sequence number is then `missing` in both
   * words (0, or 2^32 - 1 for the greatest). Numbers are as liberal as strtoull's.
   */
  parse(bytes: Bytes, start: number, end: number, missing = 0): IdForm {
    if (end - start > LONGEST_TEXT) return 'invalid';
    let dash = -1;
    let at = start;
    for (; at < end && bytes[at] !== 0; at++) if (dash < 0 && bytes[at] === MINUS) dash = at;
    end = at; // as C sees it
    if (!this.parseTime(bytes, start, dash < 0 ? end : dash)) return 'invalid';
    if (dash < 0) {
      this.seqHigh = this.seqLow = missing;
      return 'milliseconds';
    }
    if (dash + 2 === end && bytes[dash + 1] === STAR) {
      this.seqHigh = this.seqLow = 0;
      return 'next';
    }
    return this.parseSequence(bytes, dash + 1, end) ? 'whole' : 'invalid';
  }

  private parseTime(bytes: Bytes, start: number, end: number): boolean {
    const n = integerIn(bytes, start, end);
    if (n >= 0) {
      this.msHigh = Math.floor(n / WORD);
      this.msLow = n >>> 0;
      return true;
    }
    const exact = unsigned(bytes, start, end);
    if (exact !== undefined) this.ms = exact;
    return exact !== undefined;
  }

  private parseSequence(bytes: Bytes, start: number, end: number): boolean {
    const n = integerIn(bytes, start, end);
    if (n >= 0) {
      this.seqHigh = Math.floor(n / WORD);
      this.seqLow = n >>> 0;
      return true;
    }
    const exact = unsigned(bytes, start, end);
    if (exact !== undefined) this.seq = exact;
    return exact !== undefined;
  }

  /** Writes the ID as text at `offset`, with `separator` between its numbers; answers the offset behind it. */
  write(target: Bytes, offset: number, separator = MINUS): number {
    const { msHigh, msLow } = this;
    if (msLow !== writtenLow || msHigh !== writtenHigh) {
      writtenLength = writeUnsigned(written, 0, msHigh, msLow);
      writtenHigh = msHigh;
      writtenLow = msLow;
    }
    const at = copy(target, offset, written, 0, writtenLength);
    target[at] = separator;
    return writeUnsigned(target, at + 1, this.seqHigh, this.seqLow);
  }

  toString(): string {
    return `${this.ms}-${this.seq}`;
  }

  // In an RDB

  writeBytes(target: Bytes, offset: number): void {
    writeWord(target, offset, this.msHigh);
    writeWord(target, offset + 4, this.msLow);
    writeWord(target, offset + 8, this.seqHigh);
    writeWord(target, offset + 12, this.seqLow);
  }

  readBytes(bytes: Bytes, offset: number): this {
    return this.set(
      wordAt(bytes, offset),
      wordAt(bytes, offset + 4),
      wordAt(bytes, offset + 8),
      wordAt(bytes, offset + 12),
    );
  }
}

function join(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}

function upper(value: bigint): number {
  return Number((value >> 32n) & 0xffffffffn);
}

function lower(value: bigint): number {
  return Number(value & 0xffffffffn);
}

function difference(high: number, low: number, otherHigh: number, otherLow: number): number {
  // Signed, modulo 2^64: the borrow first, then the upper words modulo 2^32.
  const lowDifference = low - otherLow;
  const highDifference = (high - otherHigh + (lowDifference < 0 ? -1 : 0)) | 0;
  const value = highDifference * WORD + (lowDifference >>> 0);
  return Number.isSafeInteger(value) ? value : Number.NaN;
}

/** What C's strtoull makes of the text, after Redis has refused canonical negative numbers. */
function unsigned(bytes: Bytes, start: number, end: number): bigint | undefined {
  const text = latin1(bytes, start, end);
  if (/^-[1-9]\d{0,18}$/.test(text) && BigInt(text) >= -(2n ** 63n)) return undefined;
  const parts = /^[ \t\n\v\f\r]*([+-]?)(\d+)$/.exec(text);
  if (parts === null) return undefined;
  const value = BigInt(parts[2]);
  if (value > UINT64_MAX) return undefined;
  return parts[1] === '-' ? BigInt.asUintN(64, -value) : value;
}

function writeUnsigned(target: Bytes, offset: number, high: number, low: number): number {
  if (high < SAFE_HIGH) return writeInteger(target, offset, high * WORD + low);
  return offset + writeLatin1(target, String(join(high, low)), offset);
}

function writeWord(target: Bytes, at: number, word: number): void {
  target[at] = word >>> 24;
  target[at + 1] = word >>> 16;
  target[at + 2] = word >>> 8;
  target[at + 3] = word;
}

function wordAt(bytes: Bytes, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}
