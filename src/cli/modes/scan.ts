/** `--scan`: every key of the server, or of the cluster. */
import type { ByteText } from '../byte-text.js';
import { quote } from '../quoting.js';
import type { Session } from '../session.js';
import { ask, itemsOf, type ModeContext, ModeError, pause, textOf } from './mode.js';

/** The server's keys, batch by batch as SCAN answers them: each at least once, some perhaps twice. */
export async function* scanKeys(node: Session, pattern: ByteText | undefined): AsyncGenerator<ByteText[]> {
  const match = pattern === undefined ? [] : ['MATCH', pattern];
  let cursor = '0';
  do {
    const [next, keys] = itemsOf(await ask(node, ['SCAN', cursor, ...match], 'SCAN error'));
    if (next?.type !== 'bulk' || keys?.type !== 'array') throw new ModeError('Unexpected reply to SCAN');
    cursor = textOf(next);
    yield keys.items.map(textOf);
  } while (cursor !== '0');
}

export async function listKeys(context: ModeContext): Promise<number> {
  const { options, session, nodes, output, stop } = context;
  const quoted = session.settings.style.format === 'standard';
  for (const node of nodes) {
    for await (const keys of scanKeys(node, options.pattern)) {
      output.write(keys.map((key) => `${quoted ? quote(key) : key}\n`).join(''));
      if (options.interval > 0) await pause(options.interval * 1000, stop);
      if (stop.aborted) return 0;
    }
  }
  return 0;
}
