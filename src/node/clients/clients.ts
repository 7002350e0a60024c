/**
 * The client connections of a node: the register behind CLIENT LIST and KILL, and what disconnects clients: too much
 * output that they don't read, too long a silence.
 */

import type { ClientsFacility, ClientView, SessionView } from '../../commands/facilities/facilities.js';
import { latin1 } from '../../protocol/bytes.js';
import type { Blocking } from '../blocking.js';
import { type Config, quote } from '../config/index.js';
import type { Log } from '../host.js';
import type { Messaging } from '../messaging/messaging.js';
import { type Session, SPECIAL } from '../session.js';
import type { Timers } from '../timers.js';
import { clientLine } from './client-line.js';
import { ClientEviction, type ClientMemory, memoryOf } from './client-memory.js';
import { OutputLimits } from './output-limits.js';
import { type PausePurpose, Pauses } from './pauses.js';

/** What the register needs of the node. */
export interface ClientsSurroundings {
  readonly config: Config;
  readonly log: Log;
  readonly timers: Timers;
  readonly blocking: Blocking;
  readonly messaging: Messaging;
  /** Makes the session the default user's. */
  welcome(session: Session): void;
  /** Milliseconds since 1970. */
  wallClock(): number;
  /** Milliseconds. */
  monotonicClock(): number;
  /** Bytes of the request being run. */
  requestBytes(): number;
  /** Number of keys that the session watches. */
  watchedKeys(session: Session): number;
  /** A client has been disconnected for the memory it used. */
  evicted(): void;
  /** A pause has begun or ended. */
  pausesChanged(pauses: Pauses): void;
}

/** The largest buffers of the last seconds, for INFO: one place a second. */
const PEAK_SECONDS = 8;

/** What a connection may keep of requests before it has authenticated. */
const STRANGERS_INPUT = 1024 * 1024;

/** Sessions that no silence ends. */
const MAY_BE_SILENT = SPECIAL.master | SPECIAL.replica | SPECIAL.monitor | SPECIAL.subscriber;

export class Clients implements ClientsFacility {
  readonly sessions = new Map<number, Session>();
  readonly pauses: Pauses;
  readonly outputLimits: OutputLimits;
  readonly eviction: ClientEviction;
  private readonly peaks: { input: number; output: number }[] = [];
  private nextId = 1;

  constructor(private readonly around: ClientsSurroundings) {
    const { config, timers, blocking, log } = around;
    const monotonicClock = () => around.monotonicClock();
    this.pauses = new Pauses(monotonicClock, timers, blocking, () => around.pausesChanged(this.pauses));
    this.eviction = new ClientEviction({
      config,
      log,
      sessions: () => this.sessions.values(),
      memoryOf: (session) => this.memoryOf(session, 0),
      describe: (session) => this.describe(session),
      evict: (session) => {
        around.evicted();
        this.disconnect(session);
      },
    });
    this.outputLimits = new OutputLimits({
      config,
      monotonicClock,
      log,
      describe: (session) => this.describe(session),
      disconnect: (session) => this.disconnect(session),
    });
  }

  takeId(): number {
    return this.nextId++;
  }

  add(session: Session): void {
    this.sessions.set(session.id, session);
    this.around.welcome(session);
  }

  remove(session: Session): void {
    this.sessions.delete(session.id);
    this.pauses.forget(session);
    this.outputLimits.forget(session);
    this.eviction.forget(session);
  }

  /** Once a second: disconnects who has been silent or unreading for too long. */
  tick(): void {
    const { config, log, blocking } = this.around;
    const silence = config.values.timeout * 1000;
    const now = this.around.wallClock();
    const peak = { input: 0, output: 0 };
    for (const session of this.sessions.values()) {
      peak.input = Math.max(peak.input, session.input.length);
      peak.output = Math.max(peak.output, session.link.buffered);
      if (silence === 0 || now - session.lastActive <= silence) continue;
      if (session.special & MAY_BE_SILENT || blocking.isBlocked(session)) continue;
      log('verbose', 'Closing idle client');
      this.disconnect(session);
    }
    this.outputLimits.tick();
    this.peaks.push(peak);
    if (this.peaks.length > PEAK_SECONDS) this.peaks.shift();
  }

