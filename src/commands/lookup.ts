/** Finding the key in an argument. `Context.db` has more; these are what commands ask for again and again. */
import type { Ref } from '../keyspace/arena.js';
import type { ValueType } from '../keyspace/record.js';
import { CommandError } from '../protocol/command-error.js';
import type { Context } from './context.js';
import { WRONG_TYPE } from './errors.js';

/** The record of the key in argument i for reading, or 0. Throws when its value is of another type. */
export function readTyped({ request, db }: Context, i: number, type: ValueType): Ref {
  const ref = db.read(request.buffer, request.starts[i], request.ends[i]);
  if (ref !== 0 && db.type(ref) !== type) throw new CommandError(WRONG_TYPE);
  return ref;
}

/** The record of the key in argument i for a command that may change it, or 0. Throws when its value is of another type. */
export function writeTyped({ request, db }: Context, i: number, type: ValueType): Ref {
  const ref = db.write(request.buffer, request.starts[i], request.ends[i]);
  if (ref !== 0 && db.type(ref) !== type) throw new CommandError(WRONG_TYPE);
  return ref;
}

/** The record of the key in argument i, of any type, for a command that may change it, or 0. */
export function writeAny({ request, db }: Context, i: number): Ref {
  return db.write(request.buffer, request.starts[i], request.ends[i]);
}

/** The record of the key in argument i, or 0, counted as a hit or a miss but not as an access (TYPE, TTL, EXISTS …). */
export function inspect({ request, db, keyspace }: Context, i: number): Ref {
  const { buffer, starts, ends } = request;
  const ref = db.live(buffer, starts[i], ends[i]);
  if (ref === 0) keyspace.missed(db, buffer, starts[i], ends[i]);
  else keyspace.hits++;
  return ref;
}
