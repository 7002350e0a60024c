/**
 * Floating-point numbers as Redis reads and prints them.
 *
 * Printing is C's `%.17g`: 17 significant digits, not the shortest text that reads back to the same number, so that
 * 0.1 is 0.10000000000000001. JavaScript rounds a decimal tie up where C rounds it to even; that is put right here.
 * Reading is C's strtod: decimal or hexadecimal digits, `inf`, `infinity`.
 *
 * Scores are mostly whole numbers or have few digits; both directions have a path for those that makes no string.
 */
import { type Bytes, latin1 } from './bytes.js';
import { integerIn } from './integers.js';

/** Whole numbers up to here print without an exponent in `%.17g`. */
const PLAIN_LIMIT = 1e17;
/** Whole numbers up to here (LLONG_MAX / 2) print as integers where Redis prints for itself (d2string). */
const INTEGER_LIMIT = 2 ** 62;

/** A double as replies carry it: C's `%.17g`. */
export function formatDouble(value: number): string {
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? '-0' : `${value}`;
  if (Number.isInteger(value) && Math.abs(value) < PLAIN_LIMIT) return BigInt(value).toString();
  if (Number.isFinite(value)) return value < 0 ? `-${significant17(-value)}` : significant17(value);
  if (Number.isNaN(value)) return 'nan';
  return value > 0 ? 'inf' : '-inf';
}

/**
 * A double as Redis writes it down for itself, in listpacks and old RDB files: an integer as long as it fits (then
 * without the sign of zero), otherwise as `formatDouble` does.
 */
export function formatScore(value: number): string {
  if (!Number.isInteger(value) || Math.abs(value) > INTEGER_LIMIT) return formatDouble(value);
  return Number.isSafeInteger(value) ? `${value}` : BigInt(value).toString();
}

/** `%.17g` of a positive number that isn't a small integer. */
function significant17(value: number): string {
  const text = exponential16(value);
  const mark = text.indexOf('e');
  const exponent = Number(text.slice(mark + 1));
  let last = mark - 1;
  while (text[last] === '0') last--;
  const fraction = text.slice(2, last + 1);
  if (exponent < -4 || exponent > 16) {
    const power = String(Math.abs(exponent)).padStart(2, '0');
    return `${text[0]}${fraction && '.'}${fraction}e${exponent < 0 ? '-' : '+'}${power}`;
  }
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${text[0]}${fraction}`;
  const whole = text[0] + fraction.slice(0, exponent).padEnd(exponent, '0');
  return fraction.length > exponent ? `${whole}.${fraction.slice(exponent)}` : whole;
}

/** C's `%.16e`: as toExponential, but a tie goes to the even digit. */
function exponential16(value: number): string {
  const rounded = value.toExponential(16);
  // A number whose 18th digit is its last, and a 5, has at most 25 binary places.
  if (!Number.isInteger(value * 2 ** 25)) return rounded;
  const exact = value.toExponential(60);
  const isTie = exact[18] === '5' && /^0*e/.test(exact.slice(19));
  return isTie && Number(exact[17]) % 2 === 0
    ? exact.slice(0, 18) + exact.slice(exact.indexOf('e'))
    : rounded;
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const HEXADECIMAL = /^([+-]?)0x([\da-f]*)(?:\.([\da-f]*))?(?:p([+-]?\d+))?$/i;
const INFINITY = /^([+-]?)inf(?:inity)?$/i;
const SPACE = /^[ \t\n\v\f\r]/;
const SPACES = /^[ \t\n\v\f\r]+/;

const ZERO = 0x30;
const POINT = 0x2e;
const MINUS = 0x2d;
/** Digits of a number that is exact, and powers of ten that are. */
const EXACT_DIGITS = 15;
const POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, n) => 10 ** n);

/**
 * The number in bytes[start, end), or NaN when it is none that Redis takes as an argument (string2d): no blanks,
 * nothing behind it, no `nan`, and neither too large nor too small for a double.
 */
export function doubleIn(bytes: Bytes, start: number, end: number): number {
  const integer = integerIn(bytes, start, end);
  if (!Number.isNaN(integer)) return integer;
  const simple = simpleDecimal(bytes, start, end);
  if (!Number.isNaN(simple)) return simple;
  const text = latin1(bytes, start, end);
  if (SPACE.test(text)) return Number.NaN;
  const value = strtod(text);
  if (Number.isFinite(value)) return value !== 0 || isZero(text) ? value : Number.NaN;
  return INFINITY.test(text) ? value : Number.NaN;
}

/**
 * The number in bytes[start, end) as C's strtod reads it when the text is used up by it, otherwise NaN: blanks may
 * come first, nothing at all is 0, too large is infinity, and a zero byte ends the text.
 */
export function looseDoubleIn(bytes: Bytes, start: number, end: number): number {
  const integer = integerIn(bytes, start, end);
  if (!Number.isNaN(integer)) return integer;
  const [text] = latin1(bytes, start, end).split('\0', 1);
  return text === '' ? 0 : strtod(text.replace(SPACES, ''));
}

/** The number that is the whole text, or NaN. */
function strtod(text: string): number {
  if (DECIMAL.test(text)) return Number(text);
  const infinity = INFINITY.exec(text);
  if (infinity !== null) return infinity[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const hexadecimal = HEXADECIMAL.exec(text);
  if (hexadecimal === null) return Number.NaN;
  const [, sign, whole, fraction = '', power = '0'] = hexadecimal;
  if (whole + fraction === '') return Number.NaN;
  const exponent = Number(power) - 4 * fraction.length;
  const half = Math.trunc(exponent / 2); // 2^-1074 and its like are out of reach in one step
  const size = Number(`0x${whole}${fraction}`) * 2 ** half * 2 ** (exponent - half);
  return sign === '-' ? -size : size;
}

/** Whether a text that reads as 0 says 0, and isn't merely too small. */
function isZero(text: string): boolean {
  return !/[1-9a-f]/i.test(
    text.replace(/^[+-]?0x/i, '').replace(HEXADECIMAL.test(text) ? /p.*$/i : /e.*$/i, ''),
  );
}

/** `digits` or `digits.digits`, so few that one division is exact; NaN for everything else. */
function simpleDecimal(bytes: Bytes, start: number, end: number): number {
  const negative = bytes[start] === MINUS;
  let at = negative ? start + 1 : start;
  if (end - at > EXACT_DIGITS || at === end) return Number.NaN;
  let value = 0;
  let point = -1;
  for (; at < end; at++) {
    const digit = bytes[at] - ZERO;
    if (digit >= 0 && digit <= 9) value = value * 10 + digit;
    else if (bytes[at] === POINT && point < 0) point = at;
    else return Number.NaN;
  }
  if (point === end - 1) return Number.NaN;
  if (point >= 0) value /= POWERS[end - 1 - point];
  return negative ? -value : value;
}
