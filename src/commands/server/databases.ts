/** Whole databases: counting, emptying, swapping. */
import type { Database } from '../../keyspace/database.js';
import { CommandError } from '../../protocol/command-error.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import type { Context } from '../context.js';
import { SYNTAX_ERROR } from '../errors.js';
import { databaseArgument, int32Argument } from '../input.js';

/** ASYNC or SYNC, for FLUSHDB and FLUSHALL. */
const FLUSH_ARGUMENTS = [
  arg.oneOf('async', [arg.word('ASYNC', { since: '4.0.0' }), arg.word('SYNC', { since: '6.2.0' })], {
    optional: true,
  }),
];

export const databases: readonly CommandDefinition[] = [
  {
    name: 'dbsize',
    summary: 'Answers the number of keys in the database.',
    since: '1.0.0',
    group: 'server',
    complexity: 'O(1)',
    arity: 1,
    flags: ['readonly', 'fast'],
    acl: ['keyspace'],
    reply: 'number',
    tips: ['request_policy:all_shards', 'response_policy:agg_sum'],
    run({ db, reply }) {
      reply.integer(db.size);
    },
  },
  {
    name: 'flushdb',
    summary: 'Removes all keys of the database.',
    since: '1.0.0',
    group: 'server',
    complexity: 'O(N) where N is the number of keys in the selected database',
    arity: -1,
    flags: ['write'],
    acl: ['keyspace', 'dangerous'],
    args: FLUSH_ARGUMENTS,
    reply: "'OK'",
    tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
    history: [
      ['4.0.0', 'Added the `ASYNC` flushing mode modifier.'],
      ['6.2.0', 'Added the `SYNC` flushing mode modifier.'],
    ],
    run(c) {
      c.touched(empty(c, [c.db], lazily(c)));
    },
  },
  {
    name: 'flushall',
    summary: 'Removes all keys of all databases.',
    since: '1.0.0',
    group: 'server',
    complexity: 'O(N) where N is the total number of keys in all databases',
    arity: -1,
    flags: ['write'],
    acl: ['keyspace', 'dangerous'],
    args: FLUSH_ARGUMENTS,
    reply: "'OK'",
    tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
    history: [
      ['4.0.0', 'Added the `ASYNC` flushing mode modifier.'],
      ['6.2.0', 'Added the `SYNC` flushing mode modifier.'],
    ],
    run(c) {
      const lazy = lazily(c);
      let removed = 0;
      const saved = c.server.persistence.flushAll(() => {
        removed = empty(c, c.keyspace.databases, lazy);
      });
      if (!saved) c.touched(removed);
    },
  },
  {
    name: 'swapdb',
    summary: 'Swaps two databases: every connection to the one sees the keys of the other.',
    since: '4.0.0',
    group: 'server',
    complexity: 'O(N) where N is the count of clients watching or blocking on keys from both databases.',
    arity: 3,
    flags: ['write', 'fast'],
    acl: ['keyspace', 'dangerous'],
    args: [arg.integer('index1'), arg.integer('index2')],
    reply: "'OK'",
    run(c) {
      const { keyspace, reply } = c;
      if (c.server.cluster !== null) throw new CommandError('ERR SWAPDB is not allowed in cluster mode');
      const numbers = [
        int32Argument(c, 1, 'ERR invalid first DB index'),
        int32Argument(c, 2, 'ERR invalid second DB index'),
      ];
      const [first, second] = numbers.map((_, i) => keyspace.databases[databaseArgument(c, i + 1)]);
      c.replacing(first, second);
      c.replacing(second, first);
      keyspace.swap(first, second);
      c.touched();
      reply.ok();
    },
  },
];

/** FLUSHDB and FLUSHALL take ASYNC or SYNC: answers whether the memory is to be given back bit by bit. */
function lazily({ request, server }: Context): boolean {
  if (request.argc === 1) return server.config.text('lazyfree-lazy-user-flush') === 'yes';
  const lazy = request.is(1, 'ASYNC');
  if (request.argc > 2 || !(lazy || request.is(1, 'SYNC'))) throw new CommandError(SYNTAX_ERROR);
  return lazy;
}

/** Empties databases; propagated even when there is nothing to remove. Answers how many keys were removed. */
function empty(c: Context, emptied: readonly Database[], lazy: boolean): number {
  let removed = 0;
  for (const db of emptied) {
    removed += db.size;
    c.replacing(db);
    db.clear(lazy);
  }
  c.propagateAnyway();
  c.reply.ok();
  return removed;
}
