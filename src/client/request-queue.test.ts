import { describe, expect, it } from 'vitest';
import { NO_DEADLINE, NO_SLOT, Request } from './request.js';
import { RequestQueue } from './request-queue.js';
import { keyless } from './routing.js';

describe('the request queue', () => {
  it('keeps the order while it wraps around and grows', () => {
    const queue = new RequestQueue();
    const expected: Request[] = [];
    for (let round = 0; round < 200; round++) {
      for (let i = 0; i <= round % 7; i++) {
        const request = new Request(keyless('PING'), String(round), NO_SLOT, NO_DEADLINE);
        queue.push(request);
        expected.push(request);
      }
      for (let i = 0; i < round % 5; i++) expect(queue.shift()).toBe(expected.shift());
      expect(queue.length).toBe(expected.length);
      expect(queue.at(0)).toBe(expected[0]);
      expect(queue.at(expected.length - 1)).toBe(expected.at(-1));
      expect(queue.at(expected.length)).toBeUndefined();
    }
    while (expected.length > 0) expect(queue.shift()).toBe(expected.shift());
    expect(queue.shift()).toBeUndefined();
  });
});
