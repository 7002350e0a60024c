/**
 * A running hash of everything that happens in a world, 64 bits in two FNV-like lanes. Two runs with the same hash
 * did the same things at the same times; two runs of one seed with different hashes mean that something besides the
 * seed got in, which is the first thing a simulator must rule out.
 */
import { type Bytes, copy } from '../../protocol/bytes.js';

const HIGH_PRIME = 0x01000193;
const LOW_PRIME = 0x85ebca6b;

export class Trace {
  private high = 0x811c9dc5;
  private low = 0x1b873593;
  private readonly number = new Float64Array(1);
  private readonly numberWords = new Int32Array(this.number.buffer);
  /** Bytes are mixed four at a time, from here: where they come from they may lie at any address. */
  private readonly words = new Int32Array(4096);
  private readonly wordBytes = new Uint8Array(this.words.buffer);

  addNumber(value: number): void {
    this.number[0] = value;
    this.mix(this.numberWords[0]);
    this.mix(this.numberWords[1]);
  }

  addText(text: string): void {
    for (let i = 0; i < text.length; i++) this.mix(text.charCodeAt(i));
    this.mix(-1);
  }

  addBytes(bytes: Bytes, start: number, end: number): void {
    const { words, wordBytes } = this;
    this.mix(end - start);
    // As `mix` does, in variables of its own: most of what is mixed comes through here.
    let { high, low } = this;
    while (start < end) {
      const stop = Math.min(end, start + wordBytes.length);
      const length = copy(wordBytes, 0, bytes, start, stop);
      wordBytes.fill(0, length, (length + 3) & ~3);
      for (let word = 0; word << 2 < length; word++) {
        high = Math.imul(high ^ words[word], HIGH_PRIME);
        low = Math.imul(low ^ words[word] ^ (high >>> 15), LOW_PRIME);
      }
      start = stop;
    }
    this.high = high;
    this.low = low;
  }

  /** 16 hexadecimal digits. */
  get hash(): string {
    const hex = (lane: number) => (lane >>> 0).toString(16).padStart(8, '0');
    return hex(this.high) + hex(this.low);
  }

  private mix(value: number): void {
    this.high = Math.imul(this.high ^ value, HIGH_PRIME);
    this.low = Math.imul(this.low ^ value ^ (this.high >>> 15), LOW_PRIME);
  }
}
