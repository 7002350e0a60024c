/**
 * BITFIELD: a string as a row of integers of any width up to 64 bits. The arithmetic is bigint's, exact for every
 * width; an operation reads and writes the nine bytes at most that its integer touches.
 */
import type { Ref } from '../../keyspace/arena.js';
import type { Database } from '../../keyspace/database.js';
import { STRING } from '../../keyspace/record.js';
import type { Bytes } from '../../protocol/bytes.js';
import { CommandError } from '../../protocol/command-error.js';
import { INT64_MAX, integerIn } from '../../protocol/integers.js';
import type { Request } from '../../protocol/request.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import { type Context, EVENT } from '../context.js';
import { SYNTAX_ERROR } from '../errors.js';
import { int64Argument } from '../input.js';
import { type AddKey, keyAt } from '../key-specs.js';
import { readTyped } from '../lookup.js';
import { bitOffset, stringUpToBit } from './bitmaps.js';

const BAD_TYPE =
  'ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.';

const ENCODING_AND_OFFSET = [arg.string('encoding'), arg.integer('offset')];

export const bitfield: readonly CommandDefinition[] = [
  {
    name: 'bitfield',
    summary: 'Reads and writes integers of any width within a string value.',
    since: '3.2.0',
    group: 'bitmap',
    complexity: 'O(1) for each subcommand specified',
    arity: -2,
    flags: ['write', 'denyoom'],
    acl: ['bitmap'],
    keys: [
      {
        ...keyAt(1, 'RW', 'access', 'update', 'variable_flags'),
        notes: 'This command allows both access and modification of the key',
      },
    ],
    args: [
      arg.key('key', 0),
      arg.oneOf(
        'operation',
        [
          arg.block('encoding_offset', ENCODING_AND_OFFSET, { token: 'GET' }),
          arg.block('write', [
            arg.oneOf('wrap_sat_fail', [arg.word('WRAP'), arg.word('SAT'), arg.word('FAIL')], {
              token: 'OVERFLOW',
              optional: true,
            }),
            arg.oneOf('write_operation', [
              arg.block('encoding_offset_value', [...ENCODING_AND_OFFSET, arg.integer('value')], {
                token: 'SET',
              }),
              arg.block('encoding_offset_increment', [...ENCODING_AND_OFFSET, arg.integer('increment')], {
                token: 'INCRBY',
              }),
            ]),
          ]),
        ],
        { multiple: true, optional: true },
      ),
    ],
    reply: '(number | null)[]',
    findKeys: findBitfieldKey,
    run(c) {
      runOperations(c, operationsOf(c), false);
    },
  },
  {
    name: 'bitfield_ro',
    summary: 'Reads integers of any width within a string value.',
    since: '6.0.0',
    group: 'bitmap',
    complexity: 'O(1) for each subcommand specified',
    arity: -2,
    flags: ['readonly', 'fast'],
    acl: ['bitmap'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [
      arg.key('key', 0),
      arg.block('encoding_offset', ENCODING_AND_OFFSET, {
        token: 'GET',
        optional: true,
        multiple: true,
        multipleToken: true,
      }),
    ],
    reply: 'number[]',
    run(c) {
      runOperations(c, operationsOf(c), true);
    },
  },
];

type Overflow = 'wrap' | 'sat' | 'fail';

/** One of BITFIELD's subcommands. */
interface Operation {
  readonly kind: 'get' | 'set' | 'incrby';
  readonly signed: boolean;
  readonly width: number;
  /** Its first bit. */
  readonly offset: number;
  /** The value to set, or the increment. */
  readonly operand: bigint;
  readonly overflow: Overflow;
}

/** A command that only reads needs no right to write. */
function findBitfieldKey(request: Request, add: AddKey): void {
  const { argc } = request;
  let reads = true;
  for (let i = 2; reads && i < argc; i += request.is(i, 'GET') ? 3 : 2) {
    reads = (request.is(i, 'GET') && i + 2 < argc) || (request.is(i, 'OVERFLOW') && i + 1 < argc);
  }
  add(1, reads ? ['RO', 'access'] : ['RW', 'access', 'update']);
}

function operationsOf(c: Context): Operation[] {
  const { request } = c;
  const { argc } = request;
  const operations: Operation[] = [];
  let overflow: Overflow = 'wrap';
  for (let i = 2; i < argc; i++) {
    const more = argc - i - 1;
    let kind: Operation['kind'];
    if (request.is(i, 'GET') && more >= 2) kind = 'get';
    else if (request.is(i, 'SET') && more >= 3) kind = 'set';
    else if (request.is(i, 'INCRBY') && more >= 3) kind = 'incrby';
    else if (request.is(i, 'OVERFLOW') && more >= 1) {
      overflow = overflowAt(c, ++i);
      continue;
    } else throw new CommandError(SYNTAX_ERROR);
    const type = typeAt(request, i + 1);
    const offset = bitOffset(c, i + 2, type.width);
    const operand = kind === 'get' ? 0n : int64Argument(c, i + 3);
    operations.push({ kind, ...type, offset, operand, overflow });
    i += kind === 'get' ? 2 : 3;
  }
  return operations;
}

function overflowAt({ request }: Context, i: number): Overflow {
  const name = request.latin1(i).toLowerCase();
  if (name === 'wrap' || name === 'sat' || name === 'fail') return name;
  throw new CommandError('ERR Invalid OVERFLOW type specified');
}

/** `i` or `u` and a width: up to 64 bits signed, 63 unsigned. */
function typeAt({ buffer, starts, ends }: Request, i: number): { signed: boolean; width: number } {
  const signed = buffer[starts[i]] === 0x69; // i
  const width = integerIn(buffer, starts[i] + 1, ends[i]);
  const known = starts[i] < ends[i] && (signed || buffer[starts[i]] === 0x75); // u
  if (!known || !(width >= 1 && width <= (signed ? 64 : 63))) throw new CommandError(BAD_TYPE);
  return { signed, width };
}

function runOperations(c: Context, operations: readonly Operation[], readOnly: boolean): void {
  const { db, reply } = c;
  const writes = operations.filter(({ kind }) => kind !== 'get');
  if (writes.length > 0 && readOnly) {
    throw new CommandError('ERR BITFIELD_RO only supports the GET subcommand');
  }
  let ref: Ref;
  let grown = false;
  if (writes.length === 0) ref = readTyped(c, 1, STRING);
  else {
    const lastBit = Math.max(...writes.map(({ offset, width }) => offset + width - 1));
    ({ ref, grown } = stringUpToBit(c, lastBit));
  }
  reply.array(operations.length);
  let changes = 0;
  for (const operation of operations) {
    const before = ref === 0 ? 0n : readInteger(db, ref, operation);
    if (operation.kind === 'get') {
      reply.bigint(before);
      continue;
    }
    const wanted = operation.kind === 'set' ? operation.operand : before + operation.operand;
    const after = withinWidth(operation, wanted);
    if (after === null) {
      reply.nil();
      continue;
    }
    writeBits(db.buffer(ref), db.valueStart(ref), operation.offset, operation.width, after);
    if (grown || after !== before) changes++;
    reply.bigint(operation.kind === 'set' ? before : after);
  }
  if (changes > 0) c.changed(1, EVENT.string, 'setbit');
}

/** The value as it is kept in so many bits; null when it must not be. */
function withinWidth({ kind, signed, width, overflow }: Operation, value: bigint): bigint | null {
  const least = signed ? -(1n << BigInt(width - 1)) : 0n;
  const most = signed ? -least - 1n : (1n << BigInt(width)) - 1n;
  if (value >= least && value <= most) return value;
  if (overflow === 'fail') return null;
  if (overflow === 'wrap') return signed ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
  if (value > most) return most;
  // Redis sees some negative numbers as too large: all for an unsigned integer, and those farther from the largest
  // than a 64-bit integer can tell.
  return kind === 'set' && (!signed || most - value > INT64_MAX) ? most : least;
}

/** The operation's integer; the string goes on with zeros behind its end. */
function readInteger(db: Database, ref: Ref, { signed, width, offset }: Operation): bigint {
  const bytes = db.buffer(ref);
  const end = db.valueEnd(ref);
  const first = db.valueStart(ref) + Math.floor(offset / 8);
  const last = db.valueStart(ref) + Math.floor((offset + width - 1) / 8);
  let value = 0n;
  for (let at = first; at <= last; at++) value = (value << 8n) | BigInt(at < end ? bytes[at] : 0);
  value >>= BigInt(7 - ((offset + width - 1) % 8));
  return signed ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
}

/** Writes the low `width` bits of the value from bit `offset` on, counted from the byte at `start`. */
function writeBits(bytes: Bytes, start: number, offset: number, width: number, value: bigint): void {
  let rest = BigInt.asUintN(width, value);
  let left = width;
  let at = start + Math.floor((offset + width - 1) / 8);
  let shift = 7 - ((offset + width - 1) % 8);
  while (left > 0) {
    const count = Math.min(left, 8 - shift);
    const mask = ((1 << count) - 1) << shift;
    bytes[at] = (bytes[at] & ~mask) | ((Number(rest & 0xffn) << shift) & mask);
    rest >>= BigInt(count);
    left -= count;
    at--;
    shift = 0;
  }
}
