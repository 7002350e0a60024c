/**
 * Every directive of Redis 7.0's configuration, as data: kind, default, range, whether it can change at run time,
 * older names. A name is spelled exactly as in redis.conf, in the table, in `config.values['cluster-node-timeout']`
 * and in the file.
 *
 * Some directives concern machinery that Hexis doesn't have (I/O threads, jemalloc, active defragmentation, CPU
 * lists …). They are accepted, kept and shown, so that configuration files and tools work unchanged, and do nothing.
 *
 * Two defaults differ from Redis's: `bind` is loopback only, so that a node nobody configured can't be reached from
 * elsewhere, and `repl-diskless-sync-delay` is 0.
 */
import {
  anyOf,
  clamped,
  type Directive,
  INT_MAX,
  integer,
  LONG_MAX,
  memory,
  memoryOrPercent,
  octal,
  oneOf,
  optionalText,
  text,
  UINT_MAX,
  ULONG_MAX,
  yesNo,
} from './kinds.js';
import {
  addresses,
  directory,
  eventClasses,
  oomScores,
  outputLimits,
  percentiles,
  replicaOf,
  savePoints,
} from './special.js';

const MB = 1024 * 1024;
const START = { immutable: true } as const;
const HIDDEN = { hidden: true } as const;
const SECRET = { sensitive: true } as const;
const ALLOWED = ['no', 'yes', 'local'] as const;
const SHUTDOWN = ['default', 'save', 'nosave', 'now', 'force'] as const;

