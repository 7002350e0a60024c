/** Replication as commands: who follows whom, and how far. */
import { CommandError } from '../../protocol/command-error.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import type { Context } from '../context.js';
import { SYNTAX_ERROR } from '../errors.js';
import type { ReplicationFacility } from '../facilities/facilities.js';
import { integerArgument, rangeArgument, timeoutArgument } from '../input.js';

export const replication: readonly CommandDefinition[] = [
  {
    name: 'wait',
    summary: 'Waits until replicas have what the connection has written.',
    since: '3.0.0',
    group: 'generic',
    complexity: 'O(1)',
    arity: 3,
    flags: ['noscript'],
    acl: ['connection'],
    args: [arg.integer('numreplicas'), arg.integer('timeout')],
    reply: 'number',
    tips: ['request_policy:all_shards', 'response_policy:agg_min'],
    run(c) {
      c.server.replication.wait(integerArgument(c, 1), timeoutArgument(c, 2));
    },
  },
  {
    name: 'role',
    summary: 'Answers whether the server is a master or a replica, and of what.',
    since: '2.8.12',
    group: 'server',
    complexity: 'O(1)',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'fast', 'sentinel'],
    acl: ['admin', 'dangerous'],
    reply: 'unknown[]',
    run: replyRole,
  },
  {
    name: 'replicaof',
    summary: 'Makes the server a replica of another, or a master.',
    since: '5.0.0',
    group: 'server',
    complexity: 'O(1)',
    arity: 3,
    flags: ['no_async_loading', 'admin', 'noscript', 'stale'],
    args: [
      arg.oneOf('args', [
        arg.block('host-port', [arg.string('host'), arg.integer('port')]),
        arg.block('no-one', [arg.word('NO'), arg.word('ONE')]),
      ]),
    ],
    reply: "'OK'",
    run: replicaOf,
  },
  {
    name: 'slaveof',
    summary: 'The older name of REPLICAOF.',
    since: '1.0.0',
    group: 'server',
    complexity: 'O(1)',
    arity: 3,
    flags: ['no_async_loading', 'admin', 'noscript', 'stale'],
    args: [
      arg.oneOf('args', [
        arg.block('host-port', [arg.string('host'), arg.integer('port')]),
        arg.block('no-one', [arg.word('NO'), arg.word('ONE')]),
      ]),
    ],
    reply: "'OK'",
    deprecated: { since: '5.0.0', replacedBy: '`REPLICAOF`' },
    run: replicaOf,
  },
  {
    name: 'failover',
    summary: 'Hands the role of master over to a replica.',
    since: '6.2.0',
    group: 'server',
    complexity: 'O(1)',
    arity: -1,
    flags: ['admin', 'noscript', 'stale'],
    args: [
      arg.block('target', [arg.string('host'), arg.integer('port'), arg.word('FORCE', { optional: true })], {
        token: 'TO',
        optional: true,
      }),
      arg.word('ABORT', { optional: true }),
      arg.integer('milliseconds', { token: 'TIMEOUT', optional: true }),
    ],
    reply: "'OK'",
    run: failOver,
  },
  {
    name: 'replconf',
    summary: 'Tells a master about its replica, and the other way round.',
    since: '3.0.0',
    group: 'server',
    complexity: 'O(1)',
    arity: -1,
    flags: ['admin', 'noscript', 'loading', 'stale', 'allow_busy'],
    systemCommand: true,
    run: configure,
  },
  {
    name: 'sync',
    summary: "Makes the connection a replica's, from a whole copy on.",
    since: '1.0.0',
    group: 'server',
    arity: 1,
    flags: ['no_async_loading', 'admin', 'no_multi', 'noscript'],
    run({ server }) {
      server.replication.synchronise(undefined, -1);
    },
  },
  {
    name: 'psync',
    summary: "Makes the connection a replica's, from where it was, if that is still known.",
    since: '2.8.0',
    group: 'server',
    arity: -3,
    flags: ['no_async_loading', 'admin', 'no_multi', 'noscript'],
    args: [arg.string('replicationid'), arg.integer('offset')],
    run(c) {
      const takingOver = c.request.argc > 3 && c.request.is(3, 'FAILOVER');
      c.server.replication.synchronise(c.request.latin1(1), c.request.integer(2), takingOver);
    },
  },
];

function replyRole({ server, reply }: Context): void {
  const view = server.replication.role();
  if (view.role === 'master') {
    reply.array(3);
    reply.text('master');
    reply.integer(view.offset);
    reply.array(view.replicas.length);
    for (const { address, port, offset } of view.replicas) {
      reply.texts([address, String(port), String(offset)]);
    }
    return;
  }
  reply.array(5);
  reply.text('slave');
  reply.text(view.host);
  reply.integer(view.port);
  reply.text(view.state);
  reply.integer(view.offset);
}

/** REPLICAOF host port | NO ONE. */
function replicaOf(c: Context): void {
  const { request, reply, server } = c;
  const { replication } = server;
  if (server.cluster !== null) throw new CommandError('ERR REPLICAOF not allowed in cluster mode.');
  if (request.is(1, 'NO') && request.is(2, 'ONE')) {
    const complaint = replication.replicaOfNoOne();
    if (complaint !== undefined) throw new CommandError(complaint);
    reply.ok();
    return;
  }
  const port = rangeArgument(c, 2, 0, 65535, 'ERR Invalid master port');
  const outcome = replication.replicaOf(request.latin1(1), port);
  if ('error' in outcome) throw new CommandError(outcome.error);
  reply.status(outcome.status);
}

/** FAILOVER [TO host port [FORCE]] [TIMEOUT milliseconds] | FAILOVER ABORT. */
function failOver(c: Context): void {
  const { request, reply, server } = c;
  if (server.cluster !== null) {
    throw new CommandError('ERR FAILOVER not allowed in cluster mode. Use CLUSTER FAILOVER command instead.');
  }
  const aborts = request.argc === 2 && request.is(1, 'ABORT');
  const complaint = aborts
    ? server.replication.abortFailover()
    : server.replication.failOver(failoverOrder(c));
  if (complaint !== undefined) throw new CommandError(complaint);
  reply.ok();
}

function failoverOrder(c: Context): Parameters<ReplicationFacility['failOver']>[0] {
  const { request } = c;
  let timeout = 0;
  let force = false;
  let target: { host: string; port: number } | undefined;
  for (let i = 1; i < request.argc; i++) {
    if (request.is(i, 'TIMEOUT') && i + 1 < request.argc && timeout === 0) {
      timeout = integerArgument(c, ++i);
      if (timeout <= 0) throw new CommandError('ERR FAILOVER timeout must be greater than 0');
    } else if (request.is(i, 'TO') && i + 2 < request.argc && target === undefined) {
      target = { host: request.latin1(i + 1), port: integerArgument(c, i + 2) };
      i += 2;
    } else if (request.is(i, 'FORCE') && !force) force = true;
    else throw new CommandError(SYNTAX_ERROR);
  }
  return { target, timeout, force };
}

/** REPLCONF option value [option value …]. Acknowledgements are never answered. */
function configure({ request, reply, server }: Context): void {
  if (request.argc % 2 === 0) throw new CommandError(SYNTAX_ERROR);
  for (let i = 1; i < request.argc; i += 2) {
    const outcome = server.replication.configure(request.latin1(i), request.latin1(i + 1));
    if (outcome === 'silent') return;
    if (outcome !== 'ok') throw new CommandError(outcome.error);
  }
  reply.ok();
}
