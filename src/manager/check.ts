/**
 * Judges a cluster view: do the nodes agree, are slots stuck halfway, is every slot held, is everything ready?
 * Pure functions of the view, so that a check, a wait and a report say the same thing.
 */
import { type NodeAddress, nameOf } from './address.js';
import type { NodeEntry } from './cluster-nodes.js';
import { missingSlots, type SlotRange } from './slots.js';
import type { ClusterView, NodeView, UnreachableNode } from './view.js';

/** One reason why a cluster is not (yet) what it should be. */
export type Obstacle =
  /** `observer` does not know `subject`, or has no bus link to it. */
  | { readonly kind: 'unseen'; readonly observer: BusAddress; readonly subject: BusAddress }
  /** `observer` has an old idea of the slots or the role of `subject`. */
  | {
      readonly kind: 'outdated';
      readonly observer: BusAddress;
      readonly subject: BusAddress;
      readonly about: 'slots' | 'role';
    }
  /** The node says that the cluster is down. */
  | { readonly kind: 'down'; readonly node: NodeAddress }
  /** The replica is not in sync with its master. */
  | { readonly kind: 'unsynced'; readonly node: NodeAddress };

export interface BusAddress extends NodeAddress {
  readonly busPort: number;
}

/** Slots that a node has left open, as migrating or importing. */
export interface OpenSlots {
  readonly node: NodeAddress;
  readonly state: 'migrating' | 'importing';
  readonly slots: readonly number[];
}

export interface CheckReport {
  /** The nodes agree, no slot is open and all are covered. */
  readonly ok: boolean;
  /** Whether all nodes that answered give every slot to the same owner. */
  readonly agreed: boolean;
  /** Who has an outdated view of whom. */
  readonly obstacles: readonly Obstacle[];
  readonly open: readonly OpenSlots[];
  readonly uncovered: readonly SlotRange[];
  readonly unreachable: readonly UnreachableNode[];
}

export function checkCluster(view: ClusterView): CheckReport {
  const agreed = new Set(view.nodes.map(slotSignature)).size <= 1;
  const open = view.nodes.flatMap((node) =>
    (['migrating', 'importing'] as const).flatMap((state) => {
      const slots = node.openSlots.filter((open) => open.state === state).map((open) => open.slot);
      return slots.length > 0 ? [{ node: nameOf(node), state, slots }] : [];
    }),
  );
  const uncovered = missingSlots(view.nodes.flatMap((node) => node.slots));
  return {
    ok: agreed && open.length === 0 && uncovered.length === 0,
    agreed,
    obstacles: readinessObstacles(view),
    open,
    uncovered,
    unreachable: view.unreachable,
  };
}

/** What keeps the nodes from knowing each other as each describes itself. */
export function joinObstacles(view: ClusterView): Obstacle[] {
  const obstacles: Obstacle[] = [];
  for (const observer of view.nodes) {
    for (const subject of view.nodes) {
      if (observer === subject) continue;
      const entry = observer.table.find((entry) => entry.id === subject.id);
      const pair = { observer: busAddressOf(observer), subject: busAddressOf(subject) };
      if (!entry?.linked) obstacles.push({ kind: 'unseen', ...pair });
      else if (entry.role !== subject.role || entry.masterId !== subject.masterId) {
        obstacles.push({ kind: 'outdated', ...pair, about: 'role' });
      } else if (slotText(entry) !== slotText(subject)) {
        obstacles.push({ kind: 'outdated', ...pair, about: 'slots' });
      }
    }
  }
  return obstacles;
}

/** The same, and masters that do not serve yet: one that has just joined refuses for up to the node timeout. */
export function serviceObstacles(view: ClusterView): Obstacle[] {
  const masters = view.nodes.filter(({ role }) => role === 'master');
  return [...joinObstacles(view), ...downNodes(masters)];
}

/** What keeps the cluster from taking a write to every slot and holding it on every replica. */
export function readinessObstacles(view: ClusterView): Obstacle[] {
  const unsynced = view.nodes.filter(({ masterLink }) => masterLink === 'down');
  return [
    ...joinObstacles(view),
    ...downNodes(view.nodes),
    ...unsynced.map((node): Obstacle => ({ kind: 'unsynced', node: nameOf(node) })),
  ];
}

function downNodes(nodes: readonly NodeView[]): Obstacle[] {
  return nodes
    .filter(({ state }) => state !== 'ok')
    .map((node): Obstacle => ({ kind: 'down', node: nameOf(node) }));
}

/** Who owns which slots in a node's eyes, in a form that can be compared. */
function slotSignature(node: NodeView): string {
  return node.table
    .filter((entry) => entry.slots.length > 0)
    .map((entry) => `${entry.id}:${slotText(entry)}`)
    .sort()
    .join('|');
}

function slotText({ slots }: Pick<NodeEntry, 'slots'>): string {
  return slots.map(({ start, end }) => `${start}-${end}`).join(',');
}

function busAddressOf(node: NodeView): BusAddress {
  return { ...nameOf(node), busPort: node.busPort };
}
