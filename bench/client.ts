/**
 * The client beside ioredis (as it is, and with auto-pipelining) and node-redis on one cluster: GET and SET of
 * 100-byte values, with 1, 64 and 1000 commands in flight. All run in this process, one after another, against the
 * same nodes, each warmed up first.
 *
 *     node scripts/bench.mjs client localhost:7000
 */
import { performance } from 'node:perf_hooks';
import { Cluster } from 'ioredis';
import { createCluster as createNodeRedisCluster } from 'redis';
import { connect } from '../src/client/index.js';

/** What every client under test can do. */
interface Subject {
  readonly name: string;
  get(key: string): Promise<unknown>;
  set(key: string, value: string): Promise<unknown>;
  close(): Promise<unknown>;
}

export interface Measurement {
  readonly client: string;
  readonly command: 'GET' | 'SET';
  readonly inFlight: number;
  readonly opsPerSecond: number;
  readonly cpuMicrosecondsPerOp: number;
}

const VALUE = 'x'.repeat(100);
const KEYS = Array.from({ length: 10_000 }, (_, i) => `key:${i}`);
const IN_FLIGHT = [1, 64, 1000];
const OURS = 'hexis';

const subjects: readonly ((nodes: readonly string[]) => Promise<Subject>)[] = [
  async (nodes) => {
    const client = await connect(nodes);
    return {
      name: OURS,
      get: (key) => client.get(key),
      set: (key, value) => client.set(key, value),
      close: () => client.close(),
    };
  },
  (nodes) => ioredis('ioredis', nodes, false),
  (nodes) => ioredis('ioredis auto', nodes, true),
  async (nodes) => {
    const client = createNodeRedisCluster({ rootNodes: nodes.map((node) => ({ url: `redis://${node}` })) });
    await client.connect();
    return {
      name: 'node-redis',
      get: (key) => client.get(key),
      set: (key, value) => client.set(key, value),
      close: () => client.close(),
    };
  },
];

async function ioredis(name: string, nodes: readonly string[], auto: boolean): Promise<Subject> {
  const client = new Cluster(nodes.map(hostAndPort), { enableAutoPipelining: auto });
  return {
    name,
    get: (key) => client.get(key),
    set: (key, value) => client.set(key, value),
    close: () => client.quit(),
  };
}

/** Measures every client against the cluster with these nodes (`host:port`), each step for about `milliseconds`. */
export async function benchmarkClients(
  nodes: readonly string[],
  milliseconds = 1000,
): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const open of subjects) {
    const subject = await open(nodes);
    await run(subject, 'SET', 64, 500);
    await run(subject, 'GET', 64, 500);
    for (const inFlight of IN_FLIGHT) {
      for (const command of ['GET', 'SET'] as const) {
        measurements.push(await run(subject, command, inFlight, milliseconds));
      }
    }
    await subject.close();
  }
  return measurements;
}

async function run(
  subject: Subject,
  command: 'GET' | 'SET',
  inFlight: number,
  milliseconds: number,
): Promise<Measurement> {
  const operation =
    command === 'GET' ? (key: string) => subject.get(key) : (key: string) => subject.set(key, VALUE);
  let done = 0;
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  const worker = async () => {
    // The clock is read now and then only: reading it costs as much as a good part of a command.
    do {
      for (let i = 0; i < 32; i++) await operation(KEYS[(done++ * 7919) % KEYS.length]);
    } while (performance.now() - start < milliseconds);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const seconds = (performance.now() - start) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  return {
    client: subject.name,
    command,
    inFlight,
    opsPerSecond: Math.round(done / seconds),
    cpuMicrosecondsPerOp: (cpu.user + cpu.system) / done,
  };
}

/** A line for each command and number in flight, with our throughput as a multiple of each other client's. */
export function clientTable(measurements: readonly Measurement[]): string {
  const clients = [...new Set(measurements.map(({ client }) => client))];
  const header = ['command', 'in flight', ...clients.map((client) => `${client} ops/s, CPU µs`), 'ratios'];
  const rows = [header];
  for (const inFlight of IN_FLIGHT) {
    for (const command of ['GET', 'SET'] as const) {
      const row = measurements.filter((m) => m.inFlight === inFlight && m.command === command);
      const ours = row.find(({ client }) => client === OURS)?.opsPerSecond ?? 0;
      const ratios = row
        .filter(({ client }) => client !== OURS)
        .map((m) => (ours / m.opsPerSecond).toFixed(1));
      rows.push([
        command,
        String(inFlight),
        ...row.map((m) => `${(m.opsPerSecond / 1000).toFixed(1)} k, ${m.cpuMicrosecondsPerOp.toFixed(1)}`),
        ratios.map((ratio) => `${ratio}x`).join(' '),
      ]);
    }
  }
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i])).join('  ')).join('\n');
}

function hostAndPort(node: string): { host: string; port: number } {
  const colon = node.lastIndexOf(':');
  return { host: node.slice(0, colon), port: Number(node.slice(colon + 1)) };
}
