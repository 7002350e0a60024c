/** XINFO: the inside of streams, their groups and the groups' consumers. */
import {
  type Consumer,
  type ConsumerGroup,
  UNKNOWN_READ,
} from '../../keyspace/values/stream/consumer-group.js';
import type { PendingEntry, PendingList } from '../../keyspace/values/stream/pending-list.js';
import type { Stream } from '../../keyspace/values/stream/stream.js';
import { StreamId } from '../../keyspace/values/stream/stream-id.js';
import { replyWithId, StreamReader } from '../../keyspace/values/stream/stream-reader.js';
import { CommandError } from '../../protocol/command-error.js';
import type { ReplyWriter } from '../../protocol/reply-writer.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import type { Context } from '../context.js';
import { NO_SUCH_KEY, subcommandSyntax } from '../errors.js';
import { helpSubcommand } from '../help.js';
import { integerArgument } from '../input.js';
import { keyAt } from '../key-specs.js';
import { readStream } from './arguments.js';
import { noSuchGroup } from './groups.js';
import { replyWithCounter, replyWithRange } from './streams.js';

/** Entries and pending entries that FULL shows, unless COUNT says otherwise. */
const SHOWN = 10;

const LEAST = new StreamId();
const GREATEST = new StreamId().setMax();
const reader = new StreamReader();

export const streamsInfo: readonly CommandDefinition[] = [
  {
    name: 'xinfo',
    summary: 'A container for commands that look into streams.',
    since: '5.0.0',
    group: 'stream',
    complexity: 'Depends on subcommand.',
    arity: -2,
    subcommands: [
      {
        name: 'consumers',
        summary: "Answers a group's consumers.",
        since: '5.0.0',
        group: 'stream',
        complexity: 'O(1)',
        arity: 4,
        flags: ['readonly'],
        acl: ['stream'],
        keys: [keyAt(2, 'RO', 'access')],
        args: [arg.key('key', 0), arg.string('groupname')],
        reply: '{ name: Bulk; pending: number; idle: number }[]',
        tips: ['nondeterministic_output'],
        run: consumers,
      },
      {
        name: 'groups',
        summary: "Answers a stream's consumer groups.",
        since: '5.0.0',
        group: 'stream',
        complexity: 'O(1)',
        arity: 3,
        flags: ['readonly'],
        acl: ['stream'],
        keys: [keyAt(2, 'RO', 'access')],
        args: [arg.key('key', 0)],
        reply:
          "{ name: Bulk; consumers: number; pending: number; 'last-delivered-id': Bulk; 'entries-read': number | null; lag: number | null }[]",
        history: [['7.0.0', 'Added the `entries-read` and `lag` fields']],
        run: groups,
      },
      {
        name: 'stream',
        summary: 'Answers what a stream is like, with FULL also what is in it.',
        since: '5.0.0',
        group: 'stream',
        complexity: 'O(1)',
        arity: -3,
        flags: ['readonly'],
        acl: ['stream'],
        keys: [keyAt(2, 'RO', 'access')],
        args: [
          arg.key('key', 0),
          arg.block('full', [arg.integer('count', { token: 'COUNT', optional: true })], {
            token: 'FULL',
            optional: true,
          }),
        ],
        reply: 'Record<string, unknown>',
        history: [
          ['6.0.0', 'Added the `FULL` modifier.'],
          [
            '7.0.0',
            'Added the `max-deleted-entry-id`, `entries-added`, `recorded-first-entry-id`, `entries-read` and `lag` fields',
          ],
        ],
        run: info,
      },
      helpSubcommand('stream', '5.0.0', { acl: ['stream'] }),
    ],
  },
];

/** The stream of the key in argument 2. */
function existingStream(c: Context): Stream {
  const stream = readStream(c, 2);
  if (stream === null) throw new CommandError(NO_SUCH_KEY);
  return stream;
}

/** XINFO CONSUMERS key group. */
function consumers(c: Context): void {
  const { request, reply, now } = c;
  const group = existingStream(c).group(request.latin1(3));
  if (group === undefined) throw noSuchGroup(c);
  reply.array(group.size);
  for (const { name, pending, seenAt } of group.sortedConsumers()) {
    reply.map(3);
    named(reply, 'name').latin1(name);
    named(reply, 'pending').integer(pending.size);
    named(reply, 'idle').integer(Math.max(0, now - seenAt));
  }
}

