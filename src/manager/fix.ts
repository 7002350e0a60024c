/**
 * Repairing slots: `planFix` looks and plans, `applyFix` acts and waits until the nodes agree.
 *
 * The order of commands is what matters. A node that believes to own a slot deletes its keys of it as soon as a
 * newer owner's claim reaches it (clusterUpdateSlotsConfigWith in Redis). So those who must let go do so first,
 * and hold the slot as importing, which keeps their keys and lets MIGRATE run; only then does the owner claim
 * it under a new epoch.
 */
import { formatAddress, type NodeAddress } from './address.js';
import { agree } from './agreement.js';
import { type Connections, isRefusal, withConnections } from './connections.js';
import { ManagerError } from './errors.js';
import { brokenSlots, type FixAction, type FixPlan, planSlotFixes } from './fix-plan.js';
import { migrateSlotKeys } from './migrate-keys.js';
import { type MoveOptions, type MoveResult, moveSlot, seenFrom } from './move-slots.js';
import type { AddressLike, OperationOptions } from './operation.js';
import { SLOT_COUNT } from './slots.js';
import { type ClusterView, inspectFrom, mastersOf, toAddress } from './view.js';

export interface PlanFixOptions extends OperationOptions {
  /** Treat slots as uncovered whose masters do not answer: what they hold is lost. False by default. */
  readonly withUnreachableMasters?: boolean;
  /** Look into every slot for keys outside its owner, not only into those that are open or uncovered. */
  readonly searchMultipleOwners?: boolean;
}

/** Milliseconds granted to nodes that may come to agree by themselves before a fix. */
const GRACE = 3000;

/**
 * Looks at the cluster and plans its repair; no actions when nothing is wrong. Throws UNHEALTHY when masters do
 * not answer and `withUnreachableMasters` is not set.
 */
export function planFix(
  seed: AddressLike,
  options: PlanFixOptions = {},
): Promise<{ view: ClusterView; plan: FixPlan }> {
  return withConnections(options, async (connections) => {
    const first = await inspectFrom(connections, toAddress(seed));
    const timeout = Math.min(options.timeout ?? GRACE, GRACE);
    const view = await agree(connections, first, { ...options, timeout }).catch((error) => {
      if (error instanceof ManagerError && error.code === 'TIMEOUT') {
        return inspectFrom(connections, toAddress(seed));
      }
      throw error;
    });
    const slots = options.searchMultipleOwners
      ? Array.from({ length: SLOT_COUNT }, (_, slot) => slot)
      : brokenSlots(view);
    if (slots.length > 0) refuseUnreachable(view, options);
    return { view, plan: planSlotFixes(view, slots, await countKeys(connections, view, slots)) };
  });
}

/** Applies the plan. Answers the view on which the nodes agree then. */
export function applyFix(plan: FixPlan, view: ClusterView, options: MoveOptions = {}): Promise<MoveResult> {
  return withConnections(options, async (connections) => {
    let keys = 0;
    for (const action of plan.actions) {
      options.signal?.throwIfAborted();
      const moved = await repair(connections, view, action, options);
      keys += moved;
      options.onEvent?.({ type: 'slot-fixed', slot: action.slot, keys: moved });
    }
    return { slots: plan.actions.length, keys, view: await agree(connections, view, options) };
  });
}

async function repair(
  connections: Connections,
  view: ClusterView,
  action: FixAction,
  options: MoveOptions,
): Promise<number> {
  const { slot } = action;
  const setSlot = (node: NodeAddress, ...words: string[]) =>
    connections.call(node, 'CLUSTER', 'SETSLOT', slot, ...words);

  if (action.type === 'finish') {
    const keys = await moveSlot(connections, view, slot, action.source, action.target, options);
    await Promise.all(action.close.map((node) => setSlot(node, 'STABLE')));
    return keys;
  }

  const { owner, disown, from } = action;
  for (const node of disown) await connections.call(node, 'CLUSTER', 'DELSLOTS', slot);
  // An owner that is still migrating the slot would refuse keys that come back.
  await setSlot(owner, 'STABLE');
  for (const node of from) {
    await setSlot(node, 'STABLE');
    await setSlot(node, 'IMPORTING', owner.id);
  }
  if (action.assign) {
    await setSlot(owner, 'NODE', owner.id);
    await connections.call(owner, 'CLUSTER', 'BUMPEPOCH').catch(ignoreRefusal);
  }
  const others = mastersOf(view).filter(({ id }) => id !== owner.id);
  await Promise.all(others.map((node) => setSlot(node, 'NODE', owner.id)));
  let keys = 0;
  for (const node of from) {
    keys += await migrateSlotKeys(connections, slot, node, seenFrom(view, node, owner), options);
  }
  await Promise.all([...action.close, ...from].map((node) => setSlot(node, 'STABLE')));
  return keys;
}

/** BUMPEPOCH answers STILL, not an error, when the epoch is the newest; older nodes don't know it. */
function ignoreRefusal(error: unknown): void {
  if (!isRefusal(error)) throw error;
}

async function countKeys(connections: Connections, view: ClusterView, slots: readonly number[]) {
  const counts = new Map<string, number>();
  await Promise.all(
    mastersOf(view).flatMap((master) =>
      slots.map(async (slot) => {
        const count = await connections.call(master, 'CLUSTER', 'COUNTKEYSINSLOT', slot);
        if (Number(count) > 0) counts.set(`${master.id} ${slot}`, Number(count));
      }),
    ),
  );
  return (node: NodeAddress, slot: number) => counts.get(`${node.id} ${slot}`) ?? 0;
}

function refuseUnreachable(view: ClusterView, { withUnreachableMasters }: PlanFixOptions): void {
  const masters = view.unreachable.filter(({ role }) => role === 'master');
  if (masters.length === 0 || withUnreachableMasters) return;
  throw new ManagerError(
    'UNHEALTHY',
    `*** Fixing slots with ${masters.length} unreachable masters is dangerous: ` +
      'their slots would be given to other nodes, and the keys in them would be lost.\n' +
      masters.map((node) => `    ${formatAddress(node)}: ${node.reason}`).join('\n'),
    {
      hint: 'Start them again, or, if their data is gone for good, use --fix-with-unreachable-masters.',
    },
  );
}
