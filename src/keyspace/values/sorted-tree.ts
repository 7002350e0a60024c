/**
 * The order of a large sorted set: a counted B+tree of (score, member) in the arena.
 *
 * Why not a skip list: its node is a cache miss per step and 30 bytes and more per element, beside the member. Here a
 * leaf holds up to 68 scores side by side and the references of their members' records, so a search is a few binary
 * searches in memory that is close together, and a member is touched only where scores are equal. An inner node knows
 * of each child its first entry and its number of entries, so ranks come with the search.
 *
 * insert, remove, rank, seek, counting below a bound: O(log n), five nodes at 10 million members. Going through a range:
 * O(log n + its length), leaves are linked. Memory: 12 bytes an entry in a full leaf, 18 when filled at random; loading in
 * order, either way, fills leaves completely. Nothing of it is on the JavaScript heap.
 *
 * Nodes are arena blocks of one size, laid out as
 *
 * | | leaf | inner node |
 * |---|---|---|
 * | word 0 | number of entries | number of children |
 * | words 1, 2 | next and previous leaf | |
 * | from unit 2 | scores | first score of each child |
 * | then, in words | records | first record of each child, children, their numbers of entries |
 *
 * Every search sets what it looks for (`probe…`), goes down once, and leaves the way it went in `nodes` and `places`, from
 * the leaf (level 0) up; changes then follow that way.
 */
import type { Bytes } from '../../protocol/bytes.js';
import { type Arena, type Ref, SEGMENT_SHIFT, sizeClass, UNIT_MASK } from '../arena.js';

const LEAF_CAPACITY = 68;
const INNER_CAPACITY = 40;
const NODE_BYTES = 16 + LEAF_CAPACITY * 12; // 16 + INNER_CAPACITY * 20 is the same
const NODE_CLASS = sizeClass(NODE_BYTES);

// Words of a node
const COUNT = 0;
const NEXT = 1;
const PREVIOUS = 2;
const SCORES = 4;
const LEAF_RECORDS = SCORES + 2 * LEAF_CAPACITY;
const FIRST_RECORDS = SCORES + 2 * INNER_CAPACITY;
const CHILDREN = FIRST_RECORDS + INNER_CAPACITY;
const SIZES = CHILDREN + INNER_CAPACITY;

/** A member's record: where its bytes begin, and the word of their length. */
export const MEMBER_HEADER_BYTES = 12;
export const MEMBER_LENGTH = 2;

/** Gets the entries of a range, in order: the score, and the record that holds the member. */
export type VisitEntry = (score: number, record: Ref) => void;

export class SortedTree {
  /** Number of entries. */
  size = 0;
  private root: Ref = 0;
  /** Levels above the leaves. */
  private height = 0;

  // The way of the last search
  private readonly nodes: Ref[] = [];
  private readonly places: number[] = [];

  // What is searched for: entries before it are those with a lower score, or with the same score and a lower member
  private probeScore = 0;
  /** Whether scores count, or only members. */
  private probeByScore = true;
  /** The member is bytes[start, end); null: the bound is between scores. */
  private probeBytes: Bytes | null = null;
  private probeStart = 0;
  private probeEnd = 0;
  /** Whether what is equal counts as before. */
  private probeOrEqual = true;

  constructor(private readonly arena: Arena) {}

  // Searching

  /** Number of entries with a score below this one, or, with `orEqual`, not above it. */
  countBelow(score: number, orEqual: boolean): number {
    this.probeByScore = true;
    this.probeScore = score;
    this.probeBytes = null;
    this.probeOrEqual = orEqual;
    return this.descend();
  }

  /** Number of entries whose member is below bytes[start, end), or not above it. Scores must all be the same. */
  countBelowMember(bytes: Bytes, start: number, end: number, orEqual: boolean): number {
    this.probeByScore = false;
    this.probeBytes = bytes;
    this.probeStart = start;
    this.probeEnd = end;
    this.probeOrEqual = orEqual;
    return this.descend();
  }

  /** Rank, from 0, of an entry that is there. */
  rank(score: number, record: Ref): number {
    return this.find(score, record) - 1;
  }

