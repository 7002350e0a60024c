/** Real engines: each node is a process of redis-server or valkey-server, found on PATH. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '../client/connection.js';
import { ReplyError } from '../protocol/reply-decoder.js';
import type { EngineName, LaunchNodes, NodeEnded, RunningNodes } from './engine.js';
import { LocalClusterError } from './errors.js';
import type { ClusterFolder } from './folder.js';
import type { PlannedNode } from './layout.js';

/** Milliseconds until a server must accept connections, and for one to end before it is killed. */
const START_LIMIT = 10_000;
const STOP_LIMIT = 10_000;
/** redis-server passes over a SIGTERM that comes while it writes its first append-only file. */
const STOP_AGAIN = 500;
const PAUSE = 5;

interface ServerProcess {
  readonly node: PlannedNode;
  readonly child: ChildProcess;
  readonly ended: Promise<number>;
  /** Set when it has ended, or could not be started. */
  failure: string | undefined;
}

/** Runs nodes as processes of `redis-server` or `valkey-server`. */
export function launchProcesses(engine: Exclude<EngineName, 'hexis'>): LaunchNodes {
  const program = `${engine}-server`;
  return (nodes, onEnded) => ({
    start: (folder) => startAll(program, folder, nodes, onEnded),
    abandon() {},
  });
}

async function startAll(
  program: string,
  folder: ClusterFolder,
  nodes: readonly PlannedNode[],
  onEnded: NodeEnded,
): Promise<RunningNodes> {
  let stopping = false;
  const servers = nodes.map((node) => startServer(program, folder, node));
  const ended = Promise.all(servers.map((server) => server.ended)).then(() => {});
  const stop = async () => {
    stopping = true;
    const signalAll = (signal: NodeJS.Signals) => {
      for (const { child } of servers) child.kill(signal);
    };
    signalAll('SIGTERM');
    const again = setInterval(() => signalAll('SIGTERM'), STOP_AGAIN);
    const timer = setTimeout(() => signalAll('SIGKILL'), STOP_LIMIT);
    await ended;
    clearInterval(again);
    clearTimeout(timer);
  };
  try {
    await Promise.all(servers.map(accepts));
  } catch (error) {
    await stop();
    throw error;
  }
  for (const { node, ended } of servers) ended.then((code) => stopping || onEnded(node, code));
  return { stop, ended };
}

function startServer(program: string, folder: ClusterFolder, node: PlannedNode): ServerProcess {
  const options = ['--dir', folder.directoryOf(node), '--logfile', 'server.log'];
  // Replicas of a local cluster come all at once; waiting for more of them would only delay.
  options.push('--daemonize', 'no', '--repl-diskless-sync-delay', '0');
  const child = spawn(program, [folder.configOf(node), ...options], { stdio: 'ignore' });
  const ended = new Promise<number>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      server.failure =
        error.code === 'ENOENT' ? `${program} is not on PATH.` : `Can't run ${program}: ${error.message}`;
      resolve(1);
    });
    child.once('exit', (code, signal) => {
      server.failure = `${program} for port ${node.port} has ended (${signal ?? `exit code ${code}`}); see ${folder.logOf(node)}.`;
      resolve(code ?? 1);
    });
  });
  const server: ServerProcess = { node, child, ended, failure: undefined };
  return server;
}

/** Waits until the server answers, and as long as it says that it is loading its data. */
async function accepts(server: ServerProcess): Promise<void> {
  const { host, port } = server.node;
  for (let end = performance.now() + START_LIMIT; performance.now() < end; await pause(PAUSE)) {
    if (server.failure !== undefined) throw new LocalClusterError(server.failure);
    try {
      const connection = await Connection.open({ host, port });
      try {
        await connection.call('PING');
        return;
      } finally {
        connection.destroy();
      }
    } catch (error) {
      // A refused connection means not yet; a server that loads gets the time it needs.
      if (!(error instanceof ReplyError)) continue;
      if (error.code !== 'LOADING') return;
      end = performance.now() + START_LIMIT;
    }
  }
  throw new LocalClusterError(`The server on port ${port} does not answer.`);
}
