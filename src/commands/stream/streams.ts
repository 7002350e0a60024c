/** Streams: adding entries, taking them away, and looking at ranges of them. */
import { STREAM } from '../../keyspace/record.js';
import { LARGEST_ENTRY, Stream } from '../../keyspace/values/stream/stream.js';
import { StreamId } from '../../keyspace/values/stream/stream-id.js';
import { replyWithId, StreamReader } from '../../keyspace/values/stream/stream-reader.js';
import { CommandError } from '../../protocol/command-error.js';
import type { ReplyWriter } from '../../protocol/reply-writer.js';
import * as arg from '../arguments.js';
import type { CommandDefinition } from '../command.js';
import { type Context, EVENT } from '../context.js';
import { NO_SUCH_KEY, SYNTAX_ERROR, wrongArity } from '../errors.js';
import { integerArgument, toInt64 } from '../input.js';
import { keyAt } from '../key-specs.js';
import {
  AddOrTrimArguments,
  idArgument,
  idArguments,
  intervalEnd,
  intervalStart,
  readStream,
  writeStream,
} from './arguments.js';

/** What reads entries gives: the ID, then fields and values in turn. */
export const ENTRY = '[id: Bulk, fields: Bulk[]]';

const reader = new StreamReader();
const options = new AddOrTrimArguments();
const start = new StreamId();
const end = new StreamId();

/** How a stream is to be trimmed. */
function trimming(options?: { optional: true }) {
  return arg.block(
    'trim',
    [
      arg.oneOf('strategy', [arg.word('MAXLEN'), arg.word('MINID', { since: '6.2.0' })]),
      arg.oneOf('operator', [arg.word('=', { name: 'equal' }), arg.word('~', { name: 'approximately' })], {
        optional: true,
      }),
      arg.string('threshold'),
      arg.integer('count', { token: 'LIMIT', optional: true, since: '6.2.0' }),
    ],
    options,
  );
}

function rangeCommand(name: string, summary: string, reverse: boolean): CommandDefinition {
  return {
    name,
    summary,
    since: '5.0.0',
    group: 'stream',
    complexity: `O(N) with N being the number of elements ${reverse ? '' : 'being '}returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).`,
    arity: -4,
    flags: ['readonly'],
    acl: ['stream'],
    keys: [keyAt(1, 'RO', 'access')],
    args: [
      arg.key('key', 0),
      ...(reverse ? [arg.string('end'), arg.string('start')] : [arg.string('start'), arg.string('end')]),
      arg.integer('count', { token: 'COUNT', optional: true }),
    ],
    reply: `${ENTRY}[] | null`,
    history: [['6.2.0', 'Added exclusive ranges.']],
    run: (c) => range(c, reverse),
  };
}

