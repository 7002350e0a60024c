/**
 * From nothing to a cluster of three masters and three replicas in which every slot takes a write and every replica is
 * linked: `hexis up`, and six redis-servers with `redis-cli --cluster create`. Also the memory of the idle cluster.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts, NODES, startCluster, whenReady } from './cluster.js';
import { listening, table, Workshop } from './processes.js';

interface Result {
  readonly name: string;
  readonly milliseconds: number;
  readonly megabytes: number;
}

function residentMegabytes(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]);
  return (pages * 4096) / 1024 / 1024;
}

async function hexis(): Promise<Result> {
  const workshop = new Workshop();
  try {
    const port = await freePorts();
    const begun = performance.now();
    const up = workshop.spawn(process.execPath, [
      new URL('../bin/hexis', import.meta.url).pathname,
      'up',
      '--port',
      `${port}`,
      '--dir',
      join(workshop.folder, 'cluster'),
    ]);
    await listening(port);
    await whenReady(Array.from({ length: NODES }, (_, i) => port + i));
    const milliseconds = performance.now() - begun;
    return { name: 'hexis up', milliseconds, megabytes: residentMegabytes(up.pid!) };
  } finally {
    await workshop.close();
  }
}

async function redis(): Promise<Result> {
  const workshop = new Workshop();
  try {
    const begun = performance.now();
    const { ports, processes } = await startCluster(workshop, 'redis-server', ['--appendonly', 'yes']);
    await whenReady(ports);
    const milliseconds = performance.now() - begun;
    const megabytes = processes.reduce((sum, { pid }) => sum + residentMegabytes(pid!), 0);
    return { name: 'redis-server x6 + redis-cli', milliseconds, megabytes };
  } finally {
    await workshop.close();
  }
}

/** Runs the comparison and answers the table. */
export async function benchmarkStartup(): Promise<string> {
  const results = [await hexis(), await redis()];
  const [ours, theirs] = results;
  return [
    table([
      ['cluster of 3 + 3', 'ready after', 'resident memory'],
      ...results.map(({ name, milliseconds, megabytes }) => [
        name,
        `${(milliseconds / 1000).toFixed(2)} s`,
        `${megabytes.toFixed(0)} MB`,
      ]),
    ]),
    `ready ${(theirs.milliseconds / ours.milliseconds).toFixed(1)} times as fast`,
  ].join('\n');
}