export const DIRECTIVES = {
  // The network.
  bind: addresses(['127.0.0.1', '-::1']),
  'bind-source-addr': optionalText(),
  port: integer(6379, 0, 65535),
  unixsocket: optionalText(START),
  unixsocketperm: octal(0, 0o777, START),
  'protected-mode': yesNo(true),
  'tcp-backlog': integer(511, 0, INT_MAX, START),
  'tcp-keepalive': integer(300, 0, INT_MAX),
  'socket-mark-id': integer(0, 0, UINT_MAX, START),
  timeout: integer(0, 0, INT_MAX),
  maxclients: integer(10_000, 1, UINT_MAX),
  'io-threads': integer(1, 1, 128, START),
  'io-threads-do-reads': yesNo(false, START),
  'client-query-buffer-limit': memory(1024 * MB, MB, LONG_MAX),
  'client-output-buffer-limit': outputLimits({
    normal: { hard: 0, soft: 0, seconds: 0 },
    replica: { hard: 256 * MB, soft: 64 * MB, seconds: 60 },
    pubsub: { hard: 32 * MB, soft: 8 * MB, seconds: 60 },
  }),
  'maxmemory-clients': memoryOrPercent(0),
  'proto-max-bulk-len': memory(512 * MB, MB, LONG_MAX),
  'tracking-table-max-keys': integer(1_000_000, 0, LONG_MAX),

  // TLS.
  'tls-port': integer(0, 0, 65535),
  'tls-cert-file': optionalText(),
  'tls-key-file': optionalText(),
  'tls-key-file-pass': optionalText(),
  'tls-client-cert-file': optionalText(),
  'tls-client-key-file': optionalText(),
  'tls-client-key-file-pass': optionalText(),
  'tls-dh-params-file': optionalText(),
  'tls-ca-cert-file': optionalText(),
  'tls-ca-cert-dir': optionalText(),
  'tls-auth-clients': oneOf(['no', 'yes', 'optional'], 'yes'),
  'tls-replication': yesNo(false),
  'tls-cluster': yesNo(false),
  'tls-protocols': optionalText(),
  'tls-ciphers': optionalText(),
  'tls-ciphersuites': optionalText(),
  'tls-prefer-server-ciphers': yesNo(false),
  'tls-session-caching': yesNo(true),
  'tls-session-cache-size': integer(20 * 1024, 0, INT_MAX),
  'tls-session-cache-timeout': integer(300, 0, INT_MAX),

  // The process.
  daemonize: yesNo(false, START),
  supervised: oneOf(['upstart', 'systemd', 'auto', 'no'], 'no', START),
  pidfile: optionalText(START),
  loglevel: oneOf(['debug', 'verbose', 'notice', 'warning'], 'notice'),
  logfile: text('', START),
  'syslog-enabled': yesNo(false, START),
  'syslog-ident': text('redis', START),
  'syslog-facility': oneOf(
    ['user', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
    'local0',
    START,
  ),
  databases: integer(16, 1, INT_MAX, START),
  'always-show-logo': yesNo(false, START),
  'set-proc-title': yesNo(true, START),
  'proc-title-template': text('{title} {listen-addr} {server-mode}', { check: titleTemplate }),
  'crash-log-enabled': yesNo(true),
  'crash-memcheck-enabled': yesNo(true),
  'use-exit-on-panic': yesNo(false, HIDDEN),
  'disable-thp': yesNo(true, START),
  'oom-score-adj': oneOf(['no', 'yes', 'relative', 'absolute'], 'no'),
  'oom-score-adj-values': oomScores([0, 200, 800]),
  server_cpulist: optionalText(START),
  bio_cpulist: optionalText(START),
  aof_rewrite_cpulist: optionalText(START),
  bgsave_cpulist: optionalText(START),
  'ignore-warnings': text(''),
  'watchdog-period': integer(0, 0, INT_MAX, HIDDEN),
  'shutdown-timeout': integer(10, 0, INT_MAX),
  'shutdown-on-sigint': anyOf(SHUTDOWN, shutdownOptions),
  'shutdown-on-sigterm': anyOf(SHUTDOWN, shutdownOptions),
  hz: clamped(10, 1, 500),
  'dynamic-hz': yesNo(true),

  // Security.
  requirepass: optionalText(SECRET),
  aclfile: text('', START),
  'acl-pubsub-default': oneOf(['allchannels', 'resetchannels'], 'resetchannels'),
  'acllog-max-len': integer(128, 0, LONG_MAX),
  'enable-protected-configs': oneOf(ALLOWED, 'no', START),
  'enable-debug-command': oneOf(ALLOWED, 'no', START),
  'enable-module-command': oneOf(ALLOWED, 'no', START),
  'sanitize-dump-payload': oneOf(['no', 'yes', 'clients'], 'no'),

  // Memory.
  maxmemory: memory(0, 0, ULONG_MAX),
  'maxmemory-policy': oneOf(
    [
      'volatile-lru',
      'volatile-lfu',
      'volatile-random',
      'volatile-ttl',
      'allkeys-lru',
      'allkeys-lfu',
      'allkeys-random',
      'noeviction',
    ],
    'noeviction',
  ),
  'maxmemory-samples': integer(5, 1, INT_MAX),
  'maxmemory-eviction-tenacity': integer(10, 0, 100),
  'lfu-log-factor': integer(10, 0, INT_MAX),
  'lfu-decay-time': integer(1, 0, INT_MAX),
  'active-expire-effort': integer(1, 1, 10),
  activerehashing: yesNo(true),
  'lazyfree-lazy-eviction': yesNo(false),
  'lazyfree-lazy-expire': yesNo(false),
  'lazyfree-lazy-server-del': yesNo(false),
  'lazyfree-lazy-user-del': yesNo(false),
  'lazyfree-lazy-user-flush': yesNo(false),
  'jemalloc-bg-thread': yesNo(true),
  activedefrag: yesNo(false),
  'active-defrag-ignore-bytes': memory(100 * MB, 1, LONG_MAX),
  'active-defrag-threshold-lower': integer(10, 0, 1000),
  'active-defrag-threshold-upper': integer(100, 0, 1000),
  'active-defrag-cycle-min': integer(1, 1, 99),
  'active-defrag-cycle-max': integer(25, 1, 99),
  'active-defrag-max-scan-fields': integer(1000, 1, LONG_MAX),

  // The shape of values.
  'hash-max-listpack-entries': integer(512, 0, LONG_MAX, { alias: 'hash-max-ziplist-entries' }),
  'hash-max-listpack-value': memory(64, 0, LONG_MAX, { alias: 'hash-max-ziplist-value' }),
  'list-max-listpack-size': integer(-2, -(2 ** 31), INT_MAX, { alias: 'list-max-ziplist-size' }),
  'list-compress-depth': integer(0, 0, INT_MAX),
  'set-max-intset-entries': integer(512, 0, LONG_MAX),
  'zset-max-listpack-entries': integer(128, 0, LONG_MAX, { alias: 'zset-max-ziplist-entries' }),
  'zset-max-listpack-value': memory(64, 0, LONG_MAX, { alias: 'zset-max-ziplist-value' }),
  'hll-sparse-max-bytes': memory(3000, 0, LONG_MAX),
  'stream-node-max-bytes': memory(4096, 0, LONG_MAX),
  'stream-node-max-entries': integer(100, 0, LONG_MAX),

  // Scripts, events, watching.
  'busy-reply-threshold': integer(5000, 0, LONG_MAX, { alias: 'lua-time-limit' }),
  'notify-keyspace-events': eventClasses(),
  'slowlog-log-slower-than': integer(10_000, -1, LONG_MAX),
  'slowlog-max-len': integer(128, 0, LONG_MAX),
  'latency-monitor-threshold': integer(0, 0, LONG_MAX),
  'latency-tracking': yesNo(true),
  'latency-tracking-info-percentiles': percentiles([50, 99, 99.9]),

  // Snapshots.
  dir: directory({ protected: true, notWhileLoading: true }),
  save: savePoints([
    { seconds: 3600, changes: 1 },
    { seconds: 300, changes: 100 },
    { seconds: 60, changes: 10_000 },
  ]),
  dbfilename: text('dump.rdb', { protected: true, check: fileName('dbfilename', 'filename', true) }),
  rdbchecksum: yesNo(true, START),
  rdbcompression: yesNo(true),
  'rdb-del-sync-files': yesNo(false),
  'rdb-save-incremental-fsync': yesNo(true),
  'stop-writes-on-bgsave-error': yesNo(true),
  'rdb-key-save-delay': integer(0, -(2 ** 31), INT_MAX, HIDDEN),
  'key-load-delay': integer(0, -(2 ** 31), INT_MAX, HIDDEN),
  'loading-process-events-interval-bytes': integer(2 * MB, 1024, INT_MAX, HIDDEN),

  // The append-only file.
  appendonly: yesNo(false, { notWhileLoading: true }),
  appendfilename: text('appendonly.aof', { ...START, check: fileName('appendfilename', 'filename', false) }),
  appenddirname: text('appendonlydir', { ...START, check: fileName('appenddirname', 'dirname', false) }),
  appendfsync: oneOf(['everysec', 'always', 'no'], 'everysec'),
  'no-appendfsync-on-rewrite': yesNo(false),
  'auto-aof-rewrite-percentage': integer(100, 0, INT_MAX),
  'auto-aof-rewrite-min-size': memory(64 * MB, 0, LONG_MAX),
  'aof-load-truncated': yesNo(true),
  'aof-use-rdb-preamble': yesNo(true),
  'aof-timestamp-enabled': yesNo(false),
  'aof-rewrite-incremental-fsync': yesNo(true),
  'aof-disable-auto-gc': yesNo(false),

  // Replication.
  replicaof: replicaOf({ ...START, alias: 'slaveof' }),
  masteruser: optionalText(SECRET),
  masterauth: optionalText(SECRET),
  'replica-serve-stale-data': yesNo(true, { alias: 'slave-serve-stale-data' }),
  'replica-read-only': yesNo(true, { alias: 'slave-read-only' }),
  'replica-ignore-maxmemory': yesNo(true, { alias: 'slave-ignore-maxmemory' }),
  'replica-lazy-flush': yesNo(false, { alias: 'slave-lazy-flush' }),
  'replica-priority': integer(100, 0, INT_MAX, { alias: 'slave-priority' }),
  'replica-announced': yesNo(true),
  'replica-announce-ip': optionalText({ alias: 'slave-announce-ip' }),
  'replica-announce-port': integer(0, 0, 65535, { alias: 'slave-announce-port' }),
  'replica-ignore-disk-write-errors': yesNo(false),
  'propagation-error-behavior': oneOf(['ignore', 'panic', 'panic-on-replicas'], 'ignore'),
  'repl-timeout': integer(60, 1, INT_MAX),
  'repl-ping-replica-period': integer(10, 1, INT_MAX, { alias: 'repl-ping-slave-period' }),
  'repl-disable-tcp-nodelay': yesNo(false),
  'repl-diskless-sync': yesNo(true),
  // Redis waits 5 seconds for more replicas, because a fork is dear; a snapshot here needs none.
  'repl-diskless-sync-delay': integer(0, 0, INT_MAX),
  'repl-diskless-sync-max-replicas': integer(0, 0, INT_MAX),
  'repl-diskless-load': oneOf(['disabled', 'on-empty-db', 'swapdb'], 'disabled', { notWhileLoading: true }),
  'repl-backlog-size': memory(MB, 1, LONG_MAX),
  'repl-backlog-ttl': integer(3600, 0, LONG_MAX),
  'min-replicas-to-write': integer(0, 0, INT_MAX, { alias: 'min-slaves-to-write' }),
  'min-replicas-max-lag': integer(10, 0, INT_MAX, { alias: 'min-slaves-max-lag' }),

  // The cluster.
  'cluster-enabled': yesNo(false, START),
  'cluster-config-file': text('nodes.conf', START),
  'cluster-node-timeout': integer(15_000, 0, LONG_MAX),
  'cluster-port': integer(0, 0, 65535, START),
  'cluster-announce-ip': optionalText(),
  'cluster-announce-hostname': optionalText({ check: hostname }),
  'cluster-announce-port': integer(0, 0, 65535),
  'cluster-announce-tls-port': integer(0, 0, 65535),
  'cluster-announce-bus-port': integer(0, 0, 65535),
  'cluster-preferred-endpoint-type': oneOf(['ip', 'hostname', 'unknown-endpoint'], 'ip'),
  'cluster-require-full-coverage': yesNo(true),
  'cluster-migration-barrier': integer(1, 0, INT_MAX),
  'cluster-allow-replica-migration': yesNo(true),
  'cluster-replica-validity-factor': integer(10, 0, INT_MAX, { alias: 'cluster-slave-validity-factor' }),
  'cluster-replica-no-failover': yesNo(false, { alias: 'cluster-slave-no-failover' }),
  'cluster-allow-reads-when-down': yesNo(false),
  'cluster-allow-pubsubshard-when-down': yesNo(true),
  'cluster-link-sendbuf-limit': memory(0, 0, ULONG_MAX),
} as const satisfies Readonly<Record<string, Directive<unknown>>>;

/** The name of a directive. */
export type Name = keyof typeof DIRECTIVES;

/** What each directive is set to, for those who act on it. */
export type Values = {
  -readonly [N in Name]: (typeof DIRECTIVES)[N] extends Directive<infer T> ? T : never;
};

/** Directives of former versions, which Redis 7 reads and ignores in files. */
export const IGNORED = new Set([
  'list-max-ziplist-entries',
  'list-max-ziplist-value',
  'lua-replicate-commands',
]);

function fileName(name: string, kind: string, mayBeEmpty: boolean) {
  return (value: string): string | undefined => {
    if (value === '' && !mayBeEmpty) return `${name} can't be empty`;
    return /[/\\]/.test(value) ? `${name} can't be a path, just a ${kind}` : undefined;
  };
}

function hostname(value: string): string | undefined {
  if (value.length >= 256) return 'Hostnames must be less than 256 characters';
  if (!/^[A-Za-z0-9.-]*$/.test(value)) {
    return 'Hostnames may only contain alphanumeric characters, hyphens or dots';
  }
  return undefined;
}

function shutdownOptions(chosen: readonly string[]): string | undefined {
  return chosen.includes('save') && chosen.includes('nosave')
    ? "shutdown options SAVE and NOSAVE can't be used simultaneously"
    : undefined;
}

function titleTemplate(value: string): string | undefined {
  const rest = value
    .replaceAll('{{', '')
    .replace(/\{(title|listen-addr|server-mode|port|tls-port|unixsocket|config-file)\}/g, 'x');
  return rest.trim() === '' || rest.includes('{')
    ? 'template format is invalid or contains unknown variables'
    : undefined;
}
