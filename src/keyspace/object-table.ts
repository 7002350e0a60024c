/**
 * Values that are JavaScript objects (large collections), addressed from records by a small number.
 */

/** A collection too large to be packed in its key's record. */
export interface LargeValue {
  /** OBJECT ENCODING's word for it. */
  readonly encoding: string;
  /** A copy with memory of its own (COPY). */
  clone(): LargeValue;
  /** Frees what it holds in the arena: its key is gone, or has another value. */
  dispose(): void;
}

export class ObjectTable {
  private readonly objects: (LargeValue | undefined)[] = [];
  private readonly free: number[] = [];

  add(object: LargeValue): number {
    const handle = this.free.pop() ?? this.objects.length;
    this.objects[handle] = object;
    return handle;
  }

  get(handle: number): LargeValue {
    return this.objects[handle]!;
  }

  remove(handle: number): void {
    const object = this.get(handle);
    this.objects[handle] = undefined;
    this.free.push(handle);
    object.dispose();
  }
}
