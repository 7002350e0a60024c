/** The worker thread that runs some nodes of a local cluster; see threads.ts. */
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { compileForServing } from '../io/compiler.js';
import { readConfig } from '../io/config-files.js';
import { type RunningServer, startServer } from '../io/server.js';
import { parseCommandLine } from '../node/config/index.js';
import type { NodeToRun, ThreadOrder, ThreadReport } from './threads.js';

const port = parentPort!;
compileForServing();
const servers: RunningServer[] = [];
let stopping = false;
let toldToStop!: () => void;
const told = new Promise<void>((resolve) => {
  toldToStop = resolve;
});

port.on('message', (order: ThreadOrder) => {
  if (order.type === 'run') {
    void run(order.nodes);
    return;
  }
  stopping = true;
  for (const server of servers) void server.close();
  toldToStop();
});

async function run(nodes: readonly NodeToRun[]): Promise<void> {
  try {
    // One after the other: they share the thread anyway.
    for (const node of nodes) {
      const server = await startNode(node).catch((error: Error) => {
        throw new Error(`${error.message}\nIts log: ${join(node.directory, 'server.log')}`);
      });
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
}

async function startNode({ index, config: file, directory }: NodeToRun): Promise<RunningServer> {
  const commandLine = parseCommandLine([file, '--dir', directory, '--logfile', 'server.log']);
  const server = await startServer({ config: readConfig(commandLine, () => '') });
  server.ended.then((exitCode) => report({ type: 'ended', index, exitCode }));
  return server;
}

function report(message: ThreadReport): void {
  port.postMessage(message);
}