  /** The largest buffers of any client lately, in bytes. */
  get recentPeak(): { readonly input: number; readonly output: number } {
    return {
      input: Math.max(0, ...this.peaks.map(({ input }) => input)),
      output: Math.max(0, ...this.peaks.map(({ output }) => output)),
    };
  }

  /** A session that goes on: not one that closes behind its reply. */
  openSession(id: number): Session | undefined {
    const session = this.sessions.get(id);
    return session?.closing ? undefined : session;
  }

  /** Bytes that the buffers of all clients but replicas hold. */
  get bufferBytes(): number {
    let bytes = 0;
    for (const { input, link, isReplica } of this.sessions.values()) {
      if (!isReplica) bytes += input.length + link.buffered;
    }
    return bytes;
  }

  /** Number of sessions that wait for something. */
  get blockedCount(): number {
    return this.around.blocking.count + this.pauses.held.size;
  }

  // CLIENT LIST and KILL

  list(filter: (client: ClientView) => boolean = () => true): string {
    let text = '';
    for (const session of this.sessions.values()) if (filter(session)) text += `${this.describe(session)}\n`;
    return text;
  }

  describe(view: SessionView): string {
    const session = view as Session;
    const { messaging, blocking } = this.around;
    return clientLine(session, {
      now: this.around.wallClock(),
      blocked: blocking.isBlocked(session) || this.pauses.held.has(session),
      subscriptions: messaging.pubsub.countsOf(session),
      tracking: messaging.tracking.stateOf(session),
      memory: this.memoryOf(session, session.isCaller ? this.around.requestBytes() : 0),
    });
  }

  /** `requestBytes` is the length of its request, when that is running. */
  private memoryOf(session: Session, requestBytes: number): ClientMemory {
    const { messaging, watchedKeys } = this.around;
    const { channels, patterns, shardChannels } = messaging.pubsub.countsOf(session);
    return memoryOf(session, {
      watchedKeys: watchedKeys(session),
      subscriptions: channels + patterns + shardChannels,
      trackingPrefixes: messaging.tracking.stateOf(session)?.prefixes.length ?? 0,
      requestBytes,
    });
  }

  kill(filter: (client: ClientView) => boolean): number {
    let killed = 0;
    for (const session of [...this.sessions.values()]) {
      if (!filter(session)) continue;
      killed++;
      this.end(session);
    }
    return killed;
  }

  /** The session has kept input: more than the limit, and it is disconnected. */
  limitInput(session: Session): void {
    this.eviction.touched(session);
    if (session.inputLength === 0) return;
    const limit = this.around.config.values['client-query-buffer-limit'];
    const most = session.special & SPECIAL.stranger ? STRANGERS_INPUT : Number(limit);
    if (session.inputLength <= most || session.isMaster) return;
    const beginning = latin1(session.input, 0, 64);
    this.around.log(
      'warning',
      `Closing client that reached max query buffer length: ${this.describe(session)} (qbuf initial bytes: ` +
        `${quote(beginning)})`,
    );
    this.disconnect(session);
  }

  /** Closes the connection: the caller's when it has its reply. */
  end(session: Session): void {
    if (session.isCaller) session.closeAfterReply();
    else this.disconnect(session);
  }

  private disconnect(session: Session): void {
    session.link.destroy();
    session.closed('closed by the server');
  }

  // Other commands

  has(id: number): boolean {
    return this.openSession(id) !== undefined;
  }

  reset(view: SessionView): void {
    const session = view as Session;
    this.around.messaging.forget(session);
    session.reset();
    this.around.welcome(session);
  }

  unblock(id: number, withError: boolean): boolean {
    const { blocking } = this.around;
    const session = this.sessions.get(id);
    if (session === undefined || !blocking.isBlocked(session)) return false;
    if (withError) {
      blocking.unblock(session, (reply) => reply.error('UNBLOCKED client unblocked via CLIENT UNBLOCK'));
    } else blocking.expire(session);
    return true;
  }

  pause(milliseconds: number, writesOnly: boolean, purpose: PausePurpose = 'client'): void {
    this.pauses.begin(milliseconds, writesOnly, purpose);
  }

  unpause(purpose: PausePurpose = 'client'): void {
    this.pauses.end(purpose);
  }
}
