/**
 * The built-in engine: nodes in worker threads of this process.
 *
 * Six nodes on one thread take least memory and processor time, but then a slow command on one of them stops all, and
 * two cores are of no use. In between lies the choice here: as many threads as masters, each with one master and
 * replicas of others. A master that hangs takes a replica of somebody else along, never its own, and the other masters
 * stay a majority: failover works as if every node had a thread of its own.
 *
 * Measured with six nodes on two cores: 82 MB resident on one thread, 114 MB on three, 132 MB on six, 270 MB as six
 * processes. On three threads they are ready 0.4 s after the command was typed, for 0.65 s of processor time.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { LaunchNodes } from './engine.js';
import { LocalClusterError } from './errors.js';
import type { PlannedNode } from './layout.js';

/** One node that a thread is told to run, by paths of its files. */
export interface NodeToRun {
  readonly index: number;
  readonly config: string;
  readonly directory: string;
}

/** What a thread is told: first what to run, then to stop. */
export type ThreadOrder =
  | { readonly type: 'run'; readonly nodes: readonly NodeToRun[] }
  | { readonly type: 'stop' };

/** What a thread reports. */
export type ThreadReport =
  | { readonly type: 'started' }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'ended'; readonly index: number; readonly exitCode: number };

/** Which nodes share a thread: no two of one shard. */
export function assignThreads(nodes: readonly PlannedNode[], cores: number): PlannedNode[][] {
  const masters = nodes.filter(({ masterIndex }) => masterIndex === null).length;
  const replicas = nodes.length / masters - 1;
  const count = Math.max(replicas + 1, Math.min(masters, Math.max(cores, 3)));
  const threads: PlannedNode[][] = Array.from({ length: count }, () => []);
  for (const node of nodes) {
    // The n-th replica of a master lives n threads further.
    const place = (node.masterIndex ?? node.index) + Math.floor(node.index / masters);
    threads[place % count].push(node);
  }
  return threads.filter((thread) => thread.length > 0);
}

/** Threads load the server while the cluster's files are being made. */
export const launchThreads: LaunchNodes = (nodes, onEnded) => {
  let stopping = false;
  const threads = assignThreads(nodes, availableParallelism()).map((group) => {
    const worker = new Worker(new URL('./node-thread.js', import.meta.url));
    const started = new Promise<void>((resolve, reject) => {
      worker.on('message', (report: ThreadReport) => {
        if (report.type === 'started') resolve();
        else if (report.type === 'failed') reject(new LocalClusterError(report.reason));
        else if (!stopping) onEnded(nodes[report.index], report.exitCode);
      });
      worker.on('error', reject);
    });
    const ended = new Promise<void>((resolve) => worker.on('exit', () => resolve()));
    return { group, worker, started, ended };
  });
  const order = (worker: Worker, order: ThreadOrder) => worker.postMessage(order);
  const ended = Promise.all(threads.map((thread) => thread.ended)).then(() => {});
  const stop = () => {
    stopping = true;
    for (const { worker } of threads) order(worker, { type: 'stop' });
    return ended;
  };

  return {
    async start(folder) {
      for (const { worker, group } of threads) {
        const nodes = group.map((node) => ({
          index: node.index,
          config: folder.configOf(node),
          directory: folder.directoryOf(node),
        }));
        order(worker, { type: 'run', nodes });
      }
      try {
        await Promise.all(threads.map(({ started }) => started));
      } catch (error) {
        await stop();
        throw error;
      }
      return { stop, ended };
    },
    abandon() {
      for (const { worker } of threads) void worker.terminate();
    },
  };
};
