/** The connection itself: greeting, authentication, its database, echo, leaving. */
import { CommandError } from '../../protocol/command-error.js';
import { REDIS_VERSION } from '../../protocol/redis-version.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import type { Context } from '../context.js';
import { SYNTAX_ERROR, WRONG_PASSWORD, wrongArity } from '../errors.js';
import { databaseArgument, int32Argument, integerArgument } from '../input.js';
import { setName } from './client.js';

export const connection: readonly CommandDefinition[] = [
  {
    name: 'ping',
    summary: 'Answers PONG, or the argument.',
    since: '1.0.0',
    group: 'connection',
    complexity: 'O(1)',
    arity: -1,
    flags: ['fast', 'sentinel'],
    acl: ['connection'],
    args: [arg.string('message', { optional: true })],
    reply: "'PONG' | Bulk",
    tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
    run({ request, reply, command, session }) {
      if (request.argc > 2) throw new CommandError(wrongArity(command.fullName));
      if (session.isSubscriber && session.resp === 2) {
        reply.array(2);
        reply.latin1('pong');
        if (request.argc === 1) reply.latin1('');
        else reply.bulk(request.buffer, request.starts[1], request.ends[1]);
      } else if (request.argc === 1) reply.status('PONG');
      else reply.bulk(request.buffer, request.starts[1], request.ends[1]);
    },
  },
  {
    name: 'echo',
    summary: 'Answers the argument.',
    since: '1.0.0',
    group: 'connection',
    complexity: 'O(1)',
    arity: 2,
    flags: ['loading', 'stale', 'fast'],
    acl: ['connection'],
    args: [arg.string('message')],
    reply: 'Bulk',
    run({ request, reply }) {
      reply.bulk(request.buffer, request.starts[1], request.ends[1]);
    },
  },
  {
    name: 'select',
    summary: "Chooses the connection's database.",
    since: '1.0.0',
    group: 'connection',
    complexity: 'O(1)',
    arity: 2,
    flags: ['loading', 'stale', 'fast'],
    acl: ['connection'],
    args: [arg.integer('index')],
    reply: "'OK'",
    run(c) {
      const index = int32Argument(c, 1);
      if (c.server.cluster !== null && index !== 0) {
        throw new CommandError('ERR SELECT is not allowed in cluster mode');
      }
      c.session.database = databaseArgument(c, 1);
      c.reply.ok();
    },
  },
  {
    name: 'quit',
    summary: 'Closes the connection when everything owed has been answered.',
    since: '1.0.0',
    group: 'connection',
    complexity: 'O(1)',
    arity: -1,
    flags: ['allow_busy', 'noscript', 'loading', 'stale', 'fast', 'no_auth'],
    acl: ['connection'],
    reply: "'OK'",
    run({ session, reply }) {
      reply.ok();
      session.closeAfterReply();
    },
  },
  {
    name: 'reset',
    summary: 'Makes the connection as it was when it was new.',
    since: '6.2.0',
    group: 'connection',
    complexity: 'O(1)',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
    acl: ['connection'],
    reply: "'RESET'",
    run({ session, server, reply }) {
      server.transactions.discard();
      server.clients.reset(session);
      reply.resp = session.resp;
      reply.status('RESET');
    },
  },
  {
    name: 'hello',
    summary: 'Chooses the protocol version, and answers what the server is.',
    since: '6.0.0',
    group: 'connection',
    complexity: 'O(1)',
    arity: -1,
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'sentinel', 'allow_busy'],
    acl: ['connection'],
    args: [
      arg.block(
        'arguments',
        [
          arg.integer('protover'),
          arg.block('username_password', [arg.string('username'), arg.string('password')], {
            token: 'AUTH',
            optional: true,
          }),
          arg.string('clientname', { token: 'SETNAME', optional: true }),
        ],
        { optional: true },
      ),
    ],
    reply: 'Record<string, unknown>',
    history: [
      [
        '6.2.0',
        "`protover` made optional; when called without arguments the command reports the current connection's context.",
      ],
    ],
    run: hello,
  },
  {
    name: 'auth',
    summary: 'Authenticates the connection.',
    since: '1.0.0',
    group: 'connection',
    complexity: 'O(N) where N is the number of passwords defined for the user',
    arity: -2,
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'sentinel', 'allow_busy'],
    acl: ['connection'],
    args: [arg.string('username', { optional: true, since: '6.0.0' }), arg.string('password')],
    reply: "'OK'",
    history: [['6.0.0', 'Added ACL style (username and password).']],
    run(c) {
      const { request, reply, server } = c;
      if (request.argc > 3) throw new CommandError(SYNTAX_ERROR);
      if (request.argc === 2 && server.acl.user('default')!.needsNoPassword) {
        throw new CommandError(
          'ERR AUTH <password> called without any password configured for the default user. ' +
            'Are you sure your configuration is correct?',
        );
      }
      authenticate(c, request.argc === 2 ? 'default' : request.latin1(1), request.argc - 1);
      reply.ok();
    },
  },
];

/** Makes the user the session's, if the password in argument i is right. */
function authenticate({ request, server }: Context, user: string, i: number): void {
  if (!server.acl.authenticate(user, request.view(i))) throw new CommandError(WRONG_PASSWORD);
}

/** HELLO [version [AUTH user password] [SETNAME name]]. */
function hello(c: Context): void {
  const { request, reply, session, server } = c;
  let version: number = session.resp;
  if (request.argc > 1) {
    version = integerArgument(c, 1, 'ERR Protocol version is not an integer or out of range');
    if (version !== 2 && version !== 3) throw new CommandError('NOPROTO unsupported protocol version');
  }
  for (let i = 2; i < request.argc; i++) {
    const left = request.argc - 1 - i;
    if (request.is(i, 'AUTH') && left >= 2) {
      authenticate(c, request.latin1(i + 1), i + 2);
      i += 2;
    } else if (request.is(i, 'SETNAME') && left >= 1) {
      setName(c, ++i);
    } else throw new CommandError(`ERR Syntax error in HELLO option '${request.latin1(i)}'`);
  }
  if (!session.authenticated) {
    throw new CommandError(
      'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> ' +
        'option can be used to authenticate the client and select the RESP protocol version at the same time',
    );
  }
  session.resp = version === 3 ? 3 : 2;
  reply.resp = session.resp;
  reply.map(7);
  reply.text('server');
  reply.text('redis');
  reply.text('version');
  reply.text(REDIS_VERSION);
  reply.text('proto');
  reply.integer(session.resp);
  reply.text('id');
  reply.integer(session.id);
  reply.text('mode');
  reply.text(server.cluster === null ? 'standalone' : 'cluster');
  reply.text('role');
  reply.text(server.replication.role().role === 'master' ? 'master' : 'replica');
  reply.text('modules');
  reply.array(0);
}
