/**
 * Values that are JavaScript objects (large collections), addressed from records by a small number.
 */

import type { Disposable, Disposal } from './disposal.js';

/** A collection too large to be packed in its key's record. */
export interface LargeValue extends Disposable {
  /** OBJECT ENCODING's word for it. */
  readonly encoding: string;
  /** A copy with memory of its own (COPY). */
  clone(): LargeValue;
}

export class ObjectTable {
  private readonly objects: (LargeValue | undefined)[] = [];
  private readonly free: number[] = [];

  constructor(private readonly disposal: Disposal) {}

  add(object: LargeValue): number {
    const handle = this.free.pop() ?? this.objects.length;
    this.objects[handle] = object;
    return handle;
  }

  get(handle: number): LargeValue {
    return this.objects[handle]!;
  }

  /** The object's key is gone, or has another value: it is disposed of. */
  remove(handle: number): void {
    const object = this.get(handle);
    this.objects[handle] = undefined;
    this.free.push(handle);
    this.disposal.add(object);
  }
}
