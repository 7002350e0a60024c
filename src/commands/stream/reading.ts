/**
 * XREAD and XREADGROUP: entries behind the ones that the caller knows, of several streams, now or as soon as there are
 * any. See `Context.block` for how a command waits.
 *
 * A consumer in a group is given new entries with the ID `>`, which moves the group on; with any other ID it is shown
 * again what is pending with it.
 */
import { STREAM } from '../../keyspace/record.js';
import type { Stream } from '../../keyspace/values/stream/stream.js';
import { StreamId } from '../../keyspace/values/stream/stream-id.js';
import { replyWithId, StreamReader } from '../../keyspace/values/stream/stream-reader.js';
import { CommandError } from '../../protocol/command-error.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import type { Context } from '../context.js';
import { SYNTAX_ERROR } from '../errors.js';
import { integerArgument, timeoutArgument } from '../input.js';
import { keysAfter } from '../key-specs.js';
import { idArgument, readGroupsOf, readStream } from './arguments.js';
import {
  deliver,
  enlist,
  groupArguments,
  type NamedGroup,
  propagateClaim,
  propagateConsumer,
  propagateLastId,
} from './deliveries.js';
import { ENTRY } from './streams.js';

const REPLY = `Record<string, ${ENTRY}[]> | null`;

/** Those who have waited and asked for no number of entries are given at most so many. */
const COUNT_AFTER_WAIT = 1000;

const COUNT = arg.integer('count', { token: 'COUNT', optional: true });
const BLOCK = arg.integer('milliseconds', { token: 'BLOCK', optional: true });
const STREAMS = arg.block(
  'streams',
  [arg.key('key', 0, { multiple: true }), arg.string('id', { multiple: true })],
  { token: 'STREAMS' },
);

export const streamsReading: readonly CommandDefinition[] = [
  {
    name: 'xread',
    summary: 'Answers the entries behind given IDs, of several streams; waits for them if asked to.',
    since: '5.0.0',
    group: 'stream',
    complexity:
      'For each stream mentioned: O(N) with N being the number of elements being returned, it means that XREAD-ing with a fixed COUNT is O(1). Note that when the BLOCK option is used, XADD will pay O(M) time in order to serve the M clients blocked on the stream getting new data.',
    arity: -4,
    flags: ['readonly', 'blocking'],
    acl: ['stream'],
    keys: [keysAfter('STREAMS', 1, { lastKey: -1, step: 1, limit: 2 }, 'RO', 'access')],
    args: [COUNT, BLOCK, STREAMS],
    reply: REPLY,
    run: (c) => read(c, readArguments(c, false)),
  },
  {
    name: 'xreadgroup',
    summary:
      "Answers a stream's entries to a consumer of a group, each entry to one consumer; waits if asked to.",
    since: '5.0.0',
    group: 'stream',
    complexity:
      'For each stream mentioned: O(M) with M being the number of elements returned. If M is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1). On the other side when XREADGROUP blocks, XADD will pay the O(N) time in order to serve the N clients blocked on the stream getting new data.',
    arity: -7,
    flags: ['write', 'blocking'],
    acl: ['stream'],
    keys: [keysAfter('STREAMS', 4, { lastKey: -1, step: 1, limit: 2 }, 'RO', 'access')],
    args: [
      arg.block('group_consumer', [arg.string('group'), arg.string('consumer')], { token: 'GROUP' }),
      COUNT,
      BLOCK,
      arg.word('NOACK', { optional: true }),
      STREAMS,
    ],
    reply: REPLY,
    run: (c) => readGroup(c, readArguments(c, true)),
  },
];

interface ReadArguments {
  /** Milliseconds to wait, 0 for ever, -1 not at all. */
  readonly timeout: number;
  readonly count: number;
  /** Where the keys begin, and how many there are; as many IDs follow. */
  readonly firstKey: number;
  readonly streams: number;
  /** Where the names of the group and, behind it, the consumer are; 0: there are none. */
  readonly groupName: number;
  readonly noAck: boolean;
}

const reader = new StreamReader();
const from = new StreamId();
/** The IDs behind which each stream is to be read. */
const known: StreamId[] = [];

