import { describe, expect, it } from 'vitest';
import { fromLatin1 } from '../protocol/bytes.js';
import type { Database } from './database.js';
import { Keyspace } from './keyspace.js';
import { STREAM } from './record.js';
import { HashValue } from './values/hash-value.js';
import { ListValue } from './values/list-value.js';
import { SetValue } from './values/set-value.js';
import { Stream } from './values/stream/stream.js';
import { StreamId } from './values/stream/stream-id.js';
import { ZsetValue } from './values/zset-value.js';

const MEMBERS = 20_000;

function keyspaceOf(): { keyspace: Keyspace; db: Database; wanted: () => number } {
  const keyspace = new Keyspace({
    databases: 1,
    clusterMode: false,
    random: () => 4,
    listener: { expiring() {} },
  });
  let calls = 0;
  keyspace.disposal.later = () => calls++;
  return { keyspace, db: keyspace.databases[0], wanted: () => calls };
}

/** By type: makes a large value under the key. */
const FILL: Record<string, (db: Database, key: Uint8Array) => void> = {
  hash(db, key) {
    const hash = new HashValue().create(db, key, 0, key.length);
    for (let n = 0; n < MEMBERS; n++) {
      const field = fromLatin1(`field:${n}`);
      hash.set(field, 0, field.length, field, 0, field.length);
    }
  },
  set(db, key) {
    const set = new SetValue().create(db, key, 0, key.length);
    for (let n = 0; n < MEMBERS; n++) {
      const member = fromLatin1(`member:${n}`);
      set.add(member, 0, member.length);
    }
  },
  zset(db, key) {
    const zset = new ZsetValue().create(db, key, 0, key.length);
    for (let n = 0; n < MEMBERS; n++) {
      const member = fromLatin1(`member:${n}`);
      zset.add(member, 0, member.length, (n * 7919) % MEMBERS);
    }
  },
  list(db, key) {
    const list = new ListValue().create(db, key, 0, key.length);
    const element = fromLatin1('x'.repeat(400));
    for (let n = 0; n < MEMBERS; n++) list.push(false, element, 0, element.length);
  },
  stream(db, key) {
    const stream = new Stream(db.keyspace.arena);
    const source = { buffer: fromLatin1('fv'), starts: Int32Array.of(0, 1), ends: Int32Array.of(1, 2) };
    const id = new StreamId();
    for (let n = 0; n < MEMBERS; n++) {
      id.increment();
      stream.add(id, source, 0, 1, db.keyspace.limits);
    }
    db.putObject(key, 0, key.length, STREAM, stream);
  },
};

describe('large values that are removed', () => {
  it.each(Object.keys(FILL))('a %s gives its memory back bit by bit', (type) => {
    const { keyspace, db, wanted } = keyspaceOf();
    const key = fromLatin1('key');
    FILL[type](db, key);
    const before = keyspace.arena.used;
    db.remove(db.peek(key, 0, key.length));
    expect(db.size).toBe(0);
    expect([keyspace.disposal.pendingObjects, wanted()]).toEqual([1, 1]);
    expect(keyspace.arena.used).toBeGreaterThan(before * 0.95);
    keyspace.disposal.step(100);
    expect(keyspace.arena.used).toBeGreaterThan(before / 8);
    while (!keyspace.disposal.step(1000)) expect(keyspace.disposal.pendingObjects).toBe(1);
    expect(keyspace.arena.used).toBe(0);
    expect([keyspace.disposal.pendingObjects, keyspace.disposal.freedObjects]).toEqual([0, 1]);
  });

  it('all keys of a database go at once, their memory bit by bit', () => {
    const { keyspace, db } = keyspaceOf();
    for (const [type, fill] of Object.entries(FILL)) fill(db, fromLatin1(type));
    for (let n = 0; n < 1000; n++) {
      const key = fromLatin1(`key:${n}`);
      db.setString(key, 0, key.length, key, 0, key.length);
    }
    db.clear(true);
    expect([db.size, keyspace.disposal.pendingObjects]).toEqual([0, 1005]);
    const again = fromLatin1('key:1');
    db.setString(again, 0, again.length, again, 0, again.length);
    while (!keyspace.disposal.step(500));
    db.remove(db.peek(again, 0, again.length));
    expect(keyspace.arena.used).toBe(0);
    expect([keyspace.disposal.pendingObjects, keyspace.disposal.freedObjects]).toEqual([0, 1010]);
  });

  it('are freed at once when the memory is needed, or when nobody calls for more', () => {
    const { keyspace, db, wanted } = keyspaceOf();
    const key = fromLatin1('key');
    FILL.zset(db, key);
    db.clear(true);
    keyspace.disposal.finish();
    expect(keyspace.arena.used).toBe(0);
    FILL.set(db, key);
    db.clear();
    keyspace.disposal.finish();
    keyspace.disposal.later = null;
    FILL.hash(db, key);
    db.remove(db.peek(key, 0, key.length));
    expect(keyspace.arena.used).toBe(0);
    expect(wanted()).toBe(2);
  });
});
