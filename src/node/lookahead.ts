/**
 * Fetches into the processor's caches what the next requests of a pipeline will look up.
 *
 * A lookup goes to memory twice, for its place in the index and for the record, and waits each time as long as a
 * hundred instructions take: with 100,000 keys that is 40 % of a pipelined GET. The requests of a pipeline don't depend
 * on each other, though, and a processor has ten trips under way at once if it sees them in time. So the keys of up to
 * READ_AHEAD requests are hashed before the first of them runs, and looked up for nothing but to have been there
 * (measured: 18 % off the node's time for GET and SET, 100 deep; 4 % more where all keys are in the cache anyway).
 *
 * Most commands name their first key first; where it is something else nothing is lost but a few nanoseconds.
 *
 * A pipeline that works on one large collection has its trips to memory there: its members are looked up in the same way
 * (6 % off HSET and SADD, 16 deep, with a million members).
 */
import type { Database } from '../keyspace/database.js';
import { hashBytes } from '../keyspace/hash.js';
import { HashTable } from '../keyspace/values/hash-value-table.js';
import { SetTable } from '../keyspace/values/set-value-table.js';
import { LargeZset } from '../keyspace/values/zset-large.js';
import type { Request } from '../protocol/request.js';
import { READ_AHEAD } from '../protocol/request-parser.js';

/** What is longer is hardly a key or a member, and takes long to hash. */
const LONGEST = 64;

export class Lookahead {
  private readonly hashes = new Uint32Array(READ_AHEAD);
  /** Of no use to anybody; but if nobody used what is loaded, the compiler would leave it out. */
  loaded = 0;

  /** The first `count` requests will run soon, in this database. */
  prepare(db: Database, requests: readonly Request[], count: number): void {
    const { hashes } = this;
    let keys = 0;
    for (let i = 0; i < count; i++) keys = this.note(requests[i], 1, keys);
    const oneKey = keys === count && hashes[0] === hashes[keys - 1];
    this.loaded = db.prefetch(hashes, keys);
    if (oneKey) this.prepareMembers(db, requests, count);
  }

  /** The same for members of the collection whose key the first request names, and probably all of them. */
  private prepareMembers(db: Database, requests: readonly Request[], count: number): void {
    const { buffer, starts, ends } = requests[0];
    const ref = db.peek(buffer, starts[1], ends[1]);
    if (ref === 0 || !db.isObject(ref)) return;
    const collection = db.object(ref);
    const isZset = collection instanceof LargeZset;
    if (!isZset && !(collection instanceof HashTable) && !(collection instanceof SetTable)) return;
    let members = 0;
    for (let i = 0; i < count; i++) {
      // A score comes before its member, a field before its value.
      members = this.note(requests[i], isZset ? requests[i].argc - 1 : 2, members);
    }
    this.loaded ^= collection.dictionary.prefetch(this.hashes, members);
  }

  /** Adds the hash of argument i, if there is one, to the `noted` ones; answers how many there are now. */
  private note({ buffer, argc, starts, ends }: Request, i: number, noted: number): number {
    if (i >= argc || ends[i] - starts[i] > LONGEST) return noted;
    this.hashes[noted] = hashBytes(buffer, starts[i], ends[i]);
    return noted + 1;
  }
}
