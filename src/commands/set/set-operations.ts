/** Operations on several sets: intersection, union, difference; their results answered, counted or stored. */
import { SET } from '../../keyspace/record.js';
import { type MemberVisitor, SetValue } from '../../keyspace/values/set-value.js';
import { EMPTY } from '../../protocol/bytes.js';
import { CommandError } from '../../protocol/command-error.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import { type Context, EVENT } from '../context.js';
import { SYNTAX_ERROR } from '../errors.js';
import { rangeArgument } from '../input.js';
import { keyAt, keyCount, keyRange } from '../key-specs.js';
import { readTyped, writeAny } from '../lookup.js';

export const setOperations: readonly CommandDefinition[] = [
  {
    name: 'sinter',
    summary: 'Answers the members that all sets named have.',
    since: '1.0.0',
    group: 'set',
    complexity:
      'O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.',
    arity: -2,
    flags: ['readonly'],
    acl: ['set'],
    keys: [keyRange(1, -1, 1, 'RO', 'access')],
    args: [arg.key('key', 0, { multiple: true })],
    reply: 'Set<Bulk>',
    tips: ['nondeterministic_output_order'],
    run(c) {
      const { reply, request } = c;
      const sets = openSets(c, 1, request.argc);
      const mark = reply.open();
      let count = 0;
      intersect(sets, ({ bytes, start, end }) => {
        reply.bulk(bytes, start, end);
        count++;
      });
      reply.close(mark, 'set', count);
    },
  },
  {
    name: 'sintercard',
    summary: 'Answers how many members all sets named have in common.',
    since: '7.0.0',
    group: 'set',
    complexity:
      'O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.',
    arity: -3,
    flags: ['readonly'],
    acl: ['set'],
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
    name: 'sinterstore',
    summary: 'Stores the members that all sets named have, and answers their number.',
    since: '1.0.0',
    group: 'set',
    complexity:
      'O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.',
    arity: -3,
    flags: ['write', 'denyoom'],
    acl: ['set'],
    keys: [keyAt(1, 'RW', 'update'), keyRange(2, -1, 1, 'RO', 'access')],
    args: [arg.key('destination', 0), arg.key('key', 1, { multiple: true })],
    reply: 'number',
    run: (c) => store(c, 'sinterstore', (sets, result) => intersect(sets, adder(result))),
  },
  {
    name: 'sunion',
    summary: 'Answers the members that any of the sets named has.',
    since: '1.0.0',
    group: 'set',
    complexity: 'O(N) where N is the total number of elements in all given sets.',
    arity: -2,
    flags: ['readonly'],
    acl: ['set'],
    keys: [keyRange(1, -1, 1, 'RO', 'access')],
    args: [arg.key('key', 0, { multiple: true })],
    reply: 'Set<Bulk>',
    tips: ['nondeterministic_output_order'],
    run: (c) => answer(c, unite),
  },
  {
    name: 'sunionstore',
    summary: 'Stores the members that any of the sets named has, and answers their number.',
    since: '1.0.0',
    group: 'set',
    complexity: 'O(N) where N is the total number of elements in all given sets.',
    arity: -3,
    flags: ['write', 'denyoom'],
    acl: ['set'],
    keys: [keyAt(1, 'OW', 'update'), keyRange(2, -1, 1, 'RO', 'access')],
    args: [arg.key('destination', 0), arg.key('key', 1, { multiple: true })],
    reply: 'number',
    run: (c) => store(c, 'sunionstore', unite),
  },
  {
    name: 'sdiff',
    summary: 'Answers the members of the first set that none of the others has.',
    since: '1.0.0',
    group: 'set',
    complexity: 'O(N) where N is the total number of elements in all given sets.',
    arity: -2,
    flags: ['readonly'],
    acl: ['set'],
    keys: [keyRange(1, -1, 1, 'RO', 'access')],
    args: [arg.key('key', 0, { multiple: true })],
    reply: 'Set<Bulk>',
    tips: ['nondeterministic_output_order'],
    run: (c) => answer(c, subtract),
  },
  {
    name: 'sdiffstore',
    summary: 'Stores the members of the first set that none of the others has, and answers their number.',
    since: '1.0.0',
    group: 'set',
    complexity: 'O(N) where N is the total number of elements in all given sets.',
    arity: -3,
    flags: ['write', 'denyoom'],
    acl: ['set'],
    keys: [keyAt(1, 'OW', 'update'), keyRange(2, -1, 1, 'RO', 'access')],
    args: [arg.key('destination', 0), arg.key('key', 1, { multiple: true })],
    reply: 'number',
    run: (c) => store(c, 'sdiffstore', subtract),
  },
];

/** A key's set; null when there is no such key. */
type Operand = SetValue | null;

