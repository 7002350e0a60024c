/**
 * Replies as bytes, RESP2 or RESP3, into one growing buffer that is used again and again.
 *
 * A node has one writer for all of its sessions: replies to a pipeline are written one behind the other and
 * leave in one write. Nothing here makes an object per reply. Where RESP3 has a type of its own (null, map,
 * set, double, push …) the method writes its RESP2 form for RESP2 sessions, so that commands say what they
 * mean once.
 */
import {
  allocate,
  type Bytes,
  copy,
  fromLatin1,
  slice,
  utf8Length,
  viewOf,
  withView,
  writeLatin1,
  writeUtf8,
} from './bytes.js';
import { formatDouble } from './doubles.js';
import { digitCount, writeInteger } from './integers.js';

const FIRST_CAPACITY = 64 * 1024;

/** Room for a type byte, any integer and CR LF. */
const HEAD = 32;

const ZERO = 0x30;
const CR = 13;
const LF = 10;
/** Both, as a word of 16 bits. */
const CR_LF = (CR << 8) | LF;
const DOLLAR = 0x24;
const STAR = 0x2a;
const COLON = 0x3a;
const PERCENT = 0x25;
const TILDE = 0x7e;
const GREATER = 0x3e;
const COMMA = 0x2c;

const OK = withView(fromLatin1('+OK\r\n'));
const NULL_BULK = withView(fromLatin1('$-1\r\n'));
const NULL_ARRAY = withView(fromLatin1('*-1\r\n'));
const NULL = withView(fromLatin1('_\r\n'));
const TRUE = fromLatin1('#t\r\n');
const FALSE = fromLatin1('#f\r\n');

export class ReplyWriter {
  /** Replies are in buffer[0, length). Replaced when it has to grow. */
  buffer!: Bytes;
  /** The buffer's view: see `viewOf`. */
  private view!: DataView;
  length = 0;
  /** Protocol of the session whose replies are being written. */
  resp: 2 | 3 = 2;
  /** Error replies written so far, and the last. */
  errors = 0;
  lastError = '';

  constructor() {
    this.replaceBuffer(FIRST_CAPACITY);
  }

  /** Makes room for `size` more bytes. */
  reserve(size: number): void {
    const needed = this.length + size;
    if (needed <= this.buffer.length) return;
    const { buffer } = this;
    this.replaceBuffer(Math.max(needed, buffer.length * 2));
    copy(this.buffer, 0, buffer, 0, this.length);
  }

  /** Gives back a buffer that one huge reply made grow. */
  shrink(): void {
    if (this.length === 0 && this.buffer.length > 16 * FIRST_CAPACITY) this.replaceBuffer(FIRST_CAPACITY);
  }

  /** Someone still reads the buffer: goes on in another one, with what is in this one from `start` on. */
  abandonBuffer(start: number): void {
    const { buffer } = this;
    this.replaceBuffer(start < this.length ? buffer.length : FIRST_CAPACITY);
    copy(this.buffer, start, buffer, start, this.length);
  }

  private replaceBuffer(size: number): void {
    this.buffer = withView(allocate(size));
    this.view = viewOf(this.buffer);
  }

  /** Bytes that are RESP already. */
  raw(bytes: Bytes, start = 0, end = bytes.length): void {
    this.reserve(end - start);
    this.length = copy(this.buffer, this.length, bytes, start, end);
  }

  ok(): void {
    this.raw(OK);
  }

  /** A simple string; like an error's, its text has one byte per character. */
  status(text: string): void {
    this.line('+', text);
  }

