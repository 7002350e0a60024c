/** Arguments that stream commands share: IDs, intervals of them, and how a stream is to be trimmed. */

import type { Ref } from '../../keyspace/arena.js';
import { STREAM } from '../../keyspace/record.js';
import type { Stream, TrimGoal } from '../../keyspace/values/stream/stream.js';
import { type IdForm, StreamId } from '../../keyspace/values/stream/stream-id.js';
import { CommandError } from '../../protocol/command-error.js';
import type { Context } from '../context.js';
import { SYNTAX_ERROR } from '../errors.js';
import { integerArgument } from '../input.js';
import { readTyped, writeTyped } from '../lookup.js';

const INVALID_ID = 'ERR Invalid stream ID specified as stream command argument';

const OPEN_PARENTHESIS = 0x28;
const GREATEST_WORD = 2 ** 32 - 1;

/** Approximate trims go through so many nodes at most, unless LIMIT says otherwise … */
const NODES_PER_TRIM = 100;
/** … and through so many entries where nodes have no limit or a very high one. */
const ENTRIES_PER_TRIM = 10_000;
const MOST_ENTRIES_PER_TRIM = 1_000_000;

/** Sets `id` to argument i; answers false when that isn't one. */
export function readId({ request }: Context, i: number, id: StreamId): boolean {
  const form = id.parse(request.buffer, request.starts[i], request.ends[i]);
  return form === 'whole' || form === 'milliseconds';
}

/** Sets `id` to argument i. */
export function idArgument(c: Context, i: number, id: StreamId): void {
  if (!readId(c, i, id)) throw new CommandError(INVALID_ID);
}

/** The IDs in the arguments from `first` on. */
export function idArguments(c: Context, first: number): StreamId[] {
  const ids: StreamId[] = [];
  for (let i = first; i < c.request.argc; i++) {
    const id = new StreamId();
    idArgument(c, i, id);
    ids.push(id);
  }
  return ids;
}

/** Sets `id` to argument i, which may also be `-` or `+`, the least and the greatest ID. */
export function idOrEdgeArgument(c: Context, i: number, id: StreamId, missing = 0): void {
  const { request } = c;
  if (request.is(i, '-')) id.setZero();
  else if (request.is(i, '+')) id.setMax();
  else {
    const form = id.parse(request.buffer, request.starts[i], request.ends[i], missing);
    if (form !== 'whole' && form !== 'milliseconds') throw new CommandError(INVALID_ID);
  }
}

/** Sets `id` to the first ID of the interval that begins with argument i; `(` in front: the one behind it. */
export function intervalStart(c: Context, i: number, id: StreamId): void {
  if (!isOpen(c, i)) idOrEdgeArgument(c, i, id);
  else {
    openEnd(c, i, id, 0);
    if (!id.increment()) throw new CommandError('ERR invalid start ID for the interval');
  }
}

/** Sets `id` to the last ID of the interval that ends with argument i. */
export function intervalEnd(c: Context, i: number, id: StreamId): void {
  if (!isOpen(c, i)) idOrEdgeArgument(c, i, id, GREATEST_WORD);
  else {
    openEnd(c, i, id, GREATEST_WORD);
    if (!id.decrement()) throw new CommandError('ERR invalid end ID for the interval');
  }
}

function isOpen({ request }: Context, i: number): boolean {
  return request.length(i) > 1 && request.buffer[request.starts[i]] === OPEN_PARENTHESIS;
}

function openEnd({ request }: Context, i: number, id: StreamId, missing: number): void {
  const form = id.parse(request.buffer, request.starts[i] + 1, request.ends[i], missing);
  if (form !== 'whole' && form !== 'milliseconds') throw new CommandError(INVALID_ID);
}

// Streams

/** The stream of the key in argument i, for reading; null when there is none. */
export function readStream(c: Context, i: number): Stream | null {
  return streamOf(c, readTyped(c, i, STREAM));
}

/** The stream of the key in argument i, for a command that may change it; null when there is none. */
export function writeStream(c: Context, i: number): Stream | null {
  return streamOf(c, writeTyped(c, i, STREAM));
}

/** As `writeStream`, counted as a hit or a miss: for commands that change groups, which Redis takes for readers. */
export function readGroupsOf(c: Context, i: number): Stream | null {
  const { buffer, starts, ends } = c.request;
  c.keyspace.observer?.beforeChange(c.db, buffer, starts[i], ends[i]);
  return readStream(c, i);
}

