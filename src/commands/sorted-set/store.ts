/** Storing a sorted set that a command has computed (ZUNIONSTORE, ZRANGESTORE, GEOSEARCHSTORE …). */
import type { LargeZset } from '../../keyspace/values/zset-large.js';
import { ZsetValue } from '../../keyspace/values/zset-value.js';
import { type Context, EVENT } from '../context.js';
import { writeAny } from '../lookup.js';

const zset = new ZsetValue();

/**
 * Gives the key in argument `i` the result, whatever it held, and replies with the number of members. An empty result
 * removes the key. The result is used up.
 */
export function storeZset(c: Context, i: number, result: LargeZset, event: string): void {
  const { request, db, reply } = c;
  const { size } = result;
  reply.integer(size);
  if (size > 0) {
    zset.store(db, request.buffer, request.starts[i], request.ends[i], result);
    c.changed(i, EVENT.zset, event);
    return;
  }
  const ref = writeAny(c, i);
  if (ref === 0) return;
  db.remove(ref);
  c.changed(i, EVENT.generic, 'del');
}
