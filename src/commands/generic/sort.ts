/**
 * SORT: the elements of a list, a set or a sorted set in another order, with values of other keys by pattern.
 *
 * The elements are copied out once, given what they are compared by, and sorted: O(n log n), stable. What isn't
 * compared (BY without an asterisk) keeps its order, and of a list or sorted set only the part asked for is read.
 */
import type { Ref } from '../../keyspace/arena.js';
import type { Database } from '../../keyspace/database.js';
import { HASH_TYPE, LIST, SET, STRING, ZSET } from '../../keyspace/record.js';
import { HashValue } from '../../keyspace/values/hash-value.js';
import { ListValue } from '../../keyspace/values/list-value.js';
import { SetValue } from '../../keyspace/values/set-value.js';
import { ZsetValue } from '../../keyspace/values/zset-value.js';
import { type Bytes, compare, concat, EMPTY, slice } from '../../protocol/bytes.js';
import { CommandError } from '../../protocol/command-error.js';
import { looseDoubleIn } from '../../protocol/doubles.js';
import type { Request } from '../../protocol/request.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import { type Context, EVENT } from '../context.js';
import { SYNTAX_ERROR, WRONG_TYPE } from '../errors.js';
import { integerArgument } from '../input.js';
import { type AddKey, type KeySpec, keyAt } from '../key-specs.js';

const COMPLEXITY =
  'O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).';

const PATTERN_KEYS: KeySpec = {
  flags: ['RO', 'access'],
  begin: { unknown: true },
  find: { unknown: true },
  notes:
    "For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the content of the key we sort",
};

const STORE_KEY: KeySpec = {
  flags: ['OW', 'update'],
  begin: { unknown: true },
  find: { unknown: true },
  notes:
    "For the optional STORE keyword. It is marked 'unknown' because the keyword can appear anywhere in the argument array",
};

const SORT_ARGUMENTS = [
  arg.key('key', 0),
  arg.pattern('pattern', { token: 'BY', keySpec: 1, optional: true }),
  arg.block('offset_count', [arg.integer('offset'), arg.integer('count')], {
    token: 'LIMIT',
    optional: true,
  }),
  arg.pattern('pattern', { token: 'GET', keySpec: 1, optional: true, multiple: true, multipleToken: true }),
  arg.oneOf('order', [arg.word('ASC'), arg.word('DESC')], { optional: true }),
  { ...arg.word('ALPHA', { optional: true }), name: 'sorting' },
];

export const sort: readonly CommandDefinition[] = [
  {
    name: 'sort',
    summary: 'Sorts the elements of a list, a set or a sorted set; answers or keeps the result.',
    since: '1.0.0',
    group: 'generic',
    complexity: COMPLEXITY,
    arity: -2,
    flags: ['write', 'denyoom'],
    acl: ['set', 'sortedset', 'list', 'dangerous'],
    keys: [keyAt(1, 'RO', 'access'), PATTERN_KEYS, STORE_KEY],
    args: [...SORT_ARGUMENTS, arg.key('destination', 2, { token: 'STORE', optional: true })],
    reply: { store: 'number', otherwise: '(Bulk | null)[]' },
    findKeys: findSortKeys,
    run(c) {
      sortElements(c, sortOptions(c, true));
    },
  },
  {
    name: 'sort_ro',
    summary: 'Sorts the elements of a list, a set or a sorted set.',
    since: '7.0.0',
    group: 'generic',
    complexity: COMPLEXITY,
    arity: -2,
    flags: ['readonly'],
    acl: ['set', 'sortedset', 'list', 'dangerous'],
    keys: [keyAt(1, 'RO', 'access'), PATTERN_KEYS],
    args: SORT_ARGUMENTS,
    reply: '(Bulk | null)[]',
    findKeys(_, add) {
      add(1, ['RO', 'access']);
    },
    run(c) {
      sortElements(c, sortOptions(c, false));
    },
  },
];

interface SortOptions {
  descending: boolean;
  alphabetic: boolean;
  offset: number;
  /** -1: all. */
  count: number;
  /** Pattern of the keys to compare by; null for the elements themselves. */
  by: Bytes | null;
  get: Bytes[];
  /** The argument that names the list to be made; 0 for none. */
  store: number;
}