  /** Calls `visit` for `count` entries from rank `first` on, upwards or, with `reverse`, downwards. */
  visit(first: number, count: number, reverse: boolean, visit: VisitEntry): void {
    if (count <= 0) return;
    this.seek(first);
    let leaf = this.nodes[0];
    let place = this.places[0];
    const { words, doubles } = this.arena;
    while (count > 0) {
      const segment = leaf >>> SEGMENT_SHIFT;
      const scores = doubles[segment];
      const head = (leaf & UNIT_MASK) << 1;
      const leafWords = words[segment];
      const scoreBase = (head + SCORES) >>> 1;
      const recordBase = head + LEAF_RECORDS;
      if (reverse) {
        const stop = Math.max(-1, place - count);
        count -= place - stop;
        for (; place > stop; place--) visit(scores[scoreBase + place], leafWords[recordBase + place]);
        if (count === 0) return;
        leaf = leafWords[head + PREVIOUS];
        place = this.get(leaf, COUNT) - 1;
      } else {
        const stop = Math.min(leafWords[head + COUNT], place + count);
        count -= stop - place;
        for (; place < stop; place++) visit(scores[scoreBase + place], leafWords[recordBase + place]);
        leaf = leafWords[head + NEXT];
        place = 0;
      }
    }
  }

  /** The record of the entry at this rank. */
  at(rank: number): Ref {
    this.seek(rank);
    return this.get(this.nodes[0], LEAF_RECORDS + this.places[0]);
  }

  /** Goes to the entry with this rank, which must be there. */
  private seek(rank: number): void {
    const { nodes, places } = this;
    let node = this.root;
    for (let level = this.height; level > 0; level--) {
      const words = this.arena.words[node >>> SEGMENT_SHIFT];
      const head = (node & UNIT_MASK) << 1;
      let size = head + SIZES;
      while (rank >= words[size]) rank -= words[size++];
      nodes[level] = node;
      places[level] = size - head - SIZES;
      node = words[size - INNER_CAPACITY];
    }
    nodes[0] = node;
    places[0] = rank;
  }

  /** Goes to the last entry not after this one; answers how many entries there are up to it. */
  private find(score: number, record: Ref): number {
    const segment = record >>> SEGMENT_SHIFT;
    const start = (record & UNIT_MASK) * 8 + MEMBER_HEADER_BYTES;
    this.probeByScore = true;
    this.probeScore = score;
    this.probeBytes = this.arena.bytes[segment];
    this.probeStart = start;
    this.probeEnd = start + this.arena.words[segment][((record & UNIT_MASK) << 1) + MEMBER_LENGTH];
    this.probeOrEqual = true;
    return this.descend();
  }

  /** Goes to where the entries before the probe end; answers how many there are. The place in the leaf is behind them. */
  private descend(): number {
    if (this.root === 0) return 0;
    const { nodes, places } = this;
    let node = this.root;
    let rank = 0;
    for (let level = this.height; level > 0; level--) {
      const before = this.countBefore(node, FIRST_RECORDS);
      const child = before === 0 ? 0 : before - 1;
      const words = this.arena.words[node >>> SEGMENT_SHIFT];
      const head = (node & UNIT_MASK) << 1;
      for (let size = head + SIZES, end = size + child; size < end; size++) rank += words[size];
      nodes[level] = node;
      places[level] = child;
      node = words[head + CHILDREN + child];
    }
    nodes[0] = node;
    places[0] = this.countBefore(node, LEAF_RECORDS);
    return rank + places[0];
  }

  /** How many of a node's entries (or first entries of its children) are before the probe. */
  private countBefore(node: Ref, records: number): number {
    const segment = node >>> SEGMENT_SHIFT;
    const words = this.arena.words[segment];
    const doubles = this.arena.doubles[segment];
    const head = (node & UNIT_MASK) << 1;
    const scores = (head + SCORES) >>> 1;
    let low = 0;
    let high = words[head + COUNT];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.isBefore(doubles[scores + middle], words[head + records + middle])) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private isBefore(score: number, record: Ref): boolean {
    if (this.probeByScore) {
      if (score !== this.probeScore) return score < this.probeScore;
      if (this.probeBytes === null) return this.probeOrEqual;
    }
    const segment = record >>> SEGMENT_SHIFT;
    const unit = record & UNIT_MASK;
    const length = this.arena.words[segment][(unit << 1) + MEMBER_LENGTH];
    const bytes = this.arena.bytes[segment];
    const probe = this.probeBytes!;
    const probeLength = this.probeEnd - this.probeStart;
    const common = Math.min(length, probeLength);
    let at = unit * 8 + MEMBER_HEADER_BYTES;
    let probeAt = this.probeStart;
    for (const end = at + common; at < end; at++, probeAt++) {
      if (bytes[at] !== probe[probeAt]) return bytes[at] < probe[probeAt];
    }
    return length === probeLength ? this.probeOrEqual : length < probeLength;
  }

