/** `--intrinsic-latency`: how long the system keeps a process that only computes from running. No server needed. */
import { setImmediate as yieldToSignals } from 'node:timers/promises';
import type { ModeContext } from './mode.js';

/** The loop lets Ctrl-C through this often, in milliseconds; the pause itself is not measured. */
const YIELD_EVERY = 100;

export async function measureIntrinsicLatency(
  { output, stop }: ModeContext,
  seconds: number,
): Promise<number> {
  const begin = performance.now();
  const end = begin + seconds * 1000;
  let worst = 0;
  let runs = 0;
  let now = begin;
  let yieldAt = begin + YIELD_EVERY;
  while (now < end && !stop.aborted) {
    const start = performance.now();
    compute();
    now = performance.now();
    runs++;
    const microseconds = Math.floor((now - start) * 1000);
    if (microseconds > worst) {
      worst = microseconds;
      output.write(`Max latency so far: ${worst} microseconds.\n`);
    }
    if (now > yieldAt) {
      await yieldToSignals();
      yieldAt = performance.now() + YIELD_EVERY;
    }
  }
  const average = ((now - begin) * 1000) / runs;
  output.write(
    `\n${runs} total runs (avg latency: ${average.toFixed(4)} microseconds / ` +
      `${(average * 1000).toFixed(2)} nanoseconds per run).\n` +
      `Worst run took ${(worst / average).toFixed(0)}x longer than the average latency.\n`,
  );
  return 0;
}

const scratch = Uint8Array.from({ length: 256 }, (_, i) => i);

/** Some microseconds of work on memory that stays in the cache. */
function compute(): void {
  let j = 0;
  for (let n = 1; n <= 1000; n++) {
    const i = n & 255;
    j = (j + scratch[i]) & 255;
    const swapped = scratch[i];
    scratch[i] = scratch[j];
    scratch[j] = swapped;
  }
}
