/**
 * INFO's text, with the sections, fields and formats of Redis 7.0: monitoring tools, clients and Redis's own test
 * suites read these lines. Fields of machinery that Hexis doesn't have (fork, jemalloc, I/O threads, active
 * defragmentation) are there with the value that says so.
 *
 * Everything comes from `InfoSource`, which the node is (see info-source.ts): nothing here counts.
 */
import type { MemoryReport } from '../../commands/facilities/monitoring.js';
import type { CommandTable } from '../../commands/table.js';
import type { Keyspace } from '../../keyspace/keyspace.js';
import type { Backlog } from '../../replication/backlog.js';
import type { Config } from '../config/index.js';
import type { Platform } from '../host.js';
import { HEXIS_VERSION, REDIS_VERSION } from '../version.js';
import type { Counters, Rates } from './rates.js';
import type { Statistics } from './statistics.js';

export interface InfoSource {
  readonly config: Config;
  readonly statistics: Statistics;
  readonly rates: Rates;
  readonly keyspace: Keyspace;
  readonly commands: CommandTable;
  /** Wall clock, milliseconds since 1970. */
  readonly now: number;
  readonly processId: number;
  readonly platform: Platform;
  /** 40 hexadecimal digits, new at every start. */
  readonly runId: string;
  /** Milliseconds that a shutdown still waits for replicas at most, -1 when none is under way. */
  readonly shutdownIn: number;
  /** CPU time of the process. */
  readonly usage: { readonly systemSeconds: number; readonly userSeconds: number };
  readonly memory: MemoryReport;
  readonly clients: {
    readonly connected: number;
    readonly blocked: number;
    /** Clients that cache. */
    readonly tracking: number;
    readonly clusterConnections: number;
    /** The largest buffers of any client lately. */
    readonly recentPeak: { readonly input: number; readonly output: number };
  };
  readonly messaging: {
    readonly channels: number;
    readonly patterns: number;
    readonly shardChannels: number;
    readonly trackedKeys: number;
    readonly trackedItems: number;
    readonly trackedPrefixes: number;
  };
  readonly replication: ReplicationInfo;
  /** Connections to targets of MIGRATE that are kept. */
  readonly migrationLinks: number;
  readonly persistence: PersistenceInfo;
  readonly scripting: ScriptingInfo;
}

export interface ScriptingInfo {
  /** Cached scripts, functions, libraries. */
  readonly scripts: number;
  readonly functions: number;
  readonly libraries: number;
  /** What Lua holds for scripts, and for functions. */
  readonly evaluationBytes: number;
  readonly functionBytes: number;
}

export interface ReplicationInfo {
  readonly master: MasterInfo | null;
  readonly replicas: readonly {
    readonly address: string;
    readonly port: number;
    readonly state: 'wait_bgsave' | 'send_bulk' | 'online';
    readonly offset: number;
    /** Seconds since it was last heard of. */
    readonly lag: number;
  }[];
  /** Since the start, or since CONFIG RESETSTAT. */
  readonly served: {
    readonly fullSyncs: number;
    readonly partialSyncs: number;
    readonly refusedPartialSyncs: number;
    readonly sentBytes: number;
  };
  /** From the master. */
  readonly receivedBytes: number;
  readonly failoverState: string;
  readonly id: string;
  readonly secondId: string;
  readonly offset: number;
  readonly secondOffset: number;
  /** Null without a backlog. */
  readonly backlog: Pick<Backlog, 'start' | 'length'> | null;
}

/** A replica's view of its master. Times in seconds, -1 for never. */
export interface MasterInfo {
  readonly host: string;
  readonly port: number;
  readonly linkUp: boolean;
  readonly lastHeard: number;
  /** The snapshot that is on its way, if one is, and how long ago the last of it came. */
  readonly transfer:
    | { readonly received: number; readonly size: number; readonly lastHeard: number }
    | undefined;
  readonly readOffset: number;
  readonly offset: number;
  readonly downFor: number;
}

