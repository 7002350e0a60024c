/** `client-output-buffer-limit replica`: how much may wait for a replica that takes it too slowly. */

export interface OutputSettings {
  /** `repl-backlog-size`: what is in the backlog anyway costs nothing, so less than that is never too much. */
  backlogSize: number;
  /** Bytes, bytes and seconds; 0 for none. */
  hardLimit: number;
  softLimit: number;
  softSeconds: number;
}

export class ReplicaOutput {
  /** Since when it has been above the soft limit (monotonic clock, milliseconds), -1 when it isn't. */
  private overSoftLimitSince = -1;

  /** Whether so many bytes may wait now; to be asked again and again. */
  allows(bytes: number, now: number, settings: OutputSettings): boolean {
    const { backlogSize, hardLimit, softLimit, softSeconds } = settings;
    if (softLimit === 0 || bytes <= softLimit) this.overSoftLimitSince = -1;
    else if (this.overSoftLimitSince < 0) this.overSoftLimitSince = now;
    const overSince = this.overSoftLimitSince;
    if (overSince >= 0 && now - overSince > softSeconds * 1000) return false;
    return hardLimit === 0 || bytes <= Math.max(hardLimit, backlogSize);
  }
}
