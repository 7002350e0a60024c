/**
 * The latency monitor: for each kind of event, when it took longer than `latency-monitor-threshold` milliseconds. The
 * last 160 samples are kept, at most one a second: its longest.
 */
import type { LatencySample, LatencySeries } from '../../commands/facilities/monitoring.js';

const MOST_SAMPLES = 160;

class Series implements LatencySeries {
  readonly samples: LatencySample[] = [];
  max = 0;

  add(time: number, latency: number): void {
    this.max = Math.max(this.max, latency);
    const last = this.samples.at(-1);
    if (last?.time === time) {
      if (latency > last.latency) this.samples[this.samples.length - 1] = { time, latency };
      return;
    }
    if (this.samples.length === MOST_SAMPLES) this.samples.shift();
    this.samples.push({ time, latency });
  }
}

export class LatencyMonitor {
  readonly events = new Map<string, Series>();
  /** Milliseconds; 0: nothing is recorded. */
  threshold = 0;

  constructor(private readonly wallClock: () => number) {}

  /** Something took so many milliseconds: records it when that is long. */
  add(event: string, milliseconds: number): void {
    if (this.threshold === 0 || milliseconds < this.threshold) return;
    let series = this.events.get(event);
    if (series === undefined) {
      series = new Series();
      this.events.set(event, series);
    }
    series.add(Math.floor(this.wallClock() / 1000), Math.floor(milliseconds));
  }

  reset(event: string): boolean {
    return this.events.delete(event);
  }
}