/** XINFO GROUPS key. */
function groups(c: Context): void {
  const { reply } = c;
  const stream = existingStream(c);
  reply.array(stream.groupCount);
  for (const group of stream.sortedGroups()) {
    reply.map(6);
    named(reply, 'name').latin1(group.name);
    named(reply, 'consumers').integer(group.size);
    named(reply, 'pending').integer(group.pending.size);
    progress(reply, stream, group);
  }
}

/** How far the group has got: three fields. */
function progress(reply: ReplyWriter, stream: Stream, group: ConsumerGroup): void {
  replyWithId(named(reply, 'last-delivered-id'), group.lastId);
  countOrNull(named(reply, 'entries-read'), group.entriesRead === UNKNOWN_READ ? null : group.entriesRead);
  countOrNull(named(reply, 'lag'), stream.lagOf(group));
}

function countOrNull(reply: ReplyWriter, count: number | null): void {
  if (count === null) reply.nil();
  else replyWithCounter(reply, count);
}

/** XINFO STREAM key [FULL [COUNT count]]. */
function info(c: Context): void {
  const { request, reply } = c;
  const { argc } = request;
  const stream = existingStream(c);
  const full = argc > 3;
  let shown = SHOWN;
  if (full) {
    const isSound = request.is(3, 'FULL') && (argc === 4 || (argc === 6 && request.is(4, 'COUNT')));
    if (!isSound) throw new CommandError(subcommandSyntax(request.latin1(1), 'XINFO'));
    if (argc === 6) shown = integerArgument(c, 5);
    if (shown < 0) shown = SHOWN;
    if (shown === 0) shown = Number.POSITIVE_INFINITY;
  }
  const { directory, entriesAdded } = stream;
  reply.map(full ? 9 : 10);
  named(reply, 'length').integer(stream.length);
  named(reply, 'radix-tree-keys').integer(directory.size);
  named(reply, 'radix-tree-nodes').integer(directory.radixTreeNodes);
  replyWithId(named(reply, 'last-generated-id'), stream.lastId);
  replyWithId(named(reply, 'max-deleted-entry-id'), stream.maxDeletedId);
  replyWithCounter(named(reply, 'entries-added'), entriesAdded);
  replyWithId(named(reply, 'recorded-first-entry-id'), stream.firstId);
  if (full) {
    replyWithRange(named(reply, 'entries'), stream, LEAST, GREATEST, shown, false);
    named(reply, 'groups').array(stream.groupCount);
    for (const group of stream.sortedGroups()) fullGroup(reply, stream, group, shown);
  } else {
    named(reply, 'groups').integer(stream.groupCount);
    entryOrNull(named(reply, 'first-entry'), reader.first(stream));
    entryOrNull(named(reply, 'last-entry'), reader.last(stream));
  }
}

function entryOrNull(reply: ReplyWriter, found: boolean): void {
  if (found) reader.replyWith(reply);
  else reply.nil();
}

function fullGroup(reply: ReplyWriter, stream: Stream, group: ConsumerGroup, shown: number): void {
  const { name, pending } = group;
  reply.map(7);
  named(reply, 'name').latin1(name);
  progress(reply, stream, group);
  named(reply, 'pel-count').integer(pending.size);
  pendingEntries(named(reply, 'pending'), pending, shown, (entry) => {
    reply.array(4);
    replyWithId(reply, entry.id);
    reply.latin1(entry.consumer!.name);
    delivery(reply, entry);
  });
  named(reply, 'consumers').array(group.size);
  for (const consumer of group.sortedConsumers()) fullConsumer(reply, consumer, shown);
}

function fullConsumer(reply: ReplyWriter, { name, seenAt, pending }: Consumer, shown: number): void {
  reply.map(4);
  named(reply, 'name').latin1(name);
  replyWithCounter(named(reply, 'seen-time'), seenAt);
  named(reply, 'pel-count').integer(pending.size);
  pendingEntries(named(reply, 'pending'), pending, shown, (entry) => {
    reply.array(3);
    replyWithId(reply, entry.id);
    delivery(reply, entry);
  });
}

function pendingEntries(
  reply: ReplyWriter,
  list: PendingList,
  shown: number,
  write: (entry: PendingEntry) => void,
): void {
  const count = Math.min(list.size, shown);
  reply.array(count);
  let written = 0;
  list.visit((entry) => {
    write(entry);
    return ++written < count;
  });
}

function delivery(reply: ReplyWriter, { deliveredAt, deliveries }: PendingEntry): void {
  replyWithCounter(reply, deliveredAt);
  replyWithCounter(reply, deliveries);
}

/** A field's name; answers the reply, for its value. */
function named(reply: ReplyWriter, name: string): ReplyWriter {
  reply.text(name);
  return reply;
}
