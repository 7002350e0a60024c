/**
 * All databases of a node, and what they share: the arena, the table of objects, the clock, expiry's policy and the
 * statistics.
 *
 * Expiry is lazy first: a lookup that meets a key whose time has passed asks `expired`. What happens then depends
 * on the role of the node (Redis: expireIfNeeded). A master removes the key and tells its replicas, its AOF and its
 * watchers; a replica waits for its master's word and only treats the key as absent, unless it is writable and about
 * to write to it; while a file is loaded and
 * when the master itself speaks, keys live until they are removed.
 */
import type { Bytes } from '../protocol/bytes.js';
import { Arena, type Ref } from './arena.js';
import { Database } from './database.js';
import { Disposal } from './disposal.js';
import { ObjectTable } from './object-table.js';
import type { OwnExpiries } from './own-expiries.js';
import { DEFAULT_LIMITS, type EncodingLimits } from './values/encoding-limits.js';

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

/** Told what only the keyspace sees of lookups: for keyspace events. */
export interface Spectator {
  /** A key that wasn't there has been made. */
  created(db: Database, key: Bytes, start: number, end: number): void;
  /** A key has been looked up for reading, in vain. */
  missed(db: Database, key: Bytes, start: number, end: number): void;
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

/** Settings of the access clock that counts (LFU). */
export interface FrequencyClock {
  /** `lfu-log-factor` */
  readonly logFactor: number;
  /** `lfu-decay-time`, minutes; 0: counters don't decay. */
  readonly decayTime: number;
}

/** What a new key's counter begins with, so that it isn't the first to go. */
const NEW_KEY_COUNTER = 5;

/** Access clock of LRU: seconds, 24 bits. */
const LRU_CLOCK_MASK = 0xffffff;

export class Keyspace {
  readonly arena: Arena;
  /** Where large values go when they are removed. */
  readonly disposal = new Disposal();
  readonly objects = new ObjectTable(this.disposal);
  readonly databases: Database[];
  /** A database that nobody sees: for values in the making, until they are renamed to where they belong or removed. */
  readonly scratch: Database;
  readonly random: () => number;
  /** Up to which size collections are packed; may change at any time. */
  readonly limits: EncodingLimits;
  private time = 0;
  private seconds = 0;
  expiryPolicy: ExpiryPolicy = 'remove';
  /** Set while a client of a writable replica is served: such a node has keys of its own. */
  ownExpiries: OwnExpiries | null = null;
  /** Set while the eviction policy asks how often keys are used; otherwise their clocks say when. */
  frequencyClock: FrequencyClock | null = null;
  /** Set only while somebody must know: the writing path then asks before each change. */
  observer: ChangeObserver | null = null;
  /** Set only while somebody wants to know. */
  spectator: Spectator | null = null;
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

  /** A lookup for reading has found nothing. */
  missed(db: Database, key: Bytes, start: number, end: number): void {
    this.misses++;
    if (this.spectator !== null) this.spectator.missed(db, key, start, end);
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

  // Eviction's clock

  /** The access clock of a key touched now; `previous` is its clock so far, -1 for a new key. */
  accessClock(previous: number): number {
    return this.frequencyClock === null ? this.seconds : this.countAccess(previous, this.frequencyClock);
  }

  /** How long ago a key with this clock was touched, in seconds; for policies that look at that. */
  idleSeconds(clock: number): number {
    return (this.seconds - clock) & LRU_CLOCK_MASK;
  }

  /** How often a key with this clock is touched: a logarithmic counter up to 255, less by one every `decayTime`. */
  frequency(clock: number): number {
    const decayTime = this.frequencyClock?.decayTime ?? 0;
    const counter = clock & 255;
    if (decayTime === 0) return counter;
    return Math.max(0, counter - Math.floor(((this.minutes - (clock >>> 8)) & 0xffff) / decayTime));
  }

  /** The higher the counter, the less likely an access is to raise it. */
  private countAccess(previous: number, { logFactor }: FrequencyClock): number {
    if (previous === -1) return (this.minutes << 8) | NEW_KEY_COUNTER;
    let counter = this.frequency(previous);
    const chance = 1 / (Math.max(0, counter - NEW_KEY_COUNTER) * logFactor + 1);
    if (counter < 255 && this.random() / 2 ** 32 < chance) counter++;
    return (this.minutes << 8) | counter;
  }

  /** 16 bits. */
  private get minutes(): number {
    return Math.floor(this.time / 60_000) & 0xffff;
  }
}