/** Times in seconds since 1970 or durations in seconds, -1 for none. */
export interface PersistenceInfo {
  readonly loading: boolean;
  /** Newer data arrives beside what is served. */
  readonly loadingBesides: boolean;
  readonly lastSave: number;
  readonly lastSaveOk: boolean;
  readonly lastSaveSeconds: number;
  readonly saveRunningSeconds: number;
  readonly saves: number;
  /** Of the BGSAVE or rewrite that is running: keys written, and how many there are to be. */
  readonly saving: { readonly keys: number; readonly total: number } | null;
  /** By the last dump that was loaded. */
  readonly keysLoaded: number;
  readonly keysExpired: number;
  /** While data is being loaded: since when, how far, and the seconds that are left. */
  readonly progress: {
    readonly startedAt: number;
    readonly totalBytes: number;
    readonly loadedBytes: number;
    readonly usedMemory: number;
    readonly secondsLeft: number;
  } | null;
  readonly appendOnly: {
    readonly enabled: boolean;
    readonly rewriteRunning: boolean;
    readonly rewriteScheduled: boolean;
    readonly lastRewriteSeconds: number;
    readonly rewriteRunningSeconds: number;
    readonly lastRewriteOk: boolean;
    readonly rewrites: number;
    readonly lastWriteOk: boolean;
    readonly currentSize: number;
    readonly baseSize: number;
    readonly bufferBytes: number;
  };
}

type Field = readonly [name: string, value: string | number];
type Section = readonly [name: string, title: string, fields: (source: InfoSource) => Field[]];

const SECTIONS: readonly Section[] = [
  ['server', 'Server', server],
  ['clients', 'Clients', clients],
  ['memory', 'Memory', memory],
  ['persistence', 'Persistence', persistence],
  ['stats', 'Stats', stats],
  ['replication', 'Replication', replication],
  ['cpu', 'CPU', cpu],
  ['modules', 'Modules', () => []],
  ['commandstats', 'Commandstats', commandStats],
  ['errorstats', 'Errorstats', errorStats],
  ['latencystats', 'Latencystats', latencyStats],
  ['cluster', 'Cluster', ({ config }) => [['cluster_enabled', flag(config.values['cluster-enabled'])]]],
  ['keyspace', 'Keyspace', keyspace],
];

/** Left out unless asked for. */
const EXTRA = new Set(['commandstats', 'latencystats']);

/** The sections' text; `default` for none named. Names that aren't sections are ignored. */
export function infoText(names: readonly string[], source: InfoSource): string {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const all = wanted.has('all') || wanted.has('everything');
  const byDefault = wanted.size === 0 || wanted.has('default');
  if (wanted.has('module_list')) wanted.add('modules');
  return SECTIONS.filter(([name]) => all || wanted.has(name) || (byDefault && !EXTRA.has(name)))
    .map(([, title, fields]) => {
      const lines = fields(source).map(([name, value]) => `${name}:${value}\r\n`);
      return `# ${title}\r\n${lines.join('')}`;
    })
    .join('\r\n');
}

function flag(value: boolean): number {
  return value ? 1 : 0;
}

/** A number of bytes for people: `512B`, `1.50K`, `2.00G`. */
export function humanBytes(bytes: number): string {
  let unit = -1;
  for (; bytes >= 1024 && unit < 4; unit++) bytes /= 1024;
  return unit < 0 ? `${bytes}B` : `${bytes.toFixed(2)}${'KMGTP'[unit]}`;
}

/** The field and its twin for people. */
function bytesField(name: string, bytes: number): Field[] {
  return [
    [name, bytes],
    [`${name}_human`, humanBytes(bytes)],
  ];
}

function percent(part: number, whole: number): string {
  return `${(whole === 0 ? 0 : (part / whole) * 100).toFixed(2)}%`;
}

function zeros(...names: string[]): Field[] {
  return names.map((name) => [name, 0]);
}

