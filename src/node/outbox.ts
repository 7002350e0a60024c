/**
 * Replies on their way out.
 *
 * All sessions of a node write into one reply buffer. What they have written leaves at the end of the turn, or before
 * when it is much (node.ts), one write a session: behind the one write to the append-only file, so that a reply never
 * overtakes the record of what it acknowledges, and in a row, so that clients are woken together (measured: an eighth
 * more single commands a second than with each reply sent at once). Under `appendfsync always` the replies are taken
 * out as a batch and released by the fsync (group commit); batches leave in order.
 */

import { type Bytes, EMPTY } from '../protocol/bytes.js';
import { ReplyWriter } from '../protocol/reply-writer.js';
import type { Statistics } from './monitoring/statistics.js';
import type { Session } from './session.js';

/** A session's share of the reply buffer, or of `bytes` when it was posted from elsewhere. */
interface Entry {
  readonly session: Session;
  readonly bytes: Bytes | null;
  readonly start: number;
  readonly end: number;
}

/** Replies taken out of the buffer to wait for an fsync. */
interface Batch {
  readonly bytes: Bytes;
  readonly entries: Entry[];
}

export class Outbox {
  readonly writer = new ReplyWriter();
  private entries: Entry[] = [];
  private readonly held: Batch[] = [];
  /** Replies in `held`. */
  private heldReplies = 0;

  constructor(private readonly statistics: Pick<Statistics, 'outputBytes' | 'writes'>) {}

  /** Whether replies are waiting for the end of the turn or for an fsync. */
  get waiting(): boolean {
    return this.entries.length > 0 || this.held.length > 0;
  }

  /** Whether replies to the session wait. */
  owes(session: Session): boolean {
    const isOwed = (entry: Entry) => entry.session === session;
    return this.entries.some(isOwed) || this.held.some(({ entries }) => entries.some(isOwed));
  }

  /** What the session's commands have written from `mark` on leaves at the end of the turn. */
  post(session: Session, mark: number): void {
    const { writer } = this;
    if (writer.length > mark) this.entries.push({ session, bytes: null, start: mark, end: writer.length });
  }

  /** A message, in bytes of its own, to a session that isn't being served: goes behind what it is owed already. */
  postBytes(session: Session, bytes: Bytes): void {
    this.entries.push({ session, bytes, start: 0, end: bytes.length });
  }

  /** A reply to a session that isn't being served, written by `write` in its protocol. */
  compose(session: Session, write: (reply: ReplyWriter) => void): void {
    const { writer } = this;
    const { resp, length } = writer;
    writer.resp = session.resp;
    write(writer);
    writer.resp = resp;
    if (writer.length > length) this.postBytes(session, writer.takeFrom(length));
  }

  /** Closes the session's connection behind everything it is owed. */
  close(session: Session): void {
    if (this.waiting) this.entries.push({ session, bytes: EMPTY, start: 0, end: 0 });
    else session.link.close();
  }

  /** Sends everything that isn't held. */
  flush(): void {
    if (this.held.length > 0) {
      this.hold();
      return;
    }
    const { entries, writer } = this;
    if (entries.length === 0) return;
    this.entries = [];
    for (const { session, bytes, start, end } of entries) {
      this.send(session, bytes ?? writer.buffer, start, end);
    }
    writer.length = 0;
    writer.shrink();
  }

  /** Takes everything out to wait for an fsync. Answers how many replies wait now, one a turn of each session. */
  hold(): number {
    if (this.entries.length > 0) {
      this.held.push({ bytes: this.writer.takeFrom(0), entries: this.entries });
      this.heldReplies += this.entries.length;
      this.entries = [];
    }
    return this.heldReplies;
  }

  /** The fsync that began when so many replies waited is done: they go. */
  release(count: number): void {
    const target = this.heldReplies - count;
    while (this.held.length > 0 && this.heldReplies > target) {
      const { bytes, entries } = this.held.shift()!;
      this.heldReplies -= entries.length;
      for (const entry of entries) this.send(entry.session, entry.bytes ?? bytes, entry.start, entry.end);
    }
  }

  private send(session: Session, bytes: Bytes, start: number, end: number): void {
    if (start === end) {
      session.link.close();
      return;
    }
    const { statistics } = this;
    statistics.outputBytes += end - start;
    statistics.writes++;
    if (!session.send(bytes, start, end) && bytes === this.writer.buffer) this.writer.abandonBuffer(end);
  }
}
