import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress } from './address.js';
import { countSlots, eachSlot, formatSlots, missingSlots, toRanges } from './slots.js';

describe('slot ranges', () => {
  const ranges = [
    { start: 0, end: 2 },
    { start: 7, end: 7 },
  ];

  it('come from slots and give them back', () => {
    expect(toRanges([0, 1, 2, 7])).toEqual(ranges);
    expect([...eachSlot(ranges)]).toEqual([0, 1, 2, 7]);
    expect(countSlots(ranges)).toBe(4);
    expect(toRanges([])).toEqual([]);
  });

  it('print as redis-cli prints them', () => {
    expect(formatSlots(ranges)).toBe('[0-2],[7]');
    expect(formatSlots([])).toBe('');
  });

  it('know what is missing', () => {
    expect(missingSlots(ranges)).toEqual([
      { start: 3, end: 6 },
      { start: 8, end: 16383 },
    ]);
    expect(missingSlots([{ start: 0, end: 16383 }])).toEqual([]);
  });
});

describe('addresses', () => {
  it('are read with or without brackets and bus port', () => {
    expect(parseAddress('localhost:7000')).toEqual({ host: 'localhost', port: 7000 });
    expect(parseAddress('[::1]:7000')).toEqual({ host: '::1', port: 7000 });
    expect(parseAddress('::1:7000@17000')).toEqual({ host: '::1', port: 7000 });
    expect(formatAddress({ host: '::1', port: 7000 })).toBe('::1:7000');
  });

  it.each(['', 'localhost', ':7000', 'h:', 'h:x', 'h:0', 'h:65536'])('are not %j', (text) => {
    expect(() => parseAddress(text)).toThrow(RangeError);
  });
});
