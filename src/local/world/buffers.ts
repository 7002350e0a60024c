/**
 * Buffers that bytes travel in, used again and again: making new ones would take a third of the time of a large
 * simulation. Sizes are powers of two.
 */
import { allocate, type Bytes } from '../../protocol/bytes.js';

const MIN_EXPONENT = 6;

export class BufferPool {
  /** What is free, by size: the exponent of 2. */
  private readonly free: Bytes[][] = Array.from({ length: 32 }, () => []);

  /** A buffer of `size` bytes at least, contents unspecified. */
  take(size: number): Bytes {
    const exponent = Math.max(MIN_EXPONENT, 32 - Math.clz32(size - 1));
    return this.free[exponent].pop() ?? allocate(2 ** exponent);
  }

  /** Takes back what `take` answered. */
  give(buffer: Bytes): void {
    this.free[31 - Math.clz32(buffer.length)].push(buffer);
  }
}
