/**
 * Finding out who serves what: CLUSTER SLOTS, asked of several nodes. Nodes that the client already talks to come
 * first, then all others it knows, then the addresses it was given in the beginning, so that a cluster whose every
 * address has changed is found again.
 *
 * Right after a failover the nodes do not agree yet, and the one that is asked may be the one that was cut off. So
 * three views are wanted and the one that most nodes hold is taken. A node that does not answer holds nothing up:
 * after a short wait the next one is asked as well, and what has been heard by then is enough.
 */
import { ReplyError } from '../protocol/reply-decoder.js';
import { type Address, formatAddress } from './address.js';
import { AllNodesFailedError, UsageError } from './errors.js';
import type { NodeLink } from './node-link.js';
import { type AddressMap, parseClusterSlots, type SlotMap } from './slot-map.js';

/** How many nodes' views are compared. */
const VIEWS = 3;
/** Milliseconds that a node may take before its neighbour is asked too. */
const PATIENCE = 250;

/**
 * The slot map as most of the first few nodes of `links` see it. Rejects with `AllNodesFailedError` when none
 * answers, with `UsageError` when one says that it is not part of a cluster.
 */
export function discover(links: readonly NodeLink[], map?: AddressMap): Promise<SlotMap> {
  return new Promise((resolve, reject) => {
    const views: SlotMap[] = [];
    const failed = new Map<string, Error>();
    let asked = 0;
    let impatient = false;
    let patience: NodeJS.Timeout | undefined;

    const finish = (settle: () => void): void => {
      clearTimeout(patience);
      settle();
    };
    const conclude = (): void => {
      const open = asked - views.length - failed.size;
      const wanted = impatient ? 1 : Math.min(VIEWS, links.length - failed.size);
      if (views.length > 0 && views.length >= wanted) finish(() => resolve(prevailing(views)));
      else if (asked < links.length && open === 0) askNext();
      else if (open === 0) finish(() => reject(new AllNodesFailedError(reasonsInOrder(links, failed))));
    };
    const askNext = (): void => {
      const link = links[asked++];
      clearTimeout(patience);
      patience = setTimeout(() => {
        impatient = true;
        if (views.length > 0) resolve(prevailing(views));
        else if (asked < links.length) askNext();
      }, PATIENCE);
      askForSlots(link, map).then(
        (view) => {
          if (view.length > 0) views.push(view);
          else failed.set(link.address, new Error('it knows no slots; has the cluster been created?'));
          conclude();
        },
        (error) => {
          failed.set(link.address, error as Error);
          if (isSingleServer(error))
            finish(() => reject(facesSingleServer(link.address, error as ReplyError)));
          else conclude();
        },
      );
    };

    for (let i = Math.min(VIEWS, links.length); i > 0; i--) askNext();
  });
}

function reasonsInOrder(links: readonly NodeLink[], failed: ReadonlyMap<string, Error>): Map<string, Error> {
  return new Map(links.map(({ address }) => [address, failed.get(address)!]));
}

/** The view that most of them hold; of equally many, the one heard first. */
function prevailing(views: readonly SlotMap[]): SlotMap {
  const votes = new Map<string, { view: SlotMap; count: number }>();
  for (const view of views) {
    const text = JSON.stringify(view.map(({ master, slots }) => [master, slots]).sort());
    const vote = votes.get(text);
    if (vote === undefined) votes.set(text, { view, count: 1 });
    else vote.count++;
  }
  return [...votes.values()].reduce((best, vote) => (vote.count > best.count ? vote : best)).view;
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
  for (const link of shuffled([...known]))
    if (link.connection !== undefined) byAddress.set(link.address, link);
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
