/**
 * HyperLogLog, in Redis's own representation, so that values can be exchanged with it and are equal byte for byte.
 *
 * A value is a string: 16 bytes of header (`HYLL`, the encoding, three bytes unused, the cached cardinality in 64 bits
 * little endian, its top bit set when it must be computed anew) and 16384 registers of 6 bits. Dense, they are packed,
 * the lowest bits first, in 12288 bytes. Sparse, they are runs:
 *
 * | instruction | means |
 * |---|---|
 * | 00nnnnnn | n + 1 registers are 0 (ZERO) |
 * | 01nnnnnn nnnnnnnn | n + 1 registers are 0 (XZERO) |
 * | 1vvvvvnn | n + 1 registers are v + 1 (VAL) |
 *
 * Which runs a register's change leaves is part of the format here: the run that holds it is split, then equal
 * neighbours are joined among the five instructions from the one before on. Setting a register is O(1) dense and
 * O(runs) sparse; `hll-sparse-max-bytes` keeps the latter small. Counting reads the histogram of the registers and
 * estimates from it as Otmar Ertl's "New cardinality estimation algorithms for HyperLogLog sketches" has it.
 *
 * The hash is MurmurHash64A. Its 64-bit multiplications are done on 16-bit limbs: no bigint on the way.
 */
import { allocateZeroed, type Bytes, copy, slice } from '../../protocol/bytes.js';

export const REGISTERS = 16384;
const INDEX_BITS = 14;
const HEADER = 16;
const DENSE_BYTES = HEADER + (REGISTERS * 6) / 8;
const ENCODING = 4;
const CARDINALITY = 8;
const DENSE = 0;
const SPARSE = 1;

const MOST_ZERO = 64;
const MOST_VALUE = 32;
const MOST_VALUE_RUN = 4;
/** Instructions looked at for equal neighbours. */
const JOIN_SCAN = 5;

/** A string that says it is a HyperLogLog but isn't sound. */
export class CorruptHyperLogLog extends Error {}

/** An empty value. */
export function emptyHyperLogLog(): Bytes {
  const value = allocateZeroed(HEADER + 2);
  value.set([0x48, 0x59, 0x4c, 0x4c, SPARSE]); // HYLL
  writeXzero(value, HEADER, REGISTERS);
  return value;
}

/** Whether bytes[start, end) look like a value: the sparse registers are only checked when they are read. */
export function isHyperLogLog(bytes: Bytes, start: number, end: number): boolean {
  if (end - start < HEADER) return false;
  const named =
    bytes[start] === 0x48 &&
    bytes[start + 1] === 0x59 &&
    bytes[start + 2] === 0x4c &&
    bytes[start + 3] === 0x4c;
  if (!named || bytes[start + ENCODING] > SPARSE) return false;
  return bytes[start + ENCODING] === SPARSE || end - start === DENSE_BYTES;
}

// The runs of the sparse form

function isZero(op: number): boolean {
  return (op & 0xc0) === 0;
}

function isXzero(op: number): boolean {
  return (op & 0xc0) === 0x40;
}

function isValue(op: number): boolean {
  return (op & 0x80) !== 0;
}

/** How many registers the instruction at `at` is about. */
function runLength(bytes: Bytes, at: number): number {
  const op = bytes[at];
  if (isValue(op)) return (op & 3) + 1;
  return (isZero(op) ? op : ((op & 0x3f) << 8) | bytes[at + 1]) + 1;
}

function registerValue(op: number): number {
  return ((op >>> 2) & 31) + 1;
}

function valueRun(value: number, length: number): number {
  return 0x80 | ((value - 1) << 2) | (length - 1);
}

function writeXzero(bytes: Bytes, at: number, length: number): void {
  bytes[at] = 0x40 | ((length - 1) >>> 8);
  bytes[at + 1] = (length - 1) & 0xff;
}

/** Calls `visit` for every run of registers; throws CorruptHyperLogLog unless they are all there. */
function eachRun(
  bytes: Bytes,
  start: number,
  end: number,
  visit: (first: number, length: number, value: number) => void,
): void {
  let register = 0;
  for (let at = start + HEADER; at < end; ) {
    const op = bytes[at];
    const length = runLength(bytes, at);
    if (isValue(op)) {
      if (register + length > REGISTERS) break;
      visit(register, length, registerValue(op));
    } else visit(register, Math.min(length, REGISTERS), 0);
    register += length;
    at += isXzero(op) ? 2 : 1;
  }
  if (register !== REGISTERS) throw new CorruptHyperLogLog();
}