export const streams: readonly CommandDefinition[] = [
  {
    name: 'xadd',
    summary: 'Adds an entry to a stream, which is made when it is not there.',
    since: '5.0.0',
    group: 'stream',
    complexity:
      'O(1) when adding a new entry, O(N) when trimming where N being the number of entries evicted.',
    arity: -5,
    flags: ['write', 'denyoom', 'fast'],
    acl: ['stream'],
    keys: [
      {
        ...keyAt(1, 'RW', 'update'),
        notes: 'UPDATE instead of INSERT because of the optional trimming feature',
      },
    ],
    args: [
      arg.key('key', 0),
      arg.word('NOMKSTREAM', { optional: true, since: '6.2.0' }),
      trimming({ optional: true }),
      arg.oneOf('id_or_auto', [arg.word('*', { name: 'auto_id' }), arg.string('id')]),
      arg.block('field_value', [arg.string('field'), arg.string('value')], { multiple: true }),
    ],
    reply: { nomkstream: 'Bulk | null', otherwise: 'Bulk' },
    tips: ['nondeterministic_output'],
    history: [
      ['6.2.0', 'Added the `NOMKSTREAM` option, `MINID` trimming strategy and the `LIMIT` option.'],
      ['7.0.0', 'Added support for the `<ms>-*` explicit ID form.'],
    ],
    run: add,
  },
  {
    name: 'xlen',
    summary: 'Answers the number of entries.',
    since: '5.0.0',
    group: 'stream',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    acl: ['stream'],
    keys: [keyAt(1, 'RO')],
    args: [arg.key('key', 0)],
    reply: 'number',
    run(c) {
      c.reply.integer(readStream(c, 1)?.length ?? 0);
    },
  },
  rangeCommand('xrange', 'Answers the entries whose IDs lie in an interval.', false),
  rangeCommand(
    'xrevrange',
    'Answers the entries whose IDs lie in an interval, the last of them first.',
    true,
  ),
  {
    name: 'xdel',
    summary: 'Deletes entries.',
    since: '5.0.0',
    group: 'stream',
    complexity: 'O(1) for each single item to delete in the stream, regardless of the stream size.',
    arity: -3,
    flags: ['write', 'fast'],
    acl: ['stream'],
    keys: [keyAt(1, 'RW', 'delete')],
    args: [arg.key('key', 0), arg.string('id', { multiple: true })],
    reply: 'number',
    run: deleteEntries,
  },
  {
    name: 'xtrim',
    summary: 'Deletes the oldest entries, up to a number or an ID.',
    since: '5.0.0',
    group: 'stream',
    complexity:
      'O(N), with N being the number of evicted entries. Constant times are very small however, since entries are organized in macro nodes containing multiple entries that can be released with a single deallocation.',
    arity: -4,
    flags: ['write'],
    acl: ['stream'],
    keys: [keyAt(1, 'RW', 'delete')],
    args: [arg.key('key', 0), trimming()],
    reply: 'number',
    tips: ['nondeterministic_output'],
    history: [['6.2.0', 'Added the `MINID` trimming strategy and the `LIMIT` option.']],
    run: trim,
  },
  {
    name: 'xsetid',
    summary: 'Sets what a stream remembers beside its entries, its last ID above all: for replication.',
    since: '5.0.0',
    group: 'stream',
    complexity: 'O(1)',
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    acl: ['stream'],
    keys: [keyAt(1, 'RW', 'update')],
    args: [
      arg.key('key', 0),
      arg.string('last-id'),
      arg.integer('entries_added', { token: 'ENTRIESADDED', optional: true, since: '7.0.0' }),
      arg.string('max_deleted_entry_id', { token: 'MAXDELETEDID', optional: true, since: '7.0.0' }),
    ],
    reply: "'OK'",
    history: [['7.0.0', 'Added the `entries_added` and `max_deleted_entry_id` arguments.']],
    run: setId,
  },
];

/** XADD key [NOMKSTREAM] [MAXLEN | MINID …] ID field value … */
function add(c: Context): void {
  const { request, reply, db, keyspace } = c;
  const idAt = options.read(c, true);
  const first = idAt + 1;
  const last = request.argc - 1;
  if (last - first < 1 || (last - first) % 2 === 0) throw new CommandError(wrongArity('xadd'));
  const { id, idForm, noCreate } = options;
  if ((idForm === 'whole' || idForm === 'milliseconds') && id.isZero) {
    throw new CommandError('ERR The ID specified in XADD must be greater than 0-0');
  }
  let stream = writeStream(c, 1);
  if (stream === null && noCreate) {
    reply.nil();
    return;
  }
  chooseId(c, stream);
  if (textOf(c, first) > LARGEST_ENTRY) throw new CommandError('ERR Elements are too large to be stored');
  if (stream === null) {
    stream = new Stream(keyspace.arena);
    db.putObject(request.buffer, request.starts[1], request.ends[1], STREAM, stream);
  }
  stream.add(id, request, first, last, keyspace.limits);
  replyWithId(reply, id);
  c.changed(1, EVENT.stream, 'xadd');
  if (options.apply(stream) > 0) c.notify(1, EVENT.stream, 'xtrim');
  const isExact = idForm === 'whole' || idForm === 'milliseconds';
  if (c.propagates && !(isExact && !options.approximate)) {
    const words = wordsOf(c);
    words[idAt] = String(id);
    options.makeExact(words, stream);
    c.propagate(...words);
  }
}

/** Completes the ID of the entry that is to be added to the stream, null for a new one. */
function chooseId({ now }: Context, stream: Stream | null): void {
  const { id, idForm } = options;
  const lastId = stream?.lastId;
  if (lastId?.isMax) {
    throw new CommandError('ERR The stream has exhausted the last possible ID, unable to add more items');
  }
  if (idForm === 'auto') {
    id.setTime(now);
    if (lastId !== undefined && id.compare(lastId) <= 0) id.copy(lastId).increment();
  } else if (idForm === 'next') {
    const last = lastId ?? ZERO;
    if (id.sameTime(last) && !last.lastOfTime) id.copy(last).increment();
  }
  if (lastId !== undefined && id.compare(lastId) <= 0) {
    throw new CommandError(
      'ERR The ID specified in XADD is equal or smaller than the target stream top item',
    );
  }
}

const ZERO = new StreamId();

/** Bytes of the arguments from `first` on. */
function textOf({ request }: Context, first: number): number {
  let bytes = 0;
  for (let i = first; i < request.argc; i++) bytes += request.length(i);
  return bytes;
}

