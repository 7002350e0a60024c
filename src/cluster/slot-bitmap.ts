/**
 * Sets of hash slots as the bus carries them: 16384 bits in 2048 bytes, slot 0 in the lowest bit of byte 0.
 */

import { SLOT_BITMAP_SIZE } from '../protocol/bus-frame.js';
import { type Bytes, compare } from '../protocol/bytes.js';

/** The empty set, shared by all that serve no slot. Never write to it. */
export const NO_SLOTS: Bytes = new Uint8Array(SLOT_BITMAP_SIZE);

/** Never write to it either. */
export const ALL_SLOTS: Bytes = new Uint8Array(SLOT_BITMAP_SIZE).fill(0xff);

export function hasSlot(bitmap: Bytes, slot: number): boolean {
  return (bitmap[slot >> 3] & (1 << (slot & 7))) !== 0;
}

export function includeSlot(bitmap: Bytes, slot: number): void {
  bitmap[slot >> 3] |= 1 << (slot & 7);
}

export function sameSlots(a: Bytes, b: Bytes): boolean {
  return a === b || compare(a, b) === 0;
}

/** The slots of `a` that are not in `b`. */
export function difference(a: Bytes, b: Bytes): Bytes {
  const slots: Bytes = new Uint8Array(SLOT_BITMAP_SIZE);
  for (let i = 0; i < SLOT_BITMAP_SIZE; i++) slots[i] = a[i] & ~b[i];
  return slots;
}

export function intersection(a: Bytes, b: Bytes): Bytes {
  const slots: Bytes = new Uint8Array(SLOT_BITMAP_SIZE);
  for (let i = 0; i < SLOT_BITMAP_SIZE; i++) slots[i] = a[i] & b[i];
  return slots;
}

export function union(a: Bytes, b: Bytes): Bytes {
  const slots: Bytes = new Uint8Array(SLOT_BITMAP_SIZE);
  for (let i = 0; i < SLOT_BITMAP_SIZE; i++) slots[i] = a[i] | b[i];
  return slots;
}

export function countSlots(bitmap: Bytes): number {
  let count = 0;
  for (let bits of bitmap) for (; bits !== 0; bits &= bits - 1) count++;
  return count;
}

export function bitmapOf(slots: Iterable<number>): Bytes {
  const bitmap: Bytes = new Uint8Array(SLOT_BITMAP_SIZE);
  for (const slot of slots) includeSlot(bitmap, slot);
  return bitmap;
}

/** The slots of the set in order. */
export function* slotsOf(bitmap: Bytes): Generator<number> {
  for (let byte = 0; byte < SLOT_BITMAP_SIZE; byte++) {
    const bits = bitmap[byte];
    if (bits === 0) continue;
    for (let bit = 0; bit < 8; bit++) if (bits & (1 << bit)) yield byte * 8 + bit;
  }
}

/** Slots first to last, both included. */
export interface SlotRange {
  first: number;
  last: number;
}

/** The set as ranges in order. A plain loop: nodes.conf of a large cluster asks for thousands of them. */
export function slotRanges(bitmap: Bytes): SlotRange[] {
  const ranges: SlotRange[] = [];
  if (bitmap === NO_SLOTS) return ranges;
  let open: SlotRange | null = null;
  for (let byte = 0; byte < SLOT_BITMAP_SIZE; byte++) {
    const bits = bitmap[byte];
    if (bits === 0) {
      open = null;
      continue;
    }
    if (bits === 0xff && open) {
      open.last += 8;
      continue;
    }
    for (let slot = byte * 8; slot < byte * 8 + 8; slot++) {
      if ((bits & (1 << (slot & 7))) === 0) {
        open = null;
      } else if (open) {
        open.last = slot;
      } else {
        open = { first: slot, last: slot };
        ranges.push(open);
      }
    }
  }
  return ranges;
}
