import { describe, expect, it } from 'vitest';
import { TestRandom, testSeed, withSeed } from '../../test/support/random.js';
import { type Bytes, fromLatin1, latin1 } from '../protocol/bytes.js';
import { keySlot } from '../protocol/key-slot.js';
import { sizeClass } from './arena.js';
import type { Database } from './database.js';
import { hashBytes } from './hash.js';
import { Keyspace } from './keyspace.js';

function keyspace(clusterMode: boolean, random: TestRandom): Keyspace {
  return new Keyspace({ databases: 1, clusterMode, random: random.uint32, listener: { expiring() {} } });
}

function range(text: string): [Bytes, number, number] {
  return [fromLatin1(text), 0, text.length];
}

function value(db: Database, key: string): string | undefined {
  const ref = db.read(...range(key));
  return ref === 0 ? undefined : latin1(db.buffer(ref), db.valueStart(ref), db.valueEnd(ref));
}

describe('arena', () => {
  it('has no class that is too small or wastes more than an eighth', () => {
    for (let size = 1; size <= 128 * 1024; size++) {
      const cls = sizeClass(size);
      if (size > 1) expect(cls - sizeClass(size - 1)).toBeLessThanOrEqual(1);
    }
    expect(sizeClass(128 * 1024)).toBeLessThan(255);
    expect(sizeClass(128 * 1024 + 1)).toBe(255);
  });
});

describe('database', () => {
  it.each([false, true])('takes over what was built out of sight (cluster mode: %s)', (clusterMode) => {
    const space = keyspace(clusterMode, new TestRandom(1));
    const [db] = space.databases;
    for (const key of ['a', 'b', 'longer than a head']) {
      space.scratch.setString(...range(''), ...range(`value of ${key}`));
      db.adopt(space.scratch, space.scratch.read(...range('')), ...range(key));
    }
    expect(['a', 'b', 'longer than a head'].map((key) => value(db, key))).toEqual([
      'value of a',
      'value of b',
      'value of longer than a head',
    ]);
    expect([space.scratch.size, db.size]).toEqual([0, 3]);
  });

  it('behaves as a map from keys to values and expiry times, whatever happens to it', () => {
    withSeed(testSeed(1), 'src/keyspace/database.test.ts', (random) => {
      const space = keyspace(true, random);
      const [db] = space.databases;
      const model = new Map<string, { value: string; at: number }>();
      const sizes = [3, 30, 300, 5000, 200_000];
      const hashes = new Uint32Array(2);
      for (let step = 0; step < 30_000; step++) {
        const key = `k${random.below(step % 5000 < 4000 ? 3000 : 40)}`;
        hashes[0] = hashBytes(...range(key));
        hashes[1] = random.uint32();
        db.prefetch(hashes, random.below(3));
        const ref = db.write(...range(key));
        const expected = model.get(key);
        expect(ref !== 0).toBe(expected !== undefined);
        switch (random.below(6)) {
          case 0:
          case 1: {
            const text =
              'v'.repeat(random.below(random.pick(sizes.slice(0, step % 50 === 0 ? 5 : 4)))) + step;
            const keep = random.below(2) === 0;
            db.setString(...range(key), ...range(text), keep);
            model.set(key, { value: text, at: keep && expected ? expected.at : -1 });
            break;
          }
          case 2:
            if (ref !== 0) db.remove(ref);
            model.delete(key);
            break;
          case 3:
            if (ref === 0 || !expected) break;
            db.expireAt(ref, 1000 + step);
            expected.at = 1000 + step;
            break;
          case 4: {
            if (ref === 0 || !expected) break;
            const more = random.text(40);
            const old = db.valueLength(ref);
            const grown = db.resizeValue(ref, old + more.length);
            db.buffer(grown).set(fromLatin1(more), db.valueStart(grown) + old);
            expected.value += more;
            break;
          }
          default: {
            const other = `k${random.below(3000)}`;
            if (ref === 0 || !expected || other === key) break;
            const target = db.peek(...range(other));
            if (target !== 0) db.remove(target);
            db.rename(ref, ...range(other));
            model.delete(key);
            model.set(other, expected);
          }
        }
      }
      expect(db.size).toBe(model.size);
      for (const [key, expected] of model) {
        expect(value(db, key)).toBe(expected.value);
        expect(db.expiry(db.peek(...range(key)))).toBe(expected.at);
      }
      for (let slot = 0; slot < 16384; slot++) {
        let count = 0;
        for (let ref = db.slots!.first(slot); ref !== 0; ref = db.slots!.next(ref)) {
          expect(keySlot(db.buffer(ref), db.keyStart(ref), db.keyEnd(ref))).toBe(slot);
          count++;
        }
        expect(db.slots!.count(slot)).toBe(count);
      }
      db.clear();
      expect(space.arena.used).toBe(0);
      expect(db.size).toBe(0);
    });
  });

  it('hides or removes a key whose time has passed, as the policy says', () => {
    const space = keyspace(false, new TestRandom(1));
    const [db] = space.databases;
    db.expireAt(db.setString(...range('k'), ...range('v')), 10);
    space.now = 9;
    expect(value(db, 'k')).toBe('v');
    space.now = 10;
    space.expiryPolicy = 'ignore';
    expect(value(db, 'k')).toBe('v');
    space.expiryPolicy = 'hide';
    expect(value(db, 'k')).toBeUndefined();
    expect(db.size).toBe(1);
    space.expiryPolicy = 'remove';
    expect(value(db, 'k')).toBeUndefined();
    expect(db.size).toBe(0);
  });
});

describe('scan', () => {
  it('returns every key that is there from beginning to end while the table grows and shrinks', () => {
    withSeed(testSeed(7), 'src/keyspace/database.test.ts', (random) => {
      const [db] = keyspace(false, random).databases;
      for (let i = 0; i < 500; i++) db.setString(...range(`stay${i}`), ...range('v'));
      const seen = new Set<string>();
      let cursor = 0;
      let step = 0;
      do {
        cursor = db.scan(cursor, (ref) => seen.add(db.keyLatin1(ref)));
        for (let i = 0; i < 40; i++) {
          const key = `go${random.below(4000)}`;
          const ref = db.peek(...range(key));
          if (step < 100) db.setString(...range(key), ...range('v'));
          else if (ref !== 0) db.remove(ref);
        }
        step++;
      } while (cursor !== 0);
      for (let i = 0; i < 500; i++) expect(seen.has(`stay${i}`)).toBe(true);
    });
  });
});
