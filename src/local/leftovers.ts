/**
 * Servers that have outlived their cluster. A real engine's servers are processes of their own: when `hexis up` is
 * killed they run on, hold their ports and their files, and nobody answers for them any more. They are known by what
 * they say themselves: a server on the port that one of the folder's directories is named after, whose working
 * directory is that one.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '../client/connection.js';
import { realFolder } from './control.js';
import { LocalClusterError } from './errors.js';
import type { ClusterFolder } from './folder.js';
import { busPort } from './layout.js';
import { isFree } from './ports.js';

const HOST = '127.0.0.1';
/** Milliseconds for a server to accept, and for one to save and end. */
const CONNECT_LIMIT = 300;
const STOP_LIMIT = 15_000;
const PAUSE = 20;

/**
 * Ends the servers that run in the folder's directories, as SHUTDOWN does, and answers their ports. Only for who holds
 * the folder, or knows that nobody does. Throws a `LocalClusterError` when one doesn't end.
 */
export async function stopLeftovers(folder: ClusterFolder): Promise<number[]> {
  const stopped = await Promise.all(
    folder.ports().map(async (port) => ((await stopServer(port, folder)) ? [port] : [])),
  );
  return stopped.flat();
}

async function stopServer(port: number, folder: ClusterFolder): Promise<boolean> {
  const limits = { connectTimeout: CONNECT_LIMIT, commandTimeout: STOP_LIMIT };
  const connection = await Connection.open({ host: HOST, port, ...limits }).catch(() => undefined);
  if (!connection) return false;
  try {
    const reply = await connection.call('CONFIG', 'GET', 'dir').catch(() => undefined);
    const directory = Array.isArray(reply) ? String(reply[1]) : '';
    if (realFolder(directory) !== folder.directoryOf({ port })) return false;
    let asked = false;
    const askAgain = () => {
      asked = false; // it refuses while it writes its first append-only file
    };
    for (const end = performance.now() + STOP_LIMIT; performance.now() < end; await pause(PAUSE)) {
      if (!asked) connection.call('SHUTDOWN').catch(askAgain);
      asked = true;
      const free = await Promise.all([port, busPort(port)].map((port) => isFree({ host: HOST, port })));
      if (free.every(Boolean)) return true;
    }
  } finally {
    connection.destroy();
  }
  throw new LocalClusterError(
    `A server of a cluster that was killed still runs on port ${port} and does not end.`,
    `See ${folder.logOf({ port })}, and end it by hand.`,
  );
}
