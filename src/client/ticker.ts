/**
 * The clock behind every time limit. One timer for the whole process wakes every 20 ms, and only while a
 * connection waits for an answer; time is counted in those ticks. A tick is time that the event loop has lived
 * through: when user code blocks the loop for six seconds, one tick passes, so an answer that already waits in
 * the socket never loses against a timer that happens to run first. A timer or an AbortSignal per command would
 * cost more than the command itself.
 */
const TICK_MILLISECONDS = 20;

/** Something with time limits. */
export interface Watcher {
  /** Called on every tick; answers whether it still waits for something. */
  tick(now: number): boolean;
}

const watchers = new Set<Watcher>();
let timer: NodeJS.Timeout | undefined;

/** The current time; `now` is read on the hot path, hence a field and not a function. */
export const ticker = { now: 1 };

/** Ticks that cover so many milliseconds, never fewer. */
export function ticksFor(milliseconds: number): number {
  return Math.ceil(milliseconds / TICK_MILLISECONDS) + 1;
}

/** The milliseconds that so many ticks last. */
export function millisecondsOf(ticks: number): number {
  return ticks * TICK_MILLISECONDS;
}

/** Calls the watcher on every tick until it answers that it waits for nothing. */
export function watch(watcher: Watcher): void {
  watchers.add(watcher);
  // Keeps the process alive: somebody waits for an answer, perhaps while there is no socket at all.
  timer ??= setInterval(tick, TICK_MILLISECONDS);
}

function tick(): void {
  ticker.now++;
  for (const watcher of watchers) {
    if (!watcher.tick(ticker.now)) watchers.delete(watcher);
  }
  if (watchers.size === 0) {
    clearInterval(timer);
    timer = undefined;
  }
}