function readArguments(c: Context, forGroup: boolean): ReadArguments {
  const { request, session } = c;
  const { argc } = request;
  let timeout = -1;
  let count = 0;
  let groupName = 0;
  let noAck = false;
  for (let i = 1; i < argc; i++) {
    const more = argc - 1 - i;
    if (request.is(i, 'STREAMS') && more > 0) {
      if (more % 2 === 1) {
        throw new CommandError(
          "ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.",
        );
      }
      if (forGroup && groupName === 0) throw new CommandError('ERR Missing GROUP option for XREADGROUP');
      const most = count > 0 ? count : Number.POSITIVE_INFINITY;
      return { timeout, count: most, firstKey: i + 1, streams: more / 2, groupName, noAck };
    }
    if (request.is(i, 'COUNT') && more > 0) count = integerArgument(c, ++i);
    else if (request.is(i, 'BLOCK') && more > 0) {
      if (session.isScript) {
        const name = request.latin1(0);
        throw new CommandError(`ERR ${name} command is not allowed with BLOCK option from scripts`);
      }
      timeout = timeoutArgument(c, ++i);
    } else if (request.is(i, 'GROUP') && more > 1) {
      if (!forGroup) throw onlyForGroups('GROUP');
      groupName = i + 1;
      i += 2;
    } else if (request.is(i, 'NOACK')) {
      if (!forGroup) throw onlyForGroups('NOACK');
      noAck = true;
    } else throw new CommandError(SYNTAX_ERROR);
  }
  throw new CommandError(SYNTAX_ERROR);
}

function onlyForGroups(option: string): CommandError {
  return new CommandError(
    `ERR The ${option} option is only supported by XREADGROUP. You called XREAD instead.`,
  );
}

/** The `n`th of `known`. */
function knownId(n: number): StreamId {
  if (known.length === n) known.push(new StreamId());
  return known[n];
}

// XREAD

/** XREAD [COUNT count] [BLOCK milliseconds] STREAMS key … ID … */
function read(c: Context, { timeout, count, firstKey, streams }: ReadArguments): void {
  const { request, reply } = c;
  for (let n = 0; n < streams; n++) {
    const stream = readStream(c, firstKey + n);
    const i = firstKey + streams + n;
    const id = knownId(n);
    if (request.is(i, '$')) {
      if (stream === null) id.setZero();
      else id.copy(stream.lastId);
    } else if (request.is(i, '>')) {
      throw new CommandError(
        'ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.',
      );
    } else idArgument(c, i, id);
  }
  const mark = reply.open();
  let served = 0;
  for (let n = 0; n < streams; n++) {
    const stream = readStream(c, firstKey + n);
    if (stream === null || !hasNew(stream, known[n])) continue;
    served++;
    replyWithKey(c, firstKey + n);
    replyWithEntries(c, stream, known[n], count);
  }
  if (served > 0) closeReply(c, mark, served);
  else {
    reply.length = mark;
    const after = Array.from({ length: streams }, (_, n) => known[n].clone());
    wait(c, timeout, firstKey, streams, (c, i) => {
      const stream = readStream(c, i)!;
      if (stream.lastId.compare(after[i - firstKey]) <= 0) return false;
      replyWithOneStream(c, i, () =>
        replyWithEntries(c, stream, after[i - firstKey], Math.min(count, COUNT_AFTER_WAIT)),
      );
      return true;
    });
  }
}

/** Whether the stream has entries behind an ID. */
function hasNew(stream: Stream, id: StreamId): boolean {
  if (stream.length === 0 || stream.lastId.compare(id) <= 0) return false;
  reader.last(stream);
  return reader.id.compare(id) > 0;
}

/** The list of up to `count` entries behind an ID. */
function replyWithEntries({ reply }: Context, stream: Stream, after: StreamId, count: number): void {
  from.copy(after).increment();
  const mark = reply.open();
  let written = 0;
  for (let more = reader.seek(stream, from); more && written < count; more = reader.next()) {
    reader.replyWith(reply);
    written++;
  }
  reply.close(mark, 'array', written);
}

// XREADGROUP

