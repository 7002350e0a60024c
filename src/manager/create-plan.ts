/**
 * The plan of a new cluster: which node is a master, with which slots, and whom the others follow.
 *
 * The allocation is that of redis-cli, so that both print the same plan for the same nodes: nodes are taken host
 * by host in turn, the first become masters with equal shares of the slots, and each master takes its replicas
 * from the rest, the nearest in line that lives on another host.
 */
import type { NodeAddress } from './address.js';
import { antiAffinityScore, improveAntiAffinity, type ReplicaOf } from './anti-affinity.js';
import { ManagerError } from './errors.js';
import { SLOT_COUNT, type SlotRange } from './slots.js';

/** What `hexis cluster create` will do. Plain data. */
export interface CreatePlan {
  readonly kind: 'create';
  readonly replicasPerMaster: number;
  /** All nodes in the order given. */
  readonly nodes: readonly NodeAddress[];
  readonly masters: readonly { readonly node: NodeAddress; readonly slots: SlotRange }[];
  /** Replicas as first allocated, in order; printed as redis-cli prints them. */
  readonly allocated: readonly ReplicaOf[];
  /** Replicas as they will be: `allocated` after moving them away from their masters' hosts. */
  readonly replicas: readonly ReplicaOf[];
  /** Scores of `allocated` and `replicas`; see `antiAffinityScore`. */
  readonly antiAffinity: { readonly before: number; readonly after: number };
}

/** Fewer than this many masters can't outvote a failed one. */
const LEAST_MASTERS = 3;

/**
 * Plans a cluster of `nodes` with at least `replicasPerMaster` replicas for each master; nodes left over become
 * further replicas. Throws TOO_FEW_NODES when that leaves fewer than three masters.
 */
export function planCluster(nodes: readonly NodeAddress[], replicasPerMaster = 0): CreatePlan {
  const masterCount = Math.floor(nodes.length / (replicasPerMaster + 1));
  if (masterCount < LEAST_MASTERS) {
    throw new ManagerError(
      'TOO_FEW_NODES',
      '*** ERROR: Invalid configuration for cluster creation.\n' +
        '*** Redis Cluster requires at least 3 master nodes.\n' +
        `*** This is not possible with ${nodes.length} nodes and ${replicasPerMaster} replicas per node.\n` +
        `*** At least ${LEAST_MASTERS * (replicasPerMaster + 1)} nodes are required.`,
    );
  }
  const inTurn = interleaveByHost(nodes);
  const masters = inTurn.slice(0, masterCount);
  const allocated = allocateReplicas(masters, inTurn.slice(masterCount), replicasPerMaster);
  const replicas = improveAntiAffinity(allocated);
  return {
    kind: 'create',
    replicasPerMaster,
    nodes,
    masters: shareSlots(masters),
    allocated,
    replicas,
    antiAffinity: { before: antiAffinityScore(allocated), after: antiAffinityScore(replicas) },
  };
}

/** One node of each host, then a second of each, and so on; hosts in the order they first appear. */
function interleaveByHost(nodes: readonly NodeAddress[]): NodeAddress[] {
  const byHost = new Map<string, NodeAddress[]>();
  for (const node of nodes) {
    const group = byHost.get(node.host);
    if (group) group.push(node);
    else byHost.set(node.host, [node]);
  }
  const inTurn: NodeAddress[] = [];
  for (let turn = 0; inTurn.length < nodes.length; turn++) {
    for (const group of byHost.values()) if (turn < group.length) inTurn.push(group[turn]);
  }
  return inTurn;
}

/** Equal shares in order. Single precision as in redis-cli: with many masters it decides where a share ends. */
function shareSlots(masters: readonly NodeAddress[]): CreatePlan['masters'] {
  const share = Math.fround(SLOT_COUNT / masters.length);
  let cursor = 0;
  let start = 0;
  return masters.map((node, index) => {
    const next = Math.fround(cursor + share);
    const end =
      index === masters.length - 1 ? SLOT_COUNT - 1 : Math.max(Math.round(Math.fround(next - 1)), start);
    const slots = { start, end };
    start = end + 1;
    cursor = next;
    return { node, slots };
  });
}

function allocateReplicas(
  masters: readonly NodeAddress[],
  rest: readonly NodeAddress[],
  replicasPerMaster: number,
): ReplicaOf[] {
  // The line starts at its second node: often that alone sets replicas beside a different master.
  const line = [...rest.slice(1), ...rest.slice(0, 1)];
  const allocated: ReplicaOf[] = [];
  const take = (master: NodeAddress) => {
    const elsewhere = line.findIndex((node) => node.host !== master.host);
    const [node] = line.splice(Math.max(elsewhere, 0), 1);
    allocated.push({ node, master });
  };
  for (const master of masters) for (let n = 0; n < replicasPerMaster; n++) take(master);
  for (let turn = 0; line.length > 0; turn++) take(masters[turn % masters.length]);
  return allocated;
}
