/** MODULE. A module of Redis is machine code for redis-server's process, so none can be loaded: the list is empty. */
import { CommandError } from '../../protocol/command-error.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import type { Context } from '../context.js';
import { helpSubcommand } from '../help.js';
import { requirePermission } from './permission.js';

export const modules: readonly CommandDefinition[] = [
  {
    name: 'module',
    summary: 'A container for commands about modules.',
    since: '4.0.0',
    group: 'server',
    complexity: 'Depends on subcommand.',
    arity: -2,
    subcommands: [
      {
        name: 'load',
        summary: 'Refuses: modules are machine code for redis-server.',
        since: '4.0.0',
        group: 'server',
        complexity: 'O(1)',
        arity: -3,
        flags: ['admin', 'noscript', 'no_async_loading', 'protected'],
        args: [arg.string('path'), arg.string('arg', { optional: true, multiple: true })],
        reply: "'OK'",
        run: refuseToLoad,
      },
      {
        name: 'loadex',
        summary: 'Refuses: modules are machine code for redis-server.',
        since: '7.0.0',
        group: 'server',
        complexity: 'O(1)',
        arity: -3,
        flags: ['admin', 'noscript', 'no_async_loading', 'protected'],
        args: [
          arg.string('path'),
          arg.block('configs', [arg.string('name'), arg.string('value')], {
            token: 'CONFIG',
            optional: true,
            multiple: true,
            multipleToken: true,
          }),
          arg.block('args', [arg.string('arg')], { token: 'ARGS', optional: true, multiple: true }),
        ],
        reply: "'OK'",
        run: refuseToLoad,
      },
      {
        name: 'unload',
        summary: 'Refuses: no module is loaded.',
        since: '4.0.0',
        group: 'server',
        complexity: 'O(1)',
        arity: 3,
        flags: ['admin', 'noscript', 'no_async_loading', 'protected'],
        args: [arg.string('name')],
        reply: "'OK'",
        run(c) {
          requirePermission(c, 'MODULE');
          throw new CommandError('ERR Error unloading module: no such module with that name');
        },
      },
      {
        name: 'list',
        summary: 'Lists the loaded modules: none.',
        since: '4.0.0',
        group: 'server',
        complexity: 'O(N) where N is the number of loaded modules.',
        arity: 2,
        flags: ['admin', 'noscript'],
        tips: ['nondeterministic_output_order'],
        reply: 'never[]',
        run({ reply }) {
          reply.array(0);
        },
      },
      helpSubcommand('server', '5.0.0'),
    ],
  },
];

function refuseToLoad(c: Context): never {
  requirePermission(c, 'MODULE');
  throw new CommandError(
    `ERR Error loading the extension: Hexis can't run modules, which are machine code for redis-server`,
  );
}
