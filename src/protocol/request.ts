/**
 * A client's request: its arguments as ranges of the buffer they arrived in.
 *
 * The hot path never makes a string or an object per argument: one `Request` per node is filled again and
 * again, and a command reads its arguments in place. What must outlive the command is copied by the command.
 */
import { type Bytes, EMPTY, latin1, slice, utf8 } from './bytes.js';
import { integerIn, NOT_AN_INTEGER } from './integers.js';

const FIRST_CAPACITY = 64;

export class Request {
  /** The bytes the arguments lie in. Reused by the next read: valid only while the command runs. */
  buffer: Bytes = EMPTY;
  /** Number of arguments, the command's name included. */
  argc = 0;
  /** Argument i is buffer[starts[i], ends[i]). */
  starts = new Int32Array(FIRST_CAPACITY);
  ends = new Int32Array(FIRST_CAPACITY);
  /**
   * Where the request itself, in RESP, begins and ends in the buffer; equal when it came in another form
   * (inline, a script's call). Propagation to the AOF and replicas sends these bytes on as they are.
   */
  first = 0;
  last = 0;
  /** Where the input goes on behind the request, whatever its form. */
  next = 0;

  /** Adds an argument. The parser's way in; grows the ranges as needed. */
  push(start: number, end: number): void {
    const i = this.argc++;
    if (i >= this.starts.length) this.grow();
    this.starts[i] = start;
    this.ends[i] = end;
  }

  private grow(): void {
    const starts = new Int32Array(this.starts.length * 2);
    const ends = new Int32Array(this.ends.length * 2);
    starts.set(this.starts);
    ends.set(this.ends);
    this.starts = starts;
    this.ends = ends;
  }

  /** Forgets a very long request's ranges, so that one MSET of a million keys is not paid for ever after. */
  shrink(): void {
    if (this.starts.length <= 4096) return;
    this.starts = new Int32Array(FIRST_CAPACITY);
    this.ends = new Int32Array(FIRST_CAPACITY);
  }

  /** Length of argument i in bytes. */
  length(i: number): number {
    return this.ends[i] - this.starts[i];
  }

  /** Argument i, one character per byte. */
  latin1(i: number): string {
    return latin1(this.buffer, this.starts[i], this.ends[i]);
  }

  /** Argument i decoded as UTF-8. */
  text(i: number): string {
    return utf8(this.buffer, this.starts[i], this.ends[i]);
  }

  /** Argument i as bytes of its own. */
  bytes(i: number): Bytes {
    return slice(this.buffer, this.starts[i], this.ends[i]);
  }

  /** Argument i in place: valid only while the command runs. */
  view(i: number): Bytes {
    return this.buffer.subarray(this.starts[i], this.ends[i]);
  }

  /** Whether argument i is this word, given in upper case ASCII, in any case. */
  is(i: number, word: string): boolean {
    let at = this.starts[i];
    if (this.ends[i] - at !== word.length) return false;
    const { buffer } = this;
    for (let k = 0; k < word.length; k++) {
      let byte = buffer[at++];
      if (byte >= 0x61 && byte <= 0x7a) byte -= 32;
      if (byte !== word.charCodeAt(k)) return false;
    }
    return true;
  }

  /**
   * Argument i as an integer of at most 2^53 either way: exact as a number. Answers `NOT_AN_INTEGER` (NaN)
   * when it isn't one in Redis's canonical form (no sign but a minus, no leading zeros or spaces) or is larger.
   */
  integer(i: number): number {
    return this.length(i) > 17 ? NOT_AN_INTEGER : integerIn(this.buffer, this.starts[i], this.ends[i]);
  }
}

/** The request that a request's arguments from `first` on are: it shares their bytes. */
export function subrequest(outer: Request, first: number): Request {
  const request = new Request();
  request.buffer = outer.buffer;
  for (let i = first; i < outer.argc; i++) request.push(outer.starts[i], outer.ends[i]);
  return request;
}
