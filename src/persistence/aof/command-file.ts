/**
 * The commands of an append-only file, read straight from a window on it.
 *
 * A transaction is handed out only when its EXEC is there, so what was cut off in the middle of one leaves no trace.
 * The window grows to the longest command or transaction, no further.
 */
import type { ReadFile } from '../../node/host.js';
import { allocate, type Bytes, copy } from '../../protocol/bytes.js';
import type { Request } from '../../protocol/request.js';
import { COMPLETE, INCOMPLETE, type RequestLimits, RequestParser } from '../../protocol/request-parser.js';

const WINDOW_BYTES = 256 * 1024;

const LIMITS: RequestLimits = {
  maxArguments: Number.POSITIVE_INFINITY,
  maxBulkLength: Number.POSITIVE_INFINITY,
  authenticated: true,
};

const HASH = 0x23;
const STAR = 0x2a;
const LF = 10;

/** Where a file ends when the zeros at its end, behind `begin`, are left out. No command ends with them. */
export function withoutZeros(file: ReadFile, begin: number): number {
  const chunk = allocate(512);
  let end = file.size;
  while (end > begin) {
    const start = Math.max(begin, end - chunk.length);
    const length = file.read(chunk, 0, end - start, start);
    for (let i = length - 1; i >= 0; i--) if (chunk[i] !== 0) return start + i + 1;
    end = start;
  }
  return begin;
}

/** What comes next in a file. */
export type Step = 'command' | 'end' | 'truncated' | 'invalid' | 'open transaction';

/** The commands of one file, in order; MULTI and EXEC are dealt with here and don't come out. */
export class CommandFile {
  /** Offset in the file behind what has been handed out; what is cut off begins here. */
  whole: number;
  private readonly parser = new RequestParser();
  /** window[0, length) is the file from offset `base` on; `position` is the next byte in it. */
  private window: Bytes;
  private length = 0;
  private position = 0;
  private base: number;
  /** Where in the window the commands of the transaction being handed out end; 0 outside. */
  private transactionEnd = 0;

  constructor(
    private readonly file: ReadFile,
    begin: number,
    private readonly end: number,
  ) {
    this.base = this.whole = begin;
    this.window = allocate(Math.min(WINDOW_BYTES, end - begin + 1));
  }

  /** The command read last. */
  get request(): Request {
    return this.parser.request;
  }

  next(): Step {
    for (;;) {
      this.whole = this.base + this.position;
      const step = this.read();
      if (step !== 'command') return step;
      if (this.transactionEnd > 0) {
        if (this.position < this.transactionEnd) return 'command';
        this.transactionEnd = 0; // EXEC itself
        continue;
      }
      if (!this.request.is(0, 'MULTI')) return 'command';
      const found = this.findExec();
      if (found !== 'command') return found;
    }
  }

  /** MULTI has been read: looks for its EXEC, then goes back to the first command between them. */
  private findExec(): Step {
    const first = this.base + this.position;
    for (;;) {
      const step = this.read();
      if (step === 'end') return 'open transaction';
      if (step !== 'command') return step;
      if (this.request.is(0, 'EXEC')) break;
    }
    this.transactionEnd = this.position;
    this.position = first - this.base;
    return 'command';
  }

  private read(): Step {
    const { parser } = this;
    for (;;) {
      if (this.position === this.length && !this.fill()) return 'end';
      const first = this.window[this.position];
      if (first === HASH) {
        if (!this.skipLine()) return 'end';
        continue;
      }
      if (first !== STAR) return 'invalid';
      parser.position = this.position;
      const result = parser.parse(this.window, this.length, LIMITS);
      if (result === COMPLETE) {
        if (parser.request.first !== this.position) return 'invalid'; // a *0 before it
        this.position = parser.position;
        return 'command';
      }
      const passedOver = !parser.suspended && parser.position > this.position; // *0, and then the end
      parser.reset();
      if (result !== INCOMPLETE || passedOver) return 'invalid';
      if (!this.fill()) return 'truncated';
    }
  }

  /** Passes over an annotation; one that the file's end cuts off counts as read. */
  private skipLine(): boolean {
    for (;;) {
      const end = this.window.subarray(0, this.length).indexOf(LF, this.position);
      if (end >= 0) {
        this.position = end + 1;
        return true;
      }
      if (!this.fill()) return false;
    }
  }

  /** Reads on; what lies before `whole` is forgotten. Answers false at the end of the file. */
  private fill(): boolean {
    const done = this.whole - this.base;
    if (done > 0) {
      this.window.copyWithin(0, done, this.length);
      this.length -= done;
      this.position -= done;
      this.base += done;
    }
    if (this.length === this.window.length) {
      const grown = allocate(this.window.length * 2);
      copy(grown, 0, this.window, 0, this.length);
      this.window = grown;
    }
    const position = this.base + this.length;
    const room = Math.min(this.window.length - this.length, this.end - position);
    const count = this.file.read(this.window, this.length, room, position);
    this.length += count;
    return count > 0;
  }
}
