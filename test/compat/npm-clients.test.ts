/** The npm clients that people use, on a Hexis cluster: 10,000 keys over all slots, written and read back. */
import { Cluster as IoRedis } from 'ioredis';
import { Cluster as IoValkey } from 'iovalkey';
import { createCluster as createNodeRedis } from 'redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/client/index.js';
import { createCluster, type TestCluster } from '../../src/local/testing.js';
import { asciiKeySlot } from '../../src/protocol/key-slot.js';

const KEYS = Array.from({ length: 10_000 }, (_, i) => `key:${i}`);
const BATCH = 500;

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await createCluster();
});
afterAll(() => cluster?.close());
beforeEach(() => cluster.reset());

interface Client {
  get(key: string): Promise<unknown>;
  set(key: string, value: string): Promise<unknown>;
}

async function inBatches(work: (key: string) => Promise<unknown>): Promise<unknown[]> {
  const results: unknown[] = [];
  for (let i = 0; i < KEYS.length; i += BATCH) {
    results.push(...(await Promise.all(KEYS.slice(i, i + BATCH).map(work))));
  }
  return results;
}

async function writesAndReadsBack(client: Client): Promise<void> {
  await inBatches((key) => client.set(key, `value of ${key}`));
  expect(await inBatches((key) => client.get(key))).toEqual(KEYS.map((key) => `value of ${key}`));
  const sizes = await Promise.all(cluster.nodes.slice(0, 3).map((node) => cluster.call(node, 'DBSIZE')));
  expect(sizes.reduce<number>((sum, size) => sum + Number(size), 0)).toBe(KEYS.length);
}

describe('npm clients on a Hexis cluster', () => {
  it('uses keys in more than 7,000 slots', () => {
    expect(new Set(KEYS.map(asciiKeySlot)).size).toBeGreaterThan(7000);
  });

  it('serves ioredis', async () => {
    const { host, port } = cluster.nodes[0];
    const client = new IoRedis([{ host, port }]);
    try {
      await writesAndReadsBack(client);
    } finally {
      client.disconnect();
    }
  });

  it('serves iovalkey', async () => {
    const { host, port } = cluster.nodes[1];
    const client = new IoValkey([{ host, port }]);
    try {
      await writesAndReadsBack(client);
    } finally {
      client.disconnect();
    }
  });

  it('serves node-redis', async () => {
    const client = createNodeRedis({ rootNodes: [{ url: `redis://${cluster.addresses[2]}` }] });
    await client.connect();
    try {
      await writesAndReadsBack(client);
    } finally {
      client.destroy();
    }
  });

  it('serves its own', async () => {
    const client = await connect(cluster.addresses[3]);
    try {
      await writesAndReadsBack(client);
    } finally {
      await client.close();
    }
  });
});
