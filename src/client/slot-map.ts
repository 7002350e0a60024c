/**
 * Which node serves which slots, as plain data. Read from CLUSTER SLOTS, which every server since Redis 3
 * answers. Cluster specification, "Redirection and resharding".
 */
import type { Reply } from '../protocol/reply-decoder.js';
import { type Address, parseAddress } from './address.js';

/** A master with its replicas and the slots, both ends inclusive, that they serve. */
export interface Shard {
  readonly master: Address;
  readonly replicas: readonly Address[];
  readonly slots: readonly (readonly [first: number, last: number])[];
}

export type SlotMap = readonly Shard[];

/** Translates an address that a node announces (`host:port`) to one that can be reached from here. */
export type AddressMap =
  | Readonly<Record<string, string | Address>>
  | ((announced: string) => string | Address | undefined);

/**
 * The address behind what a node announced. An absent host (null, empty or `?`: the node does not know its own)
 * stands for the host that was asked.
 */
export function resolveAddress(host: unknown, port: number, askedHost: string, map?: AddressMap): Address {
  const known = typeof host === 'string' && host !== '' && host !== '?';
  const announced = { host: known ? host : askedHost, port };
  if (map === undefined) return announced;
  const name = `${announced.host}:${announced.port}`;
  const mapped = typeof map === 'function' ? map(name) : map[name];
  if (mapped === undefined) return announced;
  const { host: mappedHost, port: mappedPort } = parseAddress(mapped);
  return { host: mappedHost, port: mappedPort };
}

/** Reads the reply of CLUSTER SLOTS. Throws an error when it does not have that shape. */
export function parseClusterSlots(reply: Reply, askedHost: string, map?: AddressMap): SlotMap {
  if (!Array.isArray(reply)) throw new Error('CLUSTER SLOTS answered something that is not a list');
  const shards = new Map<string, { master: Address; replicas: Address[]; slots: [number, number][] }>();
  for (const range of reply) {
    if (!Array.isArray(range) || range.length < 3) throw new Error('CLUSTER SLOTS has a malformed range');
    const [first, last, ...nodes] = range;
    const [master, ...replicas] = nodes.map((node) => {
      const [host, port] = node as [Reply, number];
      return resolveAddress(host, Number(port), askedHost, map);
    });
    const name = `${master.host}:${master.port}`;
    const shard = shards.get(name);
    if (shard === undefined) shards.set(name, { master, replicas, slots: [[Number(first), Number(last)]] });
    else shard.slots.push([Number(first), Number(last)]);
  }
  return [...shards.values()];
}
