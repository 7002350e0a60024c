/**
 * Messages that nobody asked for just now: published ones, invalidations, what MONITOR shows.
 *
 * They go to sessions at any moment, also to the one whose command is running. Its reply may be half written then, so
 * its messages wait for the end of the command and follow the reply; only PUBLISH, which has written nothing yet,
 * puts them in front, as Redis does. All other sessions get theirs through the outbox, behind what they are owed.
 *
 * A message is encoded once per protocol version and shared by all who receive it.
 */
import type { Bytes } from '../../protocol/bytes.js';
import type { ReplyWriter } from '../../protocol/reply-writer.js';
import type { Outbox } from '../outbox.js';
import { type Session, SPECIAL } from '../session.js';

/** Writes a message in the writer's protocol version. */
export type WriteMessage = (reply: ReplyWriter) => void;

/** A session that is being served, and the messages that follow its reply. */
interface Served {
  readonly session: Session;
  readonly following: Bytes[];
}

export class Deliveries {
  /** Whether messages follow the reply of the session being served. */
  waiting = false;
  /** The session being served; on top of it those whose commands have waited for what it did. */
  private readonly served: Served[] = [];

  constructor(private readonly outbox: Outbox) {}

  /** The session being served. */
  get serving(): Session | null {
    return this.served.at(-1)?.session ?? null;
  }

  /** The session's commands run until `end`. */
  begin(session: Session): void {
    this.served.push({ session, following: [] });
    this.waiting = false;
  }

  end(): void {
    if (this.waiting) this.writeFollowing();
    this.served.pop();
    this.waiting = (this.served.at(-1)?.following.length ?? 0) > 0;
  }

  /** Sends everybody the same message; answers how many there are. */
  broadcast(sessions: Iterable<Session>, write: WriteMessage, beforeReply = false): number {
    let resp2: Bytes | undefined;
    let resp3: Bytes | undefined;
    let count = 0;
    for (const session of sessions) {
      count++;
      if (session.resp === 2) {
        resp2 ??= this.encode(2, write);
        this.deliver(session, resp2, beforeReply);
      } else {
        resp3 ??= this.encode(3, write);
        this.deliver(session, resp3, beforeReply);
      }
    }
    return count;
  }

  /** Sends one message. */
  send(session: Session, write: WriteMessage): void {
    this.deliver(session, this.encode(session.resp, write), false);
  }

  /** A message that is the reply to the session's command: a muted session gets it all the same. */
  reply(session: Session, write: WriteMessage): void {
    if (session.special & SPECIAL.muted) this.send(session, write);
    else write(this.outbox.writer);
  }

  /** The command is done: what waited for it goes behind its reply. */
  writeFollowing(): void {
    this.waiting = false;
    for (const bytes of this.served.at(-1)!.following.splice(0)) this.outbox.writer.raw(bytes);
  }

  private deliver(session: Session, bytes: Bytes, beforeReply: boolean): void {
    if (session.closing) return; // its last reply is the last that it gets
    const served = this.served.find((one) => one.session === session);
    if (served === undefined) this.outbox.postBytes(session, bytes);
    else if (beforeReply && !(session.special & SPECIAL.muted)) this.outbox.writer.raw(bytes);
    else {
      served.following.push(bytes);
      this.waiting = true;
    }
  }

  private encode(resp: 2 | 3, write: WriteMessage): Bytes {
    const { writer } = this.outbox;
    const mark = writer.length;
    const before = writer.resp;
    writer.resp = resp;
    write(writer);
    writer.resp = before;
    return writer.takeFrom(mark);
  }
}
