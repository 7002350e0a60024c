/**
 * Whether a local cluster is ready: every node knows every other as it is, all say that the cluster is up, so that
 * every slot takes a write, and every replica is linked to its master.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Obstacle, readinessObstacles } from '../manager/check.js';
import type { Connections } from '../manager/connections.js';
import { settle } from '../manager/join.js';
import { type ClusterView, observe } from '../manager/view.js';
import type { Endpoint } from './layout.js';

/** Milliseconds between two looks: start-up time counts, and asking six nodes costs 2 ms. */
const PAUSE = 10;
/** How long nodes may take by themselves, milliseconds; then they are introduced to each other. */
const PATIENCE = 3000;

/** Waits until the cluster is ready. Throws a `ManagerError` that says what is in the way after `timeout` ms. */
export function waitUntilReady(
  connections: Connections,
  nodes: readonly Endpoint[],
  timeout: number,
): Promise<ClusterView> {
  return waitUntil(readinessObstacles, connections, nodes, timeout);
}

/**
 * The same, but nodes need not have heard yet who follows whom. redis-server passes that on by gossip only, within
 * half a node timeout; reads and writes don't depend on it.
 */
export function waitUntilServing(
  connections: Connections,
  nodes: readonly Endpoint[],
  timeout: number,
): Promise<ClusterView> {
  return waitUntil(servingObstacles, connections, nodes, timeout);
}

/** What keeps slots from taking writes or replicas from holding them. */
export function servingObstacles(view: ClusterView): Obstacle[] {
  const replicas = new Set(view.nodes.filter(({ role }) => role === 'replica').map(({ id }) => id));
  return readinessObstacles(view).filter(
    (obstacle) => !(obstacle.kind === 'outdated' && replicas.has(obstacle.subject.id)),
  );
}

async function waitUntil(
  obstaclesOf: (view: ClusterView) => Obstacle[],
  connections: Connections,
  nodes: readonly Endpoint[],
  timeout: number,
): Promise<ClusterView> {
  for (const end = performance.now() + PATIENCE; performance.now() < end; await pause(PAUSE)) {
    const views = await Promise.all(nodes.map((node) => observe(connections, node)));
    const view = { nodes: views, unreachable: [] };
    if (obstaclesOf(view).length === 0) return view;
  }
  return settle(connections, nodes, obstaclesOf, { timeout });
}
