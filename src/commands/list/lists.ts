/** Lists: sequences of strings, open at both ends. */
import { LIST } from '../../keyspace/record.js';
import { CommandError } from '../../protocol/command-error.js';
import * as arg from '../arguments.js';
import { firstTyped } from '../blocking-keys.js';
import type { CommandDefinition } from '../command.js';
import { type Context, EVENT } from '../context.js';
import { INDEX_OUT_OF_RANGE, NO_SUCH_KEY, SYNTAX_ERROR, wrongArity } from '../errors.js';
import { integerArgument } from '../input.js';
import { keyAt, keyCount } from '../key-specs.js';
import { readTyped, writeTyped } from '../lookup.js';
import {
  countArgument,
  type End,
  endArgument,
  endChoice,
  list,
  moveElement,
  multiplePopArguments,
  popMany,
  popOne,
  popWithKey,
  replyElements,
} from './ends.js';

const PUSH_COST =
  'O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.';

/** LPUSH, RPUSH, LPUSHX and RPUSHX. */
function pushCommand(name: string, summary: string, end: End, onlyExisting: boolean): CommandDefinition {
  return {
    name,
    summary,
    since: onlyExisting ? '2.2.0' : '1.0.0',
    group: 'list',
    complexity: PUSH_COST,
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    acl: ['list'],
    keys: [keyAt(1, 'RW', 'insert')],
    args: [arg.key('key', 0), arg.string('element', { multiple: true })],
    reply: 'number',
    history: [[onlyExisting ? '4.0.0' : '2.4.0', 'Accepts multiple `element` arguments.']],
    run(c) {
      push(c, end, onlyExisting);
    },
  };
}

/** LPOP and RPOP. */
function popCommand(name: string, summary: string, end: End): CommandDefinition {
  return {
    name,
    summary,
    since: '1.0.0',
    group: 'list',
    complexity: 'O(N) where N is the number of elements returned',
    arity: -2,
    flags: ['write', 'fast'],
    acl: ['list'],
    keys: [keyAt(1, 'RW', 'access', 'delete')],
    args: [arg.key('key', 0), arg.integer('count', { optional: true, since: '6.2.0' })],
    reply: { count: 'Bulk[] | null', otherwise: 'Bulk | null' },
    history: [['6.2.0', 'Added the `count` argument.']],
    run(c) {
      pop(c, end);
    },
  };
}

