/**
 * Streams: entries in the order of their IDs, in nodes of about a hundred.
 *
 * | operation | cost |
 * |---|---|
 * | add at the end | O(1) amortised: the last node's block grows by half, the directory doubles |
 * | find an ID, begin a range | O(log nodes) + one node |
 * | go on to the next entry | O(fields) |
 * | delete one | as finding it; a flag is set, and a node without entries goes |
 * | trim | O(nodes removed), + one node when it has to be exact |
 * | pending entries of groups | O(log n), see pending-list.ts |
 *
 * Nodes are Redis's listpacks byte for byte (stream-node.ts), cut at the same places (`stream-node-max-bytes` and
 * `-entries`): an approximate trim leaves what Redis leaves, DUMP gives the same bytes, and an RDB is written by copying.
 * They lie in the arena; StreamDirectory finds them. A stream is a JavaScript object even with one entry: about a kilobyte
 * in all, where Redis reserves a node of 4 KB.
 *
 * Entries are read with a StreamReader.
 */
import { allocate, type Bytes } from '../../../protocol/bytes.js';
import type { Arena, Ref } from '../../arena.js';
import type { Database } from '../../database.js';
import type { Digest } from '../../digest.js';
import type { LargeValue } from '../../object-table.js';
import type { EncodingLimits } from '../encoding-limits.js';
import { ConsumerGroup, sortByName, UNKNOWN_READ } from './consumer-group.js';
import { StreamDirectory } from './stream-directory.js';
import { ID_TEXT_BYTES, StreamId } from './stream-id.js';
import { type EntrySource, StreamNode } from './stream-node.js';
import { StreamReader } from './stream-reader.js';

/** No entry may hold more text, and no node more bytes, whatever is configured. */
export const LARGEST_ENTRY = 2 ** 30;

/** A new node's block isn't made larger than this before there is anything in it. */
const LARGEST_EXPECTED = 4096;

/** What a trim is to leave: the newest entries up to a number, or those from an ID on. */
export type TrimGoal = { readonly length: number } | { readonly minId: StreamId };

/** Bytes of a stream's objects, about. */
const OBJECT_BYTES = 1000;

/** For short use: views and IDs, not data. */
const node = new StreamNode();
const other = new StreamNode();
const nodeId = new StreamId();
const entryId = new StreamId();
const reader: StreamReader = new StreamReader();
const idText = allocate(ID_TEXT_BYTES);
const DOT = 0x2e;

export class Stream implements LargeValue {
  readonly encoding = 'stream';
  /** Number of entries that aren't deleted. */
  length = 0;
  /** Number of entries ever added, exact up to 2^53. */
  entriesAdded = 0;
  /** The first entry, 0-0 when there is none. */
  readonly firstId = new StreamId();
  /** The greatest ID given away so far. */
  readonly lastId = new StreamId();
  /** The greatest ID that XDEL has deleted, 0-0 when there is none. */
  readonly maxDeletedId = new StreamId();
  readonly directory = new StreamDirectory();
  /** Null until there is one: most streams have none, and an empty map is large. */
  private groups: Map<string, ConsumerGroup> | null = null;

  constructor(readonly arena: Arena) {}

  /**
   * Adds the entry whose fields and values are the arguments from `first` to `last`, not more than LARGEST_ENTRY of
   * text. `id` must be greater than `lastId`.
   */
  add(id: StreamId, source: EntrySource, first: number, last: number, limits: EncodingLimits): void {
    const { directory, arena } = this;
    const tail = directory.size - 1;
    if (tail >= 0 && this.tailTakes(source, first, last, limits)) {
      directory.readId(tail, nodeId);
      node.add(nodeId, id, source, first, last);
      directory.setRef(tail, node.ref);
    } else {
      const expected = tail < 0 ? 0 : Math.min(node.length, LARGEST_EXPECTED);
      node.create(arena, source, first, last, expected);
      node.add(id, id, source, first, last);
      directory.append(id, node.ref);
    }
    if (this.length++ === 0) this.firstId.copy(id);
    this.entriesAdded++;
    this.lastId.copy(id);
  }

