/**
 * Sets of hash slots as sorted, disjoint ranges: the form in which nodes report them, people read them and
 * plans print them.
 */
import { SLOT_COUNT } from '../protocol/key-slot.js';

export { SLOT_COUNT };

/** Slots `start` to `end`, both included. */
export interface SlotRange {
  readonly start: number;
  readonly end: number;
}

/** The ranges of ascending slot numbers. */
export function toRanges(slots: Iterable<number>): SlotRange[] {
  const ranges: { start: number; end: number }[] = [];
  for (const slot of slots) {
    const last = ranges.at(-1);
    if (last && slot === last.end + 1) last.end = slot;
    else ranges.push({ start: slot, end: slot });
  }
  return ranges;
}

/** Every slot of the ranges, in order. */
export function* eachSlot(ranges: readonly SlotRange[]): Generator<number> {
  for (const { start, end } of ranges) for (let slot = start; slot <= end; slot++) yield slot;
}

export function countSlots(ranges: readonly SlotRange[]): number {
  return ranges.reduce((count, { start, end }) => count + end - start + 1, 0);
}

export function hasSlot(ranges: readonly SlotRange[], slot: number): boolean {
  return ranges.some(({ start, end }) => start <= slot && slot <= end);
}

/** The slots of 0 to 16383 that none of the ranges holds. */
export function missingSlots(ranges: Iterable<SlotRange>): SlotRange[] {
  const held = new Uint8Array(SLOT_COUNT);
  for (const { start, end } of ranges) held.fill(1, start, end + 1);
  const missing: number[] = [];
  for (let slot = 0; slot < SLOT_COUNT; slot++) if (!held[slot]) missing.push(slot);
  return toRanges(missing);
}

/** `[0-5460],[7000]`, as redis-cli prints slots. */
export function formatSlots(ranges: readonly SlotRange[]): string {
  return ranges.map(({ start, end }) => (start === end ? `[${start}]` : `[${start}-${end}]`)).join(',');
}
