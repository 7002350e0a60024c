/**
 * The client connections of a node: the register behind CLIENT LIST, KILL and PAUSE.
 *
 * A pause holds commands back, all of them or those that write: a session whose command must wait keeps its input and
 * goes on when the pause ends. CLIENT PAUSE and a manual failover pause independently; the longer one counts.
 */
import { type Command, FLAG } from '../commands/command.js';
import type { ClientsFacility, ClientView, SessionView } from '../commands/facilities.js';
import type { Blocking } from './blocking.js';
import type { Session } from './session.js';
import type { Timers } from './timers.js';

interface Pause {
  /** Wall clock, milliseconds. */
  until: number;
  writesOnly: boolean;
}

/** Who has asked for a pause. */
export type PausePurpose = 'client' | 'failover';

export class Clients implements ClientsFacility {
  readonly sessions = new Map<number, Session>();
  private readonly pauses = new Map<PausePurpose, Pause>();
  private held: Session[] = [];
  private nextId = 1;

  constructor(
    private readonly wallClock: () => number,
    private readonly monotonicClock: () => number,
    private readonly timers: Timers,
    private readonly blocking: Blocking,
  ) {}

  takeId(): number {
    return this.nextId++;
  }

  add(session: Session): void {
    this.sessions.set(session.id, session);
  }

  remove(session: Session): void {
    this.sessions.delete(session.id);
    this.held = this.held.filter((other) => other !== session);
  }

  /** Number of clients that a pause holds back. */
  get heldCount(): number {
    return this.held.length;
  }

  // CLIENT LIST

  list(filter: (client: ClientView) => boolean = () => true): string {
    let text = '';
    for (const session of this.sessions.values()) if (filter(session)) text += `${this.describe(session)}\n`;
    return text;
  }

  describe(view: SessionView): string {
    const session = view as Session;
    const now = this.wallClock();
    const seconds = (since: number) => Math.floor((now - since) / 1000);
    const { link } = session;
    const fields: Record<string, string | number> = {
      id: session.id,
      addr: `${link.remoteAddress}:${link.remotePort}`,
      laddr: `${link.localAddress}:${link.localPort}`,
      fd: session.id + 7,
      name: session.name,
      age: seconds(session.createdAt),
      idle: seconds(session.lastActive),
      flags: this.flags(session),
      db: session.database,
      sub: 0,
      psub: 0,
      ssub: 0,
      multi: session.transaction === null ? -1 : session.transaction.queue.length,
      qbuf: session.inputLength,
      'qbuf-free': session.input.length - session.inputLength,
      'argv-mem': 0,
      'multi-mem': 0,
      rbs: 0,
      rbp: 0,
      obl: 0,
      oll: link.buffered > 0 ? 1 : 0,
      omem: link.buffered,
      'tot-mem': session.input.length + link.buffered,
      events: 'r',
      cmd: session.lastCommand || 'NULL',
      user: session.user,
      redir: -1,
      resp: session.resp,
    };
    return Object.entries(fields)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ');
  }

  private flags(session: Session): string {
    let flags = '';
    if (session.isReplica) flags += 'S';
    if (session.isMaster) flags += 'M';
    if (session.transaction !== null) flags += 'x';
    if (session.suspended) flags += 'b';
    if (session.watchBroken) flags += 'd';
    if (session.closing) flags += 'c';
    if (session.readonly) flags += 'r';
    if (session.noEvict) flags += 'e';
    return flags || 'N';
  }

  // CLIENT KILL

  kill(filter: (client: ClientView) => boolean): number {
    let killed = 0;
    for (const session of [...this.sessions.values()]) {
      if (!filter(session)) continue;
      killed++;
      if (session.isCaller) session.closeAfterReply();
      else session.link.destroy();
    }
    return killed;
  }

  unblock(id: number, withError: boolean): boolean {
    const session = this.sessions.get(id);
    if (session === undefined || !this.blocking.isBlocked(session)) return false;
    if (withError) {
      this.blocking.unblock(session, (reply) => reply.error('UNBLOCKED client unblocked via CLIENT UNBLOCK'));
    } else this.blocking.expire(session);
    return true;
  }

  // Pauses

  pause(until: number, writesOnly: boolean, purpose: PausePurpose = 'client'): void {
    this.pauses.set(purpose, { until, writesOnly });
    const left = until - this.wallClock();
    this.timers.at(this.monotonicClock() + left, () => this.endExpiredPauses());
  }

  unpause(purpose: PausePurpose = 'client'): void {
    this.pauses.delete(purpose);
    this.releaseHeld();
  }

  /** Whether writes are paused: then keys don't expire either, so that a replica can catch up. */
  get writesPaused(): boolean {
    return this.pauses.size > 0;
  }

  /** Whether the session must wait before it may run the command. If so it is held until the pause ends. */
  holds(session: Session, command: Command): boolean {
    if (this.pauses.size === 0 || session.isMaster || session.isReplica) return false;
    const queued = command.fullName === 'exec' ? (session.transaction?.flags ?? 0) : 0;
    const writes = ((command.flags | queued) & (FLAG.write | FLAG.may_replicate)) !== 0;
    const held = [...this.pauses.values()].some(({ writesOnly }) => !writesOnly || writes);
    if (held) {
      session.suspended = true;
      this.held.push(session);
    }
    return held;
  }

  private endExpiredPauses(): void {
    const now = this.wallClock();
    for (const [purpose, { until }] of this.pauses) if (until <= now) this.pauses.delete(purpose);
    this.releaseHeld();
  }

  private releaseHeld(): void {
    if (this.pauses.size > 0) return;
    const { held } = this;
    this.held = [];
    for (const session of held) this.blocking.release(session);
  }
}
