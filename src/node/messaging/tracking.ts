/**
 * Client-side caching: clients are told when a key that they may have cached has changed.
 *
 * In the ordinary mode the node remembers for each key which clients have read it (in a table of limited size,
 * `tracking-table-max-keys`), and forgets them when it has told them. In broadcasting mode nothing is remembered per
 * key: a client names beginnings of keys and is told of every change to such a key, all changes of a turn in one
 * message. Nobody who doesn't cache pays more than a test for it.
 *
 * Clients in the table are known by number, so that one that has gone needs no search. Keys are Latin-1 strings, one
 * character per byte; as in Redis a key's database doesn't matter.
 */
import type { Command } from '../../commands/command.js';
import type { TrackingFacility, TrackingOptions, TrackingView } from '../../commands/facilities/messaging.js';
import { type Bytes, latin1 } from '../../protocol/bytes.js';
import { CommandError } from '../../protocol/command-error.js';
import type { ReplyWriter } from '../../protocol/reply-writer.js';
import type { Request } from '../../protocol/request.js';
import { type Session, SPECIAL } from '../session.js';
import type { Deliveries } from './deliveries.js';

const CHANNEL = '__redis__:invalidate';

/** A session that caches. */
interface Tracked extends TrackingView {
  caching: boolean;
  brokenRedirect: boolean;
}

/** The beginning of keys, whose changes are broadcast. */
interface Prefix {
  readonly listeners: Set<Session>;
  /** Keys changed in this turn, and who changed each last. */
  readonly changed: Map<string, Session | null>;
}

/** Keys to forget; null: all. */
type Keys = readonly string[] | null;

/** What tracking needs of the node. */
export interface TrackingSurroundings {
  readonly deliveries: Deliveries;
  sessionById(id: number): Session | undefined;
  /** Broadcasts are due at the end of the turn. */
  wakeAtEndOfTurn(): void;
  /** Somebody has begun or ceased to be tracked. */
  changed(): void;
}

export class Tracking {
  /** Reads remembered: one for each key and client. */
  items = 0;
  private readonly tracked = new Map<Session, Tracked>();
  /** Who has read each key, by number. */
  private readonly readers = new Map<string, Set<number>>();
  private readonly prefixes = new Map<string, Prefix>();
  /** The clients have been told in this command that everything is gone. */
  private flushTold = false;

  constructor(private readonly around: TrackingSurroundings) {}

  /** Whether anybody may have to be told of anything. */
  get any(): boolean {
    return this.tracked.size > 0 || this.readers.size > 0;
  }

  get clientCount(): number {
    return this.tracked.size;
  }

  get keyCount(): number {
    return this.readers.size;
  }

  get prefixCount(): number {
    return this.prefixes.size;
  }

  stateOf(session: Session): TrackingView | undefined {
    return this.tracked.get(session);
  }

  // Who is tracked

  /** Throws a CommandError when the options don't fit the session's state. */
  enable(session: Session, options: TrackingOptions): void {
    const before = this.tracked.get(session);
    if (before !== undefined) refuseSwitch(before, options);
    const known = before?.prefixes ?? [];
    if (options.broadcast) refuseOverlaps(known, options.prefixes);
    const added = options.prefixes.length > 0 ? options.prefixes : [''];
    const prefixes = options.broadcast ? [...new Set([...known, ...added])].sort() : [];
    for (const prefix of prefixes) this.listen(session, prefix);
    const caching = before?.caching ?? false;
    this.tracked.set(session, { ...options, prefixes, caching, brokenRedirect: false });
    this.around.changed();
  }

  disable(session: Session): void {
    const tracked = this.tracked.get(session);
    if (tracked === undefined) return;
    this.tracked.delete(session);
    for (const name of tracked.prefixes) {
      const prefix = this.prefixes.get(name)!;
      prefix.listeners.delete(session);
      if (prefix.listeners.size === 0) this.prefixes.delete(name);
    }
    this.around.changed();
  }

  private listen(session: Session, name: string): void {
    const prefix = this.prefixes.get(name);
    if (prefix === undefined) {
      this.prefixes.set(name, { listeners: new Set([session]), changed: new Map() });
    } else prefix.listeners.add(session);
  }

  // What is read

  /** The session's command has read keys: it will be told when one changes. */
  remember(session: Session, command: Command, request: Request): void {
    const tracked = this.tracked.get(session);
    if (tracked === undefined || tracked.broadcast) return;
    if (tracked.optIn && !tracked.caching) return;
    if (tracked.optOut && tracked.caching) return;
    command.eachKey(request, (i) => {
      const key = request.latin1(i);
      let readers = this.readers.get(key);
      if (readers === undefined) {
        readers = new Set();
        this.readers.set(key, readers);
      }
      if (readers.has(session.id)) return;
      readers.add(session.id);
      this.items++;
    });
  }

