/**
 * Giving back the memory of what is large bit by bit, so that removing it doesn't hold anybody up: Redis has a thread
 * for that.
 *
 * A removed value with more than a few pieces in the arena waits here, unseen, and so do the keys of a database that is
 * flushed asynchronously. Each step frees some pieces of what came last. With nobody to call for steps (`later` is
 * null), everything is freed at once.
 */

/** Something whose memory can be given back in pieces. */
export interface Disposable {
  /** Number of pieces that it holds in the arena, about. */
  readonly pieces: number;
  /** Frees about so many of them; answers whether nothing is left. Nothing else may be done with it afterwards. */
  disposeSome(pieces: number): boolean;
}

/** Freeing so many pieces isn't worth being put off. */
const AT_ONCE = 64;
/** Pieces freed before the next look at what is left to do. */
const SLICE = 256;

interface Waiting {
  readonly what: Disposable;
  /** Keys or values that it is. */
  readonly objects: number;
}

export class Disposal {
  /** Keys and values that wait to be freed, and how many have been since the statistics were reset. */
  pendingObjects = 0;
  freedObjects = 0;
  /** Told that there is something to do: `step` is then to be called until it answers true. */
  later: (() => void) | null = null;
  private readonly waiting: Waiting[] = [];

  /** Frees it, now or later; it stands for so many keys or values. */
  add(what: Disposable, objects = 1): void {
    if (this.later === null || what.pieces <= AT_ONCE) {
      what.disposeSome(Number.POSITIVE_INFINITY);
      return;
    }
    this.pendingObjects += objects;
    this.waiting.push({ what, objects });
    if (this.waiting.length === 1) this.later();
  }

  /** Frees about so many pieces; answers whether nothing is left to do. */
  step(pieces: number): boolean {
    for (; pieces > 0 && this.waiting.length > 0; pieces -= SLICE) {
      const last = this.waiting.length - 1;
      const { what, objects } = this.waiting[last];
      if (!what.disposeSome(Math.min(pieces, SLICE))) continue;
      this.waiting.splice(last, 1); // what was in it has come behind it
      this.pendingObjects -= objects;
      this.freedObjects += objects;
    }
    return this.waiting.length === 0;
  }

  /** Frees all that waits: the memory is needed. */
  finish(): void {
    this.step(Number.POSITIVE_INFINITY);
  }
}

/** Frees all that something holds. */
export function dispose(what: Disposable): void {
  what.disposeSome(Number.POSITIVE_INFINITY);
}
