/**
 * Streams in RDB: their nodes as the listpacks that they are, then what a stream remembers beside its entries, then its
 * groups with everything that is pending. Written is the form of Redis 7.0; read are those before it (without counters)
 * and behind it (with the time at which a consumer was last given something).
 *
 * Of what is read nothing is believed: nodes have to be sound inside, IDs have to ascend, and what is pending with
 * consumers has to be what is pending in their group.
 */

import type { Database } from '../../keyspace/database.js';
import { dispose } from '../../keyspace/disposal.js';
import { STREAM } from '../../keyspace/record.js';
import { type ConsumerGroup, UNKNOWN_READ } from '../../keyspace/values/stream/consumer-group.js';
import { PendingEntry, type PendingList } from '../../keyspace/values/stream/pending-list.js';
import { Stream } from '../../keyspace/values/stream/stream.js';
import { ID_BYTES, StreamId } from '../../keyspace/values/stream/stream-id.js';
import { DELETED, SAME_FIELDS, StreamNode } from '../../keyspace/values/stream/stream-node.js';
import { allocate, type ByteRange, emptyRange, latin1 } from '../../protocol/bytes.js';
import { RDB_STREAM_LISTPACKS, RDB_STREAM_LISTPACKS_2, RDB_STREAM_LISTPACKS_3, RdbError } from './format.js';
import { LoadedListpack } from './loaded-listpack.js';
import type { ValueLoader } from './loader.js';
import type { RdbInput } from './reader.js';
import type { RdbWriter, ValueWriter } from './writer.js';

const TIME_BYTES = 8;

const node = new StreamNode();
const id = new StreamId();
const idBytes = allocate(ID_BYTES);
const text = emptyRange();

// Writing

export const streamWriter: ValueWriter = {
  rdbType: () => RDB_STREAM_LISTPACKS_2,

  write(writer, db, ref) {
    const stream = db.object(ref) as Stream;
    const { directory } = stream;
    writer.size(directory.size);
    for (let i = 0; i < directory.size; i++) {
      directory.readId(i, id);
      writer.size(ID_BYTES);
      writeRawId(writer, id);
      const { bytes, start, length } = node.open(stream.arena, directory.ref(i));
      writer.string(bytes, start, start + length);
    }
    writer.size(stream.length);
    writeId(writer, stream.lastId);
    writeId(writer, stream.firstId);
    writeId(writer, stream.maxDeletedId);
    writer.size64(BigInt(stream.entriesAdded));
    writer.size(stream.groupCount);
    for (const group of stream.sortedGroups()) writeGroup(writer, group);
  },
};

function writeGroup(writer: RdbWriter, group: ConsumerGroup): void {
  writer.text(group.name);
  writeId(writer, group.lastId);
  writer.size64(BigInt.asUintN(64, BigInt(group.entriesRead)));
  writePending(writer, group.pending, (entry) => {
    writer.little64(entry.deliveredAt);
    writer.size64(BigInt(entry.deliveries));
  });
  writer.size(group.size);
  for (const consumer of group.sortedConsumers()) {
    writer.text(consumer.name);
    writer.little64(consumer.seenAt);
    writePending(writer, consumer.pending, () => {});
  }
}

function writePending(writer: RdbWriter, list: PendingList, writeMore: (entry: PendingEntry) => void): void {
  writer.size(list.size);
  list.visit((entry) => {
    writeRawId(writer, entry.id);
    writeMore(entry);
    return true;
  });
}

function writeRawId(writer: RdbWriter, id: StreamId): void {
  id.writeBytes(idBytes, 0);
  writer.raw(idBytes);
}

function writeId(writer: RdbWriter, id: StreamId): void {
  writer.size64(id.ms);
  writer.size64(id.seq);
}

// Reading

/** What is in the form at hand. */
interface Form {
  /** First and greatest deleted ID, and how many entries there have been, for the stream and its groups. */
  readonly counters: boolean;
  /** When a consumer was last given something. */
  readonly activeTimes: boolean;
}

