/**
 * A block of a quicklist: a listpack in a piece of arena memory, with room to grow at both ends.
 *
 * | word | holds |
 * |---|---|
 * | 0 | size class of the block |
 * | 1 | where in the block the listpack begins, in bytes |
 * | … | room, listpack, room |
 *
 * At the front only the listpack's 6 bytes of header move when an element comes or goes, so both ends cost O(1),
 * while what lies there is a whole listpack at any time, ready to be written to an RDB. A block doubles up to
 * `FULL_BYTES`; the room it gets is put on the side that asks for it. A full block whose room is on the other side
 * moves its listpack to the middle.
 */
import { type Bytes, copy } from '../../protocol/bytes.js';
import { type Arena, type Ref, SEGMENT_SHIFT, sizeClass, UNIT_MASK } from '../arena.js';
import { EMPTY_LISTPACK_BYTES, HEADER_BYTES, Listpack } from './listpack.js';
import { writeLittle32 } from './listpack-elements.js';

/** Bytes of a block before what it holds. */
export const BLOCK_HEADER_BYTES = 8;
const CLASS_WORD = 0;
const START_WORD = 1;

const SMALLEST_BYTES = 512;
/** Up to this size blocks have room to spare. */
const FULL_BYTES = 8192;

/** A view of a block, to be pointed at one after another. Changes may move the block: `ref` is then the new one. */
export class BlockListpack extends Listpack {
  ref: Ref = 0;
  private arena!: Arena;
  /** Where the block begins in `bytes`, and how long it is. */
  private base = 0;
  private capacity = 0;

  open(arena: Arena, ref: Ref): this {
    const segment = ref >>> SEGMENT_SHIFT;
    const words = arena.words[segment];
    const word = (ref & UNIT_MASK) << 1;
    this.arena = arena;
    this.ref = ref;
    this.bytes = arena.bytes[segment];
    this.base = word << 2;
    this.start = this.base + words[word + START_WORD];
    this.capacity = arena.capacity(ref, words[word + CLASS_WORD]);
    return this;
  }

  /** A new block for about `size` bytes of elements, empty, with all its room at the front or at the back. */
  create(arena: Arena, size: number, roomInFront: boolean): this {
    const needed = size + EMPTY_LISTPACK_BYTES;
    this.allocate(arena, Math.max(SMALLEST_BYTES, needed + BLOCK_HEADER_BYTES));
    this.moveStart(roomInFront ? this.capacity - EMPTY_LISTPACK_BYTES : BLOCK_HEADER_BYTES);
    this.clear();
    return this;
  }

  /** A new block that holds a copy of a listpack. */
  createFrom(arena: Arena, bytes: Bytes, start: number, end: number): this {
    this.allocate(arena, end - start + BLOCK_HEADER_BYTES);
    this.moveStart(BLOCK_HEADER_BYTES);
    copy(this.bytes, this.start, bytes, start, end);
    return this;
  }

  /** A new block that holds `count` elements of `other`, from the one at `at` to the end. */
  createFromTail(other: BlockListpack, at: number, count: number): this {
    const { arena, bytes } = other;
    const from = other.start + at;
    const length = other.length - at + HEADER_BYTES;
    this.allocate(arena, length + BLOCK_HEADER_BYTES);
    this.moveStart(BLOCK_HEADER_BYTES);
    copy(this.bytes, this.start + HEADER_BYTES, bytes, from, from + length - HEADER_BYTES);
    this.writeHeader(length, count);
    return this;
  }

  /** Gives its memory back. */
  free(): void {
    this.arena.free(this.ref, this.sizeClass);
  }

  protected override splice(at: number, removed: number, added: number): void {
    const growth = added - removed;
    const { length } = this;
    if (at !== HEADER_BYTES || length === EMPTY_LISTPACK_BYTES) {
      super.splice(at, removed, added);
      return;
    }
    if (growth > this.gap) this.roomFor(length + growth, true);
    const count = this.bytes[this.start + 4] | (this.bytes[this.start + 5] << 8);
    this.moveStart(this.start - this.base - growth);
    this.writeHeader(length + growth, count);
    if (growth < 0) this.shrink(length + growth);
  }

  protected resize(length: number): void {
    if (this.start + length > this.base + this.capacity) this.roomFor(length, false);
    else if (length <= this.length) this.shrink(length);
  }

  /** Room in front of the listpack. */
  private get gap(): number {
    return this.start - this.base - BLOCK_HEADER_BYTES;
  }

  private get sizeClass(): number {
    return this.arena.words[this.ref >>> SEGMENT_SHIFT][((this.ref & UNIT_MASK) << 1) + CLASS_WORD];
  }

  private moveStart(offset: number): void {
    this.start = this.base + offset;
    this.arena.words[this.ref >>> SEGMENT_SHIFT][((this.ref & UNIT_MASK) << 1) + START_WORD] = offset;
  }

  private writeHeader(length: number, count: number): void {
    const { bytes, start } = this;
    writeLittle32(bytes, start, length);
    bytes[start + 4] = count;
    bytes[start + 5] = count >>> 8;
  }

  private allocate(arena: Arena, size: number): void {
    const ref = arena.allocate(size);
    const words = arena.words[ref >>> SEGMENT_SHIFT];
    const word = (ref & UNIT_MASK) << 1;
    words[word + CLASS_WORD] = sizeClass(size);
    words[word + START_WORD] = BLOCK_HEADER_BYTES;
    this.open(arena, ref);
  }

  /** Makes room for a listpack of `length` bytes, on the side that it grows to. */
  private roomFor(length: number, inFront: boolean): void {
    const needed = length + BLOCK_HEADER_BYTES;
    const room = this.capacity - needed;
    if (room >= 0 && (room * 4 >= this.capacity || this.capacity >= FULL_BYTES)) {
      // There is enough, but on the other side.
      const growth = length - this.length;
      const half = room >>> 1;
      this.relocate(this, BLOCK_HEADER_BYTES + half + (inFront ? growth : 0));
      return;
    }
    const current = this.length;
    const size = Math.max(needed, Math.min(needed * 2, FULL_BYTES));
    this.moveTo(size, (capacity) => (inFront ? capacity - current : BLOCK_HEADER_BYTES));
  }

  /** Gives memory back when most of it isn't needed for `length` bytes. */
  private shrink(length: number): void {
    if (this.capacity <= SMALLEST_BYTES || length * 4 > this.capacity) return;
    const size = Math.max(SMALLEST_BYTES, length * 2);
    this.moveTo(size, (capacity) => (capacity + BLOCK_HEADER_BYTES - length) >>> 1);
  }

  /** Moves to a new block of `size` bytes; `offset` says where in it the listpack is to begin. */
  private moveTo(size: number, offset: (capacity: number) => number): void {
    const old = source;
    old.open(this.arena, this.ref);
    this.allocate(this.arena, size);
    this.relocate(old, offset(this.capacity));
    old.free();
  }

  /** Copies the listpack of `from` to this place in the block. */
  private relocate(from: BlockListpack, offset: number): void {
    const { start, length } = from;
    if (from === this) this.bytes.copyWithin(this.base + offset, start, start + length);
    else copy(this.bytes, this.base + offset, from.bytes, start, start + length);
    this.moveStart(offset);
  }
}

/** The block that another one is made from. */
const source: BlockListpack = new BlockListpack();
