/** Sets: members without order, each once. Operations on several sets are in set-operations.ts. */
import { SET } from '../../keyspace/record.js';
import { SetValue } from '../../keyspace/values/set-value.js';
import type { ByteRange } from '../../protocol/bytes.js';
import { CommandError } from '../../protocol/command-error.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import { type Context, EVENT } from '../context.js';
import { SYNTAX_ERROR } from '../errors.js';
import { cursorArgument, scanElements } from '../generic/scan.js';
import { rangeArgument, sampleArgument } from '../input.js';
import { keyAt } from '../key-specs.js';
import { readTyped, writeTyped } from '../lookup.js';
import { drawInPortions } from '../portions.js';

export const sets: readonly CommandDefinition[] = [
  {
    name: 'sadd',
    summary: 'Adds members to a set and answers how many of them are new.',
    since: '1.0.0',
    group: 'set',
    complexity:
      'O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.',
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    acl: ['set'],
    keys: [keyAt(1, 'RW', 'insert')],
    args: [arg.key('key', 0), arg.string('member', { multiple: true })],
    reply: 'number',
    history: [['2.4.0', 'Accepts multiple `member` arguments.']],
    run(c) {
      const { request, db, reply } = c;
      const { buffer, starts, ends, argc } = request;
      if (!openForWriting(c, set, 1)) set.create(db, buffer, starts[1], ends[1]);
      let added = 0;
      for (let i = 2; i < argc; i++) if (set.add(buffer, starts[i], ends[i])) added++;
      if (added > 0) c.changed(1, EVENT.set, 'sadd');
      reply.integer(added);
    },
  },
  {
    name: 'srem',
    summary: 'Removes members of a set, and the set with the last of them.',
    since: '1.0.0',
    group: 'set',
    complexity: 'O(N) where N is the number of members to be removed.',
    arity: -3,
    flags: ['write', 'fast'],
    acl: ['set'],
    keys: [keyAt(1, 'RW', 'delete')],
    args: [arg.key('key', 0), arg.string('member', { multiple: true })],
    reply: 'number',
    history: [['2.4.0', 'Accepts multiple `member` arguments.']],
    run(c) {
      const { buffer, starts, ends, argc } = c.request;
      let removed = 0;
      if (openForWriting(c, set, 1)) {
        for (let i = 2; i < argc && set.size > 0; i++) {
          if (set.remove(buffer, starts[i], ends[i])) removed++;
        }
        if (removed > 0) wasReduced(c, 'srem');
      }
      c.reply.integer(removed);
    },
  },
  {
    name: 'smove',
    summary: 'Moves a member from one set to another.',
    since: '1.0.0',
    group: 'set',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'fast'],
    acl: ['set'],
    keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'RW', 'insert')],
    args: [arg.key('source', 0), arg.key('destination', 1), arg.string('member')],
    reply: '0 | 1',
    run: move,
  },
  {
    name: 'sismember',
    summary: 'Answers whether a set has a member.',
    since: '1.0.0',
    group: 'set',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly', 'fast'],
    acl: ['set'],
    keys: [keyAt(1, 'RO')],
    args: [arg.key('key', 0), arg.string('member')],
    reply: '0 | 1',
    run(c) {
      const { buffer, starts, ends } = c.request;
      c.reply.integer(openForReading(c) && set.has(buffer, starts[2], ends[2]) ? 1 : 0);
    },
  },
  {
    name: 'smismember',
    summary: 'Answers for several members whether a set has them.',
    since: '6.2.0',
    group: 'set',
    complexity: 'O(N) where N is the number of elements being checked for membership',
    arity: -3,
    flags: ['readonly', 'fast'],
    acl: ['set'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [arg.key('key', 0), arg.string('member', { multiple: true })],
    reply: '(0 | 1)[]',
    run(c) {
      const { request, reply } = c;
      const { buffer, starts, ends, argc } = request;
      const exists = openForReading(c);
      reply.array(argc - 2);
      for (let i = 2; i < argc; i++) reply.integer(exists && set.has(buffer, starts[i], ends[i]) ? 1 : 0);
    },
  },
  {
    name: 'smembers',
    summary: 'Answers all members of a set.',
    since: '1.0.0',
    group: 'set',
    complexity: 'O(N) where N is the set cardinality.',
    arity: 2,
    flags: ['readonly'],
    acl: ['set'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [arg.key('key', 0)],
    reply: 'Set<Bulk>',
    tips: ['nondeterministic_output_order'],
    run(c) {
      const exists = openForReading(c);
      c.reply.set(exists ? set.size : 0);
      if (exists) set.forEach(memberReply(c));
    },
  },
  {
    name: 'scard',
    summary: 'Answers the number of members of a set.',
    since: '1.0.0',
    group: 'set',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    acl: ['set'],
    keys: [keyAt(1, 'RO')],
    args: [arg.key('key', 0)],
    reply: 'number',
    run(c) {
      c.reply.integer(openForReading(c) ? set.size : 0);
    },
  },
  {
    name: 'spop',
    summary: 'Removes and answers members of a set chosen at random.',
    since: '1.0.0',
    group: 'set',
    complexity: 'Without the count argument O(1), otherwise O(N) where N is the value of the passed count.',
    arity: -2,
    flags: ['write', 'fast'],
    acl: ['set'],
    keys: [keyAt(1, 'RW', 'access', 'delete')],
    args: [arg.key('key', 0), arg.integer('count', { optional: true, since: '3.2.0' })],
    reply: { count: 'Set<Bulk>', otherwise: 'Bulk | null' },
    tips: ['nondeterministic_output'],
    history: [['3.2.0', 'Added the `count` argument.']],
    run: pop,
  },
  {
    name: 'srandmember',
    summary: 'Answers members of a set chosen at random.',
    since: '1.0.0',
    group: 'set',
    complexity:
      'Without the count argument O(1), otherwise O(N) where N is the absolute value of the passed count.',
    arity: -2,
    flags: ['readonly'],
    acl: ['set'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [arg.key('key', 0), arg.integer('count', { optional: true, since: '2.6.0' })],
    reply: { count: 'Bulk[]', otherwise: 'Bulk | null' },
    tips: ['nondeterministic_output'],
    history: [['2.6.0', 'Added the optional `count` argument.']],
    run: randomMembers,
  },
  {
    name: 'sscan',
    summary: 'Answers some members of a set, and a cursor with which to go on.',
    since: '2.8.0',
    group: 'set',
    complexity:
      'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection..',
    arity: -3,
    flags: ['readonly'],
    acl: ['set'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [
      arg.key('key', 0),
      arg.integer('cursor'),
      arg.pattern('pattern', { token: 'MATCH', optional: true }),
      arg.integer('count', { token: 'COUNT', optional: true }),
    ],
    reply: '[cursor: Bulk, members: Bulk[]]',
    tips: ['nondeterministic_output'],
    run(c) {
      const cursor = cursorArgument(c.request, 2);
      scanElements(c, cursor, openForReading(c) ? (at, visit) => set.scan(at, visit) : undefined);
    },
  },
];

/** The set that the running command is about, and SMOVE's other one. */
const set = new SetValue();
const destination = new SetValue();

/** Points `set` at the key in argument 1; answers whether it exists. */
function openForReading(c: Context): boolean {
  const ref = readTyped(c, 1, SET);
  if (ref === 0) return false;
  set.open(c.db, ref);
  return true;
}

/** Points a view at the key in argument `i` for a command that may change the set; answers whether it exists. */
function openForWriting(c: Context, view: SetValue, i: number): boolean {
  const ref = writeTyped(c, i, SET);
  if (ref === 0) return false;
  view.open(c.db, ref);
  return true;
}

/** Members were taken out of `set`, the key in argument 1: it goes with the last. */
function wasReduced(c: Context, event: string): void {
  const empty = set.size === 0;
  if (empty) c.db.remove(set.ref);
  c.changed(1, EVENT.set, event);
  if (empty) c.notify(1, EVENT.generic, 'del');
}

function memberReply({ reply }: Context): (member: Readonly<ByteRange>) => void {
  return ({ bytes, start, end }) => reply.bulk(bytes, start, end);
}

/** SMOVE source destination member. */
function move(c: Context): void {
  const { request, db, reply } = c;
  const { buffer, starts, ends } = request;
  const source = db.write(buffer, starts[1], ends[1]);
  const target = source === 0 ? 0 : writeTyped(c, 2, SET);
  const moves = openForWriting(c, set, 1) && set.has(buffer, starts[3], ends[3]);
  if (!moves || source === target) {
    reply.integer(moves ? 1 : 0);
    return;
  }
  set.remove(buffer, starts[3], ends[3]);
  if (target === 0) destination.create(db, buffer, starts[2], ends[2]);
  else destination.open(db, target);
  const added = destination.add(buffer, starts[3], ends[3]);
  wasReduced(c, 'srem');
  if (added) c.changed(2, EVENT.set, 'sadd');
  reply.integer(1);
}

/** SPOP key [count]. Propagated as the removal of the members that it chose. */
function pop(c: Context): void {
  const { request, reply, db } = c;
  if (request.argc > 3) throw new CommandError(SYNTAX_ERROR);
  const single = request.argc === 2;
  const count = single
    ? 1
    : rangeArgument(c, 2, 0, Number.POSITIVE_INFINITY, 'ERR value is out of range, must be positive');
  const exists = openForWriting(c, set, 1);
  if (!exists && single) reply.nil();
  if (!single) reply.set(exists ? Math.min(count, set.size) : 0);
  if (!exists || count === 0) return;
  if (!single && count >= set.size) {
    set.forEach(memberReply(c));
    db.remove(set.ref);
    c.changed(1, EVENT.set, 'spop');
    c.notify(1, EVENT.generic, 'del');
    c.propagate('DEL', request.view(1));
    return;
  }
  set.pop(count, ({ bytes, start, end }) => {
    reply.bulk(bytes, start, end);
    if (c.propagates) c.propagate('SREM', request.view(1), bytes.subarray(start, end));
  });
  wasReduced(c, 'spop');
}

/** SRANDMEMBER key [count]. */
function randomMembers(c: Context): void {
  const { request, reply } = c;
  if (request.argc > 3) throw new CommandError(SYNTAX_ERROR);
  const single = request.argc === 2;
  const count = single ? -1 : sampleArgument(c, 2);
  const exists = openForReading(c);
  if (!exists && single) reply.nil();
  const number = !exists ? 0 : count < 0 ? -count : Math.min(count, set.size);
  if (!single) reply.array(number);
  if (number === 0) return;
  if (count < 0) drawInPortions(c, number, (portion) => set.draw(portion, memberReply(c)));
  else set.sample(number, memberReply(c));
}
