/**
 * A large set: a dictionary of members, each one record in the arena (word 0 holds its length). As with HashTable there
 * is nothing on JavaScript's heap but the dictionary's two arrays.
 *
 * Find, add, remove: O(1). Memory: 4 bytes a member, rounded up to 8, and 12-24 for the dictionary's positions, where
 * Redis takes 24 for its entry, 8-16 for the bucket and the head of a string.
 */
import { type ByteRange, type Bytes, copy, emptyRange } from '../../protocol/bytes.js';
import { type Arena, type Ref, SEGMENT_SHIFT, sizeClass, UNIT_MASK } from '../arena.js';
import { Dictionary } from '../dictionary.js';
import { hashBytes } from '../hash.js';
import type { LargeValue } from '../object-table.js';

const LENGTH = 0;
const HEADER_BYTES = 4;

export class SetTable implements LargeValue {
  readonly encoding = 'hashtable';
  /** Of the members, for walking over them. */
  readonly dictionary: Dictionary;

  constructor(private readonly arena: Arena) {
    this.dictionary = new Dictionary(arena, HEADER_BYTES, LENGTH);
  }

  get size(): number {
    return this.dictionary.size;
  }

  has(member: Bytes, start: number, end: number): boolean {
    return this.dictionary.find(member, start, end) !== 0;
  }

  /** Adds a member; answers whether it is new. */
  add(member: Bytes, start: number, end: number): boolean {
    const { dictionary, arena } = this;
    if (dictionary.find(member, start, end) !== 0) return false;
    const ref = arena.allocate(HEADER_BYTES + end - start);
    const unit = ref & UNIT_MASK;
    arena.words[ref >>> SEGMENT_SHIFT][(unit << 1) + LENGTH] = end - start;
    copy(arena.bytes[ref >>> SEGMENT_SHIFT], unit * 8 + HEADER_BYTES, member, start, end);
    dictionary.insert(dictionary.lastHash, ref);
    return true;
  }

  /** Removes a member; answers whether it was there. */
  remove(member: Bytes, start: number, end: number): boolean {
    const { dictionary } = this;
    const ref = dictionary.find(member, start, end);
    if (ref === 0) return false;
    dictionary.remove(dictionary.lastHash, ref);
    this.free(ref);
    return true;
  }

  /** Removes the member whose record this is. */
  removeRecord(ref: Ref): void {
    const { bytes, start, end } = this.member(ref, emptyRange());
    this.dictionary.remove(hashBytes(bytes, start, end), ref);
    this.free(ref);
  }

  /** Where a record's member is. */
  member(ref: Ref, into: ByteRange): Readonly<ByteRange> {
    into.bytes = this.arena.bytes[ref >>> SEGMENT_SHIFT];
    into.start = (ref & UNIT_MASK) * 8 + HEADER_BYTES;
    into.end = into.start + this.length(ref);
    return into;
  }

  clone(): SetTable {
    const copy = new SetTable(this.arena);
    const range = emptyRange();
    this.dictionary.forEach((ref) => {
      const { bytes, start, end } = this.member(ref, range);
      copy.add(bytes, start, end);
    });
    return copy;
  }

  get pieces(): number {
    return this.size;
  }

  disposeSome(pieces: number): boolean {
    return this.dictionary.drain(pieces, (ref) => this.free(ref));
  }

  private length(ref: Ref): number {
    return this.arena.words[ref >>> SEGMENT_SHIFT][((ref & UNIT_MASK) << 1) + LENGTH];
  }

  private free(ref: Ref): void {
    this.arena.free(ref, sizeClass(HEADER_BYTES + this.length(ref)));
  }
}
