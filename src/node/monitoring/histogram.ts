/**
 * How long things took, in a few kilobytes: a histogram with buckets whose width grows with the value, so that every
 * value is known to within 1% (High Dynamic Range histogram, two significant digits).
 *
 * A value of n bits keeps its upper 8 bits; the rest is dropped. Recording costs a shift and an increment, which is why
 * every command can be recorded. Values are nanoseconds, from 1 to about one second; larger ones count as the largest.
 */
const SUB_BUCKETS = 256;
const HALF = SUB_BUCKETS / 2;
const HALF_BITS = 7;
const LARGEST = 1_000_000_000;
const BUCKETS = 23; // 256 × 2^22 is beyond the largest

/** The first boundary of `cumulative`, in nanoseconds. */
const FIRST_STEP = 1024;

export class Histogram {
  count = 0;
  private readonly counts = new Uint32Array((BUCKETS + 1) * HALF);

  record(nanoseconds: number, times = 1): void {
    this.counts[indexOf(nanoseconds < LARGEST ? nanoseconds | 0 : LARGEST)] += times;
    this.count += times;
  }

  /** The value that this percentage of all values doesn't exceed, in nanoseconds. */
  percentile(percentage: number): number {
    const wanted = Math.max(1, Math.floor((Math.min(percentage, 100) / 100) * this.count + 0.5));
    let seen = 0;
    for (let i = 0; i < this.counts.length; i++) {
      seen += this.counts[i];
      if (seen >= wanted) return percentage === 0 ? highest(i - 1) + 1 : highest(i);
    }
    return 0;
  }

  /**
   * How many values are at most about 1024, 2048, 4096 … nanoseconds, in microseconds as LATENCY HISTOGRAM prints
   * them; only where the number grows.
   */
  cumulative(): [microseconds: number, count: number][] {
    const steps: [number, number][] = [];
    let seen = 0;
    let next = 0;
    for (let boundary = FIRST_STEP; seen < this.count; boundary *= 2) {
      const before = seen;
      const end = indexOf(Math.min(boundary, LARGEST)) + 1;
      for (; next < end; next++) seen += this.counts[next];
      if (seen > before) steps.push([Math.floor(highest(end - 1) / 1000), seen]);
    }
    return steps;
  }
}

function indexOf(value: number): number {
  const shift = 24 - Math.clz32(value | (SUB_BUCKETS - 1));
  return (shift << HALF_BITS) + (value >> shift);
}

/** The highest value that is counted at this place. */
function highest(index: number): number {
  const shift = Math.max(0, (index >> HALF_BITS) - 1);
  return ((index - (shift << HALF_BITS) + 1) << shift) - 1;
}
