/**
 * The typed commands, from the server's command table and `scripts/client/later.ts`. Written by `npm run generate`: don't
 * edit.
 *
 * Plain signatures without conditional types, so that checking them takes no time.
 */
import type { Double, Entries, Integer, Key, OneOrMore, Value } from '../arguments.js';

/** Options of `bgSave`. */
export interface BgSaveOptions {
  readonly schedule?: boolean;
}

/** Options of `bitCount`. */
export interface BitCountOptions {
  readonly start?: Integer;
  readonly end?: Integer;
  readonly byte?: boolean;
  readonly bit?: boolean;
}

/** Options of `bitFieldRo`. */
export interface BitFieldRoOptions {
  readonly get?: OneOrMore<{ readonly encoding: Value; readonly offset: Integer }>;
}

/** Options of `bitPos`. */
export interface BitPosOptions {
  readonly start?: Integer;
  readonly end?: Integer;
  readonly byte?: boolean;
  readonly bit?: boolean;
}

/** Options of `blmPop`. */
export interface BlmPopOptions {
  readonly count?: Integer;
}

/** Options of `bzmPop`. */
export interface BzmPopOptions {
  readonly count?: Integer;
}

/** Options of `clientList`. */
export interface ClientListOptions {
  readonly type?: 'NORMAL' | 'MASTER' | 'REPLICA' | 'PUBSUB';
  readonly id?: OneOrMore<Integer>;
}

/** Options of `commandList`. */
export interface CommandListOptions {
  readonly filterby?: { readonly module: Value } | { readonly aclcat: Value } | { readonly pattern: Key };
}

/** Options of `copy`. */
export interface CopyOptions {
  readonly db?: Integer;
  readonly replace?: boolean;
}

/** Options of `failover`. */
export interface FailoverOptions {
  readonly to?: { readonly host: Value; readonly port: Integer; readonly force?: boolean };
  readonly abort?: boolean;
  readonly timeout?: Integer;
}

/** Options of `functionList`. */
export interface FunctionListOptions {
  readonly libraryname?: Value;
  readonly withcode?: boolean;
}

/** Options of `functionLoad`. */
export interface FunctionLoadOptions {
  readonly replace?: boolean;
}

/** Options of `geoAdd`. */
export interface GeoAddOptions {
  readonly nx?: boolean;
  readonly xx?: boolean;
  readonly ch?: boolean;
}

/** Options of `geoRadius`. */
export interface GeoRadiusOptions {
  readonly count?: Integer;
  readonly any?: boolean;
  readonly asc?: boolean;
  readonly desc?: boolean;
}

/** Options of `geoRadiusByMember`. */
export interface GeoRadiusByMemberOptions {
  readonly count?: Integer;
  readonly any?: boolean;
  readonly asc?: boolean;
  readonly desc?: boolean;
}

/** Options of `geoRadiusByMemberRo`. */
export interface GeoRadiusByMemberRoOptions {
  readonly count?: Integer;
  readonly any?: boolean;
  readonly asc?: boolean;
  readonly desc?: boolean;
}

/** Options of `geoRadiusRo`. */
export interface GeoRadiusRoOptions {
  readonly count?: Integer;
  readonly any?: boolean;
  readonly asc?: boolean;
  readonly desc?: boolean;
}

/** Options of `geoSearch`. */
export interface GeoSearchOptions {
  readonly asc?: boolean;
  readonly desc?: boolean;
  readonly count?: Integer;
  readonly any?: boolean;
}

/** Options of `geoSearchStore`. */
export interface GeoSearchStoreOptions {
  readonly asc?: boolean;
  readonly desc?: boolean;
  readonly count?: Integer;
  readonly any?: boolean;
  readonly storedist?: boolean;
}

/** Options of `getEx`. */
export interface GetExOptions {
  readonly ex?: Integer;
  readonly px?: Integer;
  readonly exat?: Integer;
  readonly pxat?: Integer;
  readonly persist?: boolean;
}

/** Options of `hExpire`. */
export interface HExpireOptions {
  readonly nx?: boolean;
  readonly xx?: boolean;
  readonly gt?: boolean;
  readonly lt?: boolean;
}

/** Options of `hExpireAt`. */
export interface HExpireAtOptions {
  readonly nx?: boolean;
  readonly xx?: boolean;
  readonly gt?: boolean;
  readonly lt?: boolean;
}

/** Options of `hGetEx`. */
export interface HGetExOptions {
  readonly ex?: Integer;
  readonly px?: Integer;
  readonly exat?: Integer;
  readonly pxat?: Integer;
  readonly persist?: boolean;
}

/** Options of `hScan`. */
export interface HScanOptions {
  readonly match?: Key;
  readonly count?: Integer;
}

/** Options of `hSetEx`. */
export interface HSetExOptions {
  readonly fnx?: boolean;
  readonly fxx?: boolean;
  readonly ex?: Integer;
  readonly px?: Integer;
  readonly exat?: Integer;
  readonly pxat?: Integer;
  readonly keepttl?: boolean;
}

/** Options of `hpExpire`. */
export interface HpExpireOptions {
  readonly nx?: boolean;
  readonly xx?: boolean;
  readonly gt?: boolean;
  readonly lt?: boolean;
}

/** Options of `hpExpireAt`. */
export interface HpExpireAtOptions {
  readonly nx?: boolean;
  readonly xx?: boolean;
  readonly gt?: boolean;
  readonly lt?: boolean;
}

/** Options of `lPos`. */
export interface LPosOptions {
  readonly rank?: Integer;
  readonly maxlen?: Integer;
}

/** Options of `lcs`. */
export interface LcsOptions {
  readonly minmatchlen?: Integer;
  readonly withmatchlen?: boolean;
}

/** Options of `lmPop`. */
export interface LmPopOptions {
  readonly count?: Integer;
}

/** Options of `lolwut`. */
export interface LolwutOptions {
  readonly version?: Integer;
}

/** Options of `memoryUsage`. */
export interface MemoryUsageOptions {
  readonly samples?: Integer;
}

/** Options of `migrate`. */
export interface MigrateOptions {
  readonly copy?: boolean;
  readonly replace?: boolean;
  readonly auth?: Value;
  readonly auth2?: { readonly username: Value; readonly password: Value };
  readonly keys?: OneOrMore<Key>;
}

/** Options of `moduleLoadEx`. */
export interface ModuleLoadExOptions {
  readonly config?: OneOrMore<{ readonly name: Value; readonly value: Value }>;
  readonly args?: OneOrMore<Value>;
}

/** Options of `restore`. */
export interface RestoreOptions {
  readonly replace?: boolean;
  readonly absttl?: boolean;
  readonly idletime?: Integer;
  readonly freq?: Integer;
}

/** Options of `sInterCard`. */
export interface SInterCardOptions {
  readonly limit?: Integer;
}

/** Options of `sScan`. */
export interface SScanOptions {
  readonly match?: Key;
  readonly count?: Integer;
}

/** Options of `set`. */
export interface SetOptions {
  readonly ex?: Integer;
  readonly px?: Integer;
  readonly exat?: Integer;
  readonly pxat?: Integer;
  readonly keepttl?: boolean;
}

/** Options of `shutdown`. */
export interface ShutdownOptions {
  readonly nosave?: boolean;
  readonly save?: boolean;
  readonly now?: boolean;
  readonly force?: boolean;
  readonly abort?: boolean;
}

/** Options of `sort`. */
export interface SortOptions {
  readonly by?: Key;
  readonly limit?: { readonly offset: Integer; readonly count: Integer };
  readonly get?: OneOrMore<Key>;
  readonly asc?: boolean;
  readonly desc?: boolean;
  readonly alpha?: boolean;
}

/** Options of `sortRo`. */
export interface SortRoOptions {
  readonly by?: Key;
  readonly limit?: { readonly offset: Integer; readonly count: Integer };
  readonly get?: OneOrMore<Key>;
  readonly asc?: boolean;
  readonly desc?: boolean;
  readonly alpha?: boolean;
}

/** Options of `xAdd`. */
export interface XAddOptions {
  readonly maxlen?: Value;
  readonly minid?: Value;
  readonly operator?: '=' | '~';
  readonly limit?: Integer;
}

/** Options of `xAutoClaim`. */
export interface XAutoClaimOptions {
  readonly count?: Integer;
}

/** Options of `xClaim`. */
export interface XClaimOptions {
  readonly idle?: Integer;
  readonly time?: Integer;
  readonly retrycount?: Integer;
  readonly force?: boolean;
  readonly lastid?: Value;
}

/** Options of `xGroupCreate`. */
export interface XGroupCreateOptions {
  readonly mkstream?: boolean;
  readonly entriesread?: Integer;
}

/** Options of `xGroupSetId`. */
export interface XGroupSetIdOptions {
  readonly entriesread?: Integer;
}

/** Options of `xInfoStream`. */
export interface XInfoStreamOptions {
  readonly full?: boolean;
  readonly count?: Integer;
}

/** Options of `xPending`. */
export interface XPendingOptions {
  readonly idle?: Integer;
  readonly end?: Value;
  readonly count?: Integer;
  readonly consumer?: Value;
}

/** Options of `xRange`. */
export interface XRangeOptions {
  readonly count?: Integer;
}

/** Options of `xRead`. */
export interface XReadOptions {
  readonly count?: Integer;
  readonly block?: Integer;
}

/** Options of `xReadGroup`. */
export interface XReadGroupOptions {
  readonly count?: Integer;
  readonly block?: Integer;
  readonly noack?: boolean;
}

/** Options of `xRevRange`. */
export interface XRevRangeOptions {
  readonly count?: Integer;
}

/** Options of `xSetId`. */
export interface XSetIdOptions {
  readonly entriesadded?: Integer;
  readonly maxdeletedid?: Value;
}

/** Options of `zAdd`. */
export interface ZAddOptions {
  readonly nx?: boolean;
  readonly xx?: boolean;
  readonly gt?: boolean;
  readonly lt?: boolean;
  readonly ch?: boolean;
}

/** Options of `zInter`. */
export interface ZInterOptions {
  readonly weights?: OneOrMore<Integer>;
  readonly aggregate?: 'SUM' | 'MIN' | 'MAX';
}

/** Options of `zInterCard`. */
export interface ZInterCardOptions {
  readonly limit?: Integer;
}

/** Options of `zInterStore`. */
export interface ZInterStoreOptions {
  readonly weights?: OneOrMore<Integer>;
  readonly aggregate?: 'SUM' | 'MIN' | 'MAX';
}

/** Options of `zRange`. */
export interface ZRangeOptions {
  readonly byscore?: boolean;
  readonly bylex?: boolean;
  readonly rev?: boolean;
  readonly limit?: { readonly offset: Integer; readonly count: Integer };
}

/** Options of `zRangeByLex`. */
export interface ZRangeByLexOptions {
  readonly limit?: { readonly offset: Integer; readonly count: Integer };
}

/** Options of `zRangeByScore`. */
export interface ZRangeByScoreOptions {
  readonly limit?: { readonly offset: Integer; readonly count: Integer };
}

/** Options of `zRangeStore`. */
export interface ZRangeStoreOptions {
  readonly byscore?: boolean;
  readonly bylex?: boolean;
  readonly rev?: boolean;
  readonly limit?: { readonly offset: Integer; readonly count: Integer };
}

/** Options of `zRevRangeByLex`. */
export interface ZRevRangeByLexOptions {
  readonly limit?: { readonly offset: Integer; readonly count: Integer };
}

