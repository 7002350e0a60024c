/** SCAN: one step of it. */
import type { Key } from './arguments.js';
import type { Argument } from './encode.js';

export interface ScanOptions {
  /** Only keys that match this glob pattern. */
  readonly match?: Key;
  /** How much work the server does for one batch; 10 by default. */
  readonly count?: number;
  /** Only keys of this type, such as `hash`. */
  readonly type?: string;
}

export function scanArgs(cursor: string, { match, count, type }: ScanOptions): Argument[] {
  const args: Argument[] = ['SCAN', cursor];
  if (match !== undefined) args.push('MATCH', match);
  if (count !== undefined) args.push('COUNT', count);
  if (type !== undefined) args.push('TYPE', type);
  return args;
}
