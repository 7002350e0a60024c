/** Consumer groups: making and removing them, acknowledging what they were given, and handing it on. */

import { STREAM } from '../../keyspace/record.js';
import { UNKNOWN_READ } from '../../keyspace/values/stream/consumer-group.js';
import { Stream } from '../../keyspace/values/stream/stream.js';
import { StreamId } from '../../keyspace/values/stream/stream-id.js';
import { CommandError } from '../../protocol/command-error.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import { type Context, EVENT } from '../context.js';
import { subcommandSyntax } from '../errors.js';
import { helpSubcommand } from '../help.js';
import { integerArgument } from '../input.js';
import { keyAt } from '../key-specs.js';
import { idArgument, idArguments, idOrEdgeArgument, readGroupsOf, writeStream } from './arguments.js';
import { enlist } from './deliveries.js';

const KEY = arg.key('key', 0);
const GROUP_NAME = arg.string('groupname');
const CONSUMER_NAME = arg.string('consumername');
const GROUP_ID = arg.oneOf('id', [arg.string('id'), arg.word('$', { name: 'new_id' })]);

export const streamsGroups: readonly CommandDefinition[] = [
  {
    name: 'xgroup',
    summary: 'A container for commands about consumer groups.',
    since: '5.0.0',
    group: 'stream',
    complexity: 'Depends on subcommand.',
    arity: -2,
    subcommands: [
      {
        name: 'create',
        summary: 'Makes a consumer group.',
        since: '5.0.0',
        group: 'stream',
        complexity: 'O(1)',
        arity: -5,
        flags: ['write', 'denyoom'],
        acl: ['stream'],
        keys: [keyAt(2, 'RW', 'insert')],
        args: [
          KEY,
          GROUP_NAME,
          GROUP_ID,
          arg.word('MKSTREAM', { optional: true }),
          arg.integer('entries_read', { token: 'ENTRIESREAD', optional: true }),
        ],
        reply: "'OK'",
        history: [['7.0.0', 'Added the `entries_read` named argument.']],
        run: create,
      },
      {
        name: 'createconsumer',
        summary: 'Makes a consumer in a group.',
        since: '6.2.0',
        group: 'stream',
        complexity: 'O(1)',
        arity: 5,
        flags: ['write', 'denyoom'],
        acl: ['stream'],
        keys: [keyAt(2, 'RW', 'insert')],
        args: [KEY, GROUP_NAME, CONSUMER_NAME],
        reply: 'number',
        run: createConsumer,
      },
      {
        name: 'delconsumer',
        summary: 'Removes a consumer from a group, with all that is pending with it.',
        since: '5.0.0',
        group: 'stream',
        complexity: 'O(1)',
        arity: 5,
        flags: ['write'],
        acl: ['stream'],
        keys: [keyAt(2, 'RW', 'delete')],
        args: [KEY, GROUP_NAME, CONSUMER_NAME],
        reply: 'number',
        run: deleteConsumer,
      },
      {
        name: 'destroy',
        summary: 'Removes a consumer group.',
        since: '5.0.0',
        group: 'stream',
        complexity: "O(N) where N is the number of entries in the group's pending entries list (PEL).",
        arity: 4,
        flags: ['write'],
        acl: ['stream'],
        keys: [keyAt(2, 'RW', 'delete')],
        args: [KEY, GROUP_NAME],
        reply: 'number',
        run: destroy,
      },
      {
        name: 'setid',
        summary: 'Sets how far a group has got.',
        since: '5.0.0',
        group: 'stream',
        complexity: 'O(1)',
        arity: -5,
        flags: ['write'],
        acl: ['stream'],
        keys: [keyAt(2, 'RW', 'update')],
        args: [
          KEY,
          GROUP_NAME,
          GROUP_ID,
          arg.integer('entries_read', { token: 'ENTRIESREAD', optional: true }),
        ],
        reply: "'OK'",
        history: [['7.0.0', 'Added the optional `entries_read` argument.']],
        run: setId,
      },
      helpSubcommand('stream', '5.0.0', { acl: ['stream'] }),
    ],
  },
  {
    name: 'xack',
    summary: 'Says that entries have been dealt with: they are no longer pending.',
    since: '5.0.0',
    group: 'stream',
    complexity: 'O(1) for each message ID processed.',
    arity: -4,
    flags: ['write', 'fast'],
    acl: ['stream'],
    keys: [keyAt(1, 'RW', 'update')],
    args: [KEY, arg.string('group'), arg.string('id', { multiple: true })],
    reply: 'number',
    run: acknowledge,
  },
];

const id = new StreamId();

