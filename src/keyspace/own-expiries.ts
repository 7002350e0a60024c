/**
 * Keys that clients of a writable replica have given an expiry. The master doesn't know them, so its DEL never comes:
 * the replica removes them itself when their time has passed, and tells its own log only. Redis: expireSlaveKeys.
 */
import { fromLatin1, latin1 } from '../protocol/bytes.js';
import type { Ref } from './arena.js';
import type { Database } from './database.js';

export class OwnExpiries {
  /** The keys, a character per byte. */
  private readonly keys = new Map<Database, Set<string>>();

  get size(): number {
    let size = 0;
    for (const keys of this.keys.values()) size += keys.size;
    return size;
  }

  add(db: Database, ref: Ref): void {
    const keys = this.keys.get(db) ?? new Set();
    this.keys.set(db, keys.add(latin1(db.buffer(ref), db.keyStart(ref), db.keyEnd(ref))));
  }

  /** Removes the keys whose time has passed, looking at so many keys at most. */
  expire(most: number): void {
    for (const [db, keys] of this.keys) {
      for (const key of [...keys].slice(0, most)) {
        if (most-- <= 0) return;
        keys.delete(key);
        const bytes = fromLatin1(key);
        const ref = db.peek(bytes, 0, bytes.length);
        if (ref === 0 || db.expiry(ref) < 0) continue;
        if (db.isExpired(ref)) db.keyspace.expire(db, ref);
        else keys.add(key); // at the end: it is looked at again when the others have been
      }
    }
  }
}