function streamOf({ db }: Context, ref: Ref): Stream | null {
  return ref === 0 ? null : (db.object(ref) as Stream);
}

// Trimming

/** The options of XADD and XTRIM; filled anew for each of them. */
export class AddOrTrimArguments {
  /** The new entry's ID as far as it is given, and how far that is; `auto`: not at all. */
  readonly id = new StreamId();
  idForm: IdForm | 'auto' = 'auto';
  /** Null: not at all. */
  goal: TrimGoal | null = null;
  /** Whole nodes are enough. */
  approximate = false;
  /** Most entries to be removed, 0 for any number. */
  limit = 0;
  noCreate = false;
  /** Where the goal's argument is. */
  private at = 0;
  private readonly minId = new StreamId();

  /** Reads the options from argument 2 on; answers where they end, which for XADD is at the entry's ID. */
  read(c: Context, isAdd: boolean): number {
    const { request } = c;
    const { argc } = request;
    this.goal = null;
    this.approximate = this.noCreate = false;
    this.limit = 0;
    let limitGiven = false;
    let i = 2;
    for (; i < argc; i++) {
      const more = argc - 1 - i;
      if (isAdd && request.is(i, '*')) {
        this.idForm = 'auto';
        break;
      }
      if (request.is(i, 'MAXLEN') && more > 0) i = this.readGoal(c, i, true);
      else if (request.is(i, 'MINID') && more > 0) i = this.readGoal(c, i, false);
      else if (request.is(i, 'LIMIT') && more > 0) {
        this.limit = integerArgument(c, ++i);
        if (this.limit < 0) throw new CommandError('ERR The LIMIT argument must be >= 0.');
        limitGiven = true;
      } else if (isAdd && request.is(i, 'NOMKSTREAM')) this.noCreate = true;
      else if (isAdd) {
        this.idForm = this.id.parse(request.buffer, request.starts[i], request.ends[i]);
        if (this.idForm === 'invalid') throw new CommandError(INVALID_ID);
        break;
      } else throw new CommandError(SYNTAX_ERROR);
    }
    if (this.goal === null && this.limit > 0) {
      throw new CommandError('ERR syntax error, LIMIT cannot be used without specifying a trimming strategy');
    }
    if (this.goal === null && !isAdd) {
      throw new CommandError('ERR syntax error, XTRIM must be called with a trimming strategy');
    }
    this.settleLimit(c, limitGiven);
    return i;
  }

  /** Trims; answers how many entries are gone. */
  apply(stream: Stream): number {
    return this.goal === null ? 0 : stream.trim(this.goal, this.approximate, this.limit);
  }

  /** In the words of a command, makes an approximate trim exactly what it has come to. */
  makeExact(words: (string | Uint8Array)[], stream: Stream): void {
    if (this.goal === null || !this.approximate) return;
    words[this.at - 1] = '=';
    words[this.at] = 'length' in this.goal ? String(stream.length) : String(stream.firstOfAll(this.minId));
  }

  /** MAXLEN or MINID at argument i; answers its last argument. */
  private readGoal(c: Context, i: number, byLength: boolean): number {
    const { request } = c;
    if (this.goal !== null) {
      throw new CommandError(
        'ERR syntax error, MAXLEN and MINID options at the same time are not compatible',
      );
    }
    const more = request.argc - 1 - i > 1;
    this.approximate = more && request.is(i + 1, '~');
    if (more && (this.approximate || request.is(i + 1, '='))) i++;
    this.at = ++i;
    if (byLength) {
      const length = integerArgument(c, i);
      if (length < 0) throw new CommandError('ERR The MAXLEN argument must be >= 0.');
      this.goal = { length };
    } else {
      idArgument(c, i, this.minId);
      this.goal = { minId: this.minId };
    }
    return i;
  }

  private settleLimit({ session, keyspace }: Context, given: boolean): void {
    if (session.isObeyed) {
      this.limit = 0; // what it has come to has been decided
      return;
    }
    if (given && !this.approximate) {
      throw new CommandError('ERR syntax error, LIMIT cannot be used without the special ~ option');
    }
    if (given || !this.approximate) return;
    const entries = NODES_PER_TRIM * keyspace.limits['stream-node-max-entries'];
    this.limit = entries <= 0 ? ENTRIES_PER_TRIM : Math.min(entries, MOST_ENTRIES_PER_TRIM);
  }
}
