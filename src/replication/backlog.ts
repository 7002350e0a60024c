/**
 * The end of the replication stream, in memory: what a replica that was away for a while needs to go on
 * (`repl-backlog-size` bytes), and at the same time the output buffer of all replicas. Each of them is only a place in
 * it, so ten replicas cost no more than one.
 *
 * The stream is kept in chunks of equal size that are written once and never again, so a link may keep hold of what it
 * was given. A chunk goes when the backlog is long enough without it and every replica has been sent it. Appending is
 * O(bytes), finding a place O(1).
 */
import { allocate, type Bytes, copy } from '../protocol/bytes.js';

const SMALLEST_CHUNK = 16 * 1024;
const LARGEST_CHUNK = 1024 * 1024;

export class Backlog {
  /** Places count the bytes before them: the byte at a place has the offset place + 1. */
  start: number;
  end: number;
  private readonly chunkBytes: number;
  private chunks: Bytes[] = [];

  /**
   * @param place where the stream stands
   * @param size `repl-backlog-size`; may be changed
   */
  constructor(
    place: number,
    public size: number,
  ) {
    this.start = this.end = place;
    this.chunkBytes = Math.min(LARGEST_CHUNK, Math.max(SMALLEST_CHUNK, Math.floor(size / 16)));
  }

  /** Bytes held. */
  get length(): number {
    return this.end - this.start;
  }

  /** Bytes of memory. */
  get memory(): number {
    return this.chunks.length * this.chunkBytes;
  }

  append(bytes: Bytes, start: number, end: number): void {
    const { chunkBytes } = this;
    while (start < end) {
      const used = this.length % chunkBytes;
      if (used === 0) this.chunks.push(allocate(chunkBytes));
      const part = Math.min(end - start, chunkBytes - used);
      copy(this.chunks[this.chunks.length - 1], used, bytes, start, start + part);
      start += part;
      this.end += part;
    }
  }

  /**
   * The bytes from a place on, as far as they lie together: hands them to `visit` and answers the place behind them.
   */
  read(place: number, visit: (bytes: Bytes, start: number, end: number) => void): number {
    const { chunkBytes } = this;
    const from = place - this.start;
    const chunk = Math.floor(from / chunkBytes);
    const begin = from % chunkBytes;
    const stop = Math.min(chunkBytes, this.length - chunk * chunkBytes);
    visit(this.chunks[chunk], begin, stop);
    return place + stop - begin;
  }

  /** Forgets what is beyond the size and lies before the place `needed`. */
  trim(needed: number): void {
    const { chunkBytes } = this;
    let count = 0;
    while (
      this.length - (count + 1) * chunkBytes >= this.size &&
      this.start + (count + 1) * chunkBytes <= needed
    ) {
      count++;
    }
    if (count === 0) return;
    this.chunks = this.chunks.slice(count);
    this.start += count * chunkBytes;
  }
}
