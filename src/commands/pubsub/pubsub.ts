/** Publish/subscribe: messages to whoever listens to a channel, a pattern of channels, or a slot's channel. */

import { CommandError } from '../../protocol/command-error.js';
import * as arg from '../arguments.js';
import type { CommandDefinition, Flag } from '../command.js';
import type { Context } from '../context.js';
import { subcommandSyntax } from '../errors.js';
import type { SubscriptionKind } from '../facilities/messaging.js';
import { helpSubcommand } from '../help.js';
import { keyAt, keyRange } from '../key-specs.js';

const LISTENING: readonly Flag[] = ['pubsub', 'noscript', 'loading', 'stale'];
const ASKING: readonly Flag[] = ['pubsub', 'loading', 'stale'];

export const pubsub: readonly CommandDefinition[] = [
  {
    name: 'subscribe',
    summary: 'Listens to channels.',
    since: '2.0.0',
    group: 'pubsub',
    complexity: 'O(N) where N is the number of channels to subscribe to.',
    arity: -2,
    flags: [...LISTENING, 'sentinel'],
    channels: 'all',
    args: [arg.string('channel', { multiple: true })],
    reply: 'void',
    run: (c) => subscribe(c, 'channel'),
  },
  {
    name: 'psubscribe',
    summary: 'Listens to the channels whose names match patterns.',
    since: '2.0.0',
    group: 'pubsub',
    complexity: 'O(N) where N is the number of patterns the client is already subscribed to.',
    arity: -2,
    flags: [...LISTENING, 'sentinel'],
    channels: 'patterns',
    args: [arg.block('pattern', [arg.pattern('pattern')], { multiple: true })],
    reply: 'void',
    run: (c) => subscribe(c, 'pattern'),
  },
  {
    name: 'ssubscribe',
    summary: 'Listens to channels of a slot.',
    since: '7.0.0',
    group: 'pubsub',
    complexity: 'O(N) where N is the number of shard channels to subscribe to.',
    arity: -2,
    flags: LISTENING,
    keys: [keyRange(1, -1, 1, 'not_key')],
    channels: 'all',
    args: [arg.string('shardchannel', { multiple: true })],
    reply: 'void',
    run: (c) => subscribe(c, 'shard'),
  },
  {
    name: 'unsubscribe',
    summary: 'Stops listening to channels, or to all.',
    since: '2.0.0',
    group: 'pubsub',
    complexity: 'O(N) where N is the number of clients already subscribed to a channel.',
    arity: -1,
    flags: [...LISTENING, 'sentinel'],
    args: [arg.string('channel', { optional: true, multiple: true })],
    reply: 'void',
    run: (c) => unsubscribe(c, 'channel'),
  },
  {
    name: 'punsubscribe',
    summary: 'Stops listening to patterns, or to all.',
    since: '2.0.0',
    group: 'pubsub',
    complexity:
      'O(N+M) where N is the number of patterns the client is already subscribed and M is the number of total ' +
      'patterns subscribed in the system (by any client).',
    arity: -1,
    flags: [...LISTENING, 'sentinel'],
    args: [arg.pattern('pattern', { optional: true, multiple: true })],
    reply: 'void',
    run: (c) => unsubscribe(c, 'pattern'),
  },
  {
    name: 'sunsubscribe',
    summary: 'Stops listening to channels of a slot, or to all.',
    since: '7.0.0',
    group: 'pubsub',
    complexity: 'O(N) where N is the number of clients already subscribed to a shard channel.',
    arity: -1,
    flags: LISTENING,
    keys: [keyRange(1, -1, 1, 'not_key')],
    args: [arg.string('shardchannel', { optional: true, multiple: true })],
    reply: 'void',
    run: (c) => unsubscribe(c, 'shard'),
  },
  {
    name: 'publish',
    summary: 'Sends a message to a channel.',
    since: '2.0.0',
    group: 'pubsub',
    complexity:
      'O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total number of ' +
      'subscribed patterns (by any client).',
    arity: 3,
    flags: ['pubsub', 'loading', 'stale', 'fast', 'may_replicate', 'sentinel'],
    channels: 'first',
    args: [arg.string('channel'), arg.string('message')],
    reply: 'number',
    run: (c) => publish(c, false),
  },
  {
    name: 'spublish',
    summary: 'Sends a message to a channel of a slot.',
    since: '7.0.0',
    group: 'pubsub',
    complexity: 'O(N) where N is the number of clients subscribed to the receiving shard channel.',
    arity: 3,
    flags: ['pubsub', 'loading', 'stale', 'fast', 'may_replicate'],
    keys: [keyAt(1, 'not_key')],
    channels: 'first',
    args: [arg.string('shardchannel'), arg.string('message')],
    reply: 'number',
    run: (c) => publish(c, true),
  },
  {
    name: 'pubsub',
    summary: 'A container for commands about publish/subscribe.',
    since: '2.8.0',
    group: 'pubsub',
    complexity: 'Depends on subcommand.',
    arity: -2,
    subcommands: [
      {
        name: 'channels',
        summary: 'Lists the channels that have listeners.',
        since: '2.8.0',
        group: 'pubsub',
        complexity:
          'O(N) where N is the number of active channels, and assuming constant time pattern matching (relatively ' +
          'short channels and patterns)',
        arity: -2,
        flags: ASKING,
        args: [arg.pattern('pattern', { optional: true })],
        reply: 'Bulk[]',
        run: (c) => list(c, 'channel'),
      },
      {
        name: 'numpat',
        summary: 'Counts the patterns that have listeners.',
        since: '2.8.0',
        group: 'pubsub',
        complexity: 'O(1)',
        arity: 2,
        flags: ASKING,
        reply: 'number',
        run({ server, reply }) {
          reply.integer(server.pubsub.count('pattern'));
        },
      },
      {
        name: 'numsub',
        summary: "Counts channels' listeners, those with patterns left out.",
        since: '2.8.0',
        group: 'pubsub',
        complexity: 'O(N) for the NUMSUB subcommand, where N is the number of requested channels',
        arity: -2,
        flags: ASKING,
        args: [arg.string('channel', { optional: true, multiple: true })],
        reply: '(Bulk | number)[]',
        run: (c) => countListeners(c, 'channel'),
      },
      {
        name: 'shardchannels',
        summary: 'Lists the channels of slots that have listeners.',
        since: '7.0.0',
        group: 'pubsub',
        complexity:
          'O(N) where N is the number of active shard channels, and assuming constant time pattern matching ' +
          '(relatively short shard channels).',
        arity: -2,
        flags: ASKING,
        args: [arg.pattern('pattern', { optional: true })],
        reply: 'Bulk[]',
        run: (c) => list(c, 'shard'),
      },
      {
        name: 'shardnumsub',
        summary: "Counts the listeners of slots' channels.",
        since: '7.0.0',
        group: 'pubsub',
        complexity: 'O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels',
        arity: -2,
        flags: ASKING,
        args: [arg.string('shardchannel', { optional: true, multiple: true })],
        reply: '(Bulk | number)[]',
        run: (c) => countListeners(c, 'shard'),
      },
      helpSubcommand('pubsub', '6.2.0'),
    ],
  },
];