  // Changing

  /** Adds an entry that isn't there. `record` holds the member, which is compared with others of the same score. */
  insert(score: number, record: Ref): void {
    if (this.root === 0) this.root = this.allocate();
    this.find(score, record);
    let leaf = this.nodes[0];
    let place = this.places[0];
    if (this.get(leaf, COUNT) === LEAF_CAPACITY) {
      const keep = splitPoint(place, LEAF_CAPACITY);
      const right = this.split(leaf, keep, LEAF_CAPACITY, 0);
      if (place > keep || keep === LEAF_CAPACITY) {
        leaf = right;
        place -= keep;
        this.places[1]++;
      }
    }
    this.openGap(leaf, place, 0);
    this.setEntry(leaf, LEAF_RECORDS, place, score, record);
    this.size++;
    for (let level = 1; level <= this.height; level++) this.addSize(this.nodes[level], this.places[level], 1);
    if (place === 0) this.firstChanged(1, score, record);
  }

  /** Removes an entry that is there. */
  remove(score: number, record: Ref): void {
    this.find(score, record);
    this.places[0]--;
    this.removeHere();
  }

  /** Removes the entry at this rank; answers its record. */
  removeAt(rank: number): Ref {
    this.seek(rank);
    const record = this.get(this.nodes[0], LEAF_RECORDS + this.places[0]);
    this.removeHere();
    return record;
  }

  /** Gives all nodes back to the arena. The records are the caller's to free. */
  clear(): void {
    this.drain(Number.POSITIVE_INFINITY);
  }

  /** Of a tree that is given up: frees so many nodes. Answers whether there are no more; it is as good as new then. */
  drain(nodes: number): boolean {
    for (; this.root !== 0 && nodes > 0; nodes--) {
      let parent: Ref = 0;
      let node = this.root;
      for (let level = this.height; level > 0 && this.get(node, COUNT) > 0; level--) {
        parent = node;
        node = this.get(node, CHILDREN + this.get(node, COUNT) - 1);
      }
      this.arena.free(node, NODE_CLASS);
      if (parent === 0) this.root = 0;
      else this.set(parent, COUNT, this.get(parent, COUNT) - 1);
    }
    if (this.root !== 0) return false;
    this.height = 0;
    this.size = 0;
    return true;
  }

  /**
   * Moves a full node's entries from `keep` on to a new node on its right and enters that into the parent, which may
   * have to be split first. The way stays with the left node.
   */
  private split(node: Ref, keep: number, capacity: number, level: number): Ref {
    const right = this.allocate();
    this.moveEntries(node, keep, right, 0, capacity - keep, level);
    this.set(node, COUNT, keep);
    this.set(right, COUNT, capacity - keep);
    if (level === 0) this.linkAfter(node, right);
    this.enterChild(right, this.sizeOf(right, level), level + 1);
    return right;
  }

  /** Enters a new node into the parent, at `level`, behind the child by which the way goes; its entries were that child's. */
  private enterChild(child: Ref, size: number, level: number): void {
    if (level > this.height) this.growRoot();
    let parent = this.nodes[level];
    let place = this.places[level] + 1;
    if (this.get(parent, COUNT) === INNER_CAPACITY) {
      // The new child and its left neighbour, by which the way goes, must stay together.
      const keep = Math.min(splitPoint(place, INNER_CAPACITY), INNER_CAPACITY - 1);
      const right = this.split(parent, keep, INNER_CAPACITY, level);
      if (this.places[level] >= keep) {
        this.nodes[level] = parent = right;
        this.places[level] -= keep;
        this.places[level + 1]++;
        place -= keep;
      }
    }
    this.openGap(parent, place, level);
    this.set(parent, CHILDREN + place, child);
    this.set(parent, SIZES + place, size);
    this.addSize(parent, place - 1, -size);
    if (size > 0) this.copyFirst(child, level - 1, parent, place);
  }

