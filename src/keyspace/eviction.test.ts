import { describe, expect, it } from 'vitest';
import { TestRandom } from '../../test/support/random.js';
import { fromLatin1 } from '../protocol/bytes.js';
import { type EvictionPolicy, EvictionPool } from './eviction.js';
import { Keyspace } from './keyspace.js';
import { STRING } from './record.js';

const KEYS = 1000;

function keyspace(): Keyspace {
  const made = new Keyspace({
    databases: 2,
    clusterMode: false,
    random: new TestRandom(7).uint32,
    listener: { expiring() {} },
  });
  made.now = 1_700_000_000_000;
  return made;
}

/** Keys `0` to `999`, each touched a second after the one before; every second one expires, the first ones last. */
function fill(all: Keyspace): void {
  for (let n = 0; n < KEYS; n++) {
    all.now += 1000;
    const key = fromLatin1(String(n));
    const ref = all.databases[n % 2].put(key, 0, key.length, STRING, 0);
    if (n % 4 < 2) all.databases[n % 2].expireAt(ref, all.now + 1_000_000_000 - 2_000_000 * n);
  }
}

/** The numbers of the first `count` keys to go. */
function evict(all: Keyspace, policy: EvictionPolicy, count: number): number[] {
  const pool = new EvictionPool(all);
  return Array.from({ length: count }, () => {
    const { db, ref } = pool.next(policy, 5)!;
    const number = Number(db.keyLatin1(ref));
    db.remove(ref);
    return number;
  });
}

const mean = (numbers: readonly number[]) => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;

describe('eviction', () => {
  it('takes keys that have not been used for long first', () => {
    const all = keyspace();
    fill(all);
    const evicted = evict(all, 'allkeys-lru', 200);
    // The 200 oldest would have a mean of 100, keys at random one of 500.
    expect(mean(evicted)).toBeLessThan(200);
    expect(evicted.filter((n) => n > 700)).toEqual([]);
  });

  it('takes keys that expire soon first, and no others', () => {
    const all = keyspace();
    fill(all);
    const evicted = evict(all, 'volatile-ttl', 100);
    expect(evicted.every((n) => n % 4 < 2)).toBe(true);
    expect(mean(evicted)).toBeGreaterThan(800);
  });

  it('takes keys that are seldom used first', () => {
    const all = keyspace();
    all.frequencyClock = { logFactor: 10, decayTime: 1 };
    fill(all);
    for (let n = 0; n < KEYS; n += 2) {
      const key = fromLatin1(String(n));
      for (let k = 0; k < 100; k++) all.databases[0].read(key, 0, key.length);
    }
    expect(evict(all, 'allkeys-lfu', 200).filter((n) => n % 2 === 0)).toEqual([]);
  });

  it('takes any key at random, of every database, until none is left that may go', () => {
    const all = keyspace();
    fill(all);
    const evicted = evict(all, 'volatile-random', KEYS / 2);
    expect(new Set(evicted).size).toBe(KEYS / 2);
    expect(evicted.every((n) => n % 4 < 2)).toBe(true);
    expect(new EvictionPool(all).next('volatile-random', 5)).toBeNull();
    expect(new EvictionPool(all).next('volatile-lru', 5)).toBeNull();
    expect(new EvictionPool(all).next('noeviction', 5)).toBeNull();
    expect(new EvictionPool(all).next('allkeys-random', 5)).not.toBeNull();
  });

  it('passes over candidates that have gone', () => {
    const all = keyspace();
    fill(all);
    const pool = new EvictionPool(all);
    pool.next('allkeys-lru', 5);
    for (const db of all.databases) db.clear();
    expect(pool.next('allkeys-lru', 5)).toBeNull();
  });
});

describe('the clock that counts accesses', () => {
  it('begins with 5, rises ever slower and falls with time', () => {
    const all = keyspace();
    all.frequencyClock = { logFactor: 10, decayTime: 1 };
    let clock = all.accessClock(-1);
    expect(all.frequency(clock)).toBe(5);
    clock = all.accessClock(clock);
    expect(all.frequency(clock)).toBe(6); // the first access always counts
    for (let n = 0; n < 1000; n++) clock = all.accessClock(clock);
    const busy = all.frequency(clock);
    expect(busy).toBeGreaterThan(12);
    expect(busy).toBeLessThan(30); // Redis's table says 18 after a thousand hits
    all.now += 3 * 60_000;
    expect(all.frequency(clock)).toBe(busy - 3);
    all.now += 60 * 60_000;
    expect(all.frequency(clock)).toBe(0);
    all.frequencyClock = { logFactor: 10, decayTime: 0 };
    expect(all.frequency(clock)).toBe(busy);
  });
});
