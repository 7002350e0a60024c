/** Random choices among the elements of a collection. `random` answers unsigned 32-bit numbers. */
import type { Ref } from '../arena.js';
import type { Dictionary } from '../dictionary.js';

/**
 * Chooses `count` of `size` elements that come by one after the other, every subset with equal chances (selection
 * sampling: Knuth, The Art of Computer Programming 3.4.2, algorithm S).
 */
export class Sampler {
  constructor(
    private size: number,
    private count: number,
    private readonly random: () => number,
  ) {}

  /** Whether the next element is among those chosen. */
  take(): boolean {
    if (this.random() % this.size-- >= this.count) return false;
    this.count--;
    return true;
  }
}

/** From one in so many elements on, walking over all of them is cheaper than drawing until enough different ones came. */
const WALK_SHARE = 3;

/** Visits `count` different records of a dictionary, in no useful order. */
export function sampleRecords(
  dictionary: Dictionary,
  count: number,
  random: () => number,
  visit: (ref: Ref) => void,
): void {
  if (count * WALK_SHARE > dictionary.size) {
    const sampler = new Sampler(dictionary.size, count, random);
    dictionary.forEach((ref) => {
      if (sampler.take()) visit(ref);
    });
    return;
  }
  const drawn = new Set<Ref>();
  while (drawn.size < count) drawn.add(dictionary.random(random));
  drawn.forEach(visit);
}
