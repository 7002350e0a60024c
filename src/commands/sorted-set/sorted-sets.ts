/** Sorted sets: members and their scores, one by one. Ranges, pops and set operations have files of their own. */
import { ZSET } from '../../keyspace/record.js';
import { type MemberVisitor, ZsetValue } from '../../keyspace/values/zset-value.js';
import { type ByteRange, fromLatin1 } from '../../protocol/bytes.js';
import { CommandError } from '../../protocol/command-error.js';
import { formatDouble, formatScore } from '../../protocol/doubles.js';
import type { ReplyWriter } from '../../protocol/reply-writer.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import { type Context, EVENT } from '../context.js';
import { SYNTAX_ERROR } from '../errors.js';
import { cursorArgument, scanElements } from '../generic/scan.js';
import { doubleArgument, sampleArgument } from '../input.js';
import { keyAt } from '../key-specs.js';
import { readTyped, writeTyped } from '../lookup.js';
import { drawInPortions } from '../portions.js';

export const sortedSets: readonly CommandDefinition[] = [
  {
    name: 'zadd',
    summary: 'Adds members with scores, or changes the scores of members.',
    since: '1.2.0',
    group: 'sorted-set',
    complexity: 'O(log(N)) for each item added, where N is the number of elements in the sorted set.',
    arity: -4,
    flags: ['write', 'denyoom', 'fast'],
    acl: ['sortedset'],
    keys: [keyAt(1, 'RW', 'update')],
    args: [
      arg.key('key', 0),
      arg.oneOf('condition', [arg.word('NX'), arg.word('XX')], { optional: true, since: '3.0.2' }),
      arg.oneOf('comparison', [arg.word('GT'), arg.word('LT')], { optional: true, since: '6.2.0' }),
      arg.word('CH', { name: 'change', optional: true, since: '3.0.2' }),
      arg.word('INCR', { name: 'increment', optional: true, since: '3.0.2' }),
      arg.block('score_member', [arg.double('score'), arg.string('member')], { multiple: true }),
    ],
    reply: { incr: 'Double | null', otherwise: 'number' },
    history: [
      ['2.4.0', 'Accepts multiple elements.'],
      ['3.0.2', 'Added the `XX`, `NX`, `CH` and `INCR` options.'],
      ['6.2.0', 'Added the `GT` and `LT` options.'],
    ],
    run: (c) => add(c),
  },
  {
    name: 'zincrby',
    summary: 'Adds to the score of a member.',
    since: '1.2.0',
    group: 'sorted-set',
    complexity: 'O(log(N)) where N is the number of elements in the sorted set.',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    acl: ['sortedset'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    args: [arg.key('key', 0), arg.integer('increment'), arg.string('member')],
    reply: 'Double',
    run: (c) => add(c, INCR),
  },
  {
    name: 'zrem',
    summary: 'Removes members.',
    since: '1.2.0',
    group: 'sorted-set',
    complexity:
      'O(M*log(N)) with N being the number of elements in the sorted set and M the number of elements to be removed.',
    arity: -3,
    flags: ['write', 'fast'],
    acl: ['sortedset'],
    keys: [keyAt(1, 'RW', 'delete')],
    args: [arg.key('key', 0), arg.string('member', { multiple: true })],
    reply: 'number',
    history: [['2.4.0', 'Accepts multiple elements.']],
    run: remove,
  },
  {
    name: 'zcard',
    summary: 'Answers the number of members.',
    since: '1.2.0',
    group: 'sorted-set',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    acl: ['sortedset'],
    keys: [keyAt(1, 'RO')],
    args: [arg.key('key', 0)],
    reply: 'number',
    run(c) {
      c.reply.integer(openForReading(c) ? zset.size : 0);
    },
  },
  {
    name: 'zscore',
    summary: 'Answers the score of a member.',
    since: '1.2.0',
    group: 'sorted-set',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly', 'fast'],
    acl: ['sortedset'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [arg.key('key', 0), arg.string('member')],
    reply: 'Double | null',
    run(c) {
      replyScore(c, openForReading(c), 2);
    },
  },
  {
    name: 'zmscore',
    summary: 'Answers the scores of members.',
    since: '6.2.0',
    group: 'sorted-set',
    complexity: 'O(N) where N is the number of members being requested.',
    arity: -3,
    flags: ['readonly', 'fast'],
    acl: ['sortedset'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [arg.key('key', 0), arg.string('member', { multiple: true })],
    reply: '(Double | null)[]',
    run(c) {
      const exists = openForReading(c);
      const { argc } = c.request;
      c.reply.array(argc - 2);
      for (let i = 2; i < argc; i++) replyScore(c, exists, i);
    },
  },
  {
    name: 'zrank',
    summary: 'Answers how many members come before a member.',
    since: '2.0.0',
    group: 'sorted-set',
    complexity: 'O(log(N))',
    arity: 3,
    flags: ['readonly', 'fast'],
    acl: ['sortedset'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [arg.key('key', 0), arg.string('member')],
    reply: 'number | null',
    run: (c) => replyRank(c, false),
  },
  {
    name: 'zrevrank',
    summary: 'Answers how many members come behind a member.',
    since: '2.0.0',
    group: 'sorted-set',
    complexity: 'O(log(N))',
    arity: 3,
    flags: ['readonly', 'fast'],
    acl: ['sortedset'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [arg.key('key', 0), arg.string('member')],
    reply: 'number | null',
    run: (c) => replyRank(c, true),
  },
  {
    name: 'zscan',
    summary: 'Answers some members with their scores, and a cursor with which to go on.',
    since: '2.8.0',
    group: 'sorted-set',
    complexity:
      'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection..',
    arity: -3,
    flags: ['readonly'],
    acl: ['sortedset'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [
      arg.key('key', 0),
      arg.integer('cursor'),
      arg.pattern('pattern', { token: 'MATCH', optional: true }),
      arg.integer('count', { token: 'COUNT', optional: true }),
    ],
    reply: '[cursor: Bulk, scores: Bulk[]]',
    tips: ['nondeterministic_output'],
    run: scanMembers,
  },
  {
    name: 'zrandmember',
    summary: 'Answers members chosen at random.',
    since: '6.2.0',
    group: 'sorted-set',
    complexity: 'O(N) where N is the number of elements returned',
    arity: -2,
    flags: ['readonly'],
    acl: ['sortedset'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [
      arg.key('key', 0),
      arg.block('options', [arg.integer('count'), arg.word('WITHSCORES', { optional: true })], {
        optional: true,
      }),
    ],
    reply: { withscores: '[member: Bulk, score: Double][]', count: 'Bulk[]', otherwise: 'Bulk | null' },
    tips: ['nondeterministic_output'],
    run: randomMembers,
  },
];

const zset = new ZsetValue();

/** Points `zset` at the key in argument 1; answers whether it exists. */
function openForReading(c: Context): boolean {
  const ref = readTyped(c, 1, ZSET);
  if (ref === 0) return false;
  zset.open(c.db, ref);
  return true;
}

/** Options of ZADD, as bits. */
export const ADD_OPTION = {
  NX: 1 << 0,
  XX: 1 << 1,
  GT: 1 << 2,
  LT: 1 << 3,
  CH: 1 << 4,
  INCR: 1 << 5,
} as const;

const { NX, XX, GT, LT, CH, INCR } = ADD_OPTION;

const NAN = 'ERR resulting score is not a number (NaN)';

/** The scores of the command being run: all are read before anything is changed. */
let scores = new Float64Array(64);

/** ZADD key [NX | XX] [GT | LT] [CH] [INCR] score member [score member …], and ZINCRBY key score member. */
function add(c: Context, options = 0): void {
  const { request } = c;
  const { argc } = request;
  let first = 2;
  for (; first < argc; first++) {
    const option = addOption(c, first);
    if (option === 0) break;
    options |= option;
  }
  const count = (argc - first) / 2;
  if (count === 0 || !Number.isInteger(count)) throw new CommandError(SYNTAX_ERROR);
  if ((options & (NX | XX)) === (NX | XX)) {
    throw new CommandError('ERR XX and NX options at the same time are not compatible');
  }
  const restrictions = options & (NX | GT | LT);
  if ((restrictions & (restrictions - 1)) !== 0) {
    throw new CommandError('ERR GT, LT, and/or NX options at the same time are not compatible');
  }
  if (options & INCR && count > 1) {
    throw new CommandError('ERR INCR option supports a single increment-element pair');
  }
  if (count > scores.length) scores = new Float64Array(2 * count);
  for (let n = 0; n < count; n++) scores[n] = doubleArgument(c, first + 2 * n);
  addMembers(c, options, scores, count, first + 1, 2);
}

function addOption({ request }: Context, i: number): number {
  const length = request.length(i);
  if (length === 2) {
    if (request.is(i, 'NX')) return NX;
    if (request.is(i, 'XX')) return XX;
    if (request.is(i, 'GT')) return GT;
    if (request.is(i, 'LT')) return LT;
    if (request.is(i, 'CH')) return CH;
  }
  return length === 4 && request.is(i, 'INCR') ? INCR : 0;
}

/**
 * Sets the scores of `count` members, the first in argument `first` and then every `step` arguments, in the sorted set of
 * the key in argument 1, and replies as ZADD does.
 */
export function addMembers(
  c: Context,
  options: number,
  scores: ArrayLike<number>,
  count: number,
  first: number,
  step: number,
): void {
  const { request, reply, db } = c;
  const { buffer, starts, ends } = request;
  const ref = writeTyped(c, 1, ZSET);
  if (ref !== 0) zset.open(db, ref);
  else if (options & XX) {
    if (options & INCR) reply.nil();
    else reply.integer(0);
    return;
  } else zset.create(db, buffer, starts[1], ends[1]);
  let added = 0;
  let updated = 0;
  let result = Number.NaN;
  for (let n = 0, i = first; n < count; n++, i += step) {
    const before = zset.find(buffer, starts[i], ends[i]);
    let score = scores[n];
    if (Number.isNaN(before)) {
      if (options & XX) continue;
      zset.add(buffer, starts[i], ends[i], score);
      added++;
    } else {
      if (options & NX) continue;
      if (options & INCR) {
        score += before;
        if (Number.isNaN(score)) throw new CommandError(NAN);
      }
      if ((options & LT && score >= before) || (options & GT && score <= before)) continue;
      if (score !== before) {
        zset.move(buffer, starts[i], ends[i], score);
        updated++;
      }
    }
    result = score;
  }
  if (added + updated > 0) c.changed(1, EVENT.zset, options & INCR ? 'zincr' : 'zadd', added + updated);
  if (!(options & INCR)) reply.integer(options & CH ? added + updated : added);
  else if (Number.isNaN(result)) reply.nil();
  else reply.double(result);
}

/** ZREM key member [member …]. */
function remove(c: Context): void {
  const { request, reply, db } = c;
  const { buffer, starts, ends, argc } = request;
  const ref = writeTyped(c, 1, ZSET);
  let removed = 0;
  let empty = false;
  if (ref !== 0) {
    zset.open(db, ref);
    for (let i = 2; i < argc && !empty; i++) {
      if (!zset.delete(buffer, starts[i], ends[i])) continue;
      removed++;
      empty = zset.size === 0;
    }
  }
  if (empty) db.remove(zset.ref);
  if (removed > 0) c.changed(1, EVENT.zset, 'zrem', removed);
  if (empty) c.notify(1, EVENT.generic, 'del');
  reply.integer(removed);
}

/** The score of the member in argument `i`, or null. */
function replyScore({ request, reply }: Context, exists: boolean, i: number): void {
  const score = exists ? zset.find(request.buffer, request.starts[i], request.ends[i]) : Number.NaN;
  if (Number.isNaN(score)) reply.nil();
  else reply.double(score);
}

/** ZRANK and ZREVRANK. */
function replyRank(c: Context, reverse: boolean): void {
  const { request, reply } = c;
  const exists =
    openForReading(c) && !Number.isNaN(zset.find(request.buffer, request.starts[2], request.ends[2]));
  if (!exists) reply.nil();
  else reply.integer(reverse ? zset.size - 1 - zset.rankOfFound() : zset.rankOfFound());
}

/** ZSCAN key cursor [MATCH pattern] [COUNT n]. */
function scanMembers(c: Context): void {
  const cursor = cursorArgument(c.request, 2);
  if (!openForReading(c)) {
    scanElements(c, cursor, undefined);
    return;
  }
  const format = zset.packed === null ? formatDouble : formatScore;
  scanElements(c, cursor, (from, visit) =>
    zset.scan(from, (member, score) => {
      const bytes = fromLatin1(format(score));
      visit(member, { bytes, start: 0, end: bytes.length });
    }),
  );
}

/** ZRANDMEMBER key [count [WITHSCORES]]. */
function randomMembers(c: Context): void {
  const { request, reply } = c;
  if (request.argc === 2) {
    if (openForReading(c)) zset.draw(1, ({ bytes, start, end }) => reply.bulk(bytes, start, end));
    else reply.nil();
    return;
  }
  const count = sampleArgument(c, 2);
  const withScores = request.argc > 3;
  if (request.argc > 4 || (withScores && !request.is(3, 'WITHSCORES'))) throw new CommandError(SYNTAX_ERROR);
  if (withScores && Math.abs(count) >= 2 ** 62) throw new CommandError('ERR value is out of range');
  if (!openForReading(c)) {
    reply.array(0);
    return;
  }
  const number = count < 0 ? -count : Math.min(count, zset.size);
  const visit = beginMembers(reply, number, withScores);
  if (count < 0) drawInPortions(c, number, (portion) => zset.draw(portion, visit));
  else zset.sample(number, visit);
}

/** Begins a list of `count` members; answers what replies with one. With scores, they are pairs in RESP3. */
export function beginMembers(reply: ReplyWriter, count: number, withScores: boolean): MemberVisitor {
  reply.array(withScores && reply.resp === 2 ? count * 2 : count);
  if (!withScores) return ({ bytes, start, end }) => reply.bulk(bytes, start, end);
  return (member, score) => replyPair(reply, member, score, reply.resp === 3);
}

/** A member and its score. */
export function replyPair(
  reply: ReplyWriter,
  { bytes, start, end }: Readonly<ByteRange>,
  score: number,
  nested: boolean,
): void {
  if (nested) reply.array(2);
  reply.bulk(bytes, start, end);
  reply.double(score);
}
