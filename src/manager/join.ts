/**
 * Getting nodes to know each other, quickly and with a limit.
 *
 * Gossip needs seconds: a node pings a few others a second, and what it says about third nodes must be heard
 * from a majority or by a direct handshake. CLUSTER MEET is a ping that can be asked for, even between nodes
 * that know each other, and a ping carries the sender's slots and role. So wherever an observer's view of a
 * subject is missing or outdated, the subject is told to MEET the observer, again and again until the views
 * agree. Six real redis-servers agree after 0.4 s this way; meeting only the first node takes 1.2 s and more.
 * Specification: "Nodes handshake", "Heartbeat and gossip messages".
 */
import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import { type Address, formatAddress, type NodeAddress } from './address.js';
import type { BusAddress, Obstacle } from './check.js';
import type { Connections } from './connections.js';
import { ManagerError } from './errors.js';
import { DEFAULT_TIMEOUT, type OperationOptions } from './operation.js';
import { poll } from './poll.js';
import { type ClusterView, observe } from './view.js';

/** Milliseconds between the first two rounds of introductions: a handshake takes about this long. */
const FIRST_ROUND = 150;
/** The rounds get rarer up to this: a port that stays closed should not be knocked at all the time. */
const LONGEST_ROUND = 2000;
/** A node introduces itself to so many others in a round; gossip does the rest in large clusters. */
const INTRODUCTIONS_PER_ROUND = 10;
/** Milliseconds between `waiting` events. */
const WAITING_INTERVAL = 1000;

export interface SettleOptions extends OperationOptions {
  /** Milliseconds in which the nodes may find together by themselves, before they are introduced; 0 by default. */
  readonly gossipTime?: number;
}

/**
 * Waits until `obstaclesOf` finds nothing in the nodes' views, introducing nodes to each other where views are
 * missing or outdated. Answers the final view; throws TIMEOUT with what was still in the way.
 */
export async function settle(
  connections: Connections,
  nodes: readonly Address[],
  obstaclesOf: (view: ClusterView) => Obstacle[],
  { timeout = DEFAULT_TIMEOUT, signal, onEvent, gossipTime = 0 }: SettleOptions,
): Promise<ClusterView> {
  const resolve = memoize(resolveHost);
  let obstacles: Obstacle[] = [];
  let nextRound = gossipTime;
  let round = FIRST_ROUND;
  let lastEvent = 0;
  const view = await poll(
    async (elapsed) => {
      const view = await observeAll(connections, nodes);
      obstacles = obstaclesOf(view);
      if (obstacles.length === 0) return view;
      if (elapsed >= nextRound) {
        nextRound = elapsed + round;
        round = Math.min(round * 1.2, LONGEST_ROUND);
        await introduce(connections, obstacles, resolve);
      }
      if (elapsed - lastEvent >= WAITING_INTERVAL) {
        lastEvent = elapsed;
        onEvent?.({ type: 'waiting', obstacles });
      }
      return undefined;
    },
    { limit: timeout, signal },
  );
  if (view) return view;
  throw new ManagerError(
    'TIMEOUT',
    `The cluster is not ready after ${timeout / 1000} s:\n${(await explain(obstacles)).join('\n')}`,
    {
      hint:
        'Every node must reach the cluster bus port of every other node (the port + 10000 unless configured).\n' +
        'See how far it came with `hexis cluster check`; to start over, send FLUSHALL and CLUSTER RESET HARD to each node.',
    },
  );
}

/** The views of nodes that must all answer. */
async function observeAll(connections: Connections, nodes: readonly Address[]): Promise<ClusterView> {
  return { nodes: await Promise.all(nodes.map((node) => observe(connections, node))), unreachable: [] };
}

/** Lets each subject of a missing or outdated view ping its observer. */
async function introduce(
  connections: Connections,
  obstacles: readonly Obstacle[],
  resolve: (host: string) => Promise<string>,
): Promise<void> {
  const count = new Map<string, number>();
  const meetings: Promise<unknown>[] = [];
  for (const obstacle of obstacles) {
    if (obstacle.kind !== 'unseen' && obstacle.kind !== 'outdated') continue;
    const { observer, subject } = obstacle;
    const made = count.get(subject.id) ?? 0;
    if (made >= INTRODUCTIONS_PER_ROUND) continue;
    count.set(subject.id, made + 1);
    meetings.push(meet(connections, subject, observer, resolve));
  }
  await Promise.all(meetings);
}

/** CLUSTER MEET takes IP addresses only. */
async function meet(
  connections: Connections,
  node: Address,
  other: BusAddress,
  resolve: (host: string) => Promise<string>,
): Promise<void> {
  const ip = await resolve(other.host);
  const busPort = other.busPort === other.port + 10_000 ? [] : [other.busPort];
  await connections.call(node, 'CLUSTER', 'MEET', ip, other.port, ...busPort);
}

async function resolveHost(host: string): Promise<string> {
  if (isIP(host)) return host;
  try {
    return (await lookup(host)).address;
  } catch (cause) {
    throw new ManagerError('UNREACHABLE', `Invalid IP address or hostname specified: ${host}`, { cause });
  }
}

function memoize<Value>(compute: (key: string) => Promise<Value>): (key: string) => Promise<Value> {
  const known = new Map<string, Promise<Value>>();
  return (key) => {
    let value = known.get(key);
    if (!value) {
      value = compute(key);
      known.set(key, value);
    }
    return value;
  };
}

/** Says in words what was in the way, one line per node, and whether its bus port answers us. */
async function explain(obstacles: readonly Obstacle[]): Promise<string[]> {
  const unseen = new Map<string, { subject: BusAddress; observers: NodeAddress[] }>();
  const lines: string[] = [];
  for (const obstacle of obstacles) {
    if (obstacle.kind === 'unseen') {
      const { observer, subject } = obstacle;
      const group = unseen.get(subject.id);
      if (group) group.observers.push(observer);
      else unseen.set(subject.id, { subject, observers: [observer] });
    } else if (obstacle.kind === 'outdated') {
      const { observer, subject, about } = obstacle;
      lines.push(` - ${formatAddress(observer)} has not heard of the ${about} of ${formatAddress(subject)}.`);
    } else if (obstacle.kind === 'down') {
      lines.push(` - ${formatAddress(obstacle.node)} reports cluster_state:fail.`);
    } else {
      lines.push(` - Replica ${formatAddress(obstacle.node)} is not in sync with its master.`);
    }
  }
  const explained = await Promise.all(
    [...unseen.values()].map(async ({ subject, observers }) => {
      const who = `${observers.map(formatAddress).join(', ')} ${observers.length > 1 ? 'do' : 'does'} not see`;
      const port = `its cluster bus port ${subject.busPort}`;
      const refusal = await connectionRefusal(subject.host, subject.busPort);
      const why =
        refusal === undefined
          ? `is ${port} reachable from there?`
          : `${port} is not reachable from here either (${refusal}).`;
      return ` - ${who} ${formatAddress(subject)}: ${why}`;
    }),
  );
  return [...explained, ...lines];
}

/** Why a TCP connection can't be made from here; undefined when it can. */
function connectionRefusal(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const end = (refusal: string | undefined) => {
      socket.destroy();
      resolve(refusal);
    };
    socket.once('connect', () => end(undefined));
    socket.once('timeout', () => end('no answer'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}
