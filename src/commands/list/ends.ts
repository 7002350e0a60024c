/** Taking elements from the ends of lists and adding them, for commands that wait and those that don't. */

import { LIST } from '../../keyspace/record.js';
import { ListValue } from '../../keyspace/values/list-value.js';
import { slice } from '../../protocol/bytes.js';
import { CommandError } from '../../protocol/command-error.js';
import * as arg from '../arguments.js';
import { type Context, EVENT } from '../context.js';
import { SYNTAX_ERROR } from '../errors.js';
import { rangeArgument } from '../input.js';
import { writeTyped } from '../lookup.js';

const NOT_POSITIVE = 'ERR value is out of range, must be positive';

/** Views for the commands of this family: at most two lists at a time. */
export const list = new ListValue();
const target = new ListValue();

/** An end of a list. */
export type End = 'left' | 'right';

/** The arguments `LEFT | RIGHT`. */
export function endChoice(name: string) {
  return arg.oneOf(name, [arg.word('LEFT'), arg.word('RIGHT')]);
}

/** Argument i as an end. */
export function endArgument({ request }: Context, i: number): End {
  if (request.is(i, 'LEFT')) return 'left';
  if (request.is(i, 'RIGHT')) return 'right';
  throw new CommandError(SYNTAX_ERROR);
}

/** Argument i as a number of elements. */
export function countArgument(c: Context, i: number, complaint = NOT_POSITIVE): number {
  return rangeArgument(c, i, 0, 2 ** 63, complaint);
}

/** Replies with the element at the end of `list`, which belongs to the key in argument i, and takes it out. */
export function popOne(c: Context, i: number, end: End): void {
  list.seek(end === 'left' ? 0 : list.size - 1);
  const element = list.read();
  c.reply.bulk(element.bytes, element.start, element.end);
  list.remove(false);
  popped(c, i, end, 1);
}

/** Replies with up to `count` elements from the end of `list`, which belongs to the key in argument i, and takes them out. */
export function popMany(c: Context, i: number, end: End, count: number): void {
  const { size } = list;
  const taken = Math.min(count, size);
  if (end === 'left') {
    replyElements(c, 0, taken);
    list.deleteRange(0, taken);
  } else {
    c.reply.array(taken);
    let more = list.seek(size - 1);
    for (let n = taken; n > 0 && more; n--, more = list.previous()) {
      const element = list.read();
      c.reply.bulk(element.bytes, element.start, element.end);
    }
    list.deleteRange(size - taken, taken);
  }
  popped(c, i, end, taken);
}

/** Replies with `count` elements of `list` from an index on; they must be there. */
export function replyElements({ reply }: Context, index: number, count: number): void {
  reply.array(count);
  list.seek(index);
  list.replyWith(reply, count);
}

/** Says that the list in argument i has lost elements at the end, and lets it go when it is empty. */
function popped(c: Context, i: number, end: End, count: number): void {
  const emptied = list.size === 0;
  if (emptied) c.db.remove(list.ref);
  c.changed(i, EVENT.list, end === 'left' ? 'lpop' : 'rpop', count);
  if (emptied) c.notify(i, EVENT.generic, 'del');
}

/**
 * Pops from the key in argument i, which holds a list, and replies with the key and the element, or with up to
 * `count` elements. It is propagated as LPOP or RPOP.
 */
export function popWithKey(c: Context, i: number, end: End, count?: number): void {
  const { request, reply, db } = c;
  const { buffer, starts, ends } = request;
  list.open(db, writeTyped(c, i, LIST));
  const command = end === 'left' ? 'LPOP' : 'RPOP';
  reply.array(2);
  reply.bulk(buffer, starts[i], ends[i]);
  if (count === undefined) {
    popOne(c, i, end);
    c.propagate(command, request.bytes(i));
  } else {
    const taken = Math.min(count, list.size);
    popMany(c, i, end, taken);
    c.propagate(command, request.bytes(i), String(taken));
  }
}

/** Moves an element from the list in argument 1, which is there, to the one in argument 2, and replies with it. */
export function moveElement(c: Context, from: End, to: End): void {
  const { request, db, reply } = c;
  const { buffer, starts, ends } = request;
  list.open(db, writeTyped(c, 1, LIST));
  const ref = writeTyped(c, 2, LIST);
  list.seek(from === 'left' ? 0 : list.size - 1);
  const element = list.read();
  reply.bulk(element.bytes, element.start, element.end);
  if (ref === list.ref) {
    const bytes = slice(element.bytes, element.start, element.end);
    list.remove(false);
    list.push(to === 'left', bytes, 0, bytes.length);
  } else {
    if (ref === 0) target.create(db, buffer, starts[2], ends[2]);
    else target.open(db, ref);
    target.push(to === 'left', element.bytes, element.start, element.end);
    list.remove(false);
  }
  c.changed(2, EVENT.list, to === 'left' ? 'lpush' : 'rpush');
  popped(c, 1, from, 0);
}

/** What LMPOP and BLMPOP are given from argument `at` on: `numkeys key [key …] LEFT|RIGHT [COUNT count]`. */
export interface MultiplePop {
  /** The arguments that are keys. */
  readonly firstKey: number;
  readonly lastKey: number;
  readonly end: End;
  readonly count: number;
}

export function multiplePopArguments(c: Context, at: number): MultiplePop {
  const { request } = c;
  const keys = rangeArgument(c, at, 1, 2 ** 63, 'ERR numkeys should be greater than 0');
  const firstKey = at + 1;
  const lastKey = at + keys;
  if (lastKey + 1 >= request.argc) throw new CommandError(SYNTAX_ERROR);
  const end = endArgument(c, lastKey + 1);
  let count = 0;
  for (let i = lastKey + 2; i < request.argc; i++) {
    if (count !== 0 || !request.is(i, 'COUNT') || i + 1 >= request.argc) throw new CommandError(SYNTAX_ERROR);
    count = rangeArgument(c, ++i, 1, 2 ** 63, 'ERR count should be greater than 0');
  }
  return { firstKey, lastKey, end, count: count || 1 };
}
