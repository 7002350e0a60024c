/**
 * Creating a cluster: look at the nodes, plan, and apply the plan until every slot takes a write and every
 * replica is in sync. "Created" means ready here; redis-cli returns when the nodes agree about slots, several
 * seconds before the first write succeeds.
 *
 * Most of those seconds are delays that protect data, of which a new cluster has none: a master waits for the
 * node timeout before it trusts a majority it has just found, and for `repl-diskless-sync-delay` for more
 * replicas to feed at once. Both are lowered on the new masters while they are being joined and put back after
 * it. Measured with six redis-servers 7.0: 0.8 s until ready, 7 s with redis-cli.
 */
import { type Address, formatAddress, type NodeAddress, nameOf } from './address.js';
import { joinObstacles, readinessObstacles } from './check.js';
import { type Connections, type ConnectOptions, isRefusal, withConnections } from './connections.js';
import { type CreatePlan, planCluster } from './create-plan.js';
import { ManagerError } from './errors.js';
import { settle } from './join.js';
import type { AddressLike, OperationOptions, Step } from './operation.js';
import { withLowered } from './settings.js';
import { eachSlot } from './slots.js';
import { type ClusterView, type NodeView, observe, toAddress } from './view.js';

/** Milliseconds and seconds. The first counts as 500 at least. See the top of this file. */
const DELAYS = { 'cluster-node-timeout': 500, 'repl-diskless-sync-delay': 0 };

export interface PlanCreateOptions extends ConnectOptions {
  /** Replicas per master, 0 by default. */
  readonly replicas?: number;
}

export interface CreateOptions extends OperationOptions {
  /** Leave the nodes' own delays in force while they join: several seconds slower. False by default. */
  readonly keepDelays?: boolean;
}

/**
 * Looks at the nodes and plans a cluster of them. Throws UNREACHABLE, NOT_A_NODE, NOT_EMPTY (naming every node
 * that holds keys, slots or knows others), INVALID for a node given twice, TOO_FEW_NODES, and RangeError for what
 * is no address.
 */
export async function planCreate(
  addresses: readonly AddressLike[],
  options: PlanCreateOptions = {},
): Promise<CreatePlan> {
  const places = addresses.map(toAddress);
  const nodes = await withConnections(options, (connections) =>
    Promise.all(places.map((place) => observe(connections, place))),
  );
  refuseDuplicates(nodes);
  refuseUsed(nodes);
  return planCluster(nodes.map(nameOf), options.replicas);
}

/**
 * Applies the plan and waits until the cluster is ready. Answers the final view. Throws TIMEOUT, naming who
 * does not see whom, when it is not ready within `timeout`, and UNREACHABLE or REFUSED as soon as a node fails.
 */
export function applyCreate(plan: CreatePlan, options: CreateOptions = {}): Promise<ClusterView> {
  return withConnections(options, async (connections) => {
    const masters = plan.masters.map(({ node }) => node);
    const build = () => buildCluster(connections, plan, options);
    return options.keepDelays ? build() : withLowered(connections, masters, DELAYS, build);
  });
}

async function buildCluster(
  connections: Connections,
  plan: CreatePlan,
  options: CreateOptions,
): Promise<ClusterView> {
  const begin = (step: Step) => options.onEvent?.({ type: 'step', step });
  await Promise.all(
    plan.masters.map(({ node, slots }) =>
      connections.call(node, 'CLUSTER', 'ADDSLOTS', ...eachSlot([slots])),
    ),
  );
  begin('configured');
  begin('epochs');
  await Promise.all(plan.nodes.map((node, index) => setConfigEpoch(connections, node, index + 1)));
  begin('meet');
  begin('join');
  await settle(connections, plan.nodes, joinObstacles, options);
  begin('replicate');
  await Promise.all(
    plan.replicas.map(({ node, master }) => connections.call(node, 'CLUSTER', 'REPLICATE', master.id)),
  );
  const view = await settle(connections, plan.nodes, readinessObstacles, options);
  begin('ready');
  return view;
}

/** Distinct epochs spare the nodes to resolve collisions. A node that already has one keeps it. */
async function setConfigEpoch(connections: Connections, node: Address, epoch: number): Promise<void> {
  try {
    await connections.call(node, 'CLUSTER', 'SET-CONFIG-EPOCH', epoch);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

function refuseDuplicates(nodes: readonly NodeView[]): void {
  const seen = new Map<string, NodeAddress>();
  for (const node of nodes) {
    const twin = seen.get(node.id);
    seen.set(node.id, node);
    if (!twin) continue;
    const [a, b] = [formatAddress(twin), formatAddress(node)];
    if (a === b) throw new ManagerError('INVALID', `Node ${a} is given twice.`);
    throw new ManagerError('INVALID', `Nodes ${a} and ${b} have the same node ID ${node.id}.`, {
      hint: 'They are one server under two addresses, or one was started with a copy of the other’s nodes.conf.',
    });
  }
}

/** Throws NOT_EMPTY naming the nodes that hold keys or slots, or know other nodes. */
export function refuseUsed(nodes: readonly NodeView[]): void {
  const used = nodes.filter((node) => node.keys > 0 || node.table.length > 1 || node.slots.length > 0);
  if (used.length === 0) return;
  const names = used.map(formatAddress).join(', ');
  const subject = used.length === 1 ? `Node ${names} is` : `Nodes ${names} are`;
  const message =
    `${subject} not empty. Either the node already knows other nodes ` +
    '(check with CLUSTER NODES) or contains some key in database 0.';
  const [{ host, port }] = used;
  throw new ManagerError('NOT_EMPTY', message, {
    hint:
      'If nothing on it is needed, empty it and try again:\n' +
      `  hexis cli -h ${host} -p ${port} FLUSHALL\n` +
      `  hexis cli -h ${host} -p ${port} CLUSTER RESET HARD`,
  });
}
