/** `--latency` and `--latency-history`: the round trip of PING, again and again. */
import type { OutputFormat } from '../render.js';
import { ask, type ModeContext, pause, reconnecting } from './mode.js';

const SAMPLE_EVERY = 10;
const DEFAULT_HISTORY_RANGE = 15_000;
/** Output that is not watched gets one result after this many milliseconds. */
const DEFAULT_RANGE = 1000;
const CLEAR_LINE = '\x1b[0G\x1b[2K';

interface Samples {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly total: number;
}

export async function measureLatency(context: ModeContext, history: boolean): Promise<number> {
  const { options, session, output, stop } = context;
  const { format } = session.settings.style;
  const watched = format === 'standard';
  const historyRange = options.interval * 1000 || DEFAULT_HISTORY_RANGE;
  const range = options.interval * 1000 || DEFAULT_RANGE;
  let samples: Samples | undefined;
  let start = performance.now();
  while (!stop.aborted) {
    const sent = performance.now();
    await reconnecting(session, context, (node) => ask(node, ['PING']));
    if (stop.aborted) break;
    samples = withSample(samples, Math.floor(performance.now() - sent));
    const elapsed = performance.now() - start;
    if (watched) output.write(CLEAR_LINE);
    if (watched || history) output.write(samplesText(samples, format));
    else if (elapsed > range) {
      output.write(samplesText(samples, format));
      return 0;
    }
    if (history && elapsed > historyRange) {
      output.write(` -- ${(elapsed / 1000).toFixed(2)} seconds range\n`);
      start = performance.now();
      samples = undefined;
    }
    await pause(SAMPLE_EVERY, stop);
  }
  if (watched) output.write('\n');
  return 0;
}

function withSample(samples: Samples | undefined, latency: number): Samples {
  if (!samples) return { count: 1, min: latency, max: latency, total: latency };
  return {
    count: samples.count + 1,
    min: Math.min(samples.min, latency),
    max: Math.max(samples.max, latency),
    total: samples.total + latency,
  };
}

/** The figures in milliseconds; only the terminal's line is rewritten in place. */
export function samplesText({ count, min, max, total }: Samples, format: OutputFormat): string {
  const average = (total / count).toFixed(2);
  switch (format) {
    case 'standard':
      return `min: ${min}, max: ${max}, avg: ${average} (${count} samples)`;
    case 'csv':
      return `${min},${max},${average},${count}\n`;
    case 'raw':
      return `${min} ${max} ${average} ${count}\n`;
    case 'json':
    case 'quoted-json':
      return `{"min": ${min}, "max": ${max}, "avg": ${average}, "count": ${count}}\n`;
  }
}
