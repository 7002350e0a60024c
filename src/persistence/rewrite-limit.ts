/** When rewrites of the append-only file that nobody asked for must wait, because they keep failing. */
import type { Log } from '../node/host.js';

const FAILURES_BEFORE_LIMIT = 3;
const LONGEST_DELAY = 60;

/** Rewrites that keep failing are tried less and less often: after 1, 2, 4 … 60 minutes. */
export class RewriteLimit {
  private failures = 0;
  private delay = 0;
  private until = 0;

  failed(): void {
    this.failures++;
  }

  succeeded(): void {
    this.failures = 0;
    this.delay = 0;
    this.until = 0;
  }

  /** Whether a rewrite that nobody asked for must wait. */
  reached(now: number, log: Log): boolean {
    if (this.failures < FAILURES_BEFORE_LIMIT) return false;
    if (this.until !== 0) {
      if (now < this.until) return true;
      this.until = 0;
      return false;
    }
    this.delay = Math.min(this.delay === 0 ? 1 : this.delay * 2, LONGEST_DELAY);
    this.until = now + this.delay * 60_000;
    log(
      'warning',
      `Background AOF rewrite has repeatedly failed and triggered the limit, will retry in ${this.delay} minutes`,
    );
    return true;
  }
}
