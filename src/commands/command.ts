/**
 * What an entry of the command table is.
 *
 * An entry declares a command once: how it is called, which of its arguments are keys, what it may do, what it
 * answers, and what it does. Everything that needs to know about commands reads it here: the server's arity
 * errors and key extraction, COMMAND's replies, ACL categories, cluster routing, the client's method types, the
 * CLI's hints, the documentation. The vocabulary (flags, key specifications, argument types) is that of Redis
 * 7.0's COMMAND and COMMAND DOCS.
 *
 * To add a command: add its entry to its family's file. Nothing else needs to change.
 */
import type { Request } from '../protocol/request.js';
import type { Context } from './context.js';

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
} as const;

export type AclCategory =
  | 'keyspace'
  | 'read'
  | 'write'
  | 'set'
  | 'sortedset'
  | 'list'
  | 'hash'
  | 'string'
  | 'bitmap'
  | 'hyperloglog'
  | 'geo'
  | 'stream'
  | 'pubsub'
  | 'admin'
  | 'fast'
  | 'slow'
  | 'blocking'
  | 'dangerous'
  | 'connection'
  | 'transaction'
  | 'scripting';

export type KeyFlag =
  | 'RO'
  | 'RW'
  | 'OW'
  | 'RM'
  | 'ACCESS'
  | 'UPDATE'
  | 'INSERT'
  | 'DELETE'
  | 'not_key'
  | 'incomplete'
  | 'variable_flags';

/** Where keys begin, and how to go on from there ("key specifications" of Redis 7). */
export interface KeySpec {
  readonly flags: readonly KeyFlag[];
  readonly begin:
    | { readonly index: number }
    | { readonly keyword: string; readonly from: number }
    | { readonly unknown: true };
  readonly find:
    | { readonly lastKey: number; readonly step: number; readonly limit: number }
    | { readonly countAt: number; readonly firstKey: number; readonly step: number }
    | { readonly unknown: true };
  readonly notes?: string;
}

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
  readonly arguments?: readonly Argument[];
}

/** An entry as its family's file writes it. */
export interface CommandDefinition {
  /** Lower case; a subcommand's own word only. */
  readonly name: string;
  readonly summary: string;
  readonly since: string;
  readonly group: string;
  readonly complexity: string;
  /** Number of words, the command's own included; negative: at least so many. */
  readonly arity: number;
  readonly flags?: readonly Flag[];
  /** Categories beyond those that follow from the flags. */
  readonly acl?: readonly AclCategory[];
  readonly keys?: readonly KeySpec[];
  readonly args?: readonly Argument[];
  /**
   * The reply in RESP3 as a TypeScript type, in which `Bulk` is a bulk string (text or bytes, as the caller
   * prefers). The client's method types are generated from it.
   */
  readonly reply?: string;
  /** Hints for clients, such as `request_policy:all_shards`. */
  readonly tips?: readonly string[];
  readonly history?: readonly (readonly [version: string, change: string])[];
  /** Since when, and in favour of what, the command is deprecated. */
  readonly deprecated?: { readonly since: string; readonly replacedBy: string };
  readonly subcommands?: readonly CommandDefinition[];
  /**
   * Finds keys that the specifications can't (SORT's STORE …): calls `add` with the number of each argument
   * that is a key.
   */
  readonly findKeys?: (request: Request, add: (argument: number) => void) => void;
  /** Does it. Absent only where subcommands do. */
  readonly run?: (c: Context) => void;
}

/** One key, at argument `index`. */
export function keyAt(index: number, ...flags: KeyFlag[]): KeySpec {
  return { flags, begin: { index }, find: { lastKey: 0, step: 1, limit: 0 } };
}

/** Keys from argument `index` to `lastKey` (counted from the first key, or from the end when negative). */
export function keyRange(index: number, lastKey: number, step: number, ...flags: KeyFlag[]): KeySpec {
  return { flags, begin: { index }, find: { lastKey, step, limit: 0 } };
}

/** `numkeys key [key …]` with numkeys at argument `index`. */
export function keyCount(index: number, ...flags: KeyFlag[]): KeySpec {
  return { flags, begin: { index }, find: { countAt: 0, firstKey: 1, step: 1 } };
}

/** Keys behind a word, looked for from argument `from` (from the end when negative). */
export function keysAfter(
  keyword: string,
  from: number,
  range: { lastKey: number; step: number; limit: number },
  ...flags: KeyFlag[]
): KeySpec {
  return { flags, begin: { keyword, from }, find: range };
}

