/**
 * Zipmaps: what small hashes were before Redis 2.6, read from old RDBs.
 *
 * One byte with the number of pairs (254 or more: unknown), then for each pair: length and bytes of the field, length
 * of the value, number of unused bytes behind it, its bytes, the unused bytes; 255 at the end. A length is one byte up
 * to 253, or 254 and four bytes, little endian.
 */
import type { ByteRange, Bytes } from '../../protocol/bytes.js';

const TERMINATOR = 255;
const LONG_LENGTH = 254;

/** Fields and values, in turn, of the zipmap bytes[start, end); undefined when it isn't sound, or empty. */
export function zipmapElements(bytes: Bytes, start: number, end: number): ByteRange[] | undefined {
  const last = end - 1;
  if (last <= start || bytes[last] !== TERMINATOR) return undefined;
  const elements: ByteRange[] = [];
  let at = start + 1;
  while (at < last) {
    const isValue = elements.length % 2 === 1;
    const isLong = bytes[at] >= LONG_LENGTH;
    const data = at + (isLong ? 5 : 1) + (isValue ? 1 : 0);
    if (bytes[at] === TERMINATOR || data > last) return undefined;
    const length = isLong ? little32(bytes, at + 1) : bytes[at];
    elements.push({ bytes, start: data, end: data + length });
    at = data + length + (isValue ? bytes[data - 1] : 0);
  }
  const said = bytes[start];
  const whole = at === last && elements.length > 0 && elements.length % 2 === 0;
  return whole && (said >= LONG_LENGTH || said === elements.length / 2) ? elements : undefined;
}

function little32(bytes: Bytes, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}
