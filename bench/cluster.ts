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
export function whenReady(ports: readonly number[]): Promise<void> {
  return untilEach(ports, isReady, 'ready');
}

/** Agreed: every node names every node. Some clients want that of most nodes before they begin. */
export function whenAgreed(ports: readonly number[]): Promise<void> {
  const namesAll = async (connection: Connection) => {
    const nodes = (await slotsOf(connection)).flatMap(([, , ...nodes]) => nodes.map(([, port]) => port));
    return new Set(nodes).size === ports.length;
  };
  return untilEach(ports, namesAll, 'of one mind');
}

type Condition = (connection: Connection, port: number) => Promise<boolean>;

async function untilEach(ports: readonly number[], condition: Condition, what: string): Promise<void> {
  const end = performance.now() + LIMIT;
  while (performance.now() < end) {
    const holds = await Promise.all(ports.map((port) => asked(port, condition).catch(() => false)));
    if (holds.every(Boolean)) return;
    await new Promise((fulfil) => setTimeout(fulfil, 5));
  }
  throw new Error(`the cluster was not ${what} after ${LIMIT} ms`);
}

async function asked(port: number, condition: Condition): Promise<boolean> {
  const connection = await Connection.open({ host: '127.0.0.1', port });
  try {
    return await condition(connection, port);
  } finally {
    await connection.close();
  }
}

async function isReady(connection: Connection, port: number): Promise<boolean> {
  if (!String(await connection.call('CLUSTER', 'INFO')).includes('cluster_state:ok')) return false;
  const replication = String(await connection.call('INFO', 'replication'));
  if (!replication.includes('role:master')) return replication.includes('master_link_status:up');
  if (!replication.includes('state=online')) return false;
  await connection.call('SET', ownKey(await slotsOf(connection), port), '1');
  return true;
}

type SlotRange = [first: number, last: number, ...nodes: [host: string, port: number][]];

async function slotsOf(connection: Connection): Promise<SlotRange[]> {
  return (await connection.call('CLUSTER', 'SLOTS')) as unknown as SlotRange[];
}

/** A key in a slot of the master on this port, by what CLUSTER SLOTS answered. */
export function ownKey(slots: unknown, port: number, prefix = 'ready'): string {
  const ranges = (slots as SlotRange[]).filter(([, , [, at]]) => Number(at) === port);
  for (let n = 0; ; n++) {
    const key = `${prefix}:${n}`;
    const slot = asciiKeySlot(key);
    if (ranges.some(([first, last]) => first <= slot && slot <= last)) return key;
  }
}
