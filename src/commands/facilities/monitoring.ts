/** What the node knows about its own doing: slow commands, latencies, memory. */
import type { Command } from '../command.js';

/** A slow command. */
export interface SlowCommand {
  readonly id: number;
  /** Seconds since 1970. */
  readonly time: number;
  readonly microseconds: number;
  /** The arguments, shortened, one character per byte. */
  readonly words: readonly string[];
  readonly address: string;
  readonly clientName: string;
}

export interface SlowLogFacility {
  /** The newest first. */
  readonly entries: readonly SlowCommand[];
  reset(): void;
}

/** Once something took long: when (seconds since 1970), and how many milliseconds. */
export interface LatencySample {
  readonly time: number;
  readonly latency: number;
}

/** What took long, by kind of event. */
export interface LatencySeries {
  readonly samples: readonly LatencySample[];
  /** The longest ever, in milliseconds. */
  readonly max: number;
}

/** How long calls of a command took. */
export interface CommandTimes {
  readonly calls: number;
  /** How many calls took at most so many microseconds; only where the number grows. */
  readonly cumulative: readonly (readonly [microseconds: number, calls: number])[];
}

export interface LatencyFacility {
  readonly events: ReadonlyMap<string, LatencySeries>;
  /** Forgets an event's samples; answers whether there were any. */
  reset(event: string): boolean;
  /** Undefined for a command that hasn't run. */
  timesOf(command: Command): CommandTimes | undefined;
}

/** Where the memory is, in bytes. */
export interface MemoryReport {
  /** Data, the tables that find it, and all buffers, now and at most so far. */
  readonly used: number;
  readonly peak: number;
  /** Of it all that isn't data. */
  readonly overhead: number;
  /** What the process holds. */
  readonly resident: number;
  /** What is kept for replicas that may come back. */
  readonly backlog: number;
  /** What replicas have yet to be sent, beyond the backlog. */
  readonly unsent: number;
  readonly clientBuffers: number;
  readonly appendBuffer: number;
  /** What waits on the cluster bus. */
  readonly clusterLinks: number;
  /** The arena: what data takes of it, and all of it. */
  readonly arenaUsed: number;
  readonly arenaReserved: number;
  /** Number of clients. */
  readonly clients: number;
}
