/**
 * What administrators do meanwhile, as plain data like the faults: move slots, order failovers, add and remove
 * replicas. They use the commands that the manager and redis-cli use, in the order of the cluster specification
 * ("Cluster live reconfiguration"), and give up half-way at the first error, as an interrupted program does.
 */

import type { VirtualCluster, VirtualNode } from '../../src/local/virtual-cluster.js';
import type { VirtualConnection } from '../../src/local/virtual-connection.js';
import type { RandomStream } from '../../src/local/world/random.js';
import { brokenSlots, planSlotFixes } from '../../src/manager/fix-plan.js';
import { mastersOf } from '../../src/manager/view.js';
import type { Reply } from '../../src/protocol/reply-decoder.js';
import type { History, Move } from './history.js';
import type { Size } from './scenario.js';
import { ask, type Script, sleep } from './script.js';
import type { Watch } from './watch.js';

export type Operation =
  /** Moves some of the slots of one master to another. */
  | {
      readonly type: 'reshard';
      readonly at: number;
      readonly from: number;
      readonly to: number;
      readonly slots: number;
      /** Those that hold keys come first: most slots are empty. */
      readonly keysFirst?: boolean;
    }
  | {
      readonly type: 'failover';
      readonly at: number;
      readonly node: number;
      readonly mode: 'NORMAL' | 'FORCE' | 'TAKEOVER';
    }
  /** A new node joins and follows a master. */
  | { readonly type: 'add-replica'; readonly at: number; readonly master: number }
  /** A replica is taken out of the cluster for good. */
  | { readonly type: 'remove-replica'; readonly at: number; readonly node: number };

const MOST_RESHARDS = 5;

/** Draws what the administrators of a run do, in order of time; nothing in many of them. */
export function drawOperations(
  random: RandomStream,
  { masters, replicas }: Size,
  duration: number,
): Operation[] {
  const nodes = masters * (replicas + 1);
  const operations: Operation[] = [];
  const some = (most: number, draw: (at: number) => Operation) => {
    if (random.chance(0.6)) return;
    for (let i = 1 + random.below(most); i > 0; i--) {
      operations.push(draw(Math.floor(random.fraction() * duration * 0.8)));
    }
  };
  // Two at once now and then: each takes a new epoch without asking anybody.
  let last = 0;
  some(1 + Math.min(masters, MOST_RESHARDS), (at) => {
    const from = random.below(masters);
    const to = (from + 1 + random.below(masters - 1)) % masters;
    if (random.chance(0.6)) last = at;
    return { type: 'reshard', at: last, from, to, slots: 1 + random.below(30) };
  });
  const replica = () => masters + random.below(nodes - masters);
  some(3, (at) => ({ type: 'failover', at, node: replica(), mode: 'NORMAL' }));
  some(1, (at) => ({ type: 'failover', at, node: replica(), mode: random.pick(['FORCE', 'TAKEOVER']) }));
  some(1, (at) => ({ type: 'add-replica', at, master: random.below(masters) }));
  some(1, (at) => ({ type: 'remove-replica', at, node: replica() }));
  return operations.sort((a, b) => a.at - b.at);
}

/** An operation that could not be carried through. */
class GaveUp extends Error {}

const PATIENCE = 5000;
const MIGRATE_TIMEOUT = 1000;
const KEYS_PER_MIGRATE = 10;
const START_TIME = 100;
const JOIN_TIME = 3000;

export class Operator {
  private readonly added: VirtualNode[] = [];
  /** Nodes that were taken out, with the ids that they had. */
  private readonly removed = new Map<VirtualNode, string>();
  private readonly connections = new Map<VirtualNode, VirtualConnection>();

  constructor(
    private readonly cluster: VirtualCluster,
    private readonly history: History,
    private readonly watch: Watch,
  ) {}

  /** Does it, or gives up at the first error. */
  *perform(operation: Operation): Script {
    try {
      yield* this.steps(operation);
    } catch (error) {
      if (!(error instanceof GaveUp)) throw error;
    }
  }

