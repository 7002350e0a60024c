/**
 * Entries that were delivered and not acknowledged yet, in the order of their IDs: a group has all of its own in one
 * list, and each consumer its share in another.
 *
 * The list is cut into chunks of up to 128 entries, sorted, in an array of chunks; what is asked for is found by two
 * binary searches. Deliveries come at the end and acknowledgements mostly go from the beginning, so that both touch
 * one chunk: O(log n). Adding or removing a chunk moves an array of n / 128 pointers, which a list of ten million
 * bears a few times a second without being noticed. A chunk filled in order stays full.
 */
import type { Consumer } from './consumer-group.js';
import type { StreamId } from './stream-id.js';

const CHUNK = 128;

/** One entry that a consumer has been given. */
export class PendingEntry {
  constructor(
    readonly id: StreamId,
    /** Null only while it is being made. */
    public consumer: Consumer | null,
    /** Wall clock, in milliseconds, of the last delivery. */
    public deliveredAt: number,
    public deliveries: number,
  ) {}
}

export class PendingList {
  size = 0;
  private readonly chunks: PendingEntry[][] = [];

  find(id: StreamId): PendingEntry | undefined {
    const chunk = this.chunks[this.chunkOf(id)];
    const entry = chunk?.[placeIn(chunk, id)];
    return entry !== undefined && entry.id.compare(id) === 0 ? entry : undefined;
  }

  /** Adds an entry; answers false when its ID is there already. */
  add(entry: PendingEntry): boolean {
    const { chunks } = this;
    if (chunks.length === 0) {
      chunks.push([entry]);
      this.size = 1;
      return true;
    }
    let c = this.chunkOf(entry.id);
    let chunk = chunks[c];
    let place = placeIn(chunk, entry.id);
    if (place < chunk.length && chunk[place].id.compare(entry.id) === 0) return false;
    if (chunk.length === CHUNK) {
      const isEnd = place === CHUNK && c === chunks.length - 1;
      const kept = isEnd ? CHUNK : CHUNK / 2;
      chunks.splice(c + 1, 0, chunk.splice(kept));
      if (place >= kept && (isEnd || place > kept)) {
        place -= kept;
        c++;
      }
      chunk = chunks[c];
    }
    if (place === chunk.length) chunk.push(entry);
    else chunk.splice(place, 0, entry);
    this.size++;
    return true;
  }

  /** Takes out the entry with this ID, and answers it. */
  remove(id: StreamId): PendingEntry | undefined {
    const c = this.chunkOf(id);
    const chunk = this.chunks[c];
    if (chunk === undefined) return undefined;
    const place = placeIn(chunk, id);
    const entry = chunk[place];
    if (entry === undefined || entry.id.compare(id) !== 0) return undefined;
    if (chunk.length === 1) this.chunks.splice(c, 1);
    else if (place === 0) chunk.shift();
    else chunk.splice(place, 1);
    this.size--;
    return entry;
  }

  get first(): PendingEntry | undefined {
    return this.chunks[0]?.[0];
  }

  get last(): PendingEntry | undefined {
    return this.chunks.at(-1)?.at(-1);
  }

  /** The first entry with this ID or a greater one. */
  atOrAfter(id: StreamId): PendingEntry | undefined {
    const c = this.chunkOf(id);
    const chunk = this.chunks[c];
    return chunk?.[placeIn(chunk, id)] ?? this.chunks[c + 1]?.[0];
  }

  /**
   * Calls `visit` for every entry in order, beginning with the first at or behind `from`, until it answers false. The
   * list must not change meanwhile.
   */
  visit(visit: (entry: PendingEntry) => boolean, from?: StreamId): void {
    let c = from === undefined ? 0 : this.chunkOf(from);
    let place = from === undefined || this.size === 0 ? 0 : placeIn(this.chunks[c], from);
    for (; c < this.chunks.length; c++) {
      const chunk = this.chunks[c];
      for (; place < chunk.length; place++) if (!visit(chunk[place])) return;
      place = 0;
    }
  }

  /** The last chunk that begins at or before an ID, or else the first. */
  private chunkOf(id: StreamId): number {
    const { chunks } = this;
    let low = 0;
    let high = chunks.length - 1;
    if (high >= 0 && chunks[high][0].id.compare(id) <= 0) return high;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (chunks[middle][0].id.compare(id) <= 0) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Place of the first entry of a chunk that isn't before an ID. */
function placeIn(chunk: readonly PendingEntry[], id: StreamId): number {
  let low = 0;
  let high = chunk.length;
  if (high > 0 && chunk[high - 1].id.compare(id) < 0) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (chunk[middle].id.compare(id) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
