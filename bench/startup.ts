/**
 * From nothing to a cluster of three masters and three replicas in which every slot takes a write and every replica is
 * linked: `hexis up`, and six redis-servers with `redis-cli --cluster create`. Also the memory of the idle cluster.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Connection } from '../src/client/connection.js';
import { asciiKeySlot } from '../src/protocol/key-slot.js';
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

function listeningSoon(port: number): Promise<void> {
  return new Promise((fulfil, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      fulfil();
    });
    socket.once('error', reject);
  });
}

/** Ready: every node says ok, every replica's link is up, and a write is taken. */
async function whenReady(ports: readonly number[]): Promise<void> {
  const end = performance.now() + LIMIT;
  while (performance.now() < end) {
    const ready = await Promise.all(ports.map((port) => isReady(port).catch(() => false)));
    if (ready.every(Boolean)) return;
    await new Promise((fulfil) => setTimeout(fulfil, 5));
  }
  throw new Error(`the cluster was not ready after ${LIMIT} ms`);
}

async function isReady(port: number): Promise<boolean> {
  const connection = await Connection.open({ host: '127.0.0.1', port });
  try {
    if (!String(await connection.call('CLUSTER', 'INFO')).includes('cluster_state:ok')) return false;
    const replication = String(await connection.call('INFO', 'replication'));
    if (!replication.includes('role:master')) return replication.includes('master_link_status:up');
    if (!replication.includes('state=online')) return false;
    await connection.call('SET', ownKey(await connection.call('CLUSTER', 'SLOTS'), port), '1');
    return true;
  } finally {
    await connection.close();
  }
}

/** A key in a slot of the master on this port. */
function ownKey(slots: unknown, port: number): string {
  type Range = [first: number, last: number, master: [host: string, port: number]];
  const ranges = (slots as Range[]).filter(([, , [, at]]) => Number(at) === port);
  for (let n = 0; ; n++) {
    const key = `ready:${n}`;
    const slot = asciiKeySlot(key);
    if (ranges.some(([first, last]) => first <= slot && slot <= last)) return key;
  }
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