export const lists: readonly CommandDefinition[] = [
  pushCommand('lpush', 'Puts elements before the first of a list, one after the other.', 'left', false),
  pushCommand('rpush', 'Puts elements behind the last of a list.', 'right', false),
  pushCommand('lpushx', 'Puts elements before the first of a list that exists.', 'left', true),
  pushCommand('rpushx', 'Puts elements behind the last of a list that exists.', 'right', true),
  popCommand('lpop', 'Takes the first element, or the first few, out of a list and answers them.', 'left'),
  popCommand('rpop', 'Takes the last element, or the last few, out of a list and answers them.', 'right'),
  {
    name: 'llen',
    summary: 'Answers the number of elements of a list.',
    since: '1.0.0',
    group: 'list',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    acl: ['list'],
    keys: [keyAt(1, 'RO')],
    args: [arg.key('key', 0)],
    reply: 'number',
    run(c) {
      const ref = readTyped(c, 1, LIST);
      c.reply.integer(ref === 0 ? 0 : list.open(c.db, ref).size);
    },
  },
  {
    name: 'lindex',
    summary: 'Answers the element of a list at an index; negative ones count from the end.',
    since: '1.0.0',
    group: 'list',
    complexity:
      'O(N) where N is the number of elements to traverse to get to the element at index. This makes asking for the first or the last element of the list O(1).',
    arity: 3,
    flags: ['readonly'],
    acl: ['list'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [arg.key('key', 0), arg.integer('index')],
    reply: 'Bulk | null',
    run(c) {
      const ref = readTyped(c, 1, LIST);
      if (ref === 0 || !list.open(c.db, ref).seek(indexArgument(c, 2))) {
        c.reply.nil();
        return;
      }
      const element = list.read();
      c.reply.bulk(element.bytes, element.start, element.end);
    },
  },
  {
    name: 'lset',
    summary: 'Puts another element in the place of the one at an index of a list.',
    since: '1.0.0',
    group: 'list',
    complexity:
      'O(N) where N is the length of the list. Setting either the first or the last element of the list is O(1).',
    arity: 4,
    flags: ['write', 'denyoom'],
    acl: ['list'],
    keys: [keyAt(1, 'RW', 'update')],
    args: [arg.key('key', 0), arg.integer('index'), arg.string('element')],
    reply: "'OK'",
    run(c) {
      const { buffer, starts, ends } = c.request;
      const ref = writeTyped(c, 1, LIST);
      if (ref === 0) throw new CommandError(NO_SUCH_KEY);
      list.open(c.db, ref);
      if (!list.seek(indexArgument(c, 2))) throw new CommandError(INDEX_OUT_OF_RANGE);
      list.replace(buffer, starts[3], ends[3]);
      c.changed(1, EVENT.list, 'lset');
      c.reply.ok();
    },
  },
  {
    name: 'lrange',
    summary: 'Answers the elements of a list from one index to another, both included.',
    since: '1.0.0',
    group: 'list',
    complexity:
      'O(S+N) where S is the distance of start offset from HEAD for small lists, from nearest end (HEAD or TAIL) for large lists; and N is the number of elements in the specified range.',
    arity: 4,
    flags: ['readonly'],
    acl: ['list'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [arg.key('key', 0), arg.integer('start'), arg.integer('stop')],
    reply: 'Bulk[]',
    run(c) {
      const start = integerArgument(c, 2);
      const stop = integerArgument(c, 3);
      const ref = readTyped(c, 1, LIST);
      const { first, count } = ref === 0 ? EMPTY_RANGE : rangeWithin(list.open(c.db, ref).size, start, stop);
      if (count === 0) c.reply.array(0);
      else replyElements(c, first, count);
    },
  },
  {
    name: 'linsert',
    summary: 'Puts an element before or behind another one of a list, the first that equals the pivot.',
    since: '2.2.0',
    group: 'list',
    complexity:
      'O(N) where N is the number of elements to traverse before seeing the value pivot. This means that inserting somewhere on the left end on the list (head) can be considered O(1) and inserting somewhere on the right end (tail) is O(N).',
    arity: 5,
    flags: ['write', 'denyoom'],
    acl: ['list'],
    keys: [keyAt(1, 'RW', 'insert')],
    args: [
      arg.key('key', 0),
      arg.oneOf('where', [arg.word('BEFORE'), arg.word('AFTER')]),
      arg.string('pivot'),
      arg.string('element'),
    ],
    reply: 'number',
    run: insert,
  },
  {
    name: 'lrem',
    summary: 'Takes elements that equal the one given out of a list: all, the first few or the last few.',
    since: '1.0.0',
    group: 'list',
    complexity: 'O(N+M) where N is the length of the list and M is the number of elements removed.',
    arity: 4,
    flags: ['write'],
    acl: ['list'],
    keys: [keyAt(1, 'RW', 'delete')],
    args: [arg.key('key', 0), arg.integer('count'), arg.string('element')],
    reply: 'number',
    run: removeEqual,
  },
  {
    name: 'ltrim',
    summary: 'Takes all elements but those from one index to another, both included, out of a list.',
    since: '1.0.0',
    group: 'list',
    complexity: 'O(N) where N is the number of elements to be removed by the operation.',
    arity: 4,
    flags: ['write'],
    acl: ['list'],
    keys: [keyAt(1, 'RW', 'delete')],
    args: [arg.key('key', 0), arg.integer('start'), arg.integer('stop')],
    reply: "'OK'",
    run: trim,
  },
  {
    name: 'lmove',
    summary: 'Takes an element from one end of a list, puts it at one end of another and answers it.',
    since: '6.2.0',
    group: 'list',
    complexity: 'O(1)',
    arity: 5,
    flags: ['write', 'denyoom'],
    acl: ['list'],
    keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'RW', 'insert')],
    args: [arg.key('source', 0), arg.key('destination', 1), endChoice('wherefrom'), endChoice('whereto')],
    reply: 'Bulk | null',
    run(c) {
      move(c, endArgument(c, 3), endArgument(c, 4));
    },
  },
  {
    name: 'rpoplpush',
    summary: 'Takes the last element of a list, puts it before the first of another and answers it.',
    since: '1.2.0',
    group: 'list',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'denyoom'],
    acl: ['list'],
    keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'RW', 'insert')],
    args: [arg.key('source', 0), arg.key('destination', 1)],
    reply: 'Bulk | null',
    deprecated: { since: '6.2.0', replacedBy: '`LMOVE` with the `RIGHT` and `LEFT` arguments' },
    run(c) {
      move(c, 'right', 'left');
    },
  },
  {
    name: 'lpos',
    summary: 'Answers the indexes at which an element stands in a list.',
    since: '6.0.6',
    group: 'list',
    complexity:
      'O(N) where N is the number of elements in the list, for the average case. When searching for elements near the head or the tail of the list, or when the MAXLEN option is provided, the command may run in constant time.',
    arity: -3,
    flags: ['readonly'],
    acl: ['list'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [
      arg.key('key', 0),
      arg.string('element'),
      arg.integer('rank', { token: 'RANK', optional: true }),
      arg.integer('num-matches', { token: 'COUNT', optional: true }),
      arg.integer('len', { token: 'MAXLEN', optional: true }),
    ],
    reply: { count: 'number[]', otherwise: 'number | null' },
    run: positions,
  },
  {
    name: 'lmpop',
    summary: 'Takes elements out of the first of several lists that exists and answers them.',
    since: '7.0.0',
    group: 'list',
    complexity: 'O(N+M) where N is the number of provided keys and M is the number of elements returned.',
    arity: -4,
    flags: ['write'],
    acl: ['list'],
    keys: [keyCount(1, 'RW', 'access', 'delete')],
    args: [
      arg.integer('numkeys'),
      arg.key('key', 0, { multiple: true }),
      endChoice('where'),
      arg.integer('count', { token: 'COUNT', optional: true }),
    ],
    reply: '[key: Bulk, elements: Bulk[]] | null',
    run(c) {
      const { firstKey, lastKey, end, count } = multiplePopArguments(c, 1);
      const i = firstTyped(c, firstKey, lastKey, LIST);
      if (i === 0) c.reply.nilArray();
      else popWithKey(c, i, end, count);
    },
  },
];

