/**
 * The node's facilities as commands may use them. Each interface is as narrow as its commands need; `node/`
 * implements them. Facilities that are absent (no cluster mode …) are null, and the commands say so in Redis's
 * words.
 */
import type { Ref } from '../../keyspace/arena.js';
import type { Database } from '../../keyspace/database.js';
import type { Bytes } from '../../protocol/bytes.js';
import type { Context } from '../context.js';
import type { CommandTable } from '../table.js';
import type { AclFacility } from './acl.js';
import type { ClusterFacility } from './cluster.js';
import type { PubSubFacility, TrackingFacility } from './messaging.js';
import type { LatencyFacility, MemoryReport, SlowLogFacility } from './monitoring.js';

/** A client connection. */
export interface SessionView {
  readonly id: number;
  /** Whether the connection comes from this machine. */
  readonly isLocal: boolean;
  /** Whether it came without TLS. */
  readonly isPlaintext: boolean;
  name: string;
  /** Selected database. */
  database: number;
  /** Protocol version; HELLO changes it. */
  resp: 2 | 3;
  /** The user it speaks for; null when it is the node itself (our master, the append-only file). */
  readonly userName: string | null;
  /** Its user's password was checked, or none was needed when it came. */
  readonly authenticated: boolean;
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
  /** Scripts' commands run in it. */
  readonly isScript: boolean;
  /** Our master's or the append-only file's: what it says has been decided and is done without limits. */
  readonly isObeyed: boolean;
  /** CLIENT REPLY. */
  replyMode: 'on' | 'off' | 'skip-next' | 'skip';
  noEvict: boolean;
  /** EVAL runs in the debugger (SCRIPT DEBUG). */
  debugsScripts: boolean;
  libraryName?: string;
  /** Ends the connection once the replies written so far have been sent. */
  closeAfterReply(): void;
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
  /** Writes the configuration back to its file, with `all` the defaults too. Answers the complaint or undefined. */
  rewrite(all?: boolean): string | undefined;
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
  /** REPLICAOF host port. */
  replicaOf(host: string, port: number): { readonly status: string } | { readonly error: string };
  /** REPLICAOF NO ONE. Answers what is wrong, or undefined. */
  replicaOfNoOne(): string | undefined;
  /** FAILOVER, with `timeout` in milliseconds (0: none), and FAILOVER ABORT. They answer what is wrong, or undefined. */
  failOver(order: {
    readonly target?: { readonly host: string; readonly port: number };
    readonly timeout: number;
    readonly force: boolean;
  }): string | undefined;
  abortFailover(): string | undefined;
  /** PSYNC and SYNC: the caller becomes a replica. `offset` is NaN if it isn't a number; `takingOver`: and this node its master, having been its replica. */
  synchronise(replicationId: string | undefined, offset: number, takingOver?: boolean): void;
  /** REPLCONF option value: whether it is answered OK, an error or not at all. */
  configure(option: string, value: string): 'ok' | 'silent' | { readonly error: string };
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
  /** FLUSHALL: calls `empty`, which removes all keys. Answers whether that is already saved. */
  flushAll(empty: () => void): boolean;
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

/** Values in the form of DUMP and RESTORE. */
export interface PayloadFacility {
  dump(db: Database, ref: Ref): Bytes;
  /** Whether bytes[start, end) are a payload of a version we know, and unharmed. */
  isSound(bytes: Bytes, start: number, end: number): boolean;
  /**
   * Gives the key the value of a sound payload, whatever the key was before; answers its record, or 0, with the key
   * as it was, when the payload doesn't hold a value.
   */
  restore(
    db: Database,
    key: { bytes: Bytes; start: number; end: number },
    bytes: Bytes,
    start: number,
    end: number,
  ): Ref;
}

/** What MIGRATE asks for. */
export interface MigrationOrder {
  readonly host: string;
  readonly port: number;
  /** Number of the target's database. */
  readonly database: number;
  /** Milliseconds that the target may be silent. */
  readonly timeout: number;
  /** The keys stay here too. */
  readonly copy: boolean;
  /** The target's keys of the same names are overwritten. */
  readonly replace: boolean;
  /** Nothing, a password, or a user's name and password. */
  readonly credentials: readonly Bytes[];
  /** Keys of the caller's database, all of them there. */
  readonly keys: readonly Bytes[];
}

export interface MigrationFacility {
  /** The caller waits until its keys have been moved; then they are removed here and it gets its reply. */
  begin(order: MigrationOrder): void;
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
  /** Saves, empties and loads the data set (DEBUG RELOAD); with `merge` keys may be there already. */
  reload(how: { save: boolean; flush: boolean; merge: boolean }): string | undefined;
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

/** A function library. */
export interface LibraryView {
  readonly name: string;
  /** One character per byte. */
  readonly code: string;
  readonly functions: ReadonlyMap<string, FunctionView>;
}

export interface FunctionView {
  readonly name: string;
  readonly description: string | undefined;
  readonly flagNames: readonly string[];
}

/** A function that is running, and since when. */
export interface RunningFunction {
  readonly name: string;
  /** The request that called it. */
  readonly words: readonly Bytes[];
  readonly milliseconds: number;
}

/** What becomes of the libraries there are when others are restored. */
export type RestorePolicy = 'flush' | 'append' | 'replace';

/** Lua scripts and functions. What can't be done throws `CommandError`. */
export interface ScriptingFacility {
  /**
   * Runs the script in argument 1 with `keys` keys from argument 3 on, the other arguments behind them, and writes its
   * reply: at once, or later if it takes long. Text is Latin-1 throughout.
   */
  evaluate(c: Context, keys: number, readOnly: boolean): void;
  /** The same for a cached script. */
  evaluateSha(c: Context, keys: number, readOnly: boolean): void;
  /** The same for a function; `keys` is asked once it is known that there is such a function. */
  callFunction(c: Context, name: string, keys: () => number, readOnly: boolean): void;
  /** Caches a script; answers its SHA-1. */
  load(body: string): string;
  exists(sha: string): boolean;
  flush(): void;
  /** Ends what is running. Answers the complaint or undefined. */
  kill(kind: 'eval' | 'function'): string | undefined;
  /** Why a command that a script in overtime stands in the way of can't run; undefined when there is none. */
  readonly busyError: string | undefined;
  /** Answers the library's name. `limited`: loading must not take long. */
  loadLibrary(code: string, replace: boolean, limited: boolean): string;
  /** Answers whether there was such a library. */
  deleteLibrary(name: string): boolean;
  flushLibraries(): void;
  /** All libraries as a payload. */
  dumpLibraries(): Bytes;
  /** Takes in the payload in bytes[start, end), all of it or nothing. */
  restoreLibraries(bytes: Bytes, start: number, end: number, policy: RestorePolicy): void;
  readonly libraries: readonly LibraryView[];
  readonly runningFunction: RunningFunction | undefined;
}

export interface ServerFacilities {
  readonly commands: CommandTable;
  readonly acl: AclFacility;
  readonly config: ConfigFacility;
  readonly clients: ClientsFacility;
  readonly cluster: ClusterFacility | null;
  readonly replication: ReplicationFacility;
  readonly persistence: PersistenceFacility;
  readonly debug: DebugFacility;
  readonly payloads: PayloadFacility;
  readonly migration: MigrationFacility;
  readonly transactions: TransactionsFacility;
  readonly pubsub: PubSubFacility;
  readonly tracking: TrackingFacility;
  readonly slowLog: SlowLogFacility;
  readonly latency: LatencyFacility;
  /** For MEMORY STATS and DOCTOR. */
  memory(): MemoryReport;
  /** MONITOR: the caller is shown every command from now on. */
  monitor(): void;
  readonly scripting: ScriptingFacility;
  /** INFO's text for the sections named, `default` for none. */
  info(sections: readonly string[]): string;
  /** CONFIG RESETSTAT. */
  resetStatistics(): void;
  /** Seconds and microseconds since 1970. */
  time(): { seconds: number; microseconds: number };
  /**
   * SHUTDOWN; answers a complaint when it can't. Otherwise the process ends, or will when the replicas have caught up,
   * and the caller waits.
   */
  shutdown(options: { save?: boolean; now?: boolean; force?: boolean }): string | undefined;
  /** SHUTDOWN ABORT; answers a complaint when there is nothing to abort. */
  abortShutdown(): string | undefined;
}
