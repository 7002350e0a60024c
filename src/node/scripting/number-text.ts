/** Numbers as C's printf writes them for scripts. */

/** C's `%.<digits>g`. */
export function formatGeneral(value: number, digits: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Number.isInteger(value) && Math.abs(value) < 10 ** digits && Math.abs(value) < 1e21) {
    return Object.is(value, -0) ? '-0' : String(value);
  }
  const [mantissa, power] = value.toExponential(digits - 1).split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < digits) {
    return trimZeros(value.toFixed(Math.min(100, digits - 1 - exponent)));
  }
  const size = Math.abs(exponent);
  return `${trimZeros(mantissa)}e${exponent < 0 ? '-' : '+'}${size < 10 ? `0${size}` : size}`;
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