  private growRoot(): void {
    const root = this.allocate();
    const child = this.root;
    this.set(root, COUNT, 1);
    this.set(root, CHILDREN, child);
    this.set(root, SIZES, this.size);
    this.copyFirst(child, this.height, root, 0);
    this.root = root;
    this.height++;
    this.nodes[this.height] = root;
    this.places[this.height] = 0;
  }

  /** Removes the entry the way leads to. */
  private removeHere(): void {
    const leaf = this.nodes[0];
    const place = this.places[0];
    this.size--;
    for (let level = 1; level <= this.height; level++)
      this.addSize(this.nodes[level], this.places[level], -1);
    this.closeGap(leaf, place, 0);
    if (place === 0) this.refreshFirst(0);
    this.mend(0);
  }

  /** Joins or unlinks the node of the way at `level` when it has become too small, and then those above. */
  private mend(level: number): void {
    const node = this.nodes[level];
    const count = this.get(node, COUNT);
    if (level === this.height) {
      if (level > 0 && count === 1) {
        this.root = this.get(node, CHILDREN);
        this.height--;
        this.arena.free(node, NODE_CLASS);
        this.mendRoot();
      } else if (count === 0) this.clear();
      return;
    }
    const capacity = level === 0 ? LEAF_CAPACITY : INNER_CAPACITY;
    if (count * 4 >= capacity) return;
    const parent = this.nodes[level + 1];
    const place = this.places[level + 1];
    if (count === 0) this.dropChild(level + 1, place);
    else if (place + 1 < this.get(parent, COUNT) && this.join(level, place, capacity))
      this.dropChild(level + 1, place + 1);
    else if (place > 0 && this.join(level, place - 1, capacity)) this.dropChild(level + 1, place);
    else return;
    this.mend(level + 1);
  }

  /** A root with one child only is one level too many. */
  private mendRoot(): void {
    while (this.height > 0 && this.get(this.root, COUNT) === 1) {
      const child = this.get(this.root, CHILDREN);
      this.arena.free(this.root, NODE_CLASS);
      this.root = child;
      this.height--;
    }
  }

  /** Moves the entries of the child behind `place` into the one at `place`, if there is room. */
  private join(level: number, place: number, capacity: number): boolean {
    const parent = this.nodes[level + 1];
    const left = this.get(parent, CHILDREN + place);
    const right = this.get(parent, CHILDREN + place + 1);
    const leftCount = this.get(left, COUNT);
    const rightCount = this.get(right, COUNT);
    if (leftCount + rightCount > capacity) return false;
    this.moveEntries(right, 0, left, leftCount, rightCount, level);
    this.set(left, COUNT, leftCount + rightCount);
    this.set(right, COUNT, 0);
    this.addSize(parent, place, this.get(parent, SIZES + place + 1));
    return true;
  }

  /** Takes an empty child out of the way's node at `level`. */
  private dropChild(level: number, place: number): void {
    const parent = this.nodes[level];
    const child = this.get(parent, CHILDREN + place);
    if (level === 1) this.unlink(child);
    this.arena.free(child, NODE_CLASS);
    this.closeGap(parent, place, level);
    if (place === 0) this.refreshFirst(level);
  }

  /** The first entry of the way's node at `level` is another one: tells the nodes above, unless there is none left. */
  private refreshFirst(level: number): void {
    const node = this.nodes[level];
    if (this.get(node, COUNT) === 0 || level === this.height) return;
    const records = level === 0 ? LEAF_RECORDS : FIRST_RECORDS;
    this.firstChanged(level + 1, this.scoreAt(node, 0), this.get(node, records));
  }

  /** From `level` up, as long as the way goes by the first child: their first entry is this one. */
  private firstChanged(level: number, score: number, record: Ref): void {
    for (; level <= this.height; level++) {
      this.setEntry(this.nodes[level], FIRST_RECORDS, this.places[level], score, record);
      if (this.places[level] > 0) return;
    }
  }

  // Nodes

  private allocate(): Ref {
    const node = this.arena.allocate(NODE_BYTES);
    this.set(node, COUNT, 0);
    this.set(node, NEXT, 0);
    this.set(node, PREVIOUS, 0);
    return node;
  }

