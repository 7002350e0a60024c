/**
 * Plans that move slots between masters: reshard (so many slots to one master) and rebalance (every master its
 * share). Which slots go is decided as redis-cli decides it, so both print the same plan for the same cluster.
 */
import { type NodeAddress, nameOf } from './address.js';
import { ManagerError } from './errors.js';
import { eachSlot, SLOT_COUNT } from './slots.js';
import { type ClusterView, mastersOf, type NodeView, slotCount } from './view.js';

/** Slots that go from one master to another, in the order in which they go. */
export interface Transfer {
  readonly source: NodeAddress;
  readonly target: NodeAddress;
  readonly slots: readonly number[];
}

export interface ReshardPlan {
  readonly kind: 'reshard';
  readonly transfers: readonly Transfer[];
}

export interface RebalancePlan {
  readonly kind: 'rebalance';
  /** Masters that take part. */
  readonly nodes: number;
  readonly totalWeight: number;
  /** Empty when every master is within the threshold. */
  readonly transfers: readonly Transfer[];
}

export interface ReshardRequest {
  /** ID, or the beginning of the ID, of the master that receives the slots. */
  readonly to: string;
  /** IDs, or their beginnings, of the masters that give; `'all'` for all others. */
  readonly from: readonly string[] | 'all';
  /** How many slots to move, 1 to 16384. */
  readonly slots: number;
}

export interface RebalanceRequest {
  /** Weight by ID or the beginning of it; masters not named have 1. With 0 a master gives all its slots away. */
  readonly weights?: Readonly<Record<string, number>>;
  /** Whether masters without slots take part. */
  readonly useEmptyMasters?: boolean;
  /** Percent by which a master may be off its share before anything is moved; 2 by default. */
  readonly threshold?: number;
}

/**
 * Plans to move `slots` slots to one master, from each source in proportion to what it has. Throws INVALID for
 * nodes that are unknown or not masters, for a target among its sources, and when there is no source.
 */
export function planReshard(view: ClusterView, { to, from, slots }: ReshardRequest): ReshardPlan {
  const target = findMaster(view, to);
  const sources =
    from === 'all'
      ? mastersOf(view).filter((master) => master !== target)
      : [...new Set(from)].map((id) => findMaster(view, id));
  if (sources.includes(target)) {
    throw new ManagerError('INVALID', '*** It is not possible to use the target node as source node.');
  }
  if (sources.length === 0)
    throw new ManagerError('INVALID', '*** No source nodes given, operation aborted.');
  if (!Number.isInteger(slots) || slots < 1 || slots > SLOT_COUNT) {
    throw new ManagerError('INVALID', `Slots to move are 1 to ${SLOT_COUNT}, not ${slots}.`);
  }
  return { kind: 'reshard', transfers: drawSlots(sources, nameOf(target), slots) };
}

/**
 * Plans to bring every master to its share of the slots by weight. Throws INVALID for a weight of a node that
 * is not there.
 */
export function planRebalance(view: ClusterView, request: RebalanceRequest = {}): RebalancePlan {
  const { weights = {}, useEmptyMasters = false, threshold = 2 } = request;
  const weightOf = new Map<NodeView, number>();
  for (const [id, weight] of Object.entries(weights)) weightOf.set(findMaster(view, id), weight);
  const shares = mastersOf(view)
    .filter((master) => useEmptyMasters || slotCount(master) > 0)
    .map((node) => ({ node, weight: weightOf.get(node) ?? 1, balance: 0 }));
  const totalWeight = shares.reduce((sum, { weight }) => sum + weight, 0);
  const plan = { kind: 'rebalance', nodes: shares.length, totalWeight } as const;
  if (totalWeight <= 0) throw new ManagerError('INVALID', '*** All weights are zero.');

  let uneven = false;
  let surplus = 0;
  const unit = Math.fround(SLOT_COUNT / totalWeight);
  for (const share of shares) {
    const held = slotCount(share.node);
    const expected = Math.trunc(Math.fround(unit * share.weight));
    share.balance = held - expected;
    surplus += share.balance;
    if (threshold <= 0) continue;
    uneven ||= held > 0 ? Math.abs(100 - (100 * expected) / held) > threshold : expected > 1;
  }
  if (!uneven) return { ...plan, transfers: [] };

  // Shares are rounded down, so a few slots are left over: one each for those who do not give.
  while (surplus > 0 && shares.some(({ balance }) => balance <= 0)) {
    for (const share of shares) {
      if (share.balance > 0 || surplus === 0) continue;
      share.balance--;
      surplus--;
    }
  }
  shares.sort((a, b) => a.balance - b.balance);
  return { ...plan, transfers: matchShares(shares) };
}

/** Lets those with most to give feed those with most to get. `shares` are sorted by balance. */
function matchShares(shares: { node: NodeView; balance: number }[]): Transfer[] {
  const transfers: Transfer[] = [];
  const given = new Map<NodeView, number>();
  for (let to = 0, from = shares.length - 1; to < from; ) {
    const taker = shares[to];
    const giver = shares[from];
    const count = Math.min(-taker.balance, giver.balance);
    if (count > 0) {
      const start = given.get(giver.node) ?? 0;
      const slots = [...eachSlot(giver.node.slots)].slice(start, start + count);
      given.set(giver.node, start + count);
      transfers.push({ source: nameOf(giver.node), target: nameOf(taker.node), slots });
    }
    taker.balance += Math.max(count, 0);
    giver.balance -= Math.max(count, 0);
    if (taker.balance >= 0) to++;
    if (giver.balance <= 0) from--;
  }
  return transfers;
}

/**
 * The lowest slots of each source, in proportion to what it has: the largest source gives its part rounded up,
 * the others rounded down. What rounding leaves short is drawn from the sources in the same order.
 */
function drawSlots(sources: readonly NodeView[], target: NodeAddress, wanted: number): Transfer[] {
  const sorted = [...sources].sort((a, b) => slotCount(b) - slotCount(a));
  const total = sorted.reduce((sum, source) => sum + slotCount(source), 0);
  const perSlot = Math.fround(wanted / total);
  let left = Math.min(wanted, total);
  const counts = sorted.map((source, index) => {
    const part = Math.fround(perSlot * slotCount(source));
    const count = Math.min(index === 0 ? Math.ceil(part) : Math.floor(part), slotCount(source), left);
    left -= count;
    return count;
  });
  sorted.forEach((source, index) => {
    const more = Math.min(left, slotCount(source) - counts[index]);
    counts[index] += more;
    left -= more;
  });
  return sorted.flatMap((source, index) => {
    const slots = [...eachSlot(source.slots)].slice(0, counts[index]);
    return slots.length > 0 ? [{ source: nameOf(source), target, slots }] : [];
  });
}

/** The master with this ID or, if only one has it, this beginning of an ID. Throws INVALID otherwise. */
export function findMaster(view: ClusterView, id: string): NodeView {
  const found = id === '' ? [] : mastersOf(view).filter((node) => node.id.startsWith(id.toLowerCase()));
  if (found.length === 1) return found[0];
  throw new ManagerError(
    'INVALID',
    found.length > 1
      ? `*** More than one master's ID begins with ${id}.`
      : `*** The specified node (${id}) is not known or not a master, please retry.`,
  );
}

/** All slots of a plan's transfers. */
export function movedSlots(transfers: readonly Transfer[]): number {
  return transfers.reduce((sum, { slots }) => sum + slots.length, 0);
}
