/**
 * How long commands take, for INFO commandstats, the slow log and latency monitoring.
 *
 * Reading the clock twice costs a tenth of a GET. Commands that can't take long (flag `fast`, and SET) are therefore
 * timed in runs: a pipeline of a hundred GETs is read as one span, divided evenly. All others are timed one by one, and
 * so are these while somebody wants to know each command's time.
 */
import { type Command, FLAG } from '../commands/command.js';

/** Told that `calls` calls of a command took so many microseconds together. */
export type RecordTime = (command: Command, microseconds: number, calls: number) => void;

const IN_A_RUN = -1;

export class Stopwatch {
  /** Times every command by itself. */
  exact = false;
  private run: Command | null = null;
  private runBegun = 0;
  private runCalls = 0;

  /** @param clock microseconds, monotonic */
  constructor(
    private readonly clock: () => number,
    private readonly record: RecordTime,
  ) {}

  /** A command begins. Give the answer to `stop`. */
  start(command: Command): number {
    if (command === this.run && !this.exact) return IN_A_RUN;
    this.endRun();
    const now = this.clock();
    if (this.exact || !isQuick(command)) return now;
    this.run = command;
    this.runBegun = now;
    this.runCalls = 0;
    return IN_A_RUN;
  }

  /** The command has ended. Answers how many microseconds it took; 0 when it is part of a run. */
  stop(command: Command, begun: number): number {
    if (begun === IN_A_RUN) {
      this.runCalls++;
      return 0;
    }
    this.endRun(); // of commands inside this one
    const microseconds = this.clock() - begun;
    this.record(command, microseconds, 1);
    return microseconds;
  }

  /** There is nothing more to do for now: what comes next is not part of the run. */
  endRun(): void {
    const { run } = this;
    if (run === null) return;
    this.run = null;
    this.record(run, this.clock() - this.runBegun, this.runCalls);
  }
}

function isQuick(command: Command): boolean {
  return (command.flags & FLAG.fast) !== 0 || command.fullName === 'set';
}
