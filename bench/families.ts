/**
 * One row for each family of commands: a Hexis node beside redis-server, under redis-benchmark with 50 connections and
 * 32-byte values, one command at a time and 16 deep. The two are measured in turn, round after round; the median counts.
 */
import { type Engine, freePort, run, table, Workshop } from './processes.js';

const ROUNDS = 3;
const REQUESTS: Readonly<Record<number, number>> = { 1: 30_000, 16: 150_000 };
const GOALS: Readonly<Record<number, number>> = { 1: 1, 16: 1.3 };

const VALUE = 'x'.repeat(32);
/** redis-benchmark's word for twelve random digits. */
const RANDOM = '__rand_int__';

interface Family {
  /** The command that is measured. */
  readonly command: readonly string[];
  /** Is run before, with any data of former rounds gone: so many times, or once for each request. */
  readonly filler?: { readonly command: readonly string[]; readonly times?: number };
  /** For commands with long replies: fewer requests. */
  readonly share?: number;
}

const push = ['LPUSH', 'list', VALUE];
const add = ['XADD', 'stream', '*', 'field', VALUE];
const script = "return redis.call('incr', KEYS[1])";

function listRange(count: number): Family {
  const command = ['LRANGE', 'list', '0', `${count - 1}`];
  return { command, filler: { command: push, times: 1000 }, share: 30 / count };
}

export const FAMILIES: Readonly<Record<string, Family>> = {
  LPUSH: { command: push },
  LPOP: { command: ['LPOP', 'list'], filler: { command: push } },
  SADD: { command: ['SADD', 'set', RANDOM] },
  SPOP: { command: ['SPOP', 'set'], filler: { command: ['SADD', 'set', RANDOM] } },
  HSET: { command: ['HSET', 'hash', RANDOM, VALUE] },
  ZADD: { command: ['ZADD', 'zset', RANDOM, RANDOM] },
  ZPOPMIN: { command: ['ZPOPMIN', 'zset'], filler: { command: ['ZADD', 'zset', RANDOM, RANDOM] } },
  XADD: { command: add },
  XRANGE_10: {
    command: ['XRANGE', 'stream', '-', '+', 'COUNT', '10'],
    filler: { command: add, times: 10_000 },
  },
  XREAD_10: {
    command: ['XREAD', 'COUNT', '10', 'STREAMS', 'stream', '0'],
    filler: { command: add, times: 10_000 },
  },
  LRANGE_100: listRange(100),
  LRANGE_300: listRange(300),
  LRANGE_600: listRange(600),
  'MSET (10)': {
    command: ['MSET', ...Array.from({ length: 10 }, () => [`key:${RANDOM}`, VALUE]).flat()],
    share: 0.3,
  },
  INCR: { command: ['INCR', `counter:${RANDOM}`] },
  EVAL: { command: ['EVAL', script, '1', `counter:${RANDOM}`], share: 0.5 },
};

/** Runs a command so many times; answers how often a second. */
async function repeat(
  port: number,
  command: readonly string[],
  times: number,
  depth: number,
): Promise<number> {
  const options = ['-p', `${port}`, '-n', `${times}`, '-c', '50', '-P', `${depth}`, '-r', '1000000', '--csv'];
  const { stdout } = await run('redis-benchmark', [...options, ...command], { timeout: 120_000 });
  return Number(/","([0-9.]+)"/.exec(stdout.slice(stdout.indexOf('\n')))?.[1]);
}

async function measure(port: number, { command, filler, share = 1 }: Family, depth: number): Promise<number> {
  const requests = Math.ceil(REQUESTS[depth] * share);
  await repeat(port, ['FLUSHALL'], 1, 1);
  if (filler !== undefined) await repeat(port, filler.command, filler.times ?? requests, 100);
  return repeat(port, command, requests, depth);
}

function median(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1];
}

/** Runs the comparison, of all families or those named, and answers the table. */
export async function benchmarkFamilies(names: readonly string[]): Promise<string> {
  const workshop = new Workshop();
  const rows = [['family', 'depth', 'redis-server', 'hexis', 'ratio', 'goal']];
  const chosen = names.length > 0 ? names : Object.keys(FAMILIES);
  try {
    const ports = new Map<Engine, number>();
    for (const engine of ['redis-server', 'hexis'] as const) {
      ports.set(engine, await freePort());
      await workshop.server(engine, ports.get(engine)!);
    }
    for (const name of chosen) {
      const family = FAMILIES[name];
      if (family === undefined) throw new Error(`no family '${name}'`);
      await measure(ports.get('hexis')!, family, 16); // warm
      for (const depth of [1, 16]) {
        const rounds: { redis: number; hexis: number }[] = [];
        for (let round = 0; round < ROUNDS; round++) {
          const redis = await measure(ports.get('redis-server')!, family, depth);
          rounds.push({ redis, hexis: await measure(ports.get('hexis')!, family, depth) });
        }
        const ratio = median(rounds.map(({ redis, hexis }) => hexis / redis));
        const k = (n: number) => `${(n / 1000).toFixed(1)} k/s`;
        const theirs = k(median(rounds.map(({ redis }) => redis)));
        const ours = k(median(rounds.map(({ hexis }) => hexis)));
        rows.push([name, `${depth}`, theirs, ours, `${ratio.toFixed(2)}x`, `${GOALS[depth]}x`]);
      }
    }
  } finally {
    await workshop.close();
  }
  return table(rows);
}
