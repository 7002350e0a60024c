import { describe, expect, it } from 'vitest';
import { testSeed, withSeed } from '../../../test/support/random.js';
import { lzfCompress, lzfDecompress, lzfMaxExpansion } from './lzf.js';

describe('LZF', () => {
  it('gives back what it was given, and is never longer than allowed', () => {
    withSeed(testSeed(5), 'src/persistence/rdb/lzf.test.ts', (random) => {
      let compressed = 0;
      for (let round = 0; round < 3000; round++) {
        const length = random.below(round % 100 === 0 ? 30_000 : 400);
        const alphabet = 1 + random.below(round % 3 === 0 ? 256 : 4);
        const input = Uint8Array.from({ length }, () => random.below(alphabet));
        const limit = Math.max(0, length - random.below(10));
        const output = new Uint8Array(limit + 16).fill(0xaa);
        const size = lzfCompress(input, 0, length, output, limit);
        expect(size).toBeLessThanOrEqual(limit);
        if (size === 0) continue;
        compressed++;
        expect(lzfMaxExpansion(size)).toBeGreaterThanOrEqual(length);
        const back = new Uint8Array(length);
        expect(lzfDecompress(output, 0, size, back)).toBe(true);
        expect(Buffer.compare(back, input)).toBe(0);
      }
      expect(compressed).toBeGreaterThan(1000);
    });
  });

  it('refuses garbage without reading or writing outside', () => {
    withSeed(testSeed(6), 'src/persistence/rdb/lzf.test.ts', (random) => {
      for (let round = 0; round < 20_000; round++) {
        const input = Uint8Array.from({ length: random.below(40) }, () => random.below(256));
        lzfDecompress(input, 0, input.length, new Uint8Array(random.below(300)));
      }
      expect(lzfDecompress(Uint8Array.of(0x20, 0x00), 0, 2, new Uint8Array(3))).toBe(false);
      expect(lzfDecompress(Uint8Array.of(0x00, 0x41), 0, 2, new Uint8Array(2))).toBe(false);
      expect(lzfDecompress(Uint8Array.of(0x01, 0x41), 0, 2, new Uint8Array(2))).toBe(false);
    });
  });
});
