/** The node as INFO sees it. */
import { commandTable } from '../../commands/index.js';
import type { LoadProgress } from '../../persistence/load-progress.js';
import type { Node } from '../node.js';
import type { InfoSource, MasterInfo, PersistenceInfo, ReplicationInfo, ScriptingInfo } from './info.js';
import { memoryReport } from './memory-report.js';
import type { Counters } from './rates.js';

export function infoSourceOf(node: Node): InfoSource {
  const { config, statistics, rates, keyspace, host, clients, messaging } = node;
  const { deadline } = node.shutdowns;
  return {
    config,
    statistics,
    rates,
    keyspace,
    commands: commandTable,
    now: host.wallClock(),
    processId: host.processId,
    platform: host.platform,
    runId: node.runId,
    shutdownIn: deadline === undefined ? -1 : deadline - host.monotonicClock(),
    usage: host.usage(),
    memory: memoryReport(node),
    clients: {
      connected: clients.sessions.size - node.replication.master.replicas.count,
      blocked: clients.blockedCount,
      tracking: messaging.tracking.clientCount,
      clusterConnections: node.busConnections,
      recentPeak: clients.recentPeak,
    },
    messaging: {
      channels: messaging.pubsub.count('channel'),
      patterns: messaging.pubsub.count('pattern'),
      shardChannels: messaging.pubsub.count('shard'),
      trackedKeys: messaging.tracking.keyCount,
      trackedItems: messaging.tracking.items,
      trackedPrefixes: messaging.tracking.prefixCount,
    },
    replication: replicationOf(node),
    migrationLinks: node.migration.links.idleCount,
    persistence: persistenceOf(node),
    scripting: scriptingOf(node),
  };
}

/** What is sampled for the `instantaneous_` fields. */
export function countersOf({ statistics, replication: { link, master } }: Node): Counters {
  return {
    commands: statistics.commandsProcessed,
    inputBytes: statistics.inputBytes + link.receivedBytes,
    outputBytes: statistics.outputBytes + master.served.sentBytes,
    replicaInputBytes: link.receivedBytes,
    replicaOutputBytes: master.served.sentBytes,
  };
}

function replicationOf({ replication, host }: Node): ReplicationInfo {
  const { master, link, failover, isReplica } = replication;
  const { history, backlog } = master;
  return {
    master: isReplica ? masterOf(link, history.offset, host.monotonicClock()) : null,
    replicas: master.replicas.views,
    served: master.served,
    receivedBytes: link.receivedBytes,
    failoverState: failover.state,
    id: history.id,
    secondId: history.secondId,
    offset: history.offset,
    secondOffset: history.secondOffset,
    backlog,
  };
}

function masterOf(link: Node['replication']['link'], offset: number, now: number): MasterInfo {
  const seconds = (since: number) => Math.floor((now - since) / 1000);
  return {
    host: link.host,
    port: link.port,
    linkUp: link.up,
    lastHeard: link.up ? seconds(link.lastInteraction) : -1,
    transfer: link.transfer && { ...link.transfer, lastHeard: seconds(link.lastInteraction) },
    readOffset: link.receivedOffset,
    offset,
    downFor: link.downSince < 0 ? -1 : seconds(link.downSince),
  };
}

function scriptingOf({ scripting }: Node): ScriptingInfo {
  const { evaluation, functions } = scripting.memory;
  return { ...scripting.counts, evaluationBytes: evaluation, functionBytes: functions };
}

function persistenceOf({ persistence, replication, host, config }: Node): PersistenceInfo {
  const { appendOnly, saves, recovery } = persistence;
  const seconds = (milliseconds: number) => (milliseconds < 0 ? -1 : Math.floor(milliseconds / 1000));
  return {
    loading: config.loading,
    loadingBesides: replication.loadingBesides,
    progress: recovery.progress && progressOf(recovery.progress, host.wallClock()),
    lastSave: persistence.lastSave,
    lastSaveOk: saves.lastOk,
    lastSaveSeconds: seconds(saves.lastDuration),
    saveRunningSeconds: snapshotSeconds(persistence.saves, replication.master, host),
    saves: saves.count,
    saving: saves.progress ?? appendOnly.rewriteProgress ?? null,
    keysLoaded: recovery.keysLoaded,
    keysExpired: recovery.keysExpired,
    appendOnly: {
      enabled: appendOnly.state !== 'off',
      rewriteRunning: appendOnly.rewriteInProgress,
      rewriteScheduled: appendOnly.rewriteScheduled,
      lastRewriteSeconds: seconds(appendOnly.lastRewriteTime),
      rewriteRunningSeconds: appendOnly.rewriteInProgress
        ? seconds(host.wallClock() - appendOnly.rewriteStarted)
        : -1,
      lastRewriteOk: appendOnly.lastRewriteOk,
      rewrites: appendOnly.rewrites,
      lastWriteOk: appendOnly.error === undefined,
      currentSize: appendOnly.currentSize,
      baseSize: appendOnly.rewriteBaseSize,
      bufferBytes: appendOnly.bufferedBytes,
    },
  };
}

function progressOf(progress: LoadProgress, now: number): PersistenceInfo['progress'] {
  const { startedAt, totalBytes, loadedBytes } = progress;
  const elapsed = (now - startedAt) / 1000;
  return {
    ...progress,
    startedAt: Math.floor(startedAt / 1000),
    // Nothing to go by in the first second.
    secondsLeft: elapsed < 1 ? 1 : Math.floor((elapsed * (totalBytes - loadedBytes)) / (loadedBytes + 1)),
  };
}

/** For how long a snapshot has been in the making, for the dump or for replicas; -1 when none is. */
function snapshotSeconds(
  saves: Node['persistence']['saves'],
  { fullSyncSince }: Node['replication']['master'],
  { wallClock, monotonicClock }: Pick<Node['host'], 'wallClock' | 'monotonicClock'>,
): number {
  if (saves.inProgress) return Math.floor((wallClock() - saves.started) / 1000);
  return fullSyncSince < 0 ? -1 : Math.floor((monotonicClock() - fullSyncSince) / 1000);
}
