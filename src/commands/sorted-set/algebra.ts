/** Union, intersection and difference of sorted sets. Plain sets take part as if all scores were 1. */
import { dispose } from '../../keyspace/disposal.js';
import { SET, ZSET } from '../../keyspace/record.js';
import { SetValue } from '../../keyspace/values/set-value.js';
import { LargeZset } from '../../keyspace/values/zset-large.js';
import { type MemberVisitor, ZsetValue } from '../../keyspace/values/zset-value.js';
import { type Bytes, emptyRange } from '../../protocol/bytes.js';
import { CommandError } from '../../protocol/command-error.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import type { Context } from '../context.js';
import { SYNTAX_ERROR, WRONG_TYPE } from '../errors.js';
import { doubleArgument, integerArgument, rangeArgument } from '../input.js';
import { keyAt, keyCount } from '../key-specs.js';
import { beginMembers } from './sorted-sets.js';
import { storeZset } from './store.js';

export const sortedSetAlgebra: readonly CommandDefinition[] = [
  {
    name: 'zunion',
    summary: 'Answers the members that are in any of the sorted sets.',
    since: '6.2.0',
    group: 'sorted-set',
    complexity:
      'O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.',
    arity: -3,
    flags: ['readonly'],
    acl: ['sortedset'],
    keys: [keyCount(1, 'RO', 'access')],
    args: [
      arg.integer('numkeys'),
      arg.key('key', 0, { multiple: true }),
      arg.integer('weight', { token: 'WEIGHTS', optional: true, multiple: true }),
      arg.oneOf('aggregate', [arg.word('SUM'), arg.word('MIN'), arg.word('MAX')], {
        token: 'AGGREGATE',
        optional: true,
      }),
      arg.word('WITHSCORES', { optional: true }),
    ],
    reply: { withscores: '[member: Bulk, score: Double][]', otherwise: 'Bulk[]' },
    run: (c) => answer(c, 'union'),
  },
  {
    name: 'zunionstore',
    summary: 'Stores the members that are in any of the sorted sets.',
    since: '2.0.0',
    group: 'sorted-set',
    complexity:
      'O(N)+O(M log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.',
    arity: -4,
    flags: ['write', 'denyoom'],
    acl: ['sortedset'],
    keys: [keyAt(1, 'OW', 'update'), keyCount(2, 'RO', 'access')],
    args: [
      arg.key('destination', 0),
      arg.integer('numkeys'),
      arg.key('key', 1, { multiple: true }),
      arg.integer('weight', { token: 'WEIGHTS', optional: true, multiple: true }),
      arg.oneOf('aggregate', [arg.word('SUM'), arg.word('MIN'), arg.word('MAX')], {
        token: 'AGGREGATE',
        optional: true,
      }),
    ],
    reply: 'number',
    run: (c) => store(c, 'union'),
  },
  {
    name: 'zinter',
    summary: 'Answers the members that are in all sorted sets.',
    since: '6.2.0',
    group: 'sorted-set',
    complexity:
      'O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.',
    arity: -3,
    flags: ['readonly'],
    acl: ['sortedset'],
    keys: [keyCount(1, 'RO', 'access')],
    args: [
      arg.integer('numkeys'),
      arg.key('key', 0, { multiple: true }),
      arg.integer('weight', { token: 'WEIGHTS', optional: true, multiple: true }),
      arg.oneOf('aggregate', [arg.word('SUM'), arg.word('MIN'), arg.word('MAX')], {
        token: 'AGGREGATE',
        optional: true,
      }),
      arg.word('WITHSCORES', { optional: true }),
    ],
    reply: { withscores: '[member: Bulk, score: Double][]', otherwise: 'Bulk[]' },
    run: (c) => answer(c, 'inter'),
  },
  {
    name: 'zinterstore',
    summary: 'Stores the members that are in all sorted sets.',
    since: '2.0.0',
    group: 'sorted-set',
    complexity:
      'O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.',
    arity: -4,
    flags: ['write', 'denyoom'],
    acl: ['sortedset'],
    keys: [keyAt(1, 'OW', 'update'), keyCount(2, 'RO', 'access')],
    args: [
      arg.key('destination', 0),
      arg.integer('numkeys'),
      arg.key('key', 1, { multiple: true }),
      arg.integer('weight', { token: 'WEIGHTS', optional: true, multiple: true }),
      arg.oneOf('aggregate', [arg.word('SUM'), arg.word('MIN'), arg.word('MAX')], {
        token: 'AGGREGATE',
        optional: true,
      }),
    ],
    reply: 'number',
    run: (c) => store(c, 'inter'),
  },
  {
    name: 'zintercard',
    summary: 'Answers the number of members that are in all sorted sets.',
    since: '7.0.0',
    group: 'sorted-set',
    complexity:
      'O(N*K) worst case with N being the smallest input sorted set, K being the number of input sorted sets.',
    arity: -3,
    flags: ['readonly'],
    acl: ['sortedset'],
    keys: [keyCount(1, 'RO', 'access')],
    args: [
      arg.integer('numkeys'),
      arg.key('key', 0, { multiple: true }),
      arg.integer('limit', { token: 'LIMIT', optional: true }),
    ],
    reply: 'number',
    run: countIntersection,
  },
  {
    name: 'zdiff',
    summary: 'Answers the members of the first sorted set that are in none of the others.',
    since: '6.2.0',
    group: 'sorted-set',
    complexity:
      'O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.',
    arity: -3,
    flags: ['readonly'],
    acl: ['sortedset'],
    keys: [keyCount(1, 'RO', 'access')],
    args: [
      arg.integer('numkeys'),
      arg.key('key', 0, { multiple: true }),
      arg.word('WITHSCORES', { optional: true }),
    ],
    reply: { withscores: '[member: Bulk, score: Double][]', otherwise: 'Bulk[]' },
    run: (c) => answer(c, 'diff'),
  },
  {
    name: 'zdiffstore',
    summary: 'Stores the members of the first sorted set that are in none of the others.',
    since: '6.2.0',
    group: 'sorted-set',
    complexity:
      'O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.',
    arity: -4,
    flags: ['write', 'denyoom'],
    acl: ['sortedset'],
    keys: [keyAt(1, 'OW', 'update'), keyCount(2, 'RO', 'access')],
    args: [arg.key('destination', 0), arg.integer('numkeys'), arg.key('key', 1, { multiple: true })],
    reply: 'number',
    run: (c) => store(c, 'diff'),
  },
];

