/** Sessions in WAIT: until enough replicas have acknowledged what the session has written. */
import type { ReplyWriter } from '../protocol/reply-writer.js';
import type { Master } from '../replication/master.js';
import type { Blocking } from './blocking.js';
import type { Session } from './session.js';

interface Waiting {
  readonly session: Session;
  readonly offset: number;
  readonly replicas: number;
}

export class ReplicaWaits {
  private waiting: Waiting[] = [];

  constructor(
    private readonly master: Master,
    private readonly blocking: Blocking,
    private readonly reply: ReplyWriter,
  ) {}

  /**
   * Answers the caller when so many replicas have all its writes, or `timeout` milliseconds have passed (0: whenever).
   * Returns whether it waits: replicas have then been asked for the offset, with what the stream has grown by.
   */
  begin(caller: Session, replicas: number, timeout: number): boolean {
    const offset = caller.lastWriteOffset;
    const acknowledged = () => this.master.replicas.acknowledgedBy(offset);
    if (acknowledged() >= replicas || !caller.mayBlock) {
      this.reply.integer(acknowledged());
      return false;
    }
    const waiting = { session: caller, offset, replicas };
    this.waiting.push(waiting);
    this.blocking.block(
      caller,
      timeout,
      (reply) => reply.integer(acknowledged()),
      () => {
        this.waiting = this.waiting.filter((other) => other !== waiting);
      },
    );
    this.master.requestAcknowledgements();
    return true;
  }

  /** Replicas have acknowledged more. */
  advance(): void {
    if (this.waiting.length === 0) return;
    const done = this.waiting.filter(
      ({ offset, replicas }) => this.master.replicas.acknowledgedBy(offset) >= replicas,
    );
    for (const { session, offset } of done) {
      this.blocking.unblock(session, (reply) => reply.integer(this.master.replicas.acknowledgedBy(offset)));
    }
  }
}
