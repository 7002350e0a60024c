import { describe, expect, it } from 'vitest';
import { TestRandom } from '../../../test/support/random.js';
import { fromLatin1 } from '../../protocol/bytes.js';
import { Crc64 } from './crc64.js';

function sum(text: string): string {
  const crc = new Crc64();
  const bytes = fromLatin1(text);
  crc.update(bytes, 0, bytes.length);
  return crc.toString();
}

describe('CRC-64', () => {
  it('gives the published check value', () => {
    expect(sum('123456789')).toBe('e9c6d914c4b8d9ca');
    expect(sum('')).toBe('0');
  });

  it('gives the same for a text in one piece and in several', () => {
    const random = new TestRandom(3);
    const bytes = Uint8Array.from({ length: 500 }, () => random.below(256));
    const whole = new Crc64();
    whole.update(bytes, 0, 500);
    for (let split = 0; split <= 500; split++) {
      const parts = new Crc64();
      parts.update(bytes, 0, split);
      parts.update(bytes, split, 500);
      expect(parts.toString()).toBe(whole.toString());
    }
    const target = new Uint8Array(8);
    whole.writeTo(target, 0);
    expect(whole.matches(target, 0)).toBe(true);
    target[7] ^= 1;
    expect(whole.matches(target, 0)).toBe(false);
  });
});
