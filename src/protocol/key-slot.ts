/**
 * Key slots: CRC16 (XMODEM, polynomial 0x1021) of the key modulo 16384, or of its hash tag, the part between
 * the first `{` and the next `}` when that part is not empty. Cluster specification, "Key distribution model"
 * and "Hash tags".
 */
import type { Bytes } from './bytes.js';

export const SLOT_COUNT = 16384;

const OPEN = 0x7b;
const CLOSE = 0x7d;

const table = new Uint16Array(256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  table[byte] = crc;
}

/** CRC16/XMODEM of bytes[start, end). */
export function crc16(bytes: Bytes, start: number, end: number): number {
  let crc = 0;
  while (start < end) crc = ((crc << 8) ^ table[((crc >> 8) ^ bytes[start++]) & 0xff]) & 0xffff;
  return crc;
}

/** The slot, 0 to 16383, of the key bytes[start, end). */
export function keySlot(bytes: Bytes, start: number, end: number): number {
  for (let open = start; open < end; open++) {
    if (bytes[open] !== OPEN) continue;
    let close = open + 1;
    while (close < end && bytes[close] !== CLOSE) close++;
    if (close < end && close > open + 1) return crc16(bytes, open + 1, close) & (SLOT_COUNT - 1);
    break;
  }
  return crc16(bytes, start, end) & (SLOT_COUNT - 1);
}

/**
 * The slot of a key given as text, without encoding it first when it is all ASCII (the client's hot path).
 * Answers -1 when the text has a character beyond ASCII: encode it and use `keySlot`.
 */
export function asciiKeySlot(key: string): number {
  let start = 0;
  let end = key.length;
  const open = key.indexOf('{');
  if (open >= 0) {
    const close = key.indexOf('}', open + 1);
    if (close > open + 1) {
      start = open + 1;
      end = close;
    }
  }
  let crc = 0;
  while (start < end) {
    const code = key.charCodeAt(start++);
    if (code > 0x7f) return -1;
    crc = ((crc << 8) ^ table[((crc >> 8) ^ code) & 0xff]) & 0xffff;
  }
  return crc & (SLOT_COUNT - 1);
}
