/**
 * What a client sees while masters change, on Hexis nodes and on redis-servers, six processes each, node timeout 5000:
 *
 * - every master hands over in turn (CLUSTER FAILOVER on its replica) while clients write: errors they see, acknowledged
 *   writes that are gone afterwards, and the longest time without an answer;
 * - a master is killed (kill -9) while clients write, and one of them waits for the replica (WAIT 1) before it counts a
 *   write: how long its slots take no writes, and what is gone afterwards.
 */
import { Connection } from '../src/client/connection.js';
import { type Client, connect } from '../src/client/index.js';
import { ownKey, startCluster, whenReady } from './cluster.js';
import { type Engine, table, Workshop } from './processes.js';

const NODE_TIMEOUT = 5000;
const WRITERS = 16;
/** Load before the event and after it, milliseconds. */
const LOAD = 1500;
const MOST_REPORTED = 30_000;

interface Result {
  readonly engine: Engine;
  readonly manual: { errors: number; writes: number; lost: number; longestPause: number };
  readonly crash: { writableAfter: number; writes: number; lost: number; waited: number; waitedLost: number };
}

/** Writers that set a new key every millisecond or as fast as they are answered, and remember what was acknowledged. */
class Load {
  readonly acknowledged: string[] = [];
  errors = 0;
  longestPause = 0;
  private running = true;
  private readonly writers: Promise<void>[];

  constructor(
    private readonly client: Client,
    name: string,
  ) {
    this.writers = Array.from({ length: WRITERS }, (_, n) => this.write(`${name}:${n}`));
  }

  private async write(prefix: string): Promise<void> {
    for (let n = 0; this.running; n++) {
      const key = `${prefix}:${n}`;
      const begun = performance.now();
      try {
        await this.client.set(key, key);
        this.acknowledged.push(key);
      } catch {
        this.errors++;
      }
      this.longestPause = Math.max(this.longestPause, performance.now() - begun);
      await sleep(1);
    }
  }

  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.writers);
  }
}

/** How many of the keys don't hold what was written. */
async function countLost(client: Client, keys: readonly string[]): Promise<number> {
  let lost = 0;
  for (let i = 0; i < keys.length; i += 1000) {
    const part = keys.slice(i, i + 1000);
    const values = await Promise.all(part.map((key) => client.get(key)));
    lost += values.filter((value, j) => value !== part[j]).length;
  }
  return lost;
}

/** Writes to one master and counts a write when its replica has it too, until the master is gone. */
async function writeAndWait(port: number, keyOf: (n: number) => string): Promise<string[]> {
  const connection = await Connection.open({ host: '127.0.0.1', port });
  const kept: string[] = [];
  try {
    for (let n = 0; ; n++) {
      const key = keyOf(n);
      const [, replicas] = await Promise.all([
        connection.call('SET', key, key),
        connection.call('WAIT', 1, 1000),
      ]);
      if (Number(replicas) >= 1) kept.push(key);
    }
  } catch {
    connection.destroy();
    return kept;
  }
}

const sleep = (milliseconds: number) => new Promise((fulfil) => setTimeout(fulfil, milliseconds));

async function ask(port: number, ...words: string[]): Promise<unknown> {
  const connection = await Connection.open({ host: '127.0.0.1', port });
  try {
    return await connection.call(...words);
  } finally {
    await connection.close();
  }
}

type Range = [first: number, last: number, ...nodes: [host: string, port: number][]];

/** Each master's port with its replica's, once this node knows them all. */
async function shards(port: number): Promise<{ master: number; replica: number }[]> {
  let ranges: Range[] = [];
  while (ranges.length !== 3 || ranges.some(({ length }) => length < 4)) {
    ranges = (await ask(port, 'CLUSTER', 'SLOTS')) as Range[];
    await sleep(10);
  }
  return ranges.map(([, , [, master], [, replica]]) => ({
    master: Number(master),
    replica: Number(replica),
  }));
}

async function handOverAll(client: Client, ports: readonly number[]): Promise<Result['manual']> {
  const load = new Load(client, 'manual');
  for (const { replica } of await shards(ports[0])) {
    await sleep(LOAD);
    await ask(replica, 'CLUSTER', 'FAILOVER');
    while (!String(await ask(replica, 'INFO', 'replication')).includes('role:master')) await sleep(5);
  }
  await sleep(LOAD);
  await load.stop();
  const { errors, acknowledged, longestPause } = load;
  return {
    errors,
    writes: acknowledged.length,
    lost: await countLost(client, acknowledged),
    longestPause,
  };
}

async function killOne(
  client: Client,
  ports: readonly number[],
  kill: (port: number) => void,
): Promise<Result['crash']> {
  await whenReady(ports);
  const [{ master, replica }] = await shards(ports[0]);
  const tag = ownKey(await ask(replica, 'CLUSTER', 'SLOTS'), master, 'tag');
  const load = new Load(client, 'crash');
  const waited = writeAndWait(master, (n) => `{${tag}}:${n}`);
  await sleep(LOAD);
  kill(master);
  const begun = performance.now();
  while (!(await takesWrite(replica, tag))) {
    if (performance.now() - begun > MOST_REPORTED) throw new Error('the slots were never writable again');
    await sleep(5);
  }
  const writableAfter = performance.now() - begun;
  await sleep(LOAD);
  await load.stop();
  const kept = await waited;
  return {
    writableAfter,
    writes: load.acknowledged.length,
    lost: await countLost(client, load.acknowledged),
    waited: kept.length,
    waitedLost: await countLost(client, kept),
  };
}

function takesWrite(port: number, tag: string): Promise<boolean> {
  return ask(port, 'SET', `{${tag}}:probe`, '1').then(
    () => true,
    () => false,
  );
}

async function measure(engine: Engine): Promise<Result> {
  const workshop = new Workshop();
  try {
    const options = ['--cluster-node-timeout', `${NODE_TIMEOUT}`, '--repl-diskless-sync-delay', '0'];
    const { ports, processes } = await startCluster(workshop, engine, options);
    await whenReady(ports);
    const client = await connect(ports.map((port) => `127.0.0.1:${port}`));
    try {
      const manual = await handOverAll(client, ports);
      const crash = await killOne(client, ports, (port) => processes[ports.indexOf(port)].kill('SIGKILL'));
      return { engine, manual, crash };
    } finally {
      await client.close();
    }
  } finally {
    await workshop.close();
  }
}

/** Runs both engines and answers the tables. */
export async function benchmarkFailover(): Promise<string> {
  const results = [await measure('hexis'), await measure('redis-server')];
  const ms = (milliseconds: number) => `${milliseconds.toFixed(0)} ms`;
  return [
    table([
      ['manual failover of 3 masters', 'errors', 'writes', 'lost', 'longest pause'],
      ...results.map(({ engine, manual }) => [
        engine,
        `${manual.errors}`,
        `${manual.writes}`,
        `${manual.lost}`,
        ms(manual.longestPause),
      ]),
    ]),
    '',
    table([
      ['kill -9 of a master', 'writable after', 'writes', 'lost', 'writes with WAIT 1', 'lost'],
      ...results.map(({ engine, crash }) => [
        engine,
        ms(crash.writableAfter),
        `${crash.writes}`,
        `${crash.lost}`,
        `${crash.waited}`,
        `${crash.waitedLost}`,
      ]),
    ]),
  ].join('\n');
}
