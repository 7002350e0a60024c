/**
 * Plans, views and reports as text, line by line in the words of redis-trib.rb and redis-cli, which people know
 * and scripts look for. Lines carry no colour and no final newline.
 */
import { formatAddress, type NodeAddress } from './address.js';
import { SAME_HOST_AS_MASTER } from './anti-affinity.js';
import type { CheckReport, OpenSlots } from './check.js';
import type { CreatePlan } from './create-plan.js';
import { movedSlots, type RebalancePlan, type ReshardPlan } from './move-plan.js';
import { countSlots, formatSlots, SLOT_COUNT } from './slots.js';
import { type ClusterView, mastersOf, type NodeView, replicasOf, slotCount } from './view.js';

export function showCreatePlan(plan: CreatePlan): string[] {
  const { masters, allocated, replicas, replicasPerMaster, antiAffinity } = plan;
  const lines = [
    `>>> Performing hash slots allocation on ${plan.nodes.length} nodes...`,
    `Using ${masters.length} masters:`,
    ...masters.map(({ node }) => formatAddress(node)),
    ...masters.map(({ slots }, index) => `Master[${index}] -> Slots ${slots.start} - ${slots.end}`),
  ];
  allocated.forEach(({ node, master }, index) => {
    if (index === masters.length * replicasPerMaster) lines.push('Adding extra replicas...');
    lines.push(`Adding replica ${formatAddress(node)} to ${formatAddress(master)}`);
  });
  if (antiAffinity.before > 0) {
    lines.push(
      '>>> Trying to optimize slaves allocation for anti-affinity',
      antiAffinity.after === 0
        ? '[OK] Perfect anti-affinity obtained!'
        : antiAffinity.after >= SAME_HOST_AS_MASTER
          ? '[WARNING] Some slaves are in the same host as their master'
          : '[WARNING] Some slaves of the same master are in the same host',
    );
  }
  for (const node of plan.nodes) {
    const share = masters.find((master) => master.node.id === node.id);
    const replica = replicas.find((replica) => replica.node.id === node.id);
    if (share) lines.push(headLine('M', node), slotsLine([share.slots], 'master'));
    if (replica) lines.push(headLine('S', node), `   replicates ${replica.master.id}`);
  }
  return lines;
}

/** The M: and S: lines of every node. */
export function showNodes(view: ClusterView): string[] {
  return view.nodes.flatMap((node) => showNode(view, node));
}

export function showNode(view: ClusterView, node: NodeView): string[] {
  const replicas = replicasOf(view, node).length;
  const lines = [
    headLine(node.role === 'master' ? 'M' : 'S', node),
    slotsLine(node.slots, node.flags.join(',')),
  ];
  if (node.masterId !== null) lines.push(`   replicates ${node.masterId}`);
  else if (replicas > 0) lines.push(`   ${replicas} additional replica(s)`);
  return lines;
}

function headLine(letter: 'M' | 'S', node: NodeAddress): string {
  return `${letter}: ${node.id} ${formatAddress(node)}`;
}

function slotsLine(slots: NodeView['slots'], flags: string): string {
  return `   slots:${formatSlots(slots)} (${countSlots(slots)} slots) ${flags}`;
}

/** Keys, slots and replicas of every master. */
export function showInfo(view: ClusterView): string[] {
  const masters = mastersOf(view);
  const keys = masters.reduce((sum, master) => sum + master.keys, 0);
  return [
    ...masters.map(
      (master) =>
        `${formatAddress(master)} (${master.id.slice(0, 8)}...) -> ` +
        `${master.keys} keys | ${slotCount(master)} slots | ${replicasOf(view, master).length} slaves.`,
    ),
    `[OK] ${keys} keys in ${masters.length} masters.`,
    `${(keys / SLOT_COUNT).toFixed(2)} keys per slot on average.`,
  ];
}

/** Nodes that others know and that do not answer. */
export function showUnreachable(view: ClusterView): string[] {
  return view.unreachable.map(({ reason }) => reason);
}

/** The whole check: nodes, agreement, open slots, coverage. */
export function showCheck(view: ClusterView, report: CheckReport, { nodes = true } = {}): string[] {
  const lines = [`>>> Performing Cluster Check (using node ${formatAddress(view.nodes[0])})`];
  if (nodes) lines.push(...showNodes(view));
  if (report.agreed) lines.push('[OK] All nodes agree about slots configuration.');
  else {
    lines.push("[ERR] Nodes don't agree about configuration!");
    for (const obstacle of report.obstacles) {
      if (obstacle.kind !== 'outdated' || obstacle.about !== 'slots') continue;
      lines.push(
        `    ${formatAddress(obstacle.observer)} has an outdated view of ${formatAddress(obstacle.subject)}`,
      );
    }
  }
  lines.push('>>> Check for open slots...', ...showOpenSlots(report.open));
  lines.push('>>> Check slots coverage...');
  if (report.uncovered.length === 0) lines.push(`[OK] All ${SLOT_COUNT} slots covered.`);
  else {
    lines.push(
      `[ERR] Not all ${SLOT_COUNT} slots are covered by nodes.`,
      `    Not covered: ${formatSlots(report.uncovered)} (${countSlots(report.uncovered)} slots)`,
    );
  }
  for (const { host, port, role } of report.unreachable) {
    lines.push(`[WARNING] The ${role} ${formatAddress({ host, port })} does not answer.`);
  }
  for (const obstacle of report.obstacles) {
    if (obstacle.kind === 'down') {
      lines.push(`[WARNING] Node ${formatAddress(obstacle.node)} reports cluster_state:fail.`);
    } else if (obstacle.kind === 'unsynced') {
      lines.push(`[WARNING] Replica ${formatAddress(obstacle.node)} is not in sync with its master.`);
    } else if (obstacle.kind === 'unseen') {
      const { observer, subject } = obstacle;
      lines.push(`[WARNING] ${formatAddress(observer)} has no link to ${formatAddress(subject)}.`);
    }
  }
  return lines;
}

export function showReshardPlan(view: ClusterView, plan: ReshardPlan): string[] {
  const { transfers } = plan;
  const node = ({ id }: NodeAddress) =>
    view.nodes
      .filter((node) => node.id === id)
      .flatMap((node) => showNode(view, node))
      .map((line) => `    ${line}`);
  return [
    '',
    `Ready to move ${movedSlots(transfers)} slots.`,
    '  Source nodes:',
    ...transfers.flatMap(({ source }) => node(source)),
    '  Destination node:',
    ...node(transfers[0].target),
    '  Resharding plan:',
    ...transfers.flatMap(({ source, slots }) =>
      slots.map((slot) => `    Moving slot ${slot} from ${source.id}`),
    ),
  ];
}

export function showRebalancePlan({ nodes, totalWeight, transfers }: RebalancePlan): string[] {
  return [
    `>>> Rebalancing across ${nodes} nodes. Total weight = ${totalWeight.toFixed(2)}`,
    ...transfers.map(
      ({ source, target, slots }) =>
        `Moving ${slots.length} slots from ${formatAddress(source)} to ${formatAddress(target)}`,
    ),
  ];
}

function showOpenSlots(open: readonly OpenSlots[]): string[] {
  if (open.length === 0) return [];
  const slots = [...new Set(open.flatMap((open) => open.slots))].sort((a, b) => a - b);
  return [
    ...open.map(
      ({ node, state, slots }) =>
        `[WARNING] Node ${formatAddress(node)} has slots in ${state} state ${slots.join(',')}.`,
    ),
    `[WARNING] The following slots are open: ${slots.join(',')}.`,
  ];
}
