/**
 * R6: an acknowledged write may be missing only if one of these windows explains it. They are the cluster
 * specification's ("Write safety"), and two that follow from it: moving slots puts keys on a node whose own windows
 * then count, and a node that loses power loses what its `appendfsync` had not secured.
 *
 * Each says what must have happened, as narrowly as the history can tell: that some replica was promoted at about that
 * time explains nothing if its stream already contained the write.
 */
import { hasSlot } from '../../src/cluster/slot-bitmap.js';
import type { VirtualCluster, VirtualNode } from '../../src/local/virtual-cluster.js';
import { SLOT_COUNT } from '../../src/protocol/key-slot.js';
import type { History, Move, Promotion, Write } from './history.js';
import type { Watch } from './watch.js';

export interface LossWindow {
  readonly name: string;
  /** Where it is described. */
  readonly source: string;
  /** Whether it covers writes that WAIT had confirmed on every replica too. */
  readonly coversWait: boolean;
  covers(write: Write, history: History): boolean;
}

/** A replica without the write took over its slot. */
function superseded(
  write: Write,
  history: History,
  by: readonly Promotion['by'][],
  when: (promotion: Promotion) => boolean = () => true,
): boolean {
  return history.promotions.some(
    (promotion) =>
      by.includes(promotion.by) &&
      hasSlot(promotion.slots, write.slot) &&
      !history.contains(promotion.stream, promotion.offset, write) &&
      when(promotion),
  );
}

/** A takeover among a minority can make it a majority of its own, whose elections replace masters of the other one. */
function followsTakeover(promotion: Promotion, { promotions }: History): boolean {
  return promotions.some(({ by, time }) => by === 'takeover' && time < promotion.time);
}

/** Its node had replaced a master, which did not know of it and claimed the slot again under a newer epoch. */
function retaken(write: Write, history: History): boolean {
  return history.claims.some(
    (claim) =>
      hasSlot(claim.slots, write.slot) &&
      history.promotions.some(
        ({ time, slots, branch }) =>
          time < claim.time &&
          hasSlot(slots, write.slot) &&
          history.descends(write.stream, branch) &&
          !history.descends(claim.stream, branch),
      ),
  );
}

/**
 * Two administrators moved the slot to different nodes at the same time. Each node gets some of the keys, and claims the
 * slot under a newer epoch than the other's; the one that claims it first drops what it has when it hears of the second.
 */
function contested(write: Write, { moves, nodeTimeout }: History): boolean {
  const ofSlot = moves.filter(({ slot, ended }) => slot === write.slot && write.sent < ended + nodeTimeout);
  return ofSlot.some((one) =>
    ofSlot.some((other) => one.to !== other.to && one.time < other.ended && other.time < one.ended),
  );
}

/**
 * While the slot was moved, somebody moved another one to the node that gave it away. That node took an epoch for it,
 * newer than the one of this slot's new owner, who hadn't heard of it, and claimed this slot, too, until it was told.
 */
function outbid(write: Write, { claims, moves }: History): boolean {
  const within = ({ time }: { readonly time: number }, move: Move) => time > move.time && time < move.ended;
  const rivals = claims.filter((claim) => {
    const order = (move: Move) => move.to === claim.node && move.slot !== write.slot && within(claim, move);
    return hasSlot(claim.slots, write.slot) && moves.some(order);
  });
  return moves.some(
    (move) =>
      move.slot === write.slot && rivals.some((claim) => claim.node !== move.to && within(claim, move)),
  );
}

export const LOSS_WINDOWS: readonly LossWindow[] = [
  {
    name: 'asynchronous replication',
    source:
      'Write safety: the master replied, and died before the write reached the replica that was elected',
    coversWait: false,
    covers: (write, history) =>
      superseded(write, history, ['election'], ({ time }) => time >= write.acknowledged),
  },
  {
    name: 'minority partition',
    source: 'Write safety: the master was replaced already, and took the write before it heard of it',
    coversWait: false,
    covers: (write, history) =>
      superseded(write, history, ['election'], ({ time }) => {
        return time < write.acknowledged && write.sent - time < 2 * history.nodeTimeout;
      }),
  },
  {
    name: 'FORCE and TAKEOVER',
    source: "CLUSTER FAILOVER: the replica takes over without its master's consent",
    coversWait: true,
    covers: (write, history) =>
      superseded(write, history, ['force', 'takeover']) ||
      superseded(write, history, ['election'], (promotion) => followsTakeover(promotion, history)),
  },
  {
    name: 'epoch without consensus',
    source:
      'configEpoch: SETSLOT NODE and BUMPEPOCH ask nobody, so a replaced master takes back all of its slots with them',
    coversWait: true,
    covers: retaken,
  },
  {
    name: 'power loss',
    source: 'Persistence: what appendfsync had not secured when the power failed',
    coversWait: true,
    covers: (write, history) => history.unsynced && history.powerLosses.some((time) => time > write.sent),
  },
  {
    name: 'migration',
    source:
      'Live reconfiguration: the slot was moved, and a node was replaced or restarted meanwhile or later; or it was ' +
      'moved to two nodes at once, or another slot to the node that gave it away',
    coversWait: true,
    covers: (write, history) =>
      history.moves.some(
        ({ slot, time }) => slot === write.slot && history.disturbances.some((disturbed) => disturbed > time),
      ) ||
      contested(write, history) ||
      outbid(write, history),
  },
];

/** The window that explains the loss of the write, if any does. */
export function explanation(write: Write, history: History): LossWindow | undefined {
  return LOSS_WINDOWS.find(
    (window) => (window.coversWait || !write.onAllReplicas) && window.covers(write, history),
  );
}

/**
 * Compares what a cluster at rest holds with what was acknowledged. Accuses for losses that nothing explains; answers
 * how many each window explains.
 */
export function checkLosses(
  cluster: VirtualCluster,
  members: readonly VirtualNode[],
  history: History,
  watch: Watch,
): Map<string, number> {
  const losses = new Map<string, number>();
  const owners = ownersOf(members);
  const read = (write: Write) => cluster.call(owners[write.slot], 'GET', write.key);
  const explain = (write: Write) => {
    const window = explanation(write, history);
    if (window) losses.set(window.name, (losses.get(window.name) ?? 0) + 1);
    return window !== undefined;
  };
  for (const write of history.writes) {
    if (write.value === '' || read(write) === write.value) continue;
    if (!explain(write)) watch.accuse('R6', `lost without reason: ${JSON.stringify(write)}`);
  }
  for (const [key, sent] of history.increments) {
    const acknowledged = history.writes.filter((write) => write.key === key);
    if (acknowledged.length === 0) continue;
    const value = Number(read(acknowledged[0]));
    if (value > sent) watch.accuse('R6', `${key} is ${value} after ${sent} increments`);
    const missing = acknowledged.length - value;
    if (missing <= 0) continue;
    const explained = acknowledged.filter(explain).length;
    if (missing > explained)
      watch.accuse(
        'R6',
        `${key}: ${missing} of ${acknowledged.length} increments are missing, ${explained} explained`,
      );
  }
  return losses;
}

/** The master of each slot, in a cluster whose nodes agree. */
function ownersOf(nodes: readonly VirtualNode[]): VirtualNode[] {
  const { cluster } = nodes[0].server.clusterService!;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return Array.from({ length: SLOT_COUNT }, (_, slot) => byId.get(cluster.nodeOfSlot(slot)!.id)!);
}