function server({ config, statistics, now, processId, platform, runId, shutdownIn }: InfoSource): Field[] {
  const { values } = config;
  const uptime = Math.floor((now - statistics.startedAt) / 1000);
  return [
    ['redis_version', REDIS_VERSION],
    ['redis_git_sha1', '00000000'],
    ['redis_git_dirty', 0],
    ['redis_build_id', '0'],
    ['redis_mode', values['cluster-enabled'] ? 'cluster' : 'standalone'],
    ['hexis_version', HEXIS_VERSION],
    ['os', platform.system],
    ['arch_bits', 64],
    ['multiplexing_api', 'libuv'],
    ['process_id', processId],
    ['process_supervised', values.supervised],
    ['run_id', runId],
    ['tcp_port', values.port],
    ['server_time_usec', Math.floor(now * 1000)],
    ['uptime_in_seconds', uptime],
    ['uptime_in_days', Math.floor(uptime / 86_400)],
    ['hz', values.hz],
    ['configured_hz', values.hz],
    ['lru_clock', Math.floor(now / 1000) & 0xffffff],
    ['executable', platform.executable],
    ['config_file', config.store?.path ?? ''],
    ['io_threads_active', 0],
    ...(shutdownIn < 0 ? [] : [['shutdown_in_milliseconds', Math.floor(shutdownIn)] as const]),
  ];
}

function clients({ clients: facts, config }: InfoSource): Field[] {
  return [
    ['connected_clients', facts.connected],
    ['cluster_connections', facts.clusterConnections],
    ['maxclients', config.values.maxclients],
    ['client_recent_max_input_buffer', facts.recentPeak.input],
    ['client_recent_max_output_buffer', facts.recentPeak.output],
    ['blocked_clients', facts.blocked],
    ['tracking_clients', facts.tracking],
    ['clients_in_timeout_table', 0],
  ];
}

function memory({
  config,
  keyspace: { disposal },
  memory: report,
  platform,
  scripting,
}: InfoSource): Field[] {
  const { values } = config;
  const { used, overhead, peak, resident, arenaUsed, arenaReserved, backlog, unsent } = report;
  const ratio = (a: number, b: number) => (b === 0 ? 0 : a / b).toFixed(2);
  return [
    ...bytesField('used_memory', used),
    ...bytesField('used_memory_rss', resident),
    ...bytesField('used_memory_peak', peak),
    ['used_memory_peak_perc', percent(used, peak)],
    ['used_memory_overhead', overhead],
    ['used_memory_startup', 0],
    ['used_memory_dataset', used - overhead],
    ['used_memory_dataset_perc', percent(used - overhead, used)],
    ['allocator_allocated', arenaUsed],
    ['allocator_active', arenaReserved],
    ['allocator_resident', arenaReserved],
    ...bytesField('total_system_memory', platform.memoryBytes),
    ['used_memory_lua', scripting.evaluationBytes],
    ['used_memory_vm_eval', scripting.evaluationBytes],
    ['used_memory_lua_human', humanBytes(scripting.evaluationBytes)],
    ['used_memory_scripts_eval', 0],
    ['number_of_cached_scripts', scripting.scripts],
    ['number_of_functions', scripting.functions],
    ['number_of_libraries', scripting.libraries],
    ['used_memory_vm_functions', scripting.functionBytes],
    ...bytesField('used_memory_vm_total', scripting.evaluationBytes + scripting.functionBytes),
    ['used_memory_functions', 0],
    ...bytesField('used_memory_scripts', 0),
    ...bytesField('maxmemory', values.maxmemory),
    ['maxmemory_policy', values['maxmemory-policy']],
    ['allocator_frag_ratio', ratio(arenaReserved, arenaUsed)],
    ['allocator_frag_bytes', arenaReserved - arenaUsed],
    ['allocator_rss_ratio', '1.00'],
    ['allocator_rss_bytes', 0],
    ['rss_overhead_ratio', ratio(resident, arenaReserved)],
    ['rss_overhead_bytes', resident - arenaReserved],
    ['mem_fragmentation_ratio', ratio(resident, used)],
    ['mem_fragmentation_bytes', resident - used],
    ['mem_not_counted_for_evict', unsent + report.appendBuffer],
    ['mem_replication_backlog', backlog],
    ['mem_total_replication_buffers', backlog + unsent],
    ['mem_clients_slaves', unsent],
    ['mem_clients_normal', report.clientBuffers],
    ['mem_cluster_links', report.clusterLinks],
    ['mem_aof_buffer', report.appendBuffer],
    ['mem_allocator', 'hexis-arena'],
    ['active_defrag_running', 0],
    ['lazyfree_pending_objects', disposal.pendingObjects],
    ['lazyfreed_objects', disposal.freedObjects],
  ];
}

