/** One node more, one node less. */
import { formatAddress, type NodeAddress, nameOf } from './address.js';
import { agree } from './agreement.js';
import { checkCluster, joinObstacles, serviceObstacles } from './check.js';
import { type Connections, isRefusal, withConnections } from './connections.js';
import { refuseUsed } from './create.js';
import { ManagerError } from './errors.js';
import { settle } from './join.js';
import { findMaster } from './move-plan.js';
import type { AddressLike, OperationOptions, Step } from './operation.js';
import {
  type ClusterView,
  inspectFrom,
  type NodeView,
  observe,
  replicasOf,
  slotCount,
  toAddress,
} from './view.js';

export interface AddNodePlan {
  readonly kind: 'add-node';
  readonly node: NodeAddress;
  /** The nodes of the cluster that will have to know the new one. */
  readonly cluster: readonly NodeAddress[];
  /** The master that the node will follow; null when it becomes an empty master. */
  readonly master: NodeAddress | null;
}

export interface AddNodeOptions extends OperationOptions {
  /** Make it a replica: of this master (ID or beginning of it), or `true` for one with fewest replicas. */
  readonly replicaOf?: string | true;
}

export interface DeleteNodePlan {
  readonly kind: 'delete-node';
  readonly node: NodeAddress;
  /** Whether the node answers; if not, the others forget it all the same. */
  readonly reachable: boolean;
  /** The nodes that stay. */
  readonly others: readonly NodeAddress[];
  /** Replicas of the node, and the masters they will follow instead. */
  readonly replicas: readonly { readonly node: NodeAddress; readonly master: NodeAddress }[];
}

/**
 * Looks at the new node and the cluster. Throws NOT_EMPTY when the node is in use, UNHEALTHY when the cluster
 * needs a fix first, INVALID for an unknown master.
 */
export function planAddNode(
  address: AddressLike,
  seed: AddressLike,
  options: AddNodeOptions = {},
): Promise<{ view: ClusterView; plan: AddNodePlan }> {
  return withConnections(options, async (connections) => {
    const view = await agree(connections, await inspectFrom(connections, toAddress(seed)), options);
    if (!checkCluster(view).ok) {
      throw new ManagerError('UNHEALTHY', '*** Please fix your cluster problems before adding a node.', {
        hint: `See \`hexis cluster check ${formatAddress(view.nodes[0])}\`.`,
      });
    }
    const node = await observe(connections, toAddress(address));
    refuseUsed([node]);
    const { replicaOf } = options;
    const master =
      replicaOf === undefined
        ? null
        : nameOf(replicaOf === true ? leastReplicated(view) : findMaster(view, replicaOf));
    return {
      view,
      plan: { kind: 'add-node', node: nameOf(node), cluster: view.nodes.map(nameOf), master },
    };
  });
}

/**
 * Joins the node and waits until all know it in its role and, if it is a master, until it serves, which takes up to
 * five seconds (the node timeout): slots moved to a master that does not serve yet would be down. A replica's first synchronisation may go on after.
 */
export function applyAddNode(plan: AddNodePlan, options: OperationOptions = {}): Promise<ClusterView> {
  return withConnections(options, async (connections) => {
    const { node, cluster, master } = plan;
    const begin = (step: Step) => options.onEvent?.({ type: 'step', step });
    const everyone = [...cluster, node];
    if (!master) {
      begin('functions');
      await copyFunctions(connections, cluster[0], node);
    }
    begin('meet');
    begin('join');
    if (!master) return settle(connections, everyone, serviceObstacles, options);
    await settle(connections, everyone, joinObstacles, options);
    begin('replicate');
    await connections.call(node, 'CLUSTER', 'REPLICATE', master.id);
    return settle(connections, everyone, joinObstacles, options);
  });
}

/**
 * Plans to take a node out of the cluster, given by its ID or a beginning of it. It may be dead. Throws INVALID
 * when there is no such node and UNHEALTHY when it still holds slots.
 */
