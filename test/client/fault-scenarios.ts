/**
 * What goes wrong with clusters, done to real servers while counters are incremented. Used by `faults.test.ts` and, with a
 * million increments each, by `npm run faults`.
 */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Client, type ClientOptions, connect } from '../../src/client/index.js';
import { slotOf } from '../../src/client/keys.js';
import { SLOT_COUNT } from '../../src/protocol/key-slot.js';
import { Load, type LoadReport } from './load.js';
import { HEXIS, type RedisCluster } from './redis-cluster.js';
import { Relay } from './relay.js';

const MASTERS = 3;
const SHARD = Math.ceil(SLOT_COUNT / MASTERS);
const MOVED_SLOTS = 1000;
/** Milliseconds over which a rate says something. */
const SHORTEST = 1000;
/** Milliseconds that a load may take. */
const LONGEST = 300_000;

/** A place to go wrong: a cluster whose first three nodes are masters when the load starts. */
export interface Scene {
  readonly cluster: RedisCluster;
  /** The first of many ports that are free besides those of the cluster. */
  readonly sparePort: number;
}

interface Prepared {
  readonly addresses: readonly string[];
  readonly options?: ClientOptions;
  /** Does it, and resolves when it is over. */
  readonly happen: () => Promise<void>;
  readonly cleanUp?: () => Promise<void>;
}

export interface Scenario {
  readonly name: string;
  /** The shards that it concerns; absent: all. */
  readonly shards?: readonly number[];
  /** Whether acknowledged writes may be lost, since replication is asynchronous. */
  readonly mayLose?: boolean;
  readonly prepare: (scene: Scene) => Promise<Prepared>;
}

const addressesOf = (cluster: RedisCluster) => cluster.nodes.map(({ port }) => `127.0.0.1:${port}`);

/** The ports of the masters, in the order of their slots. */
async function mastersOf(cluster: RedisCluster): Promise<number[]> {
  const asked = cluster.nodes[0].port;
  const places = Array.from({ length: MASTERS }, (_, i) => i * SHARD + MOVED_SLOTS);
  return Promise.all(places.map((slot) => cluster.masterOf(slot, asked)));
}

async function takenOver(cluster: RedisCluster, shard: number, from: number): Promise<void> {
  const asked = cluster.nodes.find(({ port }) => port !== from)!.port;
  await cluster.until('the replica has taken over', async () => {
    return (await cluster.masterOf(shard * SHARD + MOVED_SLOTS, asked)) !== from;
  });
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'kill -9 of a master',
    shards: [1],
    mayLose: true,
    async prepare({ cluster }) {
      const victim = (await mastersOf(cluster))[1];
      return {
        addresses: addressesOf(cluster),
        async happen() {
          await cluster.kill(victim);
          await takenOver(cluster, 1, victim);
        },
        async cleanUp() {
          cluster.launch(victim);
          await cluster.settled();
        },
      };
    },
  },
  {
    name: 'manual failover',
    shards: [1],
    async prepare({ cluster }) {
      const master = (await mastersOf(cluster))[1];
      return {
        addresses: addressesOf(cluster),
        async happen() {
          await cluster.ask(await cluster.replicaOf(master), 'CLUSTER', 'FAILOVER');
          await takenOver(cluster, 1, master);
        },
        cleanUp: () => cluster.settled(),
      };
    },
  },
  {
    name: 'reshard of 1,000 busy slots',
    shards: [0, 1],
    async prepare({ cluster }) {
      const [from, to] = await mastersOf(cluster);
      // In a process of its own, as it would be.
      const move = async (source: number, target: number) => {
        const id = async (port: number) => String(await cluster.ask(port, 'CLUSTER', 'MYID'));
        const ends = ['--from', await id(source), '--to', await id(target), '--slots', String(MOVED_SLOTS)];
        const words = [HEXIS, 'cluster', 'reshard', ...ends, '--yes', `127.0.0.1:${source}`];
        await promisify(execFile)(process.execPath, words);
      };
      return {
        addresses: addressesOf(cluster),
        happen: () => move(from, to),
        async cleanUp() {
          await move(to, from);
          await cluster.settled();
        },
      };
    },
  },
  {
    name: 'half-open connection',
    shards: [1],
    async prepare({ cluster, sparePort }) {
      const master = (await mastersOf(cluster))[1];
      const relay = new Relay(master);
      await relay.listen(sparePort);
      return {
        addresses: addressesOf(cluster),
        options: { commandTimeout: 1000, addressMap: { [`127.0.0.1:${master}`]: `127.0.0.1:${sparePort}` } },
        async happen() {
          relay.freeze();
          await sleep(1500);
        },
        cleanUp: () => relay.close(),
      };
    },
  },
  {
    name: 'a node that answers slowly',
    shards: [1],
    async prepare({ cluster }) {
      const master = (await mastersOf(cluster))[1];
      const { process: slow } = cluster.nodes.find(({ port }) => port === master)!;
      return {
        addresses: addressesOf(cluster),
        async happen() {
          for (let i = 0; i < 20; i++) {
            slow.kill('SIGSTOP');
            await sleep(80);
            slow.kill('SIGCONT');
            await sleep(20);
          }
        },
      };
    },
  },
  {
    name: 'all nodes restarted on new ports',
    async prepare({ cluster, sparePort }) {
      const ports = cluster.nodes.map(({ port }) => port);
      const moved = ports.map((_, i) => sparePort + i);
      return {
        // As behind a name that is looked up: what was given at first leads to the new places.
        addresses: [...addressesOf(cluster), ...moved.map((port) => `127.0.0.1:${port}`)],
        happen: () => cluster.moveTo(moved),
      };
    },
  },
];