  /** The session's command is done: what CLIENT CACHING said was for this one. */
  commandEnded(session: Session, command: Command): void {
    const tracked = this.tracked.get(session);
    if (tracked !== undefined && command.container?.fullName !== 'client') tracked.caching = false;
  }

  /** A command is done, with all that belongs to it. */
  settle(): void {
    this.flushTold = false;
  }

  /** Keeps the table within `most` keys; 0: no limit. The keys that were read first go first. */
  limit(most: number): void {
    if (most === 0) return;
    for (const key of this.readers.keys()) {
      if (this.readers.size <= most) return;
      this.tellReaders(key, null);
    }
  }

  // What changes

  /** A key has been changed by `author`, null when nobody did it (it has expired). */
  keyChanged(bytes: Bytes, start: number, end: number, author = this.around.deliveries.serving): void {
    const key = latin1(bytes, start, end);
    for (const [name, { changed }] of this.prefixes) {
      if (!key.startsWith(name)) continue;
      changed.set(key, author);
      this.around.wakeAtEndOfTurn();
    }
    if (this.readers.size > 0) this.tellReaders(key, author);
  }

  /** All keys of a database, or of all, have gone. */
  flushed(): void {
    if (this.flushTold) return;
    this.flushTold = true;
    for (const [session, tracked] of this.tracked) this.tell(session, tracked, null);
    this.readers.clear();
    this.items = 0;
  }

  /** The end of a turn: tells those who listen to prefixes. */
  broadcast(): void {
    this.settle();
    for (const { listeners, changed } of this.prefixes.values()) {
      if (changed.size === 0) continue;
      const all = [...changed.keys()];
      for (const session of listeners) {
        const tracked = this.tracked.get(session)!;
        const keys = tracked.noLoop ? all.filter((key) => changed.get(key) !== session) : all;
        if (keys.length > 0) this.tell(session, tracked, keys);
      }
      changed.clear();
    }
  }

  private tellReaders(key: string, author: Session | null): void {
    const readers = this.readers.get(key);
    if (readers === undefined) return;
    this.readers.delete(key);
    this.items -= readers.size;
    for (const id of readers) {
      const session = this.around.sessionById(id);
      const tracked = session && this.tracked.get(session);
      if (tracked === undefined || tracked.broadcast) continue;
      if (tracked.noLoop && session === author) continue;
      this.tell(session!, tracked, [key]);
    }
  }

  /** RESP2 has no way to say it but to somebody else, who listens to a channel. */
  private tell(session: Session, tracked: Tracked, keys: Keys): void {
    const { deliveries } = this.around;
    const { redirect } = tracked;
    const target = redirect === 0 ? session : this.around.sessionById(redirect);
    if (target === undefined) {
      tracked.brokenRedirect = true;
      if (session.resp === 2) return;
      deliveries.send(session, (reply) => {
        reply.push(2);
        reply.latin1('tracking-redir-broken');
        reply.integer(redirect);
      });
    } else if (target.resp === 3) {
      deliveries.send(target, (reply) => {
        reply.push(2);
        reply.latin1('invalidate');
        writeKeys(reply, keys);
      });
    } else if (redirect !== 0 && target.special & SPECIAL.subscriber) {
      deliveries.send(target, (reply) => {
        reply.push(3);
        reply.latin1('message');
        reply.latin1(CHANNEL);
        writeKeys(reply, keys);
      });
    }
  }

  /** As the commands of the session that is being served see it. */
  facility(caller: () => Session): TrackingFacility {
    return {
      enable: (options) => this.enable(caller(), options),
      disable: () => this.disable(caller()),
      state: () => this.tracked.get(caller()) ?? null,
      caching: () => {
        this.tracked.get(caller())!.caching = true;
      },
    };
  }
}

function writeKeys(reply: ReplyWriter, keys: Keys): void {
  if (keys === null) {
    reply.nil();
    return;
  }
  reply.array(keys.length);
  for (const key of keys) reply.latin1(key);
}

function refuseSwitch(before: Tracked, { broadcast, optIn, optOut }: TrackingOptions): void {
  if (before.broadcast !== broadcast) {
    throw new CommandError(
      "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it " +
        'with a different mode.',
    );
  }
  if ((optIn && before.optOut) || (optOut && before.optIn)) {
    throw new CommandError(
      "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it " +
        'with a different mode.',
    );
  }
}

function refuseOverlaps(known: readonly string[], added: readonly string[]): void {
  for (const [i, prefix] of added.entries()) {
    const overlaps = (other: string) => prefix.startsWith(other) || other.startsWith(prefix);
    const refuse = (kind: string, other: string) => {
      throw new CommandError(
        `ERR Prefix '${prefix}' overlaps with ${kind} prefix '${other}'. Prefixes for a single client must not overlap.`,
      );
    };
    const existing = known.find(overlaps);
    if (existing !== undefined) refuse('an existing', existing);
    const twin = added.slice(i + 1).find(overlaps);
    if (twin !== undefined) refuse('another provided', twin);
  }
}
