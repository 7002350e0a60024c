/**
 * Ziplists: what small lists, hashes and sorted sets were packed as before Redis 7, read from old RDBs.
 *
 * | bytes | |
 * |---|---|
 * | 0-3, 4-7, 8-9 | length of the whole, offset of the last element, number of elements (65535: more) |
 * | … | elements: length of the one before (one byte, or 254 and four), encoding, data |
 * | last | 255 |
 *
 * Encodings: `00llllll`, `01llllll l`, `10…… llll` (big endian) strings; 192, 208, 224, 240, 254 integers of 2, 4, 8, 3
 * and 1 bytes, little endian; `1111vvvv` the integers 0 to 12.
 */
import { type ByteRange, type Bytes, fromLatin1 } from '../../protocol/bytes.js';

const HEADER_BYTES = 10;
const TERMINATOR = 255;
const LONG_PREVIOUS = 254;

/** Bytes of the integers, by encoding. */
const INTEGER_BYTES = new Map([
  [0xc0, 2],
  [0xd0, 4],
  [0xe0, 8],
  [0xf0, 3],
  [0xfe, 1],
]);

/** The elements of the ziplist bytes[start, end), in order; undefined when it isn't sound. */
export function ziplistElements(bytes: Bytes, start: number, end: number): ByteRange[] | undefined {
  const last = end - 1;
  if (end - start <= HEADER_BYTES || bytes[last] !== TERMINATOR) return undefined;
  if (Number(integerAt(bytes, start, 4)) >>> 0 !== end - start) return undefined;
  const elements: ByteRange[] = [];
  let at = start + HEADER_BYTES;
  let tail = at;
  let previous = 0;
  while (at < last) {
    const from = at;
    const isLong = bytes[at] === LONG_PREVIOUS;
    const said = isLong ? Number(integerAt(bytes, at + 1, 4)) >>> 0 : bytes[at];
    at += isLong ? 5 : 1;
    if (said !== previous || at >= last) return undefined;
    const element = elementAt(bytes, at, last);
    if (element === undefined) return undefined;
    elements.push(element.range);
    tail = from;
    at = element.next;
    previous = at - from;
  }
  if (Number(integerAt(bytes, start + 4, 4)) !== tail - start) return undefined;
  const count = bytes[start + 8] | (bytes[start + 9] << 8);
  return at === last && (count === 65535 || count === elements.length) ? elements : undefined;
}

/** The element whose encoding is at `at`, and where the next begins; undefined when it goes beyond `last`. */
function elementAt(bytes: Bytes, at: number, last: number): { range: ByteRange; next: number } | undefined {
  const encoding = bytes[at];
  if (encoding < 0xc0) {
    const kind = encoding >>> 6;
    const start = at + (kind === 0 ? 1 : kind === 1 ? 2 : 5);
    if (start > last) return undefined;
    let length = encoding & 0x3f;
    if (kind === 1) length = (length << 8) | bytes[at + 1];
    else if (kind === 2) {
      length = bytes[at + 1] * 2 ** 24 + ((bytes[at + 2] << 16) | (bytes[at + 3] << 8) | bytes[at + 4]);
    }
    const next = start + length;
    return next > last ? undefined : { range: { bytes, start, end: next }, next };
  }
  const size = INTEGER_BYTES.get(encoding) ?? 0;
  const next = at + 1 + size;
  if ((size === 0 && (encoding < 0xf1 || encoding > 0xfd)) || next > last) return undefined;
  const value = size === 0 ? (encoding & 15) - 1 : integerAt(bytes, at + 1, size);
  const text = fromLatin1(String(value));
  return { range: { bytes: text, start: 0, end: text.length }, next };
}

/** A signed integer of `size` bytes, little endian. */
function integerAt(bytes: Bytes, at: number, size: number): bigint {
  let value = 0n;
  for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[at + i]);
  return BigInt.asIntN(8 * size, value);
}
