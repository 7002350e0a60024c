import { describe, expect, it } from 'vitest';
import { PlaceMarks } from './place-marks.js';

const LAST_PLACE = 2 ** 32 - 1;

describe('place marks', () => {
  it('mark the range around a place, and no other', () => {
    const marks = new PlaceMarks(1000);
    const place = 3_000_000_000;
    const [begin, end] = [marks.begin(place), marks.end(place)];
    expect(end - begin).toBe(2 ** 22); // 1024 ranges
    expect(begin).toBeLessThanOrEqual(place);
    expect(end).toBeGreaterThan(place);
    marks.add(place);
    expect([begin - 1, begin, place, end - 1, end].map((at) => marks.has(at))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });

  it('reach from the first place to the last, however few keys there are', () => {
    for (const keys of [0, 1, 33, 100_000]) {
      const marks = new PlaceMarks(keys);
      expect(marks.begin(0)).toBe(0);
      expect(marks.end(LAST_PLACE)).toBe(LAST_PLACE + 1);
      marks.add(0);
      marks.add(LAST_PLACE);
      expect(marks.has(0)).toBe(true);
      expect(marks.has(LAST_PLACE)).toBe(true);
      expect(marks.has(2 ** 31)).toBe(false);
    }
  });
});
