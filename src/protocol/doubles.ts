/**
 * Floating-point numbers as Redis prints them: the shortest text that reads back to the same number, in C's
 * `%.17g` dress. Redis 7.0 itself prints up to 17 significant digits; integers in the exact range print without
 * a point, infinities as `inf` and `-inf`.
 */

/** A double as replies carry it (`%.17g`, with exact integers printed plainly). */
export function formatDouble(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  if (value === Number.NEGATIVE_INFINITY) return '-inf';
  if (Number.isNaN(value)) return 'nan';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (Number.isInteger(value) && Math.abs(value) < 1e17) return String(value);
  return significant17(value);
}

/** C's `%.17g`. */
function significant17(value: number): string {
  const [mantissa, power] = value.toExponential(16).split('e');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 17) {
    const digits = Math.abs(exponent) < 10 ? `0${Math.abs(exponent)}` : String(Math.abs(exponent));
    return `${trimZeros(mantissa)}e${exponent < 0 ? '-' : '+'}${digits}`;
  }
  return trimZeros(value.toFixed(Math.min(16 - exponent, 100)));
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
