/**
 * Ziplists, the format of small collections before Redis 7, read only: RDB files of versions up to 9 have them.
 *
 * | bytes | |
 * |---|---|
 * | 0-3 | length of the whole, little endian |
 * | 4-7 | offset of the last element |
 * | 8-9 | number of elements, 65535: more |
 * | … | elements: the length of the element before (1 byte, or 254 and 4 bytes), encoding and data |
 * | last | 255 |
 *
 * The first byte of an encoding: `00llllll` a string of l bytes, `01llllll l` with 14 bits of length, `10......` with 32
 * (both big endian); 0xc0, 0xd0, 0xe0, 0xf0, 0xfe integers of 16, 32, 64, 24, 8 bits; `1111vvvv` the integer v - 1.
 */
import { allocate, type ByteRange, type Bytes, writeLatin1 } from '../protocol/bytes.js';
import { writeInteger } from '../protocol/integers.js';
import { RdbError } from './rdb-format.js';

const HEADER_BYTES = 10;
const TERMINATOR = 255;
const LONGEST_INTEGER = 20;

/**
 * Calls `visit` for each element of the ziplist bytes[start, end); the range is good only during the call. Throws
 * `RdbError` when it isn't sound, perhaps after some of its elements were visited.
 */
export function forEachInZiplist(
  bytes: Bytes,
  start: number,
  end: number,
  visit: (element: Readonly<ByteRange>) => void,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, end - start);
  const last = end - start - 1;
  if (last < HEADER_BYTES || view.getUint32(0, true) !== end - start || view.getUint8(last) !== TERMINATOR) {
    throw unsound();
  }
  const digits = allocate(LONGEST_INTEGER);
  const element: ByteRange = { bytes, start: 0, end: 0 };
  const integer = (value: number | bigint) => {
    element.bytes = digits;
    element.start = 0;
    element.end =
      typeof value === 'number' ? writeInteger(digits, 0, value) : writeLatin1(digits, value.toString(), 0);
  };
  let at = HEADER_BYTES;
  try {
    while (at < last) {
      at += view.getUint8(at) < 254 ? 1 : 5;
      const encoding = view.getUint8(at++);
      if (encoding < 0xc0) {
        const kind = encoding >> 6;
        let length = encoding & 0x3f;
        if (kind === 1) length = (length << 8) | view.getUint8(at++);
        else if (kind === 2) {
          length = view.getUint32(at);
          at += 4;
        }
        if (length > last - at) throw unsound();
        element.bytes = bytes;
        element.start = start + at;
        at += length;
        element.end = start + at;
      } else if (encoding === 0xc0) {
        integer(view.getInt16(at, true));
        at += 2;
      } else if (encoding === 0xd0) {
        integer(view.getInt32(at, true));
        at += 4;
      } else if (encoding === 0xe0) {
        integer(view.getBigInt64(at, true));
        at += 8;
      } else if (encoding === 0xf0) {
        integer(view.getUint16(at, true) | (view.getInt8(at + 2) << 16));
        at += 3;
      } else if (encoding === 0xfe) integer(view.getInt8(at++));
      else if (encoding > 0xf0 && encoding < 0xfe) integer((encoding & 0x0f) - 1);
      else throw unsound();
      if (at > last) throw unsound();
      visit(element);
    }
  } catch (error) {
    throw error instanceof RangeError ? unsound() : error;
  }
}

function unsound(): RdbError {
  return new RdbError('Ziplist integrity check failed.');
}
