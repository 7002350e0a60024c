/**
 * Taking members from either end of a sorted set, and waiting until there are any. What waits is propagated as ZPOPMIN or
 * ZPOPMAX; see `Context.block` for how a command waits.
 */
import type { Ref } from '../../keyspace/arena.js';
import { ZSET } from '../../keyspace/record.js';
import { ZsetValue } from '../../keyspace/values/zset-value.js';
import { CommandError } from '../../protocol/command-error.js';
import * as arg from '../arguments.js';
import { firstTyped, serveOrWait } from '../blocking-keys.js';
import type { CommandDefinition } from '../command.js';
import { type Context, EVENT } from '../context.js';
import { SYNTAX_ERROR } from '../errors.js';
import { rangeArgument, secondsArgument } from '../input.js';
import { keyAt, keyCount, keyRange } from '../key-specs.js';
import { writeTyped } from '../lookup.js';
import { replyPair } from './sorted-sets.js';

/** Which end members are taken from. */
type End = 'MIN' | 'MAX';

export const sortedSetPops: readonly CommandDefinition[] = [
  {
    name: 'zpopmin',
    summary: 'Removes the members with the lowest scores and answers them.',
    since: '5.0.0',
    group: 'sorted-set',
    complexity:
      'O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.',
    arity: -2,
    flags: ['write', 'fast'],
    acl: ['sortedset'],
    keys: [keyAt(1, 'RW', 'access', 'delete')],
    args: [arg.key('key', 0), arg.integer('count', { optional: true })],
    reply: { count: '[member: Bulk, score: Double][]', otherwise: '[member: Bulk, score: Double] | []' },
    run: (c) => pop(c, 'MIN'),
  },
  {
    name: 'zpopmax',
    summary: 'Removes the members with the highest scores and answers them.',
    since: '5.0.0',
    group: 'sorted-set',
    complexity:
      'O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.',
    arity: -2,
    flags: ['write', 'fast'],
    acl: ['sortedset'],
    keys: [keyAt(1, 'RW', 'access', 'delete')],
    args: [arg.key('key', 0), arg.integer('count', { optional: true })],
    reply: { count: '[member: Bulk, score: Double][]', otherwise: '[member: Bulk, score: Double] | []' },
    run: (c) => pop(c, 'MAX'),
  },
  {
    name: 'zmpop',
    summary: 'Removes members from the first sorted set that has any, and answers them.',
    since: '7.0.0',
    group: 'sorted-set',
    complexity:
      'O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.',
    arity: -4,
    flags: ['write'],
    acl: ['sortedset'],
    keys: [keyCount(1, 'RW', 'access', 'delete')],
    args: [
      arg.integer('numkeys'),
      arg.key('key', 0, { multiple: true }),
      arg.oneOf('where', [arg.word('MIN'), arg.word('MAX')]),
      arg.integer('count', { token: 'COUNT', optional: true }),
    ],
    reply: '[key: Bulk, members: [member: Bulk, score: Double][]] | null',
    run: multiPop,
  },
  {
    name: 'bzpopmin',
    summary:
      'Removes the member with the lowest score of the first sorted set that has one and answers it; waits for it.',
    since: '5.0.0',
    group: 'sorted-set',
    complexity: 'O(log(N)) with N being the number of elements in the sorted set.',
    arity: -3,
    flags: ['write', 'noscript', 'fast', 'blocking'],
    acl: ['sortedset'],
    keys: [keyRange(1, -2, 1, 'RW', 'access', 'delete')],
    args: [arg.key('key', 0, { multiple: true }), arg.double('timeout')],
    reply: '[key: Bulk, member: Bulk, score: Double] | null',
    history: [['6.0.0', '`timeout` is interpreted as a double instead of an integer.']],
    run: (c) => popOrWait(c, 'MIN'),
  },
  {
    name: 'bzpopmax',
    summary:
      'Removes the member with the highest score of the first sorted set that has one and answers it; waits for it.',
    since: '5.0.0',
    group: 'sorted-set',
    complexity: 'O(log(N)) with N being the number of elements in the sorted set.',
    arity: -3,
    flags: ['write', 'noscript', 'fast', 'blocking'],
    acl: ['sortedset'],
    keys: [keyRange(1, -2, 1, 'RW', 'access', 'delete')],
    args: [arg.key('key', 0, { multiple: true }), arg.double('timeout')],
    reply: '[key: Bulk, member: Bulk, score: Double] | null',
    history: [['6.0.0', '`timeout` is interpreted as a double instead of an integer.']],
    run: (c) => popOrWait(c, 'MAX'),
  },
  {
    name: 'bzmpop',
    summary: 'Removes members from the first sorted set that has any, and answers them; waits for them.',
    since: '7.0.0',
    group: 'sorted-set',
    complexity:
      'O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.',
    arity: -5,
    flags: ['write', 'blocking'],
    acl: ['sortedset'],
    keys: [keyCount(2, 'RW', 'access', 'delete')],
    args: [
      arg.double('timeout'),
      arg.integer('numkeys'),
      arg.key('key', 0, { multiple: true }),
      arg.oneOf('where', [arg.word('MIN'), arg.word('MAX')]),
      arg.integer('count', { token: 'COUNT', optional: true }),
    ],
    reply: '[key: Bulk, members: [member: Bulk, score: Double][]] | null',
    run: multiPopOrWait,
  },
];

