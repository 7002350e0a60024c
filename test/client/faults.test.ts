import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/client/index.js';
import { freePorts } from '../support/ports.js';
import { play, scenarios } from './fault-scenarios.js';
import { RedisCluster } from './redis-cluster.js';
import { Relay } from './relay.js';

const FIRST = await freePorts(50);
let cluster: RedisCluster;

beforeAll(async () => {
  cluster = await RedisCluster.start(FIRST, 3);
});

afterAll(() => cluster?.stop());

describe('a cluster client under faults', () => {
  // The same with a million increments each, and on Hexis: npm run faults.
  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    'sends no increment twice, loses none and hangs nowhere: %s',
    async (_, scenario) => {
      const first = await freePorts(20);
      const own = await RedisCluster.start(first, 3);
      try {
        const load = { total: 30_000, counters: 300, workers: 60 };
        const outcome = await play(scenario, { cluster: own, sparePort: first + 10 }, load);
        expect(outcome.surprises).toEqual([]);
        expect(outcome.twice).toBe(0);
        // A crash may take along what the replica was not told yet.
        if (!scenario.mayLose) expect(outcome.lost).toBe(0);
        expect(outcome.acknowledged + outcome.unknown).toBe(outcome.sent);
        expect(outcome.longest).toBeLessThan(outcome.limit + 2000);
      } finally {
        await own.stop();
      }
    },
    120_000,
  );

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
