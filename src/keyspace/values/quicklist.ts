/**
 * A large list: a sequence of listpacks in arena blocks of about 8 KB, as many as `list-max-listpack-size` allows.
 *
 * Redis links its listpacks; here their references and counts stand in two arrays, used as rings so that both ends
 * are open. An index is found by adding up counts from the nearer end, which the processor does at a few elements a
 * nanosecond: O(blocks), 40 microseconds in a list of ten million where following links would take milliseconds.
 *
 * | operation | cost |
 * |---|---|
 * | push, pop at either end | O(1) |
 * | an index | O(blocks) + O(elements of one block) |
 * | insert, replace, delete in the middle | one block is moved; O(blocks) when a block comes or goes |
 * | delete a range | O(blocks) |
 *
 * An element inserted into a full block goes to a neighbour with room or halves the block, so that blocks in the middle
 * are half full at least; a block that shrinks gives memory back, and an empty one goes. An element larger than a block
 * has one of its own. Memory: 8 bytes a block over the data and its listpack, as against Redis's 32; the blocks at
 * the ends have room to grow. `list-compress-depth` is accepted and has no effect: blocks are not compressed.
 */
import type { Bytes } from '../../protocol/bytes.js';
import type { Arena, Ref } from '../arena.js';
import type { LargeValue } from '../object-table.js';
import { HEADER_BYTES, type Listpack } from './listpack.js';
import { BLOCK_HEADER_BYTES, BlockListpack } from './quicklist-block.js';

const FIRST_CAPACITY = 4;

/** So many bytes for each block that is there already are expected to come into a new one. */
const FIRST_BYTES = 512;

/** Bytes of a listpack for `list-max-listpack-size` -1 to -5. */
const SIZE_LIMITS = [4096, 8192, 16384, 32768, 65536];
/** The same where the directive gives a number of elements. */
const COUNTED_LIMIT = 8192;
/** Bytes that an element takes besides its text, at most, if it is shorter than a megabyte. */
const ELEMENT_OVERHEAD = 8;

/** Whether a listpack has room for `size` more bytes of text under `list-max-listpack-size`. */
export function mayGrow(pack: Listpack, size: number, directive: number): boolean {
  const length = pack.length + size + ELEMENT_OVERHEAD + BLOCK_HEADER_BYTES;
  if (directive >= 0) return length <= COUNTED_LIMIT && pack.count < directive;
  return length <= SIZE_LIMITS[Math.min(-directive, 5) - 1];
}

/** Blocks for short use: views, not data. */
const block = new BlockListpack();
const spare = new BlockListpack();

export class Quicklist implements LargeValue {
  readonly encoding = 'quicklist';
  /** Number of elements. */
  length = 0;
  /** Number of blocks. */
  blocks = 0;
  /** Block i is at place (head + i) & mask. */
  private refs = new Uint32Array(FIRST_CAPACITY);
  private counts = new Uint32Array(FIRST_CAPACITY);
  private head = 0;

  constructor(private readonly arena: Arena) {}

  /** Block `i`, to be read. The view is shared: it is good until the next call of any quicklist. */
  open(i: number): Listpack {
    return this.view(i);
  }

  /** Where an element is: its block, and its index in it. `index` must be in the list. */
  locate(index: number): { block: number; index: number } {
    const { length, blocks } = this;
    if (index * 2 < length) {
      let i = 0;
      for (let count = this.count(0); index >= count; count = this.count(++i)) index -= count;
      return { block: i, index };
    }
    let behind = length - index;
    let i = blocks - 1;
    for (let count = this.count(i); behind > count; count = this.count(--i)) behind -= count;
    return { block: i, index: this.count(i) - behind };
  }

  // Changing. Sources must not lie in this list: blocks may move.

