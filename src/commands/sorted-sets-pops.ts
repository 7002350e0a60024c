/** Taking members from either end of a sorted set. */
import type { Ref } from '../keyspace/arena.js';
import { ZSET } from '../keyspace/record.js';
import { ZsetValue } from '../keyspace/zset-value.js';
import { CommandError } from '../protocol/command-error.js';
import * as arg from './arguments.js';
import type { CommandDefinition } from './command.js';
import { type Context, EVENT } from './context.js';
import { SYNTAX_ERROR } from './errors.js';
import { rangeArgument } from './input.js';
import { keyAt, keyCount } from './key-specs.js';
import { writeTyped } from './lookup.js';
import { replyPair } from './sorted-sets.js';

/** Which end members are taken from. */
export type End = 'MIN' | 'MAX';

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
    reply: '[] | [Bulk, number] | [Bulk, number][]',
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
    reply: '[] | [Bulk, number] | [Bulk, number][]',
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
    reply: '[key: Bulk, members: [Bulk, number][]] | null',
    run(c) {
      if (!popFromFirst(c, multiPopArguments(c, 1))) c.reply.nilArray();
    },
  },
];

const zset = new ZsetValue();

/**
 * Takes `count` members, at least one, or as many as there are, from the sorted set `ref`, whose key is argument `i`;
 * `begin` begins the reply, given their number, and the pairs follow. Answers the number.
 */
export function popMembers(
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

/** What ZMPOP and BZMPOP are asked for, from the number of keys in argument `at` on. */
export interface MultiPop {
  firstKey: number;
  keys: number;
  end: End;
  count: number;
}

/** `numkeys key [key …] MIN | MAX [COUNT count]`, from argument `at` on. */
export function multiPopArguments(c: Context, at: number): MultiPop {
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
  return { firstKey: at + 1, keys, end, count: Math.abs(count) };
}

/** Pops from the first of the keys that has members, replying with that key and pairs; answers false when none has. */
export function popFromFirst(c: Context, { firstKey, keys, end, count }: MultiPop): boolean {
  const { request, reply } = c;
  for (let i = firstKey; i < firstKey + keys; i++) {
    const ref = writeTyped(c, i, ZSET);
    if (ref === 0) continue;
    const popped = popMembers(c, i, ref, end, count, true, (number) => {
      reply.array(2);
      reply.bulk(request.buffer, request.starts[i], request.ends[i]);
      reply.array(number);
    });
    c.propagate(`ZPOP${end}`, request.bytes(i), String(popped));
    return true;
  }
  return false;
}