function persistence({ persistence: facts, statistics }: InfoSource): Field[] {
  const { appendOnly } = facts;
  const saving = facts.saving ?? { keys: 0, total: 0 };
  const status = (ok: boolean) => (ok ? 'ok' : 'err');
  return [
    ['loading', flag(facts.loading)],
    ['async_loading', flag(facts.loadingBesides)],
    ...zeros('current_cow_peak', 'current_cow_size', 'current_cow_size_age'),
    ['current_fork_perc', ((100 * saving.keys) / (saving.total || 1)).toFixed(2)],
    ['current_save_keys_processed', saving.keys],
    ['current_save_keys_total', saving.total],
    ['rdb_changes_since_last_save', statistics.dirty],
    ['rdb_bgsave_in_progress', flag(facts.saveRunningSeconds >= 0)],
    ['rdb_last_save_time', facts.lastSave],
    ['rdb_last_bgsave_status', status(facts.lastSaveOk)],
    ['rdb_last_bgsave_time_sec', facts.lastSaveSeconds],
    ['rdb_current_bgsave_time_sec', facts.saveRunningSeconds],
    ['rdb_saves', facts.saves],
    ['rdb_last_cow_size', 0],
    ['rdb_last_load_keys_expired', facts.keysExpired],
    ['rdb_last_load_keys_loaded', facts.keysLoaded],
    ['aof_enabled', flag(appendOnly.enabled)],
    ['aof_rewrite_in_progress', flag(appendOnly.rewriteRunning)],
    ['aof_rewrite_scheduled', flag(appendOnly.rewriteScheduled)],
    ['aof_last_rewrite_time_sec', appendOnly.lastRewriteSeconds],
    ['aof_current_rewrite_time_sec', appendOnly.rewriteRunningSeconds],
    ['aof_last_bgrewrite_status', status(appendOnly.lastRewriteOk)],
    ['aof_rewrites', appendOnly.rewrites],
    ['aof_rewrites_consecutive_failures', 0],
    ['aof_last_write_status', status(appendOnly.lastWriteOk)],
    ...zeros('aof_last_cow_size', 'module_fork_in_progress', 'module_fork_last_cow_size'),
    ...(appendOnly.enabled ? appendOnlyFields(appendOnly) : []),
    ...(facts.progress === null ? [] : loadingFields(facts.progress)),
  ];
}

function loadingFields(progress: NonNullable<PersistenceInfo['progress']>): Field[] {
  const { startedAt, totalBytes, loadedBytes, usedMemory, secondsLeft } = progress;
  return [
    ['loading_start_time', startedAt],
    ['loading_total_bytes', totalBytes],
    ['loading_rdb_used_mem', usedMemory],
    ['loading_loaded_bytes', loadedBytes],
    ['loading_loaded_perc', ((loadedBytes / Math.max(1, totalBytes)) * 100).toFixed(2)],
    ['loading_eta_seconds', secondsLeft],
  ];
}

function appendOnlyFields(appendOnly: PersistenceInfo['appendOnly']): Field[] {
  return [
    ['aof_current_size', appendOnly.currentSize],
    ['aof_base_size', appendOnly.baseSize],
    ['aof_pending_rewrite', flag(appendOnly.rewriteScheduled)],
    ['aof_buffer_length', appendOnly.bufferBytes],
    ...zeros('aof_pending_bio_fsync', 'aof_delayed_fsync'),
  ];
}

