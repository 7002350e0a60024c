/**
 * What clients hold in memory, and who is disconnected when all together hold too much (`maxmemory-clients`): the
 * largest first, until the rest fits.
 *
 * Requests are read in one buffer that all clients share, and replies written in another, so an idle client holds next
 * to nothing: what has arrived of a request, what it has queued, watched and subscribed to, and what it doesn't read.
 * While there is a limit, the clients that did something in a turn are weighed at its end; without one nothing is.
 */
import type { Config } from '../config/index.js';
import type { Log } from '../host.js';
import type { Session } from '../session.js';

/** Bytes, by what they are for. */
export interface ClientMemory {
  /** The request that is running, or input that isn't one yet, without the arguments read so far; room behind it. */
  readonly query: number;
  readonly queryFree: number;
  /** Arguments of a request that has arrived in part, or that is running. */
  readonly arguments: number;
  /** Commands queued by MULTI. */
  readonly queued: number;
  /** What waits to be taken by the system. */
  readonly output: number;
  readonly total: number;
}

/** How much a session has of what is kept elsewhere. */
export interface Holdings {
  readonly watchedKeys: number;
  readonly subscriptions: number;
  readonly trackingPrefixes: number;
  /** Bytes of its request, when that is running. */
  readonly requestBytes: number;
}

/** About what a session itself costs, and a name in the tables of watches and subscriptions. */
const SESSION_BYTES = 1024;
const NAME_BYTES = 160;

export function memoryOf(
  { input, inputLength, partial, transaction, link }: Session,
  held: Holdings,
): ClientMemory {
  const read = partial?.position ?? 0;
  const queued = transaction?.bytes ?? 0;
  const names = held.watchedKeys + held.subscriptions + held.trackingPrefixes;
  return {
    query: Math.max(inputLength - read, held.requestBytes),
    queryFree: input.length - inputLength,
    arguments: read + held.requestBytes,
    queued,
    output: link.buffered,
    total: SESSION_BYTES + names * NAME_BYTES + input.length + held.requestBytes + queued + link.buffered,
  };
}

export interface EvictionParts {
  readonly config: Config;
  readonly log: Log;
  sessions(): Iterable<Session>;
  memoryOf(session: Session): ClientMemory;
  describe(session: Session): string;
  /** Closes the connection and counts it. */
  evict(session: Session): void;
}

export class ClientEviction {
  /** In bytes; 0 for none. */
  limit = 0;
  /** To be weighed at the end of the turn. */
  private readonly active = new Set<Session>();
  private readonly weights = new Map<Session, number>();
  private sum = 0;

  constructor(private readonly parts: EvictionParts) {
    parts.config.onChange(['maxmemory-clients', 'maxmemory'], () => {
      this.configure();
      return undefined;
    });
    this.configure();
  }

  private configure(): void {
    const { values } = this.parts.config;
    const setting = values['maxmemory-clients']; // negative: a percentage of maxmemory
    this.limit = setting >= 0 ? setting : Math.floor((-setting * values.maxmemory) / 100);
    if (this.limit > 0) for (const session of this.parts.sessions()) this.active.add(session);
  }

  /** The session may hold more or less than before. */
  touched(session: Session): void {
    if (this.limit > 0) this.active.add(session);
  }

  /** Before a long request is run: makes room. Answers whether the session is still there. */
  spares(session: Session): boolean {
    this.active.add(session);
    this.settle();
    return !session.gone;
  }

  /** Whether somebody is to be weighed. */
  get pending(): boolean {
    return this.active.size > 0;
  }

  /** The end of a turn: makes room. */
  settle(): void {
    if (this.active.size === 0) return;
    for (const session of this.active) this.weigh(session);
    this.active.clear();
    if (this.limit === 0 || this.sum <= this.limit) return;
    for (const session of this.parts.sessions()) this.weigh(session); // what was read since counts no more
    const largestFirst = [...this.weights].sort(([, a], [, b]) => b - a);
    for (const [session] of largestFirst) {
      if (this.sum <= this.limit) return;
      if (session.noEvict) continue;
      this.parts.log('notice', `Evicting client: ${this.parts.describe(session)}`);
      this.parts.evict(session);
    }
  }

  forget(session: Session): void {
    this.sum -= this.weights.get(session) ?? 0;
    this.weights.delete(session);
    this.active.delete(session);
  }

  private weigh(session: Session): void {
    this.sum -= this.weights.get(session) ?? 0;
    if (session.gone || session.isMaster || session.isReplica) {
      this.weights.delete(session);
      return;
    }
    const { total } = this.parts.memoryOf(session);
    this.weights.set(session, total);
    this.sum += total;
  }
}
