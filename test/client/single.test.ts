import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AllNodesFailedError,
  connect,
  createClient,
  createCluster,
  UsageError,
} from '../../src/client/index.js';
import { freePorts } from '../support/ports.js';

const PORT = await freePorts(2);
const TLS_PORT = PORT + 1;
const address = `127.0.0.1:${PORT}`;
const folder = mkdtempSync(join(tmpdir(), 'hexis-client-'));
let server: ChildProcess;

/** Starts a server with a password and TLS, and waits until it answers. */
async function start(): Promise<void> {
  const options = ['--port', PORT, '--tls-port', TLS_PORT, '--bind', '127.0.0.1', '--requirepass', 'secret']
    .concat(['--tls-cert-file', 'cert.pem', '--tls-key-file', 'key.pem', '--tls-ca-cert-file', 'cert.pem'])
    .concat(['--tls-auth-clients', 'no', '--user', 'ada', 'on', '>engine', '~*', '+@all', '--save', ''])
    .map(String);
  server = spawn('redis-server', options, { cwd: folder, stdio: 'ignore' });
  const client = createClient(address, { password: 'secret', commandTimeout: 10_000 });
  await client.ping();
  await client.close();
}

async function kill(): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGKILL');
  await gone;
}

beforeAll(async () => {
  const certificate = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '1',
    '-subj',
    '/CN=localhost',
  ];
  const files = ['-addext', 'subjectAltName=DNS:localhost', '-keyout', 'key.pem', '-out', 'cert.pem'];
  execFileSync('openssl', [...certificate, ...files], { cwd: folder, stdio: 'ignore' });
  await start();
});

afterAll(async () => {
  await kill();
  rmSync(folder, { recursive: true, force: true });
});

describe('a client of a single server', () => {
  it('is what connect gives for one', async () => {
    await using client = await connect(`redis://:secret@${address}/2`);
    expect(client.isCluster).toBe(false);
    expect(await client.set('k', 1)).toBe('OK');
    expect(await client.mGet(['k', 'none'])).toEqual(['1', null]);
    expect(await client.dbSize()).toBe(1);
    await using other = await connect(address, { password: 'secret' });
    expect(await other.dbSize()).toBe(0);
  });

  it('asks a provider for credentials before every connection', async () => {
    const given: string[] = [];
    const credentials = async () => {
      given.push('asked');
      return { username: 'ada', password: 'engine' };
    };
    await using client = createClient(address, { credentials });
    expect(await client.call('ACL', 'WHOAMI')).toBe('ada');
    expect(given).toEqual(['asked']);
    const failing = createClient(address, {
      credentials: () => Promise.reject(new Error('vault is sealed')),
    });
    await expect(failing.ready()).rejects.toThrow('vault is sealed');
  });

  it('logs in as a user, over TLS', async () => {
    const tls = { ca: readFileSync(join(folder, 'cert.pem')) };
    const url = `rediss://ada:engine@localhost:${TLS_PORT}`;
    await using client = await connect(url, { tls, name: 'lovelace' });
    expect(await client.call('ACL', 'WHOAMI')).toBe('ada');
    expect(await client.call('CLIENT', 'GETNAME')).toBe('lovelace');
    const untrusted = await connect(url).catch((reason) => reason);
    expect(untrusted).toBeInstanceOf(AllNodesFailedError);
    expect(untrusted.message).toContain('self-signed certificate');
  });

  it('says when the password is wrong or missing', async () => {
    await expect(connect(address, { password: 'wrong' })).rejects.toThrow(/WRONGPASS/);
    await expect(connect(address)).rejects.toThrow(/NOAUTH/);
    await expect(createClient(address, { password: 'wrong' }).ready()).rejects.toThrow(/WRONGPASS/);
  });

  it('says what to do when it is taken for a cluster', async () => {
    const client = createCluster(address, { password: 'secret' });
    const error = await client.get('k').catch((reason) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toContain(`use createClient('${address}')`);
    client.destroy();
    await expect(connect([address, address], { password: 'secret' })).rejects.toThrow('name one server');
  });

  it('waits for a server that restarts', async () => {
    await using client = await connect(address, { password: 'secret', commandTimeout: 10_000 });
    await client.set('k', 'before');
    await kill();
    await sleep(50); // Before the client has heard of it, a write is lost with an unknown outcome.
    const read = client.get('k');
    const written = client.set('k', 'after');
    await sleep(100);
    await start();
    expect([null, 'after']).toContain(await read);
    expect(await written).toBe('OK');
  });

  it('reports a write whose answer never came as unknown', async () => {
    await using client = await connect(address, { password: 'secret' });
    const calls = [client.call('EVAL', 'while true do end', 0), client.set('k', 'behind')];
    const outcomes = Promise.allSettled<unknown>(calls);
    await sleep(50);
    await kill();
    for (const outcome of await outcomes) {
      const reason = { name: 'ConnectionLostError', outcome: 'unknown', address };
      expect(outcome).toMatchObject({ status: 'rejected', reason });
    }
    await start();
  });

  it('keeps a transaction in one piece', async () => {
    await using client = await connect(address, { password: 'secret' });
    expect(await client.multi((t) => [t.set('a', 1), t.incr('a'), t.get('b')])).toEqual(['OK', 2, null]);
    expect(await client.multi(() => [])).toEqual([]);
  });
});
