/**
 * Replies as exact typed trees: what the server said, nothing lost.
 *
 * The client has a decoder of its own that goes straight from bytes to JavaScript values and forgets what a
 * caller does not need. This one forgets nothing: the three ways to say null, a simple string and a bulk
 * string, the text of a double, attributes and out-of-band pushes all stay apart. The CLI prints from it and
 * the differential tests compare with it, so precision counts here and speed only as far as it must: the work is
 * linear in the bytes received, however they are cut into pieces.
 *
 * How it stays safe against any peer: aggregates are kept on an explicit stack, so nesting costs no call
 * stack; nothing is allocated from a declared length, memory grows only with bytes that have arrived; every
 * length, depth and number is checked. "Not all here yet" (`undefined`) and "never valid" (a thrown
 * `ReplyFormatError`, the same one from then on) are different answers.
 *
 * RESP specification, "RESP protocol description". The streamed forms (`$?`, `*?`), which no server sends,
 * count as invalid.
 */
import { allocate, type Bytes, copy, EMPTY, latin1, slice } from './bytes.js';

export type ReplyBody =
  | { readonly type: 'simple'; readonly value: Bytes }
  /** `bulk` tells RESP3's length-prefixed error (`!`) from the error line (`-`). */
  | { readonly type: 'error'; readonly value: Bytes; readonly bulk: boolean }
  | { readonly type: 'integer'; readonly value: bigint }
  | { readonly type: 'bulk'; readonly value: Bytes }
  /** `$-1` and `*-1` in RESP2, `_` in RESP3. */
  | { readonly type: 'null'; readonly form: 'bulk' | 'array' | 'resp3' }
  /** `text` is the number as it was sent. */
  | { readonly type: 'double'; readonly value: number; readonly text: string }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'big-number'; readonly value: bigint }
  /** `format` is the three characters before the colon, such as `txt` or `mkd`. */
  | { readonly type: 'verbatim'; readonly format: string; readonly value: Bytes }
  | { readonly type: 'array' | 'set' | 'push'; readonly items: readonly Reply[] }
  | { readonly type: 'map'; readonly entries: readonly ReplyEntry[] };

export type ReplyEntry = readonly [key: Reply, value: Reply];

/** One reply; `attributes` holds what a RESP3 attribute in front of it said. */
export type Reply = ReplyBody & { readonly attributes?: readonly ReplyEntry[] };

/** The bytes can never become a valid reply. */
export class ReplyFormatError extends Error {
  override name = 'ReplyFormatError';
}

export interface ReplyLimits {
  /** Longest bulk string, bulk error or verbatim string, in bytes. */
  readonly bulkLength: number;
  /** Longest line (simple strings, errors, numbers, headers), in bytes without its CRLF. */
  readonly lineLength: number;
  /** Most elements of one aggregate (entries, for a map). */
  readonly elements: number;
  /** Deepest nesting of aggregates. */
  readonly depth: number;
}

const DEFAULT_LIMITS: ReplyLimits = {
  bulkLength: 2 ** 30,
  lineLength: 2 ** 20,
  elements: 2 ** 32 - 1,
  depth: 1000,
};

/** An emptied buffer above this size, in bytes, is let go instead of kept for the next reply. */
const KEPT_CAPACITY = 2 ** 20;
const FIRST_CAPACITY = 2 ** 12;

const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;

const CANONICAL_INTEGER = /^(?:0|-?[1-9][0-9]*)$/;
const FINITE_DOUBLE = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

type AggregateType = 'array' | 'set' | 'push' | 'map' | 'attributes';

/** An aggregate whose elements are still arriving. */
interface OpenAggregate {
  readonly type: AggregateType;
  /** Replies still missing before it is whole. */
  missing: number;
  readonly items: Reply[];
  readonly attributes: readonly ReplyEntry[] | undefined;
}

/** A line of the buffer: its text without type byte and CRLF, and where the bytes behind it begin. */
interface Line {
  readonly start: number;
  readonly end: number;
  readonly next: number;
}

/**
 * Decodes one connection's replies. Give it bytes as they come with `append`, then take replies with `next`
 * until that answers `undefined`. Replies own their bytes.
 */
export class ReplyDecoder {
  private readonly limits: ReplyLimits;
  private bytes: Bytes = EMPTY;
  private start = 0;
  private end = 0;
  /** No CR lies in [#start, #scanned): a line that arrives bit by bit is searched only once. */
  private scanned = 0;
  private readonly open: OpenAggregate[] = [];
  /** Attributes that belong to the next reply to begin. */
  private attributes: readonly ReplyEntry[] | undefined;
  private failure: ReplyFormatError | undefined;