/** The last STORE counts; options with arguments are passed over. */
function findSortKeys(request: Request, add: AddKey): void {
  const { argc } = request;
  let store = 0;
  for (let i = 2; i < argc; i++) {
    if (request.is(i, 'LIMIT')) i += 2;
    else if (request.is(i, 'GET') || request.is(i, 'BY')) i++;
    else if (request.is(i, 'STORE') && i + 1 < argc) store = i + 1;
  }
  add(1, ['RO', 'access']);
  if (store > 0) add(store, ['OW', 'update']);
}

function sortOptions(c: Context, mayStore: boolean): SortOptions {
  const { request } = c;
  const { argc } = request;
  const options: SortOptions = {
    descending: false,
    alphabetic: false,
    offset: 0,
    count: -1,
    by: null,
    get: [],
    store: 0,
  };
  for (let i = 2; i < argc; i++) {
    const more = argc - i - 1;
    if (request.is(i, 'ASC')) options.descending = false;
    else if (request.is(i, 'DESC')) options.descending = true;
    else if (request.is(i, 'ALPHA')) options.alphabetic = true;
    else if (request.is(i, 'LIMIT') && more >= 2) {
      options.offset = integerArgument(c, ++i);
      options.count = integerArgument(c, ++i);
    } else if (mayStore && request.is(i, 'STORE') && more >= 1) options.store = ++i;
    else if (request.is(i, 'BY') && more >= 1) {
      options.by = request.bytes(++i);
      if (isPattern(options.by)) refuseUnboundKeys(c, 'BY');
    } else if (request.is(i, 'GET') && more >= 1) {
      refuseUnboundKeys(c, 'GET');
      options.get.push(request.bytes(++i));
    } else throw new CommandError(SYNTAX_ERROR);
  }
  return options;
}

/** Patterns may lead to any key, on other nodes and of other users. */
function refuseUnboundKeys({ server }: Context, option: string): void {
  if (server.cluster !== null) throw new CommandError(`ERR ${option} option of SORT denied in Cluster mode.`);
  if (server.acl.readsAllKeys()) return;
  throw new CommandError(`ERR ${option} option of SORT denied due to insufficient ACL permissions.`);
}

const ASTERISK = 0x2a;

function isPattern(pattern: Bytes): boolean {
  return pattern.includes(ASTERISK);
}

/** An element with what it is compared by. */
interface Entry {
  readonly element: Bytes;
  score: number;
  /** What is compared alphabetically: the element, the key's value, or null when there is no such key. */
  text: Bytes | null;
}

function sortElements(c: Context, options: SortOptions): void {
  const { request, db, session } = c;
  const ref = db.read(request.buffer, request.starts[1], request.ends[1]);
  const type = ref === 0 ? LIST : db.type(ref);
  if (type !== LIST && type !== SET && type !== ZSET) throw new CommandError(WRONG_TYPE);
  let { by, alphabetic } = options;
  let keepsOrder = by !== null && !isPattern(by);
  // A set has no order that could be relied on: what is kept must not depend on chance.
  if (keepsOrder && type === SET && (options.store > 0 || session.isScript)) {
    keepsOrder = false;
    alphabetic = true;
    by = null;
  }
  const length = ref === 0 ? 0 : sizeOf(db, ref);
  const first = Math.min(Math.max(options.offset, 0), length);
  const count = Math.min(options.count < 0 ? length : options.count, length - first);
  let elements: Bytes[];
  if (keepsOrder) elements = ref === 0 ? [] : partOf(db, ref, first, count, options.descending);
  else {
    const entries =
      ref === 0 ? [] : elementsOf(db, ref).map((element) => entryOf(db, element, by, alphabetic));
    const compareEntries = alphabetic ? compareTexts : compareScores;
    entries.sort(options.descending ? (a, b) => -compareEntries(a, b) : compareEntries);
    elements = entries.slice(first, first + count).map(({ element }) => element);
  }
  const output = options.get.length === 0 ? elements : collect(db, elements, options.get);
  if (options.store > 0) store(c, options.store, output);
  else {
    c.reply.array(output.length);
    for (const value of output) {
      if (value === null) c.reply.nil();
      else c.reply.bulk(value);
    }
  }
}

// Elements

const list = new ListValue();
const set = new SetValue();
const zset = new ZsetValue();
const hash = new HashValue();

function sizeOf(db: Database, ref: Ref): number {
  const type = db.type(ref);
  if (type === LIST) return list.open(db, ref).size;
  return type === SET ? set.open(db, ref).size : zset.open(db, ref).size;
}

