/**
 * Finding out who serves what: CLUSTER SLOTS, asked of one node after another until one answers. Nodes that the
 * client already talks to come first, then all others it knows, then the addresses it was given in the beginning,
 * so that a cluster whose every address has changed is found again. Looks that overlap share one answer.
 */
import { ReplyError } from '../protocol/reply-decoder.js';
import { type Address, formatAddress } from './address.js';
import { AllNodesFailedError, UsageError } from './errors.js';
import type { NodeLink } from './node-link.js';
import { type AddressMap, parseClusterSlots, type SlotMap } from './slot-map.js';

/**
 * The slot map according to the first of `links` that answers. Rejects with `AllNodesFailedError` when none does,
 * with `UsageError` when one says that it is not part of a cluster.
 */
export async function discover(links: Iterable<NodeLink>, map?: AddressMap): Promise<SlotMap> {
  const reasons = new Map<string, Error>();
  for (const link of links) {
    try {
      const slots = await askForSlots(link, map);
      if (slots.length > 0) return slots;
      reasons.set(link.address, new Error('it knows no slots; has the cluster been created?'));
    } catch (error) {
      if (isSingleServer(error)) throw facesSingleServer(link.address, error as ReplyError);
      reasons.set(link.address, error as Error);
    }
  }
  throw new AllNodesFailedError(reasons);
}

async function askForSlots(link: NodeLink, map?: AddressMap): Promise<SlotMap> {
  const connection = await link.open();
  return parseClusterSlots(await connection.call('CLUSTER', 'SLOTS'), link.host, map);
}

/** Whether the error says that the server has no cluster mode, or has it switched off. */
export function isSingleServer(error: unknown): boolean {
  return error instanceof ReplyError && /cluster support disabled|unknown command/i.test(error.message);
}

function facesSingleServer(address: string, cause: ReplyError): UsageError {
  return new UsageError(
    `${address} is a single server, not a node of a cluster: use createClient('${address}'), or connect('${address}'), which finds out by itself`,
    { address, outcome: 'not executed', cause },
  );
}

/** The links in the order in which they are asked: connected ones first, each address once. */
export function askingOrder(known: Iterable<NodeLink>, seeds: readonly NodeLink[]): NodeLink[] {
  const byAddress = new Map<string, NodeLink>();
  for (const link of shuffled([...known])) if (link.connected) byAddress.set(link.address, link);
  for (const link of [...known, ...seeds]) {
    if (!byAddress.has(link.address)) byAddress.set(link.address, link);
  }
  return [...byAddress.values()];
}

/** Every address of the map, masters and replicas. */
export function addressesOf(map: SlotMap): Map<string, Address> {
  const addresses = new Map<string, Address>();
  for (const { master, replicas } of map) {
    for (const address of [master, ...replicas]) addresses.set(formatAddress(address), address);
  }
  return addresses;
}

function shuffled<T>(items: T[]): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [items[i], items[j]] = [items[j], items[i]];
  }
  return items;
}