/** Options of `zRevRangeByScore`. */
export interface ZRevRangeByScoreOptions {
  readonly limit?: { readonly offset: Integer; readonly count: Integer };
}

/** Options of `zScan`. */
export interface ZScanOptions {
  readonly match?: Key;
  readonly count?: Integer;
}

/** Options of `zUnion`. */
export interface ZUnionOptions {
  readonly weights?: OneOrMore<Integer>;
  readonly aggregate?: 'SUM' | 'MIN' | 'MAX';
}

/** Options of `zUnionStore`. */
export interface ZUnionStoreOptions {
  readonly weights?: OneOrMore<Integer>;
  readonly aggregate?: 'SUM' | 'MIN' | 'MAX';
}

/** Options of `zmPop`. */
export interface ZmPopOptions {
  readonly count?: Integer;
}

/** `Text` is what bulk strings are given as. */
export interface Methods<Text> {
  /**
   * Answers the categories of commands, or the commands of one.
   *
   *     ACL CAT [categoryname]
   */
  aclCat(categoryname?: Value): Promise<string[]>;
  /**
   * Deletes users, and closes their connections.
   *
   *     ACL DELUSER username [username ...]
   */
  aclDelUser(usernames: OneOrMore<Value>): Promise<number>;
  /**
   * Answers whether a user may make a call, which is not made.
   *
   *     ACL DRYRUN username command [arg [arg ...]]
   */
  aclDryRun(username: Value, command: Value, args?: OneOrMore<Value>): Promise<'OK' | string>;
  /**
   * Makes a random password.
   *
   *     ACL GENPASS [bits]
   */
  aclGenPass(bits?: Integer): Promise<string>;
  /**
   * Answers a user's rules.
   *
   *     ACL GETUSER username
   */
  aclGetUser(username: Value): Promise<Record<string, unknown> | null>;
  /**
   * Answers the rules of all users, as lines of a configuration file.
   *
   *     ACL LIST
   */
  aclList(): Promise<string[]>;
  /**
   * Takes in the file of users.
   *
   *     ACL LOAD
   */
  aclLoad(): Promise<'OK'>;
  /**
   * Answers what was refused lately, or forgets it.
   *
   *     ACL LOG [count | RESET]
   */
  aclLog(operation?: Integer | 'RESET'): Promise<Record<string, unknown>[] | 'OK'>;
  /**
   * Writes the file of users.
   *
   *     ACL SAVE
   */
  aclSave(): Promise<'OK'>;
  /**
   * Makes a user, or changes one.
   *
   *     ACL SETUSER username [rule [rule ...]]
   */
  aclSetUser(username: Value, rules?: OneOrMore<Value>): Promise<'OK'>;
  /**
   * Answers the names of all users.
   *
   *     ACL USERS
   */
  aclUsers(): Promise<string[]>;
  /**
   * Answers the name of the connection's user.
   *
   *     ACL WHOAMI
   */
  aclWhoAmI(): Promise<string>;
  /**
   * Appends bytes to the string value of a key; the key is created when it is missing.
   *
   *     APPEND key value
   */
  append(key: Key, value: Value): Promise<number>;
  /**
   * Makes the append-only file as short as it can be, while the server goes on.
   *
   *     BGREWRITEAOF
   */
  bgRewriteAof(): Promise<string>;
  /**
   * Makes a snapshot while the server goes on.
   *
   *     BGSAVE [SCHEDULE]
   */
  bgSave(options?: BgSaveOptions): Promise<string>;
  /**
   * Counts the bits set in a string value or a part of it.
   *
   *     BITCOUNT key [start end [BYTE | BIT]]
   */
  bitCount(key: Key, options?: BitCountOptions): Promise<number>;
  /**
   * Reads and writes integers of any width within a string value.
   *
   *     BITFIELD key [<GET encoding offset | [OVERFLOW WRAP | SAT | FAIL] <SET encoding offset value | INCRBY encoding offset increment>> [<GET encoding offset | [OVERFLOW WRAP | SAT | FAIL] <SET encoding offset value | INCRBY encoding offset increment>> ...]]
   */
  bitField(
    key: Key,
    operations?: OneOrMore<
      | { readonly get: { readonly encoding: Value; readonly offset: Integer } }
      | ({ readonly overflow?: 'WRAP' | 'SAT' | 'FAIL' } & (
          | { readonly set: { readonly encoding: Value; readonly offset: Integer; readonly value: Integer } }
          | {
              readonly incrby: {
                readonly encoding: Value;
                readonly offset: Integer;
                readonly increment: Integer;
              };
            }
        ))
    >,
  ): Promise<(number | null)[]>;
  /**
   * Reads integers of any width within a string value.
   *
   *     BITFIELD_RO key [GET encoding offset [GET encoding offset ...]]
   */
  bitFieldRo(key: Key, options?: BitFieldRoOptions): Promise<number[]>;
  /**
   * Combines string values bit by bit and keeps the result.
   *
   *     BITOP operation destkey key [key ...]
   */
  bitOp(operation: Value, destkey: Key, keys: OneOrMore<Key>): Promise<number>;
  /**
   * Finds the first bit set or clear in a string value or a part of it.
   *
   *     BITPOS key bit [start [end [BYTE | BIT]]]
   */
  bitPos(key: Key, bit: Integer, options?: BitPosOptions): Promise<number>;
  /**
   * Takes an element from one end of a list, puts it at one end of another and answers it; waits for it.
   *
   *     BLMOVE source destination <LEFT | RIGHT> <LEFT | RIGHT> timeout
   */
  blMove(
    source: Key,
    destination: Key,
    wherefrom: 'LEFT' | 'RIGHT',
    whereto: 'LEFT' | 'RIGHT',
    timeout: Double,
  ): Promise<Text | null>;
  /**
   * Takes the first element out of the first list that has one; waits for it.
   *
   *     BLPOP key [key ...] timeout
   */
  blPop(keys: OneOrMore<Key>, timeout: Double): Promise<[key: Text, element: Text] | null>;
  /**
   * Takes elements out of the first of several lists that has any; waits for them.
   *
   *     BLMPOP timeout numkeys key [key ...] <LEFT | RIGHT> [COUNT count]
   */
  blmPop(
    timeout: Double,
    keys: OneOrMore<Key>,
    where: 'LEFT' | 'RIGHT',
    options?: BlmPopOptions,
  ): Promise<[key: Text, elements: Text[]] | null>;
  /**
   * Takes the last element out of the first list that has one; waits for it.
   *
   *     BRPOP key [key ...] timeout
   */
  brPop(keys: OneOrMore<Key>, timeout: Double): Promise<[key: Text, element: Text] | null>;
  /**
   * Takes the last element of a list, puts it before the first of another and answers it; waits for it.
   *
   *     BRPOPLPUSH source destination timeout
   * @deprecated since 6.2.0: `BLMOVE` with the `RIGHT` and `LEFT` arguments
   */
  brPopLPush(source: Key, destination: Key, timeout: Double): Promise<Text | null>;
  /**
   * Removes the member with the highest score of the first sorted set that has one and answers it; waits for it.
   *
   *     BZPOPMAX key [key ...] timeout
   */
  bzPopMax(keys: OneOrMore<Key>, timeout: Double): Promise<[key: Text, member: Text, score: number] | null>;
  /**
   * Removes the member with the lowest score of the first sorted set that has one and answers it; waits for it.
   *
   *     BZPOPMIN key [key ...] timeout
   */
  bzPopMin(keys: OneOrMore<Key>, timeout: Double): Promise<[key: Text, member: Text, score: number] | null>;
  /**
   * Removes members from the first sorted set that has any, and answers them; waits for them.
   *
   *     BZMPOP timeout numkeys key [key ...] <MIN | MAX> [COUNT count]
   */
  bzmPop(
    timeout: Double,
    keys: OneOrMore<Key>,
    where: 'MIN' | 'MAX',
    options?: BzmPopOptions,
  ): Promise<[key: Text, members: [member: Text, score: number][]] | null>;
  /**
   * Answers the connection's name.
   *
   *     CLIENT GETNAME
   */
  clientGetName(): Promise<Text | null>;
  /**
   * Answers the connection to which invalidation messages go; -1: tracking is off.
   *
   *     CLIENT GETREDIR
   */
  clientGetRedir(): Promise<number>;
  /**
   * Answers the connection's number.
   *
   *     CLIENT ID
   */
  clientId(): Promise<number>;
  /**
   * Describes the connection in one line.
   *
   *     CLIENT INFO
   */
  clientInfo(): Promise<string>;
  /**
   * Closes connections.
   *
   *     CLIENT KILL <ip:port | <[ID client-id] | [TYPE NORMAL | MASTER | SLAVE | REPLICA | PUBSUB] | [USER username] | [ADDR ip:port] | [LADDR ip:port] | [SKIPME yes/no]> [<[ID client-id] | [TYPE NORMAL | MASTER | SLAVE | REPLICA | PUBSUB] | [USER username] | [ADDR ip:port] | [LADDR ip:port] | [SKIPME yes/no]> ...]>
   */
  clientKill(
    filter:
      | Value
      | OneOrMore<
          | { readonly id: Integer }
          | { readonly type: 'NORMAL' | 'MASTER' | 'SLAVE' | 'REPLICA' | 'PUBSUB' }
          | { readonly user: Value }
          | { readonly addr: Value }
          | { readonly laddr: Value }
          | { readonly skipme: Value }
        >,
  ): Promise<'OK' | number>;
  /**
   * Describes all connections, or some, one a line.
   *
   *     CLIENT LIST [TYPE NORMAL | MASTER | REPLICA | PUBSUB] [ID client-id [client-id ...]]
   */
  clientList(options?: ClientListOptions): Promise<string>;
  /**
   * Keeps the connection from being closed for the memory it uses.
   *
   *     CLIENT NO-EVICT <ON | OFF>
   */
  clientNoEvict(enabled: 'ON' | 'OFF'): Promise<'OK'>;
  /**
   * Makes all connections wait, or only those that write.
   *
   *     CLIENT PAUSE timeout [WRITE | ALL]
   */
  clientPause(timeout: Integer, mode?: 'WRITE' | 'ALL'): Promise<'OK'>;
  /**
   * Describes the connection's tracking.
   *
   *     CLIENT TRACKINGINFO
   */
  clientTrackingInfo(): Promise<{ flags: Set<Text>; redirect: number; prefixes: Text[] }>;
  /**
   * Ends the wait of a connection that a command blocks.
   *
   *     CLIENT UNBLOCK client-id [TIMEOUT | ERROR]
   */
  clientUnblock(clientId: Integer, timeoutError?: 'TIMEOUT' | 'ERROR'): Promise<boolean>;
  /**
   * Ends a CLIENT PAUSE.
   *
   *     CLIENT UNPAUSE
   */
  clientUnpause(): Promise<'OK'>;
  /**
   * Serves slots that nobody serves.
   *
   *     CLUSTER ADDSLOTS slot [slot ...]
   */
  clusterAddSlots(slots: OneOrMore<Integer>): Promise<'OK'>;
  /**
   * Serves ranges of slots that nobody serves.
   *
   *     CLUSTER ADDSLOTSRANGE start-slot end-slot [start-slot end-slot ...]
   */
  clusterAddSlotsRange(
    slots: OneOrMore<{ readonly startSlot: Integer; readonly endSlot: Integer }>,
  ): Promise<'OK'>;
  /**
   * Takes a new config epoch unless this node has the greatest.
   *
   *     CLUSTER BUMPEPOCH
   */
  clusterBumpEpoch(): Promise<string>;
  /**
   * Counts the masters that report a node as failing.
   *
   *     CLUSTER COUNT-FAILURE-REPORTS node-id
   */
  clusterCountFailureReports(nodeId: Value): Promise<number>;
  /**
   * Counts the keys in a slot.
   *
   *     CLUSTER COUNTKEYSINSLOT slot
   */
  clusterCountKeysInSlot(slot: Integer): Promise<number>;
  /**
   * Forgets who serves slots.
   *
   *     CLUSTER DELSLOTS slot [slot ...]
   */
  clusterDelSlots(slots: OneOrMore<Integer>): Promise<'OK'>;
  /**
   * Forgets who serves ranges of slots.
   *
   *     CLUSTER DELSLOTSRANGE start-slot end-slot [start-slot end-slot ...]
   */
  clusterDelSlotsRange(
    slots: OneOrMore<{ readonly startSlot: Integer; readonly endSlot: Integer }>,
  ): Promise<'OK'>;
  /**
   * Puts a replica in its master's place.
   *
   *     CLUSTER FAILOVER [FORCE | TAKEOVER]
   */
  clusterFailover(options?: 'FORCE' | 'TAKEOVER'): Promise<'OK'>;
  /**
   * Gives up all slots of this node.
   *
   *     CLUSTER FLUSHSLOTS
   */
  clusterFlushSlots(): Promise<'OK'>;
  /**
   * Removes a node from the cluster as this node sees it.
   *
   *     CLUSTER FORGET node-id
   */
  clusterForget(nodeId: Value): Promise<'OK'>;
  /**
   * Lists keys of a slot.
   *
   *     CLUSTER GETKEYSINSLOT slot count
   */
  clusterGetKeysInSlot(slot: Integer, count: Integer): Promise<Text[]>;
  /**
   * Describes the state of the cluster.
   *
   *     CLUSTER INFO
   */
  clusterInfo(): Promise<string>;
  /**
   * Answers the slot of a key.
   *
   *     CLUSTER KEYSLOT key
   */
  clusterKeySlot(key: Value): Promise<number>;
  /**
   * Lists the connections of the cluster bus.
   *
   *     CLUSTER LINKS
   */
  clusterLinks(): Promise<Record<string, string | number>[]>;
  /**
   * Joins the cluster of another node.
   *
   *     CLUSTER MEET ip port [cluster_bus_port]
   */
  clusterMeet(ip: Value, port: Integer, clusterBusPort?: Integer): Promise<'OK'>;
  /**
   * Answers this node's id.
   *
   *     CLUSTER MYID
   */
  clusterMyId(): Promise<string>;
  /**
   * Describes every known node.
   *
   *     CLUSTER NODES
   */
  clusterNodes(): Promise<string>;
  /**
   * Lists the replicas of a master.
   *
   *     CLUSTER REPLICAS node-id
   */
  clusterReplicas(nodeId: Value): Promise<string[]>;
  /**
   * Makes this node a replica of a master.
   *
   *     CLUSTER REPLICATE node-id
   */
  clusterReplicate(nodeId: Value): Promise<'OK'>;
  /**
   * Forgets the cluster.
   *
   *     CLUSTER RESET [HARD | SOFT]
   */
  clusterReset(hardSoft?: 'HARD' | 'SOFT'): Promise<'OK'>;
  /**
   * Writes nodes.conf now.
   *
   *     CLUSTER SAVECONFIG
   */
  clusterSaveConfig(): Promise<'OK'>;
  /**
   * Gives a fresh node its config epoch.
   *
   *     CLUSTER SET-CONFIG-EPOCH config-epoch
   */
  clusterSetConfigEpoch(configEpoch: Integer): Promise<'OK'>;
  /**
   * Moves a slot, step by step.
   *
   *     CLUSTER SETSLOT slot <IMPORTING node-id | MIGRATING node-id | NODE node-id | STABLE>
   */
  clusterSetSlot(
    slot: Integer,
    subcommand:
      | { readonly importing: Value }
      | { readonly migrating: Value }
      | { readonly node: Value }
      | { readonly stable: boolean },
  ): Promise<'OK'>;
  /**
   * Describes the masters with their slots and replicas.
   *
   *     CLUSTER SHARDS
   */
  clusterShards(): Promise<{ slots: number[]; nodes: Record<string, string | number>[] }[]>;
  /**
   * Lists the replicas of a master.
   *
   *     CLUSTER SLAVES node-id
   * @deprecated since 5.0.0: `CLUSTER REPLICAS`
   */
  clusterSlaves(nodeId: Value): Promise<string[]>;
  /**
   * Lists the ranges of slots with their nodes.
   *
   *     CLUSTER SLOTS
   * @deprecated since 7.0.0: `CLUSTER SHARDS`
   */
  clusterSlots(): Promise<unknown[]>;
  /**
   * Describes all commands.
   *
   *     COMMAND
   */
  command(args?: readonly Value[]): Promise<unknown[]>;
  /**
   * Counts the commands.
   *
   *     COMMAND COUNT
   */
  commandCount(): Promise<number>;
  /**
   * Answers what commands do and how they are called.
   *
   *     COMMAND DOCS [command-name [command-name ...]]
   */
  commandDocs(commandNames?: OneOrMore<Value>): Promise<Record<string, unknown>>;
  /**
   * Finds the keys of a whole command.
   *
   *     COMMAND GETKEYS
   */
  commandGetKeys(args?: readonly Value[]): Promise<Text[]>;
  /**
   * Finds the keys of a whole command, and what it does to each.
   *
   *     COMMAND GETKEYSANDFLAGS
   */
  commandGetKeysAndFlags(args?: readonly Value[]): Promise<[key: Text, flags: string[]][]>;
  /**
   * Describes commands as servers and clients need it.
   *
   *     COMMAND INFO [command-name [command-name ...]]
   */
  commandInfo(commandNames?: OneOrMore<Value>): Promise<unknown[]>;
  /**
   * Answers the names of all commands, or of some.
   *
   *     COMMAND LIST [FILTERBY MODULE module-name | ACLCAT category | PATTERN pattern]
   */
  commandList(options?: CommandListOptions): Promise<string[]>;
  /**
   * Answers the values of the directives whose names match.
   *
   *     CONFIG GET parameter [parameter ...]
   */
  configGet(parameters: OneOrMore<Value>): Promise<Record<string, string>>;
  /**
   * Sets the statistics back to zero.
   *
   *     CONFIG RESETSTAT
   */
  configResetStat(): Promise<'OK'>;
  /**
   * Writes the configuration back to its file.
   *
   *     CONFIG REWRITE
   */
  configRewrite(): Promise<'OK'>;
  /**
   * Sets directives, all or none.
   *
   *     CONFIG SET parameter value [parameter value ...]
   */
  configSet(parameter: Value, value: Value): Promise<'OK'>;
  configSet(entries: Entries): Promise<'OK'>;
  /**
   * Copies a key's value and expiry to another key.
   *
   *     COPY source destination [DB destination-db] [REPLACE]
   */
  copy(source: Key, destination: Key, options?: CopyOptions): Promise<boolean>;
  /**
   * Answers the number of keys in the database.
   *
   *     DBSIZE
   */
  dbSize(): Promise<number>;
  /**
   * Takes one from the integer value of a key; a missing key counts as 0.
   *
   *     DECR key
   */
  decr(key: Key): Promise<number>;
  /**
   * Takes a number from the integer value of a key; a missing key counts as 0.
   *
   *     DECRBY key decrement
   */
  decrBy(key: Key, decrement: Integer): Promise<number>;
  /**
   * Removes keys.
   *
   *     DEL key [key ...]
   */
  del(keys: OneOrMore<Key>): Promise<number>;
  /**
   * Answers the value of a key in a form that RESTORE takes.
   *
   *     DUMP key
   */
  dump(key: Key): Promise<Text | null>;
  /**
   * Answers the argument.
   *
   *     ECHO message
   */
  echo(message: Value): Promise<Text>;
  /**
   * Counts how many of the keys named exist; one named twice counts twice.
   *
   *     EXISTS key [key ...]
   */
  exists(keys: OneOrMore<Key>): Promise<number>;
  /**
   * Sets how long a key lives, in seconds.
   *
   *     EXPIRE key seconds [NX | XX | GT | LT]
   */
  expire(key: Key, seconds: Integer, condition?: 'NX' | 'XX' | 'GT' | 'LT'): Promise<boolean>;
  /**
   * Sets when a key expires, in seconds since 1970.
   *
   *     EXPIREAT key unix-time-seconds [NX | XX | GT | LT]
   */
  expireAt(key: Key, unixTimeSeconds: Integer, condition?: 'NX' | 'XX' | 'GT' | 'LT'): Promise<boolean>;
  /**
   * Answers when a key expires, in seconds since 1970; -1: never, -2: it does not exist.
   *
   *     EXPIRETIME key
   */
  expireTime(key: Key): Promise<number>;
  /**
   * Hands the role of master over to a replica.
   *
   *     FAILOVER [TO host port [FORCE]] [ABORT] [TIMEOUT milliseconds]
   */
  failover(options?: FailoverOptions): Promise<'OK'>;
  /**
   * Removes all keys of all databases.
   *
   *     FLUSHALL [ASYNC | SYNC]
   */
  flushAll(async?: 'ASYNC' | 'SYNC'): Promise<'OK'>;
  /**
   * Removes all keys of the database.
   *
   *     FLUSHDB [ASYNC | SYNC]
   */
  flushDb(async?: 'ASYNC' | 'SYNC'): Promise<'OK'>;
  /**
   * Removes a library.
   *
   *     FUNCTION DELETE library-name
   */
  functionDelete(libraryName: Value): Promise<'OK'>;
  /**
   * Gives all libraries as a payload for RESTORE.
   *
   *     FUNCTION DUMP
   */
  functionDump(): Promise<Text>;
  /**
   * Removes all libraries.
   *
   *     FUNCTION FLUSH [ASYNC | SYNC]
   */
  functionFlush(async?: 'ASYNC' | 'SYNC'): Promise<'OK'>;
  /**
   * Ends the function that is running.
   *
   *     FUNCTION KILL
   */
  functionKill(): Promise<'OK'>;
  /**
   * Lists the libraries and their functions.
   *
   *     FUNCTION LIST [LIBRARYNAME library-name-pattern] [WITHCODE]
   */
  functionList(options?: FunctionListOptions): Promise<unknown[]>;
  /**
   * Adds a library.
   *
   *     FUNCTION LOAD [REPLACE] function-code
   */
  functionLoad(functionCode: Value, options?: FunctionLoadOptions): Promise<Text>;
  /**
   * Takes in the libraries of a payload.
   *
   *     FUNCTION RESTORE serialized-value [FLUSH | APPEND | REPLACE]
   */
  functionRestore(serializedValue: Value, policy?: 'FLUSH' | 'APPEND' | 'REPLACE'): Promise<'OK'>;
  /**
   * Tells about the function that is running and the engines there are.
   *
   *     FUNCTION STATS
   */
  functionStats(): Promise<unknown>;
  /**
   * Adds places, or moves them.
   *
   *     GEOADD key [NX | XX] [CH] longitude latitude member [longitude latitude member ...]
   */
  geoAdd(
    key: Key,
    members: OneOrMore<{ readonly longitude: Double; readonly latitude: Double; readonly member: Value }>,
    options?: GeoAddOptions,
  ): Promise<number>;
  /**
   * Answers the distance between two places.
   *
   *     GEODIST key member1 member2 [M | KM | FT | MI]
   */
  geoDist(key: Key, member1: Value, member2: Value, unit?: 'M' | 'KM' | 'FT' | 'MI'): Promise<number | null>;
  /**
   * Answers the geohash texts of places.
   *
   *     GEOHASH key member [member ...]
   */
  geoHash(key: Key, members: OneOrMore<Value>): Promise<(Text | null)[]>;
  /**
   * Answers the longitude and latitude of places.
   *
   *     GEOPOS key member [member ...]
   */
  geoPos(key: Key, members: OneOrMore<Value>): Promise<([longitude: number, latitude: number] | null)[]>;
  /**
   * Answers or stores the places within a distance of a point.
   *
   *     GEORADIUS key longitude latitude radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC | DESC] [STORE key] [STOREDIST key]
   * @deprecated since 6.2.0: `GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument
   */
  geoRadius(
    key: Key,
    longitude: Double,
    latitude: Double,
    radius: Double,
    unit: 'M' | 'KM' | 'FT' | 'MI',
    options: GeoRadiusOptions &
      (
        | {
            readonly store: Key;
            readonly storedist?: Key;
            readonly withcoord?: boolean;
            readonly withdist?: boolean;
            readonly withhash?: boolean;
          }
        | {
            readonly storedist: Key;
            readonly store?: Key;
            readonly withcoord?: boolean;
            readonly withdist?: boolean;
            readonly withhash?: boolean;
          }
      ),
  ): Promise<number>;
  geoRadius(
    key: Key,
    longitude: Double,
    latitude: Double,
    radius: Double,
    unit: 'M' | 'KM' | 'FT' | 'MI',
    options: GeoRadiusOptions &
      (
        | { readonly withcoord: true; readonly withdist?: boolean; readonly withhash?: boolean }
        | { readonly withdist: true; readonly withcoord?: boolean; readonly withhash?: boolean }
        | { readonly withhash: true; readonly withcoord?: boolean; readonly withdist?: boolean }
      ),
  ): Promise<[member: Text, ...(number | [longitude: number, latitude: number])[]][]>;
  geoRadius(
    key: Key,
    longitude: Double,
    latitude: Double,
    radius: Double,
    unit: 'M' | 'KM' | 'FT' | 'MI',
    options?: GeoRadiusOptions,
  ): Promise<Text[]>;
  /**
   * Answers or stores the places within a distance of a place.
   *
   *     GEORADIUSBYMEMBER key member radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC | DESC] [STORE key] [STOREDIST key]
   * @deprecated since 6.2.0: `GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments
   */
  geoRadiusByMember(
    key: Key,
    member: Value,
    radius: Double,
    unit: 'M' | 'KM' | 'FT' | 'MI',
    options: GeoRadiusByMemberOptions &
      (
        | {
            readonly store: Key;
            readonly storedist?: Key;
            readonly withcoord?: boolean;
            readonly withdist?: boolean;
            readonly withhash?: boolean;
          }
        | {
            readonly storedist: Key;
            readonly store?: Key;
            readonly withcoord?: boolean;
            readonly withdist?: boolean;
            readonly withhash?: boolean;
          }
      ),
  ): Promise<number>;
  geoRadiusByMember(
    key: Key,
    member: Value,
    radius: Double,
    unit: 'M' | 'KM' | 'FT' | 'MI',
    options: GeoRadiusByMemberOptions &
      (
        | { readonly withcoord: true; readonly withdist?: boolean; readonly withhash?: boolean }
        | { readonly withdist: true; readonly withcoord?: boolean; readonly withhash?: boolean }
        | { readonly withhash: true; readonly withcoord?: boolean; readonly withdist?: boolean }
      ),
  ): Promise<[member: Text, ...(number | [longitude: number, latitude: number])[]][]>;
  geoRadiusByMember(
    key: Key,
    member: Value,
    radius: Double,
    unit: 'M' | 'KM' | 'FT' | 'MI',
    options?: GeoRadiusByMemberOptions,
  ): Promise<Text[]>;
  /**
   * Answers the places within a distance of a place.
   *
   *     GEORADIUSBYMEMBER_RO key member radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC | DESC]
   * @deprecated since 6.2.0: `GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments
   */
  geoRadiusByMemberRo(
    key: Key,
    member: Value,
    radius: Double,
    unit: 'M' | 'KM' | 'FT' | 'MI',
    options: GeoRadiusByMemberRoOptions &
      (
        | { readonly withcoord: true; readonly withdist?: boolean; readonly withhash?: boolean }
        | { readonly withdist: true; readonly withcoord?: boolean; readonly withhash?: boolean }
        | { readonly withhash: true; readonly withcoord?: boolean; readonly withdist?: boolean }
      ),
  ): Promise<[member: Text, ...(number | [longitude: number, latitude: number])[]][]>;
  geoRadiusByMemberRo(
    key: Key,
    member: Value,
    radius: Double,
    unit: 'M' | 'KM' | 'FT' | 'MI',
    options?: GeoRadiusByMemberRoOptions,
  ): Promise<Text[]>;
  /**
   * Answers the places within a distance of a point.
   *
   *     GEORADIUS_RO key longitude latitude radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC | DESC]
   * @deprecated since 6.2.0: `GEOSEARCH` with the `BYRADIUS` argument
   */
  geoRadiusRo(
    key: Key,
    longitude: Double,
    latitude: Double,
    radius: Double,
    unit: 'M' | 'KM' | 'FT' | 'MI',
    options: GeoRadiusRoOptions &
      (
        | { readonly withcoord: true; readonly withdist?: boolean; readonly withhash?: boolean }
        | { readonly withdist: true; readonly withcoord?: boolean; readonly withhash?: boolean }
        | { readonly withhash: true; readonly withcoord?: boolean; readonly withdist?: boolean }
      ),
  ): Promise<[member: Text, ...(number | [longitude: number, latitude: number])[]][]>;
  geoRadiusRo(
    key: Key,
    longitude: Double,
    latitude: Double,
    radius: Double,
    unit: 'M' | 'KM' | 'FT' | 'MI',
    options?: GeoRadiusRoOptions,
  ): Promise<Text[]>;
  /**
   * Answers the places within a circle or a box.
   *
   *     GEOSEARCH key <FROMMEMBER member | FROMLONLAT longitude latitude> <BYRADIUS radius <M | KM | FT | MI> | BYBOX width height <M | KM | FT | MI>> [ASC | DESC] [COUNT count [ANY]] [WITHCOORD] [WITHDIST] [WITHHASH]
   */
  geoSearch(
    key: Key,
    from:
      | { readonly frommember: Value }
      | { readonly fromlonlat: { readonly longitude: Double; readonly latitude: Double } },
    by:
      | { readonly byradius: { readonly radius: Double; readonly unit: 'M' | 'KM' | 'FT' | 'MI' } }
      | {
          readonly bybox: {
            readonly width: Double;
            readonly height: Double;
            readonly unit: 'M' | 'KM' | 'FT' | 'MI';
          };
        },
    options: GeoSearchOptions &
      (
        | { readonly withcoord: true; readonly withdist?: boolean; readonly withhash?: boolean }
        | { readonly withdist: true; readonly withcoord?: boolean; readonly withhash?: boolean }
        | { readonly withhash: true; readonly withcoord?: boolean; readonly withdist?: boolean }
      ),
  ): Promise<[member: Text, ...(number | [longitude: number, latitude: number])[]][]>;
  geoSearch(
    key: Key,
    from:
      | { readonly frommember: Value }
      | { readonly fromlonlat: { readonly longitude: Double; readonly latitude: Double } },
    by:
      | { readonly byradius: { readonly radius: Double; readonly unit: 'M' | 'KM' | 'FT' | 'MI' } }
      | {
          readonly bybox: {
            readonly width: Double;
            readonly height: Double;
            readonly unit: 'M' | 'KM' | 'FT' | 'MI';
          };
        },
    options?: GeoSearchOptions,
  ): Promise<Text[]>;
  /**
   * Stores the places within a circle or a box.
   *
   *     GEOSEARCHSTORE destination source <FROMMEMBER member | FROMLONLAT longitude latitude> <BYRADIUS radius <M | KM | FT | MI> | BYBOX width height <M | KM | FT | MI>> [ASC | DESC] [COUNT count [ANY]] [STOREDIST]
   */
  geoSearchStore(
    destination: Key,
    source: Key,
    from:
      | { readonly frommember: Value }
      | { readonly fromlonlat: { readonly longitude: Double; readonly latitude: Double } },
    by:
      | { readonly byradius: { readonly radius: Double; readonly unit: 'M' | 'KM' | 'FT' | 'MI' } }
      | {
          readonly bybox: {
            readonly width: Double;
            readonly height: Double;
            readonly unit: 'M' | 'KM' | 'FT' | 'MI';
          };
        },
    options?: GeoSearchStoreOptions,
  ): Promise<number>;
  /**
   * Answers the string value of a key.
   *
   *     GET key
   */
  get(key: Key): Promise<Text | null>;
  /**
   * Answers a bit of a string value.
   *
   *     GETBIT key offset
   */
  getBit(key: Key, offset: Integer): Promise<number>;
  /**
   * Answers the string value of a key and removes the key.
   *
   *     GETDEL key
   */
  getDel(key: Key): Promise<Text | null>;
  /**
   * Answers the string value of a key and sets or takes away its expiry.
   *
   *     GETEX key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST]
   */
  getEx(key: Key, options?: GetExOptions): Promise<Text | null>;
  /**
   * Answers part of a string value, from one offset to another; negative ones count from the end.
   *
   *     GETRANGE key start end
   */
  getRange(key: Key, start: Integer, end: Integer): Promise<Text>;
  /**
   * Sets the string value of a key and answers the one before.
   *
   *     GETSET key value
   * @deprecated since 6.2.0: `SET` with the `!GET` argument
   */
  getSet(key: Key, value: Value): Promise<Text | null>;
  /**
   * Removes fields of a hash, and the hash with the last of them.
   *
   *     HDEL key field [field ...]
   */
  hDel(key: Key, fields: OneOrMore<Value>): Promise<number>;
  /**
   * Answers whether a field of a hash exists.
   *
   *     HEXISTS key field
   */
  hExists(key: Key, field: Value): Promise<boolean>;
  /**
   * Sets how long fields of a hash live, in seconds.
   *
   *     HEXPIRE key seconds [NX | XX | GT | LT] FIELDS numfields field [field ...]
   */
  hExpire(key: Key, seconds: Integer, fields: OneOrMore<Value>, options?: HExpireOptions): Promise<number[]>;
  /**
   * Sets when fields of a hash expire, in seconds since 1970.
   *
   *     HEXPIREAT key unix-time-seconds [NX | XX | GT | LT] FIELDS numfields field [field ...]
   */
  hExpireAt(
    key: Key,
    unixTimeSeconds: Integer,
    fields: OneOrMore<Value>,
    options?: HExpireAtOptions,
  ): Promise<number[]>;
  /**
   * Answers when fields of a hash expire, in seconds since 1970.
   *
   *     HEXPIRETIME key FIELDS numfields field [field ...]
   */
  hExpireTime(key: Key, fields: OneOrMore<Value>): Promise<number[]>;
  /**
   * Answers the value of a field of a hash.
   *
   *     HGET key field
   */
  hGet(key: Key, field: Value): Promise<Text | null>;
  /**
   * Answers all fields of a hash with their values.
   *
   *     HGETALL key
   */
  hGetAll(key: Key): Promise<Record<string, Text>>;
  /**
   * Answers the values of fields of a hash, and removes the fields.
   *
   *     HGETDEL key FIELDS numfields field [field ...]
   */
  hGetDel(key: Key, fields: OneOrMore<Value>): Promise<(Text | null)[]>;
  /**
   * Answers the values of fields of a hash, and sets how long the fields live.
   *
   *     HGETEX key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST] FIELDS numfields field [field ...]
   */
  hGetEx(key: Key, fields: OneOrMore<Value>, options?: HGetExOptions): Promise<(Text | null)[]>;
  /**
   * Adds to the integer value of a field of a hash; a field that does not exist counts as 0.
   *
   *     HINCRBY key field increment
   */
  hIncrBy(key: Key, field: Value, increment: Integer): Promise<number>;
  /**
   * Adds to the floating-point value of a field of a hash; a field that does not exist counts as 0.
   *
   *     HINCRBYFLOAT key field increment
   */
  hIncrByFloat(key: Key, field: Value, increment: Double): Promise<number>;
  /**
   * Answers all fields of a hash.
   *
   *     HKEYS key
   */
  hKeys(key: Key): Promise<Text[]>;
  /**
   * Answers the number of fields of a hash.
   *
   *     HLEN key
   */
  hLen(key: Key): Promise<number>;
  /**
   * Lets fields of a hash live for ever.
   *
   *     HPERSIST key FIELDS numfields field [field ...]
   */
  hPersist(key: Key, fields: OneOrMore<Value>): Promise<number[]>;
  /**
   * Answers fields of a hash chosen at random.
   *
   *     HRANDFIELD key [count [WITHVALUES]]
   */
  hRandField(
    key: Key,
    options: { readonly withvalues: true; readonly count?: Integer },
  ): Promise<[field: Text, value: Text][]>;
  hRandField(key: Key, options: { readonly count: Integer }): Promise<Text[]>;
  hRandField(key: Key): Promise<Text | null>;
  /**
   * Answers some fields of a hash with their values, and a cursor with which to go on.
   *
   *     HSCAN key cursor [MATCH pattern] [COUNT count]
   */
  hScan(
    key: Key,
    cursor: Value,
    options?: HScanOptions,
  ): Promise<[cursor: Text, entries: [field: Text, value: Text][]]>;
  /**
   * Sets fields of a hash and answers how many of them are new.
   *
   *     HSET key field value [field value ...]
   */
  hSet(key: Key, field: Value, value: Value): Promise<number>;
  hSet(key: Key, entries: Entries): Promise<number>;
  /**
   * Sets fields of a hash, and how long they live.
   *
   *     HSETEX key [FNX | FXX] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL] FIELDS numfields field value [field value ...]
   */
  hSetEx(key: Key, field: Value, value: Value): Promise<boolean>;
  hSetEx(key: Key, entries: Entries, options?: HSetExOptions): Promise<boolean>;
  /**
   * Sets a field of a hash if it does not exist.
   *
   *     HSETNX key field value
   */
  hSetNX(key: Key, field: Value, value: Value): Promise<boolean>;
  /**
   * Answers the length of the value of a field of a hash.
   *
   *     HSTRLEN key field
   */
  hStrLen(key: Key, field: Value): Promise<number>;
  /**
   * Answers how long fields of a hash have yet to live, in seconds.
   *
   *     HTTL key FIELDS numfields field [field ...]
   */
  hTTL(key: Key, fields: OneOrMore<Value>): Promise<number[]>;
  /**
   * Answers the values of all fields of a hash.
   *
   *     HVALS key
   */
  hVals(key: Key): Promise<Text[]>;
  /**
   * Answers the values of several fields of a hash; null for those that are not there.
   *
   *     HMGET key field [field ...]
   */
  hmGet(key: Key, fields: OneOrMore<Value>): Promise<(Text | null)[]>;
  /**
   * Sets fields of a hash.
   *
   *     HMSET key field value [field value ...]
   * @deprecated since 4.0.0: `HSET` with multiple field-value pairs
   */
  hmSet(key: Key, field: Value, value: Value): Promise<'OK'>;
  hmSet(key: Key, entries: Entries): Promise<'OK'>;
  /**
   * Sets how long fields of a hash live, in milliseconds.
   *
   *     HPEXPIRE key milliseconds [NX | XX | GT | LT] FIELDS numfields field [field ...]
   */
  hpExpire(
    key: Key,
    milliseconds: Integer,
    fields: OneOrMore<Value>,
    options?: HpExpireOptions,
  ): Promise<number[]>;
  /**
   * Sets when fields of a hash expire, in milliseconds since 1970.
   *
   *     HPEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT] FIELDS numfields field [field ...]
   */
  hpExpireAt(
    key: Key,
    unixTimeMilliseconds: Integer,
    fields: OneOrMore<Value>,
    options?: HpExpireAtOptions,
  ): Promise<number[]>;
  /**
   * Answers when fields of a hash expire, in milliseconds since 1970.
   *
   *     HPEXPIRETIME key FIELDS numfields field [field ...]
   */
  hpExpireTime(key: Key, fields: OneOrMore<Value>): Promise<number[]>;
  /**
   * Answers how long fields of a hash have yet to live, in milliseconds.
   *
   *     HPTTL key FIELDS numfields field [field ...]
   */
  hpTTL(key: Key, fields: OneOrMore<Value>): Promise<number[]>;
  /**
   * Adds one to the integer value of a key; a missing key counts as 0.
   *
   *     INCR key
   */
  incr(key: Key): Promise<number>;
  /**
   * Adds a number to the integer value of a key; a missing key counts as 0.
   *
   *     INCRBY key increment
   */
  incrBy(key: Key, increment: Integer): Promise<number>;
  /**
   * Adds a number to the floating-point value of a key; a missing key counts as 0.
   *
   *     INCRBYFLOAT key increment
   */
  incrByFloat(key: Key, increment: Double): Promise<number>;
  /**
   * Describes the server's state and statistics.
   *
   *     INFO [section [section ...]]
   */
  info(sections?: OneOrMore<Value>): Promise<string>;
  /**
   * Answers all keys whose name matches a pattern.
   *
   *     KEYS pattern
   */
  keys(pattern: Key): Promise<Text[]>;
  /**
   * Answers the element of a list at an index; negative ones count from the end.
   *
   *     LINDEX key index
   */
  lIndex(key: Key, index: Integer): Promise<Text | null>;
  /**
   * Puts an element before or behind another one of a list, the first that equals the pivot.
   *
   *     LINSERT key <BEFORE | AFTER> pivot element
   */
  lInsert(key: Key, where: 'BEFORE' | 'AFTER', pivot: Value, element: Value): Promise<number>;
  /**
   * Answers the number of elements of a list.
   *
   *     LLEN key
   */
  lLen(key: Key): Promise<number>;
  /**
   * Takes an element from one end of a list, puts it at one end of another and answers it.
   *
   *     LMOVE source destination <LEFT | RIGHT> <LEFT | RIGHT>
   */
  lMove(
    source: Key,
    destination: Key,
    wherefrom: 'LEFT' | 'RIGHT',
    whereto: 'LEFT' | 'RIGHT',
  ): Promise<Text | null>;
  /**
   * Takes the first element, or the first few, out of a list and answers them.
   *
   *     LPOP key [count]
   */
  lPop(key: Key, count: Integer): Promise<Text[] | null>;
  lPop(key: Key): Promise<Text | null>;
  /**
   * Answers the indexes at which an element stands in a list.
   *
   *     LPOS key element [RANK rank] [COUNT num-matches] [MAXLEN len]
   */
  lPos(key: Key, element: Value, options: LPosOptions & { readonly count: Integer }): Promise<number[]>;
  lPos(key: Key, element: Value, options?: LPosOptions): Promise<number | null>;
  /**
   * Puts elements before the first of a list, one after the other.
   *
   *     LPUSH key element [element ...]
   */
  lPush(key: Key, elements: OneOrMore<Value>): Promise<number>;
  /**
   * Puts elements before the first of a list that exists.
   *
   *     LPUSHX key element [element ...]
   */
  lPushX(key: Key, elements: OneOrMore<Value>): Promise<number>;
  /**
   * Answers the elements of a list from one index to another, both included.
   *
   *     LRANGE key start stop
   */
  lRange(key: Key, start: Integer, stop: Integer): Promise<Text[]>;
  /**
   * Takes elements that equal the one given out of a list: all, the first few or the last few.
   *
   *     LREM key count element
   */
  lRem(key: Key, count: Integer, element: Value): Promise<number>;
  /**
   * Puts another element in the place of the one at an index of a list.
   *
   *     LSET key index element
   */
  lSet(key: Key, index: Integer, element: Value): Promise<'OK'>;
  /**
   * Takes all elements but those from one index to another, both included, out of a list.
   *
   *     LTRIM key start stop
   */
  lTrim(key: Key, start: Integer, stop: Integer): Promise<'OK'>;
  /**
   * Answers when the last snapshot was made, in seconds since 1970.
   *
   *     LASTSAVE
   */
  lastSave(): Promise<number>;
  /**
   * Describes what took long, and what may help.
   *
   *     LATENCY DOCTOR
   */
  latencyDoctor(): Promise<string>;
  /**
   * Draws an event's samples.
   *
   *     LATENCY GRAPH event
   */
  latencyGraph(event: Value): Promise<string>;
  /**
   * Answers how long calls of commands took, as cumulative distributions.
   *
   *     LATENCY HISTOGRAM [command [command ...]]
   */
  latencyHistogram(
    commands?: OneOrMore<Value>,
  ): Promise<Record<string, { calls: number; histogram_usec: Record<number, number> }>>;
  /**
   * Lists an event's samples.
   *
   *     LATENCY HISTORY event
   */
  latencyHistory(event: Value): Promise<[time: number, milliseconds: number][]>;
  /**
   * Lists every event's last sample and its longest time.
   *
   *     LATENCY LATEST
   */
  latencyLatest(): Promise<[event: string, time: number, latest: number, longest: number][]>;
  /**
   * Forgets the samples of events, or of all.
   *
   *     LATENCY RESET [event [event ...]]
   */
  latencyReset(events?: OneOrMore<Value>): Promise<number>;
  /**
   * Finds the longest common subsequence of two string values.
   *
   *     LCS key1 key2 [LEN] [IDX] [MINMATCHLEN len] [WITHMATCHLEN]
   */
  lcs(
    key1: Key,
    key2: Key,
    options: LcsOptions & { readonly len: true; readonly idx?: boolean },
  ): Promise<number>;
  lcs(
    key1: Key,
    key2: Key,
    options: LcsOptions & { readonly idx: true },
  ): Promise<{
    matches: [range1: [number, number], range2: [number, number], length?: number][];
    len: number;
  }>;
  lcs(key1: Key, key2: Key, options?: LcsOptions): Promise<Text>;
  /**
   * Takes elements out of the first of several lists that exists and answers them.
   *
   *     LMPOP numkeys key [key ...] <LEFT | RIGHT> [COUNT count]
   */
  lmPop(
    keys: OneOrMore<Key>,
    where: 'LEFT' | 'RIGHT',
    options?: LmPopOptions,
  ): Promise<[key: Text, elements: Text[]] | null>;
  /**
   * Draws a honeycomb.
   *
   *     LOLWUT [VERSION version]
   */
  lolwut(options?: LolwutOptions): Promise<string>;
  /**
   * Answers the string values of all keys named; null for those that hold none.
   *
   *     MGET key [key ...]
   */
  mGet(keys: OneOrMore<Key>): Promise<(Text | null)[]>;
  /**
   * Sets the string values of several keys, all at once.
   *
   *     MSET key value [key value ...]
   */
  mSet(key: Key, value: Value): Promise<'OK'>;
  mSet(entries: Entries): Promise<'OK'>;
  /**
   * Sets the string values of several keys, or of none when any of them exists.
   *
   *     MSETNX key value [key value ...]
   */
  mSetNX(key: Key, value: Value): Promise<boolean>;
  mSetNX(entries: Entries): Promise<boolean>;
  /**
   * Describes what is unusual about the use of memory.
   *
   *     MEMORY DOCTOR
   */
  memoryDoctor(): Promise<string>;
  /**
   * Describes the allocator's state.
   *
   *     MEMORY MALLOC-STATS
   */
  memoryMallocStats(): Promise<string>;
  /**
   * Gives memory back where the allocator holds more than it needs: the arena never does.
   *
   *     MEMORY PURGE
   */
  memoryPurge(): Promise<'OK'>;
  /**
   * Answers where the memory is.
   *
   *     MEMORY STATS
   */
  memoryStats(): Promise<Record<string, unknown>>;
  /**
   * Answers how many bytes a key and its value take.
   *
   *     MEMORY USAGE key [SAMPLES count]
   */
  memoryUsage(key: Key, options?: MemoryUsageOptions): Promise<number | null>;
  /**
   * Moves keys to another server.
   *
   *     MIGRATE host port <key | > destination-db timeout [COPY] [REPLACE] [[AUTH password] | [AUTH2 username password]] [KEYS key [key ...]]
   */
  migrate(
    host: Value,
    port: Integer,
    keyOrEmptyString: Key | '',
    destinationDb: Integer,
    timeout: Integer,
    options?: MigrateOptions,
  ): Promise<'OK' | 'NOKEY'>;
  /**
   * Lists the loaded modules: none.
   *
   *     MODULE LIST
   */
  moduleList(): Promise<never[]>;
  /**
   * Refuses: modules are machine code for redis-server.
   *
   *     MODULE LOAD path [arg [arg ...]]
   */
  moduleLoad(path: Value, args?: OneOrMore<Value>): Promise<'OK'>;
  /**
   * Refuses: modules are machine code for redis-server.
   *
   *     MODULE LOADEX path [CONFIG name value [CONFIG name value ...]] [ARGS arg [arg ...]]
   */
  moduleLoadEx(path: Value, options?: ModuleLoadExOptions): Promise<'OK'>;
  /**
   * Refuses: no module is loaded.
   *
   *     MODULE UNLOAD name
   */
  moduleUnload(name: Value): Promise<'OK'>;
  /**
   * Moves a key to another database.
   *
   *     MOVE key db
   */
  move(key: Key, db: Integer): Promise<boolean>;
  /**
   * Answers how the value is encoded.
   *
   *     OBJECT ENCODING key
   */
  objectEncoding(key: Key): Promise<string | null>;
  /**
   * Answers how often the key is used: a logarithmic counter.
   *
   *     OBJECT FREQ key
   */
  objectFreq(key: Key): Promise<number | null>;
  /**
   * Answers how long the key has not been used, in seconds.
   *
   *     OBJECT IDLETIME key
   */
  objectIdleTime(key: Key): Promise<number | null>;
  /**
   * Answers the number of references to the value.
   *
   *     OBJECT REFCOUNT key
   */
  objectRefCount(key: Key): Promise<number | null>;
  /**
   * Sets how long a key lives, in milliseconds.
   *
   *     PEXPIRE key milliseconds [NX | XX | GT | LT]
   */
  pExpire(key: Key, milliseconds: Integer, condition?: 'NX' | 'XX' | 'GT' | 'LT'): Promise<boolean>;
  /**
   * Sets when a key expires, in milliseconds since 1970.
   *
   *     PEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT]
   */
  pExpireAt(key: Key, unixTimeMilliseconds: Integer, condition?: 'NX' | 'XX' | 'GT' | 'LT'): Promise<boolean>;
  /**
   * Answers when a key expires, in milliseconds since 1970; -1: never, -2: it does not exist.
   *
   *     PEXPIRETIME key
   */
  pExpireTime(key: Key): Promise<number>;
  /**
   * Sets the string value and the time to live, in milliseconds, of a key.
   *
   *     PSETEX key milliseconds value
   */
  pSetEx(key: Key, milliseconds: Integer, value: Value): Promise<'OK'>;
  /**
   * Answers how long a key will live, in milliseconds; -1: for ever, -2: it does not exist.
   *
   *     PTTL key
   */
  pTTL(key: Key): Promise<number>;
  /**
   * Takes away a key's expiry: it lives until it is removed.
   *
   *     PERSIST key
   */
  persist(key: Key): Promise<boolean>;
  /**
   * Adds elements to a HyperLogLog; answers whether its estimate may have changed.
   *
   *     PFADD key [element [element ...]]
   */
  pfAdd(key: Key, elements?: OneOrMore<Value>): Promise<boolean>;
  /**
   * Estimates how many different elements HyperLogLogs have seen together.
   *
   *     PFCOUNT key [key ...]
   */
  pfCount(keys: OneOrMore<Key>): Promise<number>;
  /**
   * Adds to a HyperLogLog what others have seen.
   *
   *     PFMERGE destkey sourcekey [sourcekey ...]
   */
  pfMerge(destkey: Key, sourcekeys: OneOrMore<Key>): Promise<'OK'>;
  /**
   * Answers PONG, or the argument.
   *
   *     PING [message]
   */
  ping(message?: Value): Promise<'PONG' | Text>;
  /**
   * Lists the channels that have listeners.
   *
   *     PUBSUB CHANNELS [pattern]
   */
  pubSubChannels(pattern?: Key): Promise<Text[]>;
  /**
   * Counts the patterns that have listeners.
   *
   *     PUBSUB NUMPAT
   */
  pubSubNumPat(): Promise<number>;
  /**
   * Counts channels' listeners, those with patterns left out.
   *
   *     PUBSUB NUMSUB [channel [channel ...]]
   */
  pubSubNumSub(channels?: OneOrMore<Value>): Promise<(Text | number)[]>;
  /**
   * Lists the channels of slots that have listeners.
   *
   *     PUBSUB SHARDCHANNELS [pattern]
   */
  pubSubShardChannels(pattern?: Key): Promise<Text[]>;
  /**
   * Counts the listeners of slots' channels.
   *
   *     PUBSUB SHARDNUMSUB [shardchannel [shardchannel ...]]
   */
  pubSubShardNumSub(shardchannels?: OneOrMore<Value>): Promise<(Text | number)[]>;
  /**
   * Sends a message to a channel.
   *
   *     PUBLISH channel message
   */
  publish(channel: Value, message: Value): Promise<number>;
  /**
   * Takes the last element, or the last few, out of a list and answers them.
   *
   *     RPOP key [count]
   */
  rPop(key: Key, count: Integer): Promise<Text[] | null>;
  rPop(key: Key): Promise<Text | null>;
  /**
   * Takes the last element of a list, puts it before the first of another and answers it.
   *
   *     RPOPLPUSH source destination
   * @deprecated since 6.2.0: `LMOVE` with the `RIGHT` and `LEFT` arguments
   */
  rPopLPush(source: Key, destination: Key): Promise<Text | null>;
  /**
   * Puts elements behind the last of a list.
   *
   *     RPUSH key element [element ...]
   */
  rPush(key: Key, elements: OneOrMore<Value>): Promise<number>;
  /**
   * Puts elements behind the last of a list that exists.
   *
   *     RPUSHX key element [element ...]
   */
  rPushX(key: Key, elements: OneOrMore<Value>): Promise<number>;
  /**
   * Answers a key chosen at random.
   *
   *     RANDOMKEY
   */
  randomKey(): Promise<Text | null>;
  /**
   * Gives a key another name; a key that had it before is lost.
   *
   *     RENAME key newkey
   */
  rename(key: Key, newkey: Key): Promise<'OK'>;
  /**
   * Gives a key another name unless a key has it already.
   *
   *     RENAMENX key newkey
   */
  renameNX(key: Key, newkey: Key): Promise<boolean>;
  /**
   * Makes the server a replica of another, or a master.
   *
   *     REPLICAOF <host port | NO ONE>
   */
  replicaOf(
    args: { readonly host: Value; readonly port: Integer } | { readonly noone: boolean },
  ): Promise<'OK'>;
  /**
   * Creates a key with a value that DUMP gave.
   *
   *     RESTORE key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]
   */
  restore(key: Key, ttl: Integer, serializedValue: Value, options?: RestoreOptions): Promise<'OK'>;
  /**
   * Answers whether the server is a master or a replica, and of what.
   *
   *     ROLE
   */
  role(): Promise<unknown[]>;
  /**
   * Adds members to a set and answers how many of them are new.
   *
   *     SADD key member [member ...]
   */
  sAdd(key: Key, members: OneOrMore<Value>): Promise<number>;
  /**
   * Answers the number of members of a set.
   *
   *     SCARD key
   */
  sCard(key: Key): Promise<number>;
  /**
   * Answers the members of the first set that none of the others has.
   *
   *     SDIFF key [key ...]
   */
  sDiff(keys: OneOrMore<Key>): Promise<Set<Text>>;
  /**
   * Stores the members of the first set that none of the others has, and answers their number.
   *
   *     SDIFFSTORE destination key [key ...]
   */
  sDiffStore(destination: Key, keys: OneOrMore<Key>): Promise<number>;
  /**
   * Answers the members that all sets named have.
   *
   *     SINTER key [key ...]
   */
  sInter(keys: OneOrMore<Key>): Promise<Set<Text>>;
  /**
   * Answers how many members all sets named have in common.
   *
   *     SINTERCARD numkeys key [key ...] [LIMIT limit]
   */
  sInterCard(keys: OneOrMore<Key>, options?: SInterCardOptions): Promise<number>;
  /**
   * Stores the members that all sets named have, and answers their number.
   *
   *     SINTERSTORE destination key [key ...]
   */
  sInterStore(destination: Key, keys: OneOrMore<Key>): Promise<number>;
  /**
   * Answers whether a set has a member.
   *
   *     SISMEMBER key member
   */
  sIsMember(key: Key, member: Value): Promise<boolean>;
  /**
   * Answers all members of a set.
   *
   *     SMEMBERS key
   */
  sMembers(key: Key): Promise<Set<Text>>;
  /**
   * Moves a member from one set to another.
   *
   *     SMOVE source destination member
   */
  sMove(source: Key, destination: Key, member: Value): Promise<boolean>;
  /**
   * Removes and answers members of a set chosen at random.
   *
   *     SPOP key [count]
   */
  sPop(key: Key, count: Integer): Promise<Set<Text>>;
  sPop(key: Key): Promise<Text | null>;
  /**
   * Sends a message to a channel of a slot.
   *
   *     SPUBLISH shardchannel message
   */
  sPublish(shardchannel: Value, message: Value): Promise<number>;
  /**
   * Answers members of a set chosen at random.
   *
   *     SRANDMEMBER key [count]
   */
  sRandMember(key: Key, count: Integer): Promise<Text[]>;
  sRandMember(key: Key): Promise<Text | null>;
  /**
   * Removes members of a set, and the set with the last of them.
   *
   *     SREM key member [member ...]
   */
  sRem(key: Key, members: OneOrMore<Value>): Promise<number>;
  /**
   * Answers some members of a set, and a cursor with which to go on.
   *
   *     SSCAN key cursor [MATCH pattern] [COUNT count]
   */
  sScan(key: Key, cursor: Value, options?: SScanOptions): Promise<[cursor: Text, members: Text[]]>;
  /**
   * Answers the members that any of the sets named has.
   *
   *     SUNION key [key ...]
   */
  sUnion(keys: OneOrMore<Key>): Promise<Set<Text>>;
  /**
   * Stores the members that any of the sets named has, and answers their number.
   *
   *     SUNIONSTORE destination key [key ...]
   */
  sUnionStore(destination: Key, keys: OneOrMore<Key>): Promise<number>;
  /**
   * Makes a snapshot now; everybody waits.
   *
   *     SAVE
   */
  save(): Promise<'OK'>;
  /**
   * Tells which scripts are cached.
   *
   *     SCRIPT EXISTS sha1 [sha1 ...]
   */
  scriptExists(sha1s: OneOrMore<Value>): Promise<boolean[]>;
  /**
   * Empties the script cache.
   *
   *     SCRIPT FLUSH [ASYNC | SYNC]
   */
  scriptFlush(async?: 'ASYNC' | 'SYNC'): Promise<'OK'>;
  /**
   * Ends the script that is running.
   *
   *     SCRIPT KILL
   */
  scriptKill(): Promise<'OK'>;
  /**
   * Puts a script into the cache.
   *
   *     SCRIPT LOAD script
   */
  scriptLoad(script: Value): Promise<string>;
  /**
   * Sets the string value of a key, whatever it held before.
   *
   *     SET key value [NX | XX] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]
   */
  set(
    key: Key,
    value: Value,
    options: SetOptions & { readonly get: true; readonly nx?: boolean; readonly xx?: boolean },
  ): Promise<Text | null>;
  set(
    key: Key,
    value: Value,
    options: SetOptions &
      ({ readonly nx: boolean; readonly xx?: boolean } | { readonly xx: boolean; readonly nx?: boolean }),
  ): Promise<'OK' | null>;
  set(key: Key, value: Value, options?: SetOptions): Promise<'OK'>;
  /**
   * Sets or clears a bit of a string value, which grows as needed; answers the bit before.
   *
   *     SETBIT key offset value
   */
  setBit(key: Key, offset: Integer, value: Integer): Promise<number>;
  /**
   * Sets the string value and the time to live, in seconds, of a key.
   *
   *     SETEX key seconds value
   */
  setEx(key: Key, seconds: Integer, value: Value): Promise<'OK'>;
  /**
   * Sets the string value of a key that does not exist.
   *
   *     SETNX key value
   */
  setNX(key: Key, value: Value): Promise<boolean>;
  /**
   * Overwrites part of a string value; a gap is filled with zero bytes.
   *
   *     SETRANGE key offset value
   */
  setRange(key: Key, offset: Integer, value: Value): Promise<number>;
  /**
   * Ends the server, saving what is to be saved.
   *
   *     SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE] [ABORT]
   */
  shutdown(options?: ShutdownOptions): Promise<'OK'>;
  /**
   * The older name of REPLICAOF.
   *
   *     SLAVEOF <host port | NO ONE>
   * @deprecated since 5.0.0: `REPLICAOF`
   */
  slaveOf(
    args: { readonly host: Value; readonly port: Integer } | { readonly noone: boolean },
  ): Promise<'OK'>;
  /**
   * Lists the latest slow commands.
   *
   *     SLOWLOG GET [count]
   */
  slowLogGet(
    count?: Integer,
  ): Promise<[id: number, time: number, microseconds: number, words: Text[], address: Text, client: Text][]>;
  /**
   * Answers the number of entries.
   *
   *     SLOWLOG LEN
   */
  slowLogLen(): Promise<number>;
  /**
   * Forgets all entries.
   *
   *     SLOWLOG RESET
   */
  slowLogReset(): Promise<'OK'>;
  /**
   * Answers for several members whether a set has them.
   *
   *     SMISMEMBER key member [member ...]
   */
  smIsMember(key: Key, members: OneOrMore<Value>): Promise<boolean[]>;
  /**
   * Sorts the elements of a list, a set or a sorted set; answers or keeps the result.
   *
   *     SORT key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA] [STORE destination]
   */
  sort(key: Key, options: SortOptions & { readonly store: Key }): Promise<number>;
  sort(key: Key, options?: SortOptions): Promise<(Text | null)[]>;
  /**
   * Sorts the elements of a list, a set or a sorted set.
   *
   *     SORT_RO key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA]
   */
  sortRo(key: Key, options?: SortRoOptions): Promise<(Text | null)[]>;
  /**
   * Answers the length of a string value, in bytes.
   *
   *     STRLEN key
   */
  strLen(key: Key): Promise<number>;
  /**
   * The older name of GETRANGE.
   *
   *     SUBSTR key start end
   * @deprecated since 2.0.0: `GETRANGE`
   */
  subStr(key: Key, start: Integer, end: Integer): Promise<Text>;
  /**
   * Swaps two databases: every connection to the one sees the keys of the other.
   *
   *     SWAPDB index1 index2
   */
  swapDb(index1: Integer, index2: Integer): Promise<'OK'>;
  /**
   * Answers the server's time: seconds since 1970, and microseconds.
   *
   *     TIME
   */
  time(): Promise<[seconds: string, microseconds: string]>;
  /**
   * Counts how many of the keys named exist and marks them as used now.
   *
   *     TOUCH key [key ...]
   */
  touch(keys: OneOrMore<Key>): Promise<number>;
  /**
   * Answers how long a key will live, in seconds; -1: for ever, -2: it does not exist.
   *
   *     TTL key
   */
  ttl(key: Key): Promise<number>;
  /**
   * Answers the type of a key's value.
   *
   *     TYPE key
   */
  type(key: Key): Promise<string>;
  /**
   * Removes keys; memory that takes long to free is freed later.
   *
   *     UNLINK key [key ...]
   */
  unlink(keys: OneOrMore<Key>): Promise<number>;
  /**
   * Waits until replicas have what the connection has written.
   *
   *     WAIT numreplicas timeout
   */
  wait(numreplicas: Integer, timeout: Integer): Promise<number>;
  /**
   * Waits until the servers have on disk what the connection has written.
   *
   *     WAITAOF numlocal numreplicas timeout
   */
  waitAof(
    numlocal: Integer,
    numreplicas: Integer,
    timeout: Integer,
  ): Promise<[local: number, replicas: number]>;
  /**
   * Says that entries have been dealt with: they are no longer pending.
   *
   *     XACK key group id [id ...]
   */
  xAck(key: Key, group: Value, ids: OneOrMore<Value>): Promise<number>;
  /**
   * Adds an entry to a stream, which is made when it is not there.
   *
   *     XADD key [NOMKSTREAM] [<MAXLEN | MINID> [= | ~] threshold [LIMIT count]] <* | id> field value [field value ...]
   */
  xAdd(
    key: Key,
    idOrAuto: '*' | Value,
    entries: Entries,
    options: XAddOptions & { readonly nomkstream: boolean },
  ): Promise<Text | null>;
  xAdd(key: Key, idOrAuto: '*' | Value, field: Value, value: Value): Promise<Text>;
  xAdd(key: Key, idOrAuto: '*' | Value, entries: Entries, options?: XAddOptions): Promise<Text>;
  /**
   * Makes a consumer the one who has the entries that others have had for too long.
   *
   *     XAUTOCLAIM key group consumer min-idle-time start [COUNT count] [JUSTID]
   */
  xAutoClaim(
    key: Key,
    group: Value,
    consumer: Value,
    minIdleTime: Value,
    start: Value,
    options: XAutoClaimOptions & { readonly justid: true },
  ): Promise<[next: Text, claimed: Text[], deleted: Text[]]>;
  xAutoClaim(
    key: Key,
    group: Value,
    consumer: Value,
    minIdleTime: Value,
    start: Value,
    options?: XAutoClaimOptions,
  ): Promise<[next: Text, claimed: [id: Text, fields: Record<string, Text>][], deleted: Text[]]>;
  /**
   * Makes a consumer the one who has entries that others were given.
   *
   *     XCLAIM key group consumer min-idle-time id [id ...] [IDLE ms] [TIME unix-time-milliseconds] [RETRYCOUNT count] [FORCE] [JUSTID] [LASTID id]
   */
  xClaim(
    key: Key,
    group: Value,
    consumer: Value,
    minIdleTime: Value,
    ids: OneOrMore<Value>,
    options: XClaimOptions & { readonly justid: true },
  ): Promise<Text[]>;
  xClaim(
    key: Key,
    group: Value,
    consumer: Value,
    minIdleTime: Value,
    ids: OneOrMore<Value>,
    options?: XClaimOptions,
  ): Promise<[id: Text, fields: Record<string, Text>][]>;
  /**
   * Deletes entries.
   *
   *     XDEL key id [id ...]
   */
  xDel(key: Key, ids: OneOrMore<Value>): Promise<number>;
  /**
   * Makes a consumer group.
   *
   *     XGROUP CREATE key groupname <id | $> [MKSTREAM] [ENTRIESREAD entries_read]
   */
  xGroupCreate(key: Key, groupname: Value, id: Value | '$', options?: XGroupCreateOptions): Promise<'OK'>;
  /**
   * Makes a consumer in a group.
   *
   *     XGROUP CREATECONSUMER key groupname consumername
   */
  xGroupCreateConsumer(key: Key, groupname: Value, consumername: Value): Promise<number>;
  /**
   * Removes a consumer from a group, with all that is pending with it.
   *
   *     XGROUP DELCONSUMER key groupname consumername
   */
  xGroupDelConsumer(key: Key, groupname: Value, consumername: Value): Promise<number>;
  /**
   * Removes a consumer group.
   *
   *     XGROUP DESTROY key groupname
   */
  xGroupDestroy(key: Key, groupname: Value): Promise<number>;
  /**
   * Sets how far a group has got.
   *
   *     XGROUP SETID key groupname <id | $> [ENTRIESREAD entries_read]
   */
  xGroupSetId(key: Key, groupname: Value, id: Value | '$', options?: XGroupSetIdOptions): Promise<'OK'>;
  /**
   * Answers a group's consumers.
   *
   *     XINFO CONSUMERS key groupname
   */
  xInfoConsumers(key: Key, groupname: Value): Promise<{ name: Text; pending: number; idle: number }[]>;
  /**
   * Answers a stream's consumer groups.
   *
   *     XINFO GROUPS key
   */
  xInfoGroups(key: Key): Promise<
    {
      name: Text;
      consumers: number;
      pending: number;
      'last-delivered-id': Text;
      'entries-read': number | null;
      lag: number | null;
    }[]
  >;
  /**
   * Answers what a stream is like, with FULL also what is in it.
   *
   *     XINFO STREAM key [FULL [COUNT count]]
   */
  xInfoStream(key: Key, options?: XInfoStreamOptions): Promise<Record<string, unknown>>;
  /**
   * Answers the number of entries.
   *
   *     XLEN key
   */
  xLen(key: Key): Promise<number>;
  /**
   * Answers what a group was given and has not acknowledged: in all, or entry by entry.
   *
   *     XPENDING key group [[IDLE min-idle-time] start end count [consumer]]
   */
  xPending(
    key: Key,
    group: Value,
    options: XPendingOptions & { readonly start: Value },
  ): Promise<[id: Text, consumer: Text, idle: number, deliveries: number][]>;
  xPending(
    key: Key,
    group: Value,
    options?: XPendingOptions,
  ): Promise<
    [count: number, first: Text | null, last: Text | null, consumers: [name: Text, count: number][] | null]
  >;
  /**
   * Answers the entries whose IDs lie in an interval.
   *
   *     XRANGE key start end [COUNT count]
   */
  xRange(
    key: Key,
    start: Value,
    end: Value,
    options?: XRangeOptions,
  ): Promise<[id: Text, fields: Record<string, Text>][]>;
  /**
   * Answers the entries behind given IDs, of several streams; waits for them if asked to.
   *
   *     XREAD [COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id [id ...]
   */
  xRead(
    keys: OneOrMore<Key>,
    ids: OneOrMore<Value>,
    options?: XReadOptions,
  ): Promise<Record<string, [id: Text, fields: Record<string, Text>][]> | null>;
  /**
   * Answers a stream's entries to a consumer of a group, each entry to one consumer; waits if asked to.
   *
   *     XREADGROUP GROUP group consumer [COUNT count] [BLOCK milliseconds] [NOACK] STREAMS key [key ...] id [id ...]
   */
  xReadGroup(
    group: Value,
    consumer: Value,
    keys: OneOrMore<Key>,
    ids: OneOrMore<Value>,
    options?: XReadGroupOptions,
  ): Promise<Record<string, [id: Text, fields: Record<string, Text>][]> | null>;
  /**
   * Answers the entries whose IDs lie in an interval, the last of them first.
   *
   *     XREVRANGE key end start [COUNT count]
   */
  xRevRange(
    key: Key,
    end: Value,
    start: Value,
    options?: XRevRangeOptions,
  ): Promise<[id: Text, fields: Record<string, Text>][]>;
  /**
   * Sets what a stream remembers beside its entries, its last ID above all: for replication.
   *
   *     XSETID key last-id [ENTRIESADDED entries_added] [MAXDELETEDID max_deleted_entry_id]
   */
  xSetId(key: Key, lastId: Value, options?: XSetIdOptions): Promise<'OK'>;
  /**
   * Deletes the oldest entries, up to a number or an ID.
   *
   *     XTRIM key <MAXLEN | MINID> [= | ~] threshold [LIMIT count]
   */
  xTrim(
    key: Key,
    trim: {
      readonly maxlen?: Value;
      readonly minid?: Value;
      readonly operator?: '=' | '~';
      readonly limit?: Integer;
    },
  ): Promise<number>;
  /**
   * Adds members with scores, or changes the scores of members.
   *
   *     ZADD key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]
   */
  zAdd(
    key: Key,
    members: OneOrMore<{ readonly score: Double; readonly member: Value }>,
    options: ZAddOptions & { readonly incr: true },
  ): Promise<number | null>;
  zAdd(
    key: Key,
    members: OneOrMore<{ readonly score: Double; readonly member: Value }>,
    options?: ZAddOptions,
  ): Promise<number>;
  /**
   * Answers the number of members.
   *
   *     ZCARD key
   */
  zCard(key: Key): Promise<number>;
  /**
   * Answers the number of members whose score is in a range.
   *
   *     ZCOUNT key min max
   */
  zCount(key: Key, min: Double, max: Double): Promise<number>;
  /**
   * Answers the members of the first sorted set that are in none of the others.
   *
   *     ZDIFF numkeys key [key ...] [WITHSCORES]
   */
  zDiff(
    keys: OneOrMore<Key>,
    options: { readonly withscores: true },
  ): Promise<[member: Text, score: number][]>;
  zDiff(keys: OneOrMore<Key>): Promise<Text[]>;
  /**
   * Stores the members of the first sorted set that are in none of the others.
   *
   *     ZDIFFSTORE destination numkeys key [key ...]
   */
  zDiffStore(destination: Key, keys: OneOrMore<Key>): Promise<number>;
  /**
   * Adds to the score of a member.
   *
   *     ZINCRBY key increment member
   */
  zIncrBy(key: Key, increment: Integer, member: Value): Promise<number>;
  /**
   * Answers the members that are in all sorted sets.
   *
   *     ZINTER numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM | MIN | MAX] [WITHSCORES]
   */
  zInter(
    keys: OneOrMore<Key>,
    options: ZInterOptions & { readonly withscores: true },
  ): Promise<[member: Text, score: number][]>;
  zInter(keys: OneOrMore<Key>, options?: ZInterOptions): Promise<Text[]>;
  /**
   * Answers the number of members that are in all sorted sets.
   *
   *     ZINTERCARD numkeys key [key ...] [LIMIT limit]
   */
  zInterCard(keys: OneOrMore<Key>, options?: ZInterCardOptions): Promise<number>;
  /**
   * Stores the members that are in all sorted sets.
   *
   *     ZINTERSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM | MIN | MAX]
   */
  zInterStore(destination: Key, keys: OneOrMore<Key>, options?: ZInterStoreOptions): Promise<number>;
  /**
   * Answers the number of members in a range by name, all scores being the same.
   *
   *     ZLEXCOUNT key min max
   */
  zLexCount(key: Key, min: Value, max: Value): Promise<number>;
  /**
   * Removes the members with the highest scores and answers them.
   *
   *     ZPOPMAX key [count]
   */
  zPopMax(key: Key, count: Integer): Promise<[member: Text, score: number][]>;
  zPopMax(key: Key): Promise<[member: Text, score: number] | null>;
  /**
   * Removes the members with the lowest scores and answers them.
   *
   *     ZPOPMIN key [count]
   */
  zPopMin(key: Key, count: Integer): Promise<[member: Text, score: number][]>;
  zPopMin(key: Key): Promise<[member: Text, score: number] | null>;
  /**
   * Answers members chosen at random.
   *
   *     ZRANDMEMBER key [count [WITHSCORES]]
   */
  zRandMember(
    key: Key,
    options: { readonly withscores: true; readonly count?: Integer },
  ): Promise<[member: Text, score: number][]>;
  zRandMember(key: Key, options: { readonly count: Integer }): Promise<Text[]>;
  zRandMember(key: Key): Promise<Text | null>;
  /**
   * Answers the members in a range of places, scores or names.
   *
   *     ZRANGE key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]
   */
  zRange(
    key: Key,
    start: Value,
    stop: Value,
    options: ZRangeOptions & { readonly withscores: true },
  ): Promise<[member: Text, score: number][]>;
  zRange(key: Key, start: Value, stop: Value, options?: ZRangeOptions): Promise<Text[]>;
  /**
   * Answers the members in a range by name, all scores being the same.
   *
   *     ZRANGEBYLEX key min max [LIMIT offset count]
   * @deprecated since 6.2.0: `ZRANGE` with the `BYLEX` argument
   */
  zRangeByLex(key: Key, min: Value, max: Value, options?: ZRangeByLexOptions): Promise<Text[]>;
  /**
   * Answers the members whose score is in a range.
   *
   *     ZRANGEBYSCORE key min max [WITHSCORES] [LIMIT offset count]
   * @deprecated since 6.2.0: `ZRANGE` with the `BYSCORE` argument
   */
  zRangeByScore(
    key: Key,
    min: Double,
    max: Double,
    options: ZRangeByScoreOptions & { readonly withscores: true },
  ): Promise<[member: Text, score: number][]>;
  zRangeByScore(key: Key, min: Double, max: Double, options?: ZRangeByScoreOptions): Promise<Text[]>;
  /**
   * Stores the members in a range of another sorted set.
   *
   *     ZRANGESTORE dst src min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]
   */
  zRangeStore(dst: Key, src: Key, min: Value, max: Value, options?: ZRangeStoreOptions): Promise<number>;
  /**
   * Answers how many members come before a member.
   *
   *     ZRANK key member
   */
  zRank(key: Key, member: Value): Promise<number | null>;
  /**
   * Removes members.
   *
   *     ZREM key member [member ...]
   */
  zRem(key: Key, members: OneOrMore<Value>): Promise<number>;
  /**
   * Removes the members in a range by name, all scores being the same.
   *
   *     ZREMRANGEBYLEX key min max
   */
  zRemRangeByLex(key: Key, min: Value, max: Value): Promise<number>;
  /**
   * Removes the members in a range of places.
   *
   *     ZREMRANGEBYRANK key start stop
   */
  zRemRangeByRank(key: Key, start: Integer, stop: Integer): Promise<number>;
  /**
   * Removes the members whose score is in a range.
   *
   *     ZREMRANGEBYSCORE key min max
   */
  zRemRangeByScore(key: Key, min: Double, max: Double): Promise<number>;
  /**
   * Answers the members in a range of places, counted from the highest score.
   *
   *     ZREVRANGE key start stop [WITHSCORES]
   * @deprecated since 6.2.0: `ZRANGE` with the `REV` argument
   */
  zRevRange(
    key: Key,
    start: Integer,
    stop: Integer,
    options: { readonly withscores: true },
  ): Promise<[member: Text, score: number][]>;
  zRevRange(key: Key, start: Integer, stop: Integer): Promise<Text[]>;
  /**
   * Answers the members in a range by name, from the last to the first.
   *
   *     ZREVRANGEBYLEX key max min [LIMIT offset count]
   * @deprecated since 6.2.0: `ZRANGE` with the `REV` and `BYLEX` arguments
   */
  zRevRangeByLex(key: Key, max: Value, min: Value, options?: ZRevRangeByLexOptions): Promise<Text[]>;
  /**
   * Answers the members whose score is in a range, from the highest to the lowest.
   *
   *     ZREVRANGEBYSCORE key max min [WITHSCORES] [LIMIT offset count]
   * @deprecated since 6.2.0: `ZRANGE` with the `REV` and `BYSCORE` arguments
   */
  zRevRangeByScore(
    key: Key,
    max: Double,
    min: Double,
    options: ZRevRangeByScoreOptions & { readonly withscores: true },
  ): Promise<[member: Text, score: number][]>;
  zRevRangeByScore(key: Key, max: Double, min: Double, options?: ZRevRangeByScoreOptions): Promise<Text[]>;
  /**
   * Answers how many members come behind a member.
   *
   *     ZREVRANK key member
   */
  zRevRank(key: Key, member: Value): Promise<number | null>;
  /**
   * Answers some members with their scores, and a cursor with which to go on.
   *
   *     ZSCAN key cursor [MATCH pattern] [COUNT count]
   */
  zScan(
    key: Key,
    cursor: Value,
    options?: ZScanOptions,
  ): Promise<[cursor: Text, entries: [member: Text, score: number][]]>;
  /**
   * Answers the score of a member.
   *
   *     ZSCORE key member
   */
  zScore(key: Key, member: Value): Promise<number | null>;
  /**
   * Answers the members that are in any of the sorted sets.
   *
   *     ZUNION numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM | MIN | MAX] [WITHSCORES]
   */
  zUnion(
    keys: OneOrMore<Key>,
    options: ZUnionOptions & { readonly withscores: true },
  ): Promise<[member: Text, score: number][]>;
  zUnion(keys: OneOrMore<Key>, options?: ZUnionOptions): Promise<Text[]>;
  /**
   * Stores the members that are in any of the sorted sets.
   *
   *     ZUNIONSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM | MIN | MAX]
   */
  zUnionStore(destination: Key, keys: OneOrMore<Key>, options?: ZUnionStoreOptions): Promise<number>;
  /**
   * Removes members from the first sorted set that has any, and answers them.
   *
   *     ZMPOP numkeys key [key ...] <MIN | MAX> [COUNT count]
   */
  zmPop(
    keys: OneOrMore<Key>,
    where: 'MIN' | 'MAX',
    options?: ZmPopOptions,
  ): Promise<[key: Text, members: [member: Text, score: number][]] | null>;
  /**
   * Answers the scores of members.
   *
   *     ZMSCORE key member [member ...]
   */
  zmScore(key: Key, members: OneOrMore<Value>): Promise<(number | null)[]>;
}
