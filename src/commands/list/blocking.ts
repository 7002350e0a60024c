/**
 * Commands that wait for a list: what LPOP, LMPOP and LMOVE do, as soon as there is something to do it with. They are
 * propagated as those. See `Context.block` for how a command waits.
 */
import { LIST } from '../../keyspace/record.js';
import * as arg from '../arguments.js';
import { serveOrWait } from '../blocking-keys.js';
import type { CommandDefinition } from '../command.js';
import type { Context } from '../context.js';
import { secondsArgument } from '../input.js';
import { keyAt, keyCount, keyRange } from '../key-specs.js';
import { writeTyped } from '../lookup.js';
import { type End, endArgument, endChoice, moveElement, multiplePopArguments, popWithKey } from './ends.js';

const TIMEOUT_HISTORY = [['6.0.0', '`timeout` is interpreted as a double instead of an integer.']] as const;

/** BLPOP and BRPOP. */
function popCommand(name: string, summary: string, end: End): CommandDefinition {
  return {
    name,
    summary,
    since: '2.0.0',
    group: 'list',
    complexity: 'O(N) where N is the number of provided keys.',
    arity: -3,
    flags: ['write', 'noscript', 'blocking'],
    acl: ['list'],
    keys: [keyRange(1, -2, 1, 'RW', 'access', 'delete')],
    args: [arg.key('key', 0, { multiple: true }), arg.double('timeout')],
    reply: '[key: Bulk, element: Bulk] | null',
    history: TIMEOUT_HISTORY,
    run(c) {
      const last = c.request.argc - 1;
      serveOrWait(c, 1, last - 1, LIST, secondsArgument(c, last), (c, i) => popWithKey(c, i, end));
    },
  };
}

export const blocking: readonly CommandDefinition[] = [
  popCommand('blpop', 'Takes the first element out of the first list that has one; waits for it.', 'left'),
  popCommand('brpop', 'Takes the last element out of the first list that has one; waits for it.', 'right'),
  {
    name: 'blmpop',
    summary: 'Takes elements out of the first of several lists that has any; waits for them.',
    since: '7.0.0',
    group: 'list',
    complexity: 'O(N+M) where N is the number of provided keys and M is the number of elements returned.',
    arity: -5,
    flags: ['write', 'blocking'],
    acl: ['list'],
    keys: [keyCount(2, 'RW', 'access', 'delete')],
    args: [
      arg.double('timeout'),
      arg.integer('numkeys'),
      arg.key('key', 0, { multiple: true }),
      endChoice('where'),
      arg.integer('count', { token: 'COUNT', optional: true }),
    ],
    reply: '[key: Bulk, elements: Bulk[]] | null',
    run(c) {
      const { firstKey, lastKey, end, count } = multiplePopArguments(c, 2);
      serveOrWait(c, firstKey, lastKey, LIST, secondsArgument(c, 1), (c, i) => popWithKey(c, i, end, count));
    },
  },
  {
    name: 'blmove',
    summary:
      'Takes an element from one end of a list, puts it at one end of another and answers it; waits for it.',
    since: '6.2.0',
    group: 'list',
    complexity: 'O(1)',
    arity: 6,
    flags: ['write', 'denyoom', 'noscript', 'blocking'],
    acl: ['list'],
    keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'RW', 'insert')],
    args: [
      arg.key('source', 0),
      arg.key('destination', 1),
      endChoice('wherefrom'),
      endChoice('whereto'),
      arg.double('timeout'),
    ],
    reply: 'Bulk | null',
    run(c) {
      const from = endArgument(c, 3);
      const to = endArgument(c, 4);
      moveOrWait(c, secondsArgument(c, 5), (c) => {
        moveElement(c, from, to);
        c.propagate('LMOVE', c.request.bytes(1), c.request.bytes(2), from, to);
      });
    },
  },
  {
    name: 'brpoplpush',
    summary:
      'Takes the last element of a list, puts it before the first of another and answers it; waits for it.',
    since: '2.2.0',
    group: 'list',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom', 'noscript', 'blocking'],
    acl: ['list'],
    keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'RW', 'insert')],
    args: [arg.key('source', 0), arg.key('destination', 1), arg.double('timeout')],
    reply: 'Bulk | null',
    history: TIMEOUT_HISTORY,
    deprecated: { since: '6.2.0', replacedBy: '`BLMOVE` with the `RIGHT` and `LEFT` arguments' },
    run(c) {
      moveOrWait(c, secondsArgument(c, 3), (c) => {
        moveElement(c, 'right', 'left');
        c.propagate('RPOPLPUSH', c.request.bytes(1), c.request.bytes(2));
      });
    },
  },
];

/** Calls `move` as soon as the list in argument 1 is there. */
function moveOrWait(c: Context, timeout: number, move: (c: Context) => void): void {
  if (writeTyped(c, 1, LIST) === 0 && !c.mayBlock) c.reply.nil();
  else serveOrWait(c, 1, 1, LIST, timeout, move);
}
