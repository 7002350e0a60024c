/** Bytes put together piece by piece in a growing buffer: what the encoders of scripts' libraries write to. */
import { allocate, type Bytes, copy, writeLatin1 } from '../../protocol/bytes.js';

const FIRST_CAPACITY = 256;

export class ByteBuilder {
  /** What was written is in buffer[0, length). Replaced when it has to grow. */
  buffer: Bytes = allocate(FIRST_CAPACITY);
  length = 0;

  /** Makes room for `size` more bytes. */
  reserve(size: number): void {
    const needed = this.length + size;
    if (needed <= this.buffer.length) return;
    const grown = allocate(Math.max(needed, this.buffer.length * 2));
    copy(grown, 0, this.buffer, 0, this.length);
    this.buffer = grown;
  }

  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  /** Text with one byte per character. */
  text(text: string): void {
    this.reserve(text.length);
    this.length += writeLatin1(this.buffer, text, this.length);
  }

  bytes(bytes: Bytes, start: number, end: number): void {
    this.reserve(end - start);
    this.length = copy(this.buffer, this.length, bytes, start, end);
  }

  /** The lowest `size` bytes of an integer, the most significant first. */
  bigEndian(value: bigint, size: number): void {
    this.reserve(size);
    for (let shift = BigInt(size - 1) * 8n; shift >= 0n; shift -= 8n) {
      this.buffer[this.length++] = Number((value >> shift) & 0xffn);
    }
  }
}
