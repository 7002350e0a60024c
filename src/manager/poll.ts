/** Waiting for nodes without fixed sleeps: ask, pause a little longer each time, give up at a limit. */
import { setTimeout as pause } from 'node:timers/promises';

const SHORTEST_PAUSE = 10;
const LONGEST_PAUSE = 100;

export interface PollOptions {
  /** Milliseconds after which to give up. */
  readonly limit: number;
  readonly signal?: AbortSignal;
}

/**
 * Calls `attempt` until it answers something other than undefined. Answers undefined when the limit has passed.
 * `attempt` is told the milliseconds since the start. Throws what `attempt` throws, or the signal's reason.
 */
export async function poll<Result>(
  attempt: (elapsed: number) => Promise<Result | undefined>,
  { limit, signal }: PollOptions,
): Promise<Result | undefined> {
  const start = performance.now();
  for (let wait = SHORTEST_PAUSE; ; wait = Math.min(wait * 1.5, LONGEST_PAUSE)) {
    signal?.throwIfAborted();
    const result = await attempt(performance.now() - start);
    if (result !== undefined) return result;
    if (performance.now() - start + wait > limit) return undefined;
    await pause(wait, undefined, { signal });
  }
}