export const streamLoaders: Record<number, ValueLoader> = {
  [RDB_STREAM_LISTPACKS]: (input, db, key) => load(input, db, key, { counters: false, activeTimes: false }),
  [RDB_STREAM_LISTPACKS_2]: (input, db, key) => load(input, db, key, { counters: true, activeTimes: false }),
  [RDB_STREAM_LISTPACKS_3]: (input, db, key) => load(input, db, key, { counters: true, activeTimes: true }),
};

function load(input: RdbInput, db: Database, key: Readonly<ByteRange>, form: Form): number {
  input.demandWhile((isFirst) => pass.next(input, form, isFirst));
  const stream = new Stream(db.keyspace.arena);
  try {
    loadStream(input, stream, form);
  } catch (error) {
    dispose(stream);
    throw error;
  }
  return db.putObject(key.bytes, key.start, key.end, STREAM, stream);
}

/** Passes over a stream, one piece at a time. */
class Pass {
  private nodes = 0;
  private groups = 0;
  private pending = 0;
  private consumers = 0;
  private owned = 0;
  /** What comes when nothing of the above is left at the end of its list. */
  private state: 'nodes' | 'groups' | 'consumers' | 'group' = 'nodes';

  /** Reads the next piece; answers whether there are more. */
  next(input: RdbInput, form: Form, isFirst: boolean): boolean {
    if (isFirst) {
      this.nodes = input.size();
      this.groups = this.pending = this.consumers = this.owned = 0;
      this.state = 'nodes';
      return true;
    }
    if (this.nodes > 0) {
      input.string(text);
      input.string(text);
      this.nodes--;
    } else if (this.state === 'nodes') {
      for (let n = form.counters ? 8 : 3; n > 0; n--) input.size64();
      this.groups = input.size();
      this.state = 'groups';
    } else if (this.pending > 0) {
      input.skip(ID_BYTES + TIME_BYTES);
      input.size64();
      this.pending--;
    } else if (this.owned > 0) {
      input.skip(ID_BYTES);
      this.owned--;
    } else if (this.state === 'group') {
      this.consumers = input.size();
      this.state = 'consumers';
    } else if (this.consumers > 0) {
      input.string(text);
      input.skip(form.activeTimes ? 2 * TIME_BYTES : TIME_BYTES);
      this.owned = input.size();
      this.consumers--;
    } else if (this.groups > 0) {
      input.string(text);
      for (let n = form.counters ? 3 : 2; n > 0; n--) input.size64();
      this.pending = input.size();
      this.state = 'group';
      this.groups--;
    }
    return (
      this.nodes + this.groups + this.pending + this.consumers + this.owned > 0 ||
      this.state === 'nodes' ||
      this.state === 'group'
    );
  }
}

const pass = new Pass();

function loadStream(input: RdbInput, stream: Stream, form: Form): void {
  loadNodes(input, stream);
  const length = input.size();
  if (length !== stream.length) throw new RdbError('Stream length inconsistent with rax entries');
  readId(input, id);
  if (id.compare(stream.lastId) < 0) throw new RdbError('Stream last ID is below its entries');
  stream.lastId.copy(id);
  stream.findFirst();
  if (form.counters) {
    readId(input, id); // the first ID, which we know
    readId(input, stream.maxDeletedId);
    stream.entriesAdded = Number(input.size64());
  } else stream.entriesAdded = length;
  for (let n = input.size(); n > 0; n--) loadGroup(input, stream, form);
}

/** The nodes; `lastId` is that of the last entry then, deleted or not. */
function loadNodes(input: RdbInput, stream: Stream): void {
  const nodeId = new StreamId();
  for (let n = input.size(); n > 0; n--) {
    input.string(text);
    if (text.end - text.start !== ID_BYTES) {
      throw new RdbError('Stream node key entry is not the size of a stream ID');
    }
    nodeId.readBytes(text.bytes, text.start);
    input.string(text);
    const live = checkNode(text, nodeId, stream.lastId, stream.directory.size === 0);
    stream.appendNode(nodeId, text.bytes, text.start, text.end, live);
  }
}

const listpack = new LoadedListpack();

/**
 * Whether a node is sound: its layout is as stream-node.ts says, and its IDs ascend from that of the node, all above
 * `lastId` unless it is the first. Answers its number of live entries and sets `lastId` to the last ID.
 */
