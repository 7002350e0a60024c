/**
 * The node's facilities as commands may use them. Each interface is as narrow as its commands need; `node/`
 * implements them. Facilities that are absent (no cluster mode …) are null, and the commands say so in Redis's
 * words.
 */
import type { Ref } from '../keyspace/arena.js';
import type { Database } from '../keyspace/database.js';
import type { Bytes } from '../protocol/bytes.js';
import type { ClusterFacility } from './cluster-facility.js';
import type { Command } from './command.js';
import type { CommandTable } from './table.js';

/** A client connection. */
export interface SessionView {
  readonly id: number;
  /** Whether the connection comes from this machine. */
  readonly isLocal: boolean;
  name: string;
  /** Selected database. */
  database: number;
  /** Protocol version; HELLO changes it. */
  resp: 2 | 3;
  user: string;
  authenticated: boolean;
  /** READONLY: a replica in cluster mode may answer reads. */
  readonly: boolean;
  /** The next command may use an importing slot (ASKING). */
  asking: boolean;
  /** Between MULTI and EXEC. */
  readonly inTransaction: boolean;
  /** It listens to channels or patterns. */
  readonly isSubscriber: boolean;
  /** It is shown every command (MONITOR), or is a replica. */
  readonly isSpectator: boolean;
  /** CLIENT REPLY. */
  replyMode: 'on' | 'off' | 'skip-next' | 'skip';
  noEvict: boolean;
  libraryName?: string;
  /** Ends the connection once the replies written so far have been sent. */
  closeAfterReply(): void;
  /** Everything back to how a new connection is (RESET). */
  reset(): void;
}

export interface ConfigFacility {
  /** Directives whose name matches one of the glob patterns, with their values as CONFIG GET prints them. */
  get(patterns: readonly string[]): [name: string, value: string][];
  /** Sets all or none. Answers the complaint, in Redis's words, or undefined. */
  set(
    pairs: readonly (readonly [name: string, value: string])[],
    caller: { readonly isLocal: boolean },
  ): string | undefined;
  /** One directive's value, as text. */
  text(name: string): string;
  /** Writes the configuration back to its file. Answers the complaint or undefined. */
  rewrite(): string | undefined;
}

export interface ClientsFacility {
  /** A line for each client the filter picks, as CLIENT LIST prints it, line ends included. */
  list(filter?: (client: ClientView) => boolean): string;
  /** A client's line, without the line end. */
  describe(client: SessionView): string;
  /** Closes the clients the filter picks, the caller once it has its reply; answers how many. */
  kill(filter: (client: ClientView) => boolean, caller: SessionView): number;
  /** Commands (or only those that write) wait until the time, in milliseconds since 1970, has come. */
  pause(until: number, writesOnly: boolean): void;
  unpause(): void;
  has(id: number): boolean;
  /** The caller is as it was when it was new (RESET). */
  reset(caller: SessionView): void;
  /** Ends the wait of a blocked client, as if its time were up or with an error; answers whether there was one. */
  unblock(id: number, withError: boolean): boolean;
}

/** A client as the filters of CLIENT LIST and KILL see it. */
export interface ClientView extends SessionView {
  readonly address: string;
  readonly localAddress: string;
  readonly kind: 'normal' | 'master' | 'replica' | 'pubsub';
  readonly isCaller: boolean;
}

export interface ReplicationFacility {
  /** Waits until `replicas` replicas have all writes of the caller, or `timeout` milliseconds (0: for ever). */
  wait(replicas: number, timeout: number): void;
  /** REPLICAOF host port, or NO ONE. Answers what is wrong, or undefined. */
  replicaOf(host: string, port: number): string | undefined;
  replicaOfNoOne(): void;
  /** PSYNC and SYNC: the caller becomes a replica. */
  synchronise(replicationId: string | undefined, offset: number): void;
  /** REPLCONF option value from a replica; answers whether a reply is due. */
  configure(option: string, value: string): 'ok' | 'silent' | 'unrecognized';
  /** ROLE's answer, as plain data. */
  role(): RoleView;
}

export type RoleView =
  | {
      readonly role: 'master';
      readonly offset: number;
      readonly replicas: readonly { address: string; port: number; offset: number }[];
    }
  | {
      readonly role: 'slave';
      readonly host: string;
      readonly port: number;
      readonly state: string;
      readonly offset: number;
    };

export interface PersistenceFacility {
  /** SAVE: a snapshot now. Answers the complaint or undefined. */
  save(): string | undefined;
  /** BGSAVE. Answers the status line or an error. */
  backgroundSave(schedule: boolean): { status: string } | { error: string };
  /** BGREWRITEAOF. */
  rewriteAppendOnlyFile(): { status: string } | { error: string };
  /** Seconds since 1970 of the last good snapshot. */
  readonly lastSave: number;
}

/** MULTI and WATCH of the session being served. */
export interface TransactionsFacility {
  begin(): void;
  /** Runs what is queued and writes EXEC's reply. */
  execute(): void;
  discard(): void;
  watch(key: Bytes, start: number, end: number): void;
  unwatch(): void;
}

/** Channels, patterns of channels, and the channels of slots. */
export type SubscriptionKind = 'channel' | 'pattern' | 'shard';

/** Publish/subscribe. Names have one character per byte. */
export interface PubSubFacility {
  /** The caller listens to the name; this writes the reply. */
  subscribe(kind: SubscriptionKind, name: string): void;
  /** The caller stops listening; this writes the reply. */
  unsubscribe(kind: SubscriptionKind, name: string): void;
  /** The caller stops listening to everything of the kind; this writes the replies. */
  unsubscribeAll(kind: SubscriptionKind): void;
  /** Sends a message; answers how many listeners this node has for it. */
  publish(channel: Bytes, message: Bytes, sharded: boolean): number;
  /** The names that have listeners, or those of them that match a pattern. */
  names(kind: SubscriptionKind, pattern?: Bytes): string[];
  listeners(kind: SubscriptionKind, name: string): number;
  /** Number of names that have listeners. */
  count(kind: SubscriptionKind): number;
}