function push(c: Context, end: End, onlyExisting: boolean): void {
  const { request, db, reply } = c;
  const { buffer, starts, ends, argc } = request;
  const ref = writeTyped(c, 1, LIST);
  if (ref !== 0) list.open(db, ref);
  else if (onlyExisting) {
    reply.integer(0);
    return;
  } else list.create(db, buffer, starts[1], ends[1]);
  for (let i = 2; i < argc; i++) list.push(end === 'left', buffer, starts[i], ends[i]);
  c.changed(1, EVENT.list, end === 'left' ? 'lpush' : 'rpush', argc - 2);
  reply.integer(list.size);
}

/** LPOP and RPOP key [count]. */
function pop(c: Context, end: End): void {
  const { request, db, reply } = c;
  if (request.argc > 3) throw new CommandError(wrongArity(c.command.fullName));
  const counted = request.argc === 3;
  const count = counted ? countArgument(c, 2) : 1;
  const ref = writeTyped(c, 1, LIST);
  if (ref === 0) {
    if (counted) reply.nilArray();
    else reply.nil();
    return;
  }
  list.open(db, ref);
  if (!counted) popOne(c, 1, end);
  else if (count === 0) reply.array(0);
  else popMany(c, 1, end, count);
}

/** The index in argument i, from the list's beginning. `list` must be the one meant. */
function indexArgument(c: Context, i: number): number {
  const index = integerArgument(c, i);
  return index < 0 ? index + list.size : index;
}

const EMPTY_RANGE = { first: 0, count: 0 };

/** The elements of a list of this length from `start` to `stop`, which count from the end when negative. */
function rangeWithin(length: number, start: number, stop: number): { first: number; count: number } {
  const first = Math.max(0, start < 0 ? start + length : start);
  const last = Math.min(length - 1, stop < 0 ? stop + length : stop);
  return first > last ? EMPTY_RANGE : { first, count: last - first + 1 };
}