  /** Opens the last node; when it has no room for the entry, cuts it to size. */
  private tailTakes(
    { starts, ends }: EntrySource,
    first: number,
    last: number,
    limits: EncodingLimits,
  ): boolean {
    const { directory } = this;
    const tail = directory.size - 1;
    node.open(this.arena, directory.ref(tail));
    let size = node.length;
    for (let i = first; i <= last; i++) size += ends[i] - starts[i];
    const maxEntries = limits['stream-node-max-entries'];
    if (size < nodeBytes(limits) && (maxEntries === 0 || node.live + node.deleted < maxEntries)) return true;
    node.fit();
    directory.setRef(tail, node.ref);
    return false;
  }

  /** Adds a node that is a copy of a listpack, with `live` entries; its ID must be greater than the last node's. */
  appendNode(id: StreamId, bytes: Bytes, start: number, end: number, live: number): void {
    this.directory.append(id, node.createFrom(this.arena, bytes, start, end).ref);
    this.length += live;
  }

  /** Deletes an entry; answers whether there was one with this ID. */
  delete(id: StreamId): boolean {
    if (!reader.find(this, id)) return false;
    const { node, nodeIndex, at } = reader;
    if (node.live === 1) this.removeNode(nodeIndex);
    else {
      node.markDeleted(at);
      node.countDeleted(1);
      this.directory.setRef(nodeIndex, node.ref);
      this.length--;
    }
    if (this.maxDeletedId.compare(id) < 0) this.maxDeletedId.copy(id);
    if (this.length === 0 || this.firstId.compare(id) === 0) this.findFirst();
    return true;
  }

  /**
   * Takes entries from the beginning, at most `limit` (0: any number), until the goal is reached or, with `wholeNodes`,
   * until a node would have to be broken into. Answers how many.
   */
  trim(goal: TrimGoal, wholeNodes: boolean, limit: number): number {
    const before = this.length;
    while (this.directory.size > 0 && !('length' in goal && this.length <= goal.length)) {
      node.open(this.arena, this.directory.ref(0));
      const { live } = node;
      if (limit > 0 && before - this.length + live > limit) break;
      if (!this.isBefore(goal, live)) {
        if (!wholeNodes) this.trimFirstNode(goal);
        break;
      }
      this.removeNode(0);
    }
    if (this.length < before || this.length === 0) this.findFirst();
    return before - this.length;
  }

  /** Whether the first node, which is open, lies before what is to be left. */
  private isBefore(goal: TrimGoal, live: number): boolean {
    if ('length' in goal) return this.length - live >= goal.length;
    this.directory.readId(0, nodeId);
    node.openEntries();
    node.openEntry(node.lastEntry, nodeId, entryId);
    return entryId.compare(goal.minId) < 0;
  }

  /** Deletes entries of the first node, which is open. */
  private trimFirstNode(goal: TrimGoal): void {
    this.directory.readId(0, nodeId);
    node.openEntries();
    let deleted = 0;
    for (let at = node.firstEntry; at !== 0; at = node.entryAfter) {
      node.openEntry(at, nodeId, entryId);
      if ('length' in goal ? this.length <= goal.length : entryId.compare(goal.minId) >= 0) break;
      if (node.isDeleted) continue;
      node.markDeleted(at);
      deleted++;
      this.length--;
    }
    node.countDeleted(deleted);
    this.directory.setRef(0, node.ref);
  }

  /** Node `i` with all its entries. */
  private removeNode(i: number): void {
    other.open(this.arena, this.directory.ref(i));
    this.length -= other.live;
    other.free();
    this.directory.remove(i);
  }

  /** Sets `id` to the first entry's, even if that is deleted; to the greatest ID when there is none. Answers `id`. */
  firstOfAll(id: StreamId): StreamId {
    return reader.firstOfAll(this) ? id.copy(reader.id) : id.setMax();
  }

  /** Finds `firstId` again. */
  findFirst(): void {
    if (this.length === 0) this.firstId.setZero();
    else {
      reader.first(this);
      this.firstId.copy(reader.id);
    }
  }

  // Groups

  get groupCount(): number {
    return this.groups?.size ?? 0;
  }

  group(name: string): ConsumerGroup | undefined {
    return this.groups?.get(name);
  }

  /** Makes a group, of whose name there is none. */
  addGroup(name: string, lastId: StreamId, entriesRead: number): ConsumerGroup {
    const group = new ConsumerGroup(name, entriesRead);
    group.lastId.copy(lastId);
    this.groups ??= new Map();
    this.groups.set(name, group);
    return group;
  }

  removeGroup(name: string): boolean {
    return this.groups?.delete(name) ?? false;
  }