function stats(source: InfoSource): Field[] {
  const {
    statistics,
    rates,
    keyspace: data,
    messaging: messages,
    migrationLinks,
    replication: replicated,
  } = source;
  const { served } = replicated;
  const kilobytes = (counter: keyof Counters) => (rates.perSecond(counter) / 1024).toFixed(2);
  return [
    ['total_connections_received', statistics.connectionsReceived],
    ['total_commands_processed', statistics.commandsProcessed],
    ['instantaneous_ops_per_sec', Math.round(rates.perSecond('commands'))],
    ['total_net_input_bytes', statistics.inputBytes + replicated.receivedBytes],
    ['total_net_output_bytes', statistics.outputBytes + served.sentBytes],
    ['total_net_repl_input_bytes', replicated.receivedBytes],
    ['total_net_repl_output_bytes', served.sentBytes],
    ['instantaneous_input_kbps', kilobytes('inputBytes')],
    ['instantaneous_output_kbps', kilobytes('outputBytes')],
    ['instantaneous_input_repl_kbps', kilobytes('replicaInputBytes')],
    ['instantaneous_output_repl_kbps', kilobytes('replicaOutputBytes')],
    ['rejected_connections', statistics.rejectedConnections],
    ['sync_full', served.fullSyncs],
    ['sync_partial_ok', served.partialSyncs],
    ['sync_partial_err', served.refusedPartialSyncs],
    ['expired_keys', data.expiredKeys],
    ['expired_stale_perc', '0.00'],
    ...zeros('expired_time_cap_reached_count', 'expire_cycle_cpu_milliseconds'),
    ['evicted_keys', statistics.evictedKeys],
    ['evicted_clients', statistics.evictedClients],
    ...zeros('total_eviction_exceeded_time', 'current_eviction_exceeded_time'),
    ['keyspace_hits', data.hits],
    ['keyspace_misses', data.misses],
    ['pubsub_channels', messages.channels],
    ['pubsub_patterns', messages.patterns],
    ['pubsubshard_channels', messages.shardChannels],
    ['latest_fork_usec', 0],
    ['total_forks', statistics.snapshots],
    ['migrate_cached_sockets', migrationLinks],
    ['slave_expires_tracked_keys', data.ownExpiries?.size ?? 0],
    ...zeros(
      'active_defrag_hits',
      'active_defrag_misses',
      'active_defrag_key_hits',
      'active_defrag_key_misses',
    ),
    ...zeros('total_active_defrag_time', 'current_active_defrag_time'),
    ['tracking_total_keys', messages.trackedKeys],
    ['tracking_total_items', messages.trackedItems],
    ['tracking_total_prefixes', messages.trackedPrefixes],
    ['unexpected_error_replies', statistics.unexpectedErrors],
    ['total_error_replies', statistics.errorReplies],
    ...zeros('dump_payload_sanitizations'),
    ['total_reads_processed', statistics.reads],
    ['total_writes_processed', statistics.writes],
    ...zeros('io_threaded_reads_processed', 'io_threaded_writes_processed'),
    ...zeros('reply_buffer_shrinks', 'reply_buffer_expands'),
  ];
}

function replication({ replication: facts, config }: InfoSource): Field[] {
  const { values } = config;
  const { master, replicas, backlog } = facts;
  const maxLag = values['min-replicas-max-lag'];
  const good = replicas.filter(({ state, lag }) => state === 'online' && lag <= maxLag).length;
  return [
    ['role', master === null ? 'master' : 'slave'],
    ...(master === null ? [] : masterFields(master)),
    ...(master === null ? [] : replicaFields(config)),
    ['connected_slaves', replicas.length],
    ...(values['min-replicas-to-write'] > 0 && maxLag > 0 ? [['min_slaves_good_slaves', good] as const] : []),
    ...replicas.map(
      ({ address, port, state, offset, lag }, i): Field => [
        `slave${i}`,
        `ip=${address},port=${port},state=${state},offset=${offset},lag=${lag}`,
      ],
    ),
    ['master_failover_state', facts.failoverState],
    ['master_replid', facts.id],
    ['master_replid2', facts.secondId],
    ['master_repl_offset', facts.offset],
    ['second_repl_offset', facts.secondOffset],
    ['repl_backlog_active', flag(backlog !== null)],
    ['repl_backlog_size', values['repl-backlog-size']],
    ['repl_backlog_first_byte_offset', backlog === null ? 0 : backlog.start + 1],
    ['repl_backlog_histlen', backlog?.length ?? 0],
  ];
}

