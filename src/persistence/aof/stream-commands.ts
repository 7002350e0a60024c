/**
 * A stream as commands: its entries, then what it remembers beside them, then its groups with their consumers and what
 * is pending with each of these.
 */

import type { Database } from '../../keyspace/database.js';
import type { Consumer, ConsumerGroup } from '../../keyspace/values/stream/consumer-group.js';
import type { Stream } from '../../keyspace/values/stream/stream.js';
import { StreamId } from '../../keyspace/values/stream/stream-id.js';
import { replyWithId, StreamReader } from '../../keyspace/values/stream/stream-reader.js';
import type { CommandWriter } from './command-writer.js';

/** Stands for the key among a command's words. */
const KEY = Symbol('key');

/** Writes a command on the stream. */
type Write = (...words: (string | StreamId | typeof KEY)[]) => void;

const reader = new StreamReader();

export function rewriteStream(writer: CommandWriter, db: Database, ref: number): void {
  const { out } = writer;
  const stream = db.object(ref) as Stream;
  const write: Write = (...words) => {
    out.array(words.length);
    for (const word of words) {
      if (word === KEY) writer.keyName(db, ref);
      else if (word instanceof StreamId) replyWithId(out, word);
      else out.text(word);
    }
  };
  if (stream.length === 0)
    write('XADD', KEY, 'MAXLEN', '0', '0-1', 'x', 'y'); // leaves an empty stream
  else writeEntries(writer, db, ref, stream);
  const { lastId, entriesAdded, maxDeletedId } = stream;
  write('XSETID', KEY, lastId, 'ENTRIESADDED', String(entriesAdded), 'MAXDELETEDID', maxDeletedId);
  for (const group of stream.sortedGroups()) {
    const { name, entriesRead } = group;
    write('XGROUP', 'CREATE', KEY, name, group.lastId, 'ENTRIESREAD', String(entriesRead));
    for (const consumer of group.sortedConsumers()) writeConsumer(write, group, consumer);
  }
}

function writeEntries(writer: CommandWriter, db: Database, ref: number, stream: Stream): void {
  const { out } = writer;
  for (let more = reader.first(stream); more; more = reader.next()) {
    const mark = out.open();
    let words = 3;
    out.text('XADD');
    writer.keyName(db, ref);
    replyWithId(out, reader.id);
    reader.visitFields((text) => {
      writer.element(text);
      words++;
    });
    out.close(mark, 'array', words);
  }
}

function writeConsumer(write: Write, group: ConsumerGroup, { name, pending }: Consumer): void {
  if (pending.size === 0) write('XGROUP', 'CREATECONSUMER', KEY, group.name, name);
  pending.visit(({ id, deliveredAt, deliveries }) => {
    const times = ['TIME', String(deliveredAt), 'RETRYCOUNT', String(deliveries)];
    write('XCLAIM', KEY, group.name, name, '0', id, ...times, 'JUSTID', 'FORCE');
    return true;
  });
}
