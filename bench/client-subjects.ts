/** The clients that are measured beside each other, each as far as the benchmark uses it. */
import { createRequire } from 'node:module';
import { Cluster } from 'ioredis';
import { Cluster as ValkeyCluster } from 'iovalkey';
import { createCluster as createNodeRedisCluster } from 'redis';
import { connect } from '../src/client/index.js';

/** What every client under test can do. */
export interface Subject {
  get(key: string): Promise<unknown>;
  set(key: string, value: string): Promise<unknown>;
  /** Keys of any slots; one by one where the client has no such command. */
  mget(keys: string[]): Promise<unknown>;
  close(): unknown;
}

/** Connects to the cluster with these nodes (`host:port`). */
export type Open = (nodes: readonly string[]) => Promise<Subject>;

export const OURS = 'hexis';

export const subjects: Readonly<Record<string, Open>> = {
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

function ioredis(client: Cluster | ValkeyCluster): Subject {
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
    mget: (keys) => client.mGet(keys),
    close: () => client.close(),
  };
}

/** Not a dependency, for its size: it takes part where NODE_PATH leads to it. */
async function glide(nodes: readonly string[]): Promise<Subject> {
  const { GlideClusterClient } = createRequire(import.meta.url)('@valkey/valkey-glide');
  const client = await GlideClusterClient.createClient({
    addresses: nodes.map(hostAndPort),
    requestTimeout: 5000,
    inflightRequestsLimit: 100_000, // the default refuses the thousand-and-first
  });
  return {
    get: (key) => client.get(key),
    set: (key, value) => client.set(key, value),
    mget: (keys) => client.mget(keys),
    close: () => client.close(),
  };
}

function hostAndPort(node: string): { host: string; port: number } {
  const colon = node.lastIndexOf(':');
  return { host: node.slice(0, colon), port: Number(node.slice(colon + 1)) };
}
