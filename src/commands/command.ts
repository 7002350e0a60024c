/**
 * What an entry of the command table is.
 *
 * An entry declares a command once: how it is called, which of its arguments are keys, what it may do, what it
 * answers, and what it does. Everything that needs to know about commands reads it here: the server's arity
 * errors and key extraction, COMMAND's replies, ACL categories, cluster routing, the client's method types, the
 * CLI's hints, the documentation. The vocabulary (flags, key specifications, argument types) is that of Redis
 * 7.0's COMMAND and COMMAND DOCS.
 *
 * To add a command: add its entry to a file in the folder of its group. Nothing else needs to change; `npm run generate`
 * then writes the client's method and the documentation.
 */
import type { Request } from '../protocol/request.js';
import type { Context } from './context.js';
import { type AddKey, eachKeyOf, isKey, type KeySpec, legacyRange } from './key-specs.js';

/** What a command may do and where it may run; the words and meanings of COMMAND INFO. */
export type Flag = keyof typeof FLAG;

/** The same as bits, for the checks before every call. */
export const FLAG = {
  write: 1 << 0,
  readonly: 1 << 1,
  denyoom: 1 << 2,
  module: 1 << 3,
  admin: 1 << 4,
  pubsub: 1 << 5,
  noscript: 1 << 6,
  blocking: 1 << 7,
  loading: 1 << 8,
  stale: 1 << 9,
  skip_monitor: 1 << 10,
  skip_slowlog: 1 << 11,
  asking: 1 << 12,
  fast: 1 << 13,
  no_auth: 1 << 14,
  may_replicate: 1 << 15,
  sentinel: 1 << 16,
  only_sentinel: 1 << 17,
  no_mandatory_keys: 1 << 18,
  protected: 1 << 19,
  allow_busy: 1 << 20,
  no_async_loading: 1 << 21,
  no_multi: 1 << 22,
  movablekeys: 1 << 23,
  touches_arbitrary_keys: 1 << 24,
} as const;

/** ACL categories, in the order in which they are listed. */
export const ACL_CATEGORIES = [
  'keyspace',
  'read',
  'write',
  'set',
  'sortedset',
  'list',
  'hash',
  'string',
  'bitmap',
  'hyperloglog',
  'geo',
  'stream',
  'pubsub',
  'admin',
  'fast',
  'slow',
  'blocking',
  'dangerous',
  'connection',
  'transaction',
  'scripting',
] as const;

export type AclCategory = (typeof ACL_CATEGORIES)[number];

/** Families of commands, the words of COMMAND DOCS; entries lie in a folder that is called like their group. */
export type Group =
  | 'bitmap'
  | 'cluster'
  | 'connection'
  | 'generic'
  | 'geo'
  | 'hash'
  | 'hyperloglog'
  | 'list'
  | 'pubsub'
  | 'scripting'
  | 'server'
  | 'set'
  | 'sorted-set'
  | 'stream'
  | 'string'
  | 'transactions';

export type ArgumentType =
  | 'string'
  | 'integer'
  | 'double'
  | 'key'
  | 'pattern'
  | 'unix-time'
  | 'pure-token'
  | 'oneof'
  | 'block';

/** One argument, as COMMAND DOCS describes it; the client's types and the CLI's hints come from it. */
export interface Argument {
  readonly name: string;
  readonly type: ArgumentType;
  readonly token?: string;
  readonly optional?: boolean;
  readonly multiple?: boolean;
  readonly multipleToken?: boolean;
  /** Which key specification a `key` argument belongs to. */
  readonly keySpec?: number;
  readonly since?: string;
  readonly deprecatedSince?: string;
  readonly arguments?: readonly Argument[];
}

/**
 * The reply in RESP3 as a TypeScript type, in which `Bulk` is a bulk string (text or bytes, as the caller prefers),
 * `Numeric` a bulk string that holds a number, `Double` a RESP3 double, and `0 | 1` an answer to a question. Where
 * options decide about it, the type for each of them (`a|b` for several), and `otherwise`; the first that was given
 * counts.
 */
export type ReplyShape = string | { readonly [option: string]: string; readonly otherwise: string };

/** An entry as its family's file writes it. */
export interface CommandDefinition {
  /** Lower case; a subcommand's own word only. */
  readonly name: string;
  readonly summary: string;
  readonly since: string;
  readonly group: Group;
  readonly complexity?: string;
  /** Number of words, the command's own included; negative: at least so many. */
  readonly arity: number;
  readonly flags?: readonly Flag[];
  /** Categories beyond those that follow from the flags. */
  readonly acl?: readonly AclCategory[];
  readonly keys?: readonly KeySpec[];
  /** Which arguments name channels that it publishes to or subscribes to: the first, all, or all as patterns. */
  readonly channels?: 'first' | 'all' | 'patterns';
  readonly args?: readonly Argument[];
  /** The client's method types are generated from it. */
  readonly reply?: ReplyShape;
  /** Hints for clients, such as `request_policy:all_shards`. */
  readonly tips?: readonly string[];
  readonly history?: readonly (readonly [version: string, change: string])[];
  /** Since when, and in favour of what, the command is deprecated. */
  readonly deprecated?: { readonly since: string; readonly replacedBy: string };
  /** For the use of servers and tools among themselves. */
  readonly systemCommand?: boolean;
  readonly subcommands?: readonly CommandDefinition[];
  /**
   * Finds keys that the specifications can't (SORT's STORE …), or what is done with them (SET's GET): calls `add`
   * with the number of each argument that is a key, and its flags.
   */
  readonly findKeys?: (request: Request, add: AddKey) => void;
  /** Does it. Absent only where subcommands do. */
  readonly run?: (c: Context) => void;
}

