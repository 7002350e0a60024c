/**
 * What deliveries do to consumer groups, and how replicas and the append-only file are told: not by the command, whose
 * outcome depends on the moment, but by an XCLAIM for each entry that says who has it now.
 */
import type { Consumer, ConsumerGroup } from '../../keyspace/values/stream/consumer-group.js';
import { PendingEntry } from '../../keyspace/values/stream/pending-list.js';
import type { StreamId } from '../../keyspace/values/stream/stream-id.js';
import { CommandError } from '../../protocol/command-error.js';
import { type Context, EVENT } from '../context.js';
import { toInt64 } from '../input.js';
import { readGroupsOf } from './arguments.js';

/** A group, and the arguments that name its stream's key and itself. */
export interface NamedGroup {
  readonly group: ConsumerGroup;
  readonly key: number;
  readonly name: number;
}

/** The stream and the group in these arguments. `where` ends the complaint when there are none. */
export function groupArguments(c: Context, key: number, name: number, where = '') {
  const stream = readGroupsOf(c, key);
  const group = stream?.group(c.request.latin1(name));
  if (!stream || !group) {
    const { request } = c;
    throw new CommandError(
      `NOGROUP No such key '${request.latin1(key)}' or consumer group '${request.latin1(name)}'${where}`,
    );
  }
  return { stream, group, key, name };
}

/** The consumer of this name, made when there is none. */
export function enlist(c: Context, { group, key }: NamedGroup, name: string): Consumer {
  const known = group.consumer(name);
  if (known !== undefined) {
    known.seenAt = c.now;
    return known;
  }
  c.touched();
  c.notify(key, EVENT.stream, 'xgroup-createconsumer');
  return group.addConsumer(name, c.now);
}

/** The consumer is given an entry, now and as if for the first time, whoever had it before. */
export function deliver(c: Context, { group }: NamedGroup, consumer: Consumer, id: StreamId): PendingEntry {
  let entry = group.pending.find(id);
  if (entry === undefined) {
    entry = new PendingEntry(id.clone(), null, c.now, 1);
    group.pending.add(entry);
  } else {
    entry.deliveredAt = c.now;
    entry.deliveries = 1;
  }
  group.assign(entry, consumer);
  return entry;
}

/** Says who has an entry now, and how far the group has got. */
export function propagateClaim(c: Context, { group, key, name }: NamedGroup, entry: PendingEntry): void {
  if (!c.propagates) return;
  const { request } = c;
  c.propagate(
    'XCLAIM',
    request.view(key),
    request.view(name),
    entry.consumer!.name,
    '0',
    String(entry.id),
    'TIME',
    String(toInt64(entry.deliveredAt)),
    'RETRYCOUNT',
    String(toInt64(entry.deliveries)),
    'FORCE',
    'JUSTID',
    'LASTID',
    String(group.lastId),
  );
}

/** Says how far the group has got, where no claim does. */
export function propagateLastId(c: Context, { group, key, name }: NamedGroup): void {
  if (!c.propagates) return;
  const { request } = c;
  c.propagate(
    'XGROUP',
    'SETID',
    request.view(key),
    request.view(name),
    String(group.lastId),
    'ENTRIESREAD',
    String(toInt64(group.entriesRead)),
  );
}

/** Says that there is a new consumer, where no claim does. */
export function propagateConsumer(c: Context, { key, name }: NamedGroup, consumer: Consumer): void {
  if (!c.propagates) return;
  const { request } = c;
  c.propagate('XGROUP', 'CREATECONSUMER', request.view(key), request.view(name), consumer.name);
}
