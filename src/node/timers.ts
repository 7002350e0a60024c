/**
 * The node's timers: a binary heap of times and actions on the monotonic clock. The host is asked for one wake-up,
 * the earliest; `run` does what is due. Setting and running a timer is O(log n). Cancelled timers stay in the heap
 * until their time comes, or until they are most of it (blocked clients that are served long before their timeout).
 */
export interface Timer {
  readonly time: number;
  readonly action: () => void;
  /** It has run, or never will. */
  over: boolean;
}

/** Fewer cancelled timers than this are not worth the trouble. */
const MANY = 64;

export class Timers {
  private heap: Timer[] = [];
  /** Cancelled timers in the heap. */
  private cancelled = 0;

  constructor(private readonly wakeAt: (time: number) => void) {}

  /** Runs `action` at or soon after the time, on the monotonic clock, in milliseconds. */
  at(time: number, action: () => void): Timer {
    const timer = { time, action, over: false };
    this.insert(timer);
    if (this.heap[0] === timer) this.wakeAt(time);
    return timer;
  }

  private insert(timer: Timer): void {
    const { heap } = this;
    const { time } = timer;
    let place = heap.length;
    heap.push(timer);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (heap[parent].time <= time) break;
      heap[place] = heap[parent];
      place = parent;
    }
    heap[place] = timer;
  }

  cancel(timer: Timer): void {
    if (timer.over) return;
    timer.over = true;
    if (++this.cancelled < MANY || this.cancelled * 2 < this.heap.length) return;
    const left = this.heap.filter((other) => !other.over);
    this.heap = [];
    this.cancelled = 0;
    for (const other of left) this.insert(other);
  }

  /** Runs what is due and asks for the next wake-up. */
  run(now: number): void {
    while (this.heap.length > 0 && this.heap[0].time <= now) {
      const timer = this.takeFirst();
      if (timer.over) {
        this.cancelled--;
        continue;
      }
      timer.over = true;
      timer.action();
    }
    if (this.heap.length > 0) this.wakeAt(this.heap[0].time);
  }

  private takeFirst(): Timer {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let child = place * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1].time < heap[child].time) child++;
      if (heap[child].time >= last.time) break;
      heap[place] = heap[child];
      place = child;
    }
    heap[place] = last;
    return first;
  }
}
