import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type TestRandom, testSeed, withSeed } from '../../test/support/random.js';
import { allocate, fromLatin1 } from './bytes.js';
import { sha1 } from './sha1.js';

function hash(text: string): string {
  const target = allocate(20);
  sha1(target, fromLatin1(`<${text}>`), 1, text.length + 1);
  return Buffer.from(target).toString('hex');
}

describe('sha1', () => {
  it('gives the hashes of RFC 3174', () => {
    expect(hash('abc')).toBe('a9993e364706816aba3e25717850c26c9cd0d89d');
    expect(hash('')).toBe('da39a3ee5e6b4b0d3255bfef95601890afd80709');
    expect(hash('a'.repeat(1_000_000))).toBe('34aa973cd4c4daa4f61eeb2bdbad27316534016f');
  });

  it('agrees with another implementation at every length around a block', () => {
    withSeed(testSeed(1), 'src/protocol/sha1.test.ts', (random: TestRandom) => {
      for (let length = 0; length < 260; length++) {
        const text = Array.from({ length }, () => String.fromCharCode(random.below(256))).join('');
        expect(hash(text)).toBe(createHash('sha1').update(text, 'latin1').digest('hex'));
      }
    });
  });
});
