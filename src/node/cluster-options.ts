/** The cluster core's options from the directives of redis.conf. */
import type { ClusterOptions } from '../cluster/environment.js';
import type { Config } from './config/index.js';

/** The directives that `clusterOptions` reads and that can change at run time. */
export const CLUSTER_DIRECTIVES = [
  'cluster-node-timeout',
  'cluster-announce-ip',
  'cluster-announce-hostname',
  'cluster-announce-port',
  'cluster-announce-tls-port',
  'cluster-announce-bus-port',
  'cluster-preferred-endpoint-type',
  'cluster-require-full-coverage',
  'cluster-allow-reads-when-down',
  'cluster-allow-pubsubshard-when-down',
  'cluster-allow-replica-migration',
  'cluster-migration-barrier',
  'cluster-replica-no-failover',
  'cluster-replica-validity-factor',
  'cluster-link-sendbuf-limit',
  'repl-ping-replica-period',
] as const;

export function clusterOptions({ values }: Config): ClusterOptions {
  return {
    port: values.port,
    tlsPort: values['tls-port'],
    tlsCluster: values['tls-cluster'],
    busPort: values['cluster-port'],
    announceIp: values['cluster-announce-ip'],
    announcePort: values['cluster-announce-port'],
    announceTlsPort: values['cluster-announce-tls-port'],
    announceBusPort: values['cluster-announce-bus-port'],
    announceHostname: values['cluster-announce-hostname'],
    preferredEndpointType: values['cluster-preferred-endpoint-type'],
    nodeTimeout: values['cluster-node-timeout'],
    requireFullCoverage: values['cluster-require-full-coverage'],
    allowReadsWhenDown: values['cluster-allow-reads-when-down'],
    allowPubsubShardWhenDown: values['cluster-allow-pubsubshard-when-down'],
    allowReplicaMigration: values['cluster-allow-replica-migration'],
    migrationBarrier: values['cluster-migration-barrier'],
    replicaNoFailover: values['cluster-replica-no-failover'],
    replicaValidityFactor: values['cluster-replica-validity-factor'],
    replicaPingPeriod: values['repl-ping-replica-period'],
    linkSendBufferLimit: values['cluster-link-sendbuf-limit'],
  };
}