/** The runs in PFDEBUG DECODE's notation: z and Z for zeros, v for values. */
export function describeRuns(bytes: Bytes, start: number, end: number): string {
  const words: string[] = [];
  for (let at = start + HEADER; at < end; ) {
    const op = bytes[at];
    const length = runLength(bytes, at);
    if (isValue(op)) words.push(`v:${registerValue(op)},${length}`);
    else words.push(`${isZero(op) ? 'z' : 'Z'}:${length}`);
    at += isXzero(op) ? 2 : 1;
  }
  return words.join(' ');
}

// The dense form

function denseRegister(bytes: Bytes, start: number, register: number): number {
  const bit = register * 6;
  const at = start + HEADER + (bit >>> 3);
  // Beyond the last register there is nothing: it ends with its byte.
  const two = bytes[at] | ((register === REGISTERS - 1 ? 0 : bytes[at + 1]) << 8);
  return (two >>> (bit & 7)) & 63;
}

function setDenseRegister(bytes: Bytes, start: number, register: number, value: number): void {
  const bit = register * 6;
  const at = start + HEADER + (bit >>> 3);
  const shift = bit & 7;
  bytes[at] = (bytes[at] & ~(63 << shift)) | (value << shift);
  if (shift > 2) bytes[at + 1] = (bytes[at + 1] & ~(63 >>> (8 - shift))) | (value >>> (8 - shift));
}

/** Puts the larger of each register and `registers` there. Throws CorruptHyperLogLog. */
export function mergeRegisters(registers: Uint8Array, bytes: Bytes, start: number, end: number): void {
  if (bytes[start + ENCODING] === DENSE) {
    for (let i = 0; i < REGISTERS; i++) {
      const value = denseRegister(bytes, start, i);
      if (value > registers[i]) registers[i] = value;
    }
    return;
  }
  eachRun(bytes, start, end, (first, length, value) => {
    for (let i = first; i < first + length; i++) if (value > registers[i]) registers[i] = value;
  });
}

// Counting

/** The number of different elements that make such registers, estimated. */
export function countRegisters(registers: Uint8Array): number {
  const histogram = new Int32Array(64);
  for (let i = 0; i < REGISTERS; i++) histogram[registers[i]]++;
  return estimate(histogram);
}

/** The same for a value. Throws CorruptHyperLogLog. */
export function countElements(bytes: Bytes, start: number, end: number): number {
  const histogram = new Int32Array(64);
  if (bytes[start + ENCODING] === DENSE) {
    for (let i = 0; i < REGISTERS; i++) histogram[denseRegister(bytes, start, i)]++;
  } else {
    eachRun(bytes, start, end, (_, length, value) => {
      histogram[value] += length;
    });
  }
  return estimate(histogram);
}

const MOST_RANK = 64 - INDEX_BITS + 1;
/** 0.5 / ln 2 */
const ALPHA = 0.7213475204444817;

function estimate(histogram: Int32Array): number {
  let z = REGISTERS * tau((REGISTERS - histogram[MOST_RANK]) / REGISTERS);
  for (let rank = MOST_RANK - 1; rank >= 1; rank--) z = (z + histogram[rank]) * 0.5;
  z += REGISTERS * sigma(histogram[0] / REGISTERS);
  return Math.round((ALPHA * REGISTERS * REGISTERS) / z);
}

function sigma(x: number): number {
  if (x === 1) return Number.POSITIVE_INFINITY;
  let y = 1;
  let z = x;
  let before: number;
  do {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  } while (before !== z);
  return z;
}

function tau(x: number): number {
  if (x === 0 || x === 1) return 0;
  let y = 1;
  let z = 1 - x;
  let before: number;
  do {
    x = Math.sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) ** 2 * y;
  } while (before !== z);
  return z / 3;
}

/** A value being changed, in bytes of its own that grow and become dense as needed. */
export class HyperLogLog {
  bytes: Bytes;
  length: number;

