/** What runs the nodes of a local cluster: threads of this process, or processes of a real server. */
import type { ClusterFolder } from './folder.js';
import type { PlannedNode } from './layout.js';

export const ENGINES = ['hexis', 'redis', 'valkey'] as const;
export type EngineName = (typeof ENGINES)[number];

/** Nodes that run. */
export interface RunningNodes {
  /** Ends them all as SHUTDOWN does; fulfils when their ports and files have been released. */
  stop(): Promise<void>;
  /** Fulfilled when all of them have ended, by `stop` or by themselves. */
  readonly ended: Promise<void>;
}

/** A node has ended though nobody asked it to. */
export type NodeEnded = (node: PlannedNode, exitCode: number) => void;

/** An engine that has been chosen, before the cluster's files are there. */
export interface Launch {
  /**
   * Starts the nodes on their folders; fulfils when all of them accept connections. Throws a `LocalClusterError` when
   * one can't start; then none runs.
   */
  start(folder: ClusterFolder): Promise<RunningNodes>;
  /** Nothing will be started after all. */
  abandon(): void;
}

/** Begins with whatever of the start takes time and needs no files yet. */
export type LaunchNodes = (nodes: readonly PlannedNode[], onEnded: NodeEnded) => Launch;