  /**
   * An error; the text begins with its code, as in `ERR syntax error`. One byte per
   * character, so that errors can quote arguments. Line ends become blanks.
   */
  error(text: string): void {
    this.errors++;
    this.lastError = /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, ' ') : text;
    this.line('-', this.lastError);
  }

  /** The first word of the last error. */
  get errorCode(): string {
    const space = this.lastError.indexOf(' ');
    return space < 0 ? this.lastError : this.lastError.slice(0, space);
  }

  private line(type: string, text: string): void {
    this.reserve(text.length + HEAD);
    this.buffer[this.length++] = type.charCodeAt(0);
    this.length += writeLatin1(this.buffer, text, this.length);
    this.crlf();
  }

  /** A safe integer. */
  integer(n: number): void {
    this.head(COLON, n);
  }

  bigint(n: bigint): void {
    this.line(':', n.toString());
  }

  /** A bulk string: bytes[start, end). */
  bulk(bytes: Bytes, start = 0, end = bytes.length): void {
    const size = end - start;
    this.reserve(size + HEAD);
    const { buffer } = this;
    let at = this.length;
    buffer[at++] = DOLLAR;
    at = writeInteger(buffer, at, size);
    buffer[at++] = CR;
    buffer[at++] = LF;
    at = copy(buffer, at, bytes, start, end);
    buffer[at++] = CR;
    buffer[at++] = LF;
    this.length = at;
  }

  /** As `bulk`, for fewer than 100 bytes from a source that is read as words: see `viewOf`. */
  shortBulk(source: DataView, start: number, length: number): void {
    this.reserve(length + HEAD);
    const { buffer, view } = this;
    let at = this.length;
    buffer[at++] = DOLLAR;
    if (length >= 10) buffer[at++] = ZERO + ((length / 10) | 0);
    buffer[at++] = ZERO + (length % 10);
    view.setUint16(at, CR_LF);
    at += 2;
    const end = start + length;
    if (length >= 4) {
      const last = end - 4;
      for (; start < last; start += 4, at += 4) view.setInt32(at, source.getInt32(start, true), true);
      at += last - start; // no farther than to the last word, which may overlap the one before
      view.setInt32(at, source.getInt32(last, true), true);
      at += 4;
    } else while (start < end) buffer[at++] = source.getUint8(start++);
    view.setUint16(at, CR_LF);
    this.length = at + 2;
  }

  /** A bulk string from text, as UTF-8. */
  text(text: string): void {
    const size = utf8Length(text);
    this.head(DOLLAR, size);
    this.reserve(size + 2);
    this.length += writeUtf8(this.buffer, text, this.length);
    this.crlf();
  }

  /** A bulk string from text with one byte per character. */
  latin1(text: string): void {
    this.head(DOLLAR, text.length);
    this.reserve(text.length + 2);
    this.length += writeLatin1(this.buffer, text, this.length);
    this.crlf();
  }

  /** A safe integer as a bulk string. */
  integerText(n: number): void {
    this.reserve(2 * HEAD);
    const { buffer } = this;
    let at = this.length;
    buffer[at++] = DOLLAR;
    at = writeInteger(buffer, at, n < 0 ? digitCount(-n) + 1 : digitCount(n));
    buffer[at++] = CR;
    buffer[at++] = LF;
    at = writeInteger(buffer, at, n);
    buffer[at++] = CR;
    buffer[at++] = LF;
    this.length = at;
  }

  /** No value: a null bulk string in RESP2. */
  nil(): void {
    this.raw(this.resp === 2 ? NULL_BULK : NULL);
  }

  /** No value where a list would be: a null array in RESP2. */
  nilArray(): void {
    this.raw(this.resp === 2 ? NULL_ARRAY : NULL);
  }

  /** Begins an array of `count` elements. */
  array(count: number): void {
    this.head(STAR, count);
  }

  /** Begins a map of `count` pairs; in RESP2 an array of twice as many elements. */
  map(count: number): void {
    if (this.resp === 2) this.head(STAR, count * 2);
    else this.head(PERCENT, count);
  }

  /** Begins a set of `count` elements; an array in RESP2. */
  set(count: number): void {
    this.head(this.resp === 2 ? STAR : TILDE, count);
  }

  /** Begins an out-of-band message of `count` elements; an array in RESP2. */
  push(count: number): void {
    this.head(this.resp === 2 ? STAR : GREATER, count);
  }

  /** A truth value; 1 or 0 in RESP2. */
  boolean(value: boolean): void {
    if (this.resp === 2) this.integer(value ? 1 : 0);
    else this.raw(value ? TRUE : FALSE);
  }

  /** A floating-point number in Redis's formatting; a bulk string in RESP2. */
  double(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) this.doubleText(formatDouble(value));
    else if (this.resp === 2) this.integerText(value);
    else this.head(COMMA, value);
  }

  /** A floating-point number in a formatting of its own; a bulk string in RESP2. */
  doubleText(text: string): void {
    if (this.resp === 2) this.latin1(text);
    else this.line(',', text);
  }

  /** Text for people, with a three-letter format such as `txt`; a bulk string in RESP2. */
  verbatim(format: string, text: string): void {
    if (this.resp === 2) {
      this.text(text);
      return;
    }
    const size = utf8Length(text) + 4;
    this.reserve(size + HEAD);
    this.length += writeLatin1(this.buffer, `=${size}\r\n${format}:`, this.length);
    this.length += writeUtf8(this.buffer, text, this.length);
    this.crlf();
  }

  /** As `verbatim`, from text with one byte per character. */
  verbatimLatin1(format: string, text: string): void {
    if (this.resp === 2) this.latin1(text);
    else this.line('=', `${text.length + 4}\r\n${format}:${text}`);
  }

  /** A number of any size, in decimal; a bulk string in RESP2. */
  bigNumber(digits: string): void {
    if (this.resp === 2) this.latin1(digits);
    else this.line('(', digits);
  }

  /** An array of bulk strings. */
  texts(texts: readonly string[]): void {
    this.array(texts.length);
    for (const text of texts) this.text(text);
  }

  /**
   * Begins an aggregate whose number of elements isn't known yet. `type` is `array`, `map` or `set`; give the
   * mark and the number to `close`.
   */
  open(): number {
    const mark = this.length;
    this.reserve(HEAD);
    this.length += HEAD;
    return mark;
  }

  /** Ends what `open` began: writes the head and closes the gap behind it. */
  close(mark: number, type: 'array' | 'map' | 'set', count: number): void {
    const end = this.length;
    this.length = mark;
    this[type](count);
    this.buffer.copyWithin(this.length, mark + HEAD, end);
    this.length += end - mark - HEAD;
  }

  /** Takes back everything from `mark` on, as bytes of their own. */
  takeFrom(mark: number): Bytes {
    const taken = slice(this.buffer, mark, this.length);
    this.length = mark;
    return taken;
  }

  private head(type: number, n: number): void {
    this.reserve(HEAD);
    const { buffer } = this;
    let at = this.length;
    buffer[at++] = type;
    at = writeInteger(buffer, at, n);
    buffer[at++] = CR;
    buffer[at++] = LF;
    this.length = at;
  }

  private crlf(): void {
    this.buffer[this.length++] = CR;
    this.buffer[this.length++] = LF;
  }
}
