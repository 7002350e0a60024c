/** How fast counters grow: INFO's `instantaneous_` fields. */

/** Sampled ten times a second, these are the last 1.6 s, as with redis-server. */
const SAMPLES = 16;

/** What is measured, by the counter's name. */
export type Counters = Readonly<
  Record<'commands' | 'inputBytes' | 'outputBytes' | 'replicaInputBytes' | 'replicaOutputBytes', number>
>;

/** The mean growth of each counter a second, over the last samples. */
export class Rates {
  private readonly samples: Counters[] = [];
  private previous: Counters | undefined;
  private previousTime = 0;

  /** Takes the counters as they are at a time on the monotonic clock. */
  sample(time: number, counters: Counters): void {
    const { samples, previous } = this;
    const seconds = (time - this.previousTime) / 1000;
    this.previous = counters;
    this.previousTime = time;
    if (previous === undefined || seconds <= 0) return;
    // A counter that has been reset in between has grown from 0.
    const growth = (now: number, before: number) => (now < before ? now : now - before) / seconds;
    samples.push({
      commands: growth(counters.commands, previous.commands),
      inputBytes: growth(counters.inputBytes, previous.inputBytes),
      outputBytes: growth(counters.outputBytes, previous.outputBytes),
      replicaInputBytes: growth(counters.replicaInputBytes, previous.replicaInputBytes),
      replicaOutputBytes: growth(counters.replicaOutputBytes, previous.replicaOutputBytes),
    });
    if (samples.length > SAMPLES) samples.shift();
  }

  perSecond(name: keyof Counters): number {
    let sum = 0;
    for (const sample of this.samples) sum += sample[name];
    return sum / SAMPLES;
  }

  /** Begins anew (CONFIG RESETSTAT). */
  reset(): void {
    this.samples.length = 0;
  }
}
