/**
 * The 80-bit floating-point numbers in which Redis computes INCRBYFLOAT and HINCRBYFLOAT (x87 extended: a mantissa of
 * 64 bits), so that the digits are the same as a redis-server's. Exact with bigint: a number is
 * mantissa × 2^exponent, rounded to nearest-even after every operation.
 */

export interface LongDouble {
  readonly mantissa: bigint;
  readonly exponent: number;
}

/** What `parse` answers for `inf`: adding to it has no result. */
export const INFINITE = Symbol('infinite');

export const ZERO: LongDouble = { mantissa: 0n, exponent: 0 };

const MANTISSA_BITS = 64;
/** Numbers below 2^16384; steps no finer than 2^-16445. */
const MAX_BITS = 16384;
const MIN_EXPONENT = -16445;
/** Decimal exponents beyond this are too large or too small whatever the digits are. */
const MAX_DECIMAL_EXPONENT = 20_000;
/** The longest text Redis takes. */
const MAX_LENGTH = 5 * 1024;

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i;
const HEXADECIMAL = /^([+-]?)0x([\da-f]*)(?:\.([\da-f]*))?(?:p([+-]?\d+))?$/i;
const INFINITY = /^[+-]?inf(inity)?$/i;

/** The number in a text, as C's strtold reads it, or undefined when it is none (or out of range). */
export function parse(text: string): LongDouble | typeof INFINITE | undefined {
  if (text.length >= MAX_LENGTH) return undefined;
  const hexadecimal = HEXADECIMAL.exec(text);
  const match = hexadecimal ?? DECIMAL.exec(text);
  if (match === null) return INFINITY.test(text) ? INFINITE : undefined;
  const [, sign, whole, fraction = '', power = '0'] = match;
  if (whole + fraction === '') return undefined;
  const digits = BigInt((hexadecimal ? '0x' : '') + whole + fraction);
  const signed = sign === '-' ? -digits : digits;
  if (digits === 0n) return ZERO;
  const exponent = Number(power);
  let value: LongDouble | undefined;
  if (hexadecimal) value = round(signed, 1n, exponent - 4 * fraction.length);
  else {
    const scale = exponent - fraction.length;
    if (Math.abs(exponent) > MAX_DECIMAL_EXPONENT) return undefined;
    value =
      scale >= 0 ? round(signed * 10n ** BigInt(scale), 1n, 0) : round(signed, 10n ** BigInt(-scale), 0);
  }
  return value?.mantissa === 0n ? undefined : value;
}

const double = new Float64Array(1);
const doubleBits = new BigUint64Array(double.buffer);

/** A finite double, exactly. */
export function fromDouble(value: number): LongDouble {
  double[0] = Math.abs(value);
  const exponent = Number(doubleBits[0] >> 52n);
  const fraction = doubleBits[0] & ((1n << 52n) - 1n);
  const mantissa = exponent === 0 ? fraction : fraction | (1n << 52n);
  return { mantissa: value < 0 ? -mantissa : mantissa, exponent: Math.max(exponent, 1) - 1075 };
}

/** The sum, or undefined when it is not finite. */
export function add(
  a: LongDouble | typeof INFINITE,
  b: LongDouble | typeof INFINITE,
): LongDouble | undefined {
  if (a === INFINITE || b === INFINITE) return undefined;
  const exponent = Math.min(a.exponent, b.exponent);
  return round(
    (a.mantissa << BigInt(a.exponent - exponent)) + (b.mantissa << BigInt(b.exponent - exponent)),
    1n,
    exponent,
  );
}

/** C's `%.17Lf` without the zeros at its end. */
export function format({ mantissa, exponent }: LongDouble): string {
  const scaled = mantissa * 10n ** 17n;
  const units = exponent >= 0 ? scaled << BigInt(exponent) : divide(scaled, 1n << BigInt(-exponent));
  const negative = units < 0n;
  const digits = String(negative ? -units : units).padStart(18, '0');
  const text = `${digits.slice(0, -17)}.${digits.slice(-17)}`.replace(/\.?0+$/, '');
  return negative ? `-${text}` : text;
}

/** numerator / denominator × 2^exponent as the nearest long double, or undefined when it is too large. */
function round(numerator: bigint, denominator: bigint, exponent: number): LongDouble | undefined {
  if (numerator === 0n) return ZERO;
  if (Math.abs(exponent) > 8 * MAX_BITS) return exponent > 0 ? undefined : ZERO;
  // Scale so that the quotient has 64 or 65 bits, but no finer than the smallest step.
  const excess = bitLength(numerator) - bitLength(denominator) - MANTISSA_BITS;
  for (let shift = excess; ; shift++) {
    const at = Math.max(shift, MIN_EXPONENT - exponent);
    const mantissa =
      at >= 0 ? divide(numerator, denominator << BigInt(at)) : divide(numerator << BigInt(-at), denominator);
    if (bitLength(mantissa) > MANTISSA_BITS && !isPowerOfTwo(mantissa)) continue;
    if (bitLength(mantissa) + at + exponent > MAX_BITS) return undefined;
    return { mantissa, exponent: at + exponent };
  }
}

/** The quotient rounded to nearest, ties to even. The divisor is positive. */
function divide(dividend: bigint, divisor: bigint): bigint {
  const negative = dividend < 0n;
  const size = negative ? -dividend : dividend;
  let quotient = size / divisor;
  const twice = (size % divisor) * 2n;
  if (twice > divisor || (twice === divisor && quotient & 1n)) quotient += 1n;
  return negative ? -quotient : quotient;
}

function bitLength(value: bigint): number {
  const size = value < 0n ? -value : value;
  return size === 0n
    ? 0
    : size.toString(16).length * 4 - Math.clz32(Number.parseInt(size.toString(16)[0], 16)) + 28;
}

function isPowerOfTwo(value: bigint): boolean {
  const size = value < 0n ? -value : value;
  return (size & (size - 1n)) === 0n;
}
