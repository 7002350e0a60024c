/** `--hotkeys`: the keys with the highest access frequency, which servers track under an LFU policy. */
import type { ByteText } from '../byte-text.js';
import { quote } from '../quoting.js';
import { countKeys, SCANS_PER_PAUSE } from './big-keys.js';
import { askAll, checked, type ModeContext, numberOf, pause, percent } from './mode.js';
import { scanKeys } from './scan.js';

const KEPT = 16;

/** The few keys with the highest counters, ascending. */
export class HottestKeys {
  private readonly keys: { readonly key: ByteText; readonly counter: number }[] = [];

  /** Answers whether the key is among the hottest so far. */
  add(key: ByteText, counter: number): boolean {
    if (counter === 0 || (this.keys.length === KEPT && counter <= this.keys[0].counter)) return false;
    const above = this.keys.findIndex((kept) => kept.counter >= counter);
    this.keys.splice(above < 0 ? this.keys.length : above, 0, { key, counter });
    if (this.keys.length > KEPT) this.keys.shift();
    return true;
  }

  /** Hottest first. */
  summary(): string {
    return [...this.keys]
      .reverse()
      .map(({ key, counter }) => `hot key found with counter: ${counter}\tkeyname: ${quote(key)}\n`)
      .join('');
  }
}

export async function findHotKeys(context: ModeContext): Promise<number> {
  const { options, nodes, output, stop } = context;
  const hottest = new HottestKeys();
  const total = await countKeys(nodes);
  output.write(
    '\n# Scanning the entire keyspace to find hot keys as well as\n' +
      '# average sizes per key type.  You can use -i 0.1 to sleep 0.1 sec\n' +
      '# per 100 SCAN commands (not usually needed).\n\n',
  );

  let sampled = 0;
  let scans = 0;
  for (const node of nodes) {
    for await (const keys of scanKeys(node, options.pattern)) {
      const progress = percent(sampled, total);
      const commands = keys.map((key) => ['OBJECT', 'FREQ', key]);
      for (const [i, reply] of (await askAll(node, commands)).entries()) {
        sampled++;
        const counter = numberOf(checked(reply, 'Error')) ?? 0;
        if (hottest.add(keys[i], counter))
          output.write(`[${progress}%] Hot key '${quote(keys[i])}' found so far with counter ${counter}\n`);
      }
      if (options.interval > 0 && ++scans % SCANS_PER_PAUSE === 0) await pause(options.interval * 1000, stop);
      if (stop.aborted) break;
    }
    if (stop.aborted) break;
  }

  output.write('\n-------- summary -------\n\n');
  if (stop.aborted) output.write(`[${percent(sampled, total)}%] `);
  output.write(`Sampled ${sampled} keys in the keyspace!\n${hottest.summary()}`);
  return 0;
}
