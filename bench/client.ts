/**
 * The client beside others on one cluster. All run in this process, one after another, against the same nodes, each warmed
 * up first. Without words, everything that fits into a minute; words choose:
 *
 *     npm run bench -- client                                  # GET and SET, 100 bytes, on redis-server
 *     npm run bench -- client engine=hexis clients=hexis,ioredis commands=get,mget sizes=16,10240 inFlight=64
 *     npm run bench -- client memory=10000000                  # what is left in memory after so many commands
 *     npm run bench -- client localhost:7000                   # on a cluster that is there already
 *
 * valkey-glide takes part where it can be found: NODE_PATH=/somewhere/node_modules.
 */
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { Cluster } from 'ioredis';
import { Cluster as ValkeyCluster } from 'iovalkey';
import { createCluster as createNodeRedisCluster } from 'redis';
import { connect } from '../src/client/index.js';
import { table } from './processes.js';

/** What every client under test can do. */
interface Subject {
  get(key: string): Promise<unknown>;
  set(key: string, value: string): Promise<unknown>;
  /** Keys of any slots; one by one where the client has no such command. */
  mget(keys: string[]): Promise<unknown>;
  close(): unknown;
}

export interface Measurement {
  readonly opsPerSecond: number;
  readonly cpuMicrosecondsPerOp: number;
  readonly p50: number;
  readonly p99: number;
}

type Open = (nodes: readonly string[]) => Promise<Subject>;

const KEYS = Array.from({ length: 10_000 }, (_, i) => `key:${i}`);
const OURS = 'hexis';

const subjects: Readonly<Record<string, Open>> = {
  [OURS]: async (nodes) => {
    const client = await connect(nodes);
    return {
      get: (key) => client.get(key),
      set: (key, value) => client.set(key, value),
      mget: (keys) => client.mGet(keys),
      close: () => client.close(),
    };
  },
  ioredis: async (nodes) => ioredis(new Cluster(nodes.map(hostAndPort))),
  'ioredis-auto': async (nodes) =>
    ioredis(new Cluster(nodes.map(hostAndPort), { enableAutoPipelining: true })),
  iovalkey: async (nodes) => ioredis(new ValkeyCluster(nodes.map(hostAndPort))),
  'node-redis': (nodes) => nodeRedis(nodes),
  'node-redis-0': (nodes) => nodeRedis(nodes, 0),
  glide,
};

function ioredis(client: Pick<Cluster, 'get' | 'set' | 'quit'> | ValkeyCluster): Subject {
  const { get, set } = client as Cluster;
  return {
    get: (key) => get.call(client, key),
    set: (key, value) => set.call(client, key, value),
    mget: (keys) => Promise.all(keys.map((key) => get.call(client, key))),
    close: () => client.quit(),
  };
}

/** @param commandTimeout its own limit if absent, none if 0 */
async function nodeRedis(nodes: readonly string[], commandTimeout?: number): Promise<Subject> {
  const defaults = commandTimeout === undefined ? {} : { commandOptions: { timeout: commandTimeout } };
  const client = createNodeRedisCluster({
    rootNodes: nodes.map((node) => ({ url: `redis://${node}` })),
    ...defaults,
  });
  await client.connect();
  return {
    get: (key) => client.get(key),
    set: (key, value) => client.set(key, value),
    mget: (keys) => Promise.all(keys.map((key) => client.get(key))),
    close: () => client.close(),
  };
}

async function glide(nodes: readonly string[]): Promise<Subject> {
  const { GlideClusterClient } = createRequire(import.meta.url)('@valkey/valkey-glide');
  const client = await GlideClusterClient.createClient({
    addresses: nodes.map(hostAndPort),
    requestTimeout: 5000,
  });
  return {
    get: (key) => client.get(key),
    set: (key, value) => client.set(key, value),
    mget: (keys) => client.mget(keys),
    close: () => client.close(),
  };
}

/** What is done once, and how many commands that is. */
const operations: Readonly<
  Record<string, (subject: Subject, value: string) => (n: number) => Promise<unknown>>
> = {
  get: (subject) => (n) => subject.get(keyOf(n)),
  set: (subject, value) => (n) => subject.set(keyOf(n), value),
  mget: (subject) => (n) => subject.mget(Array.from({ length: 10 }, (_, i) => keyOf(n + i))),
  pipeline: (subject) => (n) => Promise.all(Array.from({ length: 100 }, (_, i) => subject.get(keyOf(n + i)))),
};

