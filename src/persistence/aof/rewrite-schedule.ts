/** When the append-only file is rewritten: because it was asked for, or because it has grown. */
import type { Log } from '../../node/host.js';

/** The directives that matter here. */
export interface RewriteScheduleSettings {
  /** 0: never. */
  readonly 'auto-aof-rewrite-percentage': number;
  readonly 'auto-aof-rewrite-min-size': number;
}

const FAILURES_BEFORE_LIMIT = 3;
const LONGEST_DELAY = 60;

export class RewriteSchedule {
  /** A rewrite was asked for and couldn't begin at once. */
  wanted = false;
  /** Rewrites that keep failing are tried less and less often: after 1, 2, 4 … 60 minutes. */
  private failures = 0;
  private delay = 0;
  private until = 0;

  /** `settings` are read whenever they matter. */
  constructor(
    private readonly settings: RewriteScheduleSettings,
    private readonly log: Log,
  ) {}

  /** Somebody asks for a rewrite as soon as possible. */
  ask(): void {
    this.wanted = true;
    this.succeeded();
  }

  failed(): void {
    this.failures++;
  }

  succeeded(): void {
    this.failures = 0;
    this.delay = 0;
    this.until = 0;
  }

  /**
   * Whether a rewrite should begin now.
   * @param now milliseconds since 1970
   * @param size of the log in bytes, -1 while it isn't being written
   * @param baseSize what it was after the last rewrite
   */
  due(now: number, size: number, baseSize: number): boolean {
    if (this.wanted) return !this.mustWait(now);
    const percentage = this.settings['auto-aof-rewrite-percentage'];
    if (percentage === 0 || size <= this.settings['auto-aof-rewrite-min-size']) return false;
    const growth = Math.floor((size * 100) / (baseSize || 1)) - 100;
    if (growth < percentage || this.mustWait(now)) return false;
    this.log('notice', `Starting automatic rewriting of AOF on ${growth}% growth`);
    return true;
  }

  private mustWait(now: number): boolean {
    if (this.failures < FAILURES_BEFORE_LIMIT) return false;
    if (this.until !== 0) {
      if (now < this.until) return true;
      this.until = 0;
      return false;
    }
    this.delay = Math.min(this.delay === 0 ? 1 : this.delay * 2, LONGEST_DELAY);
    this.until = now + this.delay * 60_000;
    this.log(
      'warning',
      `Background AOF rewrite has repeatedly failed and triggered the limit, will retry in ${this.delay} minutes`,
    );
    return true;
  }
}