function checkNode(range: Readonly<ByteRange>, nodeId: StreamId, lastId: StreamId, isFirst: boolean): number {
  const broken = new RdbError('Stream listpack integrity check failed.');
  if (!listpack.open(range)) throw broken;
  if (!isFirst && nodeId.compare(lastId) <= 0) throw new RdbError('Listpack re-added with existing key');
  let at = listpack.first;
  const skip = (count: number): void => {
    for (; count > 0; count--) {
      if (at === 0) throw broken;
      at = listpack.next(at);
    }
  };
  /** The next element, an integer of any size. */
  const integer = (): bigint => {
    if (at === 0 || !listpack.isInteger(at)) throw broken;
    const value = listpack.int64(at);
    skip(1);
    return value;
  };
  /** The next element, a number of something. */
  const count = (): number => {
    const value = integer();
    if (value < 0n || value > range.end - range.start) throw broken;
    return Number(value);
  };
  const live = count();
  const deleted = count();
  const fields = count();
  skip(fields);
  if (fields === 0 || count() !== 0 || at === 0) throw broken;
  let entries = 0;
  let liveEntries = 0;
  while (at !== 0) {
    const flags = count();
    id.ms = nodeId.ms + integer();
    id.seq = nodeId.seq + integer();
    const same = (flags & SAME_FIELDS) !== 0;
    const own = same ? fields : count();
    skip(same ? own : 2 * own);
    if (own === 0 || count() !== (same ? 3 : own + 4) + own) throw broken;
    const ascends = isFirst && entries === 0 ? id.compare(nodeId) >= 0 : id.compare(lastId) > 0;
    if (flags > (DELETED | SAME_FIELDS) || !ascends || id.compare(nodeId) < 0) throw broken;
    lastId.copy(id);
    entries++;
    if ((flags & DELETED) === 0) liveEntries++;
  }
  if (liveEntries !== live || entries !== live + deleted) throw broken;
  return live;
}

function loadGroup(input: RdbInput, stream: Stream, form: Form): void {
  const name = readText(input);
  const lastId = readId(input, new StreamId());
  const read = form.counters ? Number(BigInt.asIntN(64, input.size64())) : stream.entriesUpTo(lastId);
  if (stream.group(name) !== undefined) throw new RdbError(`Duplicated consumer group name ${name}`);
  const group = stream.addGroup(name, lastId, Math.max(UNKNOWN_READ, read));
  for (let n = input.size(); n > 0; n--) {
    const entryId = new StreamId().readBytes(input.bytes, input.skip(ID_BYTES));
    const deliveredAt = input.signed(TIME_BYTES);
    const deliveries = Number(input.size64());
    if (!group.pending.add(new PendingEntry(entryId, null, deliveredAt, deliveries))) {
      throw new RdbError('Duplicated global PEL entry loading stream consumer group');
    }
  }
  let owned = 0;
  for (let n = input.size(); n > 0; n--) owned += loadConsumer(input, group, form);
  if (owned !== group.pending.size) throw new RdbError('Stream CG PEL entry without consumer');
}

/** Answers how many entries are pending with it. */
function loadConsumer(input: RdbInput, group: ConsumerGroup, form: Form): number {
  const name = readText(input);
  if (group.consumer(name) !== undefined) throw new RdbError('Duplicate stream consumer detected.');
  const consumer = group.addConsumer(name, input.signed(TIME_BYTES));
  if (form.activeTimes) input.skip(TIME_BYTES);
  const count = input.size();
  for (let n = count; n > 0; n--) {
    const entry = group.pending.find(id.readBytes(input.bytes, input.skip(ID_BYTES)));
    if (entry === undefined) throw new RdbError('Consumer entry not found in group global PEL');
    if (entry.consumer !== null) {
      throw new RdbError('Duplicated consumer PEL entry loading a stream consumer group');
    }
    group.assign(entry, consumer);
  }
  return count;
}

function readText(input: RdbInput): string {
  input.string(text);
  return latin1(text.bytes, text.start, text.end);
}

function readId(input: RdbInput, id: StreamId): StreamId {
  id.ms = input.size64();
  id.seq = input.size64();
  return id;
}
