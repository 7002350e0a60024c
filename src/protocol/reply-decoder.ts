/**
 * Server replies, RESP2 and RESP3, from bytes to JavaScript values (the client's side of the protocol).
 *
 * The decoder works on whatever pieces the network delivers. Its one unit of progress is the token: a header
 * line, or a bulk string with its header. A token that is not complete is kept back together with the number of
 * bytes it needs, so that a value of many megabytes is looked at again when all of it is there and not with every
 * piece. It takes from the next piece what it lacks and no more: the rest of the piece is decoded where it lies.
 * Aggregates under construction stay on an explicit stack, so nothing is ever decoded twice and nesting costs no
 * call stack.
 *
 * Shapes: bulk, simple and verbatim strings become `string` (bulk strings `Uint8Array` while `binary` is set),
 * integers `number` or, beyond 2^53, `bigint`, doubles `number`, big numbers `bigint`, both kinds of null
 * `null`, arrays `Array`, sets `Set`, maps `Map`, errors `ReplyError` (as a value, also inside an array, as EXEC
 * needs). Attributes are dropped. Pushes go to the sink's own method.
 */
import { allocate, type Bytes, copy, EMPTY, latin1, slice, utf8 } from './bytes.js';

/** Whatever a server can answer. */
export type Reply =
  | string
  | number
  | bigint
  | boolean
  | null
  | Bytes
  | ReplyError
  | Reply[]
  | Set<Reply>
  | Map<Reply, Reply>;

/** Where decoded replies go, one call for each, in order. */
export interface ReplySink {
  reply(value: Reply): void;
  /** An out-of-band RESP3 push, such as `['invalidate', ['key']]`. */
  push(items: Reply[]): void;
}

/** An error answered by the server: `message` in the server's words, `code` its first word, such as `MOVED`. */
export class ReplyError extends Error {
  override readonly name: string = 'ReplyError';
  readonly code: string;
  /** What it was the answer to, where a client knows it: the server's address, the command, its slot, how often it was sent. */
  address?: string;
  command?: string;
  slot?: number;
  attempts?: number;

  constructor(message: string) {
    super(message);
    const space = message.indexOf(' ');
    this.code = space < 0 ? message : message.slice(0, space);
  }
}

/** The bytes are not RESP; the connection they came from cannot be used any more. */
export class ReplyFormatError extends Error {
  override readonly name: string = 'ReplyFormatError';
}

/** An aggregate whose elements have not all arrived. */
interface OpenAggregate {
  readonly type: number;
  readonly items: Reply[];
  readonly size: number;
}

const CR = 0x0d;
const LF = 0x0a;
const MINUS = 0x2d;
const BULK = 0x24; // $
const SIMPLE = 0x2b; // +
const ERROR = 0x2d; // -
const INTEGER = 0x3a; // :
const ARRAY = 0x2a; // *
const NULL = 0x5f; // _
const BOOLEAN = 0x23; // #
const DOUBLE = 0x2c; // ,
const BIG_NUMBER = 0x28; // (
const BULK_ERROR = 0x21; // !
const VERBATIM = 0x3d; // =
const MAP = 0x25; // %
const SET = 0x7e; // ~
const ATTRIBUTE = 0x7c; // |
const PUSH = 0x3e; // >

/** Longest header line accepted; only error messages come near it. */
const MAX_LINE = 64 * 1024;
/** Deepest nesting accepted; Redis's own replies stay below ten. */
const MAX_DEPTH = 1024;
/** More digits than this may not fit a double exactly. */
const SAFE_DIGITS = 15;
const UNKNOWN = 0;
/** What is kept goes into one buffer, which is used again and again unless it has become larger than this. */
const KEPT_CAPACITY = 64 * 1024;

export class ReplyDecoder {
  /** Whether bulk strings of the coming replies, not of pushes, are given as bytes. May change between two replies. */
  binary = false;
  /** The same for pushes. */
  binaryPushes = false;

  private readonly sink: ReplySink;
  private readonly open: OpenAggregate[] = [];
  /** Its first `keptLength` bytes are those of a token that is not complete. */
  private kept: Bytes = EMPTY;
  private keptLength = 0;
  /** The length of that token; `UNKNOWN` while its header line has no end. */
  private needed = UNKNOWN;

  constructor(sink: ReplySink) {
    this.sink = sink;
  }

  /**
   * Decodes what has arrived and calls the sink for every reply that is complete. The piece may be reused
   * after the call. Throws `ReplyFormatError` when the bytes are not RESP.
   */
  decode(piece: Bytes): void {
    let at = 0;
    while (this.keptLength > 0) {
      const end = at + this.lacking(piece, at);
      this.keepMore(piece, at, Math.min(end, piece.length));
      if (end > piece.length) return;
      at = end;
      const token = this.kept.subarray(0, this.keptLength);
      this.keptLength = 0;
      this.decodeFrom(token, 0);
    }
    if (this.kept.length > KEPT_CAPACITY) this.kept = EMPTY;
    this.decodeFrom(piece, at);
  }

