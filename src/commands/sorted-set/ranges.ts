/**
 * Ranges of sorted sets: by place, by score, by name. Each is turned into ranks first (ZsetValue's `countBelow…`); what is
 * done with them, counting, replying, storing, removing, is then the same.
 */
import type { Ref } from '../../keyspace/arena.js';
import { ZSET } from '../../keyspace/record.js';
import { LargeZset } from '../../keyspace/values/zset-large.js';
import { ZsetValue } from '../../keyspace/values/zset-value.js';
import { CommandError } from '../../protocol/command-error.js';
import { looseDoubleIn } from '../../protocol/doubles.js';
import type { Request } from '../../protocol/request.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import { type Context, EVENT } from '../context.js';
import { SYNTAX_ERROR } from '../errors.js';
import { integerArgument } from '../input.js';
import { keyAt } from '../key-specs.js';
import { readTyped, writeTyped } from '../lookup.js';
import { beginMembers } from './sorted-sets.js';
import { storeZset } from './store.js';

type Kind = 'place' | 'score' | 'name';

/** What the commands that reply with a range have in common. */
const READS = {
  group: 'sorted-set',
  complexity:
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.',
  arity: -4,
  flags: ['readonly'],
  acl: ['sortedset'],
  keys: [keyAt(1, 'RO', 'access')],
} satisfies Partial<CommandDefinition>;

/** What ZCOUNT and ZLEXCOUNT have in common. */
const COUNTS = {
  group: 'sorted-set',
  complexity: 'O(log(N)) with N being the number of elements in the sorted set.',
  arity: 4,
  flags: ['readonly', 'fast'],
  acl: ['sortedset'],
  keys: [keyAt(1, 'RO', 'access')],
  reply: 'number',
} satisfies Partial<CommandDefinition>;

/** What ZREMRANGEBYRANK and its kin have in common. */
const REMOVES = {
  group: 'sorted-set',
  complexity:
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.',
  arity: 4,
  flags: ['write'],
  acl: ['sortedset'],
  keys: [keyAt(1, 'RW', 'delete')],
  reply: 'number',
} satisfies Partial<CommandDefinition>;

const LIMITED_COMPLEXITY =
  'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).';

const LIMIT = arg.block('offset_count', [arg.integer('offset'), arg.integer('count')], {
  token: 'LIMIT',
  optional: true,
});

/** Members, with their scores if these are asked for. */
const MEMBERS = { withscores: '[member: Bulk, score: Double][]', otherwise: 'Bulk[]' };

