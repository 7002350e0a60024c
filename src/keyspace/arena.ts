/**
 * Off-heap memory for records: keys, small values, members of collections.
 *
 * A million small JavaScript objects cost the garbage collector a pause and the process a hundred bytes each;
 * a record here costs its size rounded up to the next size class and is invisible to the collector.
 *
 * - Memory comes in segments of 1 MB, allocated as needed, so an idle node stays small. A segment has three
 *   views: bytes, 32-bit words and doubles, of which each fills one unit.
 * - A reference is one unsigned 32-bit number, counted in units of 8 bytes: the upper bits name the segment,
 *   the lower ones the unit in it. 0 is "none". Up to 32 GB can be addressed.
 * - Blocks come in size classes: every 8 bytes up to 128, then eight steps per power of two (at most 12.5 %
 *   waste) up to 128 KB. Freed blocks go to their class's list, threaded through their first word. A larger
 *   block is a segment of its own and goes back to the system when freed.
 *
 * When the last block has been freed (FLUSHALL, a replica before a full resync) all segments but the first go back to the
 * system, and what comes next is laid out in order again: free lists would give out blocks in the order in which they were
 * freed, which is any.
 *
 * Allocate and free are O(1).
 */
import { allocate, type Bytes, withView } from '../protocol/bytes.js';

/** A record's address; 0 is none. */
export type Ref = number;

const UNIT = 8;
/** Units in a segment, as a shift: ref >>> SEGMENT_SHIFT is the segment. */
export const SEGMENT_SHIFT = 17;
export const UNIT_MASK = (1 << SEGMENT_SHIFT) - 1;
const SEGMENT_BYTES = UNIT << SEGMENT_SHIFT;
const MAX_SEGMENTS = 1 << (32 - SEGMENT_SHIFT);

const SMALL_LIMIT = 128;
const CLASS_LIMIT = 128 * 1024;
/** The class of a block that is a segment of its own. */
export const HUGE_CLASS = 255;

/** Size in bytes of each class. */
const classSizes: number[] = [];
for (let size = 8; size <= SMALL_LIMIT; size += 8) classSizes.push(size);
for (let base = SMALL_LIMIT; base < CLASS_LIMIT; base *= 2) {
  for (let step = 1; step <= 8; step++) classSizes.push(base + (base / 8) * step);
}

/** The smallest class that holds `size` bytes, 1 or more; HUGE_CLASS beyond 128 KB. */
export function sizeClass(size: number): number {
  if (size <= SMALL_LIMIT) return (size - 1) >>> 3;
  if (size > CLASS_LIMIT) return HUGE_CLASS;
  const power = 31 - Math.clz32(size - 1); // 2^power < size ≤ 2^(power + 1)
  const step = (size - 1 - (1 << power)) >>> (power - 3);
  return 16 + (power - 7) * 8 + step;
}

export class Arena {
  /** The segments, as bytes, words and doubles; index all with ref >>> SEGMENT_SHIFT. */
  readonly bytes: Bytes[] = [];
  readonly words: Uint32Array[] = [];
  readonly doubles: Float64Array[] = [];
  /** Bytes in blocks that are in use. */
  used = 0;
  /** Bytes of memory held, used or not. */
  reserved = 0;
  /** See `nextOrder`; any 32 bits to begin with. */
  private order: number;

  private readonly freeLists = new Uint32Array(classSizes.length);
  private readonly freeSegments: number[] = [];
  /** The unused end of the newest shared segment, in units. */
  private top = 0;
  private limit = 0;

  /** @param seed any 32 bits; see `nextOrder` */
  constructor(seed = 1) {
    this.order = seed;
  }

  /** The number that a dictionary orders its records by, another one each time: see dictionary.ts. */
  nextOrder(): number {
    this.order = (Math.imul(this.order, 0x19660d) + 0x3c6ef35f) | 0;
    return this.order | 1;
  }

