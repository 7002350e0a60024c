import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { TestRandom } from '../../test/support/random.js';
import { sha256Hex } from './sha256.js';

describe('SHA-256', () => {
  it('is the hash that others compute, for every length around the blocks', () => {
    const random = new TestRandom(256);
    for (let length = 0; length < 200; length++) {
      const bytes = Uint8Array.from({ length }, () => random.uint32());
      expect(sha256Hex(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
    }
  });
});
