/**
 * Lists, whatever they are kept in.
 *
 * - Up to one listpack's size (`list-max-listpack-size`, 8 KB unless configured otherwise) a list is that listpack, in
 *   the key's record: one place in memory, two to five bytes over the data for each element. A push or pop at the
 *   front moves the rest, which takes a fraction of a microsecond at the most.
 * - Larger ones are a Quicklist: listpacks in blocks of the arena. It costs O(1) at both ends; see there.
 *
 * Redis 7.0 has a quicklist even for one element, so OBJECT ENCODING is `quicklist` for both. A quicklist stays one
 * until its key goes: a queue would be packed and unpacked again and again otherwise.
 *
 * Both are a sequence of listpacks, and a cursor (a listpack and a position in it) walks over them in either direction.
 */
import type { ByteRange, Bytes } from '../../protocol/bytes.js';
import type { ReplyWriter } from '../../protocol/reply-writer.js';
import type { Ref } from '../arena.js';
import type { Database } from '../database.js';
import type { Digest } from '../digest.js';
import { LIST } from '../record.js';
import { HEADER_BYTES, type Listpack } from './listpack.js';
import { mayGrow, Quicklist } from './quicklist.js';
import { RecordListpack } from './record-listpack.js';

/** A view of a list. One can be pointed at list after list, and follows its record when that moves. */
export class ListValue {
  private readonly packed = new RecordListpack();
  private quicklist: Quicklist | null = null;
  private db!: Database;
  /** The cursor: a position in a listpack, which is block `block` of a quicklist. 0: behind either end. */
  private pack: Listpack = this.packed;
  private block = 0;
  private at = 0;

  /** Points it at a record, which must hold a list. */
  open(db: Database, ref: Ref): this {
    this.db = db;
    this.pack = this.packed;
    if (db.isObject(ref)) {
      this.packed.ref = ref;
      this.quicklist = db.object(ref) as Quicklist;
    } else {
      this.packed.open(db, ref);
      this.quicklist = null;
    }
    return this;
  }

  /** Gives a key an empty list, whatever it held, and points at it. An empty list must not stay. */
  create(db: Database, key: Bytes, start: number, end: number): this {
    this.db = db;
    this.packed.create(db, key, start, end, LIST);
    this.quicklist = null;
    this.pack = this.packed;
    return this;
  }

  /** The key's record. */
  get ref(): Ref {
    return this.packed.ref;
  }

  /** Number of elements. */
  get size(): number {
    return this.quicklist === null ? this.packed.count : this.quicklist.length;
  }

  /** Number of listpacks. */
  get packs(): number {
    return this.quicklist === null ? 1 : this.quicklist.blocks;
  }

  /** One of its listpacks, to be read; good until the next call of any list. */
  packAt(i: number): Listpack {
    return this.quicklist === null ? this.packed : this.quicklist.open(i);
  }

  // The cursor

  /** Goes to the element with this index, from 0; answers false when there is none. */
  seek(index: number): boolean {
    const { quicklist } = this;
    if (index < 0 || index >= this.size) return false;
    if (quicklist === null) {
      this.at = this.packed.seek(index);
      return true;
    }
    const found = quicklist.locate(index);
    this.enter(found.block);
    this.at = this.pack.seek(found.index);
    return true;
  }

  /** Goes to the next element; answers false behind the last. */
  next(): boolean {
    this.at = this.pack.next(this.at);
    if (this.at !== 0) return true;
    if (this.block + 1 >= this.packs || this.quicklist === null) return false;
    this.enter(this.block + 1);
    this.at = this.pack.first;
    return true;
  }

  /** Goes to the element before; answers false before the first. */
  previous(): boolean {
    this.at = this.pack.previous(this.at);
    if (this.at !== 0) return true;
    if (this.quicklist === null || this.block === 0) return false;
    this.enter(this.block - 1);
    this.at = this.pack.last;
    return true;
  }

  /** The element's text, good until the list changes or another is read. */
  read(): Readonly<ByteRange> {
    return this.pack.read(this.at);
  }

  /** Whether the element's text is source[start, end). */
  equals(source: Bytes, start: number, end: number): boolean {
    return this.pack.equals(this.at, source, start, end);
  }

  /** Replies with `count` elements from the one at the cursor on; they must be there. */
  replyWith(reply: ReplyWriter, count: number): void {
    count -= this.pack.replyWith(reply, this.at, count);
    while (count > 0) {
      this.enter(this.block + 1);
      count -= this.pack.replyWith(reply, this.pack.first, count);
    }
  }

