/** `--lru-test`: a cache workload, half writes and half reads, where a fifth of the keys gets most of the use. */
import { latin1 } from '../../protocol/bytes.js';
import { askAll, type ModeContext, pause } from './mode.js';

const CYCLE = 1000;
const BATCH = 250;
/** Skew at which 20% of the keys get 80% of the accesses. */
const SKEW = 6.2;

export async function testCache({ session, output, stop }: ModeContext, keys: number): Promise<number> {
  while (!stop.aborted) {
    const end = performance.now() + CYCLE;
    let hits = 0;
    let misses = 0;
    while (performance.now() < end && !stop.aborted) {
      await askAll(
        session,
        Array.from({ length: BATCH }, () => ['SET', randomKey(keys), randomValue()]),
      );
      const reads = Array.from({ length: BATCH }, () => ['GET', randomKey(keys)]);
      for (const reply of await askAll(session, reads)) {
        if (reply.type === 'error') output.writeError(`${latin1(reply.value)}\n`);
        else if (reply.type === 'null') misses++;
        else hits++;
      }
      await pause(0, stop);
    }
    const gets = hits + misses;
    const share = (part: number) => `${((100 * part) / gets).toFixed(2)}%`;
    if (gets > 0)
      output.write(
        `${gets} Gets/sec | Hits: ${hits} (${share(hits)}) | Misses: ${misses} (${share(misses)})\n`,
      );
  }
  return 0;
}

/** `lru:N`, N from 1 to `keys`, by a power law. */
function randomKey(keys: number): string {
  const top = (keys + 1) ** (SKEW + 1);
  const drawn = ((top - 1) * Math.random() + 1) ** (1 / (SKEW + 1));
  return `lru:${keys - Math.min(keys, Math.floor(drawn)) + 1}`;
}

function randomValue(): string {
  return String.fromCharCode(...Array.from({ length: 5 }, () => 0x41 + Math.floor(Math.random() * 57)));
}
