/**
 * Marks on a database's hash space, the space that SCAN walks through: it is cut into ranges with about one key each, and
 * a range is marked or isn't. A bit a key, whatever is marked: nothing grows, and no name is kept.
 */

/** Of the 2^32 places. */
const PLACE_BITS = 32;
/** A word of marks at least; and no more than 8 MB of them. */
const FEWEST_BITS = 5;
const MOST_BITS = 26;

export class PlaceMarks {
  private readonly words: Uint32Array;
  private readonly shift: number;

  /** @param keys so many keys the database has */
  constructor(keys: number) {
    const bits = Math.min(MOST_BITS, Math.max(FEWEST_BITS, Math.ceil(Math.log2(keys + 1))));
    this.words = new Uint32Array(1 << (bits - 5));
    this.shift = PLACE_BITS - bits;
  }

  /** Whether the range around this place is marked. */
  has(place: number): boolean {
    const range = place >>> this.shift;
    return ((this.words[range >>> 5] >>> (range & 31)) & 1) === 1;
  }

  /** Marks the range around this place. */
  add(place: number): void {
    const range = place >>> this.shift;
    this.words[range >>> 5] |= 1 << (range & 31);
  }

  /** Where the range around this place begins, … */
  begin(place: number): number {
    return (place >>> this.shift) * 2 ** this.shift;
  }

  /** … and where it ends. */
  end(place: number): number {
    return this.begin(place) + 2 ** this.shift;
  }
}
