import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, connect, type KeyspaceEvent } from '../../src/client/index.js';
import { slotOf } from '../../src/client/keys.js';
import { freePorts } from '../support/ports.js';
import { RedisCluster } from './redis-cluster.js';

const FIRST = await freePorts(50);
let cluster: RedisCluster;
let client: Client;

beforeAll(async () => {
  cluster = await RedisCluster.start(FIRST, 3);
  client = await connect(`127.0.0.1:${FIRST}`);
  // A replica that has replicated nothing yet is on nobody's list of nodes, so each is asked by itself.
  for (const { port } of cluster.nodes)
    await cluster.ask(port, 'CONFIG', 'SET', 'notify-keyspace-events', 'KA');
});

afterAll(async () => {
  await client?.close();
  await cluster?.stop();
});

/** Collects the events of an iteration until it is stopped. */
class Watch {
  readonly seen: KeyspaceEvent[] = [];
  readonly gaps: Error[] = [];
  private readonly stopper = new AbortController();
  private readonly done: Promise<void>;

  constructor(match: string, limit?: number) {
    const { signal } = this.stopper;
    const onGap = (reason: Error) => void this.gaps.push(reason);
    this.done = this.run(client.keyspaceEvents({ match, limit, signal, onGap }));
  }

  /** Writes the key until an event of it has come: then the watch is on. */
  async isOn(key: string): Promise<void> {
    await cluster.until('events come', async () => {
      await client.with({ timeout: 10_000 }).set(key, 1);
      return this.seen.some((event) => event.key === key);
    });
  }

  async stop(): Promise<void> {
    this.stopper.abort();
    await this.done;
  }

  private async run(events: AsyncIterable<KeyspaceEvent>): Promise<void> {
    for await (const event of events) this.seen.push(event);
  }
}

describe('keyspace events', () => {
  it('come from all nodes', async () => {
    const watch = new Watch('user:*');
    const keys = Array.from({ length: 30 }, (_, i) => `user:${i}`);
    await watch.isOn('user:0');
    await Promise.all([...keys, 'other'].map((key) => client.set(key, 1)));
    await client.del(keys);
    await cluster.until(
      'all have come',
      async () => watch.seen.filter(({ event }) => event === 'del').length === 30,
    );
    await watch.stop();
    expect(new Set(watch.seen.map(({ key }) => key))).toEqual(new Set(keys));
    expect(new Set(watch.seen.map(({ address }) => address)).size).toBe(3);
    expect(watch.gaps).toEqual([]);
  });

  it('go on from the replica that takes over, and the gap is told', async () => {
    const watch = new Watch('{crash}*');
    await watch.isOn('{crash}1');
    const victim = await cluster.masterOf(slotOf('crash'), FIRST);
    await cluster.kill(victim);
    await watch.isOn('{crash}2');
    await watch.stop();
    expect(watch.gaps.length).toBeGreaterThan(0);
    cluster.launch(victim);
    await cluster.settled();
  });
});

describe('scans', () => {
  it('go through hashes, sets and sorted sets in batches', async () => {
    const names = Array.from({ length: 1000 }, (_, i) => `n${i}`);
    await client.hSet(
      'h',
      names.map((name, i) => [name, i] as const),
    );
    await client.sAdd('s', names);
    await client.zAdd(
      'z',
      names.map((member, score) => ({ member, score })),
    );
    const fields = new Map<string, string>();
    for await (const batch of client.hScanIterator('h'))
      for (const [name, value] of batch) fields.set(name, value);
    expect(fields.size).toBe(1000);
    expect(fields.get('n7')).toBe('7');
    const members = new Set<string>();
    for await (const batch of client.sScanIterator('s', { match: 'n1*' }))
      for (const member of batch) members.add(member);
    expect(members).toEqual(new Set(names.filter((name) => name.startsWith('n1'))));
    const scores = new Map<string, number>();
    for await (const batch of client.zScanIterator('z', { count: 100 }))
      for (const [name, score] of batch) scores.set(name, score);
    expect(scores.get('n999')).toBe(999);
  });
});
