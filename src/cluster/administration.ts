/**
 * What an administrator can tell a node: the changing half of the CLUSTER command. Each method checks before it
 * changes anything and throws ClusterError with Redis's words.
 */
import { ClusterError } from './cluster-error.js';
import type { ClusterNode } from './cluster-node.js';
import { replaceMaster } from './election.js';
import { bumpEpoch } from './epochs.js';
import { countFailureReports } from './failure-detection.js';
import { MANUAL_FAILOVER_TIMEOUT, resetManualFailover } from './manual-failover.js';
import { removeNode, startHandshake } from './membership.js';
import { sendManualFailoverStart } from './messages.js';
import { followMaster, setMaster } from './roles.js';
import { ALL_SLOTS, bitmapOf, type SlotRange } from './slot-bitmap.js';
import { reconfigureAsReplicaOf } from './slot-claims.js';
import { assignSlots, leaveShard, releaseSlots } from './slot-ownership.js';
import { type ClusterState, randomNodeId, Todo } from './state.js';

export type FailoverMode = 'normal' | 'force' | 'takeover';

export class Administration {
  private readonly state: ClusterState;

  constructor(state: ClusterState) {
    this.state = state;
  }

  /** MEET: starts to join the cluster of the node at an IP address. */
  meet(ip: string, port: number, busPort: number): void {
    if (!startHandshake(this.state, ip, port, busPort))
      throw new ClusterError(`Invalid node address specified: ${ip}:${port}`);
  }

  /** FORGET: drops a node and keeps it out for a minute. */
  forget(nodeId: string): void {
    const state = this.state;
    const node = this.find(nodeId);
    if (node === state.myself) throw new ClusterError("I tried hard but I can't forget myself...");
    if (state.myself.isReplica && state.myself.master === node)
      throw new ClusterError("Can't forget my master!");
    state.nodes.forget(node.id, state.now);
    removeNode(state, node);
    state.later(Todo.SAVE | Todo.UPDATE_STATE);
  }

  /** ADDSLOTS and ADDSLOTSRANGE: serves slots that nobody serves. All or none. */
  addSlots(ranges: Iterable<SlotRange>): void {
    const state = this.state;
    const slots = collectSlots(ranges, (slot) => {
      if (state.slots.owner(slot)) throw new ClusterError(`Slot ${slot} is already busy`);
    });
    for (const slot of slots) state.slots.setImporting(slot, null);
    assignSlots(state, bitmapOf(slots), state.myself);
    this.slotsChanged(slots.size);
  }

  /** DELSLOTS and DELSLOTSRANGE: forgets who serves the slots. All or none. */
  deleteSlots(ranges: Iterable<SlotRange>): void {
    const state = this.state;
    const slots = collectSlots(ranges, (slot) => {
      if (!state.slots.owner(slot)) throw new ClusterError(`Slot ${slot} is already unassigned`);
    });
    for (const slot of slots) state.slots.setImporting(slot, null);
    releaseSlots(state, bitmapOf(slots));
    this.slotsChanged(slots.size);
  }

  /** FLUSHSLOTS: gives up all slots of this node. */
  flushSlots(): void {
    const state = this.state;
    if (!state.env.keyspace.isEmpty())
      throw new ClusterError('DB must be empty to perform CLUSTER FLUSHSLOTS.');
    const count = state.myself.slotCount;
    releaseSlots(state, state.myself.slots);
    this.slotsChanged(count);
  }

  /** SETSLOT MIGRATING: starts to move a slot of ours to a master. */
  setSlotMigrating(slot: number, nodeId: string): void {
    this.requireMaster();
    const { myself, slots } = this.state;
    if (slots.owner(slot) !== myself) throw new ClusterError(`I'm not the owner of hash slot ${slot}`);
    slots.setMigrating(slot, this.findMigrationPeer(nodeId));
    this.state.later(Todo.SAVE | Todo.UPDATE_STATE);
  }

