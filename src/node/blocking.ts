/**
 * Sessions that wait: blocked by a command, or held back by a pause. A waiting session's input is kept, not parsed;
 * when the wait ends its reply goes out and its input is taken up again at the end of the turn.
 *
 * What a session waits for is not known here: see KeyWaits for keys, ReplicationService for replicas. They are told
 * when a wait ends, however it does: served, out of time, unblocked by another client, disconnected.
 */
import type { ReplyWriter } from '../protocol/reply-writer.js';
import type { Outbox } from './outbox.js';
import { type Session, SPECIAL } from './session.js';
import type { Timer, Timers } from './timers.js';

/** Why a wait ends when the node has become a replica. */
export const STATE_CHANGED =
  'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)';

/** A session's wait for something. */
interface Wait {
  readonly timer: Timer | null;
  /** Writes the reply of a wait that was in vain. */
  readonly expired: (reply: ReplyWriter) => void;
  readonly ended: () => void;
}

export class Blocking {
  private readonly waits = new Map<Session, Wait>();
  private runnable: Session[] = [];
  /** Told when a wait has ended with a reply. */
  unblocked: (session: Session) => void = () => {};
  /** A wait has ended with an error, which nobody has counted yet. */
  failed: (session: Session) => void = () => {};

  constructor(
    private readonly outbox: Outbox,
    private readonly timers: Timers,
    private readonly monotonicNow: () => number,
    private readonly wakeAtEndOfTurn: () => void,
  ) {}

  /** Number of blocked sessions. */
  get count(): number {
    return this.waits.size;
  }

  /**
   * The command being run by the session doesn't answer yet. After `timeout` milliseconds (0: never) `expired`
   * writes the reply, unless the wait has ended before. `ended` is called when it ends, for whatever reason.
   */
  block(
    session: Session,
    timeout: number,
    expired: (reply: ReplyWriter) => void,
    ended: () => void = () => {},
  ): void {
    session.suspended = true;
    const timer =
      timeout > 0
        ? this.timers.at(this.monotonicNow() + timeout, () => this.unblock(session, expired))
        : null;
    this.waits.set(session, { timer, expired, ended });
  }

  isBlocked(session: Session): boolean {
    return this.waits.has(session);
  }

  /** Ends the wait with this reply. */
  unblock(session: Session, write: (reply: ReplyWriter) => void): void {
    if (!this.waits.has(session)) return;
    this.compose(session, (reply) => {
      const { errors } = reply;
      write(reply);
      if (reply.errors > errors) this.failed(session);
    });
    this.resume(session);
  }

  /** Ends the wait with what `serve` writes and counts, if it answers true; otherwise the wait goes on. */
  serve(session: Session, serve: () => boolean): void {
    let served = false;
    this.compose(session, () => {
      served = serve();
    });
    if (served) this.resume(session);
  }

  /** Ends the wait as if its time had come (CLIENT UNBLOCK). */
  expire(session: Session): void {
    const wait = this.waits.get(session);
    if (wait !== undefined) this.unblock(session, wait.expired);
  }

  /** The node is no longer what the sessions relied on: ends all waits with an error, and the connections. */
  disconnectAll(): void {
    for (const session of [...this.waits.keys()]) {
      session.closeAfterReply();
      this.unblock(session, (reply) => reply.error(STATE_CHANGED));
    }
  }

  /** The session has gone. */
  forget(session: Session): void {
    const wait = this.waits.get(session);
    if (wait === undefined) return;
    if (wait.timer !== null) this.timers.cancel(wait.timer);
    this.waits.delete(session);
    wait.ended();
  }

  /** The session's input is to be taken up again at the end of the turn. */
  release(session: Session): void {
    session.suspended = false;
    this.runnable.push(session);
    this.wakeAtEndOfTurn();
  }

  /** The sessions whose input can go on. */
  takeRunnable(): Session[] {
    const { runnable } = this;
    if (runnable.length > 0) this.runnable = [];
    return runnable;
  }

  private resume(session: Session): void {
    this.forget(session);
    this.unblocked(session);
    this.release(session);
  }

  private compose(session: Session, write: (reply: ReplyWriter) => void): void {
    const muted = (session.special & SPECIAL.muted) !== 0;
    this.outbox.compose(session, (reply) => {
      const mark = reply.length;
      write(reply);
      if (muted) reply.length = mark;
    });
  }
}