  private linkAfter(leaf: Ref, right: Ref): void {
    const next = this.get(leaf, NEXT);
    this.set(leaf, NEXT, right);
    this.set(right, PREVIOUS, leaf);
    this.set(right, NEXT, next);
    if (next !== 0) this.set(next, PREVIOUS, right);
  }

  private unlink(leaf: Ref): void {
    const next = this.get(leaf, NEXT);
    const previous = this.get(leaf, PREVIOUS);
    if (next !== 0) this.set(next, PREVIOUS, previous);
    if (previous !== 0) this.set(previous, NEXT, next);
  }

  /** Number of entries below a node. */
  private sizeOf(node: Ref, level: number): number {
    const count = this.get(node, COUNT);
    if (level === 0) return count;
    let size = 0;
    for (let i = 0; i < count; i++) size += this.get(node, SIZES + i);
    return size;
  }

  private addSize(node: Ref, place: number, difference: number): void {
    this.set(node, SIZES + place, this.get(node, SIZES + place) + difference);
  }

  private scoreAt(node: Ref, place: number): number {
    return this.arena.doubles[node >>> SEGMENT_SHIFT][(node & UNIT_MASK) + (SCORES >>> 1) + place];
  }

  private setEntry(node: Ref, records: number, place: number, score: number, record: Ref): void {
    this.arena.doubles[node >>> SEGMENT_SHIFT][(node & UNIT_MASK) + (SCORES >>> 1) + place] = score;
    this.set(node, records + place, record);
  }

  /** Notes the first entry of a child in its parent. */
  private copyFirst(child: Ref, childLevel: number, parent: Ref, place: number): void {
    const record = this.get(child, childLevel === 0 ? LEAF_RECORDS : FIRST_RECORDS);
    this.setEntry(parent, FIRST_RECORDS, place, this.scoreAt(child, 0), record);
  }

  private openGap(node: Ref, place: number, level: number): void {
    const count = this.get(node, COUNT);
    this.moveEntries(node, place, node, place + 1, count - place, level);
    this.set(node, COUNT, count + 1);
  }

  private closeGap(node: Ref, place: number, level: number): void {
    const count = this.get(node, COUNT) - 1;
    this.moveEntries(node, place + 1, node, place, count - place, level);
    this.set(node, COUNT, count);
  }

  /** Moves `count` entries of a node from place `from` on to place `to` of another, or the same, of the same level. */
  private moveEntries(
    source: Ref,
    from: number,
    target: Ref,
    to: number,
    count: number,
    level: number,
  ): void {
    if (count === 0) return;
    const { words } = this.arena;
    const read = words[source >>> SEGMENT_SHIFT];
    const write = words[target >>> SEGMENT_SHIFT];
    const readHead = (source & UNIT_MASK) << 1;
    const writeHead = (target & UNIT_MASK) << 1;
    moveWords(read, readHead + SCORES + 2 * from, write, writeHead + SCORES + 2 * to, 2 * count);
    if (level === 0) {
      moveWords(read, readHead + LEAF_RECORDS + from, write, writeHead + LEAF_RECORDS + to, count);
      return;
    }
    for (let column = FIRST_RECORDS; column <= SIZES; column += INNER_CAPACITY) {
      moveWords(read, readHead + column + from, write, writeHead + column + to, count);
    }
  }

  private get(node: Ref, word: number): number {
    return this.arena.words[node >>> SEGMENT_SHIFT][((node & UNIT_MASK) << 1) + word];
  }

  private set(node: Ref, word: number, value: number): void {
    this.arena.words[node >>> SEGMENT_SHIFT][((node & UNIT_MASK) << 1) + word] = value;
  }
}

/** How many entries stay in a full node that is split: half, or all or none when entries come in order. */
function splitPoint(place: number, capacity: number): number {
  if (place === capacity) return capacity;
  return place === 0 ? 0 : capacity >>> 1;
}

/** Copies words; the ranges may overlap. A loop, because so few are moved at a time. */
function moveWords(source: Uint32Array, from: number, target: Uint32Array, to: number, count: number): void {
  if (source === target && from < to) {
    for (let i = count - 1; i >= 0; i--) target[to + i] = source[from + i];
  } else for (let i = 0; i < count; i++) target[to + i] = source[from + i];
}
