/**
 * A machine's clocks: they start anywhere, run a little too fast or too slow, and the wall clock may be set.
 * Nothing in a cluster may depend on two machines agreeing about the time, so no two do.
 */
export class VirtualClock {
  /** `rate` is local milliseconds per true millisecond. */
  constructor(
    private readonly rate: number,
    private readonly bootTime: number,
    private wallOffset: number,
  ) {}

  /** The monotonic clock at this true time. */
  monotonic(trueTime: number): number {
    return this.bootTime + trueTime * this.rate;
  }

  /** The wall clock at this true time, whole milliseconds since 1970. */
  wall(trueTime: number): number {
    return Math.floor(this.wallOffset + trueTime * this.rate);
  }

  /** The true time at which the monotonic clock shows `time`. */
  trueTime(time: number): number {
    return (time - this.bootTime) / this.rate;
  }

  /** Somebody sets the wall clock, forward or back by milliseconds. */
  jump(milliseconds: number): void {
    this.wallOffset += milliseconds;
  }
}
