/**
 * Counters: strings that hold a number. INCR and its kind read and write the digits in place and make no garbage up
 * to 2^53; beyond, bigint takes over, exact to 64 bits.
 */
import { IS_FLOAT, STRING } from '../../keyspace/record.js';
import { fromLatin1, latin1 } from '../../protocol/bytes.js';
import { CommandError } from '../../protocol/command-error.js';
import {
  digitCount,
  INT64_MAX,
  INT64_MIN,
  int64In,
  integerIn,
  writeInteger,
} from '../../protocol/integers.js';
import * as longDouble from '../../protocol/long-double.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import { type Context, EVENT } from '../context.js';
import { NOT_A_FLOAT, NOT_AN_INTEGER, OVERFLOW } from '../errors.js';
import { int64Argument } from '../input.js';
import { keyAt } from '../key-specs.js';
import { writeTyped } from '../lookup.js';

export const counters: readonly CommandDefinition[] = [
  {
    name: 'incr',
    summary: 'Adds one to the integer value of a key; a missing key counts as 0.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(1)',
    arity: 2,
    flags: ['write', 'denyoom', 'fast'],
    acl: ['string'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    args: [arg.key('key', 0)],
    reply: 'number',
    run(c) {
      add(c, 1);
    },
  },
  {
    name: 'decr',
    summary: 'Takes one from the integer value of a key; a missing key counts as 0.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(1)',
    arity: 2,
    flags: ['write', 'denyoom', 'fast'],
    acl: ['string'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    args: [arg.key('key', 0)],
    reply: 'number',
    run(c) {
      add(c, -1);
    },
  },
  {
    name: 'incrby',
    summary: 'Adds a number to the integer value of a key; a missing key counts as 0.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    acl: ['string'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    args: [arg.key('key', 0), arg.integer('increment')],
    reply: 'number',
    run(c) {
      addArgument(c, 1);
    },
  },
  {
    name: 'decrby',
    summary: 'Takes a number from the integer value of a key; a missing key counts as 0.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    acl: ['string'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    args: [arg.key('key', 0), arg.integer('decrement')],
    reply: 'number',
    run(c) {
      addArgument(c, -1);
    },
  },
  {
    name: 'incrbyfloat',
    summary: 'Adds a number to the floating-point value of a key; a missing key counts as 0.',
    since: '2.6.0',
    group: 'string',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    acl: ['string'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    args: [arg.key('key', 0), arg.double('increment')],
    reply: 'Numeric',
    run: addFloat,
  },
];

/** Adds an exact number to the value of the key in argument 1. */
function add(c: Context, by: number): void {
  const { request, db, reply } = c;
  const { buffer, starts, ends } = request;
  let ref = writeTyped(c, 1, STRING);
  let sum = by;
  if (ref !== 0) sum += integerIn(db.buffer(ref), db.valueStart(ref), db.valueEnd(ref));
  if (!Number.isSafeInteger(sum)) {
    addExactly(c, BigInt(by)); // large, or no integer at all
    return;
  }
  const length = sum < 0 ? digitCount(-sum) + 1 : digitCount(sum);
  if (ref === 0) ref = db.put(buffer, starts[1], ends[1], STRING, length);
  else if (db.valueLength(ref) !== length) ref = db.resizeValue(ref, length);
  db.setOrigin(ref, 0);
  writeInteger(db.buffer(ref), db.valueStart(ref), sum);
  c.changed(1, EVENT.string, 'incrby');
  reply.integer(sum);
}

/** As `add`, for what doesn't fit in a number. */
function addExactly(c: Context, by: bigint): void {
  const { request, db, reply } = c;
  const { buffer, starts, ends } = request;
  const ref = writeTyped(c, 1, STRING);
  const value = ref === 0 ? 0n : int64In(db.buffer(ref), db.valueStart(ref), db.valueEnd(ref));
  if (value === undefined) throw new CommandError(NOT_AN_INTEGER);
  const sum = value + by;
  if (sum > INT64_MAX || sum < INT64_MIN) throw new CommandError(OVERFLOW);
  const text = fromLatin1(String(sum));
  db.setString(buffer, starts[1], ends[1], text, 0, text.length, true);
  c.changed(1, EVENT.string, 'incrby');
  reply.bigint(sum);
}

/** INCRBY (sign 1) and DECRBY (sign -1). */
function addArgument(c: Context, sign: 1 | -1): void {
  const by = c.request.integer(2);
  if (!Number.isNaN(by)) {
    add(c, sign * by);
    return;
  }
  const exact = int64Argument(c, 2);
  if (sign < 0 && exact === INT64_MIN) throw new CommandError('ERR decrement would overflow');
  addExactly(c, sign < 0 ? -exact : exact);
}

/** INCRBYFLOAT. Propagated as a SET of the result, so that every copy has the same digits. */
function addFloat(c: Context): void {
  const { request, db, reply } = c;
  const { buffer, starts, ends } = request;
  const ref = writeTyped(c, 1, STRING);
  const value =
    ref === 0
      ? longDouble.ZERO
      : longDouble.parse(latin1(db.buffer(ref), db.valueStart(ref), db.valueEnd(ref)));
  const by = longDouble.parse(request.latin1(2));
  if (value === undefined || by === undefined) throw new CommandError(NOT_A_FLOAT);
  const sum = longDouble.add(value, by);
  if (sum === undefined) throw new CommandError('ERR increment would produce NaN or Infinity');
  const text = fromLatin1(longDouble.format(sum));
  db.setOrigin(db.setString(buffer, starts[1], ends[1], text, 0, text.length, true), IS_FLOAT);
  c.changed(1, EVENT.string, 'incrbyfloat');
  c.propagate('SET', request.view(1), text, 'KEEPTTL');
  reply.bulk(text);
}