  /** In the order of their names. */
  sortedGroups(): ConsumerGroup[] {
    return this.groups === null ? [] : sortByName(this.groups);
  }

  /** How many entries the group has yet to be given, as far as counters that clients may set tell; null: unknown. */
  lagOf(group: ConsumerGroup): number | null {
    if (this.entriesAdded === 0) return 0;
    const read =
      group.entriesRead !== UNKNOWN_READ && !this.mayLackAfter(group.lastId)
        ? group.entriesRead
        : this.entriesUpTo(group.lastId);
    return read === UNKNOWN_READ ? null : this.entriesAdded - read;
  }

  /** The group is given the entry `id`, beyond all it has been given so far. */
  advance(group: ConsumerGroup, id: StreamId): void {
    if (group.entriesRead !== UNKNOWN_READ && !this.mayLackAfter(id)) group.entriesRead++;
    else if (this.entriesAdded > 0) group.entriesRead = this.entriesUpTo(id);
    group.lastId.copy(id);
  }

  /** Whether entries from `id` on may have been deleted, so that they can't be counted by what was added. */
  private mayLackAfter(id: StreamId): boolean {
    const { maxDeletedId } = this;
    if (this.length === 0 || maxDeletedId.isZero || this.firstId.compare(maxDeletedId) > 0) return false;
    return id.compare(maxDeletedId) <= 0;
  }

  /** How many entries were ever added up to `id`, or UNKNOWN_READ: known at both ends, and in between not. */
  entriesUpTo(id: StreamId): number {
    const { length, entriesAdded, firstId, lastId, maxDeletedId } = this;
    if (entriesAdded === 0) return 0;
    const beyond = id.compare(lastId);
    if (beyond === 0 || (length === 0 && beyond < 0)) return entriesAdded;
    if (beyond > 0 || (!maxDeletedId.isZero && maxDeletedId.compare(firstId) >= 0)) return UNKNOWN_READ;
    const first = id.compare(firstId);
    if (first > 0) return UNKNOWN_READ;
    return entriesAdded - length + (first === 0 ? 1 : 0);
  }

  // As a value

  /** Bytes it takes beside its key. Pending entries are counted at about what they take. */
  get usedBytes(): number {
    const { directory } = this;
    let bytes = OBJECT_BYTES + directory.bytes;
    for (let i = 0; i < directory.size; i++) bytes += node.open(this.arena, directory.ref(i)).blockBytes;
    for (const group of this.groups?.values() ?? []) {
      bytes += OBJECT_BYTES * (1 + group.size) + group.pending.size * 150;
    }
    return bytes;
  }

  clone(): Stream {
    const copy = new Stream(this.arena);
    for (let i = 0; i < this.directory.size; i++) {
      this.directory.readId(i, nodeId);
      const { bytes, start, length, live } = other.open(this.arena, this.directory.ref(i));
      copy.appendNode(nodeId, bytes, start, start + length, live);
    }
    copy.entriesAdded = this.entriesAdded;
    copy.firstId.copy(this.firstId);
    copy.lastId.copy(this.lastId);
    copy.maxDeletedId.copy(this.maxDeletedId);
    if (this.groups !== null) {
      copy.groups = new Map([...this.groups].map(([name, group]) => [name, group.clone()]));
    }
    return copy;
  }

  get pieces(): number {
    let pieces = 2 * this.directory.size;
    for (const group of this.groups?.values() ?? []) pieces += 1 + group.pending.size;
    return pieces;
  }

  disposeSome(pieces: number): boolean {
    this.groups = null; // which the garbage collector takes, in its own time
    for (; pieces > 0 && this.directory.size > 0; pieces--) this.removeNode(this.directory.size - 1);
    return this.directory.size === 0;
  }
}

/** Adds a stream's entries to its key's digest. */
export function addStream(digest: Digest, db: Database, ref: Ref): void {
  const stream = db.object(ref) as Stream;
  for (let more = reader.first(stream); more; more = reader.next()) {
    digest.append(idText, 0, reader.id.write(idText, 0, DOT));
    reader.visitFields(({ bytes, start, end }) => digest.append(bytes, start, end));
  }
}

function nodeBytes(limits: EncodingLimits): number {
  const bytes = limits['stream-node-max-bytes'];
  return bytes === 0 || bytes > LARGEST_ENTRY ? LARGEST_ENTRY : bytes;
}