export const sortedSetRanges: readonly CommandDefinition[] = [
  {
    name: 'zrange',
    summary: 'Answers the members in a range of places, scores or names.',
    since: '1.2.0',
    ...READS,
    args: [
      arg.key('key', 0),
      arg.string('start'),
      arg.string('stop'),
      arg.oneOf('sortby', [arg.word('BYSCORE'), arg.word('BYLEX')], { optional: true, since: '6.2.0' }),
      arg.word('REV', { optional: true, since: '6.2.0' }),
      arg.block('offset_count', [arg.integer('offset'), arg.integer('count')], {
        token: 'LIMIT',
        optional: true,
        since: '6.2.0',
      }),
      arg.word('WITHSCORES', { optional: true }),
    ],
    reply: MEMBERS,
    history: [['6.2.0', 'Added the `REV`, `BYSCORE`, `BYLEX` and `LIMIT` options.']],
    run: (c) => replyRange(c),
  },
  {
    name: 'zrangestore',
    summary: 'Stores the members in a range of another sorted set.',
    since: '6.2.0',
    group: 'sorted-set',
    complexity:
      'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements stored into the destination key.',
    arity: -5,
    flags: ['write', 'denyoom'],
    acl: ['sortedset'],
    keys: [keyAt(1, 'OW', 'update'), keyAt(2, 'RO', 'access')],
    args: [
      arg.key('dst', 0),
      arg.key('src', 1),
      arg.string('min'),
      arg.string('max'),
      arg.oneOf('sortby', [arg.word('BYSCORE'), arg.word('BYLEX')], { optional: true }),
      arg.word('REV', { optional: true }),
      LIMIT,
    ],
    reply: 'number',
    run: storeRange,
  },
  {
    name: 'zrevrange',
    summary: 'Answers the members in a range of places, counted from the highest score.',
    since: '1.2.0',
    ...READS,
    args: [
      arg.key('key', 0),
      arg.integer('start'),
      arg.integer('stop'),
      arg.word('WITHSCORES', { optional: true }),
    ],
    reply: MEMBERS,
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `REV` argument' },
    run: (c) => replyRange(c, 'place', true),
  },
  {
    name: 'zrangebyscore',
    summary: 'Answers the members whose score is in a range.',
    since: '1.0.5',
    ...READS,
    complexity: LIMITED_COMPLEXITY,
    args: [
      arg.key('key', 0),
      arg.double('min'),
      arg.double('max'),
      arg.word('WITHSCORES', { optional: true, since: '2.0.0' }),
      LIMIT,
    ],
    reply: MEMBERS,
    history: [['2.0.0', 'Added the `WITHSCORES` modifier.']],
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `BYSCORE` argument' },
    run: (c) => replyRange(c, 'score', false),
  },
  {
    name: 'zrevrangebyscore',
    summary: 'Answers the members whose score is in a range, from the highest to the lowest.',
    since: '2.2.0',
    ...READS,
    complexity: LIMITED_COMPLEXITY,
    args: [
      arg.key('key', 0),
      arg.double('max'),
      arg.double('min'),
      arg.word('WITHSCORES', { optional: true }),
      LIMIT,
    ],
    reply: MEMBERS,
    history: [['2.1.6', '`min` and `max` can be exclusive.']],
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `REV` and `BYSCORE` arguments' },
    run: (c) => replyRange(c, 'score', true),
  },
  {
    name: 'zrangebylex',
    summary: 'Answers the members in a range by name, all scores being the same.',
    since: '2.8.9',
    ...READS,
    complexity: LIMITED_COMPLEXITY,
    args: [arg.key('key', 0), arg.string('min'), arg.string('max'), LIMIT],
    reply: 'Bulk[]',
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `BYLEX` argument' },
    run: (c) => replyRange(c, 'name', false),
  },
  {
    name: 'zrevrangebylex',
    summary: 'Answers the members in a range by name, from the last to the first.',
    since: '2.8.9',
    ...READS,
    complexity: LIMITED_COMPLEXITY,
    args: [arg.key('key', 0), arg.string('max'), arg.string('min'), LIMIT],
    reply: 'Bulk[]',
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `REV` and `BYLEX` arguments' },
    run: (c) => replyRange(c, 'name', true),
  },
  {
    name: 'zcount',
    summary: 'Answers the number of members whose score is in a range.',
    since: '2.0.0',
    ...COUNTS,
    args: [arg.key('key', 0), arg.double('min'), arg.double('max')],
    run: (c) => countRange(c, 'score'),
  },
  {
    name: 'zlexcount',
    summary: 'Answers the number of members in a range by name, all scores being the same.',
    since: '2.8.9',
    ...COUNTS,
    args: [arg.key('key', 0), arg.string('min'), arg.string('max')],
    run: (c) => countRange(c, 'name'),
  },
  {
    name: 'zremrangebyrank',
    summary: 'Removes the members in a range of places.',
    since: '2.0.0',
    ...REMOVES,
    args: [arg.key('key', 0), arg.integer('start'), arg.integer('stop')],
    run: (c) => removeRange(c, 'place'),
  },
  {
    name: 'zremrangebyscore',
    summary: 'Removes the members whose score is in a range.',
    since: '1.2.0',
    ...REMOVES,
    args: [arg.key('key', 0), arg.double('min'), arg.double('max')],
    run: (c) => removeRange(c, 'score'),
  },
  {
    name: 'zremrangebylex',
    summary: 'Removes the members in a range by name, all scores being the same.',
    since: '2.8.9',
    ...REMOVES,
    args: [arg.key('key', 0), arg.string('min'), arg.string('max')],
    run: (c) => removeRange(c, 'name'),
  },
];

const zset = new ZsetValue();

/** Members from rank `first` on. */
interface Ranks {
  first: number;
  count: number;
}

/** A range as the arguments give it; finds its ranks in the set that `zset` is pointed at. */
type Range = () => Ranks;

const OPEN = 0x28; // (
const CLOSED = 0x5b; // [
const LOWEST = 0x2d; // -
const HIGHEST = 0x2b; // +

/** The range between arguments `min` and `max`. Places are counted from the end when `reverse`. */
function rangeArgument(c: Context, kind: Kind, min: number, max: number, reverse: boolean): Range {
  if (kind === 'place') return placeRange(c, min, max, reverse);
  return kind === 'score' ? scoreRange(c.request, min, max) : nameRange(c.request, min, max);
}

function placeRange(c: Context, min: number, max: number, reverse: boolean): Range {
  const start = integerArgument(c, min);
  const stop = integerArgument(c, max);
  return () => {
    const { size } = zset;
    const from = Math.max(0, start < 0 ? size + start : start);
    const to = Math.min(size - 1, stop < 0 ? size + stop : stop);
    const count = Math.max(0, to - from + 1);
    return { first: reverse ? size - from - count : from, count };
  };
}

function scoreRange(request: Request, min: number, max: number): Range {
  const low = scoreBound(request, min);
  const high = scoreBound(request, max);
  return () => between(zset.countBelow(low.score, low.isOpen), zset.countBelow(high.score, !high.isOpen));
}

/** A score, excluded itself behind a round bracket. */
function scoreBound({ buffer, starts, ends }: Request, i: number): { score: number; isOpen: boolean } {
  const isOpen = starts[i] < ends[i] && buffer[starts[i]] === OPEN;
  const score = looseDoubleIn(buffer, isOpen ? starts[i] + 1 : starts[i], ends[i]);
  if (Number.isNaN(score)) throw new CommandError('ERR min or max is not a float');
  return { score, isOpen };
}

function nameRange(request: Request, min: number, max: number): Range {
  const below = nameBound(request, min, true);
  const upTo = nameBound(request, max, false);
  return () => between(below(), upTo());
}

