/**
 * Whether a cluster is whole (R1-R3, R5): every node runs, all agree who owns which slot, all slots are served, no slot
 * is open, nobody is about to replace anybody, and every replica follows its master and has all of its stream.
 *
 * It looks into the nodes instead of asking them, for it is asked four times a second by every run.
 */
import { NO_SLOTS, sameSlots } from '../../src/cluster/slot-bitmap.js';
import { digestOf } from '../../src/keyspace/data-digest.js';
import type { VirtualNode } from '../../src/local/virtual-cluster.js';
import { SLOT_COUNT } from '../../src/protocol/key-slot.js';

export function converged(nodes: readonly VirtualNode[]): boolean {
  return obstacles(nodes).length === 0;
}

/** What keeps the cluster from being whole: the first kind of obstacle that is found. */
export function obstacles(nodes: readonly VirtualNode[]): string[] {
  for (const check of [isAway, isDown, isHandingOver, disagrees, isUnsynced]) {
    const found = nodes.flatMap((node) => {
      const what = check(node, nodes);
      return what === undefined ? [] : [`node ${node.index} ${what}`];
    });
    if (found.length > 0) return found;
  }
  return [];
}

type Check = (node: VirtualNode, nodes: readonly VirtualNode[]) => string | undefined;

const clusterOf = (node: VirtualNode) => node.server.clusterService!.cluster;

const isAway: Check = ({ machine, server }) =>
  machine.running && server && machine.process!.listeners.size > 0 ? undefined : 'does not run';

const isDown: Check = (node) => {
  const cluster = clusterOf(node);
  if (!cluster.isUp) return 'says that the cluster is down';
  const { myself } = cluster;
  return myself.isMaster && myself.slotCount === 0 ? 'has no slots and no master' : undefined;
};

/** Of two failovers ordered at once one gets no votes, and stands again seconds later. */
const isHandingOver: Check = (node) =>
  clusterOf(node).manualFailoverInProgress ? 'has not come to the end of a manual failover' : undefined;

const disagrees: Check = (node, [first, ...others]) => {
  const mine = clusterOf(node);
  const theirs = clusterOf(first);
  const count = [...mine.nodes].filter(({ inHandshake }) => !inHandshake).length;
  if (count !== others.length + 1) return `knows ${count} nodes`;
  for (const { id, isFailed, isSuspected } of mine.nodes)
    if (isFailed || isSuspected) return `takes ${id} for failed`;
  for (const { id, slots } of theirs.nodes) {
    const same = sameSlots(mine.node(id)?.slots ?? NO_SLOTS, slots);
    if (!same) return `disagrees about the slots of ${id}`;
  }
  const { myself } = mine;
  for (const other of [first, ...others]) {
    const seen = clusterOf(other).node(myself.id);
    if (seen?.isMaster !== myself.isMaster || seen.master?.id !== myself.master?.id)
      return `is something else for node ${other.index}`;
  }
  if (!myself.isMaster) return undefined;
  const { slots } = node.server.keyspace.databases[0];
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const owner = mine.nodeOfSlot(slot);
    if (!owner) return `knows no owner of slot ${slot}`;
    if (mine.migratingTo(slot) || mine.importingFrom(slot)) return `has slot ${slot} open`;
    if (owner !== myself && slots!.count(slot) > 0) return `has keys of slot ${slot}`;
  }
  return undefined;
};

const isUnsynced: Check = (node, nodes) => {
  const { myself } = clusterOf(node);
  if (myself.isMaster) return undefined;
  const { link, master } = node.server.replication;
  if (!link.up) return 'has no link to its master';
  const leader = nodes.find(({ id }) => id === myself.master?.id)!;
  const { history } = leader.server.replication.master;
  return history.id === master.history.id && history.offset === master.history.offset
    ? undefined
    : `has not all of its master's stream`;
};

/** A digest of each node's data, by id (R10): DEBUG DIGEST of all at one moment. */
export function digestsOf(nodes: readonly VirtualNode[]): Map<string, string> {
  return new Map(nodes.map(({ id, server }) => [id, String(digestOf(server.keyspace.databases))]));
}

/** Replicas whose data is not their master's, by index. */
export function differingReplicas(nodes: readonly VirtualNode[]): number[] {
  const digests = digestsOf(nodes);
  return nodes
    .filter((node) => {
      const { id, master } = clusterOf(node).myself;
      return master !== null && digests.get(master.id) !== digests.get(id);
    })
    .map(({ index }) => index);
}

/** Pairs of masters, by index, whose config epochs are the same. */
export function sharedEpochs(nodes: readonly VirtualNode[]): [number, number][] {
  const masters = nodes.filter((node) => clusterOf(node).myself.isMaster);
  const epoch = (node: VirtualNode) => clusterOf(node).myself.configEpoch;
  return masters.flatMap((a, i) =>
    masters
      .slice(i + 1)
      .flatMap((b): [number, number][] => (epoch(a) === epoch(b) ? [[a.index, b.index]] : [])),
  );
}
