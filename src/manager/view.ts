/**
 * The cluster as its nodes describe it. Each node is asked about itself and about all others; the view keeps
 * both, because where they differ is what a check looks for.
 */
import { type Address, formatAddress, type NodeAddress, parseAddress } from './address.js';
import { type NodeEntry, parseClusterNodes } from './cluster-nodes.js';
import { type Connections, type ConnectOptions, isRefusal, withConnections } from './connections.js';
import { ManagerError } from './errors.js';
import { countSlots } from './slots.js';

/** One node that answered. What it says of itself, and its table of all nodes. */
export interface NodeView extends Omit<NodeEntry, 'myself' | 'linked' | 'pingSent' | 'pongReceived'> {
  /** Its table: every node it knows, itself included. */
  readonly table: readonly NodeEntry[];
  /** Whether it serves its part of the cluster (`cluster_state`). */
  readonly state: 'ok' | 'fail';
  /** Keys it holds. */
  readonly keys: number;
  /** Whether a replica follows its master's stream; null for a master. */
  readonly masterLink: 'up' | 'down' | null;
}

/** A node that others know and that does not answer us. */
export interface UnreachableNode extends NodeAddress {
  readonly role: 'master' | 'replica';
  readonly flags: readonly string[];
  readonly reason: string;
}

export interface ClusterView {
  /** The nodes that answered: the one asked first, then the others in the order of its table. */
  readonly nodes: readonly NodeView[];
  readonly unreachable: readonly UnreachableNode[];
}

/**
 * Asks a cluster's nodes for their views, starting at any one of them. Throws UNREACHABLE or NOT_A_NODE when the
 * first does not answer; of the others, those that do not answer are listed in the view.
 */
export function inspect(seed: string | Address, options: ConnectOptions = {}): Promise<ClusterView> {
  return withConnections(options, (connections) => inspectFrom(connections, toAddress(seed)));
}

export function toAddress(address: string | Address): Address {
  return typeof address === 'string' ? parseAddress(address) : address;
}

/** `inspect` on connections that exist. */
export async function inspectFrom(connections: Connections, seed: Address): Promise<ClusterView> {
  const first = await observe(connections, seed);
  const others = first.table.filter((entry) => !entry.myself && !entry.flags.includes('handshake'));
  const seen = await Promise.all(
    others.map(async (entry): Promise<NodeView | UnreachableNode> => {
      const { id, role, flags, host, port } = entry;
      if (host === '' || flags.includes('noaddr')) {
        return { id, role, flags, host, port, reason: 'its address is not known' };
      }
      try {
        return await observe(connections, entry);
      } catch (error) {
        return { id, role, flags, host, port, reason: (error as Error).message };
      }
    }),
  );
  return {
    nodes: [first, ...seen.filter((node) => 'table' in node)],
    unreachable: seen.filter((node) => 'reason' in node),
  };
}

/** Asks one node. Throws UNREACHABLE, REFUSED, or NOT_A_NODE when it does not run in cluster mode. */
export async function observe(connections: Connections, address: Address): Promise<NodeView> {
  const ask = async (...command: string[]) => String(await connections.call(address, ...command));
  const [nodes, clusterInfo, replication, keys] = await Promise.all([
    ask('CLUSTER', 'NODES').catch((error) => {
      if (!isRefusal(error, /cluster support disabled|unknown command/)) throw error;
      throw new ManagerError(
        'NOT_A_NODE',
        `Node ${formatAddress(address)} is not configured as a cluster node.`,
        { hint: 'Put `cluster-enabled yes` into its configuration and start it again.' },
      );
    }),
    ask('CLUSTER', 'INFO').catch(ignoreRefusal),
    ask('INFO', 'replication'),
    ask('DBSIZE'),
  ]);
  return describeNode(address, { nodes, clusterInfo, replication, keys: Number(keys) });
}

/** What a node says of itself, and nothing else of it: for who asks often. */
export async function ownEntry(connections: Connections, address: Address): Promise<NodeEntry> {
  const lines = String(await connections.call(address, 'CLUSTER', 'NODES')).split('\n');
  return findOwn(address, parseClusterNodes(lines.filter((line) => line.includes('myself')).join('\n')));
}

function findOwn(address: Address, table: readonly NodeEntry[]): NodeEntry {
  const own = table.find((entry) => entry.myself);
  if (!own) throw new ManagerError('REFUSED', `Node ${formatAddress(address)} does not list itself.`);
  return own;
}

/** CLUSTER INFO is refused wherever CLUSTER NODES is, whose error says it better. */
function ignoreRefusal(error: unknown): string {
  if (isRefusal(error)) return '';
  throw error;
}

/** The view of one node from the texts it answers with. */
export function describeNode(
  address: Address,
  texts: { nodes: string; clusterInfo: string; replication: string; keys: number },
): NodeView {
  const table = parseClusterNodes(texts.nodes);
  const own = findOwn(address, table);
  const { id, busPort, hostname, flags, role, masterId, configEpoch, slots, openSlots } = own;
  return {
    id,
    host: address.host,
    port: address.port,
    busPort,
    hostname,
    flags,
    role,
    masterId,
    configEpoch,
    slots,
    openSlots,
    table,
    state: infoField(texts.clusterInfo, 'cluster_state') === 'ok' ? 'ok' : 'fail',
    keys: texts.keys,
    masterLink:
      role === 'master' ? null : infoField(texts.replication, 'master_link_status') === 'up' ? 'up' : 'down',
  };
}

/** The value of `name:value` in the reply of INFO or CLUSTER INFO. */
export function infoField(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1];
}

export function mastersOf(view: ClusterView): NodeView[] {
  return view.nodes.filter((node) => node.role === 'master');
}

export function replicasOf(view: ClusterView, master: NodeAddress): NodeView[] {
  return view.nodes.filter((node) => node.masterId === master.id);
}

export function slotCount(node: Pick<NodeView, 'slots'>): number {
  return countSlots(node.slots);
}
