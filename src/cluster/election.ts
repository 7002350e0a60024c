/**
 * Elections, both sides of them.
 *
 * The candidate: a replica whose master is FAIL waits half a second and a bit, and a second more for every fellow
 * replica that has more of the data, then takes a new epoch and asks all masters for their vote. With the votes of
 * the majority it claims its master's slots under that epoch. Redis has the epoch on disk before it asks. But who loses
 * its power then wins nothing any more, and if it asks under the same epoch again the voters remember for both. So the
 * epoch is saved with the victory, before that is told, or with the next tick.
 *
 * The voter: a master grants one vote per epoch, none for an epoch that is behind, and none to a candidate whose idea
 * of the slots is older than its own. The vote is on disk before it leaves (see bus.ts): a voter that restarts must
 * not vote twice in an epoch. Cluster specification, "Replica election and promotion" and "Masters reply to replica
 * vote request".
 */
import { type BusHeader, MessageFlag } from '../protocol/bus-frame.js';
import type { ClusterNode } from './cluster-node.js';
import type { CannotFailover } from './environment.js';
import { resetManualFailover } from './manual-failover.js';
import { broadcastPong, pongFellowReplicas, requestVotes, sendUpdate, sendVote } from './messages.js';
import { setMaster } from './roles.js';
import { newerHolder } from './slot-claims.js';
import { assignSlots } from './slot-ownership.js';
import { type ClusterState, Todo } from './state.js';

/** Lets FAIL reach the voters before they are asked, milliseconds. */
const FIXED_DELAY = 500;
const RANDOM_DELAY = 500;
const DELAY_PER_RANK = 1000;
/** Votes count for two node timeouts, at least this long. */
const MIN_AUTH_TIMEOUT = 2000;
/** A voter supports no second replica of a master for this many node timeouts. */
const VOTE_PAUSE = 2;
/** An obstacle that stays is logged again after this time. */
const RELOG_PERIOD = 5 * 60_000;
const RELOG_GRACE = 5000;

const OBSTACLES: Readonly<Record<CannotFailover, string>> = {
  none: 'Unknown reason code.',
  'data-age':
    'Disconnected from master for longer than allowed. ' +
    "Please check the 'cluster-replica-validity-factor' configuration option.",
  'waiting-delay': 'Waiting the delay before I can start a new failover.',
  expired: 'Failover attempt expired.',
  'waiting-votes': 'Waiting for votes, but majority still not reached.',
};

/** Votes for the candidate if it may have our vote. */
export function considerVote(state: ClusterState, candidate: ClusterNode, request: BusHeader): void {
  // Only masters with slots vote: they are the electorate that the quorum is counted from.
  if (!state.myself.isVoter) return;
  const reason = reasonToDeny(state, candidate, request);
  if (reason !== null) {
    state.log('warning', `Failover auth denied to ${candidate.id}: ${reason}`);
    return;
  }
  state.lastVoteEpoch = state.currentEpoch;
  candidate.master!.votedTime = state.now;
  state.later(Todo.SAVE | Todo.FSYNC);
  sendVote(state, candidate);
  state.log('warning', `Failover auth granted to ${candidate.id} for epoch ${state.currentEpoch}`);
  state.env.emit({ type: 'vote-granted', nodeId: candidate.id, epoch: state.currentEpoch });
}

