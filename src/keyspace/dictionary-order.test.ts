import { describe, expect, it } from 'vitest';
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
