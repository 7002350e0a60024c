/** The CLIENT subcommands for client-side caching: being told when a key that was read has changed. */
import { CommandError } from '../../protocol/command-error.js';
import * as arg from '../arguments.js';
import type { CommandDefinition, Flag } from '../command.js';
import type { Context } from '../context.js';
import { SYNTAX_ERROR } from '../errors.js';
import type { TrackingOptions } from '../facilities/messaging.js';
import { integerArgument } from '../input.js';

const FLAGS: readonly Flag[] = ['noscript', 'loading', 'stale', 'sentinel'];

export const clientTracking: readonly CommandDefinition[] = [
  {
    name: 'caching',
    summary: "Says whether the next command's keys are tracked.",
    since: '6.0.0',
    group: 'connection',
    complexity: 'O(1)',
    arity: 3,
    flags: FLAGS,
    acl: ['connection'],
    args: [arg.oneOf('mode', [arg.word('YES'), arg.word('NO')])],
    reply: "'OK'",
    run: caching,
  },
  {
    name: 'tracking',
    summary: 'Says whether the connection is told when keys that it has read change.',
    since: '6.0.0',
    group: 'connection',
    complexity: 'O(1). Some options may introduce additional complexity.',
    arity: -3,
    flags: FLAGS,
    acl: ['connection'],
    args: [
      arg.oneOf('status', [arg.word('ON'), arg.word('OFF')]),
      arg.integer('client-id', { token: 'REDIRECT', optional: true }),
      arg.string('prefix', { token: 'PREFIX', optional: true, multiple: true, multipleToken: true }),
      arg.word('BCAST', { optional: true }),
      arg.word('OPTIN', { optional: true }),
      arg.word('OPTOUT', { optional: true }),
      arg.word('NOLOOP', { optional: true }),
    ],
    reply: "'OK'",
    run: tracking,
  },
  {
    name: 'trackinginfo',
    summary: "Describes the connection's tracking.",
    since: '6.2.0',
    group: 'connection',
    complexity: 'O(1)',
    arity: 2,
    flags: FLAGS,
    acl: ['connection'],
    reply: '{ flags: Set<Bulk>; redirect: number; prefixes: Bulk[] }',
    run: trackingInfo,
  },
];

/** CLIENT TRACKING ON | OFF [REDIRECT id] [PREFIX prefix …] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]. */
function tracking(c: Context): void {
  const { request, reply, server } = c;
  const options = trackingOptions(c);
  if (request.is(2, 'ON')) {
    refuseCombinations(options);
    server.tracking.enable(options);
  } else if (request.is(2, 'OFF')) server.tracking.disable();
  else throw new CommandError(SYNTAX_ERROR);
  reply.ok();
}

function trackingOptions(c: Context): TrackingOptions {
  const { request, server } = c;
  const prefixes: string[] = [];
  const words = new Set<string>();
  let redirect = 0;
  for (let i = 3; i < request.argc; i++) {
    const more = i + 1 < request.argc;
    if (request.is(i, 'REDIRECT') && more) {
      if (redirect !== 0) throw new CommandError('ERR A client can only redirect to a single other client');
      redirect = integerArgument(c, ++i);
      if (!server.clients.has(redirect)) {
        throw new CommandError('ERR The client ID you want redirect to does not exist');
      }
    } else if (request.is(i, 'PREFIX') && more) prefixes.push(request.latin1(++i));
    else {
      const word = ['BCAST', 'OPTIN', 'OPTOUT', 'NOLOOP'].find((known) => request.is(i, known));
      if (word === undefined) throw new CommandError(SYNTAX_ERROR);
      words.add(word);
    }
  }
  return {
    redirect,
    prefixes,
    broadcast: words.has('BCAST'),
    optIn: words.has('OPTIN'),
    optOut: words.has('OPTOUT'),
    noLoop: words.has('NOLOOP'),
  };
}

function refuseCombinations({ broadcast, optIn, optOut, prefixes }: TrackingOptions): void {
  if (!broadcast && prefixes.length > 0) {
    throw new CommandError('ERR PREFIX option requires BCAST mode to be enabled');
  }
  if (broadcast && (optIn || optOut)) {
    throw new CommandError('ERR OPTIN and OPTOUT are not compatible with BCAST');
  }
  if (optIn && optOut) throw new CommandError("ERR You can't specify both OPTIN mode and OPTOUT mode");
}

/** CLIENT CACHING YES | NO. */
function caching({ request, reply, server }: Context): void {
  const state = server.tracking.state();
  if (state === null) {
    throw new CommandError(
      'ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled',
    );
  }
  if (request.is(2, 'YES')) {
    if (!state.optIn) {
      throw new CommandError('ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.');
    }
  } else if (request.is(2, 'NO')) {
    if (!state.optOut) {
      throw new CommandError('ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.');
    }
  } else throw new CommandError(SYNTAX_ERROR);
  server.tracking.caching();
  reply.ok();
}

function trackingInfo({ reply, server }: Context): void {
  const state = server.tracking.state();
  const flags = [state === null ? 'off' : 'on'];
  if (state?.broadcast) flags.push('bcast');
  if (state?.optIn) flags.push('optin', ...(state.caching ? ['caching-yes'] : []));
  if (state?.optOut) flags.push('optout', ...(state.caching ? ['caching-no'] : []));
  if (state?.noLoop) flags.push('noloop');
  if (state?.brokenRedirect) flags.push('broken_redirect');
  reply.map(3);
  reply.text('flags');
  reply.set(flags.length);
  for (const flag of flags) reply.text(flag);
  reply.text('redirect');
  reply.integer(state?.redirect ?? -1);
  reply.text('prefixes');
  const prefixes = state?.prefixes ?? [];
  reply.array(prefixes.length);
  for (const prefix of prefixes) reply.latin1(prefix);
}
