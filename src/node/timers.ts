/**
 * The node's timers: a binary heap of times and actions on the monotonic clock. The host is asked for one wake-up,
 * the earliest; `run` does what is due. Setting and running a timer is O(log n).
 */
export interface Timer {
  readonly time: number;
  readonly action: () => void;
  cancelled: boolean;
}

export class Timers {
  private readonly heap: Timer[] = [];

  constructor(private readonly wakeAt: (time: number) => void) {}

  /** Runs `action` at or soon after the time, on the monotonic clock, in milliseconds. */
  at(time: number, action: () => void): Timer {
    const timer = { time, action, cancelled: false };
    const { heap } = this;
    let place = heap.length;
    heap.push(timer);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (heap[parent].time <= time) break;
      heap[place] = heap[parent];
      place = parent;
    }
    heap[place] = timer;
    if (place === 0) this.wakeAt(time);
    return timer;
  }

  cancel(timer: Timer): void {
    timer.cancelled = true; // taken out when its time comes
  }

  /** Runs what is due and asks for the next wake-up. */
  run(now: number): void {
    const { heap } = this;
    while (heap.length > 0 && heap[0].time <= now) {
      const timer = this.takeFirst();
      if (!timer.cancelled) timer.action();
    }
    if (heap.length > 0) this.wakeAt(heap[0].time);
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
