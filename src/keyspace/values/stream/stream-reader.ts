/**
 * Reading a stream: goes to an entry, and on from there in either direction, past those that are deleted. A reader is a
 * view that is used again and again; it is good until the stream changes.
 */
import { allocate, type ByteRange, withView } from '../../../protocol/bytes.js';
import type { ReplyWriter } from '../../../protocol/reply-writer.js';
import type { Stream } from './stream.js';
import { ID_TEXT_BYTES, StreamId } from './stream-id.js';
import { StreamNode } from './stream-node.js';

/** Text of an ID, for a moment. */
const text = withView(allocate(ID_TEXT_BYTES));

export class StreamReader {
  /** The entry's ID. */
  readonly id = new StreamId();
  /** The node it is in, which of the stream's, and where. */
  readonly node = new StreamNode();
  nodeIndex = 0;
  at = 0;
  private stream!: Stream;
  private readonly nodeId = new StreamId();
  /** The position behind the entry, when reading it has found that; -1 otherwise. */
  private behind = -1;

  /** Goes to the first entry with this ID or a greater one; answers whether there is one. */
  seek(stream: Stream, id: StreamId): boolean {
    this.stream = stream;
    this.enter(Math.max(0, stream.directory.find(id)));
    this.at = this.at < 0 ? 0 : this.node.firstEntry;
    return this.forwards(id);
  }

  /** Goes to the last entry with this ID or a lower one. */
  seekBack(stream: Stream, id: StreamId): boolean {
    this.stream = stream;
    this.enter(stream.directory.find(id));
    this.at = this.at < 0 ? 0 : this.node.lastEntry;
    return this.backwards(id);
  }

  /** Goes to the entry with this ID. */
  find(stream: Stream, id: StreamId): boolean {
    return this.seek(stream, id) && this.id.compare(id) === 0;
  }

  first(stream: Stream): boolean {
    this.stream = stream;
    this.enter(0);
    this.at = this.at < 0 ? 0 : this.node.firstEntry;
    return this.forwards(null);
  }

  last(stream: Stream): boolean {
    this.stream = stream;
    this.enter(stream.directory.size - 1);
    this.at = this.at < 0 ? 0 : this.node.lastEntry;
    return this.backwards(null);
  }

  /** Goes to the next entry; answers false at the end. */
  next(): boolean {
    this.at = this.behind < 0 ? this.node.entryAfter : this.behind;
    return this.forwards(null);
  }

  /** Goes to the entry before; answers false at the beginning. */
  previous(): boolean {
    this.at = this.node.entryBefore(this.at);
    return this.backwards(null);
  }

  /** Goes to the first entry even if it is deleted. */
  firstOfAll(stream: Stream): boolean {
    this.stream = stream;
    this.enter(0);
    if (this.at < 0) return false;
    this.at = this.node.firstEntry;
    this.node.openEntry(this.at, this.nodeId, this.id);
    return true;
  }

  // The entry

  /** Replies with the ID and the fields and values. */
  replyWith(reply: ReplyWriter): void {
    reply.array(2);
    replyWithId(reply, this.id);
    this.behind = this.node.replyWithFields(reply);
  }

  /** Calls `visit` with the fields and values in turn. */
  visitFields(visit: (text: Readonly<ByteRange>) => void): void {
    this.node.visitFields(visit);
  }

  // Going on

  /** From the entry at `at` (0: none in this node) to the first that isn't deleted, nor before `id`. */
  private forwards(id: StreamId | null): boolean {
    const { node } = this;
    const { directory } = this.stream;
    this.behind = -1;
    for (;;) {
      for (; this.at !== 0; this.at = node.entryAfter) {
        node.openEntry(this.at, this.nodeId, this.id);
        if (!node.isDeleted && (id === null || this.id.compare(id) >= 0)) return true;
      }
      if (this.nodeIndex + 1 >= directory.size) return false;
      this.enter(this.nodeIndex + 1);
      this.at = this.node.firstEntry;
    }
  }

  private backwards(id: StreamId | null): boolean {
    const { node } = this;
    this.behind = -1;
    for (;;) {
      for (; this.at !== 0; this.at = node.entryBefore(this.at)) {
        node.openEntry(this.at, this.nodeId, this.id);
        if (!node.isDeleted && (id === null || this.id.compare(id) <= 0)) return true;
      }
      if (this.nodeIndex <= 0) return false;
      this.enter(this.nodeIndex - 1);
      this.at = this.node.lastEntry;
    }
  }

  /** Opens a node; `at` is -1 when there is none of this number. */
  private enter(i: number): void {
    const { directory, arena } = this.stream;
    this.nodeIndex = i;
    this.at = i >= 0 && i < directory.size ? 0 : -1;
    if (this.at < 0) return;
    directory.readId(i, this.nodeId);
    this.node.open(arena, directory.ref(i)).openEntries();
  }
}

/** Replies with an ID as text. */
export function replyWithId(reply: ReplyWriter, id: StreamId): void {
  reply.bulk(text, 0, id.write(text, 0));
}
