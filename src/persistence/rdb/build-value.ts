/** Building a collection out of sight, so that a key is left alone until its new value is whole and sound. */
import type { Ref } from '../../keyspace/arena.js';
import type { Database } from '../../keyspace/database.js';
import { type ByteRange, type Bytes, EMPTY } from '../../protocol/bytes.js';
import { EmptyValueError } from './format.js';

/** A view of a collection, such as HashValue. */
interface CollectionView {
  readonly ref: Ref;
  readonly size: number;
  create(db: Database, key: Bytes, keyStart: number, keyEnd: number): void;
}

/**
 * Makes an empty collection, lets `fill` add to it through the view, and gives it to the key, whatever that was before;
 * answers the key's record. When `fill` throws, or adds nothing (EmptyValueError), nothing has happened.
 */
export function buildValue(
  view: CollectionView,
  db: Database,
  key: Readonly<ByteRange>,
  fill: () => void,
): Ref {
  const { scratch } = db.keyspace;
  view.create(scratch, EMPTY, 0, 0);
  try {
    fill();
    if (view.size === 0) throw new EmptyValueError();
  } catch (error) {
    scratch.remove(view.ref);
    throw error;
  }
  return db.adopt(scratch, view.ref, key.bytes, key.start, key.end);
}
