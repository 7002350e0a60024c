/**
 * A command under redis-benchmark, 50 connections at once, on a Hexis node and on redis-server. The two are measured in
 * turn, round after round, so that a machine whose speed drifts treats both alike; of the rates the median round counts.
 *
 * redis-benchmark is a single thread, and deep pipelines can keep it busier than the server. So there is also what a
 * command costs the server in CPU time, in its own code and in the system's, which nothing else on the machine shortens
 * (Linux only). The kernel counts it in hundredths of a second: of that the sum over all rounds counts.
 */
import { readFileSync } from 'node:fs';
import { type Engine, freePort, run, type Workshop } from './processes.js';

const ENGINES = ['redis-server', 'hexis'] as const;
const MICROSECONDS_PER_TICK = 10_000;
/** redis-benchmark's word for twelve random digits. */
export const RANDOM = '__rand_int__';

/** A server under test. */
export interface Subject {
  readonly port: number;
  readonly pid: number;
}

export type Subjects = Readonly<Record<Engine, Subject>>;

/** Requests to send: a command so many times, in pipelines of this depth. */
export interface Load {
  readonly command: readonly string[];
  readonly requests: number;
  readonly depth: number;
  /** Random numbers are below this; a million unless given. */
  readonly numbers?: number;
}

interface Measurement {
  readonly requestsPerSecond: number;
  /** CPU microseconds a command, in the server's own code and in the system's. */
  readonly user: number;
  readonly system: number;
}

/** What a row of a table says beside the names of things. */
export const COLUMNS = [...ENGINES, 'ratio', 'goal', 'CPU of redis-server', 'of hexis', 'ratio'];

/** Both servers, on free ports. */
export async function startSubjects(workshop: Workshop): Promise<Subjects> {
  const start = async (engine: Engine): Promise<Subject> => {
    const port = await freePort();
    const { pid = 0 } = await workshop.server(engine, port);
    return { port, pid };
  };
  return { 'redis-server': await start('redis-server'), hexis: await start('hexis') };
}

/** CPU time that the process has used so far, in microseconds; 0 where there is no /proc. */
function cpuTime(pid: number): { user: number; system: number } {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return { user: 0, system: 0 };
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // behind the name, which may have blanks
  const [user, system] = fields.slice(11, 13).map((ticks) => Number(ticks) * MICROSECONDS_PER_TICK);
  return { user, system };
}

/** Sends the requests, and says what that took. */
export async function send(
  { port, pid }: Subject,
  { command, requests, depth, numbers = 1_000_000 }: Load,
): Promise<Measurement> {
  const options = Object.entries({ p: port, n: requests, c: 50, P: depth, r: numbers });
  const words = options.flatMap(([name, value]) => [`-${name}`, `${value}`]);
  const before = cpuTime(pid);
  const { stdout } = await run('redis-benchmark', [...words, '--csv', ...command], { timeout: 120_000 });
  const after = cpuTime(pid);
  return {
    requestsPerSecond: Number(/","([0-9.]+)"/.exec(stdout.slice(stdout.indexOf('\n')))?.[1]),
    user: (after.user - before.user) / requests,
    system: (after.system - before.system) / requests,
  };
}

/**
 * Measures a load in so many rounds, and answers the cells of `COLUMNS`.
 * @param prepare is called before each measurement
 */
export async function compare(
  subjects: Subjects,
  load: Load,
  rounds: number,
  goal: number | undefined,
  prepare: (subject: Subject) => Promise<unknown> = async () => {},
): Promise<string[]> {
  const taken: Record<Engine, Measurement[]> = { 'redis-server': [], hexis: [] };
  for (let round = 0; round < rounds; round++) {
    for (const engine of ENGINES) {
      await prepare(subjects[engine]);
      taken[engine].push(await send(subjects[engine], load));
    }
  }
  const rate = (engine: Engine) => median(taken[engine].map((m) => m.requestsPerSecond));
  const mean = (engine: Engine, of: 'user' | 'system') =>
    taken[engine].reduce((sum, m) => sum + m[of], 0) / rounds;
  const cpu = (engine: Engine) => mean(engine, 'user') + mean(engine, 'system');
  const ratios = taken.hexis.map((m, i) => m.requestsPerSecond / taken['redis-server'][i].requestsPerSecond);
  return [
    ...ENGINES.map((engine) => `${(rate(engine) / 1000).toFixed(1)} k/s`),
    `${median(ratios).toFixed(2)}x`,
    goal === undefined ? '' : `${goal}x`,
    ...ENGINES.map(
      (engine) => `${mean(engine, 'user').toFixed(2)} + ${mean(engine, 'system').toFixed(2)} µs`,
    ),
    `${(cpu('redis-server') / cpu('hexis')).toFixed(2)}x`,
  ];
}

function median(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1];
}