interface LoadSize {
  readonly total: number;
  readonly counters: number;
  readonly workers: number;
  readonly rate?: number;
}

export interface Outcome extends LoadReport {
  readonly twice: number;
  readonly lost: number;
  /** Rate of the other shards while it happened, as a part of the rate before. */
  readonly others: number | undefined;
  /** Milliseconds that a command may take. */
  readonly limit: number;
  /** Bytes of heap more than before, after a garbage collection where that can be asked for. */
  readonly heapGrowth: number;
  readonly seconds: number;
}

/**
 * Plays a scenario: increments before, while and after it happens, `total` in all, over so many counters; of each shard
 * `rate` a second at most. Where nothing limits them the machine does, and everything slows everything else down.
 */
export async function play(
  scenario: Scenario,
  scene: Scene,
  { total, counters, workers, rate: limitedTo }: LoadSize,
): Promise<Outcome> {
  const { cluster } = scene;
  const prepared = await scenario.prepare(scene);
  const limit = prepared.options?.commandTimeout ?? 15_000;
  const client = await connect(prepared.addresses, { commandTimeout: limit, ...prepared.options });
  const groups = countersByShard(counters);
  await resetAll(client, groups.flat());
  const heapBefore = heap();
  const begun = performance.now();
  const load = new Load(client, groups, workers / MASTERS, total, limitedTo);
  const rate = async (over: Promise<unknown>) => {
    const before = [...load.done];
    const start = performance.now();
    await over;
    const milliseconds = performance.now() - start;
    const others = load.done.map((n, i) => (scenario.shards?.includes(i) ? 0 : n - before[i]));
    return others.reduce((sum, n) => sum + n, 0) / milliseconds;
  };
  await cluster.until('the load runs', async () => load.progress > total / 50);
  const calm = await rate(cluster.until('the load runs', async () => load.progress > total / 5, LONGEST));
  const happening = prepared.happen();
  const ending = cluster.until('nothing is left to be sent', async () => load.progress >= total, LONGEST);
  const happened = Promise.all([happening, sleep(SHORTEST)]);
  const busy = await rate(Promise.race([happened, ending]));
  await Promise.all([happening, ending, load.finished()]);
  const seconds = (performance.now() - begun) / 1000;
  const outcome = { ...load.report, ...(await load.differences()) };
  const heapGrowth = heap() - heapBefore;
  await client.close();
  await prepared.cleanUp?.();
  return {
    ...outcome,
    others: scenario.shards === undefined ? undefined : busy / calm,
    limit,
    heapGrowth,
    seconds,
  };
}

/** Counters of each third of the slots; those of the first lie in the slots that a reshard takes first. */
function countersByShard(count: number): string[][] {
  const groups: string[][] = Array.from({ length: MASTERS }, () => []);
  const wanted = Math.ceil(count / MASTERS);
  for (let i = 0; groups.some((group) => group.length < wanted); i++) {
    const counter = `counter:${i}`;
    const slot = slotOf(counter);
    const group = groups[Math.floor(slot / SHARD)];
    const near = slot >= SHARD || slot < MOVED_SLOTS;
    if (near && group.length < wanted) group.push(counter);
  }
  return groups;
}

async function resetAll(client: Client, counters: readonly string[]): Promise<void> {
  await client.mSet(counters.map((counter) => [counter, 0] as const));
  await sleep(200); // until the replicas have it
}

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
