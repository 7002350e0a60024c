/**
 * Loading in pieces. Whoever loads a file is a generator that yields when it has read some more, and how long to wait
 * then: at a start the node answers clients between two pieces, DEBUG RELOAD runs it to its end at once.
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

/** Loads when asked for the next piece, the yielded milliseconds from now; its value is the outcome. */
export type Loading<Result> = Generator<number, Result, undefined>;

/** Loads without a break. */
export function runToEnd<Result>(loading: Loading<Result>): Result {
  for (;;) {
    const { done, value } = loading.next();
    if (done) return value;
  }
}

/** The directives that matter here. */
export interface LoadPaceSettings {
  readonly 'loading-process-events-interval-bytes': number;
  /** For tests: microseconds to wait for each key; -N: one for every N keys. */
  readonly 'key-load-delay': number;
}

/** When to pause while a file is being loaded, and for how long. */
export class LoadPace {
  private bytes = 0;
  private keys = 0;

  constructor(private readonly settings: LoadPaceSettings) {}

  /** At most so many bytes should be read at once. */
  get pieceBytes(): number {
    return this.settings['loading-process-events-interval-bytes'];
  }

  /**
   * Whether it is time to pause, and for how many milliseconds; -1: not yet.
   * @param bytes loaded since the last question
   * @param keys loaded since the last question
   */
  pause(bytes: number, keys: number): number {
    this.bytes += bytes;
    this.keys += keys;
    const delay = this.settings['key-load-delay'];
    const wait = delay === 0 ? 0 : (this.keys * (delay > 0 ? delay : -1 / delay)) / 1000;
    if (this.bytes < this.pieceBytes && wait < 1) return -1;
    this.bytes = this.keys = 0;
    return wait;
  }
}