const keyOf = (n: number): string => KEYS[(n * 7919) % KEYS.length];

/** The words after `client`, `name=a,b`. */
function choices(words: readonly string[], name: string, otherwise: string): string[] {
  const word = words.find((other) => other.startsWith(`${name}=`));
  return (word?.slice(name.length + 1) ?? otherwise).split(',');
}

/** Measures on the cluster with these nodes (`host:port`) what the words choose, and gives a table. */
export async function benchmarkClients(nodes: readonly string[], words: readonly string[]): Promise<string> {
  const names = choices(words, 'clients', Object.keys(subjects).join(',')).filter((name) => name in subjects);
  const memory = Number(choices(words, 'memory', '0')[0]);
  const columns = new Map<string, Map<string, Measurement>>();
  const left: string[][] = [['client', 'commands', 'heap MB before', 'after', 'RSS MB before', 'after']];
  for (const name of names) {
    const subject = await subjects[name](nodes).catch((reason: Error) => {
      console.log(`${name} takes no part: ${reason.message.split('\n')[0]}`);
      return undefined;
    });
    if (subject === undefined) continue;
    if (memory > 0) left.push([name, String(memory), ...(await memoryAfter(subject, memory))]);
    else columns.set(name, await measureAll(subject, words));
    await subject.close();
  }
  return memory > 0 ? table(left) : measurementTable(columns);
}

async function measureAll(subject: Subject, words: readonly string[]): Promise<Map<string, Measurement>> {
  const milliseconds = Number(choices(words, 'milliseconds', '1000')[0]);
  const measured = new Map<string, Measurement>();
  for (const size of choices(words, 'sizes', '100')) {
    const value = 'x'.repeat(Number(size));
    for (let start = 0; start < KEYS.length; start += 500) {
      await Promise.all(KEYS.slice(start, start + 500).map((key) => subject.set(key, value)));
    }
    for (const command of choices(words, 'commands', 'get,set')) {
      const operation = operations[command](subject, value);
      await run(operation, 64, milliseconds / 3);
      for (const inFlight of choices(words, 'inFlight', '1,64,1000')) {
        measured.set(
          `${command} ${size} B, ${inFlight} in flight`,
          await run(operation, Number(inFlight), milliseconds),
        );
      }
    }
  }
  return measured;
}

async function run(
  operation: (n: number) => Promise<unknown>,
  inFlight: number,
  milliseconds: number,
): Promise<Measurement> {
  let done = 0;
  const latencies: number[] = [];
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  const worker = async () => {
    // The clock is read now and then only: reading it costs as much as a good part of a command.
    for (let now = start; now - start < milliseconds; ) {
      const begun = performance.now();
      await operation(done++);
      now = performance.now();
      latencies.push(now - begun);
      for (let i = 0; i < 15; i++) await operation(done++);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const seconds = (performance.now() - start) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  latencies.sort((a, b) => a - b);
  return {
    opsPerSecond: Math.round(done / seconds),
    cpuMicrosecondsPerOp: (cpu.user + cpu.system) / done,
    p50: latencies[Math.floor(latencies.length * 0.5)],
    p99: latencies[Math.floor(latencies.length * 0.99)],
  };
}

/** Megabytes of heap and of the whole process before and after so many GETs and SETs, 64 in flight. */
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

/** A line for each measurement and client, with our throughput as a multiple of the other's. */
function measurementTable(columns: ReadonlyMap<string, ReadonlyMap<string, Measurement>>): string {
  const rows = [['', 'client', 'ops/s', 'CPU µs/op', 'p50 ms', 'p99 ms', 'hexis is faster by']];
  const [first] = columns.values();
  for (const what of first?.keys() ?? []) {
    const ours = columns.get(OURS)?.get(what)?.opsPerSecond;
    for (const [client, measured] of columns) {
      const { opsPerSecond, cpuMicrosecondsPerOp, p50, p99 } = measured.get(what)!;
      const ratio = ours === undefined || client === OURS ? '' : `${(ours / opsPerSecond).toFixed(1)}x`;
      const figures = [cpuMicrosecondsPerOp.toFixed(1), p50.toFixed(2), p99.toFixed(2)];
      rows.push([what, client, String(opsPerSecond), ...figures, ratio]);
    }
  }
  return table(rows);
}

function hostAndPort(node: string): { host: string; port: number } {
  const colon = node.lastIndexOf(':');
  return { host: node.slice(0, colon), port: Number(node.slice(colon + 1)) };
}
