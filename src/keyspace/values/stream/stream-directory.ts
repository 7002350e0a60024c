/**
 * The nodes of a stream: their IDs and where they are, in order, five words each in one array.
 *
 * Nodes come at the end and, as the stream is trimmed, go from the beginning: both cost O(1) amortised, since places
 * given up in front are only reclaimed when the array would have to grow. A node that goes from the middle moves the
 * rest of the array, 20 bytes for a hundred entries. Finding the node of an ID is a binary search.
 *
 * Redis has a radix tree for this, whose nodes take several times the memory and a cache miss for each step.
 */
import type { Ref } from '../../arena.js';
import type { StreamId } from './stream-id.js';

const WORDS = 5;
const REF = 4;
const ID_BYTES = 16;

export class StreamDirectory {
  /** Number of nodes. */
  size = 0;
  private words = new Uint32Array(WORDS);
  /** Place of the first node. */
  private first = 0;

  ref(i: number): Ref {
    return this.words[(this.first + i) * WORDS + REF];
  }

  setRef(i: number, ref: Ref): void {
    this.words[(this.first + i) * WORDS + REF] = ref;
  }

  /** Sets `id` to that of node `i`. */
  readId(i: number, id: StreamId): void {
    const { words } = this;
    const at = (this.first + i) * WORDS;
    id.set(words[at], words[at + 1], words[at + 2], words[at + 3]);
  }

  /** Adds a node behind the last. */
  append(id: StreamId, ref: Ref): void {
    const place = this.first + this.size;
    if ((place + 1) * WORDS > this.words.length) this.makeRoom();
    const at = (this.first + this.size++) * WORDS;
    const { words } = this;
    words[at] = id.msHigh;
    words[at + 1] = id.msLow;
    words[at + 2] = id.seqHigh;
    words[at + 3] = id.seqLow;
    words[at + REF] = ref;
  }

  remove(i: number): void {
    if (i === 0) this.first++;
    else {
      const from = (this.first + i + 1) * WORDS;
      this.words.copyWithin(from - WORDS, from, (this.first + this.size) * WORDS);
    }
    if (--this.size === 0) this.first = 0;
  }

  /** The last node whose ID is at or before this one, -1 when there is none. */
  find(id: StreamId): number {
    let low = 0;
    let high = this.size;
    if (high > 0 && this.compare(high - 1, id) <= 0) return high - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compare(middle, id) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Bytes that the array takes. */
  get bytes(): number {
    return this.words.byteLength;
  }

  /**
   * Number of nodes that a radix tree over the IDs would have, Redis's measure of a stream: one for each node here, one
   * wherever IDs part, and one for each run of bytes in between. O(nodes).
   */
  get radixTreeNodes(): number {
    return this.size === 0 ? 1 : this.radixTreeNodesOf(0, this.size, 0);
  }

  /** The same for the nodes from `low` up to `high`, whose IDs are equal in their first `depth` bytes. */
  private radixTreeNodesOf(low: number, high: number, depth: number): number {
    const common = high - low === 1 ? ID_BYTES : this.commonBytes(low, high - 1);
    let nodes = 1 + (common > depth ? 1 : 0);
    for (let from = low; high - low > 1 && from < high; ) {
      let to = from + 1;
      while (to < high && this.byte(to, common) === this.byte(from, common)) to++;
      nodes += this.radixTreeNodesOf(from, to, common + 1);
      from = to;
    }
    return nodes;
  }

  private commonBytes(i: number, j: number): number {
    let common = 0;
    while (this.byte(i, common) === this.byte(j, common)) common++;
    return common;
  }

  /** Byte `n` of an ID, from the most significant on. */
  private byte(i: number, n: number): number {
    return (this.words[(this.first + i) * WORDS + (n >>> 2)] >>> (24 - 8 * (n & 3))) & 255;
  }

  private compare(i: number, id: StreamId): number {
    const { words } = this;
    const at = (this.first + i) * WORDS;
    return (
      words[at] - id.msHigh ||
      words[at + 1] - id.msLow ||
      words[at + 2] - id.seqHigh ||
      words[at + 3] - id.seqLow
    );
  }

  /** Makes room at the end: where nodes have gone from, when that is as much as there are, or in a larger array. */
  private makeRoom(): void {
    const { words, first, size } = this;
    const from = first * WORDS;
    const to = (first + size) * WORDS;
    if (first > size) words.copyWithin(0, from, to);
    else {
      this.words = new Uint32Array(Math.max(1, size * 2) * WORDS);
      this.words.set(words.subarray(from, to));
    }
    this.first = 0;
  }
}