  private *steps(operation: Operation): Script {
    const { nodes } = this.cluster;
    switch (operation.type) {
      case 'reshard':
        yield* this.reshard(nodes[operation.from], nodes[operation.to], operation);
        return;
      case 'failover': {
        const { mode } = operation;
        if (mode !== 'NORMAL') this.watch.ordered(operation.node, mode === 'FORCE' ? 'force' : 'takeover');
        const words = mode === 'NORMAL' ? [] : [mode];
        yield* this.call(nodes[operation.node], 'CLUSTER', 'FAILOVER', ...words);
        return;
      }
      case 'add-replica': {
        const node = this.cluster.addNode();
        this.added.push(node);
        const master = nodes[operation.master];
        yield* sleep(this.cluster.world, START_TIME);
        yield* this.call(node, 'CLUSTER', 'MEET', master.host, master.port);
        yield* sleep(this.cluster.world, JOIN_TIME);
        yield* this.call(node, 'CLUSTER', 'REPLICATE', master.id);
        return;
      }
      case 'remove-replica':
        yield* this.remove(nodes[operation.node]);
    }
  }

  private *reshard(
    source: VirtualNode,
    target: VirtualNode,
    { slots, keysFirst }: Extract<Operation, { type: 'reshard' }>,
  ): Script {
    const owned = this.slotsOf(source);
    const index = source.server.keyspace.databases[0].slots!;
    if (keysFirst) owned.sort((a, b) => index.count(b) - index.count(a));
    const { cluster } = source.server.clusterService!;
    for (const slot of owned.slice(0, slots)) {
      // Two who move one slot to different places lose its keys by the rules: no manager begins with an open slot.
      if (keysFirst && (cluster.migratingTo(slot) || cluster.nodeOfSlot(slot) !== cluster.myself)) continue;
      yield* this.moveSlot(slot, source, target);
    }
  }

  private slotsOf(node: VirtualNode): number[] {
    const { cluster } = node.server.clusterService!;
    return Array.from({ length: 16384 }, (_, slot) => slot).filter(
      (slot) => cluster.nodeOfSlot(slot) === cluster.myself,
    );
  }

