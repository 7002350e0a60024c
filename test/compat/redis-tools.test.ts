/**
 * Debian's own tools on Hexis nodes: redis-cli makes and checks the cluster, redis-benchmark loads it, and a real
 * redis-server joins it and becomes a replica of a Hexis master.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../../src/io/server.js';
import { eventually } from '../support/eventually.js';
import { PlainRedis } from '../support/plain-redis.js';
import { freePorts } from '../support/ports.js';
import { hasRedisServer } from '../support/redis-process.js';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'hexis-tools-'));
const servers: RunningServer[] = [];
let ports: number[];

async function cli(port: number, ...args: string[]): Promise<string> {
  const { stdout } = await run('redis-cli', ['-p', `${port}`, ...args], { timeout: 20_000 });
  return stdout.trimEnd();
}

beforeAll(async () => {
  for (let i = 0; i < 6; i++) {
    const dir = mkdtempSync(join(folder, 'node-'));
    const config = {
      dir,
      'cluster-enabled': true,
      'cluster-node-timeout': 5000,
      appendonly: true,
      'enable-debug-command': 'yes',
    };
    servers.push(await startServer({ anyPort: true, config }));
  }
  ports = servers.map(({ port }) => port);
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(!hasRedisServer())("Debian's redis-cli, redis-benchmark and redis-server", () => {
  it('make a cluster of six Hexis nodes', async () => {
    const nodes = ports.map((port) => `127.0.0.1:${port}`);
    const { stdout } = await run(
      'redis-cli',
      ['--cluster', 'create', ...nodes, '--cluster-replicas', '1', '--cluster-yes'],
      { timeout: 60_000 },
    );
    expect(stdout).toContain('[OK] All 16384 slots covered.');
    await eventually(async () => {
      const check = await run('redis-cli', ['--cluster', 'check', nodes[4]], { timeout: 20_000 });
      return /3 keys|\[OK\] All nodes agree/.test(check.stdout) && !check.stdout.includes('[ERR]');
    });
  });

  it('set and get a key with -c', async () => {
    expect(await cli(ports[1], '-c', 'set', 'hoge', 'fuga')).toBe('OK');
    expect(await cli(ports[2], '-c', 'get', 'hoge')).toBe('fuga');
    expect(await cli(ports[1], 'get', 'hoge')).toBe(`MOVED 1525 127.0.0.1:${ports[0]}`);
  });

  it('load the cluster without an error', async () => {
    const args = [
      '--cluster',
      '-p',
      `${ports[0]}`,
      '-t',
      'set,get',
      '-n',
      '20000',
      '-r',
      '5000',
      '-P',
      '16',
      '-q',
    ];
    const { stdout, stderr } = await run('redis-benchmark', args, { timeout: 60_000 });
    expect(`${stdout}${stderr}`).not.toMatch(/error/i);
    expect(stdout).toMatch(/SET: [0-9.]+ requests per second[\s\S]*GET: [0-9.]+ requests per second/);
  });

  it('join as a real redis-server and follow a Hexis master with equal data', async () => {
    const port = await freePorts(1);
    const options = ['--cluster-enabled', 'yes', '--enable-debug-command', 'yes'];
    const redis = new PlainRedis(port, mkdtempSync(join(folder, 'redis-')), options);
    try {
      await redis.ready();
      await redis.cli('CLUSTER', 'MEET', '127.0.0.1', `${ports[0]}`, `${servers[0].busPort}`);
      const id = await redis.cli('CLUSTER', 'MYID');
      for (const each of ports)
        await eventually(async () => (await cli(each, 'cluster', 'nodes')).includes(id));
      const master = await cli(ports[0], 'cluster', 'myid');
      await eventually(async () => (await redis.cli('CLUSTER', 'NODES')).includes(master));
      await redis.cli('CLUSTER', 'REPLICATE', master);
      await eventually(async () =>
        (await redis.cli('INFO', 'replication')).includes('master_link_status:up'),
      );
      await cli(ports[0], '-c', 'set', 'hoge', 'after the snapshot');
      const digest = await cli(ports[0], 'debug', 'digest');
      expect(digest).not.toBe('0'.repeat(40));
      await eventually(async () => (await redis.cli('DEBUG', 'DIGEST')) === digest);
    } finally {
      await redis.stop();
    }
  });
});