/** The request as words that may be changed, to be propagated. */
function wordsOf({ request }: Context): (string | Uint8Array)[] {
  return Array.from({ length: request.argc }, (_, i) => request.view(i));
}

/** XRANGE key start end [COUNT count] and XREVRANGE key end start [COUNT count]. */
function range(c: Context, reverse: boolean): void {
  const { request, reply } = c;
  intervalStart(c, reverse ? 3 : 2, start);
  intervalEnd(c, reverse ? 2 : 3, end);
  let count = Number.POSITIVE_INFINITY;
  for (let i = 4; i < request.argc; i += 2) {
    if (!request.is(i, 'COUNT') || i + 1 === request.argc) throw new CommandError(SYNTAX_ERROR);
    count = Math.max(0, integerArgument(c, i + 1));
  }
  const stream = readStream(c, 1);
  if (stream === null) reply.array(0);
  else if (count === 0) reply.nilArray();
  else replyWithRange(reply, stream, start, end, count, reverse);
}

/** Replies with up to `count` entries between two IDs, both included; `reverse`: the last of them, backwards. */
export function replyWithRange(
  reply: ReplyWriter,
  stream: Stream,
  from: StreamId,
  to: StreamId,
  count: number,
  reverse: boolean,
): void {
  const mark = reply.open();
  let written = 0;
  if (reverse) {
    for (let more = reader.seekBack(stream, to); more; more = reader.previous()) {
      if (reader.id.compare(from) < 0 || written === count) break;
      reader.replyWith(reply);
      written++;
    }
  } else {
    for (let more = reader.seek(stream, from); more; more = reader.next()) {
      if (reader.id.compare(to) > 0) break;
      reader.replyWith(reply);
      if (++written === count) break;
    }
  }
  reply.close(mark, 'array', written);
}

/** XDEL key ID … */
function deleteEntries(c: Context): void {
  const stream = writeStream(c, 1);
  let deleted = 0;
  if (stream !== null) for (const id of idArguments(c, 2)) if (stream.delete(id)) deleted++;
  if (deleted > 0) c.changed(1, EVENT.stream, 'xdel', deleted);
  c.reply.integer(deleted);
}

/** XTRIM key MAXLEN | MINID [= | ~] threshold [LIMIT count]. */
function trim(c: Context): void {
  options.read(c, false);
  const stream = writeStream(c, 1);
  const trimmed = stream === null ? 0 : options.apply(stream);
  if (stream !== null && trimmed > 0) {
    c.changed(1, EVENT.stream, 'xtrim', trimmed);
    if (c.propagates && options.approximate) {
      const words = wordsOf(c);
      options.makeExact(words, stream);
      c.propagate(...words);
    }
  }
  c.reply.integer(trimmed);
}

/** XSETID key last-id [ENTRIESADDED entries-added] [MAXDELETEDID id]. */
function setId(c: Context): void {
  const { request, reply } = c;
  const id = start;
  const maxDeleted = end.setZero();
  let entriesAdded = -1;
  idArgument(c, 2, id);
  for (let i = 3; i < request.argc; i += 2) {
    if (i + 1 === request.argc) throw new CommandError(SYNTAX_ERROR);
    if (request.is(i, 'ENTRIESADDED')) {
      entriesAdded = integerArgument(c, i + 1);
      if (entriesAdded < 0) throw new CommandError('ERR entries_added must be positive');
    } else if (request.is(i, 'MAXDELETEDID')) {
      idArgument(c, i + 1, maxDeleted);
      if (id.compare(maxDeleted) < 0) {
        throw new CommandError(
          'ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id',
        );
      }
    } else throw new CommandError(SYNTAX_ERROR);
  }
  const stream = writeStream(c, 1);
  if (stream === null) throw new CommandError(NO_SUCH_KEY);
  if (stream.length > 0) {
    reader.last(stream);
    if (id.compare(reader.id) < 0) {
      throw new CommandError('ERR The ID specified in XSETID is smaller than the target stream top item');
    }
    if (entriesAdded >= 0 && stream.length > entriesAdded) {
      throw new CommandError(
        'ERR The entries_added specified in XSETID is smaller than the target stream length',
      );
    }
  }
  stream.lastId.copy(id);
  if (entriesAdded >= 0) stream.entriesAdded = entriesAdded;
  if (!maxDeleted.isZero) stream.maxDeletedId.copy(maxDeleted);
  reply.ok();
  c.touched();
  c.notify(1, EVENT.stream, 'xsetid');
}

/** Replies with a counter, which may lie beyond 2^53. */
export function replyWithCounter(reply: ReplyWriter, value: number): void {
  if (Number.isSafeInteger(value)) reply.integer(value);
  else reply.bigint(toInt64(value));
}
