/**
 * The value of a sorted set: members in the order of their scores, those with equal scores in the order of their bytes.
 *
 * Small ones are a listpack in the key's record, member and score alternating, exactly as Redis lays them out: reading and
 * changing go through all of it, O(n) with n at most `zset-max-listpack-entries`. A set that outgrows that, or
 * has a member longer than `zset-max-listpack-value`, becomes a LargeZset and stays one.
 *
 * Whatever asks for a range asks for ranks: `countBelow…` says where it begins and ends, `visit` walks through it. So
 * there is one way to count, reply with, store and remove ranges, for places, scores and names alike.
 */
import { type ByteRange, type Bytes, compareRanges, fromLatin1 } from '../../protocol/bytes.js';
import { formatDouble, formatScore, looseDoubleIn } from '../../protocol/doubles.js';
import type { Ref } from '../arena.js';
import type { Database } from '../database.js';
import { Digest } from '../digest.js';
import { dispose } from '../disposal.js';
import { ZSET } from '../record.js';
import { ElementRun } from './element-run.js';
import { Element, LISTPACK_LIMIT } from './listpack.js';
import { RecordListpack } from './record-listpack.js';
import { Sampler, sampleRecords } from './sampling.js';
import { LargeZset } from './zset-large.js';

/** Gets a member and its score; the range is good only during the call. */
export type MemberVisitor = (member: Readonly<ByteRange>, score: number) => void;

/** A member and its score that are added, for a moment. */
const run = new ElementRun();

/** A view of a sorted set. One can be pointed at one after the other, and follows its record when that moves. */
export class ZsetValue {
  private readonly listpack = new RecordListpack();
  private large: LargeZset | null = null;
  private readonly element = new Element();
  private db!: Database;
  /** Position or record of the member that `find` has found. */
  private found = 0;

  /** Points it at a record, which must hold a sorted set. */
  open(db: Database, ref: Ref): this {
    this.db = db;
    this.listpack.open(db, ref);
    this.large = db.isObject(ref) ? (db.object(ref) as LargeZset) : null;
    return this;
  }

  /** Gives a key an empty sorted set, whatever it held, and points at it. An empty one must not stay. */
  create(db: Database, key: Bytes, keyStart: number, keyEnd: number): this {
    this.db = db;
    this.listpack.create(db, key, keyStart, keyEnd, ZSET);
    this.large = null;
    return this;
  }

  /**
   * Gives a key the members of a LargeZset that belongs to nobody, at least one, and points at it: packed if they are
   * few and short enough, otherwise the set itself. Either way it is used up.
   */
  store(db: Database, key: Bytes, keyStart: number, keyEnd: number, large: LargeZset): this {
    const { limits } = db.keyspace;
    if (
      large.size > limits['zset-max-listpack-entries'] ||
      large.longestMember() > limits['zset-max-listpack-value']
    )
      return this.open(db, db.putObject(key, keyStart, keyEnd, ZSET, large));
    this.create(db, key, keyStart, keyEnd);
    large.tree.visit(0, large.size, false, (score, record) => {
      const { bytes, start, end } = large.member(record, this.element);
      this.insertAt(this.listpack.end, bytes, start, end, score);
    });
    dispose(large);
    return this;
  }

  /** The key's record. */
  get ref(): Ref {
    return this.listpack.ref;
  }

  /** Number of members. */
  get size(): number {
    return this.large === null ? this.listpack.count / 2 : this.large.size;
  }

  /** The listpack, null when the set is large. */
  get packed(): RecordListpack | null {
    return this.large === null ? this.listpack : null;
  }

  // One member

  /** The member's score, NaN when there is no such member. */
  find(member: Bytes, start: number, end: number): number {
    const { large, listpack } = this;
    if (large !== null) {
      this.found = large.find(member, start, end);
      return this.found === 0 ? Number.NaN : large.score(this.found);
    }
    this.found = listpack.find(member, start, end, 1);
    return this.found === 0 ? Number.NaN : this.scoreAt(this.found);
  }