type Operation = 'union' | 'inter' | 'diff';

/** One of the sets that an operation is about. */
interface Source {
  readonly size: number;
  /** The member's score, NaN when it isn't there. */
  find(member: Bytes, start: number, end: number): number;
  forEach(visit: MemberVisitor): void;
  weight: number;
}

/** An operation as the arguments give it. */
interface Query {
  sources: Source[];
  aggregate: (a: number, b: number) => number;
  withScores: boolean;
  /** For ZINTERCARD: where to stop counting; 0: nowhere. */
  limit: number;
}

function sourceOf({ request, db }: Context, i: number): Source {
  const ref = db.read(request.buffer, request.starts[i], request.ends[i]);
  if (ref === 0) return { size: 0, find: () => Number.NaN, forEach() {}, weight: 1 };
  const type = db.type(ref);
  if (type === ZSET) {
    const zset = new ZsetValue().open(db, ref);
    return {
      size: zset.size,
      find: (member, start, end) => zset.find(member, start, end),
      forEach: (visit) => zset.visit(zset.size - 1, zset.size, true, visit),
      weight: 1,
    };
  }
  if (type !== SET) throw new CommandError(WRONG_TYPE);
  const set = new SetValue().open(db, ref);
  return {
    size: set.size,
    find: (member, start, end) => (set.has(member, start, end) ? 1 : Number.NaN),
    forEach(visit) {
      set.forEach((member) => {
        visit(member, 1);
      });
    },
    weight: 1,
  };
}

/** Infinities of both signs make 0. */
function sum(a: number, b: number): number {
  const result = a + b;
  return Number.isNaN(result) ? 0 : result;
}

/** A score times a weight; infinity times nothing is 0. */
function weighted(score: number, weight: number): number {
  const result = score * weight;
  return Number.isNaN(result) ? 0 : result;
}

