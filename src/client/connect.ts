/** Making clients: for those who know what they face, and for everybody else. */
import { type Address, type Endpoint, parseAddress } from './address.js';
import { Client, ticksOf } from './client.js';
import { ClusterRouter } from './cluster-router.js';
import { Connection } from './connection.js';
import { AllNodesFailedError, UsageError } from './errors.js';
import { type ClientOptions, DEFAULT_CACHED_KEYS, type Settings, withDefaults } from './options.js';
import { ReplyCache } from './reply-cache.js';
import type { Router } from './router.js';
import { SingleRouter } from './single-router.js';
import { isSingleServer } from './topology.js';

/** One address or several: `localhost:7000`, a `redis://` URL, or `{ host, port }`. */
export type Addresses = string | Address | readonly (string | Address)[];

/**
 * Connects to a cluster or to a single server, whichever answers at the addresses; of a cluster, any reachable
 * node will do. Rejects with `AllNodesFailedError`, which lists each address's reason, when nothing answers.
 */
export async function connect(addresses: Addresses, options: ClientOptions = {}): Promise<Client> {
  const { endpoints, settings } = resolve(addresses, options);
  const router = (await facesCluster(endpoints, settings))
    ? clusterRouter(endpoints, settings)
    : singleRouter(endpoints, settings);
  const client = clientOf(router, settings);
  try {
    return await client.ready();
  } catch (error) {
    client.destroy();
    throw error;
  }
}

/** A client for a cluster, given some of its nodes. It connects with the first command, or by `ready()`. */
export function createCluster(addresses: Addresses, options: ClientOptions = {}): Client {
  const { endpoints, settings } = resolve(addresses, options);
  return clientOf(clusterRouter(endpoints, settings), settings);
}

/** A client for a single server. It connects with the first command, or by `ready()`. */
export function createClient(
  address: string | Address = 'localhost:6379',
  options: ClientOptions = {},
): Client {
  const { endpoints, settings } = resolve(address, options);
  return clientOf(singleRouter(endpoints, settings), settings);
}

function clientOf(router: Router, settings: Settings): Client {
  return new Client(router, {
    ticks: ticksOf(settings.commandTimeout),
    limited: false,
    binary: false,
    cache: settings.replyCache,
  });
}

/** What URLs say about user, database and TLS counts for all nodes, unless an option says otherwise. */
function resolve(
  addresses: Addresses,
  options: ClientOptions,
): { endpoints: Endpoint[]; settings: Settings } {
  const list = Array.isArray(addresses) ? addresses : [addresses];
  if (list.length === 0) throw new UsageError('no address was given: name at least one node, as host:port');
  const endpoints: Endpoint[] = list.map(parseAddress);
  const { username, password, db, tls } = Object.assign({}, ...endpoints) as Endpoint;
  const settings = { username, password, db, tls, ...withDefaults(options) };
  if (settings.readFrom === 'zone' && settings.zone === undefined) {
    throw new UsageError(
      "readFrom: 'zone' needs the option zone, the availability zone that the program runs in",
    );
  }
  return { endpoints, settings: { ...settings, replyCache: cacheOf(settings) } };
}

function cacheOf({ cache, resp, readFrom }: Settings): ReplyCache | undefined {
  if (!cache) return undefined;
  if (resp !== 3) throw new UsageError('the cache needs RESP3: leave out resp: 2');
  if (readFrom !== 'master')
    throw new UsageError(`the cache needs reads from masters, not readFrom: ${readFrom}`);
  return new ReplyCache(cache === true ? DEFAULT_CACHED_KEYS : cache.keys);
}

function clusterRouter(endpoints: readonly Endpoint[], settings: Settings): Router {
  if (settings.db) {
    throw new UsageError(`a cluster has only database 0, and database ${settings.db} was asked for`);
  }
  return new ClusterRouter(endpoints, settings);
}

function singleRouter(endpoints: readonly Endpoint[], settings: Settings): Router {
  const [first, ...others] = endpoints;
  if (others.length > 0) {
    throw new UsageError(
      `${first.host}:${first.port} is a single server, and several addresses were given: name one server, or nodes of one cluster`,
    );
  }
  return new SingleRouter(first, settings);
}

/** Asks the first address that answers. */
async function facesCluster(endpoints: readonly Endpoint[], settings: Settings): Promise<boolean> {
  const reasons = new Map<string, Error>();
  for (const { host, port } of endpoints) {
    try {
      const connection = await Connection.open({ ...settings, host, port, db: 0 });
      try {
        await connection.call('CLUSTER', 'MYID');
        return true;
      } catch (error) {
        if (isSingleServer(error)) return false;
        throw error;
      } finally {
        connection.destroy();
      }
    } catch (error) {
      reasons.set(`${host}:${port}`, error as Error);
    }
  }
  throw new AllNodesFailedError(reasons);
}
