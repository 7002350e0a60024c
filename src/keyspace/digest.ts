/**
 * Sums up data for comparison, as DEBUG DIGEST does: what has no order is combined by XOR of SHA-1 hashes, what has one
 * by hashing the digest itself again after every element.
 */
import { allocateZeroed, type Bytes } from '../protocol/bytes.js';
import { SHA1_BYTES, sha1 } from '../protocol/sha1.js';

const hash = allocateZeroed(SHA1_BYTES);
const number = allocateZeroed(4);

export class Digest {
  private readonly bytes = allocateZeroed(SHA1_BYTES);

  /** Adds something whose place doesn't matter. */
  add(bytes: Bytes, start = 0, end = bytes.length): void {
    sha1(hash, bytes, start, end);
    for (let i = 0; i < SHA1_BYTES; i++) this.bytes[i] ^= hash[i];
  }

  /** Adds what comes next. */
  append(bytes: Bytes, start = 0, end = bytes.length): void {
    this.add(bytes, start, end);
    sha1(this.bytes, this.bytes, 0, SHA1_BYTES);
  }

  /** `append` of a 32-bit number in network order. */
  appendNumber(value: number): void {
    for (let i = 0; i < 4; i++) number[i] = value >>> (24 - 8 * i);
    this.append(number);
  }

  addDigest(other: Digest): void {
    this.add(other.bytes);
  }

  /** In hexadecimal. */
  toString(): string {
    return Array.from(this.bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }
}
