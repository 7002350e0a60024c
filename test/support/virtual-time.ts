/** Time that passes only when a test says so. */
export class VirtualTime {
  now = 1_000_000;
  private queue: { time: number; order: number; action: () => void }[] = [];
  private order = 0;

  readonly schedule = (milliseconds: number, action: () => void): (() => void) => {
    const entry = { time: this.now + milliseconds, order: this.order++, action };
    this.queue.push(entry);
    return () => {
      this.queue = this.queue.filter((other) => other !== entry);
    };
  };

  /** Lets so many milliseconds pass; what falls due runs in order, each at its time. */
  advance(milliseconds: number): void {
    const until = this.now + milliseconds;
    for (;;) {
      const next = this.queue.reduce<(typeof this.queue)[number] | undefined>(
        (first, entry) =>
          entry.time > until ||
          (first && (first.time < entry.time || (first.time === entry.time && first.order < entry.order)))
            ? first
            : entry,
        undefined,
      );
      if (next === undefined) break;
      this.queue = this.queue.filter((entry) => entry !== next);
      this.now = Math.max(this.now, next.time);
      next.action();
    }
    this.now = until;
  }
}