/** A command of the table: its entry, and what follows from it. */
export class Command {
  /** The name with its container's, in lower case: `get`, `config|get`. */
  readonly fullName: string;
  /** Number within the table, from 0: the place of its counters in a node's statistics. */
  readonly id: number;
  readonly flags: number;
  readonly categories: readonly AclCategory[];
  readonly subcommands: ReadonlyMap<string, Command>;
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
    this.fullName = container ? `${container.fullName}|${definition.name}` : definition.name;
    let flags = 0;
    for (const flag of definition.flags ?? []) flags |= FLAG[flag];
    const keys = definition.keys ?? [];
    if (definition.findKeys || keys.length > 1 || keys.some(isMovable)) flags |= FLAG.movablekeys;
    this.flags = flags;
    this.categories = categoriesOf(definition, flags);
    this.run = definition.run ?? missingSubcommand;
    const range = keys.length > 0 ? legacyRange(keys) : { first: 0, last: 0, step: 0 };
    this.firstKey = range.first;
    this.lastKey = range.last;
    this.keyStep = range.step;
    this.subcommands = new Map(
      (definition.subcommands ?? []).map((sub) => [sub.name, new Command(sub, this, nextId)]),
    );
  }

  get arity(): number {
    return this.definition.arity;
  }

  /** Whether `argc` words are a possible call. */
  accepts(argc: number): boolean {
    const { arity } = this;
    return arity > 0 ? argc === arity : argc >= -arity;
  }

  /** Calls `add` with the number of every argument of the request that is a key. */
  eachKey(request: Request, add: (argument: number) => void): void {
    if ((this.flags & FLAG.movablekeys) === 0) {
      if (this.firstKey === 0) return;
      const last = this.lastKey < 0 ? request.argc + this.lastKey : this.lastKey;
      for (let i = this.firstKey; i <= last && i < request.argc; i += this.keyStep) add(i);
      return;
    }
    if (this.definition.findKeys) {
      this.definition.findKeys(request, add);
      return;
    }
    for (const spec of this.definition.keys ?? []) eachKeyOf(spec, request, add);
  }
}

function isMovable(spec: KeySpec): boolean {
  return !('index' in spec.begin) || !('lastKey' in spec.find) || spec.flags.includes('incomplete');
}

/** The keys one specification names in a request. */
export function eachKeyOf(spec: KeySpec, request: Request, add: (argument: number) => void): void {
  const { begin, find } = spec;
  if (spec.flags.includes('not_key')) return;
  let first: number;
  if ('index' in begin) first = begin.index;
  else if ('keyword' in begin) {
    first = 0;
    const backwards = begin.from < 0;
    let i = backwards ? request.argc + begin.from : begin.from;
    for (; i > 0 && i < request.argc; i += backwards ? -1 : 1) {
      if (!request.is(i, begin.keyword)) continue;
      first = i + 1;
      break;
    }
    if (first === 0) return;
  } else return;
  if (first >= request.argc) return;
  if ('countAt' in find) {
    const count = request.integer(first + find.countAt);
    first += find.firstKey;
    if (!(count >= 0) || first + (count - 1) * find.step >= request.argc) return;
    for (let n = 0; n < count; n++) add(first + n * find.step);
  } else if ('lastKey' in find) {
    let last: number;
    if (find.lastKey >= 0) last = first + find.lastKey;
    else if (find.limit <= 1) last = request.argc + find.lastKey;
    else last = first + (request.argc - first) / find.limit + find.lastKey;
    for (let i = first; i <= last && i < request.argc; i += find.step) add(i);
  }
}

/** COMMAND INFO's three numbers from the specifications that begin at a fixed place. */
function legacyRange(keys: readonly KeySpec[]): { first: number; last: number; step: number } {
  let first = 0;
  let last = 0;
  let step = 0;
  for (const { begin, find } of keys) {
    if (!('index' in begin) || !('lastKey' in find)) continue;
    const specLast = find.lastKey >= 0 ? begin.index + find.lastKey : find.lastKey;
    if (first === 0) {
      first = begin.index;
      last = specLast;
      step = find.step;
    } else {
      // Several ranges become the span of all, one step at a time.
      first = Math.min(first, begin.index);
      last = specLast < 0 || last < 0 ? Math.min(last, specLast) : Math.max(last, specLast);
      step = 1;
    }
  }
  return { first, last, step };
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
  return [...categories];
}

/** A container called without a subcommand; the arity check of the dispatcher comes first. */
function missingSubcommand(c: Context): void {
  c.reply.error(`ERR wrong number of arguments for '${c.command.fullName}' command`);
}
