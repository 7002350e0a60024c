/**
 * How a node comes to its state: from nodes.conf, or new with a random name; and what it does when the data it
 * loaded and the slots it serves don't agree.
 */
import { NodeFlag } from '../protocol/bus-frame.js';
import { SLOT_COUNT } from '../protocol/key-slot.js';
import type { BusReceiver } from './bus.js';
import { ClusterNode } from './cluster-node.js';
import type { ClusterEnvironment, ClusterOptions } from './environment.js';
import { maxEpoch } from './epochs.js';
import { countMasters } from './health.js';
import { type NodeRecord, type NodesConf, parseNodesConf } from './nodes-conf.js';
import { bitmapOf } from './slot-bitmap.js';
import { assignSlots } from './slot-ownership.js';
import { ClusterState, randomNodeId, Todo } from './state.js';

/**
 * The state of a starting node. An empty text (no file yet) makes a new node, a master without slots. Throws
 * CorruptConfigError.
 */
export function startState(
  env: ClusterEnvironment,
  options: ClusterOptions,
  receiver: BusReceiver,
  nodesConf: string,
): ClusterState {
  return nodesConf === ''
    ? newState(env, options, receiver)
    : loadState(env, options, receiver, parseNodesConf(nodesConf));
}

function newState(env: ClusterEnvironment, options: ClusterOptions, receiver: BusReceiver): ClusterState {
  const myself = new ClusterNode(randomNodeId(env), NodeFlag.MYSELF | NodeFlag.MASTER, env.now());
  const state = new ClusterState(env, options, receiver, myself);
  myself.shardId = myself.id;
  state.nodes.add(myself);
  state.log('notice', `No cluster configuration found, I'm ${myself.id}`);
  state.later(Todo.SAVE | Todo.FSYNC);
  return state;
}

function loadState(
  env: ClusterEnvironment,
  options: ClusterOptions,
  receiver: BusReceiver,
  conf: NodesConf,
): ClusterState {
  const self = conf.nodes.find(({ flags }) => flags & NodeFlag.MYSELF)!;
  const state = new ClusterState(env, options, receiver, new ClusterNode(self.id, 0, env.now()));
  state.nodes.add(state.myself);
  for (const record of conf.nodes) restoreNode(state, record);
  for (const name of conf.unknownVariables)
    state.log('warning', `Skipping unknown cluster config variable '${name}'`);
  if (state.myself.isMaster) state.myself.shardId ||= conf.shardId || self.id;
  state.lastVoteEpoch = conf.lastVoteEpoch;
  state.currentEpoch = conf.currentEpoch;
  // Never smaller than any config epoch, even if somebody edited the file.
  state.currentEpoch = maxEpoch(state);
  countMasters(state);
  state.log('notice', `Node configuration loaded, I'm ${state.myself.id}`);
  return state;
}

function restoreNode(state: ClusterState, record: NodeRecord): void {
  const { now, slots } = state;
  const node = nodeNamed(state, record.id);
  // Whom we suspected then we haven't even tried to reach yet: as a report it would be false.
  node.flags |= record.flags & ~NodeFlag.PFAIL;
  node.ip = record.ip;
  node.port = record.port;
  node.busPort = record.busPort;
  node.hostname = record.hostname;
  node.shardId = record.shardId;
  if (node.isFailed) node.failTime = now;
  if (record.pingSent) node.pingSent = now;
  if (record.pongReceived) {
    node.pongReceived = now;
    node.dataReceived = now;
    node.unheardSinceStart = !node.isMyself;
  }
  if (record.masterId !== '') {
    node.master = nodeNamed(state, record.masterId);
    node.master.addReplica(node);
  }
  // A replica's line shows its master's epoch, which is what its frames will carry; of its own it has none.
  node.configEpoch = node.isMyself && node.isReplica ? 0 : record.configEpoch;
  const own: number[] = [];
  for (const { first, last } of record.ranges) {
    for (let slot = first; slot <= last; slot++) if (!slots.owner(slot)) own.push(slot);
  }
  assignSlots(state, bitmapOf(own), node);
  for (const { slot, nodeId } of record.migrating) slots.setMigrating(slot, nodeNamed(state, nodeId));
  for (const { slot, nodeId } of record.importing) slots.setImporting(slot, nodeNamed(state, nodeId));
}

/** Lines may mention nodes whose own line comes later. */
function nodeNamed(state: ClusterState, id: string): ClusterNode {
  const known = state.nodes.get(id);
  if (known) return known;
  const node = new ClusterNode(id, 0, state.now);
  state.nodes.add(node);
  return node;
}

/**
 * After the data was loaded: a master takes responsibility for unassigned slots that it has keys of, and marks those
 * that belong to others as importing, so that an administrator sees and can mend it.
 */
export function reconcileWithData(state: ClusterState): void {
  const { env, myself, slots } = state;
  if (myself.isReplica) return;
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const owner = slots.owner(slot);
    if (owner === myself || slots.importingFrom(slot) || env.keyspace.countKeysInSlot(slot) === 0) continue;
    if (owner) {
      state.log(
        'warning',
        `I have keys for slot ${slot}, but the slot is assigned to another node. Setting it to importing state.`,
      );
      slots.setImporting(slot, owner);
    } else {
      state.log('warning', `I have keys for unassigned slot ${slot}. Taking responsibility for it.`);
      assignSlots(state, bitmapOf([slot]), myself);
    }
    state.later(Todo.SAVE | Todo.FSYNC);
  }
}
