/** CLIENT: connections seen from a connection. */
import { CommandError } from '../../protocol/command-error.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import type { Context } from '../context.js';
import { SYNTAX_ERROR, subcommandSyntax } from '../errors.js';
import type { ClientView } from '../facilities/facilities.js';
import { helpSubcommand } from '../help.js';
import { integerArgument, rangeArgument, timeoutArgument } from '../input.js';
import { clientTracking } from './client-tracking.js';

export const client: readonly CommandDefinition[] = [
  {
    name: 'client',
    summary: 'A container for commands about connections.',
    since: '2.4.0',
    group: 'connection',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: ['sentinel'],
    subcommands: [
      {
        name: 'getname',
        summary: "Answers the connection's name.",
        since: '2.6.9',
        group: 'connection',
        complexity: 'O(1)',
        arity: 2,
        flags: ['noscript', 'loading', 'stale', 'sentinel'],
        acl: ['connection'],
        reply: 'Bulk | null',
        run({ session, reply }) {
          if (session.name === '') reply.nil();
          else reply.latin1(session.name);
        },
      },
      {
        name: 'getredir',
        summary: 'Answers the connection to which invalidation messages go; -1: tracking is off.',
        since: '6.0.0',
        group: 'connection',
        complexity: 'O(1)',
        arity: 2,
        flags: ['noscript', 'loading', 'stale', 'sentinel'],
        acl: ['connection'],
        reply: 'number',
        run({ reply, server }) {
          reply.integer(server.tracking.state()?.redirect ?? -1);
        },
      },
      {
        name: 'id',
        summary: "Answers the connection's number.",
        since: '5.0.0',
        group: 'connection',
        complexity: 'O(1)',
        arity: 2,
        flags: ['noscript', 'loading', 'stale', 'sentinel'],
        acl: ['connection'],
        reply: 'number',
        run({ session, reply }) {
          reply.integer(session.id);
        },
      },
      {
        name: 'info',
        summary: 'Describes the connection in one line.',
        since: '6.2.0',
        group: 'connection',
        complexity: 'O(1)',
        arity: 2,
        flags: ['noscript', 'loading', 'stale', 'sentinel'],
        acl: ['connection'],
        reply: 'string',
        tips: ['nondeterministic_output'],
        run({ session, server, reply }) {
          reply.verbatim('txt', `${server.clients.describe(session)}\n`);
        },
      },
      {
        name: 'kill',
        summary: 'Closes connections.',
        since: '2.4.0',
        group: 'connection',
        complexity: 'O(N) where N is the number of client connections',
        arity: -3,
        flags: ['admin', 'noscript', 'loading', 'stale', 'sentinel'],
        acl: ['connection'],
        args: [
          arg.oneOf('filter', [
            arg.string('ip:port', { deprecatedSince: '2.8.12' }),
            arg.oneOf(
              'new-format',
              [
                arg.integer('client-id', { token: 'ID', optional: true, since: '2.8.12' }),
                arg.oneOf(
                  'normal_master_slave_pubsub',
                  [
                    arg.word('NORMAL'),
                    arg.word('MASTER', { since: '3.2.0' }),
                    arg.word('SLAVE'),
                    arg.word('REPLICA', { since: '5.0.0' }),
                    arg.word('PUBSUB'),
                  ],
                  { token: 'TYPE', optional: true, since: '2.8.12' },
                ),
                arg.string('username', { token: 'USER', optional: true }),
                arg.string('ip:port', { token: 'ADDR', optional: true }),
                arg.string('ip:port', { token: 'LADDR', optional: true, since: '6.2.0' }),
                arg.string('yes/no', { token: 'SKIPME', optional: true }),
              ],
              { multiple: true },
            ),
          ]),
        ],
        reply: "'OK' | number",
        history: [
          ['2.8.12', 'Added new filter format.'],
          ['2.8.12', '`ID` option.'],
          ['3.2.0', 'Added `master` type in for `TYPE` option.'],
          [
            '5.0.0',
            'Replaced `slave` `TYPE` with `replica`. `slave` still supported for backward compatibility.',
          ],
          ['6.2.0', '`LADDR` option.'],
        ],
        run: kill,
      },
      {
        name: 'list',
        summary: 'Describes all connections, or some, one a line.',
        since: '2.4.0',
        group: 'connection',
        complexity: 'O(N) where N is the number of client connections',
        arity: -2,
        flags: ['admin', 'noscript', 'loading', 'stale', 'sentinel'],
        acl: ['connection'],
        args: [
          arg.oneOf(
            'normal_master_replica_pubsub',
            [arg.word('NORMAL'), arg.word('MASTER'), arg.word('REPLICA'), arg.word('PUBSUB')],
            { token: 'TYPE', optional: true, since: '5.0.0' },
          ),
          arg.block('id', [arg.integer('client-id', { multiple: true })], {
            token: 'ID',
            optional: true,
            since: '6.2.0',
          }),
        ],
        reply: 'string',
        tips: ['nondeterministic_output'],
        history: [
          ['2.8.12', 'Added unique client `id` field.'],
          ['5.0.0', 'Added optional `TYPE` filter.'],
          ['6.0.0', 'Added `user` field.'],
          ['6.2.0', 'Added `argv-mem`, `tot-mem`, `laddr` and `redir` fields and the optional `ID` filter.'],
          ['7.0.0', 'Added `resp`, `multi-mem`, `rbs` and `rbp` fields.'],
          ['7.0.3', 'Added `ssub` field.'],
        ],
        run: list,
      },
      {
        name: 'no-evict',
        summary: 'Keeps the connection from being closed for the memory it uses.',
        since: '7.0.0',
        group: 'connection',
        complexity: 'O(1)',
        arity: 3,
        flags: ['admin', 'noscript', 'loading', 'stale', 'sentinel'],
        acl: ['connection'],
        args: [arg.oneOf('enabled', [arg.word('ON'), arg.word('OFF')])],
        reply: "'OK'",
        run(c) {
          const on = c.request.is(2, 'ON');
          if (!on && !c.request.is(2, 'OFF')) throw new CommandError(SYNTAX_ERROR);
          c.session.noEvict = on;
          c.reply.ok();
        },
      },
      {
        name: 'pause',
        summary: 'Makes all connections wait, or only those that write.',
        since: '2.9.50',
        group: 'connection',
        complexity: 'O(1)',
        arity: -3,
        flags: ['admin', 'noscript', 'loading', 'stale', 'sentinel'],
        acl: ['connection'],
        args: [
          arg.integer('timeout'),
          arg.oneOf('mode', [arg.word('WRITE'), arg.word('ALL')], { optional: true, since: '6.2.0' }),
        ],
        reply: "'OK'",
        history: [['6.2.0', '`CLIENT PAUSE WRITE` mode added along with the `mode` option.']],
        run(c) {
          const { request, reply } = c;
          const writesOnly = request.argc === 4 && request.is(3, 'WRITE');
          if (request.argc > 4) throw new CommandError(subcommandSyntax(request.latin1(1), 'CLIENT'));
          if (request.argc === 4 && !writesOnly && !request.is(3, 'ALL')) {
            throw new CommandError('ERR CLIENT PAUSE mode must be WRITE or ALL');
          }
          c.server.clients.pause(timeoutArgument(c, 2), writesOnly);
          reply.ok();
        },
      },
      {
        name: 'reply',
        summary: 'Says whether the connection wants replies.',
        since: '3.2.0',
        group: 'connection',
        complexity: 'O(1)',
        arity: 3,
        flags: ['noscript', 'loading', 'stale', 'sentinel'],
        acl: ['connection'],
        args: [arg.oneOf('on_off_skip', [arg.word('ON'), arg.word('OFF'), arg.word('SKIP')])],
        reply: "'OK'",
        run({ request, session, reply }) {
          if (request.is(2, 'ON')) {
            session.replyMode = 'on';
            reply.ok();
          } else if (request.is(2, 'OFF')) session.replyMode = 'off';
          else if (request.is(2, 'SKIP')) {
            if (session.replyMode !== 'off') session.replyMode = 'skip-next';
          } else throw new CommandError(SYNTAX_ERROR);
        },
      },
      {
        name: 'setname',
        summary: 'Names the connection.',
        since: '2.6.9',
        group: 'connection',
        complexity: 'O(1)',
        arity: 3,
        flags: ['noscript', 'loading', 'stale', 'sentinel'],
        acl: ['connection'],
        args: [arg.string('connection-name')],
        reply: "'OK'",
        run(c) {
          setName(c, 2);
          c.reply.ok();
        },
      },
      ...clientTracking,
      {
        name: 'unblock',
        summary: 'Ends the wait of a connection that a command blocks.',
        since: '5.0.0',
        group: 'connection',
        complexity: 'O(log N) where N is the number of client connections',
        arity: -3,
        flags: ['admin', 'noscript', 'loading', 'stale', 'sentinel'],
        acl: ['connection'],
        args: [
          arg.integer('client-id'),
          arg.oneOf('timeout_error', [arg.word('TIMEOUT'), arg.word('ERROR')], { optional: true }),
        ],
        reply: '0 | 1',
        run(c) {
          const { request, reply, server } = c;
          const withError = request.argc === 4 && request.is(3, 'ERROR');
          if (request.argc > 4) throw new CommandError(subcommandSyntax(request.latin1(1), 'CLIENT'));
          if (request.argc === 4 && !withError && !request.is(3, 'TIMEOUT')) {
            throw new CommandError('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR');
          }
          reply.integer(server.clients.unblock(integerArgument(c, 2), withError) ? 1 : 0);
        },
      },
      {
        name: 'unpause',
        summary: 'Ends a CLIENT PAUSE.',
        since: '6.2.0',
        group: 'connection',
        complexity: 'O(N) Where N is the number of paused clients',
        arity: 2,
        flags: ['admin', 'noscript', 'loading', 'stale', 'sentinel'],
        acl: ['connection'],
        reply: "'OK'",
        run({ server, reply }) {
          server.clients.unpause();
          reply.ok();
        },
      },
      helpSubcommand('connection', '5.0.0', { flags: ['loading', 'stale', 'sentinel'], acl: ['connection'] }),
    ],
  },
];

