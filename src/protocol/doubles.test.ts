import { describe, expect, it } from 'vitest';
import { fromLatin1 } from './bytes.js';
import { doubleIn, formatDouble, formatScore, looseDoubleIn } from './doubles.js';

const inf = Number.POSITIVE_INFINITY;

describe('formatDouble', () => {
  it.each([
    [0, '0'],
    [-0, '-0'],
    [1, '1'],
    [-17, '-17'],
    [0.1, '0.10000000000000001'],
    [3.25, '3.25'],
    [1e16, '10000000000000000'],
    [1e17, '1e+17'],
    [2 ** 56 + 16, '72057594037927952'],
    [-123456789012345680, '-1.2345678901234568e+17'],
    [1e-4, '0.0001'],
    [1e-5, '1.0000000000000001e-05'],
    [1.5e300, '1.5000000000000001e+300'],
    [5e-324, '4.9406564584124654e-324'],
    [1e15 + 0.25, '1000000000000000.2'],
    [1e15 + 0.75, '1000000000000000.8'],
    [-2e15 - 0.25, '-2000000000000000.2'],
    [1e14 - 1 / 64, '99999999999999.984'],
    [inf, 'inf'],
    [-inf, '-inf'],
  ])('prints %d as C does', (value, text) => {
    expect(formatDouble(value)).toBe(text);
  });
});

describe('formatScore', () => {
  it.each([
    [-0, '0'],
    [2 ** 62, '4611686018427387904'],
    [-(2 ** 60), '-1152921504606846976'],
    [2 ** 63, '9.2233720368547758e+18'],
    [0.5, '0.5'],
    [inf, 'inf'],
  ])('prints %d', (value, text) => {
    expect(formatScore(value)).toBe(text);
  });
});

describe('reading', () => {
  const strict = (text: string) => doubleIn(fromLatin1(text), 0, text.length);
  const loose = (text: string) => looseDoubleIn(fromLatin1(text), 0, text.length);

  it.each([
    ['1', 1],
    ['-0', -0],
    ['+5', 5],
    ['007', 7],
    ['1.5', 1.5],
    ['-12.625', -12.625],
    ['.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['1E-2', 0.01],
    ['0x10', 16],
    ['-0x1.8p1', -3],
    ['0x1p-1074', 5e-324],
    ['inf', inf],
    ['-Infinity', -inf],
    ['+inf', inf],
    ['123456789012345678901', 123456789012345680000],
    ['0e5', 0],
  ])('takes %s', (text, value) => {
    expect(strict(text)).toBe(value);
    expect(loose(text)).toBe(value);
  });

  it.each([
    '',
    ' 1',
    '1 ',
    'nan',
    'abc',
    '1e',
    '1.2.3',
    '0x',
    '--1',
    '1e400',
    '1e-400',
    '1\0',
    'infi',
    '.',
    '-',
  ])('refuses %j as an argument', (text) => {
    expect(strict(text)).toBeNaN();
  });

  it.each([
    ['', 0],
    [' 1', 1],
    ['1\0abc', 1],
    ['1e400', inf],
    ['1e-400', 0],
  ])('takes %j as the end of a range', (text, value) => {
    expect(loose(text)).toBe(value);
  });
});
