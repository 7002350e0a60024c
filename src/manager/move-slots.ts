/**
 * Applies a plan that moves slots.
 *
 * A slot goes in the steps of the cluster specification ("Cluster live reconfiguration"): the target imports, the
 * source migrates, keys move, then the target, the source and the other masters learn the new owner, the target
 * first, so that a crash never leaves the slot without owner. Slots are independent, so several are under way
 * at once on the same connections and their small commands travel, and are written to nodes.conf, together.
 * Different targets take turns: each new owner raises its config epoch without asking anybody, which two should
 * not do at the same time.
 *
 * It waits for the nodes to agree before the first slot and after the last. Without that, a second reshard
 * straight after a first finds views that differ for a second or two and refuses.
 *
 * A plan whose application was interrupted can be applied again: slots that the target already owns are passed
 * over, and a slot left open in the plan's own direction is continued.
 *
 * Nodes know no lock: two who move a slot to different targets at once would tear its keys apart, and whichever owner
 * comes second deletes those of the first. So nothing is begun when a slot of the plan is open in another direction,
 * and a new owner is named only where the source still means the same one.
 */
import { formatAddress, type NodeAddress } from './address.js';
import { agree } from './agreement.js';
import { serviceObstacles } from './check.js';
import { type Connections, isRefusal, withConnections } from './connections.js';
import { ManagerError } from './errors.js';
import { DEFAULT_MIGRATE_TIMEOUT, type MigrateOptions, migrateSlotKeys } from './migrate-keys.js';
import type { Transfer } from './move-plan.js';
import type { OperationOptions } from './operation.js';
import { hasSlot } from './slots.js';
import { type ClusterView, inspectFrom, mastersOf, ownEntry } from './view.js';

/** Slots under way at once. */
const SLOTS_IN_FLIGHT = 32;

export interface MoveOptions extends OperationOptions, MigrateOptions {}

/** What moving slots came to. */
export interface MoveResult {
  readonly slots: number;
  readonly keys: number;
  readonly view: ClusterView;
}

/** Moves the slots of the transfers. Throws what stopped it; slots then under way may be left open. */
export function applyMoves(transfers: readonly Transfer[], options: MoveOptions = {}): Promise<MoveResult> {
  const { migrateTimeout = DEFAULT_MIGRATE_TIMEOUT } = options;
  const commandTimeout = options.commandTimeout ?? migrateTimeout + 5000;
  return withConnections({ ...options, commandTimeout }, async (connections) => {
    if (transfers.length === 0) throw new ManagerError('INVALID', 'There is nothing to move.');
    const before = await inspectFrom(connections, transfers[0].target);
    const view = await agree(connections, before, options, serviceObstacles);
    const owners = movableFrom(view, transfers);
    let slots = 0;
    let keys = 0;
    for (const group of byTarget(transfers)) {
      await inParallel(interleave(group), SLOTS_IN_FLIGHT, async ({ slot, source, target }) => {
        options.signal?.throwIfAborted();
        const done = owners.get(slot) === target.id;
        const moved = done ? 0 : await moveSlot(connections, view, slot, source, target, options);
        slots++;
        keys += moved;
        options.onEvent?.({ type: 'slot-moved', slot, source, target, keys: moved });
      }).catch(sayHowToGoOn);
    }
    return { slots, keys, view: await agree(connections, view, options, serviceObstacles) };
  });
}

/** The owner's ID of each slot of the plan. Throws INVALID for one that has gone elsewhere, or is on its way there. */
function movableFrom(view: ClusterView, transfers: readonly Transfer[]): Map<number, string> {
  const masters = mastersOf(view);
  const owners = new Map<number, string>();
  const hint =
    'Another reshard may be under way: wait until it has ended, and plan again.\n' +
    'If there is none, see `hexis cluster check`; `hexis cluster fix` closes what an interrupted one left open.';
  for (const { source, target, slots } of transfers) {
    for (const slot of slots) {
      const owner = masters.find((master) => hasSlot(master.slots, slot));
      if (owner?.id !== source.id && owner?.id !== target.id) {
        const message = `Slot ${slot} is not held by ${formatAddress(source)} any more.`;
        throw new ManagerError('INVALID', message, { hint });
      }
      owners.set(slot, owner.id);
    }
  }
  const planned = new Map(
    transfers.flatMap((transfer) => transfer.slots.map((slot) => [slot, transfer] as const)),
  );
  for (const node of masters) {
    for (const { slot, state, peer } of node.openSlots) {
      const transfer = planned.get(slot);
      if (!transfer) continue;
      const { source, target } = transfer;
      const [self, other] = state === 'migrating' ? [source, target] : [target, source];
      if (node.id === self.id && peer === other.id) continue;
      const message = `Slot ${slot} is ${state} on ${formatAddress(node)} already.`;
      throw new ManagerError('INVALID', message, { hint });
    }
  }
  return owners;
}