  /** SETSLOT IMPORTING: starts to take a slot over from a master. */
  setSlotImporting(slot: number, nodeId: string): void {
    this.requireMaster();
    const { myself, slots } = this.state;
    if (slots.owner(slot) === myself) throw new ClusterError(`I'm already the owner of hash slot ${slot}`);
    slots.setImporting(slot, this.findMigrationPeer(nodeId));
    this.state.later(Todo.SAVE | Todo.UPDATE_STATE);
  }

  /** SETSLOT STABLE: ends a migration without moving the slot. */
  setSlotStable(slot: number): void {
    this.requireMaster();
    this.state.slots.setImporting(slot, null);
    this.state.slots.setMigrating(slot, null);
    this.state.later(Todo.SAVE | Todo.UPDATE_STATE);
  }

  /**
   * SETSLOT NODE: says who serves the slot. It ends a migration: the importing node takes a new config epoch so that
   * its claim wins, and tells everyone.
   */
  setSlotNode(slot: number, nodeId: string): void {
    this.requireMaster();
    const state = this.state;
    const { env, myself, slots } = state;
    const node = this.find(nodeId);
    if (node.isReplica) throw new ClusterError('Target node is not a master');
    const wasMine = slots.owner(slot) === myself;
    // The new owner's heartbeat is often faster than whoever runs the migration.
    const known = slots.owner(slot) === node && !slots.migratingTo(slot) && !slots.importingFrom(slot);
    const hasKeys = env.keyspace.countKeysInSlot(slot) > 0;
    if (wasMine && node !== myself && hasKeys)
      throw new ClusterError(
        `Can't assign hashslot ${slot} to a different node while I still hold keys for this hash slot.`,
      );
    if (!hasKeys) slots.setMigrating(slot, null);
    assignSlots(state, bitmapOf([slot]), node);
    env.emit({ type: 'slots-changed', nodeId: node.id, count: 1 });

    if (wasMine && node !== myself && myself.slotCount === 0 && state.options.allowReplicaMigration)
      reconfigureAsReplicaOf(state, node);
    if (node === myself && slots.importingFrom(slot)) {
      if (bumpEpoch(state)) state.log('warning', `configEpoch updated after importing slot ${slot}`);
      slots.setImporting(slot, null);
      state.later(Todo.BROADCAST);
    }
    if (!known) state.later(Todo.SAVE | Todo.UPDATE_STATE);
  }

  /** REPLICATE: becomes, or stays, a replica, of this master from now on. */
  replicate(nodeId: string): void {
    const state = this.state;
    const node = this.find(nodeId);
    const { myself } = state;
    if (node === myself) throw new ClusterError("Can't replicate myself");
    if (node.isReplica) throw new ClusterError('I can only replicate a master, not a replica.');
    if (myself.isMaster && (myself.slotCount > 0 || !state.env.keyspace.isEmpty()))
      throw new ClusterError('To set a master the node must be empty and without assigned slots.');
    followMaster(state, node);
    state.later(Todo.SAVE | Todo.UPDATE_STATE);
  }

  /**
   * FAILOVER: this replica takes its master's place. `normal` loses no write; `force` does not ask the master;
   * `takeover` asks nobody.
   */
  failover(mode: FailoverMode): void {
    const state = this.state;
    const { manualFailover, myself } = state;
    const { master } = myself;
    if (myself.isMaster) throw new ClusterError('You should send CLUSTER FAILOVER to a replica');
    if (!master) throw new ClusterError("I'm a replica but my master is unknown to me");
    if (mode === 'normal' && (master.isFailed || !master.link))
      throw new ClusterError('Master is down or failed, please use CLUSTER FAILOVER FORCE');
    resetManualFailover(state);
    manualFailover.end = state.now + MANUAL_FAILOVER_TIMEOUT;
    state.env.emit({ type: 'manual-failover', phase: 'requested' });
    if (mode === 'takeover') {
      state.log('warning', 'Taking over the master (user request).');
      bumpEpoch(state);
      replaceMaster(state);
    } else if (mode === 'force') {
      state.log('warning', 'Forced failover user request accepted.');
      manualFailover.canStart = true;
    } else {
      state.log('warning', 'Manual failover user request accepted.');
      sendManualFailoverStart(state, master);
    }
  }