/** A command of the table: its entry, and what follows from it. */
export class Command {
  /** The name with its container's, in lower case: `get`, `config|get`. */
  readonly fullName: string;
  /** Number within the table, from 0: the place of its counters in a node's statistics. */
  readonly id: number;
  /** Number of words, the command's own included; negative: at least so many. */
  readonly arity: number;
  readonly flags: number;
  readonly categories: readonly AclCategory[];
  readonly subcommands: ReadonlyMap<string, Command>;
  /** Whether there are any. */
  readonly isContainer: boolean;
  readonly run: (c: Context) => void;
  /** First key, last key, step as COMMAND INFO gives them; the whole truth unless `movablekeys` is set. */
  readonly firstKey: number;
  readonly lastKey: number;
  readonly keyStep: number;

  constructor(
    readonly definition: CommandDefinition,
    readonly container: Command | undefined,
    nextId: () => number,
  ) {
    this.id = nextId();
    this.arity = definition.arity;
    this.fullName = container ? `${container.fullName}|${definition.name}` : definition.name;
    let flags = 0;
    for (const flag of definition.flags ?? []) flags |= FLAG[flag];
    const range = legacyRange(definition.keys ?? []);
    if (!range.whole) flags |= FLAG.movablekeys;
    this.flags = flags;
    this.categories = categoriesOf(definition, flags);
    this.run = definition.run ?? missingSubcommand;
    this.firstKey = range.first;
    this.lastKey = range.last;
    this.keyStep = range.step;
    this.subcommands = new Map(
      (definition.subcommands ?? []).map((sub) => [sub.name, new Command(sub, this, nextId)]),
    );
    this.isContainer = this.subcommands.size > 0;
  }

  /** Whether `argc` words are a possible call. */
  accepts(argc: number): boolean {
    const { arity } = this;
    return arity > 0 ? argc === arity : argc >= -arity;
  }

  /** Whether any of its arguments may be a key. */
  get hasKeys(): boolean {
    return this.definition.findKeys !== undefined || (this.definition.keys ?? []).some(isKey);
  }

  /** Calls `add` with the number of every argument of the request that is a key. */
  eachKey(request: Request, add: AddKey): void {
    const { firstKey, lastKey, keyStep } = this;
    if (this.flags & FLAG.movablekeys) {
      this.findKeys(request, add);
      return;
    }
    if (firstKey === 0) return;
    const { flags } = this.definition.keys![0];
    const last = lastKey < 0 ? request.argc + lastKey : lastKey;
    for (let i = firstKey; i <= last && i < request.argc; i += keyStep) add(i, flags);
  }

  /** Calls `add` with the number of every argument that names a channel, and whether it is a pattern of them. */
  eachChannel(request: Request, add: (argument: number, isPattern: boolean) => void): void {
    const { channels } = this.definition;
    if (channels === undefined) return;
    const last = channels === 'first' ? 1 : request.argc - 1;
    for (let i = 1; i <= last; i++) add(i, channels === 'patterns');
  }

  /** As `eachKey`, with what is done to each key exactly, from the specifications and `findKeys`. */
  findKeys(request: Request, add: AddKey): void {
    const { keys = [], findKeys } = this.definition;
    const variable = keys.some((spec) => spec.flags.includes('variable_flags'));
    if (keys.some(isKey) && !variable && eachKeyOf(keys, request, add)) return;
    findKeys?.(request, add);
  }
}

/** Some categories follow from flags, as in Redis's setImplicitACLCategories. */
function categoriesOf(definition: CommandDefinition, flags: number): AclCategory[] {
  const categories = new Set<AclCategory>(definition.acl ?? []);
  if (flags & FLAG.write) categories.add('write');
  if (flags & FLAG.readonly && !categories.has('scripting')) categories.add('read');
  if (flags & FLAG.admin) {
    categories.add('admin');
    categories.add('dangerous');
  }
  if (flags & FLAG.pubsub) categories.add('pubsub');
  if (flags & FLAG.fast) categories.add('fast');
  if (flags & FLAG.blocking) categories.add('blocking');
  if (!categories.has('fast')) categories.add('slow');
  return ACL_CATEGORIES.filter((category) => categories.has(category));
}

/** A container called without a subcommand; the arity check of the dispatcher comes first. */
function missingSubcommand(c: Context): void {
  c.reply.error(`ERR wrong number of arguments for '${c.command.fullName}' command`);
}
