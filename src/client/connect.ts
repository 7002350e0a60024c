/** Making clients: for those who know what they face, and for everybody else. */
import { isIP } from 'node:net';
import { type Address, type Endpoint, parseAddress } from './address.js';
import { Client, ticksOf } from './client.js';
import { ClusterRouter } from './cluster-router.js';
import { UsageError } from './errors.js';
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
  const cluster = new ClusterRouter(endpoints, { ...settings, db: 0 });
  try {
    await cluster.ready();
    checkDatabase(settings);
    return clientOf(cluster, settings);
  } catch (error) {
    cluster.destroy();
    if (!(error instanceof UsageError && isSingleServer(error.cause))) throw error;
  }
  return clientOf(singleRouter(endpoints, settings), settings).ready();
}

/** A client for a cluster, given some of its nodes. It connects with the first command, or by `ready()`. */
export function createCluster(addresses: Addresses, options: ClientOptions = {}): Client {
  const { endpoints, settings } = resolve(addresses, options);
  checkDatabase(settings);
  return clientOf(new ClusterRouter(endpoints, settings), settings);
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
  const serverName = endpoints.find(({ host }) => isIP(host) === 0)?.host;
  return { endpoints, settings: { ...settings, serverName, replyCache: cacheOf(settings) } };
}

function cacheOf({ cache, resp, readFrom }: Settings): ReplyCache | undefined {
  if (!cache) return undefined;
  if (resp !== 3) throw new UsageError('the cache needs RESP3: leave out resp: 2');
  if (readFrom !== 'master')
    throw new UsageError(`the cache needs reads from masters, not readFrom: ${readFrom}`);
  return new ReplyCache(cache === true ? DEFAULT_CACHED_KEYS : cache.keys);
}

function checkDatabase({ db }: Settings): void {
  if (db) throw new UsageError(`a cluster has only database 0, and database ${db} was asked for`);
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
