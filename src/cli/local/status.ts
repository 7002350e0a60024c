/** `hexis status`. */
import { relative, resolve } from 'node:path';
import { allRunning, findRunning, type RunningCluster, realFolder } from '../../local/control.js';
import type { Endpoint } from '../../local/layout.js';
import { servingObstacles } from '../../local/readiness.js';
import { withConnections } from '../../manager/connections.js';
import { formatSlots } from '../../manager/slots.js';
import { type NodeView, observe } from '../../manager/view.js';
import { DONE, FAILED, NOTHING_RUNS } from './outcome.js';

/** A node that does not answer, and why. */
interface SilentNode extends Endpoint {
  readonly reason: string;
}

interface Status {
  readonly cluster: RunningCluster;
  readonly nodes: readonly (NodeView | SilentNode)[];
  /** Every node answers, every slot takes a write, every replica is linked. */
  readonly healthy: boolean;
}

/** Milliseconds for a node to answer. */
const ANSWER_LIMIT = 1000;

/** Shows the clusters that run, or the one of the folder. */
export async function status({ dir, json }: { dir?: string; json?: boolean }): Promise<number> {
  const running = dir === undefined ? await allRunning() : [await findRunning(realFolder(resolve(dir)))];
  const statuses = await Promise.all(running.filter((cluster) => cluster !== undefined).map(look));
  if (json) process.stdout.write(`${JSON.stringify(statuses.map(plain), null, 2)}\n`);
  else if (statuses.length === 0) process.stdout.write('No cluster runs. `hexis up` starts one.\n');
  else process.stdout.write(`${statuses.map(show).join('\n\n')}\n`);
  if (statuses.length === 0) return NOTHING_RUNS;
  return statuses.every(({ healthy }) => healthy) ? DONE : FAILED;
}

async function look(cluster: RunningCluster): Promise<Status> {
  const limits = { connectTimeout: ANSWER_LIMIT, commandTimeout: ANSWER_LIMIT };
  const nodes = await withConnections(limits, (connections) =>
    Promise.all(
      cluster.nodes.map(async ({ host, port }): Promise<NodeView | SilentNode> => {
        try {
          return await observe(connections, { host, port });
        } catch (error) {
          return { host, port, reason: (error as Error).message };
        }
      }),
    ),
  );
  const answering = nodes.filter((node) => 'table' in node);
  const healthy =
    answering.length === nodes.length && servingObstacles({ nodes: answering, unreachable: [] }).length === 0;
  return { cluster, nodes, healthy };
}

/** For programs: what each node says of itself, without its table of the others. */
function plain({ cluster, nodes, healthy }: Status) {
  return {
    ...cluster,
    healthy,
    nodes: nodes.map((node) => {
      if ('reason' in node) return node;
      const { host, port, id, role, masterId, slots, state, keys, masterLink } = node;
      return { host, port, id, role, masterId, slots, state, keys, masterLink };
    }),
  };
}

function show({ cluster, nodes, healthy }: Status): string {
  const { folder, pid, engine, ephemeral } = cluster;
  const place = ephemeral ? 'an ephemeral cluster' : relative(process.cwd(), folder) || folder;
  return [
    `${place}: ${healthy ? 'healthy' : 'NOT healthy'} (engine ${engine}, process ${pid})`,
    ...nodes.map((node) => `  ${showNode(node, nodes)}`),
  ].join('\n');
}

function showNode(node: NodeView | SilentNode, nodes: Status['nodes']): string {
  const address = `${node.host}:${node.port}`;
  if ('reason' in node) return `${address}  does not answer (${node.reason})`;
  const keys = `${node.keys} ${node.keys === 1 ? 'key' : 'keys'}`;
  if (node.role === 'master') {
    const down = node.state === 'ok' ? '' : ', cluster_state:fail';
    return `${address}  master   slots ${formatSlots(node.slots) || 'none'}, ${keys}${down}`;
  }
  const master = nodes.find((other) => 'table' in other && other.id === node.masterId);
  return `${address}  replica  of ${master?.port ?? 'a node that does not answer'}, ${keys}, link ${node.masterLink}`;
}