/** `numkeys key [key …]` from argument `at` on, and the options that the operation has. */
function queryOf(c: Context, at: number, kind: 'scores' | 'members' | 'count', storing: boolean): Query {
  const { request } = c;
  const number = integerArgument(c, at);
  if (number < 1) {
    throw new CommandError(`ERR at least 1 input key is needed for '${c.command.fullName}' command`);
  }
  if (number > request.argc - at - 1) throw new CommandError(SYNTAX_ERROR);
  const sources = Array.from({ length: number }, (_, n) => sourceOf(c, at + 1 + n));
  const query: Query = { sources, aggregate: sum, withScores: false, limit: 0 };
  for (let i = at + 1 + number; i < request.argc; i++) {
    const left = request.argc - i - 1;
    if (kind === 'scores' && left >= number && request.is(i, 'WEIGHTS')) {
      for (const source of sources) source.weight = doubleArgument(c, ++i, 'ERR weight value is not a float');
    } else if (kind === 'scores' && left >= 1 && request.is(i, 'AGGREGATE')) {
      query.aggregate = aggregateArgument(c, ++i);
    } else if (kind !== 'count' && !storing && request.is(i, 'WITHSCORES')) query.withScores = true;
    else if (kind === 'count' && left >= 1 && request.is(i, 'LIMIT')) {
      query.limit = rangeArgument(c, ++i, 0, Number.POSITIVE_INFINITY, "ERR LIMIT can't be negative");
    } else throw new CommandError(SYNTAX_ERROR);
  }
  return query;
}

function aggregateArgument({ request }: Context, i: number): (a: number, b: number) => number {
  if (request.is(i, 'SUM')) return sum;
  if (request.is(i, 'MIN')) return (a, b) => (b < a ? b : a);
  if (request.is(i, 'MAX')) return (a, b) => (b > a ? b : a);
  throw new CommandError(SYNTAX_ERROR);
}

/** Small sets first: fewer members to look at, and scores are added in the order in which Redis does it. */
function bySize(sources: Source[]): Source[] {
  return sources.toSorted((a, b) => a.size - b.size);
}

function union({ sources, aggregate }: Query, result: LargeZset): void {
  for (const { forEach, weight } of bySize(sources)) {
    forEach(({ bytes, start, end }, score) => {
      const value = weighted(score, weight);
      const before = result.find(bytes, start, end);
      if (before === 0) result.add(bytes, start, end, value);
      else result.move(before, aggregate(result.score(before), value));
    });
  }
}

/** Visits the members that are in all sets until `visit` answers false. */
function intersect(
  { sources, aggregate }: Query,
  visit: (...entry: Parameters<MemberVisitor>) => boolean,
): void {
  const [first, ...others] = bySize(sources);
  let done = false;
  first.forEach((member, score) => {
    if (done) return;
    let result = weighted(score, first.weight);
    for (const { find, weight } of others) {
      const value = find(member.bytes, member.start, member.end);
      if (Number.isNaN(value)) return;
      result = aggregate(result, value * weight);
    }
    done = !visit(member, result);
  });
}

function subtract({ sources }: Query, result: LargeZset): void {
  const [first, ...others] = sources;
  first.forEach(({ bytes, start, end }, score) => {
    if (others.every(({ find }) => Number.isNaN(find(bytes, start, end))))
      result.add(bytes, start, end, score);
  });
}

/** The result of an operation whose number of keys is in argument `at`. */
function compute(c: Context, operation: Operation, query: Query): LargeZset {
  const result = new LargeZset(c.keyspace.arena);
  if (operation === 'union') union(query, result);
  else if (operation === 'diff') subtract(query, result);
  else {
    intersect(query, ({ bytes, start, end }, score) => {
      result.add(bytes, start, end, score);
      return true;
    });
  }
  return result;
}

/** ZUNION, ZINTER, ZDIFF. */
function answer(c: Context, operation: Operation): void {
  const query = queryOf(c, 1, operation === 'diff' ? 'members' : 'scores', false);
  const result = compute(c, operation, query);
  const visit = beginMembers(c.reply, result.size, query.withScores);
  const range = emptyRange();
  result.tree.visit(0, result.size, false, (score, record) => visit(result.member(record, range), score));
  dispose(result);
}

/** ZUNIONSTORE, ZINTERSTORE, ZDIFFSTORE. */
function store(c: Context, operation: Operation): void {
  const query = queryOf(c, 2, operation === 'diff' ? 'members' : 'scores', true);
  storeZset(c, 1, compute(c, operation, query), c.command.fullName);
}

/** ZINTERCARD numkeys key [key …] [LIMIT limit]. */
function countIntersection(c: Context): void {
  const query = queryOf(c, 1, 'count', false);
  let count = 0;
  intersect(query, () => ++count !== query.limit);
  c.reply.integer(count);
}
