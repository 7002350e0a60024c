/** A cluster that knows its users: the manager, the client and the replicas each come with a name and a password. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/client/index.js';
import { type RunningServer, startServer } from '../../src/io/index.js';
import { freePorts } from '../support/ports.js';
import { RawConnection } from '../support/redis-server.js';

const HEXIS = join(import.meta.dirname, '../../bin/hexis');
const OPERATOR = { username: 'ops', password: 'pass of ops' };

let folder: string;
let servers: RunningServer[] = [];
let port: number;

/** `hexis …` as the operator; what it prints. */
async function hexis(...args: string[]): Promise<string> {
  const words = args[0] === 'cluster' ? 2 : 1; // what is run, before its options
  const as = ['--user', OPERATOR.username, '--pass', OPERATOR.password];
  const all = [HEXIS, ...args.slice(0, words), ...as, ...args.slice(words)];
  const { stdout } = await promisify(execFile)(process.execPath, all, { timeout: 60_000 });
  return stdout;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hexis-users-'));
  port = await freePorts(6);
  servers = await Promise.all(
    Array.from({ length: 6 }, (_, i) => {
      const config = {
        port: port + i,
        dir: mkdtempSync(join(folder, 'node-')),
        save: '',
        'cluster-enabled': true,
        'cluster-node-timeout': 3000,
        masteruser: 'replica',
        masterauth: 'pass of replica',
      };
      return startServer({ config });
    }),
  );
  for (const server of servers) {
    const connection = await RawConnection.open(server.port);
    await connection.send([
      ['ACL', 'SETUSER', 'ops', 'on', '>pass of ops', '+@all', '~*', '&*'],
      ['ACL', 'SETUSER', 'replica', 'on', '>pass of replica', '+psync', '+replconf', '+ping'],
      ['ACL', 'SETUSER', 'reader', 'on', '>r', '+@read', '+@connection', '+cluster', '+command', '%R~open:*'],
      ['ACL', 'SETUSER', 'default', 'off', 'resetpass'],
    ]);
    connection.close();
  }
}, 30_000);

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  rmSync(folder, { recursive: true, force: true });
});

describe('a cluster with users', () => {
  it('is created, checked, used and resharded by those who may, and replicates', {
    timeout: 90_000,
  }, async () => {
    const addresses = servers.map((server) => `127.0.0.1:${server.port}`);
    const created = await hexis(
      'cluster',
      'create',
      '--cluster-replicas',
      '1',
      '--cluster-yes',
      ...addresses,
    );
    expect(created).toContain('[OK] All 16384 slots covered.');

    const client = await connect(addresses[0], OPERATOR);
    for (let i = 0; i < 50; i++) await client.set(`open:${i}`, `${i}`);
    await client.set('closed', 'x');

    const [from, to] = await Promise.all(
      [0, 1].map(async (i) => (await hexis('cli', '-p', String(port + i), 'CLUSTER', 'MYID')).trim()),
    );
    const moves = ['--cluster-from', from, '--cluster-to', to, '--cluster-slots', '20', '--cluster-yes'];
    await hexis('cluster', 'reshard', addresses[0], ...moves);
    for (let i = 0; i < 50; i++) expect(await client.get(`open:${i}`)).toBe(`${i}`);
    expect(await hexis('cluster', 'check', addresses[2])).toContain('[OK] All 16384 slots covered.');
    expect(await hexis('cli', '-c', '-p', String(port), 'GET', 'open:7')).toBe('7\n');
    await client.close();

    const reader = await connect(addresses[1], { username: 'reader', password: 'r' });
    expect(await reader.get('open:3')).toBe('3');
    await expect(reader.get('closed')).rejects.toThrow('NOPERM');
    await expect(reader.set('open:3', 'x')).rejects.toThrow(
      "NOPERM this user has no permissions to run the 'set'",
    );
    await reader.close();
    await expect(connect(addresses[1], { username: 'reader', password: 'wrong' })).rejects.toThrow();

    for (const address of addresses.slice(3)) {
      const replication = await hexis('cli', '-p', address.split(':')[1], 'INFO', 'replication');
      expect(replication).toContain('master_link_status:up');
    }
  });
});
