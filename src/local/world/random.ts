/**
 * Seeded randomness for the virtual world. Each concern (network, disk, scheduler, each node …) draws from a stream
 * of its own, named: one more draw by the disk does not change what the network does, so a run stays comparable
 * when one concern's faults are turned off, and shrinking a failing run works.
 *
 * The generator is sfc32: 128 bits of state, passes the usual batteries, a few instructions a draw.
 */
export class RandomStream {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  /** The same seed and name give the same stream; `seed` is any integer of up to 53 bits. */
  constructor(seed: number, name: string) {
    let hash = 0x811c9dc5;
    for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
    this.a = hash | 0;
    this.b = seed | 0;
    this.c = Math.floor(seed / 2 ** 32) | 0;
    for (let i = 0; i < 15; i++) this.uint32();
  }

  readonly uint32 = (): number => {
    const sum = (this.a + this.b + this.counter++) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    return sum >>> 0;
  };

  /** In [0, 1). */
  fraction(): number {
    return this.uint32() / 2 ** 32;
  }

  /** An integer in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  between(low: number, high: number): number {
    return low + this.fraction() * (high - low);
  }

  /** True with the given probability; draws even when that is 0, so that rates don't shift the stream. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** Waiting time until an event that happens once in `mean` on average; Infinity for a mean of Infinity. */
  exponential(mean: number): number {
    return -Math.log(1 - this.fraction()) * mean;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }
}
