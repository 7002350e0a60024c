/** Numbers as C's printf writes them for scripts. */

/** As many as toExponential gives: a number between two shorter ones has no others than zeros behind them. */
const EXACT_DIGITS = 100;

/** C's `%.<digits>g`. */
export function formatGeneral(value: number, digits: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Number.isInteger(value) && Math.abs(value) < 10 ** digits && Math.abs(value) < 1e21) {
    return Object.is(value, -0) ? '-0' : String(value);
  }
  const [mantissa, power] = roundedToEven(value, digits).split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < digits) return trimZeros(plain(mantissa, exponent));
  const size = Math.abs(exponent);
  return `${trimZeros(mantissa)}e${exponent < 0 ? '-' : '+'}${size < 10 ? `0${size}` : size}`;
}

/** As toExponential, which rounds up what lies exactly between two numbers; C takes the even one. */
function roundedToEven(value: number, digits: number): string {
  const rounded = value.toExponential(digits - 1);
  const exact = value.toExponential(EXACT_DIGITS);
  const kept = digits + (value < 0 ? 1 : 0) + (digits > 1 ? 1 : 0);
  if (!/^\.?50*e/.test(exact.slice(kept))) return rounded;
  const lower = exact.slice(0, kept) + exact.slice(exact.indexOf('e'));
  return Number(lower.slice(0, kept).at(-1)) % 2 === 0 ? lower : rounded;
}

/** A mantissa such as `-1.25` with its exponent as a plain decimal. */
function plain(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const point = exponent + 1;
  if (point >= digits.length) return sign + digits.padEnd(point, '0');
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
