/**
 * What a local cluster is to look like, as plain data, and the files that make nodes start as that cluster.
 *
 * Creating a cluster by commands takes seconds: handshakes, gossip, epochs, replicas that look for their masters.
 * A local cluster is known in full before its first node starts, so each node gets a nodes.conf in which everything
 * has happened already, in Redis's own format, and has only to open its links. Six nodes are a cluster as soon as
 * they have heard of each other.
 *
 * A real redis-server needs one trick more: it stays closed for 2 s when it starts as a master. It starts as a
 * replica of a master that does not exist instead (`phantomNodesConf`), is told CLUSTER FAILOVER TAKEOVER, and serves
 * at once; the other replicas of that master follow it by the rules of the specification. Then all forget the phantoms.
 */
const SLOT_COUNT = 16384;
const BUS_PORT_OFFSET = 10_000;

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** One node of the plan. */
export interface PlannedNode extends Endpoint {
  /** Place among all nodes, masters first. */
  readonly index: number;
  /** 40 hexadecimal digits. */
  readonly id: string;
  /** Slots that it serves, both included; null for a replica. */
  readonly slots: { readonly first: number; readonly last: number } | null;
  /** Index of the master that it follows; null for a master. */
  readonly masterIndex: number | null;
}

export interface Layout {
  readonly nodes: readonly PlannedNode[];
  /** One id for each master that never was; see above. */
  readonly phantoms: readonly string[];
}

/** How many nodes, in which roles. */
export interface Size {
  readonly masters: number;
  /** Of each master. */
  readonly replicas: number;
}

export function nodeCount({ masters, replicas }: Size): number {
  return masters * (replicas + 1);
}

/** The endpoints of nodes on this machine, on ports in a row. */
export function localEndpoints(size: Size, firstPort: number): Endpoint[] {
  return Array.from({ length: nodeCount(size) }, (_, i) => ({ host: '127.0.0.1', port: firstPort + i }));
}

export function busPort(port: number): number {
  return port + BUS_PORT_OFFSET;
}

/**
 * Plans a cluster on these endpoints, one for each node: first the masters, with equal shares of the slots in order,
 * then the replicas, dealt to the masters in turn. `random` gives unsigned 32-bit integers for the node ids.
 */
export function planLayout(size: Size, endpoints: readonly Endpoint[], random: () => number): Layout {
  const { masters } = size;
  if (endpoints.length !== nodeCount(size)) throw new RangeError('one endpoint for each node');
  const share = SLOT_COUNT / masters;
  const id = () => Array.from({ length: 5 }, () => (random() >>> 0).toString(16).padStart(8, '0')).join('');
  const nodes = endpoints.map(
    ({ host, port }, index): PlannedNode => ({
      index,
      host,
      port,
      id: id(),
      slots:
        index < masters
          ? { first: Math.round(index * share), last: Math.round((index + 1) * share) - 1 }
          : null,
      masterIndex: index < masters ? null : index % masters,
    }),
  );
  return { nodes, phantoms: Array.from({ length: masters }, id) };
}

/** The nodes.conf with which a node starts as its part of the layout. */
export function nodesConf({ nodes }: Layout, self: PlannedNode): string {
  const lines = nodes.map((node) => {
    const master = node.masterIndex === null ? null : nodes[node.masterIndex];
    const epoch = (master ?? node).index + 1;
    return nodeLine(node, { self, masterId: master?.id, epoch, slots: node.slots });
  });
  return `${lines.join('\n')}\n${variables(nodes.length)}`;
}

/** The nodes.conf with which a node starts as a replica of a phantom that holds its shard's slots. */
export function phantomNodesConf({ nodes, phantoms }: Layout, self: PlannedNode): string {
  const lines = nodes.map((node) => {
    const shard = node.masterIndex ?? node.index;
    return nodeLine(node, { self, masterId: phantoms[shard], epoch: shard + 1, slots: null });
  });
  for (const [shard, id] of phantoms.entries()) {
    const { first, last } = nodes[shard].slots!;
    // Nobody listens on port 1; the node is taken for failed as soon as anybody tries.
    lines.push(`${id} 127.0.0.1:1@${busPort(1)} master - 0 0 ${shard + 1} disconnected ${first}-${last}`);
  }
  return `${lines.join('\n')}\n${variables(nodes.length)}`;
}

function nodeLine(
  { id, host, port, index }: PlannedNode,
  about: { self: PlannedNode; masterId: string | undefined; epoch: number; slots: PlannedNode['slots'] },
): string {
  const role = about.masterId === undefined ? 'master' : 'slave';
  const flags = index === about.self.index ? `myself,${role}` : role;
  const slots = about.slots ? ` ${about.slots.first}-${about.slots.last}` : '';
  return `${id} ${host}:${port}@${busPort(port)} ${flags} ${about.masterId ?? '-'} 0 0 ${about.epoch} connected${slots}`;
}

function variables(currentEpoch: number): string {
  return `vars currentEpoch ${currentEpoch} lastVoteEpoch 0\n`;
}

/** What every node of a local cluster is configured with, besides its port. */
export interface NodeSettings {
  /** cluster-node-timeout, milliseconds. */
  readonly nodeTimeout: number;
  /** Nothing is kept on disk but nodes.conf. */
  readonly ephemeral: boolean;
}

/** The nodes.conf of a node, which has a folder of its own: the usual name, so that its data has the usual names too. */
export const NODES_CONF = 'nodes.conf';

/** A node's configuration file: what one would write by hand, for any redis-server. */
export function configFile(node: Endpoint, { nodeTimeout, ephemeral }: NodeSettings): string {
  return [
    `port ${node.port}`,
    `bind ${node.host}`,
    'cluster-enabled yes',
    `cluster-config-file ${NODES_CONF}`,
    `cluster-node-timeout ${nodeTimeout}`,
    ...(ephemeral ? ['appendonly no', 'save ""'] : ['appendonly yes']),
    'protected-mode no',
    '',
  ].join('\n');
}
