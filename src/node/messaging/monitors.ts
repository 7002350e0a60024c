/** MONITOR: sessions that are shown every command before or after it runs, administration left out. */

import { quote } from '../config/kinds.js';
import { type Session, SPECIAL } from '../session.js';
import type { Deliveries } from './deliveries.js';

export class Monitors {
  private readonly sessions = new Set<Session>();

  constructor(
    private readonly deliveries: Deliveries,
    /** Milliseconds since 1970, with a fraction. */
    private readonly wallClock: () => number,
  ) {}

  /** Whether anybody looks. */
  get any(): boolean {
    return this.sessions.size > 0;
  }

  add(session: Session): void {
    session.special |= SPECIAL.monitor;
    this.sessions.add(session);
  }

  remove(session: Session): void {
    session.special &= ~SPECIAL.monitor;
    this.sessions.delete(session);
  }

  /** Shows a command. `who` is the client's address, or `lua` for a script. */
  show(database: number, who: string, words: readonly string[]): void {
    const now = this.wallClock();
    const seconds = Math.floor(now / 1000);
    const microseconds = String(Math.floor((now % 1000) * 1000)).padStart(6, '0');
    const line = `${seconds}.${microseconds} [${database} ${who}] ${words.map(quote).join(' ')}`;
    this.deliveries.broadcast(this.sessions, (reply) => reply.status(line));
  }
}
