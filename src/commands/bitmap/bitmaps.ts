/** Bitmaps: strings whose bits are set, counted, found and combined one by one. */
import type { Ref } from '../../keyspace/arena.js';
import { IS_RAW, STRING } from '../../keyspace/record.js';
import { BitCombination, type BitOperation, countBitRange, findBit } from '../../keyspace/values/bitmap.js';
import { CommandError } from '../../protocol/command-error.js';
import { integerIn } from '../../protocol/integers.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import { type Context, EVENT } from '../context.js';
import { SYNTAX_ERROR } from '../errors.js';
import { integerArgument } from '../input.js';
import { keyAt, keyRange } from '../key-specs.js';
import { readTyped, writeTyped } from '../lookup.js';

const BAD_OFFSET = 'ERR bit offset is not an integer or out of range';
const BAD_BIT = 'ERR bit is not an integer or out of range';
/** No `proto-max-bulk-len` is smaller: bits of strings up to this length need not be compared with it. */
const SMALLEST_BULK_LIMIT = 1024 * 1024;

const RANGE_UNIT = arg.oneOf('index_unit', [arg.word('BYTE'), arg.word('BIT')], {
  optional: true,
  since: '7.0.0',
});

export const bitmaps: readonly CommandDefinition[] = [
  {
    name: 'setbit',
    summary: 'Sets or clears a bit of a string value, which grows as needed; answers the bit before.',
    since: '2.2.0',
    group: 'bitmap',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom'],
    acl: ['bitmap'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    args: [arg.key('key', 0), arg.integer('offset'), arg.integer('value')],
    reply: 'number',
    run: setBit,
  },
  {
    name: 'getbit',
    summary: 'Answers a bit of a string value.',
    since: '2.2.0',
    group: 'bitmap',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly', 'fast'],
    acl: ['bitmap'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [arg.key('key', 0), arg.integer('offset')],
    reply: 'number',
    run(c) {
      const { db, reply } = c;
      const offset = bitOffset(c, 2);
      const ref = readTyped(c, 1, STRING);
      const byte = Math.floor(offset / 8);
      if (ref === 0 || byte >= db.valueLength(ref)) reply.integer(0);
      else reply.integer((db.buffer(ref)[db.valueStart(ref) + byte] >>> (7 - (offset % 8))) & 1);
    },
  },
  {
    name: 'bitcount',
    summary: 'Counts the bits set in a string value or a part of it.',
    since: '2.6.0',
    group: 'bitmap',
    complexity: 'O(N)',
    arity: -2,
    flags: ['readonly'],
    acl: ['bitmap'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [
      arg.key('key', 0),
      arg.block('index', [arg.integer('start'), arg.integer('end'), RANGE_UNIT], { optional: true }),
    ],
    reply: 'number',
    history: [['7.0.0', 'Added the `BYTE|BIT` option.']],
    run: bitCount,
  },
  {
    name: 'bitpos',
    summary: 'Finds the first bit set or clear in a string value or a part of it.',
    since: '2.8.7',
    group: 'bitmap',
    complexity: 'O(N)',
    arity: -3,
    flags: ['readonly'],
    acl: ['bitmap'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [
      arg.key('key', 0),
      arg.integer('bit'),
      arg.block(
        'index',
        [arg.integer('start'), arg.block('end_index', [arg.integer('end'), RANGE_UNIT], { optional: true })],
        { optional: true },
      ),
    ],
    reply: 'number',
    history: [['7.0.0', 'Added the `BYTE|BIT` option.']],
    run: bitPosition,
  },
  {
    name: 'bitop',
    summary: 'Combines string values bit by bit and keeps the result.',
    since: '2.6.0',
    group: 'bitmap',
    complexity: 'O(N)',
    arity: -4,
    flags: ['write', 'denyoom'],
    acl: ['bitmap'],
    keys: [keyAt(2, 'OW', 'update'), keyRange(3, -1, 1, 'RO', 'access')],
    args: [arg.string('operation'), arg.key('destkey', 0), arg.key('key', 1, { multiple: true })],
    reply: 'number',
    run: combine,
  },
];

/**
 * The place of a bit, in argument i. With `width`, `#n` stands for the n-th integer of so many bits. Throws unless it
 * lies in a string of the length that is allowed.
 */
export function bitOffset({ request, server }: Context, i: number, width = 0): number {
  const start = request.starts[i];
  const counted = width > 0 && request.buffer[start] === 0x23; // #
  const offset =
    integerIn(request.buffer, counted ? start + 1 : start, request.ends[i]) * (counted ? width : 1);
  const length = offset / 8;
  if (
    offset >= 0 &&
    (length < SMALLEST_BULK_LIMIT || length < Number(server.config.text('proto-max-bulk-len')))
  ) {
    return offset;
  }
  throw new CommandError(BAD_OFFSET);
}

/** The string in argument 1, to be changed up to this bit: made or lengthened with zeros. */
export function stringUpToBit(c: Context, lastBit: number): { ref: Ref; grown: boolean } {
  const { request, db } = c;
  const length = Math.floor(lastBit / 8) + 1;
  let ref = writeTyped(c, 1, STRING);
  const before = ref === 0 ? 0 : db.valueLength(ref);
  const grown = length > before;
  if (ref === 0) ref = db.put(request.buffer, request.starts[1], request.ends[1], STRING, length);
  else if (grown) ref = db.resizeValue(ref, length);
  if (grown) db.buffer(ref).fill(0, db.valueStart(ref) + before, db.valueEnd(ref));
  db.setOrigin(ref, IS_RAW);
  return { ref, grown };
}

function setBit(c: Context): void {
  const { db, reply } = c;
  const offset = bitOffset(c, 2);
  const bit = integerArgument(c, 3, BAD_BIT);
  if (bit !== 0 && bit !== 1) throw new CommandError(BAD_BIT);
  const { ref, grown } = stringUpToBit(c, offset);
  const buffer = db.buffer(ref);
  const at = db.valueStart(ref) + Math.floor(offset / 8);
  const mask = 0x80 >>> (offset % 8);
  const before = (buffer[at] & mask) === 0 ? 0 : 1;
  if (grown || before !== bit) {
    buffer[at] = bit === 1 ? buffer[at] | mask : buffer[at] & ~mask;
    c.changed(1, EVENT.string, 'setbit');
  }
  reply.integer(before);
}

/** Whether the unit named in argument i is bits and not bytes. */
function countsBits({ request }: Context, i: number): boolean {
  if (request.is(i, 'BIT')) return true;
  if (request.is(i, 'BYTE')) return false;
  throw new CommandError(SYNTAX_ERROR);
}

/** First and last bit of a range given in bits or bytes, or null when it is empty. */
function bitRange(length: number, start: number, end: number, inBits: boolean): [number, number] | null {
  const total = inBits ? length * 8 : length;
  const first = Math.max(0, start < 0 ? start + total : start);
  const last = Math.min(total - 1, Math.max(0, end < 0 ? end + total : end));
  if (first > last) return null;
  return inBits ? [first, last] : [first * 8, last * 8 + 7];
}

/** BITCOUNT key [start end [BYTE | BIT]] */
function bitCount(c: Context): void {
  const { request, db, reply } = c;
  const { argc } = request;
  const ref = readTyped(c, 1, STRING);
  if (ref === 0) {
    reply.integer(0);
    return;
  }
  if (argc !== 2 && argc !== 4 && argc !== 5) throw new CommandError(SYNTAX_ERROR);
  const start = argc === 2 ? 0 : integerArgument(c, 2);
  const end = argc === 2 ? -1 : integerArgument(c, 3);
  if (start < 0 && end < 0 && start > end) {
    reply.integer(0);
    return;
  }
  const range = bitRange(db.valueLength(ref), start, end, argc === 5 && countsBits(c, 4));
  reply.integer(range === null ? 0 : countBitRange(db.buffer(ref), db.valueStart(ref), ...range));
}

/** BITPOS key bit [start [end [BYTE | BIT]]] */
function bitPosition(c: Context): void {
  const { request, db, reply } = c;
  const { argc } = request;
  const bit = integerArgument(c, 2);
  if (bit !== 0 && bit !== 1) throw new CommandError('ERR The bit argument must be 1 or 0.');
  const ref = readTyped(c, 1, STRING);
  if (ref === 0) {
    reply.integer(bit === 1 ? -1 : 0);
    return;
  }
  if (argc > 6) throw new CommandError(SYNTAX_ERROR);
  const length = db.valueLength(ref);
  const start = argc > 3 ? integerArgument(c, 3) : 0;
  const inBits = argc === 6 && countsBits(c, 5);
  const endGiven = argc > 4;
  const range = bitRange(length, start, endGiven ? integerArgument(c, 4) : length - 1, inBits);
  if (range === null) {
    reply.integer(-1);
    return;
  }
  const found = findBit(db.buffer(ref), db.valueStart(ref), ...range, bit);
  // A string whose end is left open goes on with zeros for ever.
  reply.integer(found === -1 && bit === 0 && !endGiven ? length * 8 : found);
}

function operationAt({ request }: Context, i: number): BitOperation {
  const name = request.latin1(i).toLowerCase();
  if (name === 'and' || name === 'or' || name === 'xor' || name === 'not') return name;
  throw new CommandError(SYNTAX_ERROR);
}

/** BITOP operation destination key [key …] */
function combine(c: Context): void {
  const { request, db, reply } = c;
  const { buffer, starts, ends, argc } = request;
  const operation = operationAt(c, 1);
  if (operation === 'not' && argc !== 4) {
    throw new CommandError('ERR BITOP NOT must be called with a single source key.');
  }
  const refs: Ref[] = [];
  let length = 0;
  for (let i = 3; i < argc; i++) {
    const ref = readTyped(c, i, STRING);
    refs.push(ref);
    if (ref !== 0) length = Math.max(length, db.valueLength(ref));
  }
  reply.integer(length);
  if (length === 0) {
    const ref = db.peek(buffer, starts[2], ends[2]);
    if (ref === 0) return;
    db.remove(ref);
    c.changed(2, EVENT.generic, 'del');
    return;
  }
  const combination = new BitCombination(length);
  for (const [n, ref] of refs.entries()) {
    const source = ref === 0 ? buffer : db.buffer(ref);
    const start = ref === 0 ? 0 : db.valueStart(ref);
    const end = ref === 0 ? 0 : db.valueEnd(ref);
    if (n === 0) combination.begin(source, start, end);
    else combination.combine(operation, source, start, end);
  }
  if (operation === 'not') combination.invert();
  const made = db.setString(buffer, starts[2], ends[2], combination.result, 0, length);
  db.setOrigin(made, IS_RAW);
  c.changed(2, EVENT.string, 'set');
}
