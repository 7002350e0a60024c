import { describe, expect, it } from 'vitest';
import { Arena, type Ref, SEGMENT_SHIFT, sizeClass, UNIT_MASK } from './arena.js';

const MEGABYTE = 1024 * 1024;

describe('an arena', () => {
  const fill = (arena: Arena, blocks: number, size: number): Ref[] =>
    Array.from({ length: blocks }, () => arena.allocate(size));

  it('gives memory back when nothing is left in it, and begins anew', () => {
    const arena = new Arena();
    const first = arena.allocate(64);
    const others = fill(arena, 50_000, 64);
    const huge = arena.allocate(2 * MEGABYTE);
    expect(arena.reserved).toBeGreaterThan(5 * MEGABYTE);
    arena.free(huge, sizeClass(2 * MEGABYTE));
    for (const ref of others.reverse()) arena.free(ref, sizeClass(64));
    expect(arena.reserved).toBeGreaterThan(3 * MEGABYTE); // one block is in use
    arena.free(first, sizeClass(64));
    expect(arena.used).toBe(0);
    expect(arena.reserved).toBe(MEGABYTE);

    const again = fill(arena, 50_000, 64);
    expect(new Set(again).size).toBe(50_000);
    expect(again[0]).toBe(first);
    expect(again.every((ref, i) => i === 0 || ref > again[i - 1])).toBe(true); // in order
    const mark = (ref: Ref, i: number) => {
      arena.words[ref >>> SEGMENT_SHIFT][(ref & UNIT_MASK) << 1] = i;
    };
    again.forEach(mark);
    expect(again.every((ref, i) => arena.words[ref >>> SEGMENT_SHIFT][(ref & UNIT_MASK) << 1] === i)).toBe(
      true,
    );
  });
});
