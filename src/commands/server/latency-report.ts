/** LATENCY DOCTOR's report: what took long, how often, and what may help against it. */
import type { LatencySeries } from '../facilities/monitoring.js';

interface Analysis {
  readonly event: string;
  readonly spikes: number;
  /** Milliseconds. */
  readonly average: number;
  readonly deviation: number;
  readonly worst: number;
  /** Seconds between two spikes, on average. */
  readonly period: number;
}

const SLOW_COMMANDS =
  "Look at SLOWLOG GET for the commands, or set 'slowlog-log-slower-than' to the latency threshold so that it shows them.";
const EXPIRY = 'Spread the expiry times of keys that are set together, or expire fewer of them.';

/** What to try, by the event. */
const ADVICE: Readonly<Record<string, string>> = {
  command: SLOW_COMMANDS,
  'fast-command':
    'Commands that should be fast were held up: look for a machine short of CPU or memory, or for one huge value.',
  'expire-cycle': EXPIRY,
  'eviction-cycle': "Give the node more room ('maxmemory'), or write less at once.",
  'aof-write': 'The disk is slow: use a faster one, or let the node share it with less.',
  'aof-fsync-always': "Use 'appendfsync everysec' if losing a second of writes is acceptable.",
};

/** The report, in lines. `threshold` in milliseconds, 0: the monitor is off; `now` in seconds since 1970. */
export function latencyReport(
  events: ReadonlyMap<string, LatencySeries>,
  threshold: number,
  now: number,
): string {
  if (events.size === 0) {
    return threshold === 0
      ? 'The latency monitor is off. Turn it on with CONFIG SET latency-monitor-threshold <milliseconds>.\n'
      : `Nothing has taken longer than ${threshold} ms since the latency monitor was turned on or reset.\n`;
  }
  const analyses = [...events].map(([event, series]) => analyse(event, series, now));
  const lines = analyses.map(
    ({ event, spikes, average, deviation, worst, period }, i) =>
      `${i + 1}. ${event}: ${spikes} latency spikes (average ${average} ms, mean deviation ${deviation} ms, one in ` +
      `${period} s). Worst of all time ${worst} ms.`,
  );
  const advice = new Set(analyses.flatMap(({ event }) => ADVICE[event] ?? []));
  if (advice.size > 0) lines.push('', 'What may help:', ...[...advice].map((text) => `- ${text}`));
  return `${lines.join('\n')}\n`;
}

function analyse(event: string, { samples, max }: LatencySeries, now: number): Analysis {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / samples.length;
  const average = Math.floor(mean(samples.map(({ latency }) => latency)));
  const elapsed = Math.max(1, now - samples[0].time);
  return {
    event,
    spikes: samples.length,
    average,
    deviation: Math.floor(mean(samples.map(({ latency }) => Math.abs(latency - average)))),
    worst: max,
    period: Math.round(elapsed / samples.length),
  };
}
