/**
 * What was acknowledged to clients, and what happened to the nodes that acknowledged it: everything that is needed to
 * say afterwards whether a write may be missing. Kept in true time, in milliseconds, which no node knows.
 */

import type { Bytes } from '../../src/protocol/bytes.js';

/** A place in a replication stream. */
export interface Stream {
  readonly stream: string;
  readonly offset: number;
}

/** A write that was acknowledged, with the place that its node's stream had reached then. */
export interface Write extends Stream {
  readonly key: string;
  readonly slot: number;
  readonly value: string;
  /** Index of the node that acknowledged it. */
  readonly node: number;
  readonly sent: number;
  readonly acknowledged: number;
  /** Whether WAIT said afterwards that every replica of the node has it. */
  onAllReplicas: boolean;
}

/** A replica became master of its master's slots; the stream is the one that it had followed, and how far. */
export interface Promotion extends Stream {
  readonly time: number;
  readonly node: number;
  /** The stream that it has branched off as a master. */
  readonly branch: string;
  /** By the vote of the majority; by CLUSTER FAILOVER, with the master's consent; with FORCE, or with TAKEOVER. */
  readonly by: 'election' | 'manual' | 'force' | 'takeover';
  /** Bitmap of the slots. */
  readonly slots: Bytes;
}

/** A master took a config epoch that nobody had granted it, and claims its slots under it. */
export interface Claim {
  readonly time: number;
  /** Index of the node. */
  readonly node: number;
  readonly stream: string;
  /** Bitmap of the slots. */
  readonly slots: Bytes;
}

/** A slot was moved, or began to be. */
export interface Move {
  readonly time: number;
  readonly slot: number;
  /** Index of the node that was to have it. */
  readonly to: number;
  /** When whoever moved it was done, or gave up. */
  ended: number;
}

export class History {
  readonly writes: Write[] = [];
  readonly promotions: Promotion[] = [];
  readonly claims: Claim[] = [];
  readonly moves: Move[] = [];
  /** When some node lost power, and with it what it had not synced. */
  readonly powerLosses: number[] = [];
  /** When some node was replaced or restarted. */
  readonly disturbances: number[] = [];
  /** INCRs sent, of each counter. */
  readonly increments = new Map<string, number>();
  /** Where a stream comes from: a promotion branches off another at an offset, a restart goes on with all of it. */
  private readonly parents = new Map<string, Stream>();

  constructor(
    /** cluster-node-timeout, milliseconds. */
    readonly nodeTimeout: number,
    /** Whether replies leave before the append-only file is on disk. */
    readonly unsynced: boolean,
  ) {}

  branched(stream: string, from: string, offset: number): void {
    if (stream !== from) this.parents.set(stream, { stream: from, offset });
  }

  /** Whether whoever had followed the stream so far has the write. */
  contains(stream: string, offset: number, write: Stream): boolean {
    for (let hops = 0; hops < 1000; hops++) {
      if (stream === write.stream) return offset >= write.offset;
      const parent = this.parents.get(stream);
      if (!parent) return false;
      ({ stream, offset } = parent);
    }
    return false;
  }

  /** Whether the stream is the other one, or goes on with it. */
  descends(stream: string, from: string): boolean {
    return this.contains(stream, 0, { stream: from, offset: 0 });
  }
}