/** XREADGROUP GROUP group consumer [COUNT count] [BLOCK milliseconds] [NOACK] STREAMS key … ID … */
function readGroup(c: Context, args: ReadArguments): void {
  const { request, reply } = c;
  const { timeout, count, firstKey, streams, groupName } = args;
  c.propagateNothing(); // but what is propagated for each entry
  const sources = Array.from({ length: streams }, (_, n) => {
    const i = firstKey + streams + n;
    const source = groupArguments(c, firstKey + n, groupName, ' in XREADGROUP with GROUP option');
    if (request.is(i, '$')) {
      throw new CommandError(
        'ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by ' +
          'specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.',
      );
    }
    if (request.is(i, '>')) knownId(n).setMax();
    else idArgument(c, i, knownId(n));
    return source;
  });
  const mark = reply.open();
  let served = 0;
  for (const [n, source] of sources.entries()) {
    const isHistory = !known[n].isMax;
    if (!isHistory && !hasNew(source.stream, source.group.lastId)) continue;
    served++;
    replyWithKey(c, source.key);
    if (isHistory) replyWithHistory(c, source, known[n], args);
    else replyWithDeliveries(c, source, count, args);
    c.touched();
  }
  if (served > 0) closeReply(c, mark, served);
  else {
    reply.length = mark;
    const most = Math.min(count, COUNT_AFTER_WAIT);
    wait(c, timeout, firstKey, streams, (c, i) => resume(c, i, most, args), keyLost);
  }
}

/** Goes on with a wait for new entries of the stream in argument i. */
function resume(c: Context, i: number, count: number, args: ReadArguments): boolean {
  const stream = readGroupsOf(c, i)!;
  const group = stream.group(c.request.latin1(args.groupName));
  c.propagateNothing();
  if (group === undefined) {
    throw new CommandError('NOGROUP the consumer group this client was blocked on no longer exists');
  }
  if (stream.lastId.compare(group.lastId) <= 0) return false;
  const source = { stream, group, key: i, name: args.groupName };
  replyWithOneStream(c, i, () => replyWithDeliveries(c, source, count, args));
  c.touched();
  return true;
}

/** The key that was waited for has gone. */
function keyLost(): boolean {
  throw new CommandError('UNBLOCKED the stream key no longer exists');
}

interface Source extends NamedGroup {
  readonly stream: Stream;
}

function consumerOf(c: Context, source: Source, { groupName, noAck }: ReadArguments) {
  const before = source.group.size;
  const consumer = enlist(c, source, c.request.latin1(groupName + 1));
  if (noAck && source.group.size > before) propagateConsumer(c, source, consumer);
  return consumer;
}

/** The list of up to `count` entries that nobody in the group has been given. */
function replyWithDeliveries(c: Context, source: Source, count: number, args: ReadArguments): void {
  const { reply } = c;
  const { stream, group } = source;
  const consumer = consumerOf(c, source, args);
  const mark = reply.open();
  let written = 0;
  from.copy(group.lastId).increment();
  for (let more = reader.seek(stream, from); more && written < count; more = reader.next()) {
    stream.advance(group, reader.id);
    reader.replyWith(reply);
    if (!args.noAck) propagateClaim(c, source, deliver(c, source, consumer, reader.id));
    written++;
  }
  if (args.noAck && written > 0) propagateLastId(c, source);
  reply.close(mark, 'array', written);
}

/** The list of up to `count` entries behind an ID that are pending with the consumer: fields are null when deleted. */
function replyWithHistory(c: Context, source: Source, after: StreamId, args: ReadArguments): void {
  const { reply } = c;
  const { pending } = consumerOf(c, source, args);
  const mark = reply.open();
  let written = 0;
  from.copy(after).increment();
  pending.visit((entry) => {
    if (reader.find(source.stream, entry.id)) {
      reader.replyWith(reply);
      entry.deliveredAt = c.now;
      entry.deliveries++;
    } else {
      reply.array(2);
      replyWithId(reply, entry.id);
      reply.nilArray();
    }
    return ++written < args.count;
  }, from);
  reply.close(mark, 'array', written);
}

// Replies: streams by key

function replyWithKey({ reply, request }: Context, i: number): void {
  if (reply.resp === 2) reply.array(2);
  reply.bulk(request.buffer, request.starts[i], request.ends[i]);
}

function closeReply({ reply }: Context, mark: number, streams: number): void {
  reply.close(mark, reply.resp === 2 ? 'array' : 'map', streams);
}

function replyWithOneStream(c: Context, i: number, writeEntries: () => void): void {
  const mark = c.reply.open();
  replyWithKey(c, i);
  writeEntries();
  closeReply(c, mark, 1);
}

/** Waits for one of the streams if that was asked for and may be. */
function wait(
  c: Context,
  timeout: number,
  firstKey: number,
  streams: number,
  serve: (c: Context, i: number) => boolean,
  lost?: (c: Context, i: number) => boolean,
): void {
  if (timeout < 0 || !c.mayBlock) c.reply.nilArray();
  else c.block({ firstKey, lastKey: firstKey + streams - 1, type: STREAM, timeout, serve, lost });
}
