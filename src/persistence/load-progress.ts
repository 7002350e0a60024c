/**
 * Loading in pieces. Whoever loads a file is a generator that yields when it has read some more: at a start the node
 * answers clients between two pieces, DEBUG RELOAD runs it to its end at once.
 */

/** How far the loading has come; `loading_*` in INFO. */
export interface LoadProgress {
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Of all files. */
  totalBytes: number;
  loadedBytes: number;
  /** Memory that the data took where the snapshot was made, in bytes; 0 when unknown. */
  usedMemory: number;
}

/** Loads when asked for the next piece; its value is the outcome. */
export type Loading<Result> = Generator<undefined, Result, undefined>;

/** Loads without a break. */
export function runToEnd<Result>(loading: Loading<Result>): Result {
  for (;;) {
    const { done, value } = loading.next();
    if (done) return value;
  }
}