  /** Begins with a copy of bytes[start, end). */
  constructor(bytes: Bytes, start: number, end: number) {
    this.bytes = slice(bytes, start, end);
    this.length = end - start;
  }

  get isSparse(): boolean {
    return this.bytes[ENCODING] === SPARSE;
  }

  /**
   * Adds bytes[start, end); answers whether that changed anything. `sparseLimit` is `hll-sparse-max-bytes`. Throws
   * CorruptHyperLogLog.
   */
  add(bytes: Bytes, start: number, end: number, sparseLimit: number): boolean {
    hash(bytes, start, end);
    return this.raise(hashLow & (REGISTERS - 1), rankOfHash(), sparseLimit);
  }

  /** Raises a register to `value`; answers whether it was smaller. */
  raise(register: number, value: number, sparseLimit: number): boolean {
    if (this.isSparse) return this.raiseSparse(register, value, sparseLimit);
    if (value <= denseRegister(this.bytes, 0, register)) return false;
    setDenseRegister(this.bytes, 0, register, value);
    return true;
  }

  /** From sparse to dense. Throws CorruptHyperLogLog. */
  becomeDense(): void {
    if (!this.isSparse) return;
    const dense = allocateZeroed(DENSE_BYTES);
    copy(dense, 0, this.bytes, 0, HEADER);
    dense[ENCODING] = DENSE;
    eachRun(this.bytes, 0, this.length, (first, length, value) => {
      if (value > 0) for (let i = first; i < first + length; i++) setDenseRegister(dense, 0, i, value);
    });
    this.bytes = dense;
    this.length = DENSE_BYTES;
  }

  forgetCardinality(): void {
    this.bytes[CARDINALITY + 7] |= 0x80;
  }

  private raiseSparse(register: number, value: number, sparseLimit: number): boolean {
    if (value > MOST_VALUE) return this.raiseDense(register, value);
    const { bytes } = this;
    let at = HEADER;
    let before = -1;
    let first = 0;
    let length = 0;
    while (at < this.length) {
      length = runLength(bytes, at);
      if (register < first + length) break;
      before = at;
      at += isXzero(bytes[at]) ? 2 : 1;
      first += length;
    }
    if (at >= this.length) throw new CorruptHyperLogLog();
    const op = bytes[at];
    if (isValue(op) && registerValue(op) >= value) return false;
    if (length === 1 && !isXzero(op)) bytes[at] = valueRun(value, 1);
    else {
      const split = splitRun(op, register - first, first + length - 1 - register, value);
      const size = isXzero(op) ? 2 : 1;
      const growth = split.length - size;
      if (growth > 0 && this.length + growth > sparseLimit) return this.raiseDense(register, value);
      this.replace(at, size, split);
    }
    this.joinRuns(before < 0 ? HEADER : before);
    this.forgetCardinality();
    return true;
  }

  private raiseDense(register: number, value: number): boolean {
    this.becomeDense();
    return this.raise(register, value, 0);
  }

  /** Puts other instructions in the place of one. */
  private replace(at: number, size: number, by: readonly number[]): void {
    const grown = this.length + by.length - size;
    if (grown > this.bytes.length) {
      const roomier = allocateZeroed(grown + 64);
      copy(roomier, 0, this.bytes, 0, this.length);
      this.bytes = roomier;
    }
    this.bytes.copyWithin(at + by.length, at + size, this.length);
    this.bytes.set(by, at);
    this.length = grown;
  }

  private joinRuns(at: number): void {
    const { bytes } = this;
    for (let left = JOIN_SCAN; left > 0 && at < this.length; left--) {
      const op = bytes[at];
      if (!isValue(op)) {
        at += isXzero(op) ? 2 : 1;
        continue;
      }
      const next = at + 1 < this.length ? bytes[at + 1] : 0;
      const joined = (op & 3) + (next & 3) + 2;
      if (isValue(next) && registerValue(op) === registerValue(next) && joined <= MOST_VALUE_RUN) {
        bytes[at + 1] = valueRun(registerValue(op), joined);
        bytes.copyWithin(at, at + 1, this.length);
        this.length--;
      } else at++;
    }
  }
}