const zset = new ZsetValue();

/**
 * Takes `count` members, at least one, or as many as there are, from the sorted set `ref`, whose key is argument `i`;
 * `begin` begins the reply, given their number, and the pairs follow. Answers the number.
 */
function popMembers(
  c: Context,
  i: number,
  ref: Ref,
  end: End,
  count: number,
  nested: boolean,
  begin: (count: number) => void,
): number {
  const { db, reply } = c;
  zset.open(db, ref);
  const { size } = zset;
  const number = Math.min(count, size);
  const isMax = end === 'MAX';
  begin(number);
  zset.visit(isMax ? size - 1 : 0, number, isMax, (member, score) => replyPair(reply, member, score, nested));
  if (number === size) db.remove(zset.ref);
  else zset.deleteRange(isMax ? size - number : 0, number);
  c.changed(i, EVENT.zset, isMax ? 'zpopmax' : 'zpopmin', number);
  if (number === size) c.notify(i, EVENT.generic, 'del');
  return number;
}

/** ZPOPMIN and ZPOPMAX: key [count]. */
function pop(c: Context, end: End): void {
  const { request, reply } = c;
  if (request.argc > 3) throw new CommandError(SYNTAX_ERROR);
  const withCount = request.argc === 3;
  const count = withCount
    ? rangeArgument(c, 2, 0, Number.POSITIVE_INFINITY, 'ERR value is out of range, must be positive')
    : 1;
  const ref = writeTyped(c, 1, ZSET);
  if (ref === 0 || count === 0) {
    reply.array(0);
    return;
  }
  const nested = withCount && reply.resp === 3;
  popMembers(c, 1, ref, end, count, nested, (number) => reply.array(nested ? number : number * 2));
}

/** What ZMPOP and BZMPOP are asked for. */
interface MultiPop {
  readonly firstKey: number;
  readonly lastKey: number;
  readonly end: End;
  readonly count: number;
}

/** `numkeys key [key …] MIN | MAX [COUNT count]`, from argument `at` on. */
function multiPopArguments(c: Context, at: number): MultiPop {
  const { request } = c;
  const keys = rangeArgument(c, at, 1, Number.POSITIVE_INFINITY, 'ERR numkeys should be greater than 0');
  const where = at + keys + 1;
  if (where >= request.argc) throw new CommandError(SYNTAX_ERROR);
  const end = request.is(where, 'MIN') ? 'MIN' : 'MAX';
  if (!request.is(where, end)) throw new CommandError(SYNTAX_ERROR);
  let count = -1;
  for (let i = where + 1; i < request.argc; i += 2) {
    if (count !== -1 || !request.is(i, 'COUNT') || i + 1 === request.argc)
      throw new CommandError(SYNTAX_ERROR);
    count = rangeArgument(c, i + 1, 1, Number.POSITIVE_INFINITY, 'ERR count should be greater than 0');
  }
  return { firstKey: at + 1, lastKey: at + keys, end, count: Math.abs(count) };
}

/** Pops from the key in argument `i`, which holds a sorted set, and replies with the key and pairs. */
function popWithKey(c: Context, i: number, end: End, count: number): void {
  const { request, reply } = c;
  const popped = popMembers(c, i, writeTyped(c, i, ZSET), end, count, true, (number) => {
    reply.array(2);
    reply.bulk(request.buffer, request.starts[i], request.ends[i]);
    reply.array(number);
  });
  c.propagate(`ZPOP${end}`, request.bytes(i), String(popped));
}

/** ZMPOP numkeys key [key …] MIN | MAX [COUNT count]. */
function multiPop(c: Context): void {
  const { firstKey, lastKey, end, count } = multiPopArguments(c, 1);
  const i = firstTyped(c, firstKey, lastKey, ZSET);
  if (i === 0) c.reply.nilArray();
  else popWithKey(c, i, end, count);
}

/** BZMPOP timeout numkeys key [key …] MIN | MAX [COUNT count]. */
function multiPopOrWait(c: Context): void {
  const { firstKey, lastKey, end, count } = multiPopArguments(c, 2);
  const timeout = secondsArgument(c, 1);
  serveOrWait(c, firstKey, lastKey, ZSET, timeout, (c, i) => popWithKey(c, i, end, count));
}

/** BZPOPMIN and BZPOPMAX: key [key …] timeout. */
function popOrWait(c: Context, end: End): void {
  const last = c.request.argc - 1;
  serveOrWait(c, 1, last - 1, ZSET, secondsArgument(c, last), (c, i) => {
    const { request, reply } = c;
    popMembers(c, i, writeTyped(c, i, ZSET), end, 1, false, () => {
      reply.array(3);
      reply.bulk(request.buffer, request.starts[i], request.ends[i]);
    });
    c.propagate(`ZPOP${end}`, request.bytes(i));
  });
}