  /** Number of members before the one that `find` has found. */
  rankOfFound(): number {
    const { large, listpack, found } = this;
    if (large !== null) return large.tree.rank(large.score(found), found);
    let rank = 0;
    for (let at = listpack.first; at !== found; at = this.next(at)) rank++;
    return rank;
  }

  /** Adds a member that isn't there, from bytes outside of this set. */
  add(member: Bytes, start: number, end: number, score: number): void {
    if (this.large === null) this.makeRoom(end - start);
    if (this.large !== null) this.large.add(member, start, end, score);
    else this.insert(member, start, end, score);
  }

  /** Gives the member that `find` has found, and that is member[start, end), another score. */
  move(member: Bytes, start: number, end: number, score: number): void {
    if (this.large !== null) this.large.move(this.found, score);
    else {
      this.listpack.delete(this.found, 2);
      this.insert(member, start, end, score);
    }
  }

  /** Removes a member; answers whether it was there. A set without members must go: that is the caller's to do. */
  delete(member: Bytes, start: number, end: number): boolean {
    const { large, listpack } = this;
    const found = large === null ? listpack.find(member, start, end, 1) : large.find(member, start, end);
    if (found === 0) return false;
    if (large !== null) large.remove(found);
    else listpack.delete(found, 2);
    return true;
  }

  // Ranges, by rank

  /** Number of members with a score below this one, or, with `orEqual`, not above it. */
  countBelow(score: number, orEqual: boolean): number {
    const { large, listpack } = this;
    if (large !== null) return large.tree.countBelow(score, orEqual);
    let count = 0;
    for (let at = listpack.first; at !== 0; at = this.next(at), count++) {
      const other = this.scoreAt(at);
      if (orEqual ? other > score : other >= score) break;
    }
    return count;
  }

  /** Number of members below bytes[start, end), or not above. It has a meaning only when all scores are the same. */
  countBelowMember(bytes: Bytes, start: number, end: number, orEqual: boolean): number {
    const { large, listpack } = this;
    if (large !== null) return large.tree.countBelowMember(bytes, start, end, orEqual);
    let count = 0;
    for (let at = listpack.first; at !== 0; at = this.next(at), count++) {
      const order = this.compareAt(at, bytes, start, end);
      if (orEqual ? order > 0 : order >= 0) break;
    }
    return count;
  }

  /** Visits `count` members from rank `first` on, upwards or, with `reverse`, downwards. All of them must be there. */
  visit(first: number, count: number, reverse: boolean, visit: MemberVisitor): void {
    const { large, listpack } = this;
    if (large !== null) {
      large.tree.visit(first, count, reverse, (score, record) =>
        visit(large.member(record, this.element), score),
      );
      return;
    }
    let at = count > 0 ? listpack.seek(2 * first) : 0;
    for (; count > 0; count--) {
      this.visitAt(at, visit);
      at = reverse ? this.previous(at) : this.next(at);
    }
  }

  /** Removes `count` members from rank `first` on. All of them must be there. */
  deleteRange(first: number, count: number): void {
    const { large, listpack } = this;
    if (count === 0) return;
    if (large === null) listpack.delete(listpack.seek(2 * first), 2 * count);
    else for (; count > 0; count--) large.removeAt(first + count - 1);
  }

  // Members in no order. The set must not change meanwhile.

  /** One step of ZSCAN: see `Dictionary.scan`. A packed set is one step. */
  scan(cursor: number, visit: MemberVisitor): number {
    const { large } = this;
    if (large !== null) return large.dictionary.scan(cursor, this.recordVisitor(large, visit));
    this.visit(0, this.size, false, visit);
    return 0;
  }

  /** Visits `count` different members chosen at random, at most all of them, in no useful order. */
  sample(count: number, visit: MemberVisitor): void {
    const { large, listpack, size } = this;
    const { random } = this.db.keyspace;
    if (large !== null) sampleRecords(large.dictionary, count, random, this.recordVisitor(large, visit));
    else {
      const sampler = new Sampler(size, count, random);
      for (let at = listpack.first; at !== 0; at = this.next(at)) if (sampler.take()) this.visitAt(at, visit);
    }
  }

