/** Which ports are free, and who has those that are not. */
import { createServer } from 'node:net';
import { Connection } from '../client/connection.js';
import { infoField } from '../manager/view.js';
import { LocalClusterError } from './errors.js';
import { busPort, type Endpoint } from './layout.js';

const HIGHEST_PORT = 65_535;
/** Milliseconds for a stranger to say who it is. */
const ANSWER_LIMIT = 300;

/** Throws a `LocalClusterError` that names the ports, client's or bus's, that these nodes can't have, and who has them. */
export async function demandPorts(nodes: readonly Endpoint[]): Promise<void> {
  const highest = Math.max(...nodes.map(({ port }) => busPort(port)));
  if (highest > HIGHEST_PORT) {
    throw new LocalClusterError(
      `Port ${highest - busPort(0)} is too high: the cluster bus needs the port 10000 above it.`,
      `Choose a lower one with --port, up to ${HIGHEST_PORT - busPort(0)}.`,
    );
  }
  const taken = new Map<string, number[]>();
  await Promise.all(
    nodes.map(async ({ host, port }) => {
      for (const wanted of [port, busPort(port)]) {
        if (await isFree({ host, port: wanted })) continue;
        const owner = await describeOwner({ host, port: wanted });
        taken.set(owner, [...(taken.get(owner) ?? []), wanted]);
        return; // a node that runs there has both
      }
    }),
  );
  if (taken.size === 0) return;
  const lines = [...taken].map(([owner, ports]) =>
    ports.length === 1
      ? `Port ${ports[0]} is in use${owner}.`
      : `Ports ${ports.sort((a, b) => a - b).join(', ')} are in use${owner}.`,
  );
  throw new LocalClusterError(lines.join('\n'), 'Choose others with --port, or stop what uses these.');
}

/** Whether the port can be listened on. */
export function isFree({ host, port }: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** ` by …`, or nothing when it doesn't say. */
async function describeOwner({ host, port }: Endpoint): Promise<string> {
  try {
    const limits = { connectTimeout: ANSWER_LIMIT, commandTimeout: ANSWER_LIMIT };
    const connection = await Connection.open({ host, port, ...limits });
    try {
      const info = String(await connection.call('INFO', 'server'));
      const processId = infoField(info, 'process_id');
      return processId === undefined ? '' : ` by a Redis node (process ${processId})`;
    } finally {
      connection.destroy();
    }
  } catch {
    return ''; // it doesn't speak RESP
  }
}
