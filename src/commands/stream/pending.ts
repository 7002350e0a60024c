/**
 * What is pending in a consumer group: looking at it, and claiming what others were given and didn't deal with. Whoever
 * claims an entry that is no longer in the stream clears it away. See deliveries.ts for what is propagated.
 */
import type { Consumer } from '../../keyspace/values/stream/consumer-group.js';
import { PendingEntry } from '../../keyspace/values/stream/pending-list.js';
import type { Stream } from '../../keyspace/values/stream/stream.js';
import { StreamId } from '../../keyspace/values/stream/stream-id.js';
import { replyWithId, StreamReader } from '../../keyspace/values/stream/stream-reader.js';
import { CommandError } from '../../protocol/command-error.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import type { Context } from '../context.js';
import { SYNTAX_ERROR } from '../errors.js';
import { integerArgument, rangeArgument } from '../input.js';
import { keyAt } from '../key-specs.js';
import { idArgument, intervalEnd, intervalStart, readId } from './arguments.js';
import { enlist, groupArguments, type NamedGroup, propagateClaim, propagateLastId } from './deliveries.js';
import { ENTRY, replyWithCounter } from './streams.js';

/** XAUTOCLAIM looks at so many entries for each that it may claim. */
const LOOKS_PER_CLAIM = 10;
const MOST_CLAIMS = 2 ** 59;
/** No memory has room for the IDs of so many entries. */
const TOO_MANY_CLAIMS = 2 ** 43;

const reader = new StreamReader();
const start = new StreamId();
const end = new StreamId();

const KEY = arg.key('key', 0);
const GROUP = arg.string('group');
const CONSUMER = arg.string('consumer');
const MIN_IDLE_TIME = arg.string('min-idle-time');
const JUST_ID = arg.word('JUSTID', { optional: true });