/** Fills an empty set with what an operation makes of the others. */
type Operation = (sets: Operand[], result: SetValue) => void;

/** Views of the sets in arguments [first, end). */
function openSets(c: Context, first: number, end: number): Operand[] {
  const sets: Operand[] = [];
  for (let i = first; i < end; i++) {
    const ref = readTyped(c, i, SET);
    sets.push(ref === 0 ? null : new SetValue().open(c.db, ref));
  }
  return sets;
}

function adder(result: SetValue): MemberVisitor {
  return ({ bytes, start, end }) => {
    result.add(bytes, start, end);
  };
}

/** Visits the members that all sets have, `limit` of them at most. */
function intersect(sets: Operand[], visit: MemberVisitor, limit = Number.POSITIVE_INFINITY): void {
  const present = sets.filter((set) => set !== null);
  if (present.length < sets.length) return;
  const [smallest, ...others] = present.sort((a, b) => a.size - b.size);
  let count = 0;
  let cursor = 0;
  // In steps, so that a limit ends it early.
  do {
    cursor = smallest.scan(cursor, (member) => {
      const { bytes, start, end } = member;
      if (count >= limit || !others.every((set) => set.has(bytes, start, end))) return;
      visit(member);
      count++;
    });
  } while (cursor !== 0 && count < limit);
}

function unite(sets: Operand[], result: SetValue): void {
  for (const set of sets) set?.forEach(adder(result));
}

/**
 * The first set without the members of the others. Either each of its members is looked for in the others, or all
 * of it is copied and what the others have removed; whichever looks like less work, the first counting half because
 * it may end early.
 */
function subtract([first, ...others]: Operand[], result: SetValue): void {
  if (first === null || others.some((set) => set?.ref === first.ref)) return;
  const present = others.filter((set) => set !== null);
  const total = present.reduce((sum, set) => sum + set.size, first.size);
  if (Math.floor((first.size * (present.length + 1)) / 2) > total) {
    first.forEach(adder(result));
    for (const set of present) {
      if (result.size === 0) return;
      set.forEach(({ bytes, start, end }) => {
        result.remove(bytes, start, end);
      });
    }
    return;
  }
  present.sort((a, b) => b.size - a.size);
  first.forEach(({ bytes, start, end }) => {
    if (!present.some((set) => set.has(bytes, start, end))) result.add(bytes, start, end);
  });
}

/** A set in the making, of which the keyspace knows nothing. */
function newResult(c: Context): SetValue {
  return new SetValue().create(c.keyspace.scratch, EMPTY, 0, 0);
}

/** Replies with the result of an operation on the sets in arguments 1 and up. */
function answer(c: Context, operation: Operation): void {
  const { request, reply, keyspace } = c;
  const sets = openSets(c, 1, request.argc);
  const result = newResult(c);
  operation(sets, result);
  reply.set(result.size);
  result.forEach(({ bytes, start, end }) => {
    reply.bulk(bytes, start, end);
  });
  keyspace.scratch.remove(result.ref);
}

/** Gives the key in argument 1 the result of an operation on the sets in arguments 2 and up. */
function store(c: Context, event: string, operation: Operation): void {
  const { request, reply, keyspace, db } = c;
  const { buffer, starts, ends } = request;
  const sets = openSets(c, 2, request.argc);
  const result = newResult(c);
  operation(sets, result);
  const { size } = result;
  const before = writeAny(c, 1);
  if (size > 0) {
    db.adopt(keyspace.scratch, result.ref, buffer, starts[1], ends[1]);
    c.changed(1, EVENT.set, event);
  } else {
    keyspace.scratch.remove(result.ref);
    if (before !== 0) {
      db.remove(before);
      c.changed(1, EVENT.generic, 'del');
    }
  }
  reply.integer(size);
}

/** SINTERCARD numkeys key [key …] [LIMIT limit]. */
function countIntersection(c: Context): void {
  const { request, reply } = c;
  const keys = rangeArgument(c, 1, 1, Number.POSITIVE_INFINITY, 'ERR numkeys should be greater than 0');
  if (keys > request.argc - 2)
    throw new CommandError("ERR Number of keys can't be greater than number of args");
  let limit = 0;
  for (let i = 2 + keys; i < request.argc; i += 2) {
    if (!request.is(i, 'LIMIT') || i + 1 === request.argc) throw new CommandError(SYNTAX_ERROR);
    limit = rangeArgument(c, i + 1, 0, Number.POSITIVE_INFINITY, "ERR LIMIT can't be negative");
  }
  let count = 0;
  const countMember = () => {
    count++;
  };
  intersect(openSets(c, 2, 2 + keys), countMember, limit === 0 ? Number.POSITIVE_INFINITY : limit);
  reply.integer(count);
}
