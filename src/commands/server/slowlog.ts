/** SLOWLOG: the commands that took long. */

import { CommandError } from '../../protocol/command-error.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import type { Context } from '../context.js';
import { subcommandSyntax } from '../errors.js';
import { helpSubcommand } from '../help.js';
import { rangeArgument } from '../input.js';

const DEFAULT_COUNT = 10;
const ALL = -1;

export const slowlog: readonly CommandDefinition[] = [
  {
    name: 'slowlog',
    summary: 'A container for commands about the slow log.',
    since: '2.2.12',
    group: 'server',
    complexity: 'Depends on subcommand.',
    arity: -2,
    subcommands: [
      {
        name: 'get',
        summary: 'Lists the latest slow commands.',
        since: '2.2.12',
        group: 'server',
        complexity: 'O(N) where N is the number of entries returned',
        arity: -2,
        flags: ['admin', 'loading', 'stale'],
        args: [arg.integer('count', { optional: true })],
        reply:
          '[id: number, time: number, microseconds: number, words: Bulk[], address: Bulk, client: Bulk][]',
        tips: ['request_policy:all_nodes', 'nondeterministic_output'],
        history: [['4.0.0', 'Added client IP address, port and name to the reply.']],
        run: get,
      },
      {
        name: 'len',
        summary: 'Answers the number of entries.',
        since: '2.2.12',
        group: 'server',
        complexity: 'O(1)',
        arity: 2,
        flags: ['admin', 'loading', 'stale'],
        reply: 'number',
        tips: ['request_policy:all_nodes', 'response_policy:agg_sum', 'nondeterministic_output'],
        run({ reply, server }) {
          reply.integer(server.slowLog.entries.length);
        },
      },
      {
        name: 'reset',
        summary: 'Forgets all entries.',
        since: '2.2.12',
        group: 'server',
        complexity: 'O(N) where N is the number of entries in the slowlog',
        arity: 2,
        flags: ['admin', 'loading', 'stale'],
        reply: "'OK'",
        tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
        run({ reply, server }) {
          server.slowLog.reset();
          reply.ok();
        },
      },
      helpSubcommand('server', '6.2.0'),
    ],
  },
];

/** SLOWLOG GET [count]; -1: all. */
function get(c: Context): void {
  const { request, reply, server } = c;
  if (request.argc > 3) throw new CommandError(subcommandSyntax(request.latin1(1), 'SLOWLOG'));
  const complaint = 'ERR count should be greater than or equal to -1';
  const count =
    request.argc === 2 ? DEFAULT_COUNT : rangeArgument(c, 2, ALL, Number.POSITIVE_INFINITY, complaint);
  const { entries } = server.slowLog;
  const latest = count === ALL ? entries : entries.slice(0, count);
  reply.array(latest.length);
  for (const { id, time, microseconds, words, address, clientName } of latest) {
    reply.array(6);
    reply.integer(id);
    reply.integer(time);
    reply.integer(microseconds);
    reply.array(words.length);
    for (const word of words) reply.latin1(word);
    reply.latin1(address);
    reply.latin1(clientName);
  }
}
