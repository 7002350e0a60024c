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

/**
 * Starts nodes on their folders; fulfils when all of them accept connections. Throws a `LocalClusterError` when one
 * can't start; then none runs.
 */
export type StartNodes = (
  folder: ClusterFolder,
  nodes: readonly PlannedNode[],
  onEnded: NodeEnded,
) => Promise<RunningNodes>;