  push(atFront: boolean, source: Bytes, start: number, end: number, directive: number): void {
    const i = atFront ? 0 : this.blocks - 1;
    if (this.blocks > 0 && mayGrow(this.view(i), end - start, directive)) {
      this.insertInto(i, atFront ? HEADER_BYTES : block.end, source, start, end);
    } else this.insertAlone(atFront ? 0 : this.blocks, source, start, end, atFront);
  }

  /** Adds a copy of a listpack behind the last block. */
  appendListpack(bytes: Bytes, start: number, end: number): void {
    block.createFrom(this.arena, bytes, start, end);
    this.insertBlock(this.blocks, block.ref, block.count);
    this.length += block.count;
  }

  /** Puts an element before the one at a position of block `i`, or at the block's end. */
  insert(i: number, at: number, source: Bytes, start: number, end: number, directive: number): void {
    const size = end - start;
    const view = this.view(i);
    const isEnd = at === view.end;
    if (mayGrow(view, size, directive)) {
      this.insertInto(i, at, source, start, end);
    } else if (at === HEADER_BYTES && i > 0 && mayGrow(this.view(i - 1), size, directive)) {
      this.insertInto(i - 1, block.end, source, start, end);
    } else if (isEnd && i + 1 < this.blocks && mayGrow(this.view(i + 1), size, directive)) {
      this.insertInto(i + 1, HEADER_BYTES, source, start, end);
    } else if (at === HEADER_BYTES) {
      this.insertAlone(i, source, start, end, true);
    } else if (isEnd) {
      this.insertAlone(i + 1, source, start, end, false);
    } else if (size > COUNTED_LIMIT) {
      this.split(i, at);
      this.insertAlone(i + 1, source, start, end, false);
    } else {
      const middle = this.middleOf(i);
      this.split(i, middle);
      if (at <= middle) this.insert(i, at, source, start, end, directive);
      else this.insert(i + 1, at - middle + HEADER_BYTES, source, start, end, directive);
    }
  }

  /** Puts another element in the place of the one at a position of block `i`. */
  replace(i: number, at: number, source: Bytes, start: number, end: number, directive: number): void {
    const view = this.view(i);
    const old = view.read(at);
    const fits = this.count(i) === 1 || mayGrow(view, end - start - (old.end - old.start), directive);
    if (fits || end - start <= old.end - old.start) {
      view.replace(at, source, start, end);
      this.refs[this.place(i)] = block.ref;
      return;
    }
    this.deleteFrom(i, at, 1);
    this.insert(i, at, source, start, end, directive);
  }

  /** Takes out `count` elements of block `i` from a position on; they must not be all of it. */
  deleteFrom(i: number, at: number, count: number): void {
    const view = this.view(i);
    view.delete(at, count);
    this.refs[this.place(i)] = block.ref;
    this.counts[this.place(i)] -= count;
    this.length -= count;
  }

  /** Takes out `count` elements from an index on. */
  deleteRange(index: number, count: number): void {
    if (count <= 0) return;
    let { block: i, index: within } = this.locate(index);
    let emptied = -1;
    let whole = 0;
    while (count > 0) {
      const held = this.count(i);
      const taken = Math.min(held - within, count);
      if (taken === held) {
        if (whole++ === 0) emptied = i;
      } else this.deleteFrom(i, this.view(i).seek(within), taken);
      count -= taken;
      within = 0;
      i++;
    }
    if (whole > 0) this.removeBlocks(emptied, whole);
  }

  /** Takes out block `i` with all its elements. */
  removeBlock(i: number): void {
    this.removeBlocks(i, 1);
  }

  /** Number of elements of block `i`. */
  count(i: number): number {
    return this.counts[this.place(i)];
  }

  clone(): Quicklist {
    const copy = new Quicklist(this.arena);
    for (let i = 0; i < this.blocks; i++) {
      const { bytes, start, length } = spare.open(this.arena, this.refs[this.place(i)]);
      copy.appendListpack(bytes, start, start + length);
    }
    return copy;
  }

  get pieces(): number {
    return this.blocks;
  }

