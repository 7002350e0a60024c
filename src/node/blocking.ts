/**
 * Sessions that wait: blocked by a command, or held back by a pause. A waiting session's input is kept, not parsed;
 * when the wait ends its reply goes out and its input is taken up again at the end of the turn.
 */
import type { ReplyWriter } from '../protocol/reply-writer.js';
import type { Outbox } from './outbox.js';
import type { Session } from './session.js';
import type { Timer, Timers } from './timers.js';

/** A session's wait for something. */
interface Wait {
  readonly timer: Timer | null;
  /** Writes the reply of a wait that was in vain. */
  readonly expired: (reply: ReplyWriter) => void;
}

export class Blocking {
  private readonly waits = new Map<Session, Wait>();
  private runnable: Session[] = [];
  /** Told when a wait has ended with a reply. */
  unblocked: (session: Session) => void = () => {};

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
   * writes the reply, unless `unblock` came first.
   */
  block(session: Session, timeout: number, expired: (reply: ReplyWriter) => void): void {
    session.suspended = true;
    const timer =
      timeout > 0
        ? this.timers.at(this.monotonicNow() + timeout, () => this.unblock(session, expired))
        : null;
    this.waits.set(session, { timer, expired });
  }

  isBlocked(session: Session): boolean {
    return this.waits.has(session);
  }

  /** Ends the wait with this reply. */
  unblock(session: Session, write: (reply: ReplyWriter) => void): void {
    const wait = this.waits.get(session);
    if (wait === undefined) return;
    if (wait.timer !== null) this.timers.cancel(wait.timer);
    this.waits.delete(session);
    this.outbox.compose(session, write);
    this.unblocked(session);
    this.release(session);
  }

  /** Ends the wait as if its time had come (CLIENT UNBLOCK). */
  expire(session: Session): void {
    const wait = this.waits.get(session);
    if (wait !== undefined) this.unblock(session, wait.expired);
  }

  /** The session has gone. */
  forget(session: Session): void {
    const wait = this.waits.get(session);
    if (wait?.timer) this.timers.cancel(wait.timer);
    this.waits.delete(session);
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
}
