/**
 * `oom-score-adj`: how readily Linux ends this process when memory runs out, by role. What it was before is restored
 * when the directive is turned off.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Config } from '../node/config/index.js';
import type { Log } from '../node/host.js';
import { systemReason } from './system-error.js';

const FILE = '/proc/self/oom_score_adj';
const MOST = 1000;

export class OomScore {
  /** Before we changed it. */
  private original: number | undefined;
  private isReplica = false;

  constructor(
    private readonly config: Config,
    private readonly log: Log,
  ) {
    config.onChange(['oom-score-adj', 'oom-score-adj-values'], () => {
      return this.apply() ? undefined : 'Failed to apply new oom_score_adj configuration, check server logs.';
    });
    this.apply();
  }

  /** The node has become a replica, or a master. */
  roleChanged(isReplica: boolean): void {
    this.isReplica = isReplica;
    this.apply();
  }

  /** Answers whether the system has taken it. */
  private apply(): boolean {
    const { values } = this.config;
    const mode = values['oom-score-adj'];
    if (mode === 'no' && this.original === undefined) return true;
    try {
      this.original ??= Number(readFileSync(FILE, 'latin1'));
      const base = mode === 'absolute' ? 0 : this.original;
      const own = mode === 'no' ? 0 : values['oom-score-adj-values'][this.isReplica ? 1 : 0];
      writeFileSync(FILE, `${Math.max(-MOST, Math.min(MOST, base + own))}\n`);
      if (mode === 'no') this.original = undefined;
      return true;
    } catch (error) {
      this.log('warning', `Unable to write oom_score_adj: ${systemReason(error)}`);
      return false;
    }
  }
}
