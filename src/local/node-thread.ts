/** The worker thread that runs some nodes of a local cluster; see threads.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { readConfig } from '../io/config-files.js';
import { type RunningServer, startServer } from '../io/server.js';
import { parseCommandLine } from '../node/config/index.js';
import type { ThreadPlan, ThreadReport } from './threads.js';

const { nodes } = workerData as ThreadPlan;
const port = parentPort!;
const report = (message: ThreadReport) => port.postMessage(message);

async function startNode({ index, config: file, directory }: ThreadPlan['nodes'][number]) {
  const commandLine = parseCommandLine([file, '--dir', directory, '--logfile', 'server.log']);
  const server = await startServer({ config: readConfig(commandLine, () => '') });
  server.ended.then((exitCode) => report({ type: 'ended', index, exitCode }));
  return server;
}

const servers: RunningServer[] = [];
let stopping = false;

// The one thing that it is told is to stop.
const told = new Promise<void>((resolve) => {
  port.once('message', () => {
    stopping = true;
    for (const server of servers) void server.close();
    resolve();
  });
});

try {
  // One after the other: they share the thread anyway.
  for (const node of nodes) {
    const server = await startNode(node);
    servers.push(server);
    if (stopping) await server.close();
  }
  report({ type: 'started' });
} catch (error) {
  report({ type: 'failed', reason: (error as Error).message });
  await told;
}
await Promise.all(servers.map(({ ended }) => ended));
port.close();