/** The instructions for a run of which one register, with so many before and behind it, gets a value of its own. */
function splitRun(op: number, before: number, behind: number, value: number): number[] {
  const rest = (length: number): number[] => {
    if (length === 0) return [];
    if (isValue(op)) return [valueRun(registerValue(op), length)];
    return length > MOST_ZERO ? [0x40 | ((length - 1) >>> 8), (length - 1) & 0xff] : [length - 1];
  };
  return [...rest(before), valueRun(value, 1), ...rest(behind)];
}

/** The cardinality kept with the value, or undefined when it must be computed. */
export function cachedCardinality(bytes: Bytes, start: number): number | undefined {
  const at = start + CARDINALITY;
  if (bytes[at + 7] & 0x80) return undefined;
  let count = 0;
  for (let i = 7; i >= 0; i--) count = count * 256 + bytes[at + i];
  return count;
}

/** Keeps a cardinality with the value. */
export function cacheCardinality(bytes: Bytes, start: number, count: number): void {
  for (let i = 0; i < 8; i++) {
    bytes[start + CARDINALITY + i] = count % 256;
    count = Math.floor(count / 256);
  }
}

/** All registers. Throws CorruptHyperLogLog. */
export function registersOf(bytes: Bytes, start: number, end: number): Uint8Array {
  const registers = new Uint8Array(REGISTERS);
  mergeRegisters(registers, bytes, start, end);
  return registers;
}

// MurmurHash64A

const SEED = 0xadc83b19;
/** The multiplier 0xc6a4a7935bd1e995, in limbs of 16 bits from the lowest. */
const M0 = 0xe995;
const M1 = 0x5bd1;
const M2 = 0xa793;
const M3 = 0xc6a4;

/** The last hash, in two halves; unsigned when read through `>>> 0`. */
let hashLow = 0;
let hashHigh = 0;
// The result of `multiply`.
let productLow = 0;
let productHigh = 0;

/** Multiplies by the hash's multiplier, modulo 2^64. */
function multiply(high: number, low: number): void {
  const a0 = low & 0xffff;
  const a1 = low >>> 16;
  const a2 = high & 0xffff;
  const a3 = high >>> 16;
  let sum = a0 * M0;
  const r0 = sum & 0xffff;
  sum = Math.floor(sum / 65536) + a1 * M0 + a0 * M1;
  const r1 = sum % 65536;
  sum = Math.floor(sum / 65536) + a2 * M0 + a1 * M1 + a0 * M2;
  const r2 = sum % 65536;
  sum = Math.floor(sum / 65536) + a3 * M0 + a2 * M1 + a1 * M2 + a0 * M3;
  productLow = (r1 << 16) | r0;
  productHigh = ((sum % 65536) << 16) | r2;
}

/** Hashes bytes[start, end) into `hashHigh` and `hashLow`. */
function hash(bytes: Bytes, start: number, end: number): void {
  multiply(0, end - start);
  let high = productHigh;
  let low = productLow ^ SEED;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    multiply(
      bytes[at + 4] | (bytes[at + 5] << 8) | (bytes[at + 6] << 16) | (bytes[at + 7] << 24),
      bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24),
    );
    // Shifted right by 47 only 17 bits are left, all of the upper half.
    multiply(productHigh, productLow ^ (productHigh >>> 15));
    multiply(high ^ productHigh, low ^ productLow);
    high = productHigh;
    low = productLow;
  }
  if (at < end) {
    for (let i = end - at - 1; i >= 0; i--) {
      if (i >= 4) high ^= bytes[at + i] << (8 * (i - 4));
      else low ^= bytes[at + i] << (8 * i);
    }
    multiply(high, low);
    high = productHigh;
    low = productLow;
  }
  multiply(high, low ^ (high >>> 15));
  hashHigh = productHigh;
  hashLow = productLow ^ (productHigh >>> 15);
}

/** The place of the first bit set above those that name the register, from 1. */
function rankOfHash(): number {
  const low = (hashLow >>> INDEX_BITS) | (hashHigh << (32 - INDEX_BITS));
  if (low !== 0) return 32 - Math.clz32(low & -low);
  const high = (hashHigh >>> INDEX_BITS) | (1 << (32 - INDEX_BITS));
  return 64 - Math.clz32(high & -high);
}
