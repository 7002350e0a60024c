/** The article's six servers, started from one folder with its configuration files, unchanged. */
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Connection } from '../../src/client/connection.js';
import { bundleHexis, ServerProcess } from '../support/hexis-process.js';
import { freePorts } from '../support/ports.js';

const PORT = await freePorts(110);
const NODES = [0, 1, 2, 3, 4, 5];
const ARTICLE = fileURLToPath(new URL('../../examples/article', import.meta.url));
let bundle: Awaited<ReturnType<typeof bundleHexis>>;
let folder: string;
let servers: ServerProcess[] = [];

beforeAll(async () => {
  bundle = await bundleHexis();
  folder = mkdtempSync(join(tmpdir(), 'hexis-article-'));
  cpSync(ARTICLE, folder, { recursive: true });
});
afterAll(async () => {
  await killAll();
  bundle.remove();
  rmSync(folder, { recursive: true, force: true });
});

async function startAll(): Promise<void> {
  servers = NODES.map((i) => {
    const ports = ['--port', String(PORT + i), '--cluster-port', String(PORT + 100 + i)];
    const args = [bundle.program, 'server', `cluster${i}.conf`, ...ports];
    return new ServerProcess(process.execPath, args, { cwd: folder });
  });
  await Promise.all(servers.map((server) => server.printed(/Ready to accept connections/)));
}

async function killAll(): Promise<void> {
  await Promise.all(servers.splice(0).map((server) => server.kill()));
}

async function onEach(ask: (node: Connection, i: number) => Promise<unknown>): Promise<unknown[]> {
  return Promise.all(
    NODES.map(async (i) => {
      const node = await Connection.open({ host: '127.0.0.1', port: PORT + i });
      try {
        return await ask(node, i);
      } finally {
        node.close();
      }
    }),
  );
}

describe('six servers in one folder', () => {
  it('keep each its own data', async () => {
    await startAll();
    expect(servers[3].output).toMatch(
      / \* Data files are named after cluster-config-file: appendonly-nodes-3\.aof, dump-nodes-3\.rdb\n/,
    );
    // Each a cluster of its own, so that each takes the same keys.
    await onEach((node) => node.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383'));
    for (const server of servers) await server.printed(/Cluster state changed: ok/);
    await onEach((node, i) => node.call('SET', 'key', `of node ${i}`));
    await onEach((node, i) => node.call('SET', `key${i}`, 'x'));
    await killAll();

    await startAll();
    for (const server of servers) await server.printed(/Cluster state changed: ok/);
    expect(await onEach((node) => node.call('GET', 'key'))).toEqual(NODES.map((i) => `of node ${i}`));
    expect(await onEach((node) => node.call('DBSIZE'))).toEqual(NODES.map(() => 2));
    expect(await onEach((node) => node.call('CONFIG', 'GET', 'appendfilename'))).toEqual(
      NODES.map((i) => ['appendfilename', `appendonly-nodes-${i}.aof`]),
    );
    expect(readdirSync(join(folder, 'appendonlydir'))).toEqual(
      NODES.flatMap((i) =>
        ['1.base.rdb', '1.incr.aof', 'manifest'].map((part) => `appendonly-nodes-${i}.aof.${part}`),
      ),
    );

    const second = new ServerProcess(
      process.execPath,
      [bundle.program, 'server', 'cluster0.conf', '--port', String(PORT + 50)],
      { cwd: folder },
    );
    expect(await second.ended).toBe(1);
    expect(second.output).toContain(
      `${join(folder, 'nodes-0.conf')} is in use by process ${servers[0].pid}: ` +
        'give each server its own cluster-config-file, or its own dir.',
    );
  });
});
