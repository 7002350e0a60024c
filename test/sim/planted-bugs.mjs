/**
 * Bugs that the simulator must find (R15), each as a change of one place of one source. They are planted while the
 * simulator is bundled (scripts/sim-bundle.mjs); shipping code knows nothing of them. `npm run sim:bugs` runs each until it
 * is caught. A place that is not found exactly once is an error, so this list can't rot unnoticed.
 *
 * Those marked `quick` are caught within a few seeds, and so by npm test.
 *
 * @type {{ name: string, file: string, find: string, put: string, nodes?: number, focus?: string, quick?: boolean }[]}
 */
export const PLANTED_BUGS = [
  // Elections (R4)
  {
    name: 'vote not persisted before the answer',
    file: 'src/cluster/election.ts',
    find: '  state.later(Todo.SAVE | Todo.FSYNC);\n  sendVote(',
    put: '  sendVote(',
    quick: true,
    focus: 'epochs',
  },
  {
    name: 'vote saved without fsync',
    file: 'src/cluster/election.ts',
    find: '  state.later(Todo.SAVE | Todo.FSYNC);\n  sendVote(',
    put: '  state.later(Todo.SAVE);\n  sendVote(',
    focus: 'epochs',
  },
  {
    name: 'victory saved without fsync',
    file: 'src/cluster/election.ts',
    find: '  state.later(Todo.SAVE | Todo.UPDATE_STATE | Todo.FSYNC);\n  resetManualFailover(',
    put: '  state.later(Todo.SAVE | Todo.UPDATE_STATE);\n  resetManualFailover(',
    quick: true,
  },
  {
    name: 'vote granted twice in an epoch',
    file: 'src/cluster/election.ts',
    find: 'if (lastVoteEpoch >= currentEpoch)',
    put: 'if (lastVoteEpoch > currentEpoch)',
    focus: 'epochs',
  },
  {
    name: 'epoch not bumped on election',
    file: 'src/cluster/election.ts',
    find: 'candidacy.epoch = ++state.currentEpoch;',
    put: 'candidacy.epoch = state.currentEpoch;',
    quick: true,
  },
  {
    name: 'winner keeps its old config epoch',
    file: 'src/cluster/election.ts',
    find: 'myself.configEpoch = candidacy.epoch;',
    put: 'myself.configEpoch = 0;',
    quick: true,
  },
  {
    name: 'one vote wins',
    file: 'src/cluster/election.ts',
    find: 'candidacy.votes.size >= state.quorum',
    put: 'candidacy.votes.size >= 1',
  },
  {
    name: 'replica with old data elected despite the validity factor',
    file: 'src/cluster/election.ts',
    find: 'return age > replicaPingPeriod * 1000 + nodeTimeout * replicaValidityFactor;',
    put: 'return false;',
    focus: 'cuts',
  },
  {
    name: 'config epoch collision left alone',
    file: 'src/cluster/epochs.ts',
    find: 'if (other.id <= myself.id) return;',
    put: 'return;',
    focus: 'epochs',
  },
  // Failure detection and availability (R5)
  {
    name: 'PFAIL promoted to FAIL without majority',
    file: 'src/cluster/failure-detection.ts',
    find: 'if (reports < state.quorum) return;',
    put: 'if (reports < 1) return;',
    focus: 'cuts',
  },
  {
    name: 'minority keeps accepting writes',
    file: 'src/cluster/health.ts',
    find: 'const amongMinority = reachable < state.quorum;',
    put: 'const amongMinority = false;',
    focus: 'minority',
  },
  {
    name: 'silence of other masters not noticed',
    file: 'src/cluster/health.ts',
    find: 'return !node.isMyself && state.now - node.dataReceived > silenceLimit(state);',
    put: 'return false;',
    focus: 'minority',
  },
  {
    name: 'FAIL never taken back',
    file: 'src/cluster/failure-detection.ts',
    find: 'else if (node.isFailed) undoFail(state, node);',
    put: '',
  },
  // Slots
  {
    name: 'stale config epoch accepted',
    file: 'src/cluster/slot-claims.ts',
    find: 'if (owner.configEpoch >= epoch) won = difference(won, slots.claimedBy(owner));',
    put: '',
  },
  {
    name: 'slot bitmap lost on restart',
    file: 'src/cluster/startup.ts',
    find: 'if (!slots.owner(slot)) own.push(slot);',
    put: 'if (!slots.owner(slot) && !node.isMyself) own.push(slot);',
  },
  {
    name: 'replaced master keeps its role',
    file: 'src/cluster/slot-claims.ts',
    find: 'const replaced = lost > 0 && shardMaster.slotCount === 0;',
    put: 'const replaced = false;',
  },
  // Replication
  {
    name: 'backlog offset off by one',
    file: 'src/replication/resumption.ts',
    find: 'const place = offset - 1;',
    put: 'const place = offset;',
    focus: 'links',
  },
  {
    name: 'partial resync beyond the common past',
    file: 'src/replication/resumption.ts',
    find: 'if (id !== history.id && offset > history.secondOffset) {',
    put: 'if (false) {',
    focus: 'fork',
  },
  {
    name: "promoted replica keeps its master's stream id",
    file: 'src/replication/master.ts',
    find: '    history.branch();\n    this.env.log(',
    put: '    this.env.log(',
  },
  {
    name: 'replica expires keys by itself',
    file: 'src/node/replication-service.ts',
    find: "this.isReplica || this.expiryPaused ? 'hide' : 'remove'",
    put: "this.expiryPaused ? 'hide' : 'remove'",
  },
  {
    name: 'WAIT counts replicas that have not answered',
    file: 'src/replication/replicas.ts',
    find: "state === 'online' && acknowledged >= offset",
    put: "state === 'online'",
    focus: 'fork',
  },
  {
    name: 'manual failover without pausing writes',
    file: 'src/cluster/manual-failover.ts',
    find: 'state.env.pauseWrites(MANUAL_FAILOVER_TIMEOUT * PAUSE_FACTOR);',
    put: '',
    focus: 'failover',
  },
  {
    name: 'manual failover before the stream is processed',
    file: 'src/cluster/manual-failover.ts',
    find: 'if (!replication.isLinked() || replication.offset() !== manualFailover.masterOffset) {',
    put: 'if (manualFailover.masterOffset < 0) {',
    focus: 'failover',
  },
  // Persistence
  {
    name: 'reply before fsync',
    file: 'src/persistence/aof/increment-writer.ts',
    find: "if (this.settings.appendfsync === 'always') this.commit();",
    put: "if (this.settings.appendfsync === 'always' && !this.syncing) this.sync(0);",
    focus: 'power',
  },
  {
    name: 'fsync skipped',
    file: 'src/persistence/aof/increment-writer.ts',
    find: 'file.sync((error) => {',
    put: '((done: (error?: DiskError) => void) => done())((error) => {',
    focus: 'power',
  },
  {
    name: 'torn tail of the AOF not cut',
    file: 'src/persistence/aof/loader.ts',
    find: '        file.truncate(at);\n',
    put: '',
    focus: 'power',
  },
  // Migration
  {
    name: 'MIGRATE deletes before the target has confirmed',
    file: 'src/node/migration.ts',
    find: 'for (const key of this.confirmed) {',
    put: 'for (const key of this.order.keys) {',
    focus: 'migration',
  },
  {
    name: 'deletion of migrated keys not propagated',
    file: 'src/node/migration.ts',
    find: "if (removed.length > 0) c.propagate('DEL', ...removed);",
    put: '',
    focus: 'migration',
  },
];
