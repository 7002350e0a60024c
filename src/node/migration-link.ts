/**
 * Connections to the servers that keys are moved to. One that has done its work is kept for ten seconds, since a
 * resharding sends one MIGRATE after another to the same target; what it has selected is remembered with it. A
 * connection carries one transfer at a time, and transfers to the same target at the same time have one each.
 */
import type { Bytes } from '../protocol/bytes.js';
import { ReplyDecoder, ReplyError, ReplyFormatError } from '../protocol/reply-decoder.js';
import type { Host, Link, LinkHandler, Schedule } from './host.js';

/** How long an idle connection is kept, milliseconds. */
const KEPT_FOR = 10_000;
/** Bytes are handed over in pieces, so that it can be seen how far they have got. */
const PIECE = 64 * 1024;

/** Who works with a connection: told what comes. */
export interface MigrationLinkUser {
  connected(): void;
  /** One reply, in order: an error, or that all went well. */
  replied(error: ReplyError | null): void;
  /** The connection has gone, or speaks something else than RESP. */
  lost(): void;
}

export class MigrationLink implements LinkHandler {
  isUp = false;
  /** The database it has selected; null when that isn't known. */
  database: number | null = null;
  user: MigrationLinkUser | null = null;
  /** How its closing is called off while it is idle. */
  stopTimer = () => {};
  private readonly link: Link;
  private readonly decoder = new ReplyDecoder({
    reply: (value) => this.user?.replied(value instanceof ReplyError ? value : null),
    push() {},
  });

  constructor(
    host: Host,
    readonly target: string,
    address: { host: string; port: number },
    private readonly lost: (link: MigrationLink) => void,
  ) {
    this.link = host.dial(address.host, address.port, this, 'migration');
  }

  /** Sends bytes that nobody changes any more; answers how many wait to be taken by the system. */
  send(bytes: Bytes): number {
    for (let start = 0; start < bytes.length; start += PIECE) {
      this.link.write(bytes, start, Math.min(bytes.length, start + PIECE));
    }
    return this.unsent;
  }

  /** Bytes waiting to be taken by the system. */
  get unsent(): number {
    return this.link.buffered;
  }

  close(): void {
    this.user = null;
    this.stopTimer();
    this.link.destroy();
  }

  connected(): void {
    this.isUp = true;
    this.user?.connected();
  }

  received(bytes: Bytes, start: number, end: number): void {
    try {
      this.decoder.decode(bytes.subarray(start, end));
    } catch (error) {
      if (!(error instanceof ReplyFormatError)) throw error;
      this.link.destroy();
      this.closed();
    }
  }

  closed(): void {
    const { user } = this;
    this.lost(this);
    this.user = null;
    user?.lost();
  }
}

export class MigrationLinks {
  private readonly idle = new Map<string, MigrationLink>();

  constructor(
    private readonly host: Host,
    private readonly schedule: Schedule,
  ) {}

  /** Number of connections kept. */
  get idleCount(): number {
    return this.idle.size;
  }

  /** A connection to the target: one that was kept, or a new one. */
  take(host: string, port: number, user: MigrationLinkUser): MigrationLink {
    const target = `${host}:${port}`;
    const kept = this.idle.get(target);
    const link = kept ?? new MigrationLink(this.host, target, { host, port }, (lost) => this.forget(lost));
    this.forget(link);
    link.user = user;
    return link;
  }

  /** The connection's work is done; it has this database selected, if that is known. */
  keep(link: MigrationLink, database: number | null): void {
    link.user = null;
    link.database = database;
    this.idle.get(link.target)?.close();
    this.idle.set(link.target, link);
    link.stopTimer = this.schedule(KEPT_FOR, () => this.drop(link));
  }

  drop(link: MigrationLink): void {
    this.forget(link);
    link.close();
  }

  private forget(link: MigrationLink): void {
    link.stopTimer();
    link.stopTimer = () => {};
    if (this.idle.get(link.target) === link) this.idle.delete(link.target);
  }
}
