/**
 * Bytes per key for many small values of each type, a Hexis node beside redis-server: what resident memory and what the
 * server says it uses have grown by since just after its start. Each type has a node of its own.
 */
import { Connection } from '../src/client/connection.js';
import { type Engine, freePort, table, Workshop } from './processes.js';

const KEYS = 1_000_000;
/** Redis's streams take 4 KB each. */
const STREAMS = 100_000;
const BATCH = 5000;
/** Statistics are renewed, and garbage is collected, some time after the work. */
const SETTLING_MS = 1500;

interface Kind {
  readonly keys: number;
  readonly command: (n: number) => readonly [name: string, ...args: string[]];
}

const KINDS: Readonly<Record<string, Kind>> = {
  strings: { keys: KEYS, command: (n) => ['SET', `string:${n}`, `value:${n}`] },
  hashes: { keys: KEYS, command: (n) => ['HSET', `hash:${n}`, 'name', `name ${n}`, 'count', `${n}`] },
  sets: { keys: KEYS, command: (n) => ['SADD', `set:${n}`, `member:${n}`, `other:${n}`] },
  intsets: { keys: KEYS, command: (n) => ['SADD', `set:${n}`, `${n}`, `${n + 1}`, `${n + 7}`] },
  zsets: { keys: KEYS, command: (n) => ['ZADD', `zset:${n}`, `${n}`, 'one', '2.5', `member:${n}`] },
  lists: { keys: KEYS, command: (n) => ['RPUSH', `list:${n}`, `one ${n}`, `${n}`, 'three'] },
  streams: { keys: STREAMS, command: (n) => ['XADD', `stream:${n}`, '1-1', 'field', `value ${n}`] },
};

interface Memory {
  readonly used: number;
  readonly resident: number;
}

async function memoryOf(connection: Connection): Promise<Memory> {
  await new Promise((fulfil) => setTimeout(fulfil, SETTLING_MS));
  const info = String(await connection.call('INFO', 'memory'));
  const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);
  return { used: field('used_memory'), resident: field('used_memory_rss') };
}

/** Bytes per key. */
async function measure(engine: Engine, { keys, command }: Kind): Promise<Memory> {
  const workshop = new Workshop();
  try {
    const port = await freePort();
    await workshop.server(engine, port, engine === 'hexis' ? ['--save', ''] : []);
    const connection = await Connection.open({ host: '127.0.0.1', port });
    const before = await memoryOf(connection);
    for (let from = 0; from < keys; from += BATCH) {
      await Promise.all(Array.from({ length: BATCH }, (_, i) => connection.call(...command(from + i))));
    }
    const after = await memoryOf(connection);
    connection.close();
    return { used: (after.used - before.used) / keys, resident: (after.resident - before.resident) / keys };
  } finally {
    await workshop.close();
  }
}

/** Runs the comparison, of all kinds or those named, and answers the table. */
export async function benchmarkMemory(names: readonly string[]): Promise<string> {
  const rows = [['values', 'redis-server', 'hexis', 'ratio', 'resident', 'resident', 'ratio', 'goal']];
  for (const name of names.length > 0 ? names : Object.keys(KINDS)) {
    const kind = KINDS[name];
    if (kind === undefined) throw new Error(`no kind of value '${name}'`);
    const redis = await measure('redis-server', kind);
    const hexis = await measure('hexis', kind);
    const cells = (theirs: number, ours: number) => [
      `${theirs.toFixed(0)} B`,
      `${ours.toFixed(0)} B`,
      `${(ours / theirs).toFixed(2)}x`,
    ];
    rows.push([
      `${kind.keys / 1000}k ${name}`,
      ...cells(redis.used, hexis.used),
      ...cells(redis.resident, hexis.resident),
      '≤ 1x',
    ]);
  }
  return table(rows);
}
