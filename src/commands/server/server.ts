/** The node as a process: what it tells about itself, its files, its end. */
import { CommandError } from '../../protocol/command-error.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import type { Context } from '../context.js';
import { SYNTAX_ERROR } from '../errors.js';
import { integerArgument } from '../input.js';
import { honeycomb } from './honeycomb.js';

export const server: readonly CommandDefinition[] = [
  {
    name: 'info',
    summary: "Describes the server's state and statistics.",
    since: '1.0.0',
    group: 'server',
    complexity: 'O(1)',
    arity: -1,
    flags: ['loading', 'stale', 'sentinel'],
    acl: ['dangerous'],
    args: [arg.string('section', { optional: true, multiple: true })],
    reply: 'string',
    tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
    history: [['7.0.0', 'Added support for taking multiple section arguments.']],
    run({ request, server, reply }) {
      const sections: string[] = [];
      for (let i = 1; i < request.argc; i++) sections.push(request.latin1(i).toLowerCase());
      reply.verbatim('txt', server.info(sections));
    },
  },
  {
    name: 'time',
    summary: "Answers the server's time: seconds since 1970, and microseconds.",
    since: '2.6.0',
    group: 'server',
    complexity: 'O(1)',
    arity: 1,
    flags: ['loading', 'stale', 'fast'],
    reply: '[seconds: string, microseconds: string]',
    tips: ['nondeterministic_output'],
    run({ server, reply }) {
      const { seconds, microseconds } = server.time();
      reply.array(2);
      reply.integerText(seconds);
      reply.integerText(microseconds);
    },
  },
  {
    name: 'lastsave',
    summary: 'Answers when the last snapshot was made, in seconds since 1970.',
    since: '1.0.0',
    group: 'server',
    complexity: 'O(1)',
    arity: 1,
    flags: ['loading', 'stale', 'fast'],
    acl: ['admin', 'dangerous'],
    reply: 'number',
    tips: ['nondeterministic_output'],
    run({ server, reply }) {
      reply.integer(server.persistence.lastSave);
    },
  },
  {
    name: 'save',
    summary: 'Makes a snapshot now; everybody waits.',
    since: '1.0.0',
    group: 'server',
    complexity: 'O(N) where N is the total number of keys in all databases',
    arity: 1,
    flags: ['no_async_loading', 'admin', 'noscript', 'no_multi'],
    reply: "'OK'",
    run({ server, reply }) {
      const complaint = server.persistence.save();
      if (complaint !== undefined) throw new CommandError(complaint);
      reply.ok();
    },
  },
  {
    name: 'bgsave',
    summary: 'Makes a snapshot while the server goes on.',
    since: '1.0.0',
    group: 'server',
    complexity: 'O(1)',
    arity: -1,
    flags: ['no_async_loading', 'admin', 'noscript'],
    args: [arg.word('SCHEDULE', { optional: true, since: '3.2.2' })],
    reply: 'string',
    history: [['3.2.2', 'Added the `SCHEDULE` option.']],
    run(c) {
      const { request, server } = c;
      const schedule = request.argc === 2 && request.is(1, 'SCHEDULE');
      if (request.argc > 1 && !schedule) throw new CommandError(SYNTAX_ERROR);
      replyOutcome(c, server.persistence.backgroundSave(schedule));
    },
  },
  {
    name: 'bgrewriteaof',
    summary: 'Makes the append-only file as short as it can be, while the server goes on.',
    since: '1.0.0',
    group: 'server',
    complexity: 'O(1)',
    arity: 1,
    flags: ['no_async_loading', 'admin', 'noscript'],
    reply: 'string',
    run(c) {
      replyOutcome(c, c.server.persistence.rewriteAppendOnlyFile());
    },
  },
  {
    name: 'shutdown',
    summary: 'Ends the server, saving what is to be saved.',
    since: '1.0.0',
    group: 'server',
    complexity:
      'O(N) when saving, where N is the total number of keys in all databases when saving data, otherwise O(1)',
    arity: -1,
    flags: ['admin', 'noscript', 'loading', 'stale', 'no_multi', 'sentinel', 'allow_busy'],
    args: [
      arg.oneOf('nosave_save', [arg.word('NOSAVE'), arg.word('SAVE')], { optional: true }),
      arg.word('NOW', { optional: true, since: '7.0.0' }),
      arg.word('FORCE', { optional: true, since: '7.0.0' }),
      arg.word('ABORT', { optional: true, since: '7.0.0' }),
    ],
    reply: "'OK'",
    history: [['7.0.0', 'Added the `NOW`, `FORCE` and `ABORT` modifiers.']],
    run: shutdown,
  },
  {
    name: 'lolwut',
    summary: 'Draws a honeycomb.',
    since: '5.0.0',
    group: 'server',
    arity: -1,
    flags: ['readonly', 'fast'],
    args: [arg.integer('version', { token: 'VERSION', optional: true })],
    reply: 'string',
    run(c) {
      const { request, keyspace, reply } = c;
      // There is one picture whatever the version, but the version must be a number.
      if (request.argc >= 3 && request.is(1, 'VERSION')) integerArgument(c, 2);
      reply.verbatim('txt', honeycomb(keyspace.random));
    },
  },
];

function replyOutcome({ reply }: Context, outcome: { status: string } | { error: string }): void {
  if ('error' in outcome) throw new CommandError(outcome.error);
  reply.status(outcome.status);
}

/** SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE] [ABORT]. No reply follows when the server ends. */
function shutdown({ request, server, reply }: Context): void {
  let save: boolean | undefined;
  let now = false;
  let force = false;
  let abort = false;
  for (let i = 1; i < request.argc; i++) {
    const saves = request.is(i, 'SAVE');
    if (saves || request.is(i, 'NOSAVE')) {
      if (save === !saves) throw new CommandError(SYNTAX_ERROR);
      save = saves;
    } else if (request.is(i, 'NOW')) now = true;
    else if (request.is(i, 'FORCE')) force = true;
    else if (request.is(i, 'ABORT')) abort = true;
    else throw new CommandError(SYNTAX_ERROR);
  }
  if (abort && (save !== undefined || now || force)) throw new CommandError(SYNTAX_ERROR);
  const { busyError } = server.scripting;
  if (busyError !== undefined && save !== false && !abort) throw new CommandError(busyError);
  const complaint = abort ? server.abortShutdown() : server.shutdown({ save, now, force });
  if (complaint !== undefined) throw new CommandError(complaint);
  if (abort) reply.ok();
}