/** What CLIENT TRACKING asks for. */
export interface TrackingOptions {
  /** Number of the connection that gets the messages; 0: the caller's own. */
  readonly redirect: number;
  readonly broadcast: boolean;
  readonly optIn: boolean;
  readonly optOut: boolean;
  readonly noLoop: boolean;
  /** With `broadcast`: the beginnings of keys that matter. */
  readonly prefixes: readonly string[];
}

/** How a connection's keys are tracked. */
export interface TrackingView extends TrackingOptions {
  /** CLIENT CACHING has been said for the next command. */
  readonly caching: boolean;
  /** The connection that got the messages has gone. */
  readonly brokenRedirect: boolean;
}

/** Client-side caching, of the session being served. */
export interface TrackingFacility {
  /** Throws a CommandError when the options don't fit how it is tracked already. */
  enable(options: TrackingOptions): void;
  disable(): void;
  /** Null when it isn't tracked. */
  state(): TrackingView | null;
  /** CLIENT CACHING: the next command's keys count against the rule. */
  caching(): void;
}

/** A slow command. */
export interface SlowCommand {
  readonly id: number;
  /** Seconds since 1970. */
  readonly time: number;
  readonly microseconds: number;
  /** The arguments, shortened, one character per byte. */
  readonly words: readonly string[];
  readonly address: string;
  readonly clientName: string;
}

export interface SlowLogFacility {
  /** The newest first. */
  readonly entries: readonly SlowCommand[];
  reset(): void;
}

/** Once something took long: when (seconds since 1970), and how many milliseconds. */
export interface LatencySample {
  readonly time: number;
  readonly latency: number;
}

/** What took long, by kind of event. */
export interface LatencySeries {
  readonly samples: readonly LatencySample[];
  /** The longest ever, in milliseconds. */
  readonly max: number;
}

/** How long calls of a command took. */
export interface CommandTimes {
  readonly calls: number;
  /** How many calls took at most so many microseconds; only where the number grows. */
  readonly cumulative: readonly (readonly [microseconds: number, calls: number])[];
}

export interface LatencyFacility {
  readonly events: ReadonlyMap<string, LatencySeries>;
  /** Forgets an event's samples; answers whether there were any. */
  reset(event: string): boolean;
  /** Undefined for a command that hasn't run. */
  timesOf(command: Command): CommandTimes | undefined;
}

/** Where the memory is, in bytes. */
export interface MemoryReport {
  /** Data, and the tables that find it, now and at most so far. */
  readonly used: number;
  readonly peak: number;
  /** What the process holds. */
  readonly resident: number;
  readonly backlog: number;
  readonly clientBuffers: number;
  readonly appendBuffer: number;
  readonly clusterLinks: number;
  /** The arena: what data takes of it, and all of it. */
  readonly arenaUsed: number;
  readonly arenaReserved: number;
  /** Number of clients. */
  readonly clients: number;
}

export type DebugSwitch =
  | 'set-active-expire'
  | 'set-skip-checksum-validation'
  | 'set-disable-deny-scripts'
  | 'aof-flush-sleep'
  | 'pause-cron'
  | 'drop-cluster-packet-filter';

export interface DebugFacility {
  /** Holds the event loop for so many milliseconds. */
  sleep(milliseconds: number): void;
  /** Saves, empties and loads the data set (DEBUG RELOAD). */
  reload(save: boolean, flush: boolean): string | undefined;
  /** Empties and loads from the append-only file (DEBUG LOADAOF). */
  loadAppendOnlyFile(): string | undefined;
  set(option: DebugSwitch, value: number): void;
  changeReplicationId(): void;
  /** Length of the value in RDB form, in bytes. */
  serializedLength(db: Database, ref: Ref): number;
  /** Ends the process at once, without any cleaning up (SEGFAULT, PANIC). */
  crash(): void;
  restart(): void;
  log(message: string): void;
}

export interface ServerFacilities {
  readonly commands: CommandTable;
  readonly config: ConfigFacility;
  readonly clients: ClientsFacility;
  readonly cluster: ClusterFacility | null;
  readonly replication: ReplicationFacility;
  readonly persistence: PersistenceFacility;
  readonly debug: DebugFacility;
  readonly transactions: TransactionsFacility;
  readonly pubsub: PubSubFacility;
  readonly tracking: TrackingFacility;
  readonly slowLog: SlowLogFacility;
  readonly latency: LatencyFacility;
  /** For MEMORY STATS and DOCTOR. */
  memory(): MemoryReport;
  /** MONITOR: the caller is shown every command from now on. */
  monitor(): void;
  /** INFO's text for the sections named, `default` for none. */
  info(sections: readonly string[]): string;
  /** CONFIG RESETSTAT. */
  resetStatistics(): void;
  /** Seconds and microseconds since 1970. */
  time(): { seconds: number; microseconds: number };
  /** SHUTDOWN; answers a complaint when it can't, or undefined and ends the process. */
  shutdown(options: { save?: boolean; now?: boolean; force?: boolean; abort?: boolean }): string | undefined;
  /** Whether there is such a user. */
  hasUser(name: string): boolean;
  /** Password check of AUTH and HELLO. */
  authenticate(user: string, password: Bytes): boolean;
}
