/**
 * Looking at a cluster that may still be settling. Views differ for a moment after every change, since news travel
 * by gossip: that is no fault, so whoever looks waits a little before calling it one.
 */
import { formatAddress } from './address.js';
import { checkCluster, joinObstacles, serviceObstacles } from './check.js';
import { type Connections, type ConnectOptions, withConnections } from './connections.js';
import { ManagerError } from './errors.js';
import { settle } from './join.js';
import type { AddressLike, OperationOptions } from './operation.js';
import { poll } from './poll.js';
import { type ClusterView, inspectFrom, toAddress } from './view.js';

/** Milliseconds that a look waits for views to agree by themselves. */
const GOSSIP_TIME = 2000;
/** Milliseconds of the same before something is done about it: nodes of a cluster tell each other of most changes. */
const INTRODUCTION_DELAY = 500;

/**
 * Reads the view without touching anything, again for two seconds as long as the nodes disagree about slots.
 * Throws like `inspect`.
 */
export function inspectSettled(seed: AddressLike, options: ConnectOptions = {}): Promise<ClusterView> {
  return withConnections(options, async (connections) => {
    let view = await inspectFrom(connections, toAddress(seed));
    await poll(
      async () => {
        if (checkCluster(view).agreed) return view;
        view = await inspectFrom(connections, toAddress(seed));
        return undefined;
      },
      { limit: GOSSIP_TIME },
    );
    return view;
  });
}

/**
 * Waits until the reachable nodes agree and the masters serve, and answers their view. Throws TIMEOUT when they
 * don't within `timeout`, and UNHEALTHY when slots are open or not covered: such a cluster needs `fix` first.
 */
export function inspectHealthy(seed: AddressLike, options: OperationOptions = {}): Promise<ClusterView> {
  return withConnections(options, async (connections) => {
    const first = await inspectFrom(connections, toAddress(seed));
    const { open, uncovered } = checkCluster(first);
    // These don't go away by waiting.
    const broken = open.length > 0 || uncovered.length > 0;
    const view = broken ? first : await agree(connections, first, options, serviceObstacles);
    if (checkCluster(view).ok) return view;
    throw new ManagerError('UNHEALTHY', '*** Please fix your cluster problems first.', {
      hint: `See \`hexis cluster check ${formatAddress(view.nodes[0])}\`, then \`hexis cluster fix\`.`,
    });
  });
}

/** Waits until every node that answered knows every other as it describes itself, or until more is fulfilled. */
export async function agree(
  connections: Connections,
  view: ClusterView,
  options: OperationOptions,
  obstaclesOf = joinObstacles,
): Promise<ClusterView> {
  const { nodes } = await settle(connections, view.nodes, obstaclesOf, {
    ...options,
    gossipTime: INTRODUCTION_DELAY,
  });
  return { nodes, unreachable: view.unreachable };
}