  /** RESET: forgets the cluster; `hard` also the node's name and epochs. */
  reset(hard: boolean): void {
    const state = this.state;
    const { env, myself } = state;
    if (myself.isMaster && !env.keyspace.isEmpty())
      throw new ClusterError("CLUSTER RESET can't be called with master nodes containing keys");
    if (myself.isReplica) {
      leaveShard(state);
      setMaster(state, myself);
      env.replication.becomeMaster();
      env.keyspace.flushAll();
    }
    state.slots.closeAll();
    resetManualFailover(state);
    releaseSlots(state, ALL_SLOTS);
    for (const node of state.nodes.snapshot()) if (node !== myself) removeNode(state, node);
    if (hard) {
      state.currentEpoch = 0;
      state.lastVoteEpoch = 0;
      myself.configEpoch = 0;
      state.log('warning', 'configEpoch set to 0 via CLUSTER RESET HARD');
      env.emit({ type: 'epoch-changed', configEpoch: 0, reason: 'reset' });
      state.nodes.rename(myself, randomNodeId(env));
      state.log('notice', `Node hard reset, now I'm ${myself.id}`);
    }
    myself.shardId = myself.id;
    state.later(Todo.SAVE | Todo.UPDATE_STATE | Todo.FSYNC);
  }

  /** SET-CONFIG-EPOCH: gives a fresh node its first config epoch. */
  setConfigEpoch(epoch: number): void {
    const state = this.state;
    const { myself } = state;
    if (epoch < 0) throw new ClusterError(`Invalid config epoch specified: ${epoch}`);
    if (state.nodes.size > 1)
      throw new ClusterError(
        'The user can assign a config epoch only when the node does not know any other node.',
      );
    if (myself.configEpoch !== 0) throw new ClusterError('Node config epoch is already non-zero');
    myself.configEpoch = epoch;
    state.currentEpoch = Math.max(state.currentEpoch, epoch);
    state.log('warning', `configEpoch set to ${epoch} via CLUSTER SET-CONFIG-EPOCH`);
    state.env.emit({ type: 'epoch-changed', configEpoch: epoch, reason: 'set' });
    state.later(Todo.SAVE | Todo.UPDATE_STATE);
  }

  /** BUMPEPOCH: takes a new config epoch unless ours is the greatest. Answers whether it did. */
  bumpEpoch(): boolean {
    return bumpEpoch(this.state);
  }

  /** COUNT-FAILURE-REPORTS: masters that report the node as failing. */
  countFailureReports(nodeId: string): number {
    return countFailureReports(this.state, this.find(nodeId));
  }

  private find(nodeId: string): ClusterNode {
    const node = this.state.nodes.get(nodeId);
    if (!node) throw new ClusterError(`Unknown node ${nodeId}`);
    return node;
  }

  private findMigrationPeer(nodeId: string): ClusterNode {
    const node = this.state.nodes.get(nodeId);
    if (!node) throw new ClusterError(`I don't know about node ${nodeId}`);
    if (node.isReplica) throw new ClusterError('Target node is not a master');
    return node;
  }

  private requireMaster(): void {
    if (this.state.myself.isReplica) throw new ClusterError('Please use SETSLOT only with masters.');
  }

  private slotsChanged(count: number): void {
    const state = this.state;
    state.env.emit({ type: 'slots-changed', nodeId: state.myself.id, count });
    state.later(Todo.SAVE | Todo.UPDATE_STATE);
  }
}

/** The slots of the ranges, each checked and none twice. */
function collectSlots(ranges: Iterable<SlotRange>, check: (slot: number) => void): Set<number> {
  const slots = new Set<number>();
  for (const { first, last } of ranges) {
    if (first > last)
      throw new ClusterError(`start slot number ${first} is greater than end slot number ${last}`);
    for (let slot = first; slot <= last; slot++) {
      check(slot);
      if (slots.has(slot)) throw new ClusterError(`Slot ${slot} specified multiple times`);
      slots.add(slot);
    }
  }
  return slots;
}
