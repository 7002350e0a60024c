/**
 * SET and GET, a Hexis node beside redis-server (load.ts says how): 16-byte keys, 32-byte values, one command at a time,
 * 16 and 100 deep.
 *
 *     npm run bench -- server 16 100     # these depths only
 */
import { COLUMNS, compare, type Load, RANDOM, send, startSubjects } from './load.js';
import { table, Workshop } from './processes.js';

const ROUNDS = 5;
const DEPTHS = [1, 16, 100];
const GOALS: Readonly<Record<number, number>> = { 1: 0.9, 16: 1.3, 100: 1.7 };
const KEYS = 100_000;
const KEY = `key:${RANDOM}`;
const COMMANDS = [
  ['SET', KEY, 'x'.repeat(32)],
  ['GET', KEY],
];

function loadOf(command: readonly string[], depth: number): Load {
  return { command, depth, requests: depth === 1 ? 100_000 : depth * 20_000, numbers: KEYS };
}

/** Runs the comparison at these depths, all three unless given, and answers the table. */
export async function benchmarkServers(args: readonly string[] = []): Promise<string> {
  const depths = args.length > 0 ? args.map(Number) : DEPTHS;
  const workshop = new Workshop();
  const rows = [['server', 'depth', ...COLUMNS]];
  try {
    const subjects = await startSubjects(workshop);
    for (const subject of Object.values(subjects)) {
      for (const command of COMMANDS) await send(subject, loadOf(command, 16)); // warm
    }
    for (const depth of depths) {
      for (const command of COMMANDS) {
        const cells = await compare(subjects, loadOf(command, depth), ROUNDS, GOALS[depth]);
        rows.push([command[0], `${depth}`, ...cells]);
      }
    }
  } finally {
    await workshop.close();
  }
  return table(rows);
}