  disposeSome(pieces: number): boolean {
    const freed = Math.min(pieces, this.blocks);
    this.removeBlocks(this.blocks - freed, freed);
    return this.blocks === 0;
  }

  // Inside a block

  private view(i: number): BlockListpack {
    return block.open(this.arena, this.refs[this.place(i)]);
  }

  /** Inserts into block `i`, which is open. */
  private insertInto(i: number, at: number, source: Bytes, start: number, end: number): void {
    block.insert(at, source, start, end);
    const place = this.place(i);
    this.refs[place] = block.ref;
    this.counts[place]++;
    this.length++;
  }

  /** An element in a new block before block `i`, which is to grow at its front or at its back. */
  private insertAlone(i: number, source: Bytes, start: number, end: number, atFront: boolean): void {
    // A block of a long list will be filled, too: it need not grow to its size in steps, each of them a copy.
    const expected = Math.min(this.blocks * FIRST_BYTES, COUNTED_LIMIT - 2 * BLOCK_HEADER_BYTES);
    block.create(this.arena, Math.max(expected, end - start + ELEMENT_OVERHEAD + 2), atFront);
    block.append(source, start, end);
    this.insertBlock(i, block.ref, 1);
    this.length++;
  }

  /** The first position of a block's second half. */
  private middleOf(i: number): number {
    const view = this.view(i);
    const half = view.length >>> 1;
    let at = view.next(view.first);
    for (let next = view.next(at); at < half && next !== 0; next = view.next(at)) at = next;
    return at;
  }

  /** Moves the elements of block `i` from a position on, not the first, to a new block behind it. */
  private split(i: number, at: number): void {
    const view = this.view(i);
    let count = 0;
    for (let next = at; next !== 0; next = view.next(next)) count++;
    spare.createFromTail(view, at, count);
    view.delete(at, count);
    const place = this.place(i);
    this.refs[place] = block.ref;
    this.counts[place] -= count;
    this.insertBlock(i + 1, spare.ref, count);
  }

  // The sequence of blocks

  private place(i: number): number {
    return (this.head + i) & (this.refs.length - 1);
  }

  /** Makes a block the i-th; the shorter side moves. */
  private insertBlock(i: number, ref: Ref, count: number): void {
    if (this.blocks === this.refs.length) this.resize(this.blocks * 2);
    if (i * 2 < this.blocks) {
      this.head = this.place(-1);
      for (let k = 0; k < i; k++) this.moveBlock(k + 1, k);
    } else for (let k = this.blocks; k > i; k--) this.moveBlock(k - 1, k);
    const place = this.place(i);
    this.refs[place] = ref;
    this.counts[place] = count;
    this.blocks++;
  }

  /** Frees `n` blocks from the i-th on, and forgets their elements. */
  private removeBlocks(i: number, n: number): void {
    for (let k = i; k < i + n; k++) {
      this.length -= this.count(k);
      this.view(k).free();
    }
    const behind = this.blocks - i - n;
    if (i < behind) {
      for (let k = i - 1; k >= 0; k--) this.moveBlock(k, k + n);
      this.head = this.place(n);
    } else for (let k = 0; k < behind; k++) this.moveBlock(i + n + k, i + k);
    this.blocks -= n;
    if (this.blocks * 8 < this.refs.length && this.refs.length > FIRST_CAPACITY) {
      this.resize(this.refs.length / 4);
    }
  }

  private moveBlock(from: number, to: number): void {
    this.refs[this.place(to)] = this.refs[this.place(from)];
    this.counts[this.place(to)] = this.counts[this.place(from)];
  }

  private resize(capacity: number): void {
    const refs = new Uint32Array(Math.max(FIRST_CAPACITY, capacity));
    const counts = new Uint32Array(refs.length);
    for (let i = 0; i < this.blocks; i++) {
      refs[i] = this.refs[this.place(i)];
      counts[i] = this.counts[this.place(i)];
    }
    this.refs = refs;
    this.counts = counts;
    this.head = 0;
  }
}
