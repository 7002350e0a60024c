/**
 * Active expiry: finds keys whose time has passed although nobody asks for them, in Redis's manner. A few places of
 * the dense expiry table are sampled; as long as more than a tenth of a sample had expired it is worth looking on,
 * within a budget per call, so that no call takes long.
 */
import type { Keyspace } from './keyspace.js';

const SAMPLE = 20;
const WORTH_GOING_ON = SAMPLE / 10;

/** Removes expired keys, looking at no more than `budget` of them. Answers how many it removed. */
export function expireSome(keyspace: Keyspace, budget: number): number {
  let removed = 0;
  for (const db of keyspace.databases) {
    let expired = SAMPLE;
    while (db.expiries.size > 0 && budget > 0 && expired > WORTH_GOING_ON) {
      expired = 0;
      for (let n = Math.min(SAMPLE, db.expiries.size); n > 0; n--) {
        budget--;
        const ref = db.expiries.ref(1 + (keyspace.random() % db.expiries.size));
        if (!db.isExpired(ref)) continue;
        keyspace.expire(db, ref);
        expired++;
        if (db.expiries.size === 0) break;
      }
      removed += expired;
    }
  }
  return removed;
}