  /** Calls `visit` for every element from the first to the last; the list must not change meanwhile. */
  forEach(visit: (element: Readonly<ByteRange>) => void): void {
    for (let more = this.seek(0); more; more = this.next()) visit(this.read());
  }

  // Changing. Sources must not lie in this list. The cursor is nowhere afterwards unless something else is said.

  push(atFront: boolean, source: Bytes, start: number, end: number): void {
    if (this.quicklist === null && this.fits(end - start)) {
      this.packed.insert(atFront ? HEADER_BYTES : this.packed.end, source, start, end);
    } else this.large.push(atFront, source, start, end, this.directive);
  }

  /** Adds a copy of a listpack, which has elements, behind the last element. */
  appendListpack(bytes: Bytes, start: number, end: number): void {
    if (this.quicklist === null && this.packed.first === 0 && this.fits(end - start)) {
      this.packed.assign(bytes, start, end);
    } else this.large.appendListpack(bytes, start, end);
  }

  /** Puts an element before or behind the one at the cursor. */
  insert(behind: boolean, source: Bytes, start: number, end: number): void {
    let { at } = this;
    if (behind) at = this.pack.next(at) || this.pack.end;
    if (this.quicklist === null && this.fits(end - start)) this.packed.insert(at, source, start, end);
    else this.large.insert(this.block, at, source, start, end, this.directive);
  }

  /** Puts another element in the place of the one at the cursor. */
  replace(source: Bytes, start: number, end: number): void {
    const { at } = this;
    const old = this.read();
    if (this.quicklist === null && this.fits(end - start - (old.end - old.start))) {
      this.packed.replace(at, source, start, end);
    } else this.large.replace(this.block, at, source, start, end, this.directive);
  }

  /**
   * Takes out the element at the cursor and goes to the one behind it, or with `backwards` to the one before it;
   * answers false when there is none.
   */
  remove(backwards: boolean): boolean {
    const { quicklist, block, at } = this;
    const before = backwards ? this.pack.previous(at) : 0;
    if (quicklist === null) {
      const behind = this.packed.delete(at);
      this.at = backwards ? before : behind;
      return this.at !== 0;
    }
    if (quicklist.count(block) === 1) {
      quicklist.removeBlock(block);
      if (backwards ? block === 0 : block === quicklist.blocks) return false;
      this.enter(backwards ? block - 1 : block);
      this.at = backwards ? this.pack.last : this.pack.first;
      return true;
    }
    quicklist.deleteFrom(block, at, 1);
    this.enter(block);
    if (backwards) {
      this.at = before;
      if (before !== 0) return true;
      if (block === 0) return false;
      this.enter(block - 1);
      this.at = this.pack.last;
      return true;
    }
    this.at = at;
    if (at !== this.pack.end) return true;
    if (block + 1 === quicklist.blocks) return false;
    this.enter(block + 1);
    this.at = this.pack.first;
    return true;
  }

  /** Takes out `count` elements from an index on; they must be there. */
  deleteRange(index: number, count: number): void {
    if (count === 0) return;
    if (this.quicklist === null) this.packed.delete(this.packed.seek(index), count);
    else this.quicklist.deleteRange(index, count);
  }

  private enter(block: number): void {
    this.block = block;
    this.pack = this.quicklist!.open(block);
  }

  private get directive(): number {
    return this.db.keyspace.limits['list-max-listpack-size'];
  }

  /** Whether the list may stay packed with so many bytes of text more. */
  private fits(size: number): boolean {
    return mayGrow(this.packed, size, this.directive);
  }

  /** The list as a quicklist, which it becomes if it isn't one; positions stay the same. */
  private get large(): Quicklist {
    if (this.quicklist !== null) return this.quicklist;
    const { packed, db } = this;
    const quicklist = new Quicklist(db.keyspace.arena);
    if (packed.first !== 0)
      quicklist.appendListpack(packed.bytes, packed.start, packed.start + packed.length);
    packed.ref = db.becomeObject(packed.ref, quicklist);
    this.quicklist = quicklist;
    this.block = 0;
    return quicklist;
  }
}

const view = new ListValue();

/** Adds a list's elements to its key's digest. */
export function addList(digest: Digest, db: Database, ref: Ref): void {
  view.open(db, ref).forEach(({ bytes, start, end }) => {
    digest.append(bytes, start, end);
  });
}
