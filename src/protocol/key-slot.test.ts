import { describe, expect, it } from 'vitest';
import { fromUtf8 } from './bytes.js';
import { asciiKeySlot, crc16, keySlot } from './key-slot.js';

function slotOf(key: string): number {
  const bytes = fromUtf8(key);
  return keySlot(bytes, 0, bytes.length);
}

describe('key slots', () => {
  it('uses CRC16/XMODEM, whose check value for 123456789 is 0x31C3', () => {
    const bytes = fromUtf8('123456789');
    expect(crc16(bytes, 0, bytes.length)).toBe(0x31c3);
  });

  it("gives the article's slot for hoge", () => expect(slotOf('hoge')).toBe(1525));

  it('hashes only a non-empty first hash tag', () => {
    expect(slotOf('{user1000}.following')).toBe(slotOf('{user1000}.followers'));
    expect(slotOf('foo{}{bar}')).toBe(crc16(fromUtf8('foo{}{bar}'), 0, 10) & 16383);
    expect(slotOf('foo{{bar}}zap')).toBe(slotOf('{bar'));
    expect(slotOf('foo{bar}{zap}')).toBe(slotOf('bar'));
  });

  it('agrees between text and bytes for ASCII keys and declines others', () => {
    for (const key of ['', 'a', '{', '}', '{}', 'a{b}c', 'a{b', '{}x{y}', 'key:12345']) {
      expect(asciiKeySlot(key)).toBe(slotOf(key));
    }
    expect(asciiKeySlot('schlüssel')).toBe(-1);
  });
});