export const streamsPending: readonly CommandDefinition[] = [
  {
    name: 'xpending',
    summary: 'Answers what a group was given and has not acknowledged: in all, or entry by entry.',
    since: '5.0.0',
    group: 'stream',
    complexity:
      'O(N) with N being the number of elements returned, so asking for a small fixed number of entries per call is O(1). O(M), where M is the total number of entries scanned when used with the IDLE filter. When the command returns just the summary and the list of consumers is small, it runs in O(1) time; otherwise, an additional O(N) time for iterating every consumer.',
    arity: -3,
    flags: ['readonly'],
    acl: ['stream'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [
      KEY,
      GROUP,
      arg.block(
        'filters',
        [
          arg.integer('min-idle-time', { token: 'IDLE', optional: true, since: '6.2.0' }),
          arg.string('start'),
          arg.string('end'),
          arg.integer('count'),
          arg.string('consumer', { optional: true }),
        ],
        { optional: true },
      ),
    ],
    reply: {
      start: '[id: Bulk, consumer: Bulk, idle: number, deliveries: number][]',
      otherwise:
        '[count: number, first: Bulk | null, last: Bulk | null, consumers: [name: Bulk, count: Bulk][] | null]',
    },
    tips: ['nondeterministic_output'],
    history: [['6.2.0', 'Added the `IDLE` option and exclusive range intervals.']],
    run: pending,
  },
  {
    name: 'xclaim',
    summary: 'Makes a consumer the one who has entries that others were given.',
    since: '5.0.0',
    group: 'stream',
    complexity: 'O(log N) with N being the number of messages in the PEL of the consumer group.',
    arity: -6,
    flags: ['write', 'fast'],
    acl: ['stream'],
    keys: [keyAt(1, 'RW', 'update')],
    args: [
      KEY,
      GROUP,
      CONSUMER,
      MIN_IDLE_TIME,
      arg.string('id', { multiple: true }),
      arg.integer('ms', { token: 'IDLE', optional: true }),
      arg.unixTime('unix-time-milliseconds', { token: 'TIME', optional: true }),
      arg.integer('count', { token: 'RETRYCOUNT', optional: true }),
      arg.word('FORCE', { optional: true }),
      JUST_ID,
      arg.string('id', { token: 'LASTID', optional: true }),
    ],
    reply: { justid: 'Bulk[]', otherwise: `${ENTRY}[]` },
    tips: ['nondeterministic_output'],
    run: claim,
  },
  {
    name: 'xautoclaim',
    summary: 'Makes a consumer the one who has the entries that others have had for too long.',
    since: '6.2.0',
    group: 'stream',
    complexity: 'O(1) if COUNT is small.',
    arity: -6,
    flags: ['write', 'fast'],
    acl: ['stream'],
    keys: [keyAt(1, 'RW', 'delete')],
    args: [
      KEY,
      GROUP,
      CONSUMER,
      MIN_IDLE_TIME,
      arg.string('start'),
      arg.integer('count', { token: 'COUNT', optional: true }),
      JUST_ID,
    ],
    reply: {
      justid: '[next: Bulk, claimed: Bulk[], deleted: Bulk[]]',
      otherwise: `[next: Bulk, claimed: ${ENTRY}[], deleted: Bulk[]]`,
    },
    tips: ['nondeterministic_output'],
    history: [
      [
        '7.0.0',
        'Added an element to the reply array, containing deleted entries the command cleared from the PEL',
      ],
    ],
    run: claimAutomatically,
  },
];

// XPENDING

/** XPENDING key group [[IDLE min-idle-time] start end count [consumer]]. */
function pending(c: Context): void {
  const { request } = c;
  const { argc } = request;
  if (argc === 3) {
    summary(c);
    return;
  }
  if (argc < 6 || argc > 9) throw new CommandError(SYNTAX_ERROR);
  let i = 3;
  let minIdle = 0;
  if (request.is(3, 'IDLE')) {
    minIdle = integerArgument(c, 4);
    if (argc < 8) throw new CommandError(SYNTAX_ERROR);
    i = 5;
  }
  const count = integerArgument(c, i + 2);
  intervalStart(c, i, start);
  intervalEnd(c, i + 1, end);
  entries(c, minIdle, count, i + 3);
}

/** How many entries are pending, the first and the last of them, and with whom they are. */
function summary(c: Context): void {
  const { reply } = c;
  const { group } = groupArguments(c, 1, 2);
  const { size, first, last } = group.pending;
  reply.array(4);
  reply.integer(size);
  if (first === undefined || last === undefined) {
    reply.nil();
    reply.nil();
    reply.nilArray();
    return;
  }
  replyWithId(reply, first.id);
  replyWithId(reply, last.id);
  const busy = group.sortedConsumers().filter((consumer) => consumer.pending.size > 0);
  reply.array(busy.length);
  for (const { name, pending } of busy) {
    reply.array(2);
    reply.latin1(name);
    reply.integerText(pending.size);
  }
}

/** The pending entries from `start` to `end`, of the consumer whose name is in argument i if there is one. */
function entries(c: Context, minIdle: number, count: number, i: number): void {
  const { request, reply, now } = c;
  const { group } = groupArguments(c, 1, 2);
  const consumer = i < request.argc ? group.consumer(request.latin1(i)) : group;
  if (consumer === undefined) {
    reply.array(0);
    return;
  }
  const mark = reply.open();
  let written = 0;
  if (count > 0) {
    consumer.pending.visit((entry) => {
      if (entry.id.compare(end) > 0) return false;
      if (minIdle !== 0 && now - entry.deliveredAt < minIdle) return true;
      reply.array(4);
      replyWithId(reply, entry.id);
      reply.latin1(entry.consumer!.name);
      replyWithCounter(reply, Math.max(0, now - entry.deliveredAt));
      replyWithCounter(reply, entry.deliveries);
      return ++written < count;
    }, start);
  }
  reply.close(mark, 'array', written);
}

// XCLAIM

interface ClaimOptions {
  /** When the entries were delivered, by the clock; -1: now. */
  deliveredAt: number;
  /** -1: as it is. */
  deliveries: number;
  force: boolean;
  justId: boolean;
  readonly lastId: StreamId;
}

/** XCLAIM key group consumer min-idle-time ID … [IDLE ms] [TIME ms] [RETRYCOUNT n] [FORCE] [JUSTID] [LASTID ID]. */
function claim(c: Context): void {
  const { request, reply, now } = c;
  const source = groupArguments(c, 1, 2);
  const { stream, group } = source;
  const minIdle = Math.max(0, integerArgument(c, 4, 'ERR Invalid min-idle-time argument for XCLAIM'));
  const ids: StreamId[] = [];
  let i = 5;
  for (let id = new StreamId(); i < request.argc && readId(c, i, id); i++, id = new StreamId()) ids.push(id);
  const options = claimOptions(c, i);
  const { force, justId, deliveries } = options;
  const deliveredAt = options.deliveredAt < 0 || options.deliveredAt > now ? now : options.deliveredAt;
  let owesLastId = options.lastId.compare(group.lastId) > 0;
  if (owesLastId) group.lastId.copy(options.lastId);
  c.propagateNothing(); // but what is propagated for each entry
  let consumer: Consumer | null = null;
  const mark = reply.open();
  let claimed = 0;
  for (const id of ids) {
    let entry = group.pending.find(id);
    if (!reader.find(stream, id)) {
      if (entry === undefined) continue;
      clearAway(c, source, entry);
      owesLastId = false;
      continue;
    }
    if (entry === undefined) {
      if (!force) continue;
      entry = new PendingEntry(id, null, now, 1);
      group.pending.add(entry);
    } else if (minIdle > 0 && now - entry.deliveredAt < minIdle) continue;
    consumer ??= enlist(c, source, request.latin1(3));
    entry.deliveredAt = deliveredAt;
    if (deliveries >= 0) entry.deliveries = deliveries;
    else if (!justId) entry.deliveries++;
    group.assign(entry, consumer);
    replyWithClaim(c, justId);
    claimed++;
    propagateClaim(c, source, entry);
    owesLastId = false;
    c.touched();
  }
  if (owesLastId) {
    propagateLastId(c, source);
    c.touched();
  }
  reply.close(mark, 'array', claimed);
}

/** XCLAIM's options, from argument i on. */
function claimOptions(c: Context, i: number): ClaimOptions {
  const { request, now } = c;
  const options: ClaimOptions = {
    deliveredAt: -1,
    deliveries: -1,
    force: false,
    justId: false,
    lastId: new StreamId(),
  };
  for (; i < request.argc; i++) {
    const more = i + 1 < request.argc;
    if (request.is(i, 'FORCE')) options.force = true;
    else if (request.is(i, 'JUSTID')) options.justId = true;
    else if (request.is(i, 'IDLE') && more) {
      options.deliveredAt = now - integerArgument(c, ++i, 'ERR Invalid IDLE option argument for XCLAIM');
    } else if (request.is(i, 'TIME') && more) {
      options.deliveredAt = integerArgument(c, ++i, 'ERR Invalid TIME option argument for XCLAIM');
    } else if (request.is(i, 'RETRYCOUNT') && more) {
      options.deliveries = integerArgument(c, ++i, 'ERR Invalid RETRYCOUNT option argument for XCLAIM');
    } else if (request.is(i, 'LASTID') && more) idArgument(c, ++i, options.lastId);
    else throw new CommandError(`ERR Unrecognized XCLAIM option '${request.latin1(i)}'`);
  }
  return options;
}

/** Replies with the entry that the reader is at. */
function replyWithClaim({ reply }: Context, justId: boolean): void {
  if (justId) replyWithId(reply, reader.id);
  else reader.replyWith(reply);
}

/** An entry is pending that is no longer in the stream. */
function clearAway(c: Context, source: NamedGroup, entry: PendingEntry): void {
  propagateClaim(c, source, entry);
  source.group.acknowledge(entry.id);
  c.touched();
}

// XAUTOCLAIM

/** XAUTOCLAIM key group consumer min-idle-time start [COUNT count] [JUSTID]. */
function claimAutomatically(c: Context): void {
  const { request, reply } = c;
  const minIdle = Math.max(0, integerArgument(c, 4, 'ERR Invalid min-idle-time argument for XAUTOCLAIM'));
  intervalStart(c, 5, start);
  let count = 100;
  let justId = false;
  for (let i = 6; i < request.argc; i++) {
    if (request.is(i, 'COUNT') && i + 1 < request.argc) {
      count = rangeArgument(c, ++i, 1, MOST_CLAIMS, 'ERR COUNT must be > 0');
    } else if (request.is(i, 'JUSTID')) justId = true;
    else throw new CommandError(SYNTAX_ERROR);
  }
  const source = groupArguments(c, 1, 2);
  if (count >= TOO_MANY_CLAIMS) {
    throw new CommandError('ERR Insufficient memory, failed allocating transient memory, COUNT too high.');
  }
  c.propagateNothing(); // but what is propagated for each entry
  const { next, claimed, deleted } = claimIdle(c, source, minIdle, count, justId);
  reply.array(3);
  replyWithId(reply, next);
  reply.array(claimed.length);
  for (const id of claimed) {
    reader.find(source.stream, id);
    replyWithClaim(c, justId);
  }
  reply.array(deleted.length);
  for (const id of deleted) replyWithId(reply, id);
}

/** Claims up to `count` entries from `start` on; answers them, those that are gone, and where to go on (0-0: nowhere). */
function claimIdle(
  c: Context,
  source: NamedGroup & { readonly stream: Stream },
  minIdle: number,
  count: number,
  justId: boolean,
) {
  const { now } = c;
  const { group, stream } = source;
  const claimed: StreamId[] = [];
  const deleted: StreamId[] = [];
  let consumer: Consumer | null = null;
  let entry = group.pending.atOrAfter(start);
  for (let looks = count * LOOKS_PER_CLAIM; looks > 0 && entry !== undefined; looks--) {
    if (claimed.length + deleted.length === count) break;
    const { id } = entry;
    if (!reader.find(stream, id)) {
      clearAway(c, source, entry);
      deleted.push(id);
    } else if (now - entry.deliveredAt >= minIdle || minIdle === 0) {
      consumer ??= enlist(c, source, c.request.latin1(3));
      entry.deliveredAt = now;
      if (!justId) entry.deliveries++;
      group.assign(entry, consumer);
      claimed.push(id);
      propagateClaim(c, source, entry);
      c.touched();
    }
    entry = start.copy(id).increment() ? group.pending.atOrAfter(start) : undefined;
  }
  return { next: entry?.id ?? start.setZero(), claimed, deleted };
}
