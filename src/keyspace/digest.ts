/**
 * A digest of the data, by which two nodes can be compared: DEBUG DIGEST's, equal to a redis-server's with the same
 * data, whatever the order in which keys and members lie.
 *
 * What has no order is combined by XOR of SHA-1 hashes, what has one by hashing the digest itself again after every
 * element.
 */
import { allocateZeroed, type Bytes, fromLatin1 } from '../protocol/bytes.js';
import { SHA1_BYTES, sha1 } from '../protocol/sha1.js';
import type { Ref } from './arena.js';
import type { Database } from './database.js';
import { addHash } from './hash-value.js';
import { addList } from './list-value.js';
import { HASH_TYPE, LIST, SET, STREAM, STRING, ZSET } from './record.js';
import { addSet } from './set-value.js';
import { addStream } from './stream.js';
import { addZset } from './zset-value.js';

const hash = allocateZeroed(SHA1_BYTES);
const number = allocateZeroed(4);
const EXPIRES = fromLatin1('!!expire!!');

export class Digest {
  private readonly bytes = allocateZeroed(SHA1_BYTES);

  /** Adds something whose place doesn't matter. */
  add(bytes: Bytes, start = 0, end = bytes.length): void {
    sha1(hash, bytes, start, end);
    for (let i = 0; i < SHA1_BYTES; i++) this.bytes[i] ^= hash[i];
  }

  /** Adds what comes next. */
  append(bytes: Bytes, start = 0, end = bytes.length): void {
    this.add(bytes, start, end);
    sha1(this.bytes, this.bytes, 0, SHA1_BYTES);
  }

  /** `append` of a 32-bit number in network order. */
  appendNumber(value: number): void {
    for (let i = 0; i < 4; i++) number[i] = value >>> (24 - 8 * i);
    this.append(number);
  }

  addDigest(other: Digest): void {
    this.add(other.bytes);
  }

  /** In hexadecimal. */
  toString(): string {
    return Array.from(this.bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }
}

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
