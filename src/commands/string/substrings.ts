/** Strings in part: lengths, ranges, changes in place, and the longest common subsequence of two. */
import { IS_RAW, STRING } from '../../keyspace/record.js';
import { copy } from '../../protocol/bytes.js';
import { CommandError } from '../../protocol/command-error.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import { type Context, EVENT } from '../context.js';
import { OFFSET_OUT_OF_RANGE, STRING_TOO_LONG } from '../errors.js';
import { integerArgument } from '../input.js';
import { keyAt, keyRange } from '../key-specs.js';
import { readTyped, writeTyped } from '../lookup.js';
import { longestCommonSubsequence } from './lcs.js';

/** No `proto-max-bulk-len` is smaller: strings up to this length need not be compared with it. */
const SMALLEST_BULK_LIMIT = 1024 * 1024;

export const substrings: readonly CommandDefinition[] = [
  {
    name: 'append',
    summary: 'Appends bytes to the string value of a key; the key is created when it is missing.',
    since: '2.0.0',
    group: 'string',
    complexity:
      'O(1). The amortized time complexity is O(1) assuming the appended value is small and the already present value is of any size, since the dynamic string library used by Redis will double the free space available on every reallocation.',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    acl: ['string'],
    keys: [keyAt(1, 'RW', 'insert')],
    args: [arg.key('key', 0), arg.string('value')],
    reply: 'number',
    run(c) {
      const { request, db, reply } = c;
      const { buffer, starts, ends } = request;
      let ref = writeTyped(c, 1, STRING);
      let length = request.length(2);
      if (ref === 0) db.setString(buffer, starts[1], ends[1], buffer, starts[2], ends[2]);
      else {
        const before = db.valueLength(ref);
        length += before;
        checkLength(c, length);
        ref = db.resizeValue(ref, length);
        db.setOrigin(ref, IS_RAW);
        copy(db.buffer(ref), db.valueStart(ref) + before, buffer, starts[2], ends[2]);
      }
      c.changed(1, EVENT.string, 'append');
      reply.integer(length);
    },
  },
  {
    name: 'strlen',
    summary: 'Answers the length of a string value, in bytes.',
    since: '2.2.0',
    group: 'string',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    acl: ['string'],
    keys: [keyAt(1, 'RO')],
    args: [arg.key('key', 0)],
    reply: 'number',
    run(c) {
      const ref = readTyped(c, 1, STRING);
      c.reply.integer(ref === 0 ? 0 : c.db.valueLength(ref));
    },
  },
  {
    name: 'getrange',
    summary: 'Answers part of a string value, from one offset to another; negative ones count from the end.',
    since: '2.4.0',
    group: 'string',
    complexity:
      'O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings.',
    arity: 4,
    flags: ['readonly'],
    acl: ['string'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [arg.key('key', 0), arg.integer('start'), arg.integer('end')],
    reply: 'Bulk',
    run: getRange,
  },
  {
    name: 'substr',
    summary: 'The older name of GETRANGE.',
    since: '1.0.0',
    group: 'string',
    complexity:
      'O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings.',
    arity: 4,
    flags: ['readonly'],
    acl: ['string'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [arg.key('key', 0), arg.integer('start'), arg.integer('end')],
    reply: 'Bulk',
    deprecated: { since: '2.0.0', replacedBy: '`GETRANGE`' },
    run: getRange,
  },
  {
    name: 'setrange',
    summary: 'Overwrites part of a string value; a gap is filled with zero bytes.',
    since: '2.2.0',
    group: 'string',
    complexity:
      'O(1), not counting the time taken to copy the new string in place. Usually, this string is very small so the amortized complexity is O(1). Otherwise, complexity is O(M) with M being the length of the value argument.',
    arity: 4,
    flags: ['write', 'denyoom'],
    acl: ['string'],
    keys: [keyAt(1, 'RW', 'update')],
    args: [arg.key('key', 0), arg.integer('offset'), arg.string('value')],
    reply: 'number',
    run(c) {
      const { request, db, reply } = c;
      const { buffer, starts, ends } = request;
      const offset = integerArgument(c, 2);
      if (offset < 0) throw new CommandError(OFFSET_OUT_OF_RANGE);
      let ref = writeTyped(c, 1, STRING);
      const before = ref === 0 ? 0 : db.valueLength(ref);
      const size = request.length(3);
      if (size === 0) {
        reply.integer(before);
        return;
      }
      checkLength(c, offset + size);
      const length = Math.max(before, offset + size);
      if (ref === 0) ref = db.put(buffer, starts[1], ends[1], STRING, length);
      else if (length > before) ref = db.resizeValue(ref, length);
      db.setOrigin(ref, IS_RAW);
      const value = db.buffer(ref);
      const start = db.valueStart(ref);
      if (offset > before) value.fill(0, start + before, start + offset);
      copy(value, start + offset, buffer, starts[3], ends[3]);
      c.changed(1, EVENT.string, 'setrange');
      reply.integer(length);
    },
  },
  {
    name: 'lcs',
    summary: 'Finds the longest common subsequence of two string values.',
    since: '7.0.0',
    group: 'string',
    complexity: 'O(N*M) where N and M are the lengths of s1 and s2, respectively',
    arity: -3,
    flags: ['readonly'],
    acl: ['string'],
    keys: [keyRange(1, 1, 1, 'RO', 'access')],
    args: [
      arg.key('key1', 0),
      arg.key('key2', 0),
      arg.word('LEN', { optional: true }),
      arg.word('IDX', { optional: true }),
      arg.integer('len', { token: 'MINMATCHLEN', optional: true }),
      arg.word('WITHMATCHLEN', { optional: true }),
    ],
    reply: {
      len: 'number',
      idx: '{ matches: [range1: [number, number], range2: [number, number], length?: number][]; len: number }',
      otherwise: 'Bulk',
    },
    run: longestCommonSubsequence,
  },
];

/** Throws when a string may not become so long. */
function checkLength({ server }: Context, length: number): void {
  if (length <= SMALLEST_BULK_LIMIT || length <= Number(server.config.text('proto-max-bulk-len'))) return;
  throw new CommandError(STRING_TOO_LONG);
}

function getRange(c: Context): void {
  const { db, reply } = c;
  let first = integerArgument(c, 2);
  let last = integerArgument(c, 3);
  const ref = readTyped(c, 1, STRING);
  const length = ref === 0 ? 0 : db.valueLength(ref);
  const reversed = first < 0 && last < 0 && first > last;
  if (first < 0) first = Math.max(0, length + first);
  if (last < 0) last = Math.max(0, length + last);
  last = Math.min(last, length - 1);
  if (reversed || first > last) reply.text('');
  else reply.bulk(db.buffer(ref), db.valueStart(ref) + first, db.valueStart(ref) + last + 1);
}
