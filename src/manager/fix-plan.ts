/**
 * What to do about slots that are open, without an owner, or with several. The aim is always the same: one owner,
 * all keys with it, no slot open. A move that was begun is finished in its own direction where it still can be;
 * otherwise keys are gathered at the owner. Pure: from a view and key counts to a plan.
 */
import { formatAddress, type NodeAddress, nameOf } from './address.js';
import { formatSlots, hasSlot, SLOT_COUNT, toRanges } from './slots.js';
import { type ClusterView, mastersOf, type NodeView, slotCount } from './view.js';

export type FixAction =
  /** An interrupted move is completed, then the slot closed on whoever else holds it open. */
  | {
      readonly type: 'finish';
      readonly slot: number;
      readonly source: NodeAddress;
      readonly target: NodeAddress;
      readonly close: readonly NodeAddress[];
    }
  /** Keys are gathered at the owner and the slot closed everywhere. */
  | {
      readonly type: 'gather';
      readonly slot: number;
      readonly owner: NodeAddress;
      /** Whether the owner has to take the slot, because nobody or several hold it. */
      readonly assign: boolean;
      /** Others that claim the slot and must give it up. */
      readonly disown: readonly NodeAddress[];
      /** Others that hold keys of it. */
      readonly from: readonly NodeAddress[];
      readonly close: readonly NodeAddress[];
    };

export interface FixPlan {
  readonly kind: 'fix';
  readonly actions: readonly FixAction[];
}

/** How many keys a node holds in a slot. */
export type KeyCount = (node: NodeAddress, slot: number) => number;

/** Slots that are open somewhere, or that not exactly one master claims. */
export function brokenSlots(view: ClusterView): number[] {
  const claims = new Uint16Array(SLOT_COUNT);
  const broken = new Set<number>();
  for (const { slots, openSlots } of mastersOf(view)) {
    for (const { start, end } of slots) for (let slot = start; slot <= end; slot++) claims[slot]++;
    for (const { slot } of openSlots) broken.add(slot);
  }
  claims.forEach((count, slot) => {
    if (count !== 1) broken.add(slot);
  });
  return [...broken].sort((a, b) => a - b);
}

/** Plans the repair of these slots. `keys` must know every master's count for each of them. */
export function planSlotFixes(view: ClusterView, slots: readonly number[], keys: KeyCount): FixPlan {
  const masters = mastersOf(view);
  const load = new Map(masters.map((master) => [master, slotCount(master)]));
  const actions = slots.flatMap((slot) => {
    const action = planSlot(slot, masters, load, keys);
    if (action?.type === 'gather' && action.assign) {
      const owner = masters.find(({ id }) => id === action.owner.id)!;
      load.set(owner, load.get(owner)! + 1);
    }
    return action ? [action] : [];
  });
  return { kind: 'fix', actions };
}

function planSlot(
  slot: number,
  masters: readonly NodeView[],
  load: ReadonlyMap<NodeView, number>,
  keys: KeyCount,
): FixAction | undefined {
  const claimants = masters.filter((master) => hasSlot(master.slots, slot));
  const open = masters.filter((master) => master.openSlots.some((open) => open.slot === slot));
  const holders = masters.filter((master) => keys(master, slot) > 0);

  const [source] = claimants;
  const target = claimants.length === 1 ? destination(source, slot, masters, keys) : undefined;
  const strangers = holders.filter((node) => node !== source && node !== target);
  if (target && strangers.length === 0) {
    const close = open.filter((node) => node !== source && node !== target);
    return {
      type: 'finish',
      slot,
      source: nameOf(source),
      target: nameOf(target),
      close: close.map(nameOf),
    };
  }

  const owner = claimants.length === 1 ? source : chooseOwner(slot, claimants, masters, load, keys);
  const from = holders.filter((node) => node !== owner);
  const disown = claimants.filter((node) => node !== owner);
  const assign = claimants.length !== 1;
  if (!assign && from.length === 0 && open.length === 0) return undefined;
  return {
    type: 'gather',
    slot,
    owner: nameOf(owner),
    assign,
    disown: disown.map(nameOf),
    from: from.map(nameOf),
    close: open.map(nameOf),
  };
}

/**
 * Where a move that was begun goes to: both sides say so, or one does and the other has keys already. These can't be
 * seen at the owner: going on makes it point to them at once, while gathering them would hide them until they are back.
 */
function destination(
  source: NodeView,
  slot: number,
  masters: readonly NodeView[],
  keys: KeyCount,
): NodeView | undefined {
  const peer = source.openSlots.find((open) => open.slot === slot && open.state === 'migrating')?.peer;
  // After a failover the importing side names a source that owns the slot no more.
  const importing = masters.filter(({ openSlots }) =>
    openSlots.some((open) => open.slot === slot && open.state === 'importing'),
  );
  const target =
    peer === undefined && importing.length === 1 ? importing[0] : masters.find(({ id }) => id === peer);
  if (!target || target === source) return undefined;
  const agreed = peer !== undefined && importing.includes(target);
  return agreed || keys(target, slot) > 0 ? target : undefined;
}

/** Most keys first, then the newest claim, then the fewest slots. */
function chooseOwner(
  slot: number,
  claimants: readonly NodeView[],
  masters: readonly NodeView[],
  load: ReadonlyMap<NodeView, number>,
  keys: KeyCount,
): NodeView {
  const candidates = claimants.length > 0 ? claimants : masters;
  const rank = (node: NodeView) => [
    keys(node, slot),
    claimants.includes(node) ? node.configEpoch : 0,
    -load.get(node)!,
  ];
  return candidates.reduce((best, node) => {
    const [ours, theirs] = [rank(node), rank(best)];
    const first = ours.findIndex((value, index) => value !== theirs[index]);
    return first >= 0 && ours[first] > theirs[first] ? node : best;
  });
}

/** Whether the plan gives slots to nodes that did not hold them: worth a question. */
export function assignsSlots({ actions }: FixPlan): boolean {
  return actions.some((action) => action.type === 'gather' && action.assign);
}

export function showFixPlan({ actions }: FixPlan): string[] {
  const covered = new Map<string, number[]>();
  const lines: string[] = [];
  for (const action of actions) {
    const { slot } = action;
    if (action.type === 'finish') {
      const { source, target } = action;
      lines.push(
        `>>> Fixing open slot ${slot}: finishing its move from ${formatAddress(source)} to ${formatAddress(target)}`,
      );
      continue;
    }
    const owner = formatAddress(action.owner);
    const from = action.from.map(formatAddress).join(', ');
    if (!action.assign) {
      const what =
        from === ''
          ? `closing it on ${action.close.map(formatAddress).join(', ')}`
          : `moving its keys from ${from} to its owner ${owner}`;
      lines.push(`>>> Fixing open slot ${slot}: ${what}`);
    } else if (from !== '') {
      lines.push(`>>> Covering slot ${slot} with ${owner}, moving its keys there from ${from}`);
    } else if (action.disown.length > 0) {
      lines.push(
        `>>> Slot ${slot} has several owners: ${owner} keeps it, ${action.disown.map(formatAddress).join(', ')} lets go`,
      );
    } else {
      const slots = covered.get(owner);
      if (slots) slots.push(slot);
      else covered.set(owner, [slot]);
    }
  }
  for (const [owner, slots] of covered) {
    lines.push(`>>> Covering slots ${formatSlots(toRanges(slots))} with ${owner}`);
  }
  return lines;
}
