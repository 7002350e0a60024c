/**
 * The keys of each slot, in cluster mode: a doubly linked list threaded through the records, with a count. Adding
 * and removing a key is O(1); COUNTKEYSINSLOT is O(1), GETKEYSINSLOT and a slot's removal O(keys in it).
 */
import { SLOT_COUNT } from '../protocol/key-slot.js';
import { type Arena, type Ref, SEGMENT_SHIFT, UNIT_MASK } from './arena.js';
import { SLOT_NEXT, SLOT_PREVIOUS } from './record.js';

export class SlotIndex {
  private readonly heads = new Uint32Array(SLOT_COUNT);
  private readonly counts = new Uint32Array(SLOT_COUNT);

  constructor(private readonly arena: Arena) {}

  count(slot: number): number {
    return this.counts[slot];
  }

  /** The first key of the slot, or 0; `next` gives those behind it. */
  first(slot: number): Ref {
    return this.heads[slot];
  }

  next(ref: Ref): Ref {
    return this.get(ref, SLOT_NEXT);
  }

  add(slot: number, ref: Ref): void {
    const head = this.heads[slot];
    this.set(ref, SLOT_NEXT, head);
    this.set(ref, SLOT_PREVIOUS, 0);
    if (head !== 0) this.set(head, SLOT_PREVIOUS, ref);
    this.heads[slot] = ref;
    this.counts[slot]++;
  }

  remove(slot: number, ref: Ref): void {
    const next = this.get(ref, SLOT_NEXT);
    const previous = this.get(ref, SLOT_PREVIOUS);
    if (previous !== 0) this.set(previous, SLOT_NEXT, next);
    else this.heads[slot] = next;
    if (next !== 0) this.set(next, SLOT_PREVIOUS, previous);
    this.counts[slot]--;
  }

  /** The record, with its links copied already, now lives at `ref`. */
  moved(slot: number, ref: Ref): void {
    const next = this.get(ref, SLOT_NEXT);
    const previous = this.get(ref, SLOT_PREVIOUS);
    if (previous !== 0) this.set(previous, SLOT_NEXT, ref);
    else this.heads[slot] = ref;
    if (next !== 0) this.set(next, SLOT_PREVIOUS, ref);
  }

  clear(): void {
    this.heads.fill(0);
    this.counts.fill(0);
  }

  private get(ref: Ref, word: number): number {
    return this.arena.words[ref >>> SEGMENT_SHIFT][((ref & UNIT_MASK) << 1) + word];
  }

  private set(ref: Ref, word: number, value: number): void {
    this.arena.words[ref >>> SEGMENT_SHIFT][((ref & UNIT_MASK) << 1) + word] = value;
  }
}