function reasonToDeny(state: ClusterState, candidate: ClusterNode, request: BusHeader): string | null {
  const { currentEpoch, lastVoteEpoch } = state;
  if (request.currentEpoch < currentEpoch)
    return `reqEpoch (${request.currentEpoch}) < curEpoch(${currentEpoch})`;
  if (lastVoteEpoch >= currentEpoch) return `already voted for epoch ${currentEpoch}`;
  if (candidate.isMaster) return 'it is a master node';
  const { master } = candidate;
  if (!master) return "I don't know its master";
  if (!master.isFailed && !(request.messageFlags & MessageFlag.FORCE_ACK)) return 'its master is up';
  const pause = master.votedTime + state.options.nodeTimeout * VOTE_PAUSE - state.now;
  if (pause > 0) return `can't vote about this master before ${pause} milliseconds`;
  const newer = newerHolder(state, request.slots, request.configEpoch);
  if (newer !== undefined) {
    const { slot, owner } = newer;
    // The candidate may have missed its master's last epoch, and nobody else will tell it: Redis leaves it there,
    // unable to win. Told, it stands again with the right one.
    sendUpdate(state, candidate, owner);
    return `slot ${slot} epoch (${owner.configEpoch}) > reqEpoch (${request.configEpoch})`;
  }
  return null;
}

/** Counts a vote given to us in the election that is going on; late votes of earlier ones don't count. */
export function countVote(state: ClusterState, voter: ClusterNode, voterEpoch: number): void {
  const { candidacy } = state;
  if (!candidacy.requested || voterEpoch !== candidacy.epoch) return;
  if (!voter.isVoter) return;
  candidacy.votes.add(voter);
  state.later(Todo.FAILOVER);
}

/** Does what is due for this replica's candidacy. Called at every tick and when something changed for it. */
export function advanceCandidacy(state: ClusterState): void {
  const { candidacy, manualFailover, myself, now, options } = state;
  const { master } = myself;
  const manual = manualFailover.end !== 0 && manualFailover.canStart;
  const timeout = Math.max(options.nodeTimeout * 2, MIN_AUTH_TIMEOUT);

  const called = manual || (master?.isFailed === true && !options.replicaNoFailover);
  if (myself.isMaster || !master || !called || master.slotCount === 0) {
    candidacy.obstacle = 'none';
    return;
  }
  if (state.env.replication.isLoading() || (!manual && dataIsTooOld(state))) {
    noteObstacle(state, master, 'data-age');
    return;
  }
  const age = now - candidacy.time;
  // An administrator who asks again needn't wait longer than votes count.
  if (age > (manual ? timeout : timeout * 2)) {
    schedule(state);
    return;
  }
  if (!candidacy.requested && manualFailover.end === 0) adjustRank(state);
  if (now < candidacy.time) {
    noteObstacle(state, master, 'waiting-delay');
  } else if (age > timeout) {
    noteObstacle(state, master, 'expired');
  } else if (!candidacy.requested) {
    stand(state);
  } else if (candidacy.votes.size >= state.quorum) {
    win(state);
  } else {
    noteObstacle(state, master, 'waiting-votes');
  }
}

/** Whether the data lags more than cluster-replica-validity-factor allows; 0 allows any lag. */
function dataIsTooOld(state: ClusterState): boolean {
  const { nodeTimeout, replicaPingPeriod, replicaValidityFactor } = state.options;
  if (replicaValidityFactor === 0) return false;
  let age = state.env.replication.dataAge();
  // The master has been down at least as long as it took to find out.
  if (age > nodeTimeout) age -= nodeTimeout;
  return age > replicaPingPeriod * 1000 + nodeTimeout * replicaValidityFactor;
}

function schedule(state: ClusterState): void {
  const { candidacy } = state;
  const manual = state.manualFailover.end !== 0;
  candidacy.votes.clear();
  candidacy.requested = false;
  candidacy.rank = manual ? 0 : rank(state);
  candidacy.time = state.now;
  if (manual) state.later(Todo.FAILOVER);
  else candidacy.time += FIXED_DELAY + (state.env.random() % RANDOM_DELAY) + candidacy.rank * DELAY_PER_RANK;
  const delay = candidacy.time - state.now;
  const offset = state.env.replication.offset();
  state.log(
    'warning',
    `Start of election delayed for ${delay} milliseconds (rank #${candidacy.rank}, offset ${offset}).`,
  );
  state.env.emit({ type: 'election-scheduled', at: candidacy.time, rank: candidacy.rank });
  pongFellowReplicas(state);
}