/** How many members are below a bound; as the lower bound one that is excluded counts itself, as the upper one it doesn't. */
function nameBound({ buffer, starts, ends }: Request, i: number, isLower: boolean): () => number {
  const start = starts[i];
  const end = ends[i];
  const mark = start < end ? buffer[start] : 0;
  if (mark === OPEN || mark === CLOSED) {
    return () => zset.countBelowMember(buffer, start + 1, end, (mark === OPEN) === isLower);
  }
  if (end - start === 1 && mark === LOWEST) return () => 0;
  if (end - start === 1 && mark === HIGHEST) return () => zset.size;
  throw new CommandError('ERR min or max not valid string range item');
}

function between(first: number, end: number): Ranks {
  return { first, count: Math.max(0, end - first) };
}

/** What ZRANGE and its relatives are asked for, from the key in argument `at` on. */
interface RangeQuery {
  range: Range;
  reverse: boolean;
  withScores: boolean;
  offset: number;
  /** Negative: all of them. */
  limit: number;
}

/** `key min max [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]`; what `kind` and `reverse` say already isn't an option. */
function rangeQuery(c: Context, at: number, kind?: Kind, reverse?: boolean): RangeQuery {
  const { request } = c;
  const storing = at > 1;
  let withScores = false;
  let offset = 0;
  let limit = -1;
  for (let i = at + 3; i < request.argc; i++) {
    if (!storing && request.is(i, 'WITHSCORES')) withScores = true;
    else if (request.is(i, 'LIMIT') && i + 2 < request.argc) {
      offset = integerArgument(c, ++i);
      limit = integerArgument(c, ++i);
    } else if (reverse === undefined && request.is(i, 'REV')) reverse = true;
    else if (kind === undefined && request.is(i, 'BYLEX')) kind = 'name';
    else if (kind === undefined && request.is(i, 'BYSCORE')) kind = 'score';
    else throw new CommandError(SYNTAX_ERROR);
  }
  kind ??= 'place';
  reverse ??= false;
  if (kind === 'place') {
    if (limit !== -1) {
      throw new CommandError(
        'ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX',
      );
    }
    offset = 0; // as in Redis, a limit of -1 is none
  }
  if (withScores && kind === 'name') {
    throw new CommandError('ERR syntax error, WITHSCORES not supported in combination with BYLEX');
  }
  const swapped = reverse && kind !== 'place';
  const range = rangeArgument(c, kind, swapped ? at + 2 : at + 1, swapped ? at + 1 : at + 2, reverse);
  return { range, reverse, withScores, offset, limit };
}

/** The ranks of what a query asks for: where to begin, in its direction, and how many. */
function ranksOf({ range, reverse, offset, limit }: RangeQuery): Ranks {
  const { first, count } = range();
  const last = first + count - 1;
  if (offset < 0 || offset >= count) return { first, count: 0 };
  const rest = count - offset;
  return { first: reverse ? last - offset : first + offset, count: limit < 0 ? rest : Math.min(limit, rest) };
}

/** ZRANGE and those that were before it. */
function replyRange(c: Context, kind?: Kind, reverse?: boolean): void {
  const query = rangeQuery(c, 1, kind, reverse);
  const ref = readTyped(c, 1, ZSET);
  if (ref === 0) {
    c.reply.array(0);
    return;
  }
  zset.open(c.db, ref);
  const { first, count } = ranksOf(query);
  zset.visit(first, count, query.reverse, beginMembers(c.reply, count, query.withScores));
}

/** ZRANGESTORE destination source min max … */
function storeRange(c: Context): void {
  const query = rangeQuery(c, 2);
  const result = new LargeZset(c.keyspace.arena);
  const ref: Ref = readTyped(c, 2, ZSET);
  if (ref !== 0) {
    zset.open(c.db, ref);
    const { first, count } = ranksOf(query);
    zset.visit(first, count, query.reverse, ({ bytes, start, end }, score) =>
      result.add(bytes, start, end, score),
    );
  }
  storeZset(c, 1, result, 'zrangestore');
}

/** ZCOUNT and ZLEXCOUNT. */
function countRange(c: Context, kind: Kind): void {
  const range = rangeArgument(c, kind, 2, 3, false);
  const ref = readTyped(c, 1, ZSET);
  if (ref !== 0) zset.open(c.db, ref);
  c.reply.integer(ref === 0 ? 0 : range().count);
}

/** ZREMRANGEBYRANK, ZREMRANGEBYSCORE, ZREMRANGEBYLEX. */
function removeRange(c: Context, kind: Kind): void {
  const range = rangeArgument(c, kind, 2, 3, false);
  const ref = writeTyped(c, 1, ZSET);
  if (ref === 0) {
    c.reply.integer(0);
    return;
  }
  zset.open(c.db, ref);
  const { first, count } = range();
  const empty = count === zset.size;
  if (empty) c.db.remove(ref);
  else zset.deleteRange(first, count);
  if (count > 0) c.changed(1, EVENT.zset, c.command.fullName, count);
  if (empty) c.notify(1, EVENT.generic, 'del');
  c.reply.integer(count);
}
