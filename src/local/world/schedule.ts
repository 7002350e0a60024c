/**
 * What will happen in a world, by time: a binary heap. Events of the same time happen in the order in which they
 * were asked for. Times are true time, milliseconds with a fraction since the world began; machines have clocks of
 * their own.
 */
interface Event {
  readonly time: number;
  readonly order: number;
  readonly run: () => void;
}

export class Schedule {
  now = 0;
  private readonly heap: Event[] = [];
  private nextOrder = 0;

  /** `run` happens `delay` milliseconds from now; never, when that is Infinity. */
  after(delay: number, run: () => void): void {
    if (delay === Number.POSITIVE_INFINITY) return;
    const event = { time: this.now + Math.max(0, delay), order: this.nextOrder++, run };
    const { heap } = this;
    let place = heap.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isBefore(event, heap[parent])) break;
      heap[place] = heap[parent];
      place = parent;
    }
    heap[place] = event;
  }

  /** Lets the next event happen if its time is `end` at the latest; answers whether there was one. */
  step(end: number): boolean {
    const { heap } = this;
    if (heap.length === 0 || heap[0].time > end) return false;
    const first = heap[0];
    const last = heap.pop()!;
    if (heap.length > 0) this.sink(last);
    this.now = first.time;
    first.run();
    return true;
  }

  /** Puts the event where the root was taken out. */
  private sink(event: Event): void {
    const { heap } = this;
    let place = 0;
    for (;;) {
      let child = place * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], event)) break;
      heap[place] = heap[child];
      place = child;
    }
    heap[place] = event;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}
