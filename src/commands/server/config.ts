/** CONFIG: the node's directives. */
import { CommandError } from '../../protocol/command-error.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import { SYNTAX_ERROR } from '../errors.js';
import { helpSubcommand } from '../help.js';

export const config: readonly CommandDefinition[] = [
  {
    name: 'config',
    summary: 'A container for commands about the configuration.',
    since: '2.0.0',
    group: 'server',
    complexity: 'Depends on subcommand.',
    arity: -2,
    subcommands: [
      {
        name: 'get',
        summary: 'Answers the values of the directives whose names match.',
        since: '2.0.0',
        group: 'server',
        complexity: 'O(N) when N is the number of configuration parameters provided',
        arity: -3,
        flags: ['admin', 'noscript', 'loading', 'stale'],
        args: [arg.block('parameter', [arg.string('parameter')], { multiple: true })],
        reply: 'Record<string, string>',
        history: [['7.0.0', 'Added the ability to pass multiple pattern parameters in one call']],
        run({ request, server, reply }) {
          const patterns: string[] = [];
          for (let i = 2; i < request.argc; i++) patterns.push(request.latin1(i));
          const found = server.config.get(patterns);
          reply.map(found.length);
          for (const [name, value] of found) {
            reply.latin1(name);
            reply.latin1(value);
          }
        },
      },
      {
        name: 'set',
        summary: 'Sets directives, all or none.',
        since: '2.0.0',
        group: 'server',
        complexity: 'O(N) when N is the number of configuration parameters provided',
        arity: -4,
        flags: ['admin', 'noscript', 'loading', 'stale'],
        args: [
          arg.block('parameter_value', [arg.string('parameter'), arg.string('value')], { multiple: true }),
        ],
        reply: "'OK'",
        tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
        history: [['7.0.0', 'Added the ability to set multiple parameters in one call.']],
        run({ request, session, server, reply }) {
          if (request.argc % 2 === 1) throw new CommandError(SYNTAX_ERROR);
          const pairs: [string, string][] = [];
          for (let i = 2; i < request.argc; i += 2) pairs.push([request.latin1(i), request.latin1(i + 1)]);
          const complaint = server.config.set(pairs, session);
          if (complaint !== undefined) throw new CommandError(complaint);
          reply.ok();
        },
      },
      {
        name: 'resetstat',
        summary: 'Sets the statistics back to zero.',
        since: '2.0.0',
        group: 'server',
        complexity: 'O(1)',
        arity: 2,
        flags: ['admin', 'noscript', 'loading', 'stale'],
        reply: "'OK'",
        run({ server, reply }) {
          server.resetStatistics();
          reply.ok();
        },
      },
      {
        name: 'rewrite',
        summary: 'Writes the configuration back to its file.',
        since: '2.8.0',
        group: 'server',
        complexity: 'O(1)',
        arity: 2,
        flags: ['admin', 'noscript', 'loading', 'stale'],
        reply: "'OK'",
        run({ server, reply }) {
          const complaint = server.config.rewrite();
          if (complaint !== undefined) throw new CommandError(complaint);
          reply.ok();
        },
      },
      helpSubcommand('server', '5.0.0'),
    ],
  },
];
