/** COMMAND: the table, answering for itself. */

import { fromLatin1 } from '../../protocol/bytes.js';
import { CommandError } from '../../protocol/command-error.js';
import { globMatch } from '../../protocol/glob.js';
import { type Request, subrequest } from '../../protocol/request.js';
import * as arg from '../arguments.js';
import type { AclCategory, Command, CommandDefinition } from '../command.js';
import type { Context } from '../context.js';
import { writeDocs, writeInfo, writeStatuses } from '../describe.js';
import { SYNTAX_ERROR } from '../errors.js';
import { helpSubcommand } from '../help.js';
import type { KeyFlag } from '../key-specs.js';

export const introspection: readonly CommandDefinition[] = [
  {
    name: 'command',
    summary: 'Describes all commands.',
    since: '2.8.13',
    group: 'server',
    complexity: 'O(N) where N is the total number of Redis commands',
    arity: -1,
    flags: ['loading', 'stale', 'sentinel'],
    acl: ['connection'],
    reply: 'unknown[]',
    tips: ['nondeterministic_output_order'],
    run: infoOfAll,
    subcommands: [
      {
        name: 'count',
        summary: 'Counts the commands.',
        since: '2.8.13',
        group: 'server',
        complexity: 'O(1)',
        arity: 2,
        flags: ['loading', 'stale', 'sentinel'],
        acl: ['connection'],
        reply: 'number',
        run({ server, reply }) {
          reply.integer(server.commands.commands.size);
        },
      },
      {
        name: 'docs',
        summary: 'Answers what commands do and how they are called.',
        since: '7.0.0',
        group: 'server',
        complexity: 'O(N) where N is the number of commands to look up',
        arity: -2,
        flags: ['loading', 'stale', 'sentinel'],
        acl: ['connection'],
        args: [arg.string('command-name', { optional: true, multiple: true })],
        reply: 'Record<string, unknown>',
        tips: ['nondeterministic_output_order'],
        run({ request, server, reply }) {
          const all = server.commands.commands.values();
          const wanted =
            request.argc === 2 ? [...all] : namedCommands(request, server.commands).filter(isKnown);
          reply.map(wanted.length);
          for (const command of wanted) {
            reply.text(command.fullName);
            writeDocs(reply, command);
          }
        },
      },
      {
        name: 'getkeys',
        summary: 'Finds the keys of a whole command.',
        since: '2.8.13',
        group: 'server',
        complexity: 'O(N) where N is the number of arguments to the command',
        arity: -4,
        flags: ['loading', 'stale', 'sentinel'],
        acl: ['connection'],
        reply: 'Bulk[]',
        run(c) {
          const { request, keys } = keysOf(c);
          c.reply.array(keys.length);
          for (const { argument } of keys) {
            c.reply.bulk(request.buffer, request.starts[argument], request.ends[argument]);
          }
        },
      },
      {
        name: 'getkeysandflags',
        summary: 'Finds the keys of a whole command, and what it does to each.',
        since: '7.0.0',
        group: 'server',
        complexity: 'O(N) where N is the number of arguments to the command',
        arity: -4,
        flags: ['loading', 'stale', 'sentinel'],
        acl: ['connection'],
        reply: '[key: Bulk, flags: string[]][]',
        run(c) {
          const { request, keys } = keysOf(c);
          c.reply.array(keys.length);
          for (const { argument, flags } of keys) {
            c.reply.array(2);
            c.reply.bulk(request.buffer, request.starts[argument], request.ends[argument]);
            writeStatuses(c.reply, flags);
          }
        },
      },
      {
        name: 'info',
        summary: 'Describes commands as servers and clients need it.',
        since: '2.8.13',
        group: 'server',
        complexity: 'O(N) where N is the number of commands to look up',
        arity: -2,
        flags: ['loading', 'stale', 'sentinel'],
        acl: ['connection'],
        args: [arg.string('command-name', { optional: true, multiple: true })],
        reply: 'unknown[]',
        tips: ['nondeterministic_output_order'],
        history: [['7.0.0', 'Allowed to be called with no argument to get info on all commands.']],
        run(c) {
          const { request, server, reply } = c;
          if (request.argc === 2) {
            infoOfAll(c);
            return;
          }
          reply.array(request.argc - 2);
          for (const command of namedCommands(request, server.commands)) {
            if (command === undefined) reply.nil();
            else writeInfo(reply, command);
          }
        },
      },
      {
        name: 'list',
        summary: 'Answers the names of all commands, or of some.',
        since: '7.0.0',
        group: 'server',
        complexity: 'O(N) where N is the total number of Redis commands',
        arity: -2,
        flags: ['loading', 'stale', 'sentinel'],
        acl: ['connection'],
        args: [
          arg.oneOf(
            'filterby',
            [
              arg.string('module-name', { token: 'MODULE' }),
              arg.string('category', { token: 'ACLCAT' }),
              arg.pattern('pattern', { token: 'PATTERN' }),
            ],
            { token: 'FILTERBY', optional: true },
          ),
        ],
        reply: 'string[]',
        tips: ['nondeterministic_output_order'],
        run(c) {
          const wanted = listFilter(c.request);
          c.reply.texts(c.server.commands.all.filter(wanted).map((command) => command.fullName));
        },
      },
      helpSubcommand('server', '5.0.0', { flags: ['loading', 'stale', 'sentinel'], acl: ['connection'] }),
    ],
  },
];

