/**
 * First in, first out, in a ring whose capacity is a power of two: no allocation and no copying while it runs,
 * and nothing kept alive that has left it.
 */
import type { Request } from './request.js';

const INITIAL_CAPACITY = 16;

export class RequestQueue {
  private items: (Request | undefined)[] = new Array(INITIAL_CAPACITY).fill(undefined);
  private mask = INITIAL_CAPACITY - 1;
  private head = 0;
  length = 0;

  push(request: Request): void {
    if (this.length > this.mask) this.grow();
    this.items[(this.head + this.length++) & this.mask] = request;
  }

  /** Takes the oldest. */
  shift(): Request | undefined {
    if (this.length === 0) return undefined;
    const request = this.items[this.head];
    this.items[this.head] = undefined;
    this.head = (this.head + 1) & this.mask;
    this.length--;
    return request;
  }

  /** The request at this place, 0 being the oldest. */
  at(index: number): Request | undefined {
    return index < this.length ? this.items[(this.head + index) & this.mask] : undefined;
  }

  private grow(): void {
    const capacity = this.items.length;
    const items = this.items.slice(this.head).concat(this.items.slice(0, this.head));
    for (let i = 0; i < capacity; i++) items.push(undefined);
    this.items = items;
    this.mask = items.length - 1;
    this.head = 0;
  }
}
