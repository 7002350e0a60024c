/** Functions: libraries of Lua code that the node keeps, replicates and saves like data. */
import { type Bytes, fromLatin1 } from '../../protocol/bytes.js';
import { CommandError } from '../../protocol/command-error.js';
import { globMatch } from '../../protocol/glob.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import type { Context } from '../context.js';
import { subcommandSyntax } from '../errors.js';
import type { LibraryView, RestorePolicy } from '../facilities/facilities.js';
import { helpSubcommand } from '../help.js';
import {
  callArguments,
  checkFlushMode,
  FLUSH_MODES,
  keyNumber,
  READ_ONLY_FLAGS,
  READ_ONLY_KEYS,
  replyKilled,
  SCRIPT_FLAGS,
  SCRIPT_KEYS,
} from './scripting.js';

const ENGINE = 'LUA';
const ALL_SHARDS = ['request_policy:all_shards', 'response_policy:all_succeeded'];
const POLICIES = new Map<string, RestorePolicy>([
  ['FLUSH', 'flush'],
  ['APPEND', 'append'],
  ['REPLACE', 'replace'],
]);

function callFunction(readOnly: boolean) {
  return (c: Context) => {
    const keys = () => keyNumber(c, 'ERR Bad number of keys provided');
    c.server.scripting.callFunction(c, c.request.latin1(1), keys, readOnly);
  };
}

export const functions: readonly CommandDefinition[] = [
  {
    name: 'fcall',
    summary: 'Calls a function.',
    since: '7.0.0',
    group: 'scripting',
    complexity: 'Depends on the function that is executed.',
    arity: -3,
    flags: SCRIPT_FLAGS,
    acl: ['scripting'],
    keys: [SCRIPT_KEYS],
    args: callArguments('function'),
    reply: 'unknown',
    run: callFunction(false),
  },
  {
    name: 'fcall_ro',
    summary: 'Calls a function that only reads.',
    since: '7.0.0',
    group: 'scripting',
    complexity: 'Depends on the function that is executed.',
    arity: -3,
    flags: READ_ONLY_FLAGS,
    acl: ['scripting'],
    keys: [READ_ONLY_KEYS],
    args: callArguments('function'),
    reply: 'unknown',
    run: callFunction(true),
  },
  {
    name: 'function',
    summary: 'The function libraries.',
    since: '7.0.0',
    group: 'scripting',
    complexity: 'Depends on subcommand.',
    arity: -2,
    subcommands: [
      {
        name: 'delete',
        summary: 'Removes a library.',
        since: '7.0.0',
        group: 'scripting',
        complexity: 'O(1)',
        arity: 3,
        flags: ['noscript', 'write'],
        acl: ['scripting'],
        args: [arg.string('library-name')],
        tips: ALL_SHARDS,
        reply: "'OK'",
        run(c) {
          if (!c.server.scripting.deleteLibrary(c.request.latin1(2))) {
            throw new CommandError('ERR Library not found');
          }
          c.touched();
          c.reply.ok();
        },
      },
      {
        name: 'dump',
        summary: 'Gives all libraries as a payload for RESTORE.',
        since: '7.0.0',
        group: 'scripting',
        complexity: 'O(N) where N is the number of functions',
        arity: 2,
        flags: ['noscript'],
        acl: ['scripting'],
        reply: 'Bulk',
        run({ reply, server }) {
          reply.bulk(server.scripting.dumpLibraries());
        },
      },
      {
        name: 'flush',
        summary: 'Removes all libraries.',
        since: '7.0.0',
        group: 'scripting',
        complexity: 'O(N) where N is the number of functions deleted',
        arity: -2,
        flags: ['noscript', 'write'],
        acl: ['scripting'],
        args: [arg.oneOf('async', FLUSH_MODES, { optional: true })],
        tips: ALL_SHARDS,
        reply: "'OK'",
        run(c) {
          if (c.request.argc > 3) throw new CommandError(subcommandSyntax(c.request.latin1(1), 'FUNCTION'));
          checkFlushMode(c, 'ERR FUNCTION FLUSH only supports SYNC|ASYNC option');
          c.server.scripting.flushLibraries();
          c.touched();
          c.reply.ok();
        },
      },
      helpSubcommand('scripting', '7.0.0', { summary: 'Explains the subcommands.', acl: ['scripting'] }),
      {
        name: 'kill',
        summary: 'Ends the function that is running.',
        since: '7.0.0',
        group: 'scripting',
        complexity: 'O(1)',
        arity: 2,
        flags: ['noscript', 'allow_busy'],
        acl: ['scripting'],
        tips: ['request_policy:all_shards', 'response_policy:one_succeeded'],
        reply: "'OK'",
        run: (c) => replyKilled(c, 'function'),
      },
      {
        name: 'list',
        summary: 'Lists the libraries and their functions.',
        since: '7.0.0',
        group: 'scripting',
        complexity: 'O(N) where N is the number of functions',
        arity: -2,
        flags: ['noscript'],
        acl: ['scripting'],
        args: [
          arg.string('library-name-pattern', { token: 'LIBRARYNAME', optional: true }),
          arg.word('WITHCODE', { optional: true }),
        ],
        tips: ['nondeterministic_output_order'],
        reply: 'unknown[]',
        run: list,
      },
      {
        name: 'load',
        summary: 'Adds a library.',
        since: '7.0.0',
        group: 'scripting',
        complexity: 'O(1) (considering compilation time is redundant)',
        arity: -3,
        flags: ['noscript', 'write', 'denyoom'],
        acl: ['scripting'],
        args: [arg.word('REPLACE', { optional: true }), arg.string('function-code')],
        tips: ALL_SHARDS,
        reply: 'Bulk',
        run: load,
      },
      {
        name: 'restore',
        summary: 'Takes in the libraries of a payload.',
        since: '7.0.0',
        group: 'scripting',
        complexity: 'O(N) where N is the number of functions on the payload',
        arity: -3,
        flags: ['noscript', 'write', 'denyoom'],
        acl: ['scripting'],
        args: [
          arg.string('serialized-value'),
          arg.oneOf('policy', [arg.word('FLUSH'), arg.word('APPEND'), arg.word('REPLACE')], {
            optional: true,
          }),
        ],
        tips: ALL_SHARDS,
        reply: "'OK'",
        run: restore,
      },
      {
        name: 'stats',
        summary: 'Tells about the function that is running and the engines there are.',
        since: '7.0.0',
        group: 'scripting',
        complexity: 'O(1)',
        arity: 2,
        flags: ['noscript', 'allow_busy'],
        acl: ['scripting'],
        tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
        reply: 'unknown',
        run: stats,
      },
    ],
  },
];

