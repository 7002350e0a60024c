/**
 * A Hexis node beside redis-server, under redis-benchmark: 50 connections, 16-byte keys, 32-byte values, one command
 * at a time, 16 and 100 deep. The two are measured in turn, round after round, so that a machine whose speed drifts
 * treats both alike; the median round counts.
 */
import { type Engine, freePort, run, table, Workshop } from './processes.js';

const DEPTHS = [1, 16, 100];
const ROUNDS = 5;
const COMMANDS = ['SET', 'GET'] as const;
const GOALS: Readonly<Record<number, number>> = { 1: 0.9, 16: 1.3, 100: 1.7 };

/** Requests per second by command. */
type Throughput = Record<(typeof COMMANDS)[number], number>;

async function measure(port: number, depth: number): Promise<Throughput> {
  const requests = depth === 1 ? 100_000 : 1_000_000;
  const { stdout } = await run(
    'redis-benchmark',
    [
      '-p',
      `${port}`,
      '-n',
      `${requests}`,
      '-c',
      '50',
      '-P',
      `${depth}`,
      '-t',
      'set,get',
      '-d',
      '32',
      '-r',
      '100000',
      '--csv',
    ],
    { timeout: 120_000 },
  );
  const of = (name: string) => Number(new RegExp(`"${name}","([0-9.]+)"`).exec(stdout)?.[1]);
  return { SET: of('SET'), GET: of('GET') };
}

function median(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1];
}

/** Runs the comparison and answers the table. */
export async function benchmarkServers(): Promise<string> {
  const workshop = new Workshop();
  const rows = [['server', 'depth', 'redis-server', 'hexis', 'ratio', 'goal']];
  try {
    const ports = new Map<Engine, number>();
    for (const engine of ['redis-server', 'hexis'] as const) {
      const port = await freePort();
      await workshop.server(engine, port);
      ports.set(engine, port);
      await measure(port, 16); // warm
    }
    for (const depth of DEPTHS) {
      const rounds: Record<Engine, Throughput>[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const redis = await measure(ports.get('redis-server')!, depth);
        const hexis = await measure(ports.get('hexis')!, depth);
        rounds.push({ 'redis-server': redis, hexis });
      }
      for (const command of COMMANDS) {
        const ours = median(rounds.map((round) => round.hexis[command]));
        const theirs = median(rounds.map((round) => round['redis-server'][command]));
        const ratio = median(rounds.map((round) => round.hexis[command] / round['redis-server'][command]));
        const k = (n: number) => `${(n / 1000).toFixed(1)} k/s`;
        rows.push([command, `${depth}`, k(theirs), k(ours), `${ratio.toFixed(2)}x`, `${GOALS[depth]}x`]);
      }
    }
  } finally {
    await workshop.close();
  }
  return table(rows);
}
