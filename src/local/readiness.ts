/**
 * Whether a local cluster is ready: every node knows every other as it is, all say that the cluster is up, so that
 * every slot takes a write, and every replica is linked to its master.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { readinessObstacles } from '../manager/check.js';
import type { Connections } from '../manager/connections.js';
import { settle } from '../manager/join.js';
import { type ClusterView, observe } from '../manager/view.js';
import type { Endpoint } from './layout.js';

/** Milliseconds between two looks: start-up time counts, and asking six nodes costs 2 ms. */
const PAUSE = 10;
/** How long nodes may take by themselves by default, milliseconds. */
const PATIENCE = 3000;

/**
 * Waits until the cluster is ready. When the nodes are not after `patience` ms they are told of each other. Throws a
 * `ManagerError` that says what is in the way after `timeout` ms.
 */
export async function waitUntilReady(
  connections: Connections,
  nodes: readonly Endpoint[],
  timeout: number,
  patience = PATIENCE,
): Promise<ClusterView> {
  for (const end = performance.now() + patience; performance.now() < end; await pause(PAUSE)) {
    const views = await Promise.all(nodes.map((node) => observe(connections, node)));
    const view = { nodes: views, unreachable: [] };
    if (readinessObstacles(view).length === 0) return view;
  }
  return settle(connections, nodes, readinessObstacles, { timeout });
}
