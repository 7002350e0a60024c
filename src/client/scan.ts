/** SCAN and its kin, step by step. */
import type { Key } from './arguments.js';
import { type Argument, wire } from './encode.js';

export interface ScanOptions {
  /** Only what matches this glob pattern. */
  readonly match?: Key;
  /** How much work the server does for one batch; 10 by default. */
  readonly count?: number;
  /** Only keys of this type, such as `hash`. */
  readonly type?: string;
}

/** The words of one step of SCAN. */
export function scanArgs(cursor: string, { match, count, type }: ScanOptions): Argument[] {
  const args: Argument[] = ['SCAN', cursor];
  if (match !== undefined) args.push('MATCH', match);
  if (count !== undefined) args.push('COUNT', count);
  if (type !== undefined) args.push('TYPE', type);
  return args;
}

/** Steps until the cursor is back at its beginning, leaving out empty batches. */
export async function* batches<Text, Item>(
  step: (cursor: string) => Promise<[cursor: Text, items: Item[]]>,
): AsyncGenerator<Item[], void> {
  let cursor = '0';
  do {
    const [next, items] = await step(cursor);
    cursor = wire(next as string | Uint8Array);
    if (items.length > 0) yield items;
  } while (cursor !== '0');
}
