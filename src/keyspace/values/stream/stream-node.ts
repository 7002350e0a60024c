/**
 * A node of a stream: a run of entries in a listpack, in a block of the arena. Redis's own layout, so that a node goes
 * into an RDB as it is:
 *
 * | elements | |
 * |---|---|
 * | live, deleted | numbers of entries |
 * | n, field … | the fields of the entry that the node began with: the master fields |
 * | 0 | |
 * | flags, ms, seq | an entry: flags, and what its ID lies behind that of the node, which is kept elsewhere |
 * | n, field, value … | its fields and values; or, with SAME_FIELDS, only the values for the master fields |
 * | count | number of elements since the flags, to go backwards by |
 *
 * An entry is deleted by a flag. Events of one kind cost their values and four or five bytes more.
 *
 * The block grows by half while entries come, and is cut to size when the node is full. Behind a full node another one is
 * likely to be filled: its block begins at the size to which that grew.
 */
import { type ByteRange, type Bytes, copy } from '../../../protocol/bytes.js';
import type { ReplyWriter } from '../../../protocol/reply-writer.js';
import { type Arena, type Ref, SEGMENT_SHIFT, sizeClass, UNIT_MASK } from '../../arena.js';
import { ElementRun } from '../element-run.js';
import { EMPTY_LISTPACK_BYTES, HEADER_BYTES, Listpack } from '../listpack.js';
import type { StreamId } from './stream-id.js';

/** The arguments of a request that are an entry's fields and values, in turn. */
export interface EntrySource {
  readonly buffer: Bytes;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** Flags of an entry. */
export const DELETED = 1;
export const SAME_FIELDS = 2;

/** Bytes of a block before the listpack: its size class. */
const BLOCK_HEADER_BYTES = 4;
/** More than an element takes besides its text, for elements below a megabyte. */
const ELEMENT_OVERHEAD = 8;
/** Farther from a node's ID than this and the sum isn't sure to be exact. */
const EASY_DIFFERENCE = 2 ** 52;

/** What is added, for a moment. */
const run = new ElementRun();

/** A view of a node, to be pointed at one after another. Changes may move it: `ref` is then the new block. */
export class StreamNode extends Listpack {
  ref: Ref = 0;
  private arena!: Arena;
  private capacity = 0;
  /** Where the master fields begin, how many there are, and where the entries begin; found by `openEntries`. */
  private fieldsAt = 0;
  private fieldCount = 0;
  private entriesAt = 0;
  /** Of the open entry: its flags, how many fields it has, and where they or, for master fields, its values begin. */
  private flags = 0;
  private hasMasterFields = false;
  private entryFields = 0;
  private valuesAt = 0;

  open(arena: Arena, ref: Ref): this {
    const segment = ref >>> SEGMENT_SHIFT;
    const word = (ref & UNIT_MASK) << 1;
    this.arena = arena;
    this.ref = ref;
    this.bytes = arena.bytes[segment];
    this.start = (word << 2) + BLOCK_HEADER_BYTES;
    this.capacity = arena.capacity(ref, arena.words[segment][word]);
    return this;
  }

  /**
   * A new node without entries, for those with the fields in every other argument from `first` to `last`, with room for
   * `expected` bytes at least.
   */
  create(arena: Arena, source: EntrySource, first: number, last: number, expected: number): this {
    const { buffer, starts, ends } = source;
    const text = ends[last] - starts[first];
    const needed = text + (last - first) * ELEMENT_OVERHEAD + 3 * ELEMENT_OVERHEAD;
    this.allocate(arena, Math.max(needed, expected));
    this.clear();
    run.clear();
    run.integer(0);
    run.integer(0);
    run.integer((last - first + 1) / 2);
    for (let i = first; i < last; i += 2) run.text(buffer, starts[i], ends[i]);
    run.integer(0);
    this.appendRun(run);
    return this;
  }

  /** A new node that is a copy of a listpack of this layout. */
  createFrom(arena: Arena, bytes: Bytes, start: number, end: number): this {
    this.allocate(arena, end - start);
    copy(this.bytes, this.start, bytes, start, end);
    return this;
  }

  /** Gives its memory back. */
  free(): void {
    this.arena.free(this.ref, this.sizeClass);
  }

  /** Bytes of the block. */
  get blockBytes(): number {
    return this.capacity;
  }

  /** Cuts the block to size. */
  fit(): void {
    const { length } = this;
    if (sizeClass(length + BLOCK_HEADER_BYTES) !== this.sizeClass) this.moveTo(length);
  }

  protected resize(length: number): void {
    if (length + BLOCK_HEADER_BYTES > this.capacity) this.moveTo(length + (length >>> 1));
  }

  private get sizeClass(): number {
    return this.arena.words[this.ref >>> SEGMENT_SHIFT][(this.ref & UNIT_MASK) << 1];
  }

  private allocate(arena: Arena, size: number): void {
    const bytes = BLOCK_HEADER_BYTES + Math.max(size, EMPTY_LISTPACK_BYTES);
    const ref = arena.allocate(bytes);
    arena.words[ref >>> SEGMENT_SHIFT][(ref & UNIT_MASK) << 1] = sizeClass(bytes);
    this.open(arena, ref);
  }

  private moveTo(size: number): void {
    const { ref, bytes, start, length } = this;
    const cls = this.sizeClass;
    this.allocate(this.arena, size);
    copy(this.bytes, this.start, bytes, start, start + length);
    this.arena.free(ref, cls);
  }

  // Counts

  /** Number of entries that aren't deleted. */
  get live(): number {
    return this.integer(HEADER_BYTES);
  }