function elementsOf(db: Database, ref: Ref): Bytes[] {
  const elements: Bytes[] = [];
  const take = ({ bytes, start, end }: { bytes: Bytes; start: number; end: number }) => {
    elements.push(slice(bytes, start, end));
  };
  const type = db.type(ref);
  if (type === LIST) list.open(db, ref).forEach(take);
  else if (type === SET) set.open(db, ref).forEach(take);
  else zset.open(db, ref).visit(0, zset.size, false, take);
  return elements;
}

/** `count` elements in their own order, from the `first` on, counted from the end when `reverse`. */
function partOf(db: Database, ref: Ref, first: number, count: number, reverse: boolean): Bytes[] {
  if (count <= 0) return [];
  const type = db.type(ref);
  if (type === SET) return elementsOf(db, ref).slice(first, first + count);
  const elements: Bytes[] = [];
  if (type === ZSET) {
    const rank = reverse ? zset.open(db, ref).size - 1 - first : first;
    zset.open(db, ref).visit(rank, count, reverse, ({ bytes, start, end }) => {
      elements.push(slice(bytes, start, end));
    });
    return elements;
  }
  list.open(db, ref).seek(reverse ? list.size - 1 - first : first);
  while (elements.length < count) {
    const { bytes, start, end } = list.read();
    elements.push(slice(bytes, start, end));
    if (!(reverse ? list.previous() : list.next())) break;
  }
  return elements;
}

// Order

function entryOf(db: Database, element: Bytes, by: Bytes | null, alphabetic: boolean): Entry {
  const text = by === null ? element : valueByPattern(db, by, element);
  if (alphabetic || text === null) return { element, score: 0, text };
  const score = text.length === 0 ? 0 : looseDoubleIn(text, 0, text.length);
  if (Number.isNaN(score)) throw new CommandError("ERR One or more scores can't be converted into double");
  return { element, score, text };
}

/** By the numbers; those of the same number by their bytes, so that the order is always the same. */
function compareScores(a: Entry, b: Entry): number {
  if (a.score !== b.score) return a.score < b.score ? -1 : 1;
  return compare(a.element, b.element);
}

/** By the texts, absent ones first. */
function compareTexts(a: Entry, b: Entry): number {
  if (a.text === null || b.text === null) return (a.text === null ? 0 : 1) - (b.text === null ? 0 : 1);
  return compare(a.text, b.text);
}

// Patterns

const ARROW = [0x2d, 0x3e]; // ->
const HASH_SIGN = 0x23;

/**
 * The value a pattern names for an element: `#` the element itself, `prefix*suffix` a string, `prefix*suffix->field`
 * a field of a hash. Null when there is none.
 */
function valueByPattern(db: Database, pattern: Bytes, element: Bytes): Bytes | null {
  if (pattern.length === 1 && pattern[0] === HASH_SIGN) return element;
  const asterisk = pattern.indexOf(ASTERISK);
  if (asterisk < 0) return null;
  let arrow = asterisk + 1;
  while (arrow < pattern.length && !(pattern[arrow] === ARROW[0] && pattern[arrow + 1] === ARROW[1])) arrow++;
  const hasField = arrow + 2 < pattern.length;
  const suffix = pattern.subarray(asterisk + 1, hasField ? arrow : pattern.length);
  const key = concat([pattern.subarray(0, asterisk), element, suffix]);
  const ref = db.read(key, 0, key.length);
  if (ref === 0 || db.type(ref) !== (hasField ? HASH_TYPE : STRING)) return null;
  if (!hasField) return slice(db.buffer(ref), db.valueStart(ref), db.valueEnd(ref));
  const value = hash.open(db, ref).get(pattern, arrow + 2, pattern.length);
  return value === undefined ? null : slice(value.bytes, value.start, value.end);
}

function collect(db: Database, elements: readonly Bytes[], patterns: readonly Bytes[]): (Bytes | null)[] {
  return elements.flatMap((element) => patterns.map((pattern) => valueByPattern(db, pattern, element)));
}

/** Makes a list of the output in the place of the key in argument i. */
function store(c: Context, i: number, output: readonly (Bytes | null)[]): void {
  const { request, db, reply } = c;
  const { buffer, starts, ends } = request;
  reply.integer(output.length);
  if (output.length === 0) {
    const ref = db.peek(buffer, starts[i], ends[i]);
    if (ref === 0) return;
    db.remove(ref);
    c.changed(i, EVENT.generic, 'del');
    return;
  }
  list.create(db, buffer, starts[i], ends[i]);
  for (const value of output) {
    const bytes = value ?? EMPTY;
    list.push(false, bytes, 0, bytes.length);
  }
  c.changed(i, EVENT.list, 'sortstore');
}
