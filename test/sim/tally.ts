/** What many runs came to, and how long the rest will take. */
import type { Outcome } from './disaster.js';

export class Tally {
  failures = 0;
  private runs = 0;
  private milliseconds = 0;
  private writes = 0;
  private promotions = 0;
  private longestHealing = 0;
  private readonly losses = new Map<string, number>();
  /** Seeds that broke a rule, by rule. */
  private readonly broken = new Map<string, number[]>();

  constructor(private readonly seeds: number) {}

  add(seed: number, outcome: Outcome): void {
    this.runs++;
    if (outcome.violations.length > 0) this.failures++;
    this.milliseconds += outcome.virtualMilliseconds;
    this.writes += outcome.writes;
    this.promotions += outcome.promotions;
    this.longestHealing = Math.max(this.longestHealing, outcome.healing);
    for (const [name, count] of outcome.losses) this.losses.set(name, (this.losses.get(name) ?? 0) + count);
    for (const rule of new Set(outcome.violations.map((violation) => violation.rule)))
      this.broken.set(rule, [...(this.broken.get(rule) ?? []), seed]);
  }

  /** One line, after so many seconds. */
  progress(seconds: number): string {
    const rate = this.runs / seconds;
    const left = Math.ceil((this.seeds - this.runs) / rate / 60);
    return (
      `${seconds.toFixed(0)} s: ${this.runs} of ${this.seeds} seeds (${rate.toFixed(2)}/s, ${left} min left), ` +
      `${this.hours} simulated hours, ${this.failures} failing`
    );
  }

  summary(seconds: number): string {
    const losses = [...this.losses].map(([name, count]) => `${name} ${count}`).join(', ') || 'none';
    const broken = [...this.broken].map(([rule, seeds]) => `  ${rule}: seed ${seeds.join(', ')}`);
    const totals =
      `${seconds.toFixed(1)} s: ${this.runs} seeds, ${this.hours} simulated hours, ${this.promotions} promotions, ` +
      `${this.writes} writes, ${this.failures} failing; longest healing ${(this.longestHealing / 1000).toFixed(1)} s`;
    return [totals, `  explained losses: ${losses}`, ...broken].join('\n');
  }

  private get hours(): string {
    return (this.milliseconds / 3_600_000).toFixed(2);
  }
}
