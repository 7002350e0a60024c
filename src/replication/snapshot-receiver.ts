/**
 * A snapshot as it arrives from a master, in either of its forms: `$<length>` and so many bytes, or `$EOF:<mark>` and
 * bytes up to the 40-character mark, which is the last thing a master sends before it has heard from its replica.
 *
 * The bytes are kept in memory until they are whole, so that a transfer that breaks off leaves the old data alone; the
 * cost is the snapshot's size.
 */
import { type Bytes, fromLatin1, latin1, slice } from '../protocol/bytes.js';

const MARK_LENGTH = 40;

export class SnapshotReceiver {
  /** Bytes received, the mark included. */
  received = 0;
  private readonly parts: Bytes[] = [];
  private readonly mark: Bytes | undefined;
  /** The last bytes received, as long as the mark. */
  private tail: Bytes = fromLatin1('');

  private constructor(
    /** Bytes announced; -1 when the end is marked. */
    readonly size: number,
    mark?: string,
  ) {
    this.mark = mark === undefined ? undefined : fromLatin1(mark);
  }

  /** From the line that announces it, without its line end; undefined when the line announces nothing. */
  static from(line: string): SnapshotReceiver | undefined {
    if (line.startsWith('$EOF:') && line.length >= 5 + MARK_LENGTH) {
      return new SnapshotReceiver(-1, line.slice(5, 5 + MARK_LENGTH));
    }
    return /^\$\d{1,15}$/.test(line) ? new SnapshotReceiver(Number(line.slice(1))) : undefined;
  }

  get streamed(): boolean {
    return this.mark !== undefined;
  }

  get complete(): boolean {
    if (this.mark === undefined) return this.received >= this.size;
    return latin1(this.tail) === latin1(this.mark);
  }

  /** Takes bytes[start, end); answers how many of them belong to the snapshot. */
  take(bytes: Bytes, start: number, end: number): number {
    const stop = this.mark === undefined ? Math.min(end, start + this.size - this.received) : end;
    this.parts.push(slice(bytes, start, stop));
    this.received += stop - start;
    if (this.mark !== undefined) this.updateTail(bytes, start, stop);
    return stop - start;
  }

  /** The snapshot, in parts, once it is complete. */
  contents(): readonly Bytes[] {
    if (this.mark === undefined) return this.parts;
    let surplus = MARK_LENGTH;
    const parts = [...this.parts];
    while (surplus > 0) {
      const last = parts.pop()!;
      if (last.length > surplus) parts.push(last.subarray(0, last.length - surplus));
      surplus -= last.length;
    }
    return parts;
  }

  private updateTail(bytes: Bytes, start: number, end: number): void {
    if (end - start >= MARK_LENGTH) {
      this.tail = slice(bytes, end - MARK_LENGTH, end);
      return;
    }
    const joined = latin1(this.tail) + latin1(bytes, start, end);
    this.tail = fromLatin1(joined.slice(-MARK_LENGTH));
  }
}
