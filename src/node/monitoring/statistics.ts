import { Histogram } from './histogram.js';

/** What a node counts: plain fields, so that counting costs an addition. INFO and CONFIG RESETSTAT read and reset them. */
export class Statistics {
  /** Wall clock, milliseconds, of the node's start; not reset. */
  startedAt = 0;
  /** Clients disconnected for the memory they used. */
  evictedClients = 0;
  connectionsReceived = 0;
  rejectedConnections = 0;
  commandsProcessed = 0;
  inputBytes = 0;
  outputBytes = 0;
  /** Portions of input taken in, and of output handed to connections. */
  reads = 0;
  writes = 0;
  evictedKeys = 0;
  errorReplies = 0;
  /** Errors of commands that our master could run. */
  unexpectedErrors = 0;
  peakMemory = 0;
  /** Begun; what a fork is to redis-server. */
  snapshots = 0;
  /** Changes since the last snapshot; not reset. */
  dirty = 0;
  /** Per command, by its id. */
  readonly calls: Float64Array;
  readonly microseconds: Float64Array;
  readonly rejected: Float64Array;
  readonly failed: Float64Array;
  /** Whether the calls' times are recorded one by one (`latency-tracking`). */
  timesCommands = true;
  /** How long its calls took, while they are recorded. */
  readonly times: (Histogram | undefined)[] = [];
  /** Error replies by their first word. */
  readonly errors = new Map<string, number>();

  constructor(commands: number) {
    this.calls = new Float64Array(commands);
    this.microseconds = new Float64Array(commands);
    this.rejected = new Float64Array(commands);
    this.failed = new Float64Array(commands);
  }

  /** So many calls of a command took so many microseconds together. */
  recordTime(command: number, microseconds: number, calls: number): void {
    this.microseconds[command] += microseconds;
    if (!this.timesCommands || calls === 0) return;
    let times = this.times[command];
    if (times === undefined) {
      times = new Histogram();
      this.times[command] = times;
    }
    times.record((microseconds * 1000) / calls, calls);
  }

  countError(code: string): void {
    this.errorReplies++;
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }

  /** CONFIG RESETSTAT. */
  reset(): void {
    this.connectionsReceived = 0;
    this.rejectedConnections = 0;
    this.commandsProcessed = 0;
    this.inputBytes = 0;
    this.outputBytes = 0;
    this.reads = 0;
    this.writes = 0;
    this.evictedKeys = 0;
    this.evictedClients = 0;
    this.errorReplies = 0;
    this.unexpectedErrors = 0;
    this.peakMemory = 0;
    this.snapshots = 0;
    for (const counters of [this.calls, this.microseconds, this.rejected, this.failed]) counters.fill(0);
    this.times.length = 0;
    this.errors.clear();
  }
}
