/**
 * The state of one cluster node, and the few steps that everything else is made of.
 *
 * The rules of the cluster (gossip, failure detection, election …) are functions over this state, one module per
 * rule. What they change is written down and evaluated once per batch of inputs: a rule calls `later` with what
 * has become necessary, and `Cluster.afterEvents` does it, in a fixed order, before any frame leaves.
 */
import { Bus, type BusReceiver } from './bus.js';
import type { ClusterNode } from './cluster-node.js';
import type { CannotFailover, ClusterEnvironment, ClusterOptions } from './environment.js';
import { NodeTable } from './node-table.js';
import { SlotMap } from './slot-map.js';

/** What `afterEvents` has to do. */
export const Todo = {
  FAILOVER: 1,
  UPDATE_STATE: 2,
  SAVE: 4,
  /** The save must survive a power loss before anything is sent. */
  FSYNC: 8,
  MANUAL_FAILOVER: 16,
  /** Everyone is to hear of a changed configuration, once for all that a turn changes. */
  BROADCAST: 32,
} as const;

/** This replica's candidacy. Cluster specification, "Replica election and promotion". */
export interface Candidacy {
  /** When the election starts, or started. */
  time: number;
  /** Whether votes were asked for. */
  requested: boolean;
  epoch: number;
  rank: number;
  readonly votes: Set<ClusterNode>;
  obstacle: CannotFailover;
  obstacleLoggedAt: number;
}

/** CLUSTER FAILOVER without loss, on either side. */
export interface ManualFailover {
  /** Time limit; 0 when none is going on. */
  end: number;
  /** On the master: who asked. */
  replica: ClusterNode | null;
  /** On the replica: the paused master's offset; -1 until it is known. */
  masterOffset: number;
  /** On the replica: everything is here, votes may be asked for. */
  canStart: boolean;
}

export class ClusterState {
  readonly env: ClusterEnvironment;
  readonly options: ClusterOptions;
  readonly bus: Bus;
  readonly nodes = new NodeTable();
  readonly slots = new SlotMap();
  myself: ClusterNode;

  currentEpoch = 0;
  lastVoteEpoch = 0;

  /** Whether the cluster serves requests, as seen from here. */
  isUp = false;
  /** Number of masters that serve at least one slot: the electorate. */
  size = 1;
  /** When the state was evaluated for the first time; a restarted master waits from then on. */
  firstEvaluation = 0;
  /** When this node last saw itself among the minority. */
  minorityTime = 0;

  todo = 0;
  /** nodes.conf is behind, in something that `saveWithTick` was called for. */
  behind = false;
  ticks = 0;
  gossipRound = 0;
  /** Nodes in PFAIL, counted anew by every tick: 0 when there is none. */
  suspectedNodes = 0;
  linksClosedOverLimit = 0;

  readonly candidacy: Candidacy = {
    time: 0,
    requested: false,
    epoch: 0,
    rank: 0,
    votes: new Set(),
    obstacle: 'none',
    obstacleLoggedAt: 0,
  };
  readonly manualFailover: ManualFailover = { end: 0, replica: null, masterOffset: -1, canStart: false };

  constructor(env: ClusterEnvironment, options: ClusterOptions, receiver: BusReceiver, myself: ClusterNode) {
    this.env = env;
    this.options = options;
    this.bus = new Bus(env, receiver);
    this.myself = myself;
  }

  get now(): number {
    return this.env.now();
  }

  /** One of our times, or 0 for never, as others are told it. */
  toWallClock(time: number, lead = this.wallClockLead): number {
    return time === 0 ? 0 : time + lead;
  }

  /** How far the wall clock has been set ahead since the start, milliseconds: asks both clocks. */
  get wallClockLead(): number {
    return this.env.wallClock() - this.env.now();
  }

  /** Votes or reports that make a majority. */
  get quorum(): number {
    return Math.floor(this.size / 2) + 1;
  }

  /** Notes work for `afterEvents`: a union of `Todo` bits. */
  later(todo: number): void {
    this.todo |= todo;
  }

  /**
   * Has nodes.conf saved by the next tick, once for all that has changed by then. Only for what this node doesn't promise
   * anybody: what it merely heard will be heard again, and what it merely asked for will be asked for again.
   */
  saveWithTick(): void {
    this.behind = true;
  }

  log(level: 'debug' | 'verbose' | 'notice' | 'warning', message: string): void {
    this.env.log(level, message);
  }
}

/** A fresh 40-digit node id. */
export function randomNodeId(env: ClusterEnvironment): string {
  let id = '';
  for (let i = 0; i < 5; i++) id += env.random().toString(16).padStart(8, '0');
  return id;
}