/** Replies with one message a channel. */
function subscribe({ request, server, mayBlock }: Context, kind: SubscriptionKind): void {
  if (kind === 'shard' && !mayBlock) {
    throw new CommandError("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client");
  }
  for (let i = 1; i < request.argc; i++) server.pubsub.subscribe(kind, request.latin1(i));
}

function unsubscribe({ request, server }: Context, kind: SubscriptionKind): void {
  if (request.argc === 1) server.pubsub.unsubscribeAll(kind);
  for (let i = 1; i < request.argc; i++) server.pubsub.unsubscribe(kind, request.latin1(i));
}

/** The cluster bus carries messages to replicas too; without a cluster they get them as part of the stream. */
function publish(c: Context, sharded: boolean): void {
  const { request, reply, server } = c;
  const receivers = server.pubsub.publish(request.view(1), request.view(2), sharded);
  if (server.cluster === null) c.propagateToReplicas();
  reply.integer(receivers);
}

function list({ request, reply, server }: Context, kind: SubscriptionKind): void {
  if (request.argc > 3) throw new CommandError(subcommandSyntax(request.latin1(1), 'PUBSUB'));
  const names = server.pubsub.names(kind, request.argc > 2 ? request.view(2) : undefined);
  reply.array(names.length);
  for (const name of names) reply.latin1(name);
}

function countListeners({ request, reply, server }: Context, kind: SubscriptionKind): void {
  reply.array((request.argc - 2) * 2);
  for (let i = 2; i < request.argc; i++) {
    reply.bulk(request.buffer, request.starts[i], request.ends[i]);
    reply.integer(server.pubsub.listeners(kind, request.latin1(i)));
  }
}