/** Makes argument i, which may have printable ASCII characters only, the session's name. */
export function setName({ request, session }: Context, i: number): void {
  const name = request.latin1(i);
  if (!/^[!-~]*$/.test(name)) {
    throw new CommandError('ERR Client names cannot contain spaces, newlines or special characters.');
  }
  session.name = name;
}

function kindArgument({ request }: Context, i: number): ClientView['kind'] {
  for (const kind of ['normal', 'replica', 'pubsub', 'master'] as const) {
    if (request.is(i, kind.toUpperCase())) return kind;
  }
  if (request.is(i, 'SLAVE')) return 'replica';
  throw new CommandError(`ERR Unknown client type '${request.latin1(i)}'`);
}

/** CLIENT LIST [TYPE kind | ID id …]. */
function list(c: Context): void {
  const { request, reply, server } = c;
  const { clients } = server;
  if (request.argc === 2) reply.verbatim('txt', clients.list());
  else if (request.argc === 4 && request.is(2, 'TYPE')) {
    const kind = kindArgument(c, 3);
    reply.verbatim(
      'txt',
      clients.list((client) => client.kind === kind),
    );
  } else if (request.argc > 3 && request.is(2, 'ID')) {
    const lines: string[] = [];
    for (let i = 3; i < request.argc; i++) {
      const id = integerArgument(c, i, 'ERR Invalid client ID');
      lines.push(clients.list((client) => client.id === id));
    }
    reply.verbatim('txt', lines.join(''));
  } else throw new CommandError(SYNTAX_ERROR);
}