  private decodeFrom(bytes: Bytes, at: number): void {
    const { length } = bytes;
    while (at < length) {
      let end = at + 1;
      while (end < length && bytes[end] !== CR) end++;
      if (end + 1 >= length) {
        this.keep(bytes, at, UNKNOWN);
        return;
      }
      if (bytes[end + 1] !== LF) throw new ReplyFormatError('a reply has a CR without LF');
      const type = bytes[at];
      if (type === BULK) {
        const size = decimal(bytes, at + 1, end);
        if (size < 0) {
          this.emit(null);
          at = end + 2;
          continue;
        }
        const start = end + 2;
        const stop = start + size;
        if (stop + 2 > length) {
          this.keep(bytes, at, stop + 2 - at);
          return;
        }
        at = stop + 2;
        const asBytes =
          this.binary === this.binaryPushes
            ? this.binary
            : this.open[0]?.type === PUSH
              ? this.binaryPushes
              : this.binary;
        this.emit(asBytes ? slice(bytes, start, stop) : utf8(bytes, start, stop));
      } else if (type === BULK_ERROR || type === VERBATIM) {
        const start = end + 2;
        const stop = start + decimal(bytes, at + 1, end);
        if (stop + 2 > length) {
          this.keep(bytes, at, stop + 2 - at);
          return;
        }
        at = stop + 2;
        // A verbatim string opens with its format, three letters and a colon.
        this.emit(
          type === VERBATIM ? utf8(bytes, start + 4, stop) : new ReplyError(utf8(bytes, start, stop)),
        );
      } else if (isAggregate(type)) {
        this.begin(type, decimal(bytes, at + 1, end));
        at = end + 2;
      } else {
        const value = scalar(type, bytes, at + 1, end);
        at = end + 2;
        this.emit(value);
      }
    }
  }

  /** How many bytes from `at` on the kept token lacks, as far as that can be told. */
  private lacking(piece: Bytes, at: number): number {
    if (this.needed !== UNKNOWN) return this.needed - this.keptLength;
    const end = piece.indexOf(LF, at);
    return end < 0 ? Number.POSITIVE_INFINITY : end + 1 - at;
  }

  /** Keeps the token that starts at `start` until `needed` bytes of it have arrived. */
  private keep(bytes: Bytes, start: number, needed: number): void {
    this.needed = needed;
    this.keepMore(bytes, start, bytes.length);
  }

  private keepMore(bytes: Bytes, start: number, end: number): void {
    const length = this.keptLength + end - start;
    if (this.needed === UNKNOWN && length > MAX_LINE) {
      throw new ReplyFormatError('a reply has an endless header line');
    }
    if (length > this.kept.length) {
      const larger = allocate(Math.max(length, 2 * this.kept.length));
      copy(larger, 0, this.kept, 0, this.keptLength);
      this.kept = larger;
    }
    this.keptLength = copy(this.kept, this.keptLength, bytes, start, end);
  }

  private begin(type: number, count: number): void {
    if (count < 0) {
      this.emit(null);
      return;
    }
    if (this.open.length === MAX_DEPTH) throw new ReplyFormatError('a reply is nested too deeply');
    const size = type === MAP || type === ATTRIBUTE ? count * 2 : count;
    const aggregate = { type, items: [], size };
    if (size === 0) this.complete(aggregate);
    else this.open.push(aggregate);
  }

  private emit(value: Reply): void {
    const depth = this.open.length;
    if (depth === 0) {
      this.sink.reply(value);
      return;
    }
    const parent = this.open[depth - 1];
    parent.items.push(value);
    if (parent.items.length === parent.size) {
      this.open.pop();
      this.complete(parent);
    }
  }

  private complete({ type, items }: OpenAggregate): void {
    if (type === ARRAY) this.emit(items);
    else if (type === MAP) this.emit(pairs(items));
    else if (type === SET) this.emit(new Set(items));
    else if (type === PUSH) this.sink.push(items);
    // What remains is an attribute, a remark about the reply that follows it.
  }
}

function isAggregate(type: number): boolean {
  return type === ARRAY || type === MAP || type === SET || type === PUSH || type === ATTRIBUTE;
}

function scalar(type: number, bytes: Bytes, start: number, end: number): Reply {
  switch (type) {
    case SIMPLE:
      return isOk(bytes, start, end) ? 'OK' : utf8(bytes, start, end);
    case INTEGER:
      return integer(bytes, start, end);
    case ERROR:
      return new ReplyError(utf8(bytes, start, end));
    case NULL:
      return null;
    case BOOLEAN:
      return bytes[start] === 0x74; // t
    case DOUBLE:
      return double(latin1(bytes, start, end));
    case BIG_NUMBER:
      return BigInt(latin1(bytes, start, end));
    default:
      throw new ReplyFormatError(`a reply starts with ${JSON.stringify(String.fromCharCode(type))}`);
  }
}

function isOk(bytes: Bytes, start: number, end: number): boolean {
  return end - start === 2 && bytes[start] === 0x4f && bytes[start + 1] === 0x4b;
}

/** A decimal number of at most 15 digits, as lengths and counts are. */
function decimal(bytes: Bytes, start: number, end: number): number {
  const negative = bytes[start] === MINUS;
  let at = negative ? start + 1 : start;
  if (at === end || end - at > SAFE_DIGITS) throw new ReplyFormatError('a reply has a malformed length');
  let value = 0;
  while (at < end) {
    const digit = bytes[at++] - 0x30;
    if (digit < 0 || digit > 9) throw new ReplyFormatError('a reply has a malformed length');
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}

function integer(bytes: Bytes, start: number, end: number): number | bigint {
  if (end - start <= SAFE_DIGITS) return decimal(bytes, start, end);
  const exact = BigInt(latin1(bytes, start, end));
  const value = Number(exact);
  return Number.isSafeInteger(value) ? value : exact;
}

function double(text: string): number {
  if (text === 'inf') return Number.POSITIVE_INFINITY;
  if (text === '-inf') return Number.NEGATIVE_INFINITY;
  return Number(text);
}

function pairs(items: Reply[]): Map<Reply, Reply> {
  const map = new Map<Reply, Reply>();
  for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1]);
  return map;
}
