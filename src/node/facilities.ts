/** The node as its commands see it: each facility of `commands/facilities/facilities.ts` and who stands behind it. */

import type {
  DebugFacility,
  DebugSwitch,
  ServerFacilities,
  TransactionsFacility,
} from '../commands/facilities/facilities.js';
import type { LatencyFacility } from '../commands/facilities/monitoring.js';
import { serializedLength } from '../persistence/rdb/writer.js';
import { MESSAGE_NAMES } from '../protocol/bus-frame.js';
import type { Bytes } from '../protocol/bytes.js';
import { CommandError } from '../protocol/command-error.js';
import { memoryReport } from './monitoring/memory-report.js';
import type { Node } from './node.js';
import { REDIS_VERSION } from './version.js';

export function facilitiesOf(node: Node): ServerFacilities {
  const { config, clients, host, statistics, persistence, replication, messaging, observers } = node;
  const cluster = node.clusterService?.cluster ?? null;
  const caller = () => node.caller;
  const publishToCluster =
    cluster &&
    ((channel: Bytes, message: Bytes, sharded: boolean) => {
      cluster.publish(channel, message, sharded);
      host.wakeAtEndOfTurn();
    });
  return {
    commands: config.commands,
    acl: node.acl,
    config,
    clients,
    cluster,
    replication,
    persistence,
    debug: debugOf(node),
    payloads: node.payloads,
    migration: node.migration,
    transactions: transactionsOf(node),
    pubsub: messaging.pubsub.facility(caller, publishToCluster),
    tracking: messaging.tracking.facility(caller),
    slowLog: observers.slowLog,
    latency: latencyOf(node),
    memory: () => memoryReport(node),
    monitor: () => messaging.monitor(caller()),
    scripting: node.scripting,
    info: (sections) => node.info(sections),
    resetStatistics() {
      statistics.reset();
      node.rates.reset();
      replication.resetStatistics();
      node.keyspace.disposal.freedObjects = 0;
    },
    time() {
      const now = host.wallClock();
      return { seconds: Math.floor(now / 1000), microseconds: Math.floor((now % 1000) * 1000) };
    },
    shutdown: (options) => node.shutdowns.begin(options, caller()),
    abortShutdown: () => node.shutdowns.abort(),
  };
}

function latencyOf({ observers: { latency }, statistics }: Node): LatencyFacility {
  return {
    events: latency.events,
    reset: (event) => latency.reset(event),
    timesOf({ id }) {
      const times = statistics.times[id];
      return times && { calls: times.count, cumulative: times.cumulative() };
    },
  };
}

function transactionsOf({ dispatcher, watches }: Node): TransactionsFacility {
  return {
    begin: () => dispatcher.beginTransaction(dispatcher.session),
    execute: () => dispatcher.executeTransaction(dispatcher.session),
    discard: () => dispatcher.discard(dispatcher.session),
    watch: (key, start, end) => watches.add(dispatcher.session, dispatcher.db, key, start, end),
    unwatch: () => watches.removeAll(dispatcher.session),
  };
}

/** DEBUG's levers; those for machinery that works otherwise here do nothing. */
function setDebugSwitch(node: Node, option: DebugSwitch, value: number): void {
  if (option === 'set-active-expire') node.activeExpiry = value !== 0;
  else if (option === 'pause-cron') node.cronPaused = value !== 0;
  else if (option === 'set-skip-checksum-validation') node.payloads.skipChecksum = value !== 0;
  else if (option === 'set-disable-deny-scripts') node.scripting.respectsNoScript = value === 0;
  else if (option === 'drop-cluster-packet-filter') {
    node.clusterService?.cluster.dropMessages(MESSAGE_NAMES[value] ?? null);
  }
}

function debugOf(node: Node): DebugFacility {
  const { host, persistence, replication } = node;
  return {
    sleep(milliseconds) {
      host.sleep(milliseconds);
      // A script sees one time, from its beginning to its end.
      if (node.scripting.busyError === undefined) node.setClock();
    },
    reload: (how) => persistence.reload(how),
    loadAppendOnlyFile: () => persistence.reloadAppendOnlyFile(),
    set: (option, value) => setDebugSwitch(node, option, value),
    changeReplicationId: () => replication.master.history.renew(),
    serializedLength,
    crash: () => node.crash(139),
    restart() {
      throw new CommandError(`ERR a restart in place is not possible (Redis ${REDIS_VERSION} can)`);
    },
    log: (message) => node.log('warning', `DEBUG LOG: ${message}`),
  };
}
