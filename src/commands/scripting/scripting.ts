/** Lua scripts: EVAL and its relatives, and SCRIPT for the cache that EVALSHA draws from. */
import { CommandError } from '../../protocol/command-error.js';
import { int64In } from '../../protocol/integers.js';
import * as arg from '../arguments.js';
import type { Argument, CommandDefinition, Flag } from '../command.js';
import type { Context } from '../context.js';
import { NOT_AN_INTEGER } from '../errors.js';
import { helpSubcommand } from '../help.js';
import { type KeySpec, keyCount } from '../key-specs.js';

export const SCRIPT_FLAGS: readonly Flag[] = [
  'noscript',
  'skip_monitor',
  'may_replicate',
  'no_mandatory_keys',
  'stale',
];
export const READ_ONLY_FLAGS: readonly Flag[] = [
  'noscript',
  'skip_monitor',
  'no_mandatory_keys',
  'stale',
  'readonly',
];
const COMPLEXITY = 'Depends on the script that is executed.';

/** We can't tell what a script does with its keys: the worst is assumed. */
export const SCRIPT_KEYS: KeySpec = {
  ...keyCount(2, 'RW', 'access', 'update'),
  notes: 'We cannot tell how the keys will be used so we assume the worst, RW and UPDATE',
};
export const READ_ONLY_KEYS: KeySpec = {
  ...keyCount(2, 'RO', 'access'),
  notes: 'We cannot tell how the keys will be used so we assume the worst, RO and ACCESS',
};

/** `numkeys [key …] [arg …]` behind what is to be run. */
export function callArguments(what: string): Argument[] {
  return [
    arg.string(what),
    arg.integer('numkeys'),
    arg.key('key', 0, { optional: true, multiple: true }),
    arg.string('arg', { optional: true, multiple: true }),
  ];
}

/** Argument 2, the number of keys among the arguments behind it. */
export function keyNumber({ request }: Context, complaint: string): number {
  let count = request.integer(2);
  if (Number.isNaN(count)) {
    const exact = int64In(request.buffer, request.starts[2], request.ends[2]);
    if (exact === undefined) throw new CommandError(complaint);
    count = Number(exact);
  }
  if (count > request.argc - 3)
    throw new CommandError("ERR Number of keys can't be greater than number of args");
  if (count < 0) throw new CommandError("ERR Number of keys can't be negative");
  return count;
}

/** Argument 2 of FLUSH: ASYNC or SYNC. There is nothing to be gained from doing it later. */
export function checkFlushMode({ request }: Context, complaint: string): void {
  if (request.argc === 2) return;
  const known = request.argc === 3 && (request.is(2, 'SYNC') || request.is(2, 'ASYNC'));
  if (!known) throw new CommandError(complaint);
}

export const FLUSH_MODES = [arg.word('ASYNC'), arg.word('SYNC')];

function evaluate(readOnly: boolean) {
  return (c: Context) => c.server.scripting.evaluate(c, keyNumber(c, NOT_AN_INTEGER), readOnly);
}

function evaluateSha(readOnly: boolean) {
  return (c: Context) => {
    const { scripting } = c.server;
    if (c.request.length(1) !== 40) throw new CommandError('NOSCRIPT No matching script. Please use EVAL.');
    scripting.evaluateSha(c, keyNumber(c, NOT_AN_INTEGER), readOnly);
  };
}

