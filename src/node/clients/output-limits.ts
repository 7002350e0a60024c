/**
 * Output buffer limits: a client that doesn't read what it asked for, or what is published to it, must not fill the
 * memory. It is disconnected when more than `hard` bytes wait for it, or more than `soft` bytes for longer than so many
 * seconds (`client-output-buffer-limit`, for normal and for subscribed clients; replicas are the replication's concern).
 *
 * Sessions ask only when more waits than the lowest of all limits, which is one comparison per write.
 */
import type { Config } from '../config/index.js';
import type { Log } from '../host.js';
import { type Session, SPECIAL } from '../session.js';

/** What the limits need of the node. */
export interface OutputLimitsParts {
  readonly config: Config;
  /** Milliseconds. */
  readonly monotonicClock: () => number;
  readonly log: Log;
  readonly describe: (session: Session) => string;
  readonly disconnect: (session: Session) => void;
}

export class OutputLimits {
  /** Less than this is no concern to anybody. */
  lowest = Number.POSITIVE_INFINITY;
  /** Since when each session has been above its soft limit. */
  private readonly aboveSince = new Map<Session, number>();

  constructor(private readonly parts: OutputLimitsParts) {
    parts.config.onChange('client-output-buffer-limit', () => {
      this.update();
      return undefined;
    });
    this.update();
  }

  /** The settings have changed. */
  update(): void {
    const { normal, pubsub } = this.parts.config.values['client-output-buffer-limit'];
    const limits = [normal.hard, normal.soft, pubsub.hard, pubsub.soft].filter((limit) => limit > 0);
    this.lowest = Math.min(...limits, Number.POSITIVE_INFINITY);
  }

  /** So many bytes are about to wait for the session. Answers whether it may have them; if not it is gone now. */
  allows(session: Session, bytes: number): boolean {
    if (session.isReplica) return true;
    const { hard, soft, seconds } = this.limitOf(session);
    if (soft === 0 || bytes < soft) this.aboveSince.delete(session);
    else if (!this.aboveSince.has(session)) this.aboveSince.set(session, this.parts.monotonicClock());
    const since = this.aboveSince.get(session);
    const tooLong = since !== undefined && this.parts.monotonicClock() - since > seconds * 1000;
    if (!tooLong && (hard === 0 || bytes < hard)) return true;
    this.close(session);
    return false;
  }

  /** From time to time: disconnects who has been above its soft limit for too long. */
  tick(): void {
    for (const session of [...this.aboveSince.keys()]) this.allows(session, session.link.buffered);
  }

  forget(session: Session): void {
    this.aboveSince.delete(session);
  }

  private limitOf(session: Session) {
    const { normal, pubsub } = this.parts.config.values['client-output-buffer-limit'];
    return session.special & SPECIAL.subscriber ? pubsub : normal;
  }

  private close(session: Session): void {
    const { log, describe, disconnect } = this.parts;
    log('warning', `Client ${describe(session)} closed for overcoming of output buffer limits.`);
    disconnect(session);
  }
}
