/**
 * The answer to SYNC, cut out of the byte stream: blank lines while the server prepares, a header, the RDB file,
 * then the command stream. The header is `$LENGTH` or, from a server that does not know the length yet,
 * `$EOF:` and the 40 bytes that will follow the file. Pure.
 */
import { type Bytes, concat, EMPTY, latin1 } from './bytes.js';

const MARK_LENGTH = 40;
const MAX_HEADER = 4096;
const LF = 0x0a;

export type TransferEnd =
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'mark'; readonly mark: string };

/** The server refuses, or what it sends is no transfer. */
export class TransferError extends Error {
  override name = 'TransferError';
}

export class RdbTransfer {
  /** Known once the header has arrived. */
  end: TransferEnd | undefined;
  /** Bytes of the file so far. */
  received = 0;
  /** The file is complete; `rest` holds what came behind it. */
  done = false;
  rest: Bytes = EMPTY;
  private pending: Bytes = EMPTY;

  /** Takes received bytes; answers those that belong to the file. @throws TransferError */
  push(bytes: Bytes): Bytes {
    this.pending = this.pending.length === 0 ? bytes : concat([this.pending, bytes]);
    if (!this.end) this.readHeader();
    if (!this.end) return EMPTY;
    const file =
      this.end.kind === 'length' ? this.untilLength(this.end.length) : this.untilMark(this.end.mark);
    this.received += file.length;
    if (this.done) {
      this.rest = this.pending;
      this.pending = EMPTY;
    }
    return file;
  }

  private readHeader(): void {
    let start = 0;
    while (this.pending[start] === LF) start++;
    this.pending = this.pending.subarray(start);
    const lineEnd = this.pending.indexOf(LF);
    if (lineEnd < 0) {
      if (this.pending.length > MAX_HEADER) throw new TransferError('SYNC answered with no RDB transfer');
      return;
    }
    const line = latin1(this.pending, 0, lineEnd).trimEnd();
    const length = /^\$(\d{1,15})$/.exec(line)?.[1];
    if (length !== undefined) this.end = { kind: 'length', length: Number(length) };
    else if (line.startsWith('$EOF:') && line.length === 5 + MARK_LENGTH)
      this.end = { kind: 'mark', mark: line.slice(5) };
    else throw new TransferError(`SYNC with master failed: ${line}`);
    this.pending = this.pending.subarray(lineEnd + 1);
  }

  private untilLength(length: number): Bytes {
    const file = this.take(Math.min(this.pending.length, length - this.received));
    this.done = this.received + file.length === length;
    return file;
  }

  /** The mark is the last thing sent, so bytes that may still become it are held back. */
  private untilMark(mark: string): Bytes {
    const markAt = this.pending.length - MARK_LENGTH;
    if (markAt < 0) return EMPTY;
    this.done = latin1(this.pending, markAt) === mark;
    const file = this.take(markAt);
    if (this.done) this.take(MARK_LENGTH);
    return file;
  }

  private take(length: number): Bytes {
    const taken = this.pending.subarray(0, length);
    this.pending = this.pending.subarray(length);
    return taken;
  }
}