  get deleted(): number {
    return this.integer(this.skip(HEADER_BYTES, 1));
  }

  // Entries. A position is that of an entry's flags; 0 is none.

  /** Adds the entry whose fields and values are the arguments from `first` to `last`; `id` must be the greatest. */
  add(nodeId: StreamId, id: StreamId, source: EntrySource, first: number, last: number): void {
    const { buffer, starts, ends } = source;
    const count = (last - first + 1) / 2;
    this.replaceInteger(HEADER_BYTES, this.live + 1);
    const same = this.hasFields(source, first, last);
    run.clear();
    run.integer(same ? SAME_FIELDS : 0);
    const ms = id.msSince(nodeId);
    const seq = id.seqSince(nodeId);
    if (Number.isNaN(ms)) run.int64(BigInt.asIntN(64, id.ms - nodeId.ms));
    else run.integer(ms);
    if (Number.isNaN(seq)) run.int64(BigInt.asIntN(64, id.seq - nodeId.seq));
    else run.integer(seq);
    if (!same) run.integer(count);
    for (let i = first; i < last; i += 2) {
      if (!same) run.text(buffer, starts[i], ends[i]);
      run.text(buffer, starts[i + 1], ends[i + 1]);
    }
    run.integer(3 + count + (same ? 0 : count + 1));
    this.appendRun(run);
  }

  /** Whether every other argument is the master field of its place, and there are no more of these. */
  private hasFields({ buffer, starts, ends }: EntrySource, first: number, last: number): boolean {
    let at = this.skip(HEADER_BYTES, 2);
    if (this.integer(at) !== (last - first + 1) / 2) return false;
    at = this.skip(at, 1);
    for (let i = first; i < last; i += 2) {
      if (!this.equals(at, buffer, starts[i], ends[i])) return false;
      at = this.skip(at, 1);
    }
    return true;
  }

  /** Finds where entries are; to be called after `open` and before the rest. */
  openEntries(): this {
    const countAt = this.skip(HEADER_BYTES, 2);
    this.fieldCount = this.integer(countAt);
    this.fieldsAt = this.skip(countAt, 1);
    this.entriesAt = this.skip(this.fieldsAt, this.fieldCount + 1);
    return this;
  }

  get firstEntry(): number {
    return this.entriesAt === this.end ? 0 : this.entriesAt;
  }

  get lastEntry(): number {
    return this.entryBefore(this.end);
  }

  /** The entry before the one at `at`, deleted or not. */
  entryBefore(at: number): number {
    if (at === this.entriesAt) return 0;
    let before = this.previous(at);
    for (let count = this.integer(before); count > 0; count--) before = this.previous(before);
    return before;
  }

  /** Opens the entry at `at` and sets `id` to its ID. What follows is about the open entry. */
  openEntry(at: number, nodeId: StreamId, id: StreamId): void {
    const msAt = this.skip(at, 1);
    const seqAt = this.skip(msAt, 1);
    const rest = this.skip(seqAt, 1);
    const ms = this.integer(msAt);
    const seq = this.integer(seqAt);
    id.copy(nodeId);
    if (Math.abs(ms) < EASY_DIFFERENCE && Math.abs(seq) < EASY_DIFFERENCE) id.add(ms, seq);
    else {
      id.ms += this.int64(msAt);
      id.seq += this.int64(seqAt);
    }
    this.flags = this.integer(at);
    this.hasMasterFields = (this.flags & SAME_FIELDS) !== 0;
    this.entryFields = this.hasMasterFields ? this.fieldCount : this.integer(rest);
    this.valuesAt = this.hasMasterFields ? rest : this.skip(rest, 1);
  }

  get isDeleted(): boolean {
    return (this.flags & DELETED) !== 0;
  }

  /** The entry behind it, deleted or not. */
  get entryAfter(): number {
    const elements = this.hasMasterFields ? this.entryFields : 2 * this.entryFields;
    const behind = this.skip(this.valuesAt, elements + 1);
    return behind === this.end ? 0 : behind;
  }

  /** Replies with its fields and values, one list. Answers the position behind the entry, 0 at the end. */
  replyWithFields(reply: ReplyWriter): number {
    const { hasMasterFields, entryFields } = this;
    reply.array(2 * entryFields);
    let field = this.fieldsAt;
    let value = this.valuesAt;
    for (let n = entryFields; n > 0; n--) {
      if (hasMasterFields) field = this.replyWithOne(reply, field);
      else value = this.replyWithOne(reply, value);
      value = this.replyWithOne(reply, value);
    }
    value = this.skip(value, 1);
    return value === this.end ? 0 : value;
  }

  /** Calls `visit` with its fields and values in turn. */
  visitFields(visit: (text: Readonly<ByteRange>) => void): void {
    let field = this.fieldsAt;
    let value = this.valuesAt;
    for (let n = this.entryFields; n > 0; n--) {
      visit(this.read(this.hasMasterFields ? field : value));
      if (this.hasMasterFields) field = this.skip(field, 1);
      else value = this.skip(value, 1);
      visit(this.read(value));
      value = this.skip(value, 1);
    }
  }

  /** Marks an entry as deleted; `countDeleted` is to follow. */
  markDeleted(at: number): void {
    this.replaceInteger(at, this.integer(at) | DELETED);
  }

  /** So many entries have been marked. Positions are no longer good afterwards. */
  countDeleted(count: number): void {
    this.replaceInteger(HEADER_BYTES, this.live - count);
    const at = this.skip(HEADER_BYTES, 1);
    this.replaceInteger(at, this.integer(at) + count);
  }
}
