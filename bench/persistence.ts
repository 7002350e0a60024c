/**
 * Persistence beside redis-server: SET under each fsync policy, loading a million keys from an append-only file and from
 * a dump, and what a BGSAVE of a million keys takes: its time, the latency of writes meanwhile, memory.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '../src/client/connection.js';
import { commandOf, type Engine, freePort, listening, run, table, Workshop } from './processes.js';

const ENGINES = ['redis-server', 'hexis'] as const;
const POLICIES = ['always', 'everysec', 'no'];
const KEYS = 1_000_000;
const ROUNDS = 3;
const LOAD_LIMIT = 60_000;
/** Before anything is measured: the code for a command is compiled while it runs. */
const WARM_REQUESTS = 300_000;
const WARM_DEPTH = 16;

interface Measured {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p99: number;
}

/** SETs of 32-byte values by 50 connections. */
async function measureSet(port: number, requests: number, depth = 1): Promise<Measured> {
  const words = `-p ${port} -n ${requests} -c 50 -P ${depth} -t set -d 32 -r 100000 --csv`;
  const { stdout } = await run('redis-benchmark', words.split(' '), { timeout: 120_000 });
  const [, perSecond, , , , , p99] = stdout
    .split('\n')[1]
    .split(',')
    .map((cell) => Number(cell.replaceAll('"', '')));
  return { perSecond, p99 };
}

function median(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1];
}

const k = (n: number) => `${(n / 1000).toFixed(1)} k/s`;
const times = (ratio: number) => `${ratio.toFixed(2)}x`;

/** SET throughput, one fsync policy after the other, both engines in turn, two seconds or so each time. */
async function fsyncPolicies(workshop: Workshop): Promise<string> {
  const rows = [['SET, 50 connections', 'redis-server', 'hexis', 'ratio', 'goal']];
  for (const policy of POLICIES) {
    const ports = new Map<Engine, number>();
    let speed = Number.POSITIVE_INFINITY;
    for (const engine of ENGINES) {
      const port = await freePort();
      const folder = join(workshop.folder, `${policy}-${engine}`);
      mkdirSync(folder);
      const options = ['--save', '', '--appendonly', 'yes', '--appendfsync', policy];
      await workshop.server(engine, port, options, folder);
      ports.set(engine, port);
      await measureSet(port, WARM_REQUESTS, WARM_DEPTH);
      speed = Math.min(speed, (await measureSet(port, 3000)).perSecond);
    }
    const requests = Math.round(2 * Math.max(speed, 1000));
    const rounds: Record<Engine, number>[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const theirs = await measureSet(ports.get('redis-server')!, requests);
      const ours = await measureSet(ports.get('hexis')!, requests);
      rounds.push({ 'redis-server': theirs.perSecond, hexis: ours.perSecond });
    }
    const ratio = median(rounds.map((round) => round.hexis / round['redis-server']));
    rows.push([
      `appendfsync ${policy}`,
      k(median(rounds.map((round) => round['redis-server']))),
      k(median(rounds.map((round) => round.hexis))),
      times(ratio),
      '1.0x',
    ]);
  }
  return table(rows);
}

/** Has redis-server write a million keys as an append-only file of commands and as a dump; answers their folder. */
async function writeMillion(workshop: Workshop): Promise<string> {
  const port = await freePort();
  const folder = join(workshop.folder, 'million');
  mkdirSync(folder);
  const options =
    '--appendonly yes --aof-use-rdb-preamble no --auto-aof-rewrite-percentage 0 --enable-debug-command yes';
  await workshop.server('redis-server', port, options.split(' '), folder);
  const server = await Connection.open({ host: '127.0.0.1', port, commandTimeout: 120_000 });
  await server.call('DEBUG', 'POPULATE', String(KEYS), 'key', '32');
  await server.call('BGREWRITEAOF');
  await idle(server);
  await server.call('SAVE');
  await server.call('SHUTDOWN', 'NOSAVE').catch(() => {});
  server.close();
  return folder;
}

/** Waits until nothing is being saved or rewritten. */
async function idle(server: Connection): Promise<void> {
  while (/(rdb_bgsave|aof_rewrite)_in_progress:1/.test(String(await server.call('INFO', 'persistence')))) {
    await sleep(10);
  }
}

/** Seconds that the server's log says the loading took. */
async function loadingTime(
  workshop: Workshop,
  engine: Engine,
  folder: string,
  appendonly: string,
): Promise<number> {
  const port = await freePort();
  const log = join(folder, `${engine}.log`);
  rmSync(log, { force: true });
  const [command, args] = commandOf(engine, [
    '--port',
    `${port}`,
    '--appendonly',
    appendonly,
    '--logfile',
    log,
  ]);
  const child = workshop.spawn(command, args, folder);
  const deadline = performance.now() + LOAD_LIMIT;
  for (;;) {
    await sleep(50);
    const text = await listening(port).then(() => readFileSync(log, 'latin1'));
    const seconds = /DB loaded from (?:disk|append only file): ([\d.]+) seconds/.exec(text)?.[1];
    if (seconds !== undefined) {
      const ended = new Promise((fulfil) => child.once('exit', fulfil));
      child.kill('SIGKILL');
      await ended;
      return Number(seconds);
    }
    if (performance.now() > deadline)
      throw new Error(`${engine} hasn't loaded in ${LOAD_LIMIT} ms:\n${text}`);
  }
}