function infoOfAll({ server, reply }: Context): void {
  const { commands } = server.commands;
  reply.array(commands.size);
  for (const command of commands.values()) writeInfo(reply, command);
}

/** The commands named from argument 2 on; undefined for names that there aren't. */
function namedCommands(request: Request, table: Context['server']['commands']): (Command | undefined)[] {
  const found: (Command | undefined)[] = [];
  for (let i = 2; i < request.argc; i++) found.push(table.byName(request.latin1(i)));
  return found;
}

function isKnown(command: Command | undefined): command is Command {
  return command !== undefined;
}

/** FILTERBY MODULE name | ACLCAT category | PATTERN pattern. */
function listFilter(request: Request): (command: Command) => boolean {
  if (request.argc === 2) return () => true;
  if (request.argc !== 5 || !request.is(2, 'FILTERBY')) throw new CommandError(SYNTAX_ERROR);
  const text = request.latin1(4);
  if (request.is(3, 'MODULE')) return () => false;
  if (request.is(3, 'ACLCAT')) {
    const category = text.toLowerCase() as AclCategory;
    return (command) => command.categories.includes(category);
  }
  if (!request.is(3, 'PATTERN')) throw new CommandError(SYNTAX_ERROR);
  const pattern = fromLatin1(text);
  return ({ fullName }) =>
    globMatch(pattern, 0, pattern.length, fromLatin1(fullName), 0, fullName.length, true);
}

interface FoundKeys {
  /** The command asked about, as a request of its own. */
  readonly request: Request;
  readonly keys: readonly { argument: number; flags: readonly KeyFlag[] }[];
}

/** The keys of the command in arguments 2 and following. */
function keysOf({ request: outer, server }: Context): FoundKeys {
  const request = subrequest(outer, 2);
  const command = server.commands.resolve(request);
  if (command === undefined) throw new CommandError('ERR Invalid command specified');
  if (!command.hasKeys) throw new CommandError('ERR The command has no key arguments');
  if (!command.accepts(request.argc)) {
    throw new CommandError('ERR Invalid number of arguments specified for command');
  }
  const keys: { argument: number; flags: readonly KeyFlag[] }[] = [];
  command.findKeys(request, (argument, flags) => keys.push({ argument, flags }));
  if (keys.length === 0 && !command.definition.flags?.includes('no_mandatory_keys')) {
    throw new CommandError('ERR Invalid arguments specified for command');
  }
  return { request, keys };
}
