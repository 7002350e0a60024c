/**
 * The client beside others on one cluster, in this process. Each figure is the sum of several short rounds in which the
 * clients take turns, so that whatever else the machine does meets them all alike. Without words, what fits into two
 * minutes; words choose:
 *
 *     npm run bench -- client                                  # GET and SET, 100 bytes, on redis-server
 *     npm run bench -- client engine=hexis clients=hexis,ioredis commands=get,mget sizes=16,10240 inFlight=64
 *     npm run bench -- client commands=get inFlight=1 rounds=20 milliseconds=200
 *     npm run bench -- client clients=hexis memory=10000000    # what is left in memory after so many commands
 *     npm run bench -- client localhost:7000                   # on a cluster that is there already
 *
 * valkey-glide takes part where it can be found: NODE_PATH=/somewhere/node_modules.
 */
import { performance } from 'node:perf_hooks';
import { OURS, type Subject, subjects } from './client-subjects.js';
import { table } from './processes.js';

const KEYS = Array.from({ length: 10_000 }, (_, i) => `key:${i}`);
const MGET_KEYS = 10;
const PIPELINE = 100;
const WARM_UP_MILLISECONDS = 300;
/** One command in so many is timed: a look at the clock costs a part of what a command does. */
const TIMED = 16;

/** Something to do over and over. */
interface Operation {
  /** How many commands it is. */
  readonly commands: number;
  readonly inFlight: string;
  readonly make: (subject: Subject, value: string) => (n: number) => Promise<unknown>;
}

const operations: Readonly<Record<string, Operation>> = {
  get: { commands: 1, inFlight: '1,64,1000', make: (subject) => (n) => subject.get(keyOf(n)) },
  set: { commands: 1, inFlight: '1,64,1000', make: (subject, value) => (n) => subject.set(keyOf(n), value) },
  mget: { commands: 1, inFlight: '1,64,1000', make: (subject) => (n) => subject.mget(keysOf(n, MGET_KEYS)) },
  pipeline: {
    commands: PIPELINE,
    inFlight: '1,10',
    make: (subject) => (n) => Promise.all(keysOf(n, PIPELINE).map((key) => subject.get(key))),
  },
};

const keyOf = (n: number): string => KEYS[(n * 7919) % KEYS.length];
const keysOf = (n: number, count: number): string[] => Array.from({ length: count }, (_, i) => keyOf(n + i));

/** The words after `client`, `name=a,b`. */
function choices(words: readonly string[], name: string, otherwise: string): string[] {
  const word = words.find((other) => other.startsWith(`${name}=`));
  return (word?.slice(name.length + 1) ?? otherwise).split(',');
}

/** Measures on the cluster with these nodes (`host:port`) what the words choose, and gives a table. */
export async function benchmarkClients(nodes: readonly string[], words: readonly string[]): Promise<string> {
  const names = choices(words, 'clients', Object.keys(subjects).join(','));
  const commands = Number(choices(words, 'memory', '0')[0]);
  const taking = new Map<string, Subject>();
  for (const name of names) {
    try {
      taking.set(name, await subjects[name](nodes));
    } catch (reason) {
      console.log(`${name} takes no part: ${String(reason).split('\n')[0]}`);
    }
  }
  const rows = commands > 0 ? await memoryRows(taking, commands) : await summaryRows(taking, words);
  for (const subject of taking.values()) await subject.close();
  return table(rows);
}

/**
 * Prints a table for each measurement as it is done, a line for each client. Answers a line for each measurement: our own
 * figures, and how many times as fast as the others that is.
 */
async function summaryRows(
  taking: ReadonlyMap<string, Subject>,
  words: readonly string[],
): Promise<string[][]> {
  const rounds = Number(choices(words, 'rounds', '4')[0]);
  const milliseconds = Number(choices(words, 'milliseconds', '400')[0]);
  const others = [...taking.keys()].filter((name) => name !== OURS);
  const summary = [['', `${OURS}/s`, 'CPU µs each', ...others.map((name) => `: ${name}`)]];
  for (const size of choices(words, 'sizes', '100')) {
    const value = 'x'.repeat(Number(size));
    for (const command of choices(words, 'commands', 'get,set')) {
      for (const inFlight of choices(words, 'inFlight', operations[command].inFlight)) {
        const turn = { rounds, inFlight: Number(inFlight), milliseconds };
        const tallies = await takeTurns(taking, operations[command], value, turn);
        const what = `${command} ${size} B, ${inFlight} in flight`;
        const lines = [...tallies].map(([name, tally]) => [name, ...tally.figures]);
        console.log(`${table([[what, 'commands/s', 'CPU µs each', 'p50 ms', 'p99 ms'], ...lines])}\n`);
        const ours = tallies.get(OURS);
        const [rate = '', cpu = ''] = ours?.figures ?? [];
        summary.push([what, rate, cpu, ...others.map((name) => timesFaster(ours, tallies.get(name)!))]);
      }
    }
  }
  return summary;
}

