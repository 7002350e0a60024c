import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, connect, HexisError } from '../../src/client/index.js';
import { slotOf } from '../../src/client/keys.js';
import { freePorts } from '../support/ports.js';
import { RedisCluster } from './redis-cluster.js';

const FIRST = await freePorts(50);
let cluster: RedisCluster;

beforeAll(async () => {
  cluster = await RedisCluster.start(FIRST, 3);
});

afterAll(() => cluster?.stop());

/** What became of increments of many counters while something went wrong. */
class Load {
  readonly sent = new Map<string, number>();
  readonly acknowledged = new Map<string, number>();
  readonly unknown: Error[] = [];
  readonly surprises: unknown[] = [];
  longest = 0;
  private running = true;
  private readonly workers: Promise<void>[];

  constructor(client: Client, counters: number) {
    this.workers = Array.from({ length: counters }, (_, i) => this.work(client, `counter:${i}`));
  }

  private async work(client: Client, key: string): Promise<void> {
    while (this.running) {
      const start = performance.now();
      this.sent.set(key, (this.sent.get(key) ?? 0) + 1);
      try {
        await client.incr(key);
        this.acknowledged.set(key, (this.acknowledged.get(key) ?? 0) + 1);
      } catch (error) {
        if (error instanceof HexisError && error.outcome === 'unknown') this.unknown.push(error);
        else if (error instanceof HexisError && error.outcome === 'not executed') {
          this.sent.set(key, this.sent.get(key)! - 1);
        } else this.surprises.push(error);
      }
      this.longest = Math.max(this.longest, performance.now() - start);
    }
  }

  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.workers);
  }

  /** Compares with what the cluster holds. Every difference is an increment whose outcome was reported unknown. */
  async check(client: Client): Promise<void> {
    const keys = [...this.sent.keys()];
    const values = (await client.mGet(keys)).map(Number);
    keys.forEach((key, i) => {
      expect(values[i], key).toBeLessThanOrEqual(this.sent.get(key)!);
      expect(values[i], key).toBeGreaterThanOrEqual(this.acknowledged.get(key) ?? 0);
    });
    expect(this.surprises).toEqual([]);
  }
}

describe('a cluster client under faults', () => {
  it('sends no increment twice while a slot range changes hands', async () => {
    const client = await connect(`127.0.0.1:${FIRST}`);
    const load = new Load(client, 50);
    await sleep(100);
    const master = await cluster.masterOf(slotOf('counter:1'), FIRST);
    await cluster.ask(await cluster.replicaOf(master), 'CLUSTER', 'FAILOVER');
    await cluster.until('the replica has taken over', async () => {
      return (await cluster.masterOf(slotOf('counter:1'), FIRST)) !== master;
    });
    await sleep(200);
    await load.stop();
    expect(load.unknown).toEqual([]);
    await load.check(client);
    await client.close();
    await cluster.settled();
  });

  it('survives the crash of a master: other shards go on, every unknown is reported, nothing hangs', async () => {
    const client = await connect(`127.0.0.1:${FIRST}`, { commandTimeout: 8000 });
    const slot = slotOf('counter:1');
    const victim = await cluster.masterOf(slot, FIRST);
    const observer = cluster.nodes.find(({ port }) => port !== victim)!.port;
    // Keeps the promise that acknowledged increments are on the replica, which a crash alone would not.
    await client.mSet(Array.from({ length: 50 }, (_, i) => [`counter:${i}`, 0] as const));
    const load = new Load(client, 50);
    await sleep(200);
    await client.call('WAIT', 1, 1000);
    await cluster.kill(victim);
    const other = Array.from({ length: 50 }, (_, i) => `other:${i}`).find((key) => {
      return Math.floor((slotOf(key) * 3) / 16384) !== Math.floor((slot * 3) / 16384);
    })!;
    await client.with({ timeout: 1000 }).set(other, 'served meanwhile');
    await cluster.until('the replica has taken over', async () => {
      const served = await cluster.masterOf(slot, observer);
      return served !== victim && (await cluster.info(observer)).includes('cluster_state:ok');
    });
    await sleep(300);
    await load.stop();
    expect(load.longest).toBeLessThan(8500);
    expect(load.surprises).toEqual([]);
    expect(await client.incr('counter:1')).toBeGreaterThan(0);
    await client.close();
    cluster.launch(victim);
    await cluster.settled();
  });

  it('gives up a half-open connection and dials again', async () => {
    const relay = new Relay(FIRST);
    await relay.listen(FIRST + 45);
    const client = await connect(`127.0.0.1:${FIRST + 45}`, {
      commandTimeout: 200,
      addressMap: (announced) => (announced.endsWith(`:${FIRST}`) ? `127.0.0.1:${FIRST + 45}` : undefined),
    });
    const key = Array.from({ length: 100 }, (_, i) => `half:${i}`);
    await client.mGet(key);
    relay.freeze();
    const started = performance.now();
    const outcomes = await Promise.allSettled(key.map((name) => client.incr(name)));
    expect(performance.now() - started).toBeLessThan(2000);
    const failed = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(failed.length).toBeGreaterThan(0);
    for (const error of failed) expect(error).toMatchObject({ outcome: 'unknown' });
    // New connections work: the client must make one.
    await cluster.until('the client is connected again', () =>
      client.mGet(key).then(
        () => true,
        () => false,
      ),
    );
    await client.close();
    await relay.close();
  });

  it('finds the cluster again by its seeds when every address has changed', async () => {
    let shift = 0;
    const relays: Relay[] = [];
    const announcedAs = (announced: string) => `127.0.0.1:${Number(announced.split(':')[1]) + shift}`;
    const start = async (by: number) => {
      shift = by;
      for (const { port } of cluster.nodes) {
        const relay = new Relay(port);
        await relay.listen(port + by);
        relays.push(relay);
      }
    };
    await start(20);
    const seeds = [`127.0.0.1:${FIRST + 20}`, `127.0.0.1:${FIRST + 40}`];
    const client = await connect(seeds, { addressMap: announcedAs });
    await client.set('moved', 'house');
    await Promise.all(relays.splice(0).map((relay) => relay.close()));
    await start(40);
    expect(await client.get('moved')).toBe('house');
    await client.close();
    await Promise.all(relays.map((relay) => relay.close()));
  });
});

/** A TCP relay that can fall silent without closing anything, as a lost machine or a forgetful NAT does. */
class Relay {
  private readonly target: number;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor(target: number) {
    this.target = target;
    this.server = createServer((near) => {
      const far = dial(this.target, '127.0.0.1');
      for (const socket of [near, far]) {
        this.sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => {
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far).pipe(near);
    });
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve) => this.server.listen(port, '127.0.0.1', resolve));
  }

  /** Connections that exist now deliver nothing any more. */
  freeze(): void {
    for (const socket of this.sockets) {
      socket.unpipe();
      socket.pause();
    }
  }

  close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}