  /** Visits `count` members, each chosen at random among all. */
  draw(count: number, visit: MemberVisitor): void {
    const { large, listpack, size } = this;
    const { random } = this.db.keyspace;
    if (large !== null) {
      const visitRecord = this.recordVisitor(large, visit);
      for (; count > 0; count--) visitRecord(large.dictionary.random(random));
    } else for (; count > 0; count--) this.visitAt(listpack.seek(2 * (random() % size)), visit);
  }

  private recordVisitor(large: LargeZset, visit: MemberVisitor): (record: Ref) => void {
    return (record) => visit(large.member(record, this.element), large.score(record));
  }

  // Packed

  private visitAt(at: number, visit: MemberVisitor): void {
    visit(this.listpack.read(at, this.element), this.scoreAt(at));
  }

  /** The score of the member at this position. */
  private scoreAt(at: number): number {
    const { listpack } = this;
    const place = listpack.next(at);
    const integer = listpack.integer(place);
    if (!Number.isNaN(integer)) return integer;
    const { bytes, start, end } = listpack.read(place);
    return looseDoubleIn(bytes, start, end);
  }

  /** The order of the member at this position and another. */
  private compareAt(at: number, bytes: Bytes, start: number, end: number): number {
    const member = this.listpack.read(at);
    return compareRanges(member.bytes, member.start, member.end, bytes, start, end);
  }

  private next(at: number): number {
    return this.listpack.next(this.listpack.next(at));
  }

  private previous(at: number): number {
    const score = this.listpack.previous(at);
    return score === 0 ? 0 : this.listpack.previous(score);
  }

  /** Enters a member into the listpack where its score belongs. */
  private insert(member: Bytes, start: number, end: number, score: number): void {
    const { listpack } = this;
    let at = listpack.first;
    while (at !== 0) {
      const other = this.scoreAt(at);
      if (other > score || (other === score && this.compareAt(at, member, start, end) > 0)) break;
      at = this.next(at);
    }
    this.insertAt(at === 0 ? listpack.end : at, member, start, end, score);
  }

  private insertAt(at: number, member: Bytes, start: number, end: number, score: number): void {
    const { listpack } = this;
    run.clear();
    run.text(member, start, end);
    if (Number.isSafeInteger(score)) run.integer(score);
    else {
      const text = fromLatin1(formatScore(score));
      run.text(text, 0, text.length);
    }
    listpack.insertRun(at, run);
  }

  /** Before a member of this length is added to a packed set. */
  private makeRoom(length: number): void {
    const { limits } = this.db.keyspace;
    if (
      length > limits['zset-max-listpack-value'] ||
      this.size >= limits['zset-max-listpack-entries'] ||
      this.listpack.length + length > LISTPACK_LIMIT
    )
      this.unpack();
  }

  /** Makes a packed set with more members than `zset-max-listpack-entries` a large one. */
  limitMembers(): this {
    if (this.large === null && this.size > this.db.keyspace.limits['zset-max-listpack-entries'])
      this.unpack();
    return this;
  }

  private unpack(): void {
    const large = new LargeZset(this.db.keyspace.arena);
    this.visit(0, this.size, false, ({ bytes, start, end }, score) => {
      large.add(bytes, start, end, score);
    });
    this.listpack.ref = this.db.becomeObject(this.ref, large);
    this.large = large;
  }
}

const view = new ZsetValue();

/** Adds a sorted set's members and scores to its key's digest. */
export function addZset(digest: Digest, db: Database, ref: Ref): void {
  view.open(db, ref);
  view.visit(0, view.size, false, ({ bytes, start, end }, score) => {
    const pair = new Digest();
    pair.append(bytes, start, end);
    pair.append(fromLatin1(formatDouble(score)));
    digest.addDigest(pair);
  });
}
