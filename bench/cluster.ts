/** A cluster of three masters and three replicas for a benchmark, made with redis-cli, whichever engine its nodes are. */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Connection } from '../src/client/connection.js';
import { asciiKeySlot } from '../src/protocol/key-slot.js';
import { commandOf, type Engine, freePort, listening, run, type Workshop } from './processes.js';

export const NODES = 6;
const LIMIT = 60_000;

/** Starts the nodes and makes a cluster of them; fulfils when redis-cli has. */
export async function startCluster(
  workshop: Workshop,
  engine: Engine,
  options: readonly string[] = [],
): Promise<{ ports: number[]; processes: ChildProcess[] }> {
  const first = await freePorts();
  const ports = Array.from({ length: NODES }, (_, i) => first + i);
  const processes = ports.map((port) => {
    const folder = join(workshop.folder, `${port}`);
    mkdirSync(folder);
    return workshop.spawn(
      ...commandOf(engine, ['--port', `${port}`, '--cluster-enabled', 'yes', ...options]),
      folder,
    );
  });
  await Promise.all(ports.map(listening));
  const addresses = ports.map((port) => `127.0.0.1:${port}`);
  await run('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes']);
  return { ports, processes };
}

/** Six ports in a row with nobody on them is too much to ask of one random port: try until it works. */
export async function freePorts(): Promise<number> {
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
export async function whenReady(ports: readonly number[]): Promise<void> {
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

/** A key in a slot of the master on this port, by what CLUSTER SLOTS answered. */
export function ownKey(slots: unknown, port: number, prefix = 'ready'): string {
  type Range = [first: number, last: number, master: [host: string, port: number]];
  const ranges = (slots as Range[]).filter(([, , [, at]]) => Number(at) === port);
  for (let n = 0; ; n++) {
    const key = `${prefix}:${n}`;
    const slot = asciiKeySlot(key);
    if (ranges.some(([first, last]) => first <= slot && slot <= last)) return key;
  }
}