export function planDeleteNode(
  seed: AddressLike,
  id: string,
  options: OperationOptions = {},
): Promise<DeleteNodePlan> {
  return withConnections(options, async (connections) => {
    const view = await inspectFrom(connections, toAddress(seed));
    const known = [...view.nodes, ...view.unreachable].filter(
      (node) => id !== '' && node.id.startsWith(id.toLowerCase()),
    );
    if (known.length !== 1) throw new ManagerError('INVALID', `No such node ID ${id}`);
    const [node] = known;
    const own = view.nodes.find((other) => other.id === node.id);
    const held = (own ?? view.nodes[0].table.find((entry) => entry.id === node.id))?.slots ?? [];
    if (held.length > 0) {
      throw new ManagerError(
        'UNHEALTHY',
        `Node ${formatAddress(node)} is not empty! Reshard data away and try again.`,
        {
          hint: own
            ? `hexis cluster rebalance --weight ${node.id.slice(0, 8)}=0 ${formatAddress(toAddress(seed))}`
            : 'It does not answer: start it again, or, if its data is gone for good, give its slots to others with\n' +
              `hexis cluster fix --fix-with-unreachable-masters ${formatAddress(toAddress(seed))}`,
        },
      );
    }
    const others = view.nodes.filter((other) => other.id !== node.id);
    const followers = new Map(
      others.filter(isServing).map((master) => [master, replicasOf(view, master).length]),
    );
    const replicas = replicasOf(view, node).map((replica) => {
      const master = leastOf(followers);
      followers.set(master, followers.get(master)! + 1);
      return { node: nameOf(replica), master: nameOf(master) };
    });
    return {
      kind: 'delete-node',
      node: nameOf(node),
      reachable: own !== undefined,
      others: others.map(nameOf),
      replicas,
    };
  });
}

/** Lets all others forget the node, and it the others. Answers the view of those who stay. */
export function applyDeleteNode(plan: DeleteNodePlan, options: OperationOptions = {}): Promise<ClusterView> {
  return withConnections(options, async (connections) => {
    const { node, reachable, others, replicas } = plan;
    await Promise.all(
      replicas.map((replica) => connections.call(replica.node, 'CLUSTER', 'REPLICATE', replica.master.id)),
    );
    options.onEvent?.({ type: 'step', step: 'forget' });
    await Promise.all(others.map((other) => forget(connections, other, node)));
    if (reachable) {
      options.onEvent?.({ type: 'step', step: 'reset' });
      await connections.call(node, 'CLUSTER', 'RESET', 'SOFT');
    }
    return settle(connections, others, joinObstacles, options);
  });
}

/** A node that does not know the other has forgotten it already. */
async function forget(connections: Connections, node: NodeAddress, other: NodeAddress): Promise<void> {
  try {
    await connections.call(node, 'CLUSTER', 'FORGET', other.id);
  } catch (error) {
    if (!isRefusal(error, /Unknown node/)) throw error;
  }
}

/** A master with slots that has fewest replicas. */
function leastReplicated(view: ClusterView): NodeView {
  return leastOf(
    new Map(view.nodes.filter(isServing).map((master) => [master, replicasOf(view, master).length])),
  );
}

/** A master worth following: one without slots has nothing to replicate. */
function isServing(node: NodeView): boolean {
  return node.role === 'master' && slotCount(node) > 0;
}

/** The master with the smallest number, the first of several. Throws INVALID when there is none. */
function leastOf(counts: ReadonlyMap<NodeView, number>): NodeView {
  if (counts.size === 0) throw new ManagerError('INVALID', '*** No master with slots is left to follow.');
  return [...counts].reduce((least, entry) => (entry[1] < least[1] ? entry : least))[0];
}

/** A new master must know the functions that clients may call on it; nodes before Redis 7 have none. */
async function copyFunctions(connections: Connections, from: NodeAddress, to: NodeAddress): Promise<void> {
  try {
    const functions = await connections.callForBytes(from, 'FUNCTION', 'DUMP');
    await connections.call(to, 'FUNCTION', 'RESTORE', functions as Uint8Array);
  } catch (error) {
    if (!isRefusal(error, /unknown command|unknown subcommand/i)) throw error;
  }
}
