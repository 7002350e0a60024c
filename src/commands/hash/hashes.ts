/** Hashes: fields with values under one key. */

import { HASH_TYPE } from '../../keyspace/record.js';
import { HashValue } from '../../keyspace/values/hash-value.js';
import { allocate, type ByteRange, fromLatin1, latin1 } from '../../protocol/bytes.js';
import { CommandError } from '../../protocol/command-error.js';
import { INT64_MAX, INT64_MIN, int64In, integerIn, writeInteger } from '../../protocol/integers.js';
import * as longDouble from '../../protocol/long-double.js';
import type { ReplyWriter } from '../../protocol/reply-writer.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import { type Context, EVENT } from '../context.js';
import { NOT_A_FLOAT, OVERFLOW, SYNTAX_ERROR, wrongArity } from '../errors.js';
import { cursorArgument, scanElements } from '../generic/scan.js';
import { int64Argument, sampleArgument } from '../input.js';
import { keyAt } from '../key-specs.js';
import { readTyped, writeTyped } from '../lookup.js';
import { drawInPortions } from '../portions.js';

export const hashes: readonly CommandDefinition[] = [
  {
    name: 'hset',
    summary: 'Sets fields of a hash and answers how many of them are new.',
    since: '2.0.0',
    group: 'hash',
    complexity:
      'O(1) for each field/value pair added, so O(N) to add N field/value pairs when the command is called with multiple field/value pairs.',
    arity: -4,
    flags: ['write', 'denyoom', 'fast'],
    acl: ['hash'],
    keys: [keyAt(1, 'RW', 'update')],
    args: [
      arg.key('key', 0),
      arg.block('field_value', [arg.string('field'), arg.string('value')], { multiple: true }),
    ],
    reply: 'number',
    history: [['4.0.0', 'Accepts multiple `field` and `value` arguments.']],
    run(c) {
      c.reply.integer(setFields(c));
    },
  },
  {
    name: 'hsetnx',
    summary: 'Sets a field of a hash if it does not exist.',
    since: '2.0.0',
    group: 'hash',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    acl: ['hash'],
    keys: [keyAt(1, 'RW', 'insert')],
    args: [arg.key('key', 0), arg.string('field'), arg.string('value')],
    reply: '0 | 1',
    run(c) {
      const { request, reply } = c;
      const { buffer, starts, ends } = request;
      const exists = openForWriting(c) && hash.has(buffer, starts[2], ends[2]);
      if (!exists) setFields(c);
      reply.integer(exists ? 0 : 1);
    },
  },
  {
    name: 'hget',
    summary: 'Answers the value of a field of a hash.',
    since: '2.0.0',
    group: 'hash',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly', 'fast'],
    acl: ['hash'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [arg.key('key', 0), arg.string('field')],
    reply: 'Bulk | null',
    run(c) {
      replyValue(c, openForReading(c), 2);
    },
  },
  {
    name: 'hmget',
    summary: 'Answers the values of several fields of a hash; null for those that are not there.',
    since: '2.0.0',
    group: 'hash',
    complexity: 'O(N) where N is the number of fields being requested.',
    arity: -3,
    flags: ['readonly', 'fast'],
    acl: ['hash'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [arg.key('key', 0), arg.string('field', { multiple: true })],
    reply: '(Bulk | null)[]',
    run(c) {
      const { request, reply } = c;
      const exists = openForReading(c);
      reply.array(request.argc - 2);
      for (let i = 2; i < request.argc; i++) replyValue(c, exists, i);
    },
  },
  {
    name: 'hmset',
    summary: 'Sets fields of a hash.',
    since: '2.0.0',
    group: 'hash',
    complexity: 'O(N) where N is the number of fields being set.',
    arity: -4,
    flags: ['write', 'denyoom', 'fast'],
    acl: ['hash'],
    keys: [keyAt(1, 'RW', 'update')],
    args: [
      arg.key('key', 0),
      arg.block('field_value', [arg.string('field'), arg.string('value')], { multiple: true }),
    ],
    reply: "'OK'",
    deprecated: { since: '4.0.0', replacedBy: '`HSET` with multiple field-value pairs' },
    run(c) {
      setFields(c);
      c.reply.ok();
    },
  },
  {
    name: 'hgetall',
    summary: 'Answers all fields of a hash with their values.',
    since: '2.0.0',
    group: 'hash',
    complexity: 'O(N) where N is the size of the hash.',
    arity: 2,
    flags: ['readonly'],
    acl: ['hash'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [arg.key('key', 0)],
    reply: 'Record<string, Bulk>',
    tips: ['nondeterministic_output_order'],
    run: (c) => replyPairs(c, true, true),
  },
  {
    name: 'hkeys',
    summary: 'Answers all fields of a hash.',
    since: '2.0.0',
    group: 'hash',
    complexity: 'O(N) where N is the size of the hash.',
    arity: 2,
    flags: ['readonly'],
    acl: ['hash'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [arg.key('key', 0)],
    reply: 'Bulk[]',
    tips: ['nondeterministic_output_order'],
    run: (c) => replyPairs(c, true, false),
  },
  {
    name: 'hvals',
    summary: 'Answers the values of all fields of a hash.',
    since: '2.0.0',
    group: 'hash',
    complexity: 'O(N) where N is the size of the hash.',
    arity: 2,
    flags: ['readonly'],
    acl: ['hash'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [arg.key('key', 0)],
    reply: 'Bulk[]',
    tips: ['nondeterministic_output_order'],
    run: (c) => replyPairs(c, false, true),
  },
  {
    name: 'hlen',
    summary: 'Answers the number of fields of a hash.',
    since: '2.0.0',
    group: 'hash',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    acl: ['hash'],
    keys: [keyAt(1, 'RO')],
    args: [arg.key('key', 0)],
    reply: 'number',
    run(c) {
      c.reply.integer(openForReading(c) ? hash.size : 0);
    },
  },
  {
    name: 'hdel',
    summary: 'Removes fields of a hash, and the hash with the last of them.',
    since: '2.0.0',
    group: 'hash',
    complexity: 'O(N) where N is the number of fields to be removed.',
    arity: -3,
    flags: ['write', 'fast'],
    acl: ['hash'],
    keys: [keyAt(1, 'RW', 'delete')],
    args: [arg.key('key', 0), arg.string('field', { multiple: true })],
    reply: 'number',
    history: [['2.4.0', 'Accepts multiple `field` arguments.']],
    run: removeFields,
  },
  {
    name: 'hexists',
    summary: 'Answers whether a field of a hash exists.',
    since: '2.0.0',
    group: 'hash',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly', 'fast'],
    acl: ['hash'],
    keys: [keyAt(1, 'RO')],
    args: [arg.key('key', 0), arg.string('field')],
    reply: '0 | 1',
    run(c) {
      const { buffer, starts, ends } = c.request;
      c.reply.integer(openForReading(c) && hash.has(buffer, starts[2], ends[2]) ? 1 : 0);
    },
  },
  {
    name: 'hstrlen',
    summary: 'Answers the length of the value of a field of a hash.',
    since: '3.2.0',
    group: 'hash',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly', 'fast'],
    acl: ['hash'],
    keys: [keyAt(1, 'RO')],
    args: [arg.key('key', 0), arg.string('field')],
    reply: 'number',
    run(c) {
      const { buffer, starts, ends } = c.request;
      const value = openForReading(c) ? hash.get(buffer, starts[2], ends[2]) : undefined;
      c.reply.integer(value === undefined ? 0 : value.end - value.start);
    },
  },
  {
    name: 'hincrby',
    summary: 'Adds to the integer value of a field of a hash; a field that does not exist counts as 0.',
    since: '2.0.0',
    group: 'hash',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    acl: ['hash'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    args: [arg.key('key', 0), arg.string('field'), arg.integer('increment')],
    reply: 'number',
    run: addInteger,
  },
  {
    name: 'hincrbyfloat',
    summary:
      'Adds to the floating-point value of a field of a hash; a field that does not exist counts as 0.',
    since: '2.6.0',
    group: 'hash',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    acl: ['hash'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    args: [arg.key('key', 0), arg.string('field'), arg.double('increment')],
    reply: 'Numeric',
    run: addFloat,
  },
  {
    name: 'hscan',
    summary: 'Answers some fields of a hash with their values, and a cursor with which to go on.',
    since: '2.8.0',
    group: 'hash',
    complexity:
      'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection..',
    arity: -3,
    flags: ['readonly'],
    acl: ['hash'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [
      arg.key('key', 0),
      arg.integer('cursor'),
      arg.pattern('pattern', { token: 'MATCH', optional: true }),
      arg.integer('count', { token: 'COUNT', optional: true }),
    ],
    reply: '[cursor: Bulk, fields: Bulk[]]',
    tips: ['nondeterministic_output'],
    run(c) {
      const cursor = cursorArgument(c.request, 2);
      scanElements(c, cursor, openForReading(c) ? (at, visit) => hash.scan(at, visit) : undefined);
    },
  },
  {
    name: 'hrandfield',
    summary: 'Answers fields of a hash chosen at random.',
    since: '6.2.0',
    group: 'hash',
    complexity: 'O(N) where N is the number of fields returned',
    arity: -2,
    flags: ['readonly'],
    acl: ['hash'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [
      arg.key('key', 0),
      arg.block('options', [arg.integer('count'), arg.word('WITHVALUES', { optional: true })], {
        optional: true,
      }),
    ],
    reply: { withvalues: '[field: Bulk, value: Bulk][]', count: 'Bulk[]', otherwise: 'Bulk | null' },
    tips: ['nondeterministic_output'],
    run: randomFields,
  },
];

/** The hash that the running command is about. */
const hash = new HashValue();

const digits = allocate(20);

/** Points `hash` at the key in argument 1; answers whether it exists. */
function openForReading(c: Context): boolean {
  const ref = readTyped(c, 1, HASH_TYPE);
  if (ref === 0) return false;
  hash.open(c.db, ref);
  return true;
}

/** As `openForReading`, for a command that may change the hash. */
function openForWriting(c: Context): boolean {
  const ref = writeTyped(c, 1, HASH_TYPE);
  if (ref === 0) return false;
  hash.open(c.db, ref);
  return true;
}

function openOrCreate(c: Context): void {
  const { buffer, starts, ends } = c.request;
  if (!openForWriting(c)) hash.create(c.db, buffer, starts[1], ends[1]);
}

function replyRange(reply: ReplyWriter, { bytes, start, end }: Readonly<ByteRange>): void {
  reply.bulk(bytes, start, end);
}

/** The value of the field in argument `i`, or null. */
function replyValue({ request, reply }: Context, exists: boolean, i: number): void {
  const value = exists ? hash.get(request.buffer, request.starts[i], request.ends[i]) : undefined;
  if (value === undefined) reply.nil();
  else reply.bulk(value.bytes, value.start, value.end);
}

/** The whole hash: its fields, their values, or a map of both. */
function replyPairs(c: Context, fields: boolean, values: boolean): void {
  const { reply } = c;
  const exists = openForReading(c);
  const size = exists ? hash.size : 0;
  if (fields && values) reply.map(size);
  else reply.array(size);
  if (!exists) return;
  hash.forEach((field, value) => {
    if (fields) replyRange(reply, field);
    if (values) replyRange(reply, value);
  });
}

/** Sets the fields of `key field value [field value …]`; answers how many are new. */
function setFields(c: Context): number {
  const { buffer, starts, ends, argc } = c.request;
  if (argc % 2 === 1) throw new CommandError(wrongArity(c.command.fullName));
  openOrCreate(c);
  let created = 0;
  for (let i = 2; i < argc; i += 2) {
    if (hash.set(buffer, starts[i], ends[i], buffer, starts[i + 1], ends[i + 1])) created++;
  }
  c.changed(1, EVENT.hash, 'hset');
  return created;
}

/** HDEL key field [field …]. */
function removeFields(c: Context): void {
  const { request, reply, db } = c;
  const { buffer, starts, ends, argc } = request;
  let removed = 0;
  let empty = false;
  if (openForWriting(c)) {
    for (let i = 2; i < argc && !empty; i++) {
      if (!hash.delete(buffer, starts[i], ends[i])) continue;
      removed++;
      empty = hash.size === 0;
    }
  }
  if (empty) db.remove(hash.ref);
  if (removed > 0) c.changed(1, EVENT.hash, 'hdel');
  if (empty) c.notify(1, EVENT.generic, 'del');
  reply.integer(removed);
}

/** HINCRBY key field increment. */
function addInteger(c: Context): void {
  const { request, reply } = c;
  const { buffer, starts, ends } = request;
  const by = request.integer(3);
  if (Number.isNaN(by)) int64Argument(c, 3); // throws unless it is a large integer
  openOrCreate(c);
  const value = hash.get(buffer, starts[2], ends[2]);
  const sum = by + (value === undefined ? 0 : integerIn(value.bytes, value.start, value.end));
  if (Number.isSafeInteger(sum)) {
    hash.set(buffer, starts[2], ends[2], digits, 0, writeInteger(digits, 0, sum));
    reply.integer(sum);
  } else reply.bigint(addExactly(c, value));
  c.changed(1, EVENT.hash, 'hincrby');
}

/** As `addInteger`, for what doesn't fit in a number; answers the sum. */
function addExactly(c: Context, value: Readonly<ByteRange> | undefined): bigint {
  const { buffer, starts, ends } = c.request;
  const before = value === undefined ? 0n : int64In(value.bytes, value.start, value.end);
  if (before === undefined) throw new CommandError('ERR hash value is not an integer');
  const sum = before + int64Argument(c, 3);
  if (sum > INT64_MAX || sum < INT64_MIN) throw new CommandError(OVERFLOW);
  const text = fromLatin1(String(sum));
  hash.set(buffer, starts[2], ends[2], text, 0, text.length);
  return sum;
}

/** HINCRBYFLOAT. Propagated as an HSET of the result, so that every copy has the same digits. */
function addFloat(c: Context): void {
  const { request, reply } = c;
  const { buffer, starts, ends } = request;
  const by = longDouble.parse(request.latin1(3));
  if (by === undefined) throw new CommandError(NOT_A_FLOAT);
  if (by === longDouble.INFINITE) throw new CommandError('ERR value is NaN or Infinity');
  openOrCreate(c);
  const value = hash.get(buffer, starts[2], ends[2]);
  const before =
    value === undefined ? longDouble.ZERO : longDouble.parse(latin1(value.bytes, value.start, value.end));
  if (before === undefined) throw new CommandError('ERR hash value is not a float');
  const sum = longDouble.add(before, by);
  if (sum === undefined) throw new CommandError('ERR increment would produce NaN or Infinity');
  const text = fromLatin1(longDouble.format(sum));
  hash.set(buffer, starts[2], ends[2], text, 0, text.length);
  c.changed(1, EVENT.hash, 'hincrbyfloat');
  c.propagate('HSET', request.bytes(1), request.bytes(2), text);
  reply.bulk(text);
}

/** HRANDFIELD key [count [WITHVALUES]]. */
function randomFields(c: Context): void {
  const { request, reply } = c;
  if (request.argc === 2) {
    if (openForReading(c)) hash.draw(1, (field) => replyRange(reply, field));
    else reply.nil();
    return;
  }
  const count = sampleArgument(c, 2);
  const withValues = request.argc > 3;
  if (request.argc > 4 || (withValues && !request.is(3, 'WITHVALUES'))) throw new CommandError(SYNTAX_ERROR);
  if (withValues && Math.abs(count) >= 2 ** 62) throw new CommandError('ERR value is out of range');
  if (!openForReading(c)) {
    reply.array(0);
    return;
  }
  const number = count < 0 ? -count : Math.min(count, hash.size);
  reply.array(withValues && reply.resp === 2 ? number * 2 : number);
  const visit = (field: Readonly<ByteRange>, value: Readonly<ByteRange>) => {
    if (withValues && reply.resp === 3) reply.array(2);
    replyRange(reply, field);
    if (withValues) replyRange(reply, value);
  };
  if (count < 0) drawInPortions(c, number, (portion) => hash.draw(portion, visit));
  else hash.sample(number, visit);
}
