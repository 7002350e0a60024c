import { describe, expect, it } from 'vitest';
import { TestRandom } from '../../test/support/random.js';
import { fromLatin1 } from '../protocol/bytes.js';
import { Arena } from './arena.js';
import { Dictionary } from './dictionary.js';
import { hashBytes } from './hash.js';

describe('the order of a dictionary', () => {
  it('is its own: keys that come in the order of another one spread over the table', () => {
    const arena = new Arena(7);
    const key = fromLatin1('some key');
    const spread = Array.from({ length: 1000 }, () => new Dictionary(arena, 8).placeOf(key, 0, key.length));
    expect(new Set(spread).size).toBeGreaterThan(990);
    expect(spread.filter((place) => place < 2 ** 31).length).toBeGreaterThan(400);
    const dictionary = new Dictionary(arena, 8);
    expect(dictionary.placeOf(key, 0, key.length)).not.toBe(hashBytes(key, 0, key.length) >>> 0);
    const before = dictionary.placeOf(key, 0, key.length);
    dictionary.clear();
    expect(dictionary.placeOf(key, 0, key.length)).not.toBe(before);
  });
});

describe('random records', () => {
  it('take a bounded number of draws each, until the last of them has been taken out', () => {
    const { uint32 } = new TestRandom(1);
    const dictionary = new Dictionary(new Arena(7), 8);
    const hashes = [0]; // by reference, which is all that is needed of a record here
    for (let ref = 1; ref <= 20_000; ref++) {
      hashes.push(uint32());
      dictionary.insert(hashes[ref], ref);
    }
    const taken = new Set<number>();
    let draws = 0;
    const counting = () => {
      draws++;
      return uint32();
    };
    let most = 0;
    while (dictionary.size > 0) {
      const before = draws;
      for (let n = 100; n > 0 && dictionary.size > 0; n--) {
        const ref = dictionary.random(counting);
        taken.add(ref);
        dictionary.remove(hashes[ref], ref);
      }
      most = Math.max(most, draws - before);
    }
    expect(taken.size).toBe(20_000);
    expect(most).toBeLessThan(100 * 12);
  });

  it('are drawn with equal chances, also while a table grows or shrinks', () => {
    const { uint32 } = new TestRandom(2);
    const dictionary = new Dictionary(new Arena(7), 8);
    const hashes = [0];
    for (let ref = 1; ref <= 700; ref++) {
      hashes.push(uint32());
      dictionary.insert(hashes[ref], ref); // 683 fill a table of 1024 to two thirds
    }
    const expectEqualChances = (refs: number) => {
      const counts = new Map<number, number>();
      for (let n = 0; n < refs * 200; n++) {
        const ref = dictionary.random(uint32);
        counts.set(ref, (counts.get(ref) ?? 0) + 1);
      }
      expect(counts.size).toBe(refs);
      expect(Math.min(...counts.values())).toBeGreaterThan(130); // five standard deviations
      expect(Math.max(...counts.values())).toBeLessThan(270);
    };
    expectEqualChances(700);
    for (let ref = 1; ref <= 700 - 250; ref++) dictionary.remove(hashes[ref], ref); // below an eighth of 2048
    expectEqualChances(250);
  });
});
