/**
 * Expiry times of a database: two dense arrays, the record and its time in milliseconds. A record holds its place
 * here in its EXPIRY word, so reading, changing and removing a time is O(1) without hashing, and active expiry can
 * sample a random or the next place at once. Removal fills the hole with the last entry.
 */
import type { Ref } from './arena.js';

const FIRST_CAPACITY = 16;

export class Expiries {
  size = 0;
  private refs = new Uint32Array(FIRST_CAPACITY);
  private times = new Float64Array(FIRST_CAPACITY);

  /** Adds a record; answers its place, from 1. */
  add(ref: Ref, at: number): number {
    if (this.size === this.refs.length) this.resize(this.size * 2);
    this.refs[this.size] = ref;
    this.times[this.size] = at;
    return ++this.size;
  }

  /** When the record at this place expires, in milliseconds since 1970. */
  time(place: number): number {
    return this.times[place - 1];
  }

  setTime(place: number, at: number): void {
    this.times[place - 1] = at;
  }

  ref(place: number): Ref {
    return this.refs[place - 1];
  }

  /** The record at this place has moved in the arena. */
  setRef(place: number, ref: Ref): void {
    this.refs[place - 1] = ref;
  }

  /** Removes a place; answers the record that now stands there and must be told so, or 0. */
  remove(place: number): Ref {
    const last = --this.size;
    const moved = place - 1 === last ? 0 : this.refs[last];
    this.refs[place - 1] = this.refs[last];
    this.times[place - 1] = this.times[last];
    if (this.refs.length > FIRST_CAPACITY && this.size * 4 < this.refs.length) {
      this.resize(this.refs.length / 2);
    }
    return moved;
  }

  clear(): void {
    this.size = 0;
    this.resize(FIRST_CAPACITY);
  }

  private resize(capacity: number): void {
    const refs = new Uint32Array(capacity);
    const times = new Float64Array(capacity);
    refs.set(this.refs.subarray(0, this.size));
    times.set(this.times.subarray(0, this.size));
    this.refs = refs;
    this.times = times;
  }
}