interface Turn {
  readonly inFlight: number;
  readonly milliseconds: number;
}

/** Every client does the operation in every round, the first of a round being the last of the next. */
async function takeTurns(
  taking: ReadonlyMap<string, Subject>,
  { make, commands }: Operation,
  value: string,
  { rounds, ...turn }: Turn & { rounds: number },
): Promise<Map<string, Tally>> {
  const contenders = [...taking].map(([name, subject]) => {
    return { name, operation: make(subject, value), tally: new Tally(commands) };
  });
  const [anyone] = taking.values();
  for (let start = 0; start < KEYS.length; start += 500) {
    await Promise.all(KEYS.slice(start, start + 500).map((key) => anyone.set(key, value)));
  }
  for (const { operation } of contenders) {
    await run(operation, { ...turn, milliseconds: WARM_UP_MILLISECONDS }, new Tally(commands));
  }
  for (let round = 0; round < rounds; round++) {
    const first = round % contenders.length;
    for (const { operation, tally } of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      if (tally.failure === undefined) await run(operation, turn, tally);
    }
  }
  return new Map(contenders.map(({ name, tally }) => [name, tally]));
}

/** What the rounds of one client have come to. */
class Tally {
  done = 0;
  seconds = 0;
  cpuMicroseconds = 0;
  readonly latencies: number[] = [];
  /** What a command rejected with; the client takes no part any more. */
  failure: unknown;

  constructor(private readonly commands: number) {}

  /** Commands a second. */
  get rate(): number {
    return (this.done * this.commands) / this.seconds;
  }

  get figures(): string[] {
    if (this.failure !== undefined) return [`failed: ${this.failure}`.split('\n')[0], '', '', ''];
    const sorted = this.latencies.sort((a, b) => a - b);
    const quantile = (part: number) => (sorted[Math.floor(sorted.length * part)] ?? Number.NaN).toFixed(2);
    const cpu = this.cpuMicroseconds / this.done / this.commands;
    return [this.rate.toFixed(0), cpu.toFixed(1), quantile(0.5), quantile(0.99)];
  }
}

function timesFaster(ours: Tally | undefined, other: Tally): string {
  const comparable = ours !== undefined && ours.failure === undefined && other.failure === undefined;
  return comparable ? `${(ours.rate / other.rate).toFixed(1)}x` : '';
}

async function run(
  operation: (n: number) => Promise<unknown>,
  { inFlight, milliseconds }: Turn,
  tally: Tally,
): Promise<void> {
  // Nobody clears away what others have left. Collecting everything would also throw compiled code away, with which every
  // round would begin anew.
  globalThis.gc?.({ type: 'minor' });
  let done = 0;
  let running = true;
  const work = async () => {
    while (running) {
      const n = done++;
      if (n % TIMED > 0) {
        await operation(n);
      } else {
        const begun = performance.now();
        await operation(n);
        tally.latencies.push(performance.now() - begun);
      }
    }
  };
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  setTimeout(() => {
    running = false;
  }, milliseconds);
  const worker = () =>
    work().catch((reason) => {
      running = false;
      tally.failure ??= reason;
    });
  await Promise.all(Array.from({ length: inFlight }, worker));
  const { user, system } = process.cpuUsage(cpuBefore);
  tally.seconds += (performance.now() - start) / 1000;
  tally.cpuMicroseconds += user + system;
  tally.done += done;
}

async function memoryRows(taking: ReadonlyMap<string, Subject>, commands: number): Promise<string[][]> {
  const rows = [['client', 'commands', 'heap MB before', 'after', 'RSS MB before', 'after']];
  for (const [name, subject] of taking) {
    rows.push([name, String(commands), ...(await memoryAfter(subject, commands))]);
  }
  return rows;
}

/** Megabytes of heap and of the whole process after a tenth of so many GETs and SETs, 64 in flight, and after all. */
async function memoryAfter(subject: Subject, commands: number): Promise<string[]> {
  const value = 'x'.repeat(100);
  let done = 0;
  const until = async (limit: number) => {
    const worker = async () => {
      while (done < limit) {
        const key = keyOf(done++);
        await (done % 2 === 0 ? subject.get(key) : subject.set(key, value));
      }
    };
    await Promise.all(Array.from({ length: 64 }, worker));
    globalThis.gc?.();
    return process.memoryUsage();
  };
  const before = await until(commands / 10);
  const after = await until(commands);
  const megabytes = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);
  return [before.heapUsed, after.heapUsed, before.rss, after.rss].map(megabytes);
}
