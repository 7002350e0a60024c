/** `--bigkeys` and `--memkeys`: the biggest key of each type, by elements or by memory. */
import type { ByteText } from '../byte-text.js';
import type { Session } from '../session.js';
import { KeyStatistics, SIZE_OF } from './key-statistics.js';
import { ask, askAll, checked, type ModeContext, numberOf, pause, percent, textOf } from './mode.js';
import { scanKeys } from './scan.js';

export type SizeMeasure =
  | { readonly by: 'elements' }
  /** `samples` is how many nested elements MEMORY USAGE looks at; the server's default when not given. */
  | { readonly by: 'memory'; readonly samples: number | undefined };

const PROGRESS_EVERY = 1_000_000;
/** `-i` pauses once in so many SCANs. */
export const SCANS_PER_PAUSE = 100;

export async function findBigKeys(context: ModeContext, measure: SizeMeasure): Promise<number> {
  const { options, nodes, output, stop } = context;
  const statistics = new KeyStatistics(measure.by === 'memory');
  const total = await countKeys(nodes);
  output.write(
    '\n# Scanning the entire keyspace to find biggest keys as well as\n' +
      '# average sizes per key type.  You can use -i 0.1 to sleep 0.1 sec\n' +
      '# per 100 SCAN commands (not usually needed).\n\n',
  );

  let scans = 0;
  for (const node of nodes) {
    for await (const keys of scanKeys(node, options.pattern)) {
      const progress = percent(statistics.sampled, total);
      for (const { key, type, size } of await measureKeys(node, keys, measure)) {
        output.write(statistics.add(key, type, size, progress) ?? '');
        if (statistics.sampled % PROGRESS_EVERY === 0)
          output.write(`[${progress}%] Sampled ${statistics.sampled} keys so far\n`);
      }
      if (options.interval > 0 && ++scans % SCANS_PER_PAUSE === 0) await pause(options.interval * 1000, stop);
      if (stop.aborted) break;
    }
    if (stop.aborted) break;
  }

  output.write('\n-------- summary -------\n\n');
  if (stop.aborted) output.write(`[${percent(statistics.sampled, total)}%] `);
  output.write(statistics.summary());
  return 0;
}

/** All servers' keys together. */
export async function countKeys(nodes: readonly Session[]): Promise<number> {
  let total = 0;
  for (const node of nodes) total += numberOf(await ask(node, ['DBSIZE'], "Couldn't determine DBSIZE")) ?? 0;
  return total;
}

interface MeasuredKey {
  readonly key: ByteText;
  readonly type: string;
  readonly size: number;
}

/** Types and sizes of the keys that still exist, in two round trips. */
async function measureKeys(
  node: Session,
  keys: readonly ByteText[],
  measure: SizeMeasure,
): Promise<MeasuredKey[]> {
  const types = await askAll(
    node,
    keys.map((key) => ['TYPE', key]),
  );
  const found = keys
    .map((key, i) => ({ key, type: textOf(checked(types[i], 'TYPE returned an error')) }))
    .filter(({ type }) => type !== 'none')
    .map(({ key, type }) => ({ key, type, command: sizeCommand(key, type, measure) }));
  // A type that only a module knows has no size in elements; it is counted all the same.
  const sizes = await askAll(
    node,
    found.flatMap(({ command }) => (command ? [command] : [])),
  );
  // No number: the key has vanished or changed its type meanwhile.
  return found.map(({ key, type, command }) => ({
    key,
    type,
    size: (command && numberOf(sizes.shift()!)) ?? 0,
  }));
}

function sizeCommand(key: ByteText, type: string, measure: SizeMeasure): ByteText[] | undefined {
  if (measure.by === 'elements')
    return Object.hasOwn(SIZE_OF, type) ? [SIZE_OF[type].command, key] : undefined;
  const samples = measure.samples ? ['SAMPLES', String(measure.samples)] : [];
  return ['MEMORY', 'USAGE', key, ...samples];
}
