/**
 * A large sorted set: a dictionary from members to scores, and a tree that keeps them in order (sorted-tree.ts). Both
 * refer to one record per member in the arena:
 *
 * | word | holds |
 * |---|---|
 * | 0, 1 | the score, a double |
 * | 2 | length of the member |
 * | … | member |
 *
 * Score of a member: O(1), without the tree. Adding, moving, removing, ranks: O(log n). Memory beside the member itself:
 * 12 bytes for the record, 12-18 for the tree, 12-24 for the dictionary, where Redis takes 24 for its dictionary's entry,
 * 8-16 for the bucket, 45 on average for the skip list's node and a string's head.
 */
import { type ByteRange, type Bytes, copy, emptyRange } from '../../protocol/bytes.js';
import { type Arena, type Ref, SEGMENT_SHIFT, sizeClass, UNIT_MASK } from '../arena.js';
import { Dictionary } from '../dictionary.js';
import { hashBytes } from '../hash.js';
import type { LargeValue } from '../object-table.js';
import { MEMBER_HEADER_BYTES, MEMBER_LENGTH, SortedTree } from './sorted-tree.js';

export class LargeZset implements LargeValue {
  readonly encoding = 'skiplist';
  /** Of the members' records. */
  readonly dictionary: Dictionary;
  /** Of scores and members' records. */
  readonly tree: SortedTree;

  constructor(private readonly arena: Arena) {
    this.dictionary = new Dictionary(arena, MEMBER_HEADER_BYTES, MEMBER_LENGTH);
    this.tree = new SortedTree(arena);
  }

  get size(): number {
    return this.tree.size;
  }

  /** The member's record, or 0. */
  find(member: Bytes, start: number, end: number): Ref {
    return this.dictionary.find(member, start, end);
  }

  score(record: Ref): number {
    return this.arena.doubles[record >>> SEGMENT_SHIFT][record & UNIT_MASK];
  }

  /** Where a record's member is. */
  member(record: Ref, into: ByteRange): Readonly<ByteRange> {
    into.bytes = this.arena.bytes[record >>> SEGMENT_SHIFT];
    into.start = (record & UNIT_MASK) * 8 + MEMBER_HEADER_BYTES;
    into.end = into.start + this.memberLength(record);
    return into;
  }

  /** Adds a member that isn't there. */
  add(member: Bytes, start: number, end: number, score: number): void {
    const { arena } = this;
    const record = arena.allocate(MEMBER_HEADER_BYTES + end - start);
    const segment = record >>> SEGMENT_SHIFT;
    const unit = record & UNIT_MASK;
    arena.doubles[segment][unit] = score;
    arena.words[segment][(unit << 1) + MEMBER_LENGTH] = end - start;
    copy(arena.bytes[segment], unit * 8 + MEMBER_HEADER_BYTES, member, start, end);
    this.dictionary.insert(hashBytes(member, start, end), record);
    this.tree.insert(score, record);
  }

  /** Gives a member another score. */
  move(record: Ref, score: number): void {
    this.tree.remove(this.score(record), record);
    this.arena.doubles[record >>> SEGMENT_SHIFT][record & UNIT_MASK] = score;
    this.tree.insert(score, record);
  }

  remove(record: Ref): void {
    this.tree.remove(this.score(record), record);
    this.forget(record);
  }

  /** Removes the member at this rank, counted from 0. */
  removeAt(rank: number): void {
    this.forget(this.tree.removeAt(rank));
  }

  /** Length of the longest member. O(n). */
  longestMember(): number {
    let longest = 0;
    this.dictionary.forEach((record) => {
      longest = Math.max(longest, this.memberLength(record));
    });
    return longest;
  }

  clone(): LargeZset {
    const clone = new LargeZset(this.arena);
    const range = emptyRange();
    this.tree.visit(0, this.size, false, (score, record) => {
      this.member(record, range);
      clone.add(range.bytes, range.start, range.end, score);
    });
    return clone;
  }

  get pieces(): number {
    return this.size;
  }

  disposeSome(pieces: number): boolean {
    if (this.dictionary.size === 0) return this.tree.drain(pieces);
    this.dictionary.drain(pieces, (record) => this.arena.free(record, this.sizeClass(record)));
    return pieces === Number.POSITIVE_INFINITY && this.tree.drain(pieces);
  }

  /** A record that the tree has given up. */
  private forget(record: Ref): void {
    const start = (record & UNIT_MASK) * 8 + MEMBER_HEADER_BYTES;
    const bytes = this.arena.bytes[record >>> SEGMENT_SHIFT];
    this.dictionary.remove(hashBytes(bytes, start, start + this.memberLength(record)), record);
    this.arena.free(record, this.sizeClass(record));
  }

  private memberLength(record: Ref): number {
    return this.arena.words[record >>> SEGMENT_SHIFT][((record & UNIT_MASK) << 1) + MEMBER_LENGTH];
  }

  private sizeClass(record: Ref): number {
    return sizeClass(MEMBER_HEADER_BYTES + this.memberLength(record));
  }
}