  private *moveSlot(slot: number, source: VirtualNode, target: VirtualNode): Script {
    const move = this.moving(slot, target);
    try {
      yield* this.call(target, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', source.id);
      yield* this.call(source, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', target.id);
      yield* this.migrateKeys(slot, source, target);
      yield* this.call(target, 'CLUSTER', 'SETSLOT', slot, 'NODE', target.id);
      yield* this.call(source, 'CLUSTER', 'SETSLOT', slot, 'NODE', target.id);
    } finally {
      move.ended = this.cluster.now;
    }
  }

  private moving(slot: number, target: VirtualNode): Move {
    const { now } = this.cluster;
    const move = { time: now, slot, to: target.index, ended: now };
    this.history.moves.push(move);
    return move;
  }

  private *migrateKeys(slot: number, source: VirtualNode, target: VirtualNode): Script {
    for (;;) {
      const keys = yield* this.call(source, 'CLUSTER', 'GETKEYSINSLOT', slot, KEYS_PER_MIGRATE);
      const names = (keys as Reply[]).map(String);
      if (names.length === 0) return;
      const { host, port } = target;
      yield* this.call(source, 'MIGRATE', host, port, '', 0, MIGRATE_TIMEOUT, 'REPLACE', 'KEYS', ...names);
    }
  }

  /** Takes a replica out: it is reset and switched off, and the others are told to forget it. */
  private *remove(node: VirtualNode): Script {
    if (node.server.clusterService!.cluster.myself.isMaster) return;
    const { id } = node;
    yield* this.call(node, 'CLUSTER', 'RESET', 'SOFT');
    node.machine.kill();
    this.removed.set(node, id);
    yield* this.forgetRemoved();
  }

  private *forgetRemoved(): Script {
    for (const id of this.removed.values()) {
      for (const other of this.members) {
        if (other.server.clusterService!.cluster.node(id)) yield* this.call(other, 'CLUSTER', 'FORGET', id);
      }
    }
  }

  /** The nodes that are to belong to the cluster. */
  get members(): VirtualNode[] {
    return this.cluster.nodes.filter((node) => !this.removed.has(node));
  }

  /**
   * Brings a healed cluster into order: everybody belongs to it, no slot is open, each has one owner. The plan is the
   * manager's (`hexis cluster fix`).
   */
  *mend(): Script {
    try {
      yield* this.forgetRemoved();
      yield* this.bringTogether();
      yield* this.fixSlots();
    } catch (error) {
      if (!(error instanceof GaveUp)) throw error;
    }
  }

  /** Nodes that know nobody, or nobody knows, meet the others; those that were added follow a master. */
  private *bringTogether(): Script {
    const nodes = this.members;
    const [first] = nodes;
    for (const node of nodes) {
      const { cluster } = node.server.clusterService!;
      const known = nodes.every(
        (other) => cluster.node(other.id) && other.server.clusterService!.cluster.node(node.id),
      );
      if (!known) yield* this.call(first, 'CLUSTER', 'MEET', node.host, node.port);
    }
    const empty = this.added.filter(({ server }) => {
      const { myself } = server.clusterService!.cluster;
      return myself.isMaster && myself.slotCount === 0;
    });
    for (const node of empty) {
      const { cluster } = node.server.clusterService!;
      const masters = [...cluster.nodes].filter(({ slotCount }) => slotCount > 0);
      masters.sort((a, b) => a.replicas.length - b.replicas.length);
      if (masters.length > 0 && node.server.keyspace.databases[0].size === 0)
        yield* this.call(node, 'CLUSTER', 'REPLICATE', masters[0].id);
    }
  }

  private *fixSlots(): Script {
    const view = { nodes: this.cluster.view(), unreachable: [] };
    const count = (id: string, slot: number) => this.byId(id).server.keyspace.databases[0].slots!.count(slot);
    const strays = mastersOf(view).flatMap(({ id }) => this.straySlots(id));
    const slots = [...new Set([...brokenSlots(view), ...strays])];
    const plan = planSlotFixes(view, slots, ({ id }, slot) => count(id, slot));
    for (const action of plan.actions) {
      const { slot } = action;
      if (action.type === 'finish') {
        yield* this.moveSlot(slot, this.byId(action.source.id), this.byId(action.target.id));
        for (const { id } of action.close)
          yield* this.call(this.byId(id), 'CLUSTER', 'SETSLOT', slot, 'STABLE');
        continue;
      }
      const { owner, disown, from } = action;
      this.moving(slot, this.byId(owner.id));
      for (const { id } of disown) yield* this.call(this.byId(id), 'CLUSTER', 'DELSLOTS', slot);
      yield* this.call(this.byId(owner.id), 'CLUSTER', 'SETSLOT', slot, 'STABLE');
      for (const { id } of from) {
        yield* this.call(this.byId(id), 'CLUSTER', 'SETSLOT', slot, 'STABLE');
        yield* this.call(this.byId(id), 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', owner.id);
      }
      if (action.assign) {
        yield* this.call(this.byId(owner.id), 'CLUSTER', 'SETSLOT', slot, 'NODE', owner.id);
        yield* this.call(this.byId(owner.id), 'CLUSTER', 'BUMPEPOCH');
      }
      for (const { id } of from) yield* this.migrateKeys(slot, this.byId(id), this.byId(owner.id));
      for (const { id } of [...action.close, ...from])
        yield* this.call(this.byId(id), 'CLUSTER', 'SETSLOT', slot, 'STABLE');
    }
  }

  /** Slots of which a master has keys without serving them. */
  private straySlots(id: string): number[] {
    const { keyspace, clusterService } = this.byId(id).server;
    const { cluster } = clusterService!;
    const { slots } = keyspace.databases[0];
    if (keyspace.databases[0].size === 0) return [];
    return Array.from({ length: 16384 }, (_, slot) => slot).filter(
      (slot) => slots!.count(slot) > 0 && cluster.nodeOfSlot(slot) !== cluster.myself,
    );
  }

  private byId(id: string): VirtualNode {
    const node = this.cluster.nodes.find((node) => node.id === id);
    if (!node) throw new GaveUp();
    return node;
  }

  private *call(node: VirtualNode, ...command: (string | number)[]): Script<Reply> {
    let connection = this.connections.get(node);
    if (connection?.lost !== undefined || !connection) {
      connection = this.cluster.connect(node);
      this.connections.set(node, connection);
    }
    const outcome = yield* ask(this.cluster.world, connection, PATIENCE, ...command);
    if (outcome.type === 'reply') return outcome.value;
    if (outcome.type === 'lost') {
      connection.close();
      this.connections.delete(node);
    }
    throw new GaveUp();
  }
}
