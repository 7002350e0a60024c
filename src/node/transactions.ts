/**
 * MULTI, EXEC and WATCH: queued requests, and optimistic locks on keys.
 *
 * A watched key is one entry in a map from key to sessions; changing a key costs a lookup only while anybody watches
 * anything. A key that has expired by the time of EXEC counts as changed, unless it had expired already when it was
 * watched.
 */
import { type Command, FLAG } from '../commands/command.js';
import type { Database } from '../keyspace/database.js';
import { type Bytes, slice } from '../protocol/bytes.js';
import { Request } from '../protocol/request.js';
import { keyName } from './key-names.js';
import type { Session } from './session.js';

export interface QueuedCommand {
  readonly command: Command;
  readonly request: Request;
  /** The command's, or those of the script that it runs. */
  readonly flags: number;
}

/** Flags that let a command run where others are refused. */
const PERMISSIONS = FLAG.loading | FLAG.stale;

/** A session between MULTI and EXEC. */
export class Transaction {
  readonly queue: QueuedCommand[] = [];
  /** A command was refused while queueing: EXEC will refuse too. */
  broken = false;
  /** What the queue holds. */
  bytes = 0;

  add(command: Command, request: Request, flags: number): void {
    if (this.broken) return; // nothing of it will run
    const copy = copyRequest(request);
    this.bytes += copy.buffer.length;
    this.queue.push({ command, request: copy, flags });
  }

  /** The flags of the queued commands together: what any of them does, and what all of them may. */
  get flags(): number {
    let any = 0;
    let all = PERMISSIONS;
    for (const { flags } of this.queue) {
      any |= flags;
      all &= flags;
    }
    return (any & ~PERMISSIONS) | all;
  }
}

/** Ends the session's transaction, and its watches with it. */
export function discardTransaction(session: Session, watches: Watches): void {
  session.transaction = null;
  watches.removeAll(session);
}

/** A request with bytes of its own, safe to keep. */
export function copyRequest(request: Request): Request {
  const copy = new Request();
  const { argc } = request;
  const from = request.last > request.first ? request.first : 0;
  const to = request.last > request.first ? request.last : request.ends[argc - 1];
  copy.buffer = slice(request.buffer, from, to);
  copy.first = 0;
  copy.last = request.last - request.first;
  for (let i = 0; i < argc; i++) copy.push(request.starts[i] - from, request.ends[i] - from);
  return copy;
}

/** A key somebody watches. */
interface Watch {
  readonly key: Bytes;
  readonly database: number;
  /** It had expired, but not been removed, when it was watched: its going is no change. */
  expired: boolean;
}

export class Watches {
  private readonly sessions = new Map<string, Set<Session>>();
  private readonly bySession = new Map<Session, Map<string, Watch>>();

  /** Whether any key is watched at all. */
  get any(): boolean {
    return this.sessions.size > 0;
  }

  add(session: Session, db: Database, bytes: Bytes, start: number, end: number): void {
    const name = keyName(db.index, bytes, start, end);
    let own = this.bySession.get(session);
    if (own === undefined) {
      own = new Map();
      this.bySession.set(session, own);
    }
    if (own.has(name)) return;
    const ref = db.peek(bytes, start, end);
    const expired = ref !== 0 && db.isExpired(ref);
    own.set(name, { key: slice(bytes, start, end), database: db.index, expired });
    const watchers = this.sessions.get(name);
    if (watchers === undefined) this.sessions.set(name, new Set([session]));
    else watchers.add(session);
  }

  /** Number of keys that the session watches. */
  countOf(session: Session): number {
    return this.bySession.get(session)?.size ?? 0;
  }

  /** The session watches nothing any more. */
  removeAll(session: Session): void {
    session.watchBroken = false;
    const own = this.bySession.get(session);
    if (own === undefined) return;
    this.bySession.delete(session);
    for (const name of own.keys()) {
      const watchers = this.sessions.get(name)!;
      watchers.delete(session);
      if (watchers.size === 0) this.sessions.delete(name);
    }
  }

  /** The key was changed: its watchers' EXEC will fail. */
  keyChanged(db: Database, bytes: Bytes, start: number, end: number): void {
    const name = keyName(db.index, bytes, start, end);
    const watchers = this.sessions.get(name);
    if (watchers === undefined) return;
    const ref = db.peek(bytes, start, end);
    const there = ref !== 0 && !db.isExpired(ref);
    for (const session of watchers) {
      const watch = this.bySession.get(session)!.get(name)!;
      if (there || !watch.expired) session.watchBroken = true;
      else if (ref === 0) watch.expired = false;
    }
  }

  /**
   * All keys of a database are about to go (FLUSHDB, a full resync), `by` taking its place when it is a SWAPDB: every
   * watched key that is in either counts as changed.
   */
  databaseReplaced(db: Database, by?: Database): void {
    for (const [session, own] of this.bySession) {
      for (const watch of own.values()) {
        if (watch.database !== db.index) continue;
        const { key } = watch;
        const wasThere = !watch.expired && db.peek(key, 0, key.length) !== 0;
        const ref = by === undefined ? 0 : by.peek(key, 0, key.length);
        watch.expired = ref !== 0 && by!.isExpired(ref);
        if (wasThere || (ref !== 0 && !watch.expired)) session.watchBroken = true;
      }
    }
  }

  /** Whether EXEC must fail: a watched key was changed, or has expired since. */
  isBroken(session: Session, databases: readonly Database[]): boolean {
    if (session.watchBroken) return true;
    for (const { key, database, expired } of this.bySession.get(session)?.values() ?? []) {
      if (expired) continue;
      const db = databases[database];
      const ref = db.peek(key, 0, key.length);
      if (ref !== 0 && db.isExpired(ref)) return true;
    }
    return false;
  }
}