/** LINSERT key BEFORE|AFTER pivot element. */
function insert(c: Context): void {
  const { request, db, reply } = c;
  const { buffer, starts, ends } = request;
  const behind = request.is(2, 'AFTER');
  if (!behind && !request.is(2, 'BEFORE')) throw new CommandError(SYNTAX_ERROR);
  const ref = writeTyped(c, 1, LIST);
  if (ref === 0) {
    reply.integer(0);
    return;
  }
  let more = list.open(db, ref).seek(0);
  while (more && !list.equals(buffer, starts[3], ends[3])) more = list.next();
  if (!more) {
    reply.integer(-1);
    return;
  }
  list.insert(behind, buffer, starts[4], ends[4]);
  c.changed(1, EVENT.list, 'linsert');
  reply.integer(list.size);
}

/** LREM key count element: the first `count`, the last -count or, with 0, all that equal the element. */
function removeEqual(c: Context): void {
  const { request, db, reply } = c;
  const { buffer, starts, ends } = request;
  const count = integerArgument(c, 2);
  const ref = writeTyped(c, 1, LIST);
  if (ref === 0) {
    reply.integer(0);
    return;
  }
  list.open(db, ref);
  const backwards = count < 0;
  const most = Math.abs(count) || Number.POSITIVE_INFINITY;
  let removed = 0;
  let more = list.seek(backwards ? list.size - 1 : 0);
  while (more && removed < most) {
    if (list.equals(buffer, starts[3], ends[3])) {
      more = list.remove(backwards);
      removed++;
    } else more = backwards ? list.previous() : list.next();
  }
  if (removed > 0) changedLength(c, 'lrem', removed);
  reply.integer(removed);
}

/** LTRIM key start stop. */
function trim(c: Context): void {
  const { db, reply } = c;
  const start = integerArgument(c, 2);
  const stop = integerArgument(c, 3);
  const ref = writeTyped(c, 1, LIST);
  if (ref !== 0) {
    const { size: length } = list.open(db, ref);
    const { first, count } = rangeWithin(length, start, stop);
    list.deleteRange(first + count, length - first - count);
    list.deleteRange(0, first);
    changedLength(c, 'ltrim', length - count);
  }
  reply.ok();
}

/** Says that the list in argument 1 has lost elements, and lets it go when it is empty. */
function changedLength(c: Context, event: string, count: number): void {
  const emptied = list.size === 0;
  if (emptied) c.db.remove(list.ref);
  c.changed(1, EVENT.list, event, count);
  if (emptied) c.notify(1, EVENT.generic, 'del');
}

function move(c: Context, from: End, to: End): void {
  if (writeTyped(c, 1, LIST) === 0) c.reply.nil();
  else moveElement(c, from, to);
}

/** LPOS key element [RANK rank] [COUNT count] [MAXLEN length]. */
function positions(c: Context): void {
  const { request, db, reply } = c;
  const { buffer, starts, ends, argc } = request;
  let rank = 1;
  let count = -1;
  let longest = 0;
  for (let i = 3; i < argc; i += 2) {
    if (i + 1 === argc) throw new CommandError(SYNTAX_ERROR);
    if (request.is(i, 'RANK')) rank = rankArgument(c, i + 1);
    else if (request.is(i, 'COUNT')) count = countArgument(c, i + 1, "ERR COUNT can't be negative");
    else if (request.is(i, 'MAXLEN')) longest = countArgument(c, i + 1, "ERR MAXLEN can't be negative");
    else throw new CommandError(SYNTAX_ERROR);
  }
  const ref = readTyped(c, 1, LIST);
  const length = ref === 0 ? 0 : list.open(db, ref).size;
  const backwards = rank < 0;
  const compared = longest === 0 ? length : Math.min(length, longest);
  const wanted = count === -1 ? 1 : count === 0 ? length : count;
  let skip = Math.abs(rank) - 1;
  let found = 0;
  const mark = count === -1 ? reply.length : reply.open();
  if (ref !== 0) list.seek(backwards ? length - 1 : 0);
  for (let n = 0; n < compared && found < wanted; n++) {
    if (list.equals(buffer, starts[2], ends[2]) && skip-- <= 0) {
      reply.integer(backwards ? length - 1 - n : n);
      found++;
    }
    if (backwards) list.previous();
    else list.next();
  }
  if (count !== -1) reply.close(mark, 'array', found);
  else if (found === 0) reply.nil();
}

function rankArgument(c: Context, i: number): number {
  const rank = integerArgument(c, i);
  if (rank !== 0) return rank;
  throw new CommandError(
    "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start " +
      'from the end of the list',
  );
}