/** What stopped a move, with what to do about it. */
function sayHowToGoOn(error: unknown): never {
  if (!(error instanceof ManagerError)) throw error;
  const { code, message, cause = error } = error;
  const next = '`hexis cluster fix` closes slots that were under way, with all their keys; then plan again.';
  const hint = error.hint === undefined ? next : `${error.hint}\n${next}`;
  throw new ManagerError(code, message, { cause, hint });
}

/** Moves one slot with its keys; answers how many. */
export async function moveSlot(
  connections: Connections,
  view: ClusterView,
  slot: number,
  source: NodeAddress,
  target: NodeAddress,
  options: MigrateOptions,
): Promise<number> {
  await connections.call(target, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', source.id);
  await connections.call(source, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', target.id);
  const keys = await migrateSlotKeys(connections, slot, source, seenFrom(view, source, target), options);
  await refuseStranger(connections, slot, source, target);
  await assignSlot(connections, view, slot, source, target);
  return keys;
}

/** Throws INVALID when somebody else has meanwhile told the source to give the slot to another node. */
async function refuseStranger(
  connections: Connections,
  slot: number,
  source: NodeAddress,
  target: NodeAddress,
): Promise<void> {
  const { openSlots } = await ownEntry(connections, source);
  if (openSlots.some((open) => open.slot === slot && open.peer === target.id)) return;
  throw new ManagerError(
    'INVALID',
    `Somebody else is moving slot ${slot} of ${formatAddress(source)} as well: it was stopped halfway.`,
  );
}

/** Tells the masters who owns the slot now: the new owner first, then the old one, then the others. */
async function assignSlot(
  connections: Connections,
  view: ClusterView,
  slot: number,
  source: NodeAddress,
  target: NodeAddress,
): Promise<void> {
  const assign = (node: NodeAddress) =>
    connections.call(node, 'CLUSTER', 'SETSLOT', slot, 'NODE', target.id).catch((error) => {
      // A master that has lost its last slot has become a replica of the new owner already.
      if (!isRefusal(error, /SETSLOT only with masters/)) throw error;
    });
  await connections.call(target, 'CLUSTER', 'SETSLOT', slot, 'NODE', target.id);
  await assign(source);
  const others = mastersOf(view).filter(({ id }) => id !== source.id && id !== target.id);
  await Promise.all(others.map(assign));
}

/** The target under the address by which the source knows it: ours may lead through a tunnel. */
export function seenFrom(view: ClusterView, source: NodeAddress, target: NodeAddress): NodeAddress {
  const table = view.nodes.find(({ id }) => id === source.id)?.table ?? [];
  const entry = table.find(({ id }) => id === target.id);
  return entry && entry.host !== '' ? entry : target;
}

/** Transfers by target, in the order in which targets first appear. */
function byTarget(transfers: readonly Transfer[]): Transfer[][] {
  const groups = new Map<string, Transfer[]>();
  for (const transfer of transfers) {
    const group = groups.get(transfer.target.id);
    if (group) group.push(transfer);
    else groups.set(transfer.target.id, [transfer]);
  }
  return [...groups.values()];
}

/** The slots of the transfers one by one, a slot of each source in turn, so that all sources work at once. */
function interleave(transfers: readonly Transfer[]) {
  const longest = Math.max(...transfers.map(({ slots }) => slots.length));
  return Array.from({ length: longest }, (_, turn) =>
    transfers.flatMap(({ source, target, slots }) =>
      turn < slots.length ? [{ slot: slots[turn], source, target }] : [],
    ),
  ).flat();
}

/** Works on the items, `limit` at once. After a failure no new one is begun; those under way end first. */
async function inParallel<Item>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failure: { error: unknown } | undefined;
  const worker = async () => {
    while (next < items.length && !failure) {
      try {
        await work(items[next++]);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (failure) throw failure.error;
}