function list({ request, reply, server }: Context): void {
  let withCode = false;
  let pattern: Bytes | undefined;
  for (let i = 2; i < request.argc; i++) {
    if (!withCode && request.is(i, 'WITHCODE')) withCode = true;
    else if (pattern === undefined && request.is(i, 'LIBRARYNAME')) {
      if (i === request.argc - 1) throw new CommandError('ERR library name argument was not given');
      pattern = request.view(++i);
    } else throw new CommandError(`ERR Unknown argument ${request.latin1(i)}`);
  }
  const chosen = server.scripting.libraries.filter(({ name }) => {
    if (pattern === undefined) return true;
    const bytes = fromLatin1(name);
    return globMatch(pattern, 0, pattern.length, bytes, 0, bytes.length, true);
  });
  reply.array(chosen.length);
  for (const library of chosen) replyLibrary(reply, library, withCode);
}

function replyLibrary(reply: Context['reply'], library: LibraryView, withCode: boolean): void {
  reply.map(withCode ? 4 : 3);
  reply.latin1('library_name');
  reply.latin1(library.name);
  reply.latin1('engine');
  reply.latin1(ENGINE);
  reply.latin1('functions');
  reply.array(library.functions.size);
  for (const { name, description, flagNames } of library.functions.values()) {
    reply.map(3);
    reply.latin1('name');
    reply.latin1(name);
    reply.latin1('description');
    if (description === undefined) reply.nil();
    else reply.latin1(description);
    reply.latin1('flags');
    reply.set(flagNames.length);
    for (const flag of flagNames) reply.status(flag);
  }
  if (!withCode) return;
  reply.latin1('library_code');
  reply.latin1(library.code);
}

function load(c: Context): void {
  const { request, reply, server } = c;
  const last = request.argc - 1;
  for (let i = 2; i < last; i++) {
    if (!request.is(i, 'REPLACE')) throw new CommandError(`ERR Unknown option given: ${request.latin1(i)}`);
  }
  const name = server.scripting.loadLibrary(request.latin1(last), last > 2, c.session.id !== 0);
  c.touched();
  reply.latin1(name);
}

function restore(c: Context): void {
  const { request, server, reply } = c;
  if (request.argc > 4) throw new CommandError(subcommandSyntax(request.latin1(1), 'FUNCTION'));
  const policy = request.argc === 4 ? POLICIES.get(request.latin1(3).toUpperCase()) : 'append';
  if (policy === undefined) {
    throw new CommandError(
      'ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.',
    );
  }
  const { buffer, starts, ends } = request;
  server.scripting.restoreLibraries(buffer, starts[2], ends[2], policy);
  c.touched();
  reply.ok();
}

function stats({ reply, server }: Context): void {
  const { runningFunction, busyError, libraries } = server.scripting;
  if (busyError?.includes('SCRIPT KILL')) throw new CommandError(busyError);
  reply.map(2);
  reply.latin1('running_script');
  if (runningFunction === undefined) reply.nil();
  else {
    const { name, words, milliseconds } = runningFunction;
    reply.map(3);
    reply.latin1('name');
    reply.latin1(name);
    reply.latin1('command');
    reply.array(words.length);
    for (const word of words) reply.bulk(word);
    reply.latin1('duration_ms');
    reply.integer(milliseconds);
  }
  reply.latin1('engines');
  reply.map(1);
  reply.latin1(ENGINE);
  reply.map(2);
  reply.latin1('libraries_count');
  reply.integer(libraries.length);
  reply.latin1('functions_count');
  reply.integer(libraries.reduce((sum, { functions }) => sum + functions.size, 0));
}
