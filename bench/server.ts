/**
 * A Hexis node beside redis-server, under redis-benchmark: 50 connections, 16-byte keys, 32-byte values, one command
 * at a time, 16 and 100 deep. The two are measured in turn, round after round, so that a machine whose speed drifts
 * treats both alike; the median round counts.
 *
 * redis-benchmark is a single thread, and deep pipelines can keep it busier than the server. So the table also has what
 * a command costs the server in CPU time, in its own code and in the system's, which nothing else on the machine
 * shortens (Linux only).
 *
 *     npm run bench -- server 16 100     # these depths only
 */
import { readFileSync } from 'node:fs';
import { type Engine, freePort, run, table, Workshop } from './processes.js';

const DEPTHS = [1, 16, 100];
const ROUNDS = 5;
const ENGINES = ['redis-server', 'hexis'] as const;
const COMMANDS = ['SET', 'GET'] as const;
const GOALS: Readonly<Record<number, number>> = { 1: 0.9, 16: 1.3, 100: 1.7 };
/** What the kernel counts CPU time in: hundredths of a second, on every Linux there is. */
const MICROSECONDS_PER_TICK = 10_000;

/** A server under test. */
interface Subject {
  readonly port: number;
  readonly pid: number;
}

interface Measurement {
  readonly requestsPerSecond: number;
  /** CPU microseconds a command, in the server's own code and in the system's. */
  readonly user: number;
  readonly system: number;
}

type Round = Readonly<Record<Engine, Measurement>>;

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

async function measure({ port, pid }: Subject, command: string, depth: number): Promise<Measurement> {
  const requests = depth === 1 ? 100_000 : depth * 20_000;
  const options = { p: port, n: requests, c: 50, P: depth, t: command.toLowerCase(), d: 32, r: 100_000 };
  const words = Object.entries(options).flatMap(([name, value]) => [`-${name}`, `${value}`]);
  const before = cpuTime(pid);
  const { stdout } = await run('redis-benchmark', [...words, '--csv'], { timeout: 120_000 });
  const after = cpuTime(pid);
  return {
    requestsPerSecond: Number(new RegExp(`"${command}","([0-9.]+)"`).exec(stdout)?.[1]),
    user: (after.user - before.user) / requests,
    system: (after.system - before.system) / requests,
  };
}

function median(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1];
}

function rowOf(command: string, depth: number, rounds: readonly Round[]): string[] {
  const of = (value: (round: Round) => number) => median(rounds.map(value));
  const throughput = (engine: Engine) => `${(of((r) => r[engine].requestsPerSecond) / 1000).toFixed(1)} k/s`;
  const cpu = (engine: Engine) =>
    `${of((r) => r[engine].user).toFixed(2)} + ${of((r) => r[engine].system).toFixed(2)} µs`;
  const ratio = of((r) => r.hexis.requestsPerSecond / r['redis-server'].requestsPerSecond);
  const total = (m: Measurement) => m.user + m.system;
  const cpuRatio = of((r) => total(r['redis-server']) / total(r.hexis));
  return [
    command,
    `${depth}`,
    ...ENGINES.map(throughput),
    `${ratio.toFixed(2)}x`,
    depth in GOALS ? `${GOALS[depth]}x` : '',
    ...ENGINES.map(cpu),
    `${cpuRatio.toFixed(2)}x`,
  ];
}

/** Runs the comparison at these depths, all three unless given, and answers the table. */
export async function benchmarkServers(args: readonly string[] = []): Promise<string> {
  const depths = args.length > 0 ? args.map(Number) : DEPTHS;
  const workshop = new Workshop();
  const rows = [['server', 'depth', ...ENGINES, 'ratio', 'goal', 'CPU of redis-server', 'of hexis', 'ratio']];
  try {
    const subjects: Partial<Record<Engine, Subject>> = {};
    for (const engine of ENGINES) {
      const port = await freePort();
      const { pid = 0 } = await workshop.server(engine, port);
      const subject = { port, pid };
      subjects[engine] = subject;
      for (const command of COMMANDS) await measure(subject, command, 16); // warm
    }
    const { 'redis-server': redis, hexis } = subjects as Record<Engine, Subject>;
    for (const depth of depths) {
      for (const command of COMMANDS) {
        const rounds: Round[] = [];
        for (let round = 0; round < ROUNDS; round++) {
          rounds.push({
            'redis-server': await measure(redis, command, depth),
            hexis: await measure(hexis, command, depth),
          });
        }
        rows.push(rowOf(command, depth, rounds));
      }
    }
  } finally {
    await workshop.close();
  }
  return table(rows);
}
