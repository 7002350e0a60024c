/** SHA-1 (RFC 3174), for DEBUG DIGEST, which must come out as redis-server's, and EVALSHA. Not for anything secret. */
import { allocateZeroed, type Bytes, copy } from './bytes.js';

export const SHA1_BYTES = 20;

const BLOCK = 64;
const LENGTH_BYTES = 8;
const schedule = new Int32Array(80);
const state = new Int32Array(5);

/** Writes the hash of bytes[start, end) to target[0, 20). */
export function sha1(target: Bytes, bytes: Bytes, start: number, end: number): void {
  state.set([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
  let at = start;
  for (; at + BLOCK <= end; at += BLOCK) addBlock(bytes, at);
  const rest = end - at;
  const tail = allocateZeroed(rest + 1 + LENGTH_BYTES <= BLOCK ? BLOCK : 2 * BLOCK);
  copy(tail, 0, bytes, at, end);
  tail[rest] = 0x80;
  let bits = (end - start) * 8;
  for (let i = tail.length - 1; bits > 0; i--) {
    tail[i] = bits % 256;
    bits = Math.floor(bits / 256);
  }
  for (let block = 0; block < tail.length; block += BLOCK) addBlock(tail, block);
  for (let i = 0; i < SHA1_BYTES; i++) target[i] = state[i >> 2] >>> (24 - (i & 3) * 8);
}

function addBlock(bytes: Bytes, at: number): void {
  const w = schedule;
  for (let i = 0; i < 16; i++, at += 4) {
    w[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  for (let i = 16; i < 80; i++) w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  let [a, b, c, d, e] = state;
  for (let i = 0; i < 80; i++) {
    let mixed: number;
    if (i < 20) mixed = ((b & c) | (~b & d)) + 0x5a827999;
    else if (i < 40) mixed = (b ^ c ^ d) + 0x6ed9eba1;
    else if (i < 60) mixed = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
    else mixed = (b ^ c ^ d) + 0xca62c1d6;
    const next = (rotate(a, 5) + mixed + e + w[i]) | 0;
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