function masterFields(master: MasterInfo): Field[] {
  return [
    ['master_host', master.host],
    ['master_port', master.port],
    ['master_link_status', master.linkUp ? 'up' : 'down'],
    ['master_last_io_seconds_ago', master.lastHeard],
    ['master_sync_in_progress', flag(master.transfer !== undefined)],
    ['slave_read_repl_offset', master.readOffset],
    ['slave_repl_offset', master.offset],
    ...transferFields(master.transfer),
    ...(master.linkUp ? [] : [['master_link_down_since_seconds', master.downFor] as const]),
  ];
}

function transferFields(transfer: MasterInfo['transfer']): Field[] {
  if (transfer === undefined) return [];
  const { received, size, lastHeard } = transfer;
  return [
    ['master_sync_total_bytes', size],
    ['master_sync_read_bytes', received],
    ['master_sync_left_bytes', size - received],
    ['master_sync_perc', (size === 0 ? 0 : (received / size) * 100).toFixed(2)],
    ['master_sync_last_io_seconds_ago', lastHeard],
  ];
}

function replicaFields({ values }: Config): Field[] {
  return [
    ['slave_priority', values['replica-priority']],
    ['slave_read_only', flag(values['replica-read-only'])],
    ['replica_announced', flag(values['replica-announced'])],
  ];
}

function cpu({ usage: { systemSeconds, userSeconds } }: InfoSource): Field[] {
  return [
    ['used_cpu_sys', systemSeconds.toFixed(6)],
    ['used_cpu_user', userSeconds.toFixed(6)],
    ['used_cpu_sys_children', '0.000000'],
    ['used_cpu_user_children', '0.000000'],
    ['used_cpu_sys_main_thread', systemSeconds.toFixed(6)],
    ['used_cpu_user_main_thread', userSeconds.toFixed(6)],
  ];
}

function commandStats({ commands, statistics }: InfoSource): Field[] {
  const fields: Field[] = [];
  for (const { id, fullName } of commands.all) {
    const calls = statistics.calls[id];
    const rejected = statistics.rejected[id];
    const failed = statistics.failed[id];
    if (calls === 0 && rejected === 0 && failed === 0) continue;
    const time = statistics.microseconds[id];
    const each = calls === 0 ? 0 : time / calls;
    fields.push([
      `cmdstat_${fullName}`,
      `calls=${calls},usec=${Math.floor(time)},usec_per_call=${each.toFixed(2)},rejected_calls=${rejected},failed_calls=${failed}`,
    ]);
  }
  return fields;
}

function latencyStats({ commands, statistics, config: { values } }: InfoSource): Field[] {
  if (!values['latency-tracking']) return [];
  const percentiles = values['latency-tracking-info-percentiles'];
  return commands.all.flatMap(({ id, fullName }): Field[] => {
    const times = statistics.times[id];
    if (times === undefined) return [];
    const texts = percentiles.map((percentile) => {
      const name = Number(percentile.toFixed(6));
      return `p${name}=${(times.percentile(percentile) / 1000).toFixed(3)}`;
    });
    return [[`latency_percentiles_usec_${fullName}`, texts.join(',')]];
  });
}

function errorStats({ statistics }: InfoSource): Field[] {
  return [...statistics.errors].sort(byName).map(([code, count]) => [`errorstat_${code}`, `count=${count}`]);
}

function byName([a]: [string, number], [b]: [string, number]): number {
  return a < b ? -1 : 1;
}

function keyspace({ keyspace: { databases } }: InfoSource): Field[] {
  return databases
    .filter((db) => db.size > 0)
    .map((db): Field => [`db${db.index}`, `keys=${db.size},expires=${db.expiries.size},avg_ttl=0`]);
}
