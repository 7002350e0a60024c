/** Clients that wait for a key whose slot goes to another node, or to none. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../../src/io/index.js';
import { keySlot } from '../../src/protocol/key-slot.js';
import { eventually } from '../support/eventually.js';
import { RawConnection } from '../support/redis-server.js';

const SLOT = String(keySlot(Buffer.from('k'), 0, 1));

let folders: string[];
let servers: RunningServer[];
let connections: RawConnection[];

beforeEach(() => {
  folders = [];
  servers = [];
  connections = [];
});

afterEach(async () => {
  for (const connection of connections) connection.close();
  await Promise.all(servers.map((server) => server.close()));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<{ port: number; ask: (...words: string[]) => Promise<string> }> {
  const folder = mkdtempSync(join(tmpdir(), 'hexis-blocked-'));
  folders.push(folder);
  const server = await startServer({
    anyPort: true,
    config: { dir: folder, save: '', 'cluster-enabled': true },
  });
  servers.push(server);
  const connection = await open(server.port);
  const ask = async (...words: string[]) => String((await connection.send([words]))[0]);
  return { port: server.port, ask };
}

async function open(port: number): Promise<RawConnection> {
  const connection = await RawConnection.open(port);
  connections.push(connection);
  return connection;
}

describe('clients that wait for a key', () => {
  it('are sent to the node that gets its slot', async () => {
    const from = await start();
    const to = await start();
    await from.ask('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await from.ask('CLUSTER', 'MEET', '127.0.0.1', String(to.port));
    await eventually(async () => (await from.ask('CLUSTER', 'INFO')).includes('cluster_state:ok'));
    await eventually(async () => (await to.ask('CLUSTER', 'INFO')).includes('cluster_slots_assigned:16384'));
    const waiting = (await open(from.port)).send([['BLPOP', 'k', '0']]);
    await eventually(async () => (await from.ask('INFO', 'clients')).includes('blocked_clients:1'));

    const [, target] = /\r\n(\w{40})/.exec(await to.ask('CLUSTER', 'MYID'))!;
    const [, source] = /\r\n(\w{40})/.exec(await from.ask('CLUSTER', 'MYID'))!;
    expect(await to.ask('CLUSTER', 'SETSLOT', SLOT, 'IMPORTING', source)).toBe('+OK\r\n');
    expect(await from.ask('CLUSTER', 'SETSLOT', SLOT, 'MIGRATING', target)).toBe('+OK\r\n');
    await to.ask('CLUSTER', 'SETSLOT', SLOT, 'NODE', target);
    await from.ask('CLUSTER', 'SETSLOT', SLOT, 'NODE', target);
    expect(String(await waiting)).toBe(`-MOVED ${SLOT} 127.0.0.1:${to.port}\r\n`);
    expect(await from.ask('INFO', 'clients')).toContain('blocked_clients:0');
  });

  it('are told when the cluster is down', async () => {
    const node = await start();
    await node.ask('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await eventually(async () => (await node.ask('CLUSTER', 'INFO')).includes('cluster_state:ok'));
    const waiting = (await open(node.port)).send([['BLPOP', 'k', '0']]);
    await eventually(async () => (await node.ask('INFO', 'clients')).includes('blocked_clients:1'));
    await node.ask('CLUSTER', 'DELSLOTS', SLOT);
    expect(String(await waiting)).toBe('-CLUSTERDOWN The cluster is down\r\n');
  });
});