/** XGROUP CREATE key group ID | $ [MKSTREAM] [ENTRIESREAD n]. */
function create(c: Context): void {
  const { request, reply, db, keyspace } = c;
  let mayCreate = false;
  let entriesRead = UNKNOWN_READ;
  for (let i = 5; i < request.argc; i++) {
    if (request.is(i, 'MKSTREAM')) mayCreate = true;
    else entriesRead = entriesReadArgument(c, i++);
  }
  const known = writeStream(c, 2);
  if (known === null && !mayCreate) throw missingKey();
  if (request.argc > 8) throw badSyntax(c);
  if (!request.is(4, '$')) idArgument(c, 4, id);
  else if (known === null) id.setZero();
  else id.copy(known.lastId);
  const name = request.latin1(3);
  if (known?.group(name) !== undefined) {
    throw new CommandError('BUSYGROUP Consumer Group name already exists');
  }
  const stream = known ?? new Stream(keyspace.arena);
  stream.addGroup(name, id, entriesRead);
  reply.ok();
  if (known === null) {
    db.putObject(request.buffer, request.starts[2], request.ends[2], STREAM, stream);
    c.changed(2, EVENT.stream, 'xgroup-create');
  } else {
    c.touched();
    c.notify(2, EVENT.stream, 'xgroup-create');
  }
}

/** XGROUP SETID key group ID | $ [ENTRIESREAD n]. */
function setId(c: Context): void {
  const { request, reply } = c;
  let entriesRead = UNKNOWN_READ;
  for (let i = 5; i < request.argc; i += 2) entriesRead = entriesReadArgument(c, i);
  const { stream, group } = existingGroup(c);
  if (request.argc > 7) throw badSyntax(c);
  if (request.is(4, '$')) id.copy(stream.lastId);
  else idOrEdgeArgument(c, 4, id);
  group.lastId.copy(id);
  group.entriesRead = entriesRead;
  reply.ok();
  c.touched();
  c.notify(2, EVENT.stream, 'xgroup-setid');
}

/** XGROUP DESTROY key group. */
function destroy(c: Context): void {
  const { request, reply } = c;
  const removed = existingStream(c).removeGroup(request.latin1(3));
  reply.integer(removed ? 1 : 0);
  if (!removed) return;
  c.touched();
  c.notify(2, EVENT.stream, 'xgroup-destroy');
  c.awaken(2); // those who wait for the group's entries
}

/** XGROUP CREATECONSUMER key group consumer. */
function createConsumer(c: Context): void {
  const { group } = existingGroup(c);
  const name = c.request.latin1(4);
  const isNew = group.consumer(name) === undefined;
  if (isNew) enlist(c, { group, key: 2, name: 3 }, name);
  c.reply.integer(isNew ? 1 : 0);
}

/** XGROUP DELCONSUMER key group consumer. */
function deleteConsumer(c: Context): void {
  const { group } = existingGroup(c);
  const consumer = group.consumer(c.request.latin1(4));
  c.reply.integer(consumer?.pending.size ?? 0);
  if (consumer === undefined) return;
  group.removeConsumer(consumer);
  c.touched();
  c.notify(2, EVENT.stream, 'xgroup-delconsumer');
}

/** The stream in argument 2. */
function existingStream(c: Context): Stream {
  const stream = writeStream(c, 2);
  if (stream === null) throw missingKey();
  return stream;
}

/** The group in argument 3 of the stream in argument 2. */
function existingGroup(c: Context) {
  const stream = existingStream(c);
  const group = stream.group(c.request.latin1(3));
  if (group !== undefined) return { stream, group };
  throw noSuchGroup(c);
}

export function noSuchGroup({ request }: Context): CommandError {
  return new CommandError(
    `NOGROUP No such consumer group '${request.latin1(3)}' for key name '${request.latin1(2)}'`,
  );
}

function entriesReadArgument(c: Context, i: number): number {
  if (!c.request.is(i, 'ENTRIESREAD') || i + 1 === c.request.argc) throw badSyntax(c);
  const count = integerArgument(c, i + 1);
  if (count >= 0 || count === UNKNOWN_READ) return count;
  throw new CommandError('ERR value for ENTRIESREAD must be positive or -1');
}

function badSyntax({ request }: Context): CommandError {
  return new CommandError(subcommandSyntax(request.latin1(1), 'XGROUP'));
}

function missingKey(): CommandError {
  return new CommandError(
    'ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM ' +
      'option to create an empty stream automatically.',
  );
}

/** XACK key group ID … */
function acknowledge(c: Context): void {
  const group = readGroupsOf(c, 1)?.group(c.request.latin1(2));
  let acknowledged = 0;
  if (group !== undefined) {
    for (const id of idArguments(c, 3)) {
      if (!group.acknowledge(id)) continue;
      acknowledged++;
      c.touched();
    }
  }
  c.reply.integer(acknowledged);
}
