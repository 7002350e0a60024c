/**
 * From nothing to a cluster of three masters and three replicas in which every slot takes a write and every replica is
 * linked: `hexis up`, and six redis-servers with `redis-cli --cluster create`. Also the memory of the idle cluster.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, listening, run, table, Workshop } from './processes.js';

const NODES = 6;
const LIMIT = 60_000;

interface Result {
  readonly name: string;
  readonly milliseconds: number;
  readonly megabytes: number;
}

/** Six ports in a row with nobody on them is too much to ask of one random port: try until it works. */
async function freePorts(): Promise<number> {
  for (;;) {
    const first = await freePort();
    const rest = await Promise.allSettled(Array.from({ length: NODES }, (_, i) => listeningSoon(first + i)));
    if (rest.every(({ status }) => status === 'rejected')) return first;
  }
}

async function listeningSoon(port: number): Promise<void> {
  const { connect } = await import('node:net');
  return new Promise((fulfil, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      fulfil();
    });
    socket.once('error', reject);
  });
}

/** Ready: every node says ok, every replica's link is up, and each master takes a write. */
async function whenReady(ports: readonly number[]): Promise<void> {
  const end = performance.now() + LIMIT;
  const call = async (port: number, ...args: string[]) =>
    (await run('redis-cli', ['-p', `${port}`, ...args])).stdout;
  const isReady = async (port: number) => {
    const info = await call(port, 'cluster', 'info');
    if (!info.includes('cluster_state:ok')) return false;
    const role = await call(port, 'info', 'replication');
    return role.includes('role:master') || role.includes('master_link_status:up');
  };
  while (performance.now() < end) {
    const ready = await Promise.all(ports.map(isReady));
    if (ready.every(Boolean)) {
      const written = await run('redis-cli', ['-c', '-p', `${ports[0]}`, 'set', 'ready', '1']);
      if (written.stdout.trim() === 'OK') return;
    }
  }
  throw new Error(`the cluster was not ready after ${LIMIT} ms`);
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
    const first = await freePorts();
    const ports = Array.from({ length: NODES }, (_, i) => first + i);
    const begun = performance.now();
    const pids: number[] = [];
    for (const port of ports) {
      const folder = join(workshop.folder, `${port}`);
      mkdirSync(folder);
      const args = ['--port', `${port}`, '--cluster-enabled', 'yes', '--appendonly', 'yes', '--save', ''];
      pids.push(workshop.spawn('redis-server', args, folder).pid!);
    }
    await Promise.all(ports.map(listening));
    await run('redis-cli', [
      '--cluster',
      'create',
      ...ports.map((port) => `127.0.0.1:${port}`),
      '--cluster-replicas',
      '1',
      '--cluster-yes',
    ]);
    await whenReady(ports);
    const milliseconds = performance.now() - begun;
    const megabytes = pids.reduce((sum, pid) => sum + residentMegabytes(pid), 0);
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