export const scripting: readonly CommandDefinition[] = [
  {
    name: 'eval',
    summary: 'Runs a Lua script.',
    since: '2.6.0',
    group: 'scripting',
    complexity: COMPLEXITY,
    arity: -3,
    flags: SCRIPT_FLAGS,
    acl: ['scripting'],
    keys: [SCRIPT_KEYS],
    args: callArguments('script'),
    reply: 'unknown',
    run: evaluate(false),
  },
  {
    name: 'evalsha',
    summary: 'Runs a cached Lua script.',
    since: '2.6.0',
    group: 'scripting',
    complexity: COMPLEXITY,
    arity: -3,
    flags: SCRIPT_FLAGS,
    acl: ['scripting'],
    keys: [keyCount(2, 'RW', 'access', 'update')],
    args: callArguments('sha1'),
    reply: 'unknown',
    run: evaluateSha(false),
  },
  {
    name: 'eval_ro',
    summary: 'Runs a Lua script that only reads.',
    since: '7.0.0',
    group: 'scripting',
    complexity: COMPLEXITY,
    arity: -3,
    flags: READ_ONLY_FLAGS,
    acl: ['scripting'],
    keys: [READ_ONLY_KEYS],
    args: callArguments('script'),
    reply: 'unknown',
    run: evaluate(true),
  },
  {
    name: 'evalsha_ro',
    summary: 'Runs a cached Lua script that only reads.',
    since: '7.0.0',
    group: 'scripting',
    complexity: COMPLEXITY,
    arity: -3,
    flags: READ_ONLY_FLAGS,
    acl: ['scripting'],
    keys: [keyCount(2, 'RO', 'access')],
    args: callArguments('sha1'),
    reply: 'unknown',
    run: evaluateSha(true),
  },
  {
    name: 'script',
    summary: 'The script cache.',
    since: '2.6.0',
    group: 'scripting',
    complexity: 'Depends on subcommand.',
    arity: -2,
    subcommands: [
      {
        name: 'debug',
        summary: 'Sets the debug mode of scripts.',
        since: '3.2.0',
        group: 'scripting',
        complexity: 'O(1)',
        arity: 3,
        flags: ['noscript'],
        acl: ['scripting'],
        args: [arg.oneOf('mode', [arg.word('YES'), arg.word('SYNC'), arg.word('NO')])],
        reply: "'OK'",
        run({ request, reply, session }) {
          if (request.is(2, 'YES')) {
            throw new CommandError('ERR There is no fork to debug scripts in here, use SCRIPT DEBUG SYNC');
          }
          session.debugsScripts = request.is(2, 'SYNC');
          if (!session.debugsScripts && !request.is(2, 'NO')) {
            throw new CommandError('ERR Use SCRIPT DEBUG YES/SYNC/NO');
          }
          reply.ok();
        },
      },
      {
        name: 'exists',
        summary: 'Tells which scripts are cached.',
        since: '2.6.0',
        group: 'scripting',
        complexity:
          'O(N) with N being the number of scripts to check (so checking a single script is an O(1) operation).',
        arity: -3,
        flags: ['noscript'],
        acl: ['scripting'],
        args: [arg.string('sha1', { multiple: true })],
        tips: ['request_policy:all_shards', 'response_policy:agg_logical_and'],
        reply: '(0 | 1)[]',
        run({ request, reply, server }) {
          reply.array(request.argc - 2);
          for (let i = 2; i < request.argc; i++) {
            reply.integer(server.scripting.exists(request.latin1(i)) ? 1 : 0);
          }
        },
      },
      {
        name: 'flush',
        summary: 'Empties the script cache.',
        since: '2.6.0',
        group: 'scripting',
        complexity: 'O(N) with N being the number of scripts in cache',
        arity: -2,
        flags: ['noscript'],
        acl: ['scripting'],
        args: [arg.oneOf('async', FLUSH_MODES, { optional: true, since: '6.2.0' })],
        tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
        history: [['6.2.0', 'Added the `ASYNC` and `SYNC` flushing mode modifiers.']],
        reply: "'OK'",
        run(c) {
          checkFlushMode(c, 'ERR SCRIPT FLUSH only support SYNC|ASYNC option');
          c.server.scripting.flush();
          c.reply.ok();
        },
      },
      helpSubcommand('scripting', '5.0.0', { summary: 'Explains the subcommands.', acl: ['scripting'] }),
      {
        name: 'kill',
        summary: 'Ends the script that is running.',
        since: '2.6.0',
        group: 'scripting',
        complexity: 'O(1)',
        arity: 2,
        flags: ['noscript', 'allow_busy'],
        acl: ['scripting'],
        tips: ['request_policy:all_shards', 'response_policy:one_succeeded'],
        reply: "'OK'",
        run: (c) => replyKilled(c, 'eval'),
      },
      {
        name: 'load',
        summary: 'Puts a script into the cache.',
        since: '2.6.0',
        group: 'scripting',
        complexity: 'O(N) with N being the length in bytes of the script body.',
        arity: 3,
        flags: ['noscript', 'stale'],
        acl: ['scripting'],
        args: [arg.string('script')],
        tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
        reply: 'string',
        run({ request, reply, server }) {
          reply.latin1(server.scripting.load(request.latin1(2)));
        },
      },
    ],
  },
];

/** The reply of SCRIPT KILL and FUNCTION KILL. */
export function replyKilled({ server, reply }: Context, kind: 'eval' | 'function'): void {
  const complaint = server.scripting.kill(kind);
  if (complaint !== undefined) throw new CommandError(complaint);
  reply.ok();
}
