/** Walking over keys: KEYS all at once, SCAN step by step. */
import type { Ref } from '../../keyspace/arena.js';
import { typeName } from '../../keyspace/record.js';
import { type ByteRange, type Bytes, EMPTY } from '../../protocol/bytes.js';
import { CommandError } from '../../protocol/command-error.js';
import { globMatch } from '../../protocol/glob.js';
import type { Request } from '../../protocol/request.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import type { Context } from '../context.js';
import { INVALID_CURSOR, SYNTAX_ERROR } from '../errors.js';
import { integerArgument } from '../input.js';

const UINT64_MAX = 2n ** 64n - 1n;

export const scan: readonly CommandDefinition[] = [
  {
    name: 'keys',
    summary: 'Answers all keys whose name matches a pattern.',
    since: '1.0.0',
    group: 'generic',
    complexity:
      'O(N) with N being the number of keys in the database, under the assumption that the key names in the database and the given pattern have limited length.',
    arity: 2,
    flags: ['readonly'],
    acl: ['keyspace', 'dangerous'],
    args: [arg.pattern('pattern')],
    reply: 'Bulk[]',
    tips: ['request_policy:all_shards', 'nondeterministic_output_order'],
    run({ request, db, reply }) {
      const pattern = patternArgument(request.bytes(1));
      const mark = reply.open();
      let count = 0;
      db.forEach((ref) => {
        if (!matches(pattern, db.buffer(ref), db.keyStart(ref), db.keyEnd(ref)) || db.isExpired(ref)) return;
        reply.bulk(db.buffer(ref), db.keyStart(ref), db.keyEnd(ref));
        count++;
      });
      reply.close(mark, 'array', count);
    },
  },
  {
    name: 'scan',
    summary: 'Answers some keys, and a cursor with which to go on.',
    since: '2.8.0',
    group: 'generic',
    complexity:
      'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.',
    arity: -2,
    flags: ['readonly', 'touches_arbitrary_keys'],
    acl: ['keyspace'],
    args: [
      arg.integer('cursor'),
      arg.pattern('pattern', { token: 'MATCH', optional: true }),
      arg.integer('count', { token: 'COUNT', optional: true }),
      arg.string('type', { token: 'TYPE', optional: true, since: '6.0.0' }),
    ],
    reply: '[cursor: Bulk, keys: Bulk[]]',
    tips: ['nondeterministic_output', 'request_policy:special'],
    history: [['6.0.0', 'Added the `TYPE` subcommand.']],
    run: scanKeys,
  },
];

/** Undefined for the pattern that everything matches. */
function patternArgument(pattern: Bytes): Bytes | undefined {
  return pattern.length === 1 && pattern[0] === 0x2a ? undefined : pattern;
}

function matches(pattern: Bytes | undefined, bytes: Bytes, start: number, end: number): boolean {
  return pattern === undefined || globMatch(pattern, 0, pattern.length, bytes, start, end);
}

/** What SCAN and its kind are asked for besides the cursor. */
export interface ScanOptions {
  count: number;
  pattern: Bytes | undefined;
  /** Lower case. */
  type: string | undefined;
}

/**
 * The cursor in argument i, as C's strtoul reads it. Cursors of this keyspace lie below 2^32: a larger one is behind
 * the end.
 */
export function cursorArgument(request: Request, i: number): number {
  const text = request.latin1(i);
  if (/^[+-]?\d+$|^$/.test(text)) {
    const magnitude = BigInt(text.replace(/^[+-]/, '') || 0);
    if (magnitude <= UINT64_MAX) {
      return Number(text.startsWith('-') ? BigInt.asUintN(64, -magnitude) : magnitude);
    }
  }
  throw new CommandError(INVALID_CURSOR);
}

/** The options from argument `first` on. TYPE only where keys are scanned. */
function scanOptions(c: Context, first: number, withType: boolean): ScanOptions {
  const { request } = c;
  const options: ScanOptions = { count: 10, pattern: undefined, type: undefined };
  for (let i = first; i < request.argc; i += 2) {
    if (i + 1 === request.argc) throw new CommandError(SYNTAX_ERROR);
    if (request.is(i, 'COUNT')) {
      options.count = integerArgument(c, i + 1);
      if (options.count < 1) throw new CommandError(SYNTAX_ERROR);
    } else if (request.is(i, 'MATCH')) options.pattern = patternArgument(request.bytes(i + 1));
    else if (withType && request.is(i, 'TYPE')) options.type = request.latin1(i + 1).toLowerCase();
    else throw new CommandError(SYNTAX_ERROR);
  }
  return options;
}

/** Gets an element of a collection, and what belongs to it. */
type ElementVisitor = (element: Readonly<ByteRange>, value?: Readonly<ByteRange>) => void;

/**
 * HSCAN, SSCAN and ZSCAN from argument 3 on, `[MATCH pattern] [COUNT n]`. `scan` does one step from a cursor and answers
 * the next one; undefined when there is no such key.
 */
export function scanElements(
  c: Context,
  cursor: number,
  scan: ((cursor: number, visit: ElementVisitor) => number) | undefined,
): void {
  const { reply } = c;
  let found: Bytes = EMPTY;
  let written = 0;
  if (scan === undefined) cursor = 0;
  else {
    const { count, pattern } = scanOptions(c, 3, false);
    const mark = reply.length;
    let steps = count * 10;
    let seen = 0;
    const visit: ElementVisitor = (element, value) => {
      seen++;
      if (!matches(pattern, element.bytes, element.start, element.end)) return;
      reply.bulk(element.bytes, element.start, element.end);
      written++;
      if (value === undefined) return;
      reply.bulk(value.bytes, value.start, value.end);
      written++;
    };
    do cursor = scan(cursor, visit);
    while (cursor !== 0 && --steps >= 0 && seen < count);
    found = reply.takeFrom(mark); // the cursor comes first
  }
  reply.array(2);
  reply.integerText(cursor);
  reply.array(written);
  reply.raw(found);
}

/** SCAN cursor [MATCH pattern] [COUNT n] [TYPE name]. */
function scanKeys(c: Context): void {
  const { db, keyspace, reply } = c;
  let cursor = cursorArgument(c.request, 1);
  const { count, pattern, type } = scanOptions(c, 2, true);
  const found: Ref[] = [];
  // Where keys lie sparsely a step may find none: ten steps for every key asked for, then the client's next turn.
  let steps = count * 10;
  let seen = 0;
  do {
    cursor = db.scan(cursor, (ref) => {
      seen++;
      if (!matches(pattern, db.buffer(ref), db.keyStart(ref), db.keyEnd(ref))) return;
      if (type === undefined || typeName(db.type(ref)) === type || db.isExpired(ref)) found.push(ref);
    });
  } while (cursor !== 0 && --steps >= 0 && seen < count);
  // Expired keys are removed only now: the dictionary must not change during a step.
  const living = found.filter((ref) => !(db.isExpired(ref) && keyspace.keyExpired(db, ref)));
  reply.array(2);
  reply.integerText(cursor);
  reply.array(living.length);
  for (const ref of living) reply.bulk(db.buffer(ref), db.keyStart(ref), db.keyEnd(ref));
}
