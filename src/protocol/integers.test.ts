import { describe, expect, it } from 'vitest';
import { allocate, fromLatin1, latin1 } from './bytes.js';
import { digitCount, int64In, integerIn, writeInteger } from './integers.js';

const parse = (text: string) => integerIn(fromLatin1(text), 0, text.length);
const parse64 = (text: string) => int64In(fromLatin1(text), 0, text.length);

describe('integers', () => {
  it('accepts only the canonical form', () => {
    expect(parse('0')).toBe(0);
    expect(parse('-1')).toBe(-1);
    expect(parse('9007199254740991')).toBe(9007199254740991);
    for (const text of ['', '-', '-0', '00', '01', '+1', ' 1', '1 ', '1.0', '1e3', '9007199254740993']) {
      expect(parse(text), text).toBeNaN();
    }
  });

  it('reads the whole signed 64-bit range exactly and nothing beyond', () => {
    expect(parse64('9223372036854775807')).toBe(9223372036854775807n);
    expect(parse64('-9223372036854775808')).toBe(-9223372036854775808n);
    expect(parse64('9223372036854775808')).toBeUndefined();
    expect(parse64('-9223372036854775809')).toBeUndefined();
    expect(parse64('0123')).toBeUndefined();
    expect(parse64('-0')).toBeUndefined();
  });

  it('writes every magnitude as String does', () => {
    const target = allocate(32);
    for (let power = 0; power < 16; power++) {
      for (const n of [10 ** power - 1, 10 ** power, 10 ** power + 1, 2 ** (power * 3), -(10 ** power)]) {
        const end = writeInteger(target, 3, n);
        expect(latin1(target, 3, end)).toBe(String(n));
        if (n >= 0) expect(digitCount(n)).toBe(String(n).length);
      }
    }
    expect(latin1(target, 3, writeInteger(target, 3, Number.MAX_SAFE_INTEGER))).toBe('9007199254740991');
  });
});