/** CLIENT KILL address, or CLIENT KILL filter value [filter value …]. */
function kill(c: Context): void {
  const { request, reply, server } = c;
  if (request.argc === 3) {
    const address = request.latin1(2);
    const killed = server.clients.kill((client) => client.address === address, c.session);
    if (killed === 0) throw new CommandError('ERR No such client');
    reply.ok();
    return;
  }
  const filters: ((client: ClientView) => boolean)[] = [];
  let skipCaller = true;
  for (let i = 2; i < request.argc; i += 2) {
    const value = i + 1;
    if (value === request.argc) throw new CommandError(SYNTAX_ERROR);
    const text = request.latin1(value);
    if (request.is(i, 'ID')) {
      const complaint = 'ERR client-id should be greater than 0';
      const id = rangeArgument(c, value, 1, Number.POSITIVE_INFINITY, complaint);
      filters.push((client) => client.id === id);
    } else if (request.is(i, 'TYPE')) {
      const kind = kindArgument(c, value);
      filters.push((client) => client.kind === kind);
    } else if (request.is(i, 'ADDR')) filters.push((client) => client.address === text);
    else if (request.is(i, 'LADDR')) filters.push((client) => client.localAddress === text);
    else if (request.is(i, 'USER')) {
      if (server.acl.user(text) === undefined) throw new CommandError(`ERR No such user '${text}'`);
      filters.push((client) => client.userName === text);
    } else if (request.is(i, 'SKIPME') && (request.is(value, 'YES') || request.is(value, 'NO'))) {
      skipCaller = request.is(value, 'YES');
    } else throw new CommandError(SYNTAX_ERROR);
  }
  if (skipCaller) filters.push((client) => !client.isCaller);
  reply.integer(server.clients.kill((client) => filters.every((filter) => filter(client)), c.session));
}
