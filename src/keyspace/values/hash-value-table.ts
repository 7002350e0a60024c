/**
 * A large hash: a dictionary of pairs, each one record in the arena. Nothing of it is on JavaScript's heap but the
 * dictionary's two arrays, so ten million fields cost the garbage collector nothing.
 *
 * | word | holds |
 * |---|---|
 * | 0 | length of the field |
 * | 1 | length of the value |
 * | … | field, value |
 *
 * Find, set, delete: O(1). A value that still fits is changed in place. Memory: 8 bytes a pair and 12-24 for the
 * dictionary's positions, where Redis takes 24 for its entry, 8-16 for the bucket and the heads of two strings.
 */
import { type ByteRange, type Bytes, copy, emptyRange } from '../../protocol/bytes.js';
import { type Arena, HUGE_CLASS, type Ref, SEGMENT_SHIFT, sizeClass, UNIT_MASK } from '../arena.js';
import { Dictionary } from '../dictionary.js';
import type { LargeValue } from '../object-table.js';

const FIELD_LENGTH = 0;
const VALUE_LENGTH = 1;
const HEADER_BYTES = 8;

export class HashTable implements LargeValue {
  readonly encoding = 'hashtable';
  /** Of the pairs, for walking over them. */
  readonly dictionary: Dictionary;

  constructor(private readonly arena: Arena) {
    this.dictionary = new Dictionary(arena, HEADER_BYTES, FIELD_LENGTH);
  }

  get size(): number {
    return this.dictionary.size;
  }

  /** The field's pair, or 0. */
  find(field: Bytes, start: number, end: number): Ref {
    return this.dictionary.find(field, start, end);
  }

  /** Sets a field; answers whether it is new. */
  set(
    field: Bytes,
    fieldStart: number,
    fieldEnd: number,
    value: Bytes,
    valueStart: number,
    valueEnd: number,
  ): boolean {
    const { dictionary, arena } = this;
    const found = dictionary.find(field, fieldStart, fieldEnd);
    const hash = dictionary.lastHash;
    const fieldLength = fieldEnd - fieldStart;
    const size = HEADER_BYTES + fieldLength + valueEnd - valueStart;
    const cls = sizeClass(size);
    const before = found === 0 ? -1 : this.sizeClass(found);
    const ref = before === cls && cls !== HUGE_CLASS ? found : arena.allocate(size);
    const words = arena.words[ref >>> SEGMENT_SHIFT];
    const at = (ref & UNIT_MASK) << 1;
    const bytes = arena.bytes[ref >>> SEGMENT_SHIFT];
    const start = (ref & UNIT_MASK) * 8 + HEADER_BYTES;
    words[at + VALUE_LENGTH] = valueEnd - valueStart;
    copy(bytes, start + fieldLength, value, valueStart, valueEnd);
    if (ref === found) return false;
    words[at + FIELD_LENGTH] = fieldLength;
    copy(bytes, start, field, fieldStart, fieldEnd);
    if (found === 0) {
      dictionary.insert(hash, ref);
      return true;
    }
    dictionary.replace(hash, found, ref);
    arena.free(found, before);
    return false;
  }

  /** Removes a field; answers whether it was there. */
  delete(field: Bytes, start: number, end: number): boolean {
    const { dictionary } = this;
    const ref = dictionary.find(field, start, end);
    if (ref === 0) return false;
    dictionary.remove(dictionary.lastHash, ref);
    this.arena.free(ref, this.sizeClass(ref));
    return true;
  }

  /** Where a pair's field is. */
  field(ref: Ref, into: ByteRange): Readonly<ByteRange> {
    into.bytes = this.arena.bytes[ref >>> SEGMENT_SHIFT];
    into.start = (ref & UNIT_MASK) * 8 + HEADER_BYTES;
    into.end = into.start + this.word(ref, FIELD_LENGTH);
    return into;
  }

  /** Where a pair's value is. */
  value(ref: Ref, into: ByteRange): Readonly<ByteRange> {
    into.bytes = this.arena.bytes[ref >>> SEGMENT_SHIFT];
    into.start = (ref & UNIT_MASK) * 8 + HEADER_BYTES + this.word(ref, FIELD_LENGTH);
    into.end = into.start + this.word(ref, VALUE_LENGTH);
    return into;
  }

  clone(): HashTable {
    const copy = new HashTable(this.arena);
    const field = emptyRange();
    const value = emptyRange();
    this.dictionary.forEach((ref) => {
      this.field(ref, field);
      this.value(ref, value);
      copy.set(field.bytes, field.start, field.end, value.bytes, value.start, value.end);
    });
    return copy;
  }

  get pieces(): number {
    return this.size;
  }

  disposeSome(pieces: number): boolean {
    return this.dictionary.drain(pieces, (ref) => this.arena.free(ref, this.sizeClass(ref)));
  }

  private sizeClass(ref: Ref): number {
    return sizeClass(HEADER_BYTES + this.word(ref, FIELD_LENGTH) + this.word(ref, VALUE_LENGTH));
  }

  private word(ref: Ref, word: number): number {
    return this.arena.words[ref >>> SEGMENT_SHIFT][((ref & UNIT_MASK) << 1) + word];
  }
}
