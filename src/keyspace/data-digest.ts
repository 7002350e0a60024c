/**
 * A digest of the data, by which two nodes can be compared: DEBUG DIGEST's, equal to a redis-server's with the same
 * data, whatever the order in which keys and members lie.
 */
import { fromLatin1 } from '../protocol/bytes.js';
import type { Ref } from './arena.js';
import type { Database } from './database.js';
import { Digest } from './digest.js';
import { HASH_TYPE, LIST, SET, STREAM, STRING, ZSET } from './record.js';
import { addHash } from './values/hash-value.js';
import { addList } from './values/list-value.js';
import { addSet } from './values/set-value.js';
import { addStream } from './values/stream/stream.js';
import { addZset } from './values/zset-value.js';

const EXPIRES = fromLatin1('!!expire!!');

/** By type: adds what a value holds. */
const addElements: Partial<Record<number, (digest: Digest, db: Database, ref: Ref) => void>> = {
  [STRING]: (digest, db, ref) => digest.append(db.buffer(ref), db.valueStart(ref), db.valueEnd(ref)),
  [ZSET]: addZset,
  [HASH_TYPE]: addHash,
  [SET]: addSet,
  [LIST]: addList,
  [STREAM]: addStream,
};

/** The digest of all databases. Keys whose time has passed count as long as they are there. */
export function digestOf(databases: readonly Database[]): Digest {
  const all = new Digest();
  for (const db of databases) {
    if (db.size === 0) continue;
    all.appendNumber(db.index);
    db.forEach((ref) => {
      const digest = new Digest();
      digest.append(db.buffer(ref), db.keyStart(ref), db.keyEnd(ref));
      addValue(digest, db, ref);
      all.addDigest(digest);
    });
  }
  return all;
}

/** Adds a key's value, and whether the key expires, to the digest. */
export function addValue(digest: Digest, db: Database, ref: Ref): void {
  const type = db.type(ref);
  digest.appendNumber(type);
  addElements[type]?.(digest, db, ref);
  if (db.expiry(ref) !== -1) digest.add(EXPIRES);
}