/** Number of fellow replicas that have more of the data and could stand too. */
function rank(state: ClusterState): number {
  const { master } = state.myself;
  const offset = state.env.replication.offset();
  let better = 0;
  for (const replica of master!.replicas) {
    if (!replica.isMyself && !replica.cannotFailover && replica.replicationOffset > offset) better++;
  }
  return better;
}

/** Waits longer when a fellow replica turned out to have more of the data. */
function adjustRank(state: ClusterState): void {
  const { candidacy } = state;
  const current = rank(state);
  if (current <= candidacy.rank) return;
  const added = (current - candidacy.rank) * DELAY_PER_RANK;
  candidacy.time += added;
  candidacy.rank = current;
  state.log('warning', `Replica rank updated to #${current}, added ${added} milliseconds of delay.`);
}

function stand(state: ClusterState): void {
  const { candidacy } = state;
  candidacy.epoch = ++state.currentEpoch;
  // As in Raft a candidate has given its vote. In Redis it has it yet when it wins, and could make somebody else who
  // stands in this epoch win too, with votes of an electorate that it has just entered.
  state.lastVoteEpoch = candidacy.epoch;
  candidacy.requested = true;
  state.later(Todo.UPDATE_STATE);
  // Whoever only asks has promised nothing yet, and needn't keep the voters waiting for its disk: they have theirs.
  state.saveWithTick();
  state.log('warning', `Starting a failover election for epoch ${candidacy.epoch}.`);
  state.env.emit({ type: 'election-started', epoch: candidacy.epoch });
  requestVotes(state);
}

function win(state: ClusterState): void {
  const { candidacy, myself } = state;
  state.log('warning', "Failover election won: I'm the new master.");
  state.env.emit({ type: 'election-won', epoch: candidacy.epoch, votes: candidacy.votes.size });
  if (myself.configEpoch < candidacy.epoch) {
    myself.configEpoch = candidacy.epoch;
    state.log('warning', `configEpoch set to ${myself.configEpoch} after successful failover`);
    state.env.emit({ type: 'epoch-changed', configEpoch: myself.configEpoch, reason: 'election' });
  }
  // The votes are used up. If we are demoted again at once (TAKEOVER elsewhere), they must not elect us twice, which
  // Redis allows: the epoch would no longer be newer than what demoted us.
  candidacy.votes.clear();
  candidacy.epoch = 0;
  candidacy.time = 0;
  replaceMaster(state);
}

/** Makes this replica the master of its master's slots; its config epoch must be new already. */
export function replaceMaster(state: ClusterState): void {
  const { myself } = state;
  const { master } = myself;
  if (myself.isMaster || !master) return;
  setMaster(state, myself);
  state.env.replication.becomeMaster();
  const { slotCount: count } = master;
  assignSlots(state, master.slots, myself);
  state.env.emit({ type: 'slots-changed', nodeId: myself.id, count });
  state.later(Todo.SAVE | Todo.UPDATE_STATE | Todo.FSYNC);
  resetManualFailover(state);
  broadcastPong(state);
}

/**
 * Remembers, and logs when it lasts, what keeps this replica from taking over. The logged reason changes only when
 * the obstacle does, and not before a failover could have been through.
 */
function noteObstacle(state: ClusterState, master: ClusterNode, obstacle: CannotFailover): void {
  const { candidacy, now } = state;
  if (obstacle === candidacy.obstacle && now - candidacy.obstacleLoggedAt < RELOG_PERIOD) return;
  candidacy.obstacle = obstacle;
  if (master.isFailed && now - master.failTime < state.options.nodeTimeout + RELOG_GRACE) return;
  candidacy.obstacleLoggedAt = now;
  state.log('warning', `Currently unable to failover: ${OBSTACLES[obstacle]}`);
}