  /** A block of at least `size` bytes, contents unspecified. Throws RangeError when the address space is full. */
  allocate(size: number): Ref {
    const cls = sizeClass(size);
    if (cls === HUGE_CLASS) return this.allocateHuge(size);
    const bytes = classSizes[cls];
    this.used += bytes;
    const head = this.freeLists[cls];
    if (head !== 0) {
      this.freeLists[cls] = this.words[head >>> SEGMENT_SHIFT][(head & UNIT_MASK) << 1];
      return head;
    }
    const units = bytes >>> 3;
    if (this.limit - this.top < units) this.openSegment();
    const ref = this.top;
    this.top += units;
    return ref >>> 0;
  }

  /** Gives a block back. `cls` is the class it was allocated in, `sizeClass(size)`. */
  free(ref: Ref, cls: number): void {
    const segment = ref >>> SEGMENT_SHIFT;
    if (cls === HUGE_CLASS) {
      const { length } = this.bytes[segment];
      this.used -= length;
      this.reserved -= length;
      this.bytes[segment] = this.bytes[0].subarray(0, 0);
      this.words[segment] = this.words[0].subarray(0, 0);
      this.doubles[segment] = this.doubles[0].subarray(0, 0);
      this.freeSegments.push(segment);
    } else {
      this.used -= classSizes[cls];
      this.words[segment][(ref & UNIT_MASK) << 1] = this.freeLists[cls];
      this.freeLists[cls] = ref;
    }
    if (this.used === 0) this.beginAnew();
  }

  /** Bytes the block has room for. */
  capacity(ref: Ref, cls: number): number {
    return cls === HUGE_CLASS ? this.bytes[ref >>> SEGMENT_SHIFT].length : classSizes[cls];
  }

  /** No block is in use: keeps nothing but the first segment, empty. */
  private beginAnew(): void {
    this.bytes.length = this.words.length = this.doubles.length = 1;
    this.freeSegments.length = 0;
    this.freeLists.fill(0);
    this.reserved = SEGMENT_BYTES;
    this.top = 1;
    this.limit = 1 << SEGMENT_SHIFT;
  }

  private allocateHuge(size: number): Ref {
    if (this.bytes.length === 0) this.openSegment(); // segment 0 must be a shared one: ref 0 is none
    const bytes = (size + 7) & ~7;
    const segment = this.addSegment(bytes);
    this.used += bytes;
    return (segment << SEGMENT_SHIFT) >>> 0;
  }

  private openSegment(): void {
    this.recycleTail();
    const segment = this.addSegment(SEGMENT_BYTES);
    this.top = (segment << SEGMENT_SHIFT) >>> 0;
    this.limit = this.top + (1 << SEGMENT_SHIFT);
    if (segment === 0) this.top = 1;
  }

  /** What is left of the segment just filled becomes free blocks, so that no tail is lost. */
  private recycleTail(): void {
    while (this.top < this.limit) {
      const left = (this.limit - this.top) * UNIT;
      let cls = sizeClass(Math.min(left, CLASS_LIMIT));
      if (classSizes[cls] > left) cls--;
      const ref = this.top >>> 0;
      this.words[ref >>> SEGMENT_SHIFT][(ref & UNIT_MASK) << 1] = this.freeLists[cls];
      this.freeLists[cls] = ref;
      this.top += classSizes[cls] >>> 3;
    }
  }

  private addSegment(size: number): number {
    const segment = this.freeSegments.pop() ?? this.bytes.length;
    if (segment >= MAX_SEGMENTS) throw new RangeError('the arena is full: 32 GB are in use');
    const bytes = withView(allocate(size));
    this.bytes[segment] = bytes;
    this.words[segment] = new Uint32Array(bytes.buffer, bytes.byteOffset, size >>> 2);
    this.doubles[segment] = new Float64Array(bytes.buffer, bytes.byteOffset, size >>> 3);
    this.reserved += size;
    return segment;
  }
}
