/**
 * How long commands take, for INFO commandstats, the slow log and latency monitoring.
 *
 * Reading the clock twice costs a tenth of a GET. Commands that can't take long (flag `fast`, and SET) are therefore
 * timed in runs: a pipeline of a hundred GETs is read as one span, divided evenly. All others are timed one by one, and
 * so are these while somebody wants to know each command's time.
 */
import { type Command, FLAG } from '../../commands/command.js';

/** Told that `calls` calls of a command took so many microseconds together. */
export type RecordTime = (command: Command, microseconds: number, calls: number) => void;

const IN_A_RUN = -1;

export class Stopwatch {
  /** Times every command by itself. */
  exact = false;
  /** When the last command began, or its run did. */
  begunAt = 0;
  private run: Command | null = null;
  private runCalls = 0;

  /** @param clock microseconds, monotonic */
  constructor(
    private readonly clock: () => number,
    private readonly record: RecordTime,
  ) {}

  /** A command begins. Give the answer to `stop`. */
  start(command: Command): number {
    if (command === this.run && !this.exact) return IN_A_RUN;
    const now = this.clock();
    this.endRun(now);
    this.begunAt = now;
    if (this.exact || !isQuick(command)) return now;
    this.run = command;
    this.runCalls = 0;
    return IN_A_RUN;
  }

  /** The command has ended. Answers how many microseconds it took; 0 when it is part of a run. */
  stop(command: Command, begun: number): number {
    if (begun === IN_A_RUN) {
      this.runCalls++;
      return 0;
    }
    const now = this.clock();
    this.endRun(now); // of commands inside this one
    const microseconds = now - begun;
    this.record(command, microseconds, 1);
    return microseconds;
  }

  /** There is nothing more to do for now: what comes next is not part of the run. `now` is the time, if it is known. */
  endRun(now?: number): void {
    const { run } = this;
    if (run === null) return;
    this.run = null;
    this.record(run, (now ?? this.clock()) - this.begunAt, this.runCalls);
  }
}

function isQuick(command: Command): boolean {
  return (command.flags & FLAG.fast) !== 0 || command.fullName === 'set';
}
