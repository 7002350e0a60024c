/**
 * All databases of a node, and what they share: the arena, the table of objects, the clock, expiry's policy and the
 * statistics.
 *
 * Expiry is lazy first: a lookup that meets a key whose time has passed asks `expired`. What happens then depends
 * on the role of the node (Redis: expireIfNeeded). A master removes the key and tells its replicas, its AOF and its
 * watchers; a replica waits for its master's word and only treats the key as absent; while a file is loaded and
 * when the master itself speaks, keys live until they are removed.
 */
import type { Bytes } from '../protocol/bytes.js';
import { Arena, type Ref } from './arena.js';
import { Database } from './database.js';
import { DEFAULT_LIMITS, type EncodingLimits } from './encoding-limits.js';
import { ObjectTable } from './object-table.js';

/** What a lookup does with a key whose time has passed. */
export type ExpiryPolicy = 'remove' | 'hide' | 'ignore';

/** Told about what happens to keys without a command asking for it. */
export interface KeyspaceListener {
  /** The key's time has passed and it is about to be removed. */
  expiring(db: Database, ref: Ref): void;
}

/** Told before a key's value or expiry may change, or a key appears or goes: what snapshots need to know. */
export interface ChangeObserver {
  beforeChange(db: Database, key: Bytes, start: number, end: number): void;
  /** Databases are about to be emptied. */
  beforeUpheaval(): void;
}

export interface KeyspaceOptions {
  databases: number;
  clusterMode: boolean;
  /** Answers unsigned 32-bit random numbers. */
  random: () => number;
  listener: KeyspaceListener;
  /** Redis's own unless given. */
  limits?: EncodingLimits;
}

/** Access clock of LRU: seconds, 24 bits. */
const LRU_CLOCK_MASK = 0xffffff;

export class Keyspace {
  readonly arena: Arena;
  readonly objects = new ObjectTable();
  readonly databases: Database[];
  /** A database that nobody sees: for values in the making, until they are renamed to where they belong or removed. */
  readonly scratch: Database;
  readonly random: () => number;
  /** Up to which size collections are packed; may change at any time. */
  readonly limits: EncodingLimits;
  private time = 0;
  private seconds = 0;
  expiryPolicy: ExpiryPolicy = 'remove';
  /** Set only while somebody must know: the writing path then asks before each change. */
  observer: ChangeObserver | null = null;
  hits = 0;
  misses = 0;
  /** Keys removed because their time had passed. */
  expiredKeys = 0;

  private readonly listener: KeyspaceListener;

  constructor(options: KeyspaceOptions) {
    this.random = options.random;
    this.arena = new Arena(options.random());
    this.limits = options.limits ?? DEFAULT_LIMITS;
    this.listener = options.listener;
    this.databases = Array.from(
      { length: options.databases },
      (_, index) => new Database(this, index, options.clusterMode),
    );
    this.scratch = new Database(this, -1, false);
  }

  /** Wall clock in milliseconds since 1970, set by the node before each event it handles. */
  get now(): number {
    return this.time;
  }

  set now(time: number) {
    this.time = time;
    this.seconds = (time / 1000) & LRU_CLOCK_MASK;
  }

  /** Bytes that data takes, the tables that find it included. */
  get usedBytes(): number {
    let bytes = this.arena.used;
    for (const db of this.databases) bytes += db.overheadBytes;
    return bytes;
  }

  /** Exchanges two databases: each has the other's number afterwards. */
  swap(first: Database, second: Database): void {
    [first.index, second.index] = [second.index, first.index];
    this.databases[first.index] = first;
    this.databases[second.index] = second;
  }

  /** A lookup met a key whose time has passed. Answers whether the key counts as absent. */
  keyExpired(db: Database, ref: Ref): boolean {
    if (this.expiryPolicy === 'ignore') return false;
    if (this.expiryPolicy === 'remove') this.expire(db, ref);
    return true;
  }

  /** Removes a key whose time has passed, telling the listener first. */
  expire(db: Database, ref: Ref): void {
    this.expiredKeys++;
    this.listener.expiring(db, ref);
    db.remove(ref);
  }

  /** The access clock of a key touched now; `previous` is its clock so far, -1 for a new key. */
  accessClock(_previous: number): number {
    return this.seconds;
  }
}
