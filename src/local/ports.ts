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
  const wanted = nodes.flatMap(({ host, port }) => [
    { host, port },
    { host, port: busPort(port) },
  ]);
  const free = await Promise.all(wanted.map(isFree));
  const taken = wanted.filter((_, i) => !free[i]);
  if (taken.length === 0) return;
  const owners = await Promise.all(taken.map(describeOwner));
  throw new LocalClusterError(owners.join('\n'), 'Choose other ports with --port, or stop what uses these.');
}

/** Whether the port can be listened on. */
function isFree({ host, port }: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

async function describeOwner({ host, port }: Endpoint): Promise<string> {
  try {
    const limit = { connectTimeout: ANSWER_LIMIT, commandTimeout: ANSWER_LIMIT };
    const connection = await Connection.open({ host, port, ...limit });
    try {
      const info = String(await connection.call('INFO', 'server'));
      const processId = infoField(info, 'process_id');
      if (processId !== undefined) return `Port ${port} is in use by a Redis node (process ${processId}).`;
    } finally {
      connection.destroy();
    }
  } catch {
    // It doesn't speak RESP.
  }
  return `Port ${port} is in use.`;
}
