/**
 * Values that are JavaScript objects (large collections), addressed from records by a small number. A value whose
 * class has `dispose` is told when it goes, to free what it holds in the arena.
 */
export interface Disposable {
  dispose(): void;
}

export class ObjectTable {
  private readonly objects: unknown[] = [];
  private readonly free: number[] = [];

  add(object: unknown): number {
    const handle = this.free.pop() ?? this.objects.length;
    this.objects[handle] = object;
    return handle;
  }

  get(handle: number): unknown {
    return this.objects[handle];
  }

  remove(handle: number): void {
    const object = this.objects[handle] as Partial<Disposable>;
    this.objects[handle] = undefined;
    this.free.push(handle);
    object.dispose?.();
  }
}