  constructor(limits: Partial<ReplyLimits> = {}) {
    this.limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /** Bytes received and not yet part of a reply or of an aggregate in progress. */
  get buffered(): number {
    return this.end - this.start;
  }

  /** Whether the decoder stands between two replies. */
  get idle(): boolean {
    return this.buffered === 0 && this.open.length === 0 && this.attributes === undefined;
  }

  /** Takes the bytes behind the last whole reply out, for a stream that stops being RESP (an RDB transfer). */
  takeRest(): Bytes {
    const rest = slice(this.bytes, this.start, this.end);
    this.start = this.end;
    this.scanned = this.end;
    return rest;
  }

  /** Adds received bytes; they are copied. */
  append(bytes: Bytes): void {
    if (this.end + bytes.length > this.bytes.length) this.makeRoom(bytes.length);
    this.end = copy(this.bytes, this.end, bytes, 0, bytes.length);
  }

  /**
   * The next whole reply, or `undefined` when more bytes are needed.
   * @throws ReplyFormatError when the bytes are not RESP or break a limit; the connection is then of no use.
   */
  next(): Reply | undefined {
    if (this.failure) throw this.failure;
    for (;;) {
      const line = this.line();
      if (!line) return undefined;
      const body = this.item(line);
      if (body === 'incomplete') return undefined;
      if (body === 'opened') continue;
      const whole = this.deliver(withAttributes(body, this.takeAttributes()));
      if (whole) return whole;
    }
  }

  private makeRoom(length: number): void {
    const buffered = this.buffered;
    if (buffered + length <= this.bytes.length) {
      this.bytes.copyWithin(0, this.start, this.end);
    } else {
      const capacity = Math.max(FIRST_CAPACITY, 2 * this.bytes.length, buffered + length);
      const larger = allocate(buffered === 0 ? Math.max(FIRST_CAPACITY, length) : capacity);
      copy(larger, 0, this.bytes, this.start, this.end);
      this.bytes = larger;
    }
    this.scanned -= this.start;
    this.start = 0;
    this.end = buffered;
  }

  private consume(next: number): void {
    this.start = next;
    this.scanned = next;
    if (next === this.end && this.bytes.length > KEPT_CAPACITY) {
      this.bytes = EMPTY;
      this.start = this.end = this.scanned = 0;
    }
  }

  private fail(message: string): never {
    this.failure = new ReplyFormatError(`Protocol error, ${message}`);
    this.open.length = 0;
    throw this.failure;
  }

  /** The line that begins at the first unread byte, or `undefined` while its CRLF has not arrived. */
  private line(): Line | undefined {
    const start = this.start;
    const found = this.bytes.subarray(this.scanned, this.end).indexOf(CR);
    const end = found < 0 ? this.end : this.scanned + found;
    this.scanned = end;
    if (end - start - 1 > this.limits.lineLength) this.fail('line too long');
    if (end + 1 >= this.end) return undefined;
    if (this.bytes[end + 1] !== LF) this.fail('CR without LF in a line');
    return { start: start + 1, end, next: end + 2 };
  }

  /** Reads the item that begins with `line`: a whole scalar or empty aggregate, or the head of an aggregate. */
  private item(line: Line): ReplyBody | 'opened' | 'incomplete' {
    if (line.start > line.end) this.fail('a reply without a type');
    const type = String.fromCharCode(this.bytes[this.start]);
    switch (type) {
      case '$':
      case '!':
      case '=':
        return this.bulk(type, line);
      case '*':
        return this.aggregate('array', line);
      case '~':
        return this.aggregate('set', line);
      case '>':
        return this.aggregate('push', line);
      case '%':
        return this.aggregate('map', line);
      case '|':
        return this.aggregate('attributes', line);
      default: {
        const body = this.scalar(type, line);
        this.consume(line.next);
        return body;
      }
    }
  }

  private scalar(type: string, line: Line): ReplyBody {
    switch (type) {
      case '+':
        return { type: 'simple', value: this.simpleBytes(line) };
      case '-':
        return { type: 'error', value: this.simpleBytes(line), bulk: false };
    }
    const text = latin1(this.bytes, line.start, line.end);
    switch (type) {
      case ':':
        return { type: 'integer', value: this.integer(text) };
      case '_':
        if (text !== '') this.fail('null with a value');
        return { type: 'null', form: 'resp3' };
      case '#':
        if (text !== 't' && text !== 'f') this.fail('boolean that is neither t nor f');
        return { type: 'boolean', value: text === 't' };
      case ',':
        return { type: 'double', value: this.double(text), text };
      case '(':
        if (!/^[+-]?[0-9]+$/.test(text)) this.fail('big number that is not decimal');
        return { type: 'big-number', value: BigInt(text.replace(/^\+/, '')) };
      default:
        return this.fail(`got ${JSON.stringify(type)} as reply type byte`);
    }
  }

  private simpleBytes({ start, end }: Line): Bytes {
    const value = slice(this.bytes, start, end);
    if (value.includes(LF)) this.fail('LF in a simple string');
    return value;
  }

  private integer(text: string): bigint {
    const value = CANONICAL_INTEGER.test(text) && text.length <= 20 ? BigInt(text) : undefined;
    if (value === undefined || value < INT64_MIN || value > INT64_MAX)
      return this.fail('integer that is not 64-bit decimal');
    return value;
  }

  private double(text: string): number {
    if (text === 'inf') return Number.POSITIVE_INFINITY;
    if (text === '-inf') return Number.NEGATIVE_INFINITY;
    if (text === 'nan' || text === '-nan') return Number.NaN;
    if (!FINITE_DOUBLE.test(text)) return this.fail('double that is not a number');
    return Number(text);
  }

  /** A declared length, or -1 where RESP2 says null. */
  private length(line: Line, limit: number, nullable: boolean): number {
    const text = latin1(this.bytes, line.start, line.end);
    if (nullable && text === '-1') return -1;
    const length = /^(?:0|[1-9][0-9]{0,14})$/.test(text) ? Number(text) : -1;
    if (length < 0 || length > limit) return this.fail('length that is no number or out of range');
    return length;
  }

  private bulk(type: '$' | '!' | '=', line: Line): ReplyBody | 'incomplete' {
    const length = this.length(line, this.limits.bulkLength, type === '$');
    if (length < 0) {
      this.consume(line.next);
      return { type: 'null', form: 'bulk' };
    }
    const start = line.next;
    const end = start + length;
    // The header stays unread until the body is whole, so there is no state between the two.
    if (end + 2 > this.end) return 'incomplete';
    if (this.bytes[end] !== CR || this.bytes[end + 1] !== LF)
      this.fail('bulk string without CRLF at its end');
    if (type === '=' && (length < 4 || this.bytes[start + 3] !== COLON))
      this.fail('verbatim string without its format');
    const body: ReplyBody =
      type === '='
        ? {
            type: 'verbatim',
            format: latin1(this.bytes, start, start + 3),
            value: slice(this.bytes, start + 4, end),
          }
        : type === '!'
          ? { type: 'error', value: slice(this.bytes, start, end), bulk: true }
          : { type: 'bulk', value: slice(this.bytes, start, end) };
    this.consume(end + 2);
    return body;
  }

  private aggregate(type: AggregateType, line: Line): ReplyBody | 'opened' {
    const size = this.length(line, this.limits.elements, type === 'array');
    this.consume(line.next);
    if (size < 0) return { type: 'null', form: 'array' };
    if (size === 0) {
      if (type !== 'attributes') return aggregateBody(type, []);
      this.attributes ??= [];
      return 'opened';
    }
    if (this.open.length >= this.limits.depth) this.fail('nested too deeply');
    const missing = type === 'map' || type === 'attributes' ? 2 * size : size;
    this.open.push({ type, missing, items: [], attributes: this.takeAttributes() });
    return 'opened';
  }

  /** Puts a whole item where it belongs; answers it, or the aggregate that it completed, when at the top. */
  private deliver(reply: Reply): Reply | undefined {
    for (let parent = this.open.at(-1); parent; parent = this.open.at(-1)) {
      parent.items.push(reply);
      if (--parent.missing > 0) return undefined;
      this.open.pop();
      if (parent.type === 'attributes') {
        this.attributes = [...(parent.attributes ?? []), ...pairs(parent.items)];
        return undefined;
      }
      reply = withAttributes(aggregateBody(parent.type, parent.items), parent.attributes);
    }
    return reply;
  }

  private takeAttributes(): readonly ReplyEntry[] | undefined {
    const attributes = this.attributes;
    this.attributes = undefined;
    return attributes;
  }
}

function aggregateBody(type: Exclude<AggregateType, 'attributes'>, items: readonly Reply[]): ReplyBody {
  return type === 'map' ? { type, entries: pairs(items) } : { type, items };
}

function pairs(items: readonly Reply[]): ReplyEntry[] {
  const entries: ReplyEntry[] = [];
  for (let i = 0; i < items.length; i += 2) entries.push([items[i], items[i + 1]]);
  return entries;
}

function withAttributes(body: ReplyBody, attributes: readonly ReplyEntry[] | undefined): Reply {
  return attributes ? { ...body, attributes } : body;
}
