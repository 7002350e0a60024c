/** Transactions: commands queued by MULTI and run as one unit by EXEC, unless a watched key has changed. */
import { CommandError } from '../../protocol/command-error.js';
import type { CommandDefinition, Flag } from '../command.js';
import { keyRange } from '../key-specs.js';

const ANY_TIME: readonly Flag[] = ['noscript', 'loading', 'stale', 'fast', 'allow_busy'];

export const transactions: readonly CommandDefinition[] = [
  {
    name: 'multi',
    summary: 'Begins a transaction.',
    since: '1.2.0',
    group: 'transactions',
    complexity: 'O(1)',
    arity: 1,
    flags: ANY_TIME,
    acl: ['transaction'],
    reply: "'OK'",
    run({ server, session, reply }) {
      if (session.inTransaction) throw new CommandError('ERR MULTI calls can not be nested');
      server.transactions.begin();
      reply.ok();
    },
  },
  {
    name: 'exec',
    summary: 'Runs the commands of a transaction.',
    since: '1.2.0',
    group: 'transactions',
    complexity: 'Depends on commands in the transaction',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'skip_slowlog'],
    acl: ['transaction'],
    reply: 'unknown[] | null',
    run({ server, session }) {
      if (!session.inTransaction) throw new CommandError('ERR EXEC without MULTI');
      server.transactions.execute();
    },
  },
  {
    name: 'discard',
    summary: 'Forgets a transaction.',
    since: '2.0.0',
    group: 'transactions',
    complexity: 'O(N), when N is the number of queued commands',
    arity: 1,
    flags: ANY_TIME,
    acl: ['transaction'],
    reply: "'OK'",
    run({ server, session, reply }) {
      if (!session.inTransaction) throw new CommandError('ERR DISCARD without MULTI');
      server.transactions.discard();
      reply.ok();
    },
  },
  {
    name: 'watch',
    summary: 'Makes the next transaction depend on keys staying as they are.',
    since: '2.2.0',
    group: 'transactions',
    complexity: 'O(1) for every key.',
    arity: -2,
    flags: ANY_TIME,
    acl: ['transaction'],
    keys: [keyRange(1, -1, 1, 'RO')],
    args: [{ name: 'key', type: 'key', keySpec: 0, multiple: true }],
    reply: "'OK'",
    run({ server, session, request, reply }) {
      if (session.inTransaction) throw new CommandError('ERR WATCH inside MULTI is not allowed');
      const { buffer, starts, ends } = request;
      for (let i = 1; i < request.argc; i++) server.transactions.watch(buffer, starts[i], ends[i]);
      reply.ok();
    },
  },
  {
    name: 'unwatch',
    summary: 'Forgets the watched keys.',
    since: '2.2.0',
    group: 'transactions',
    complexity: 'O(1)',
    arity: 1,
    flags: ANY_TIME,
    acl: ['transaction'],
    reply: "'OK'",
    run({ server, reply }) {
      server.transactions.unwatch();
      reply.ok();
    },
  },
];
