/**
 * What goes wrong in a run, as plain data: a list of timed faults, drawn from the seed before anything runs. So a run
 * can be printed, and made again with some of its faults left out, which is all that shrinking needs.
 *
 * Each seed also draws how often each kind happens, most kinds not at all (swarm testing): a run in which everything
 * fails a little finds less than one that does a single thing to excess. How badly networks and disks behave in
 * between is in `src/local/world/faults.ts`.
 */
import type { VirtualCluster, VirtualNode } from '../../src/local/virtual-cluster.js';
import type { RandomStream } from '../../src/local/world/random.js';

/** Times in milliseconds: `at` from the beginning of the faults, `lasts` until it is taken back. Nodes by index. */
export type Fault =
  /** kill -9, and a start from what the disk holds. */
  | { readonly type: 'crash'; readonly at: number; readonly lasts: number; readonly node: number }
  /** The same without the power that would have written the rest. */
  | { readonly type: 'power-loss'; readonly at: number; readonly lasts: number; readonly node: number }
  /** SIGSTOP and SIGCONT. */
  | { readonly type: 'pause'; readonly at: number; readonly lasts: number; readonly node: number }
  /** The group is cut off from all others, both ways. */
  | {
      readonly type: 'partition';
      readonly at: number;
      readonly lasts: number;
      readonly group: readonly number[];
    }
  /** `to` hears nothing from `from`. */
  | {
      readonly type: 'cut';
      readonly at: number;
      readonly lasts: number;
      readonly from: number;
      readonly to: number;
    }
  /** All connections between two nodes break. */
  | { readonly type: 'break'; readonly at: number; readonly between: readonly [number, number] }
  /** Somebody sets the wall clock. */
  | { readonly type: 'clock'; readonly at: number; readonly node: number; readonly by: number };

export type FaultType = Fault['type'];

const TYPES: readonly FaultType[] = ['crash', 'power-loss', 'pause', 'partition', 'cut', 'break', 'clock'];

/** Draws the faults of a run on `nodes` nodes, in order of time. */
export function drawFaultList(
  random: RandomStream,
  masters: number,
  nodes: number,
  duration: number,
  nodeTimeout: number,
): Fault[] {
  const faults: Fault[] = [];
  for (const type of TYPES) {
    if (random.chance(0.5)) continue;
    const count = 1 + random.below(Math.max(2, Math.round(nodes / 2)));
    for (let i = 0; i < count; i++) {
      const at = Math.floor(random.fraction() * duration);
      // Masters fail more often than replicas, for more depends on them.
      const node = random.chance(0.7) ? random.below(masters) : random.below(nodes);
      faults.push(drawFault(type, random, node, nodes, at, nodeTimeout));
    }
  }
  return faults.sort((a, b) => a.at - b.at);
}

function drawFault(
  type: FaultType,
  random: RandomStream,
  node: number,
  nodes: number,
  at: number,
  nodeTimeout: number,
): Fault {
  const other = (node + 1 + random.below(nodes - 1)) % nodes;
  // Short ones go unnoticed by failure detection, long ones don't.
  const lasts = Math.floor(random.exponential(nodeTimeout * random.pick([0.3, 3])));
  switch (type) {
    case 'partition': {
      // Half of the time the node alone, else with some others.
      const group = new Set([node]);
      for (let more = random.chance(0.5) ? 0 : random.below(Math.ceil(nodes / 2)); more > 0; more--)
        group.add(random.below(nodes));
      return { type, at, lasts, group: [...group].sort((a, b) => a - b) };
    }
    case 'cut':
      return { type, at, lasts, from: node, to: other };
    case 'break':
      return { type, at, between: [node, other] };
    case 'clock':
      return { type, at, node, by: Math.floor(random.between(-3, 3) * nodeTimeout) };
    default:
      return { type, at, lasts, node };
  }
}

/**
 * Lets the fault happen now; it takes itself back when its time is over. Nodes for which `isMember` says no stay away
 * when they have ended.
 */
export function inject(
  cluster: VirtualCluster,
  fault: Fault,
  isMember: (node: VirtualNode) => boolean,
): void {
  const { nodes, world } = cluster;
  switch (fault.type) {
    case 'crash':
    case 'power-loss': {
      const node = nodes[fault.node];
      if (!node.machine.running) return;
      if (fault.type === 'crash') node.machine.kill();
      else node.machine.losePower();
      world.after(fault.lasts, () => {
        if (!node.machine.running && isMember(node)) node.machine.run();
      });
      return;
    }
    case 'pause': {
      const { process } = nodes[fault.node].machine;
      process?.freeze();
      world.after(fault.lasts, () => process?.thaw());
      return;
    }
    case 'partition': {
      const ways = nodes.flatMap((node) => {
        if (fault.group.includes(node.index)) return [];
        return fault.group.flatMap((index) => [[node, nodes[index]] as const, [nodes[index], node] as const]);
      });
      for (const [from, to] of ways) world.network.cut(from.machine, to.machine);
      world.after(fault.lasts, () => {
        for (const [from, to] of ways) world.network.mend(from.machine, to.machine);
      });
      return;
    }
    case 'cut': {
      const [from, to] = [nodes[fault.from].machine, nodes[fault.to].machine];
      world.network.cut(from, to);
      world.after(fault.lasts, () => world.network.mend(from, to));
      return;
    }
    case 'break':
      world.network.breakConnections(nodes[fault.between[0]].machine, nodes[fault.between[1]].machine);
      return;
    case 'clock':
      nodes[fault.node].machine.clock.jump(fault.by);
  }
}

/** Everything is whole again: the network, the processes, the machines. */
export function heal(cluster: VirtualCluster, members: readonly VirtualNode[]): void {
  cluster.heal();
  for (const { machine } of members) {
    machine.process?.thaw();
    if (!machine.running) machine.run();
  }
}
