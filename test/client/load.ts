/** Increments of many counters while something goes wrong, and the books about what became of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, HexisError } from '../../src/client/index.js';

export interface LoadReport {
  readonly sent: number;
  readonly acknowledged: number;
  /** Reported with outcome `unknown`. */
  readonly unknown: number;
  /** Reported with outcome `not executed`. */
  readonly refused: number;
  /** Anything else that a command rejected with. */
  readonly surprises: readonly unknown[];
  /** Milliseconds of the command that took longest. */
  readonly longest: number;
}

export class Load {
  /** By counter: increments that may have run, and those that have. */
  private readonly sent = new Map<string, number>();
  private readonly acknowledged = new Map<string, number>();
  private readonly surprises: unknown[] = [];
  private readonly workers: Promise<void>[];
  private unknown = 0;
  private refused = 0;
  private longest = 0;
  private started = 0;
  private running = true;
  /** Increments that were acknowledged, by group. */
  readonly done: number[];
  /** Increments whose turn has come, by group. */
  private readonly turns: number[];
  private readonly begun = performance.now();

  /**
   * @param groups counters, in groups that don't wait for each other: one for each shard
   * @param workers how many increments of each group are under way
   * @param total how many increments there will be, unless `stop` is called before
   * @param rate how many increments of each group there are a second at most
   */
  constructor(
    private readonly client: Client,
    groups: readonly (readonly string[])[],
    workers: number,
    private readonly total = Number.POSITIVE_INFINITY,
    private readonly rate = Number.POSITIVE_INFINITY,
  ) {
    this.done = groups.map(() => 0);
    this.turns = groups.map(() => 0);
    this.workers = groups.flatMap((counters, group) =>
      Array.from({ length: workers }, (_, i) => this.work(counters, group, i)),
    );
  }

  /** Resolves when all increments have been sent and have an outcome. */
  async finished(): Promise<void> {
    await Promise.all(this.workers);
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.finished();
  }

  get progress(): number {
    return this.started;
  }

  get report(): LoadReport {
    const sum = (counts: Map<string, number>) => [...counts.values()].reduce((total, n) => total + n, 0);
    const { unknown, refused, surprises, longest } = this;
    return {
      sent: sum(this.sent),
      acknowledged: sum(this.acknowledged),
      unknown,
      refused,
      surprises,
      longest,
    };
  }

  /**
   * Compares with what the cluster holds: every difference must be an increment whose outcome was reported unknown. Answers
   * how many increments too many and how many too few there are.
   */
  async differences(): Promise<{ twice: number; lost: number }> {
    const counters = [...this.sent.keys()];
    const values = (await this.client.mGet(counters)).map(Number);
    let twice = 0;
    let lost = 0;
    counters.forEach((counter, i) => {
      twice += Math.max(0, values[i] - this.sent.get(counter)!);
      lost += Math.max(0, (this.acknowledged.get(counter) ?? 0) - values[i]);
    });
    return { twice, lost };
  }

  /** Waits until the group's rate allows one increment more. */
  private async turn(group: number): Promise<void> {
    const due = this.begun + (this.turns[group]++ / this.rate) * 1000;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
  }

  private async work(counters: readonly string[], group: number, worker: number): Promise<void> {
    for (let i = worker; this.running && this.started < this.total; i++) {
      this.started++;
      await this.turn(group);
      const counter = counters[(i * 7919) % counters.length];
      const start = performance.now();
      add(this.sent, counter, 1);
      try {
        await this.client.incr(counter);
        add(this.acknowledged, counter, 1);
        this.done[group]++;
      } catch (error) {
        if (!(error instanceof HexisError) || error.outcome === undefined) this.surprises.push(error);
        else if (error.outcome === 'unknown') this.unknown++;
        else {
          this.refused++;
          add(this.sent, counter, -1);
        }
      }
      this.longest = Math.max(this.longest, performance.now() - start);
    }
  }
}

function add(counts: Map<string, number>, name: string, n: number): void {
  counts.set(name, (counts.get(name) ?? 0) + n);
}
