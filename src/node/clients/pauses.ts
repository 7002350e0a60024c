/**
 * CLIENT PAUSE and the pauses of a failover, a shutdown and the debugger of scripts: commands wait, all of them or
 * those that write; for the debugger all but those that may run beside a script.
 *
 * A session whose command must wait keeps its input and goes on when the pause ends. The purposes pause
 * independently; the stricter and the longer counts. While writes are paused keys don't expire either, so that a
 * replica can catch up.
 */
import { type Command, FLAG } from '../../commands/command.js';
import type { Blocking } from '../blocking.js';
import type { Session } from '../session.js';
import type { Timers } from '../timers.js';

interface Pause {
  /** Monotonic, milliseconds. */
  readonly until: number;
  readonly writesOnly: boolean;
}

/** Who has asked for a pause. */
export type PausePurpose = 'client' | 'failover' | 'shutdown' | 'debugger';

const WRITES = FLAG.write | FLAG.may_replicate;

export class Pauses {
  /** Sessions that wait. */
  held = new Set<Session>();
  private readonly pauses = new Map<PausePurpose, Pause>();

  constructor(
    private readonly monotonicClock: () => number,
    private readonly timers: Timers,
    private readonly blocking: Blocking,
    /** Told when a pause begins, and when one has ended. */
    private readonly changed: () => void,
  ) {}

  get any(): boolean {
    return this.pauses.size > 0;
  }

  /** Whether there is a pause for this purpose. */
  has(purpose: PausePurpose): boolean {
    return this.pauses.has(purpose);
  }

  /** Pauses for so many milliseconds (Infinity: until the end is said), or what is left of an earlier pause if that is more. */
  begin(duration: number, writesOnly: boolean, purpose: PausePurpose): void {
    const before = this.pauses.get(purpose);
    const until = Math.max(this.monotonicClock() + duration, before?.until ?? 0);
    this.pauses.set(purpose, { until, writesOnly: writesOnly && (before?.writesOnly ?? true) });
    this.changed();
    if (Number.isFinite(until)) this.timers.at(until, () => this.endDue());
  }

  end(purpose: PausePurpose): void {
    if (this.pauses.delete(purpose)) this.release();
  }

  /**
   * Whether the session must wait before it may run the command. If so it is held until the pause ends.
   * @param own the command's flags, or those of the script that it runs
   */
  holds(session: Session, command: Command, own: number): boolean {
    if (this.pauses.size === 0 || session.isMaster || session.isReplica) return false;
    const { transaction } = session;
    const flags =
      command.fullName === 'exec' && transaction !== null ? command.flags | transaction.flags : own;
    const held = [...this.pauses].some(([purpose, { writesOnly }]) =>
      purpose === 'debugger' ? !(command.flags & FLAG.allow_busy) : !writesOnly || (flags & WRITES) !== 0,
    );
    if (held) {
      session.suspended = true;
      this.held.add(session);
    }
    return held;
  }

  forget(session: Session): void {
    this.held.delete(session);
  }

  private endDue(): void {
    const now = this.monotonicClock();
    let ended = false;
    for (const [purpose, { until }] of this.pauses) {
      if (until <= now) ended = this.pauses.delete(purpose);
    }
    if (ended) this.release();
  }

  /** Who waited tries again; a pause that is left holds it again. */
  private release(): void {
    this.changed();
    const { held } = this;
    this.held = new Set();
    for (const session of held) this.blocking.release(session);
  }
}
