/**
 * Which key goes when memory is short: Redis's approximations, by sampling.
 *
 * To find the key used longest ago, least often or expiring first would take an order of all keys. Instead a few keys
 * drawn at random join a pool of the sixteen best candidates seen so far, and the best of the pool goes. The pool
 * outlives the call, so that good candidates of earlier samples aren't lost; it holds copies of keys, and a candidate
 * that has gone, or no longer qualifies, is passed over when its turn comes. O(samples · databases) per key.
 */
import { type Bytes, slice } from '../protocol/bytes.js';
import type { Ref } from './arena.js';
import type { Database } from './database.js';
import type { Keyspace } from './keyspace.js';

export type EvictionPolicy =
  | 'volatile-lru'
  | 'volatile-lfu'
  | 'volatile-random'
  | 'volatile-ttl'
  | 'allkeys-lru'
  | 'allkeys-lfu'
  | 'allkeys-random'
  | 'noeviction';

/** A key to go. */
export interface Victim {
  readonly db: Database;
  readonly ref: Ref;
}

interface Candidate {
  readonly db: Database;
  readonly key: Bytes;
  /** The higher, the better to be evicted. */
  readonly score: number;
}

const POOL_SIZE = 16;

export class EvictionPool {
  /** Best candidate last. */
  private candidates: Candidate[] = [];
  /** The database whose turn it is, when keys go at random. */
  private turn = 0;

  constructor(private readonly keyspace: Keyspace) {}

  /** The next key to go, or null when no key may. `samples` keys are drawn of each database. */
  next(policy: EvictionPolicy, samples: number): Victim | null {
    if (policy === 'noeviction') return null;
    const volatile = policy.startsWith('volatile');
    if (policy.endsWith('random')) return this.anyKey(volatile);
    while (this.keyspace.databases.some((db) => (volatile ? db.expiries.size : db.size) > 0)) {
      for (const db of this.keyspace.databases) this.draw(db, policy, volatile, samples);
      for (let best = this.candidates.pop(); best !== undefined; best = this.candidates.pop()) {
        const { db, key } = best;
        const ref = db.peek(key, 0, key.length);
        if (ref !== 0 && (!volatile || db.expiry(ref) !== -1)) return { db, ref };
      }
    }
    return null;
  }

  /** The policy has changed: scores mean something else. */
  clear(): void {
    this.candidates = [];
  }

  private anyKey(volatile: boolean): Victim | null {
    const { databases } = this.keyspace;
    for (let tries = databases.length; tries > 0; tries--) {
      this.turn = (this.turn + 1) % databases.length;
      const db = databases[this.turn];
      const ref = this.anyOf(db, volatile);
      if (ref !== 0) return { db, ref };
    }
    return null;
  }

  private anyOf(db: Database, volatile: boolean): Ref {
    if (!volatile) return db.random();
    const { expiries } = db;
    return expiries.size === 0 ? 0 : expiries.ref(1 + (this.keyspace.random() % expiries.size));
  }

  private draw(db: Database, policy: EvictionPolicy, volatile: boolean, samples: number): void {
    const count = Math.min(samples, volatile ? db.expiries.size : db.size);
    for (let n = 0; n < count; n++) {
      const ref = this.anyOf(db, volatile);
      this.enter(db, ref, this.score(db, ref, policy));
    }
  }

  private score(db: Database, ref: Ref, policy: EvictionPolicy): number {
    if (policy === 'volatile-ttl') return -db.expiry(ref);
    const clock = db.accessClock(ref);
    return policy.endsWith('lru') ? this.keyspace.idleSeconds(clock) : 255 - this.keyspace.frequency(clock);
  }

  private enter(db: Database, ref: Ref, score: number): void {
    const { candidates } = this;
    const full = candidates.length === POOL_SIZE;
    if (full && score <= candidates[0].score) return;
    if (full) candidates.shift();
    let place = candidates.length;
    while (place > 0 && candidates[place - 1].score >= score) place--;
    const key = slice(db.buffer(ref), db.keyStart(ref), db.keyEnd(ref));
    candidates.splice(place, 0, { db, key, score });
  }
}