async function loading(workshop: Workshop, folder: string): Promise<string> {
  const rows = [['loading 1,000,000 keys', 'redis-server', 'hexis', 'ratio', 'goal']];
  for (const [name, appendonly] of [
    ['append-only file', 'yes'],
    ['dump', 'no'],
  ]) {
    const rounds: Record<Engine, number>[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const theirs = await loadingTime(workshop, 'redis-server', folder, appendonly);
      const ours = await loadingTime(workshop, 'hexis', folder, appendonly);
      rounds.push({ 'redis-server': theirs, hexis: ours });
    }
    const seconds = (engine: Engine) => `${median(rounds.map((round) => round[engine])).toFixed(2)} s`;
    const ratio = median(rounds.map((round) => round.hexis / round['redis-server']));
    rows.push([name, seconds('redis-server'), seconds('hexis'), times(ratio), 'at most 1.5x']);
  }
  return table(rows);
}

/** Resident memory of a process and its children, in bytes. */
function residentBytes(pid: number): number {
  const of = (id: number) => {
    try {
      return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'latin1'))?.[1] ?? 0) * 1024;
    } catch {
      return 0;
    }
  };
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
    .trim()
    .split(' ')
    .filter(Boolean);
  return of(pid) + children.reduce((sum, id) => sum + of(Number(id)), 0);
}

interface Snapshot {
  /** Milliseconds that a BGSAVE takes by itself, and while writes come. */
  readonly alone: number;
  readonly underLoad: number;
  /** p99 of SET without and during, milliseconds. */
  readonly before: number;
  readonly during: number;
  /** Memory over that before, bytes, at most. */
  readonly memory: number;
}

async function bgsave(server: Connection): Promise<number> {
  const began = performance.now();
  await server.call('BGSAVE');
  await idle(server);
  return performance.now() - began;
}

async function snapshotOf(workshop: Workshop, engine: Engine): Promise<Snapshot> {
  const port = await freePort();
  const folder = join(workshop.folder, `snapshot-${engine}`);
  mkdirSync(folder);
  const child = await workshop.server(engine, port, ['--save', '', '--enable-debug-command', 'yes'], folder);
  const server = await Connection.open({ host: '127.0.0.1', port, commandTimeout: 120_000 });
  await server.call('DEBUG', 'POPULATE', String(KEYS), 'key', '32');
  await measureSet(port, 100_000);
  const alone = await bgsave(server);
  const before = median(
    [await measureSet(port, 100_000), await measureSet(port, 100_000)].map(({ p99 }) => p99),
  );

  const memoryBefore = residentBytes(child.pid!);
  let memory = 0;
  let loaded = true;
  const load = measureSet(port, 200_000).finally(() => {
    loaded = false;
  });
  const saves: number[] = [];
  const watching = setInterval(() => {
    memory = Math.max(memory, residentBytes(child.pid!) - memoryBefore);
  }, 20);
  while (loaded) saves.push(await bgsave(server));
  clearInterval(watching);
  server.close();
  return { alone, underLoad: median(saves), before, during: (await load).p99, memory };
}

async function snapshots(workshop: Workshop): Promise<string> {
  const rows = [['BGSAVE of 1,000,000 keys', 'redis-server', 'hexis', 'goal']];
  const theirs = await snapshotOf(workshop, 'redis-server');
  const ours = await snapshotOf(workshop, 'hexis');
  const both = (name: string, show: (snapshot: Snapshot) => string, goal = '') =>
    rows.push([name, show(theirs), show(ours), goal]);
  const ms = (n: number) => `${n.toFixed(n < 10 ? 2 : 0)} ms`;
  both('alone', ({ alone }) => ms(alone));
  both('while 50 connections write', ({ underLoad }) => ms(underLoad));
  both('p99 of SET without it', ({ before }) => ms(before));
  both('p99 of SET meanwhile', ({ during }) => ms(during));
  both('ratio', ({ before, during }) => times(during / before), 'at most 2x');
  both('memory more than before', ({ memory }) => `${(memory / 2 ** 20).toFixed(0)} MB`);
  return table(rows);
}

/** @param parts `fsync`, `loading`, `snapshots`; all of them when none is named */
export async function benchmarkPersistence(parts: readonly string[]): Promise<string> {
  const wanted = (part: string) => parts.length === 0 || parts.includes(part);
  const workshop = new Workshop();
  const tables: string[] = [];
  try {
    if (wanted('fsync')) tables.push(await fsyncPolicies(workshop));
    if (wanted('loading')) tables.push(await loading(workshop, await writeMillion(workshop)));
    if (wanted('snapshots')) tables.push(await snapshots(workshop));
  } finally {
    await workshop.close();
  }
  return tables.join('\n\n');
}
