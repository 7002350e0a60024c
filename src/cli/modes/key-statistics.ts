/** The biggest key of each type and the totals, as --bigkeys and --memkeys report them. Pure. */
import type { ByteText } from '../byte-text.js';
import { quote } from '../quoting.js';
import { percent } from './mode.js';

/** How many elements a key of each type has: the command, and what it counts. In the order of the report. */
export const SIZE_OF: Readonly<Record<string, { readonly command: string; readonly unit: string }>> = {
  list: { command: 'LLEN', unit: 'items' },
  hash: { command: 'HLEN', unit: 'fields' },
  string: { command: 'STRLEN', unit: 'bytes' },
  stream: { command: 'XLEN', unit: 'entries' },
  set: { command: 'SCARD', unit: 'members' },
  zset: { command: 'ZCARD', unit: 'members' },
};

interface TypeTotals {
  count: number;
  size: number;
  biggest: number;
  biggestKey: ByteText | undefined;
}

export class KeyStatistics {
  private readonly totals = new Map<string, TypeTotals>();
  private readonly byMemory: boolean;
  private keyBytes = 0;
  sampled = 0;

  constructor(byMemory: boolean) {
    this.byMemory = byMemory;
    for (const type of Object.keys(SIZE_OF)) this.of(type);
  }

  /** Counts a key; answers a line to print when it is the biggest of its type so far. */
  add(key: ByteText, type: string, size: number, progress: string): string | undefined {
    const totals = this.of(type);
    totals.count++;
    totals.size += size;
    this.keyBytes += key.length;
    this.sampled++;
    if (size <= totals.biggest) return undefined;
    totals.biggest = size;
    totals.biggestKey = key;
    return `[${progress}%] Biggest ${type.padEnd(6)} found so far '${quote(key)}' with ${size} ${this.unit(type)}\n`;
  }

  summary(): string {
    const average = this.keyBytes === 0 ? 0 : this.keyBytes / this.sampled;
    let text =
      `Sampled ${this.sampled} keys in the keyspace!\n` +
      `Total key length in bytes is ${this.keyBytes} (avg len ${average.toFixed(2)})\n\n`;
    for (const [type, { biggest, biggestKey }] of this.totals)
      if (biggestKey !== undefined)
        text += `Biggest ${type.padStart(6)} found '${quote(biggestKey)}' has ${biggest} ${this.unit(type)}\n`;
    text += '\n';
    for (const [type, { count, size }] of this.totals)
      text +=
        `${count} ${type}s with ${size} ${this.unit(type)} ` +
        `(${percent(count, this.sampled)}% of keys, avg size ${(count === 0 ? 0 : size / count).toFixed(2)})\n`;
    return text;
  }

  private of(type: string): TypeTotals {
    let totals = this.totals.get(type);
    if (!totals) {
      totals = { count: 0, size: 0, biggest: 0, biggestKey: undefined };
      this.totals.set(type, totals);
    }
    return totals;
  }

  private unit(type: string): string {
    return this.byMemory ? 'bytes' : (SIZE_OF[type]?.unit ?? '?');
  }
}
