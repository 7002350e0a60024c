/**
 * TLS: who may connect, with which certificate, and a cluster whose nodes speak nothing else. The certificates are
 * openssl's, made for the test; without openssl it is skipped.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connect as connectClient } from '../../src/client/index.js';
import { type Directives, type RunningServer, StartError, startServer } from '../../src/io/index.js';
import { encodeRequest } from '../../src/protocol/request-parser.js';
import { call } from '../manager/redis-servers.js';
import { type Certificates, hasOpenssl, makeCertificates } from '../support/certificates.js';
import { eventually } from '../support/eventually.js';
import { freePorts } from '../support/ports.js';
import { hasRedisServer } from '../support/redis-process.js';
import { replyEnd } from '../support/resp.js';

let folder: string;
let ours: Certificates;
let strange: Certificates;
const servers: RunningServer[] = [];

async function start(directives: Directives): Promise<RunningServer> {
  const server = await startServer({
    config: {
      save: '',
      dir: mkdtempSync(join(folder, 'node-')),
      'tls-cert-file': ours.cert,
      'tls-key-file': ours.key,
      'tls-ca-cert-file': ours.ca,
      ...directives,
    },
  });
  servers.push(server);
  return server;
}

/** What the server replies; throws when it doesn't. */
function ask(
  port: number,
  { ca, cert, key }: Partial<Certificates>,
  words: string[],
  more: ConnectionOptions = {},
): Promise<string> {
  const read = (path: string | undefined) => path && readFileSync(path);
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, checkServerIdentity: () => undefined, ...more };
    const socket = connect({ ...options, ca: read(ca), cert: read(cert), key: read(key) });
    let reply = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      reply = Buffer.concat([reply, bytes]);
      if (replyEnd(reply) === 0) return;
      resolve(String(reply));
      socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed')));
    socket.write(encodeRequest(words));
  });
}

const ping = (port: number, files: Partial<Certificates>, more?: ConnectionOptions) =>
  ask(port, files, ['PING'], more);

/** Our own client's options. */
function clientTls() {
  const [ca, cert, key] = [ours.ca, ours.cert, ours.key].map((path) => readFileSync(path));
  return { tls: { ca, cert, key, checkServerIdentity: () => undefined } };
}

describe.skipIf(!hasOpenssl())('TLS', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hexis-tls-'));
    ours = makeCertificates(folder, 'ours');
    strange = makeCertificates(folder, 'strange');
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('asks for a certificate that its CA has signed', async () => {
    const port = await freePorts(1);
    await start({ port: 0, 'tls-port': port });
    expect(await ping(port, ours)).toBe('+PONG\r\n');
    await expect(ping(port, { ca: ours.ca })).rejects.toThrow();
    await expect(ping(port, { ...strange, ca: ours.ca })).rejects.toThrow();
    await expect(ping(port, { ...ours, ca: strange.ca })).rejects.toThrow(/certificate/);
  });

  it('asks nobody, or only looks at what it is shown, with tls-auth-clients no and optional', async () => {
    const port = await freePorts(2);
    await start({ port: 0, 'tls-port': port, 'tls-auth-clients': 'no' });
    await start({ port: 0, 'tls-port': port + 1, 'tls-auth-clients': 'optional' });
    expect(await ping(port, { ca: ours.ca })).toBe('+PONG\r\n');
    expect(await ping(port + 1, { ca: ours.ca })).toBe('+PONG\r\n');
    expect(await ping(port + 1, ours)).toBe('+PONG\r\n');
    await expect(ping(port + 1, { ...strange, ca: ours.ca })).rejects.toThrow();
  });

  it('speaks the configured protocol versions only', async () => {
    const port = await freePorts(1);
    await start({ port: 0, 'tls-port': port, 'tls-protocols': 'TLSv1.3' });
    expect(await ping(port, ours, { minVersion: 'TLSv1.3' })).toBe('+PONG\r\n');
    await expect(ping(port, ours, { maxVersion: 'TLSv1.2' })).rejects.toThrow();
  });

  it('carries large values both ways', async () => {
    const port = await freePorts(1);
    await start({ port: 0, 'tls-port': port });
    const client = await connectClient({ host: '127.0.0.1', port }, clientTls());
    const value = 'x'.repeat(3_000_000);
    await client.set('k', value);
    expect(await client.get('k')).toBe(value);
    await client.close();
  });

  it('takes another certificate while it runs, and says what is wrong with one', async () => {
    const port = await freePorts(1);
    const server = await start({ port: 0, 'tls-port': port, 'tls-auth-clients': 'no' });
    const change = (files: Certificates) =>
      server.config.set([
        ['tls-cert-file', files.cert],
        ['tls-key-file', files.key],
        ['tls-ca-cert-file', files.ca],
      ]);
    expect(change(strange)).toBeUndefined();
    expect(await ping(port, { ca: strange.ca })).toBe('+PONG\r\n');
    await expect(ping(port, { ca: ours.ca })).rejects.toThrow(/certificate/);
    expect(change({ ...ours, key: strange.key })).toMatch(
      /Unable to update TLS configuration. Check server logs.$/,
    );
    expect(await ping(port, { ca: strange.ca })).toBe('+PONG\r\n');
    await expect(start({ port: 0, 'tls-port': port, 'tls-cert-file': '/nowhere' })).rejects.toThrow(
      StartError,
    );
  });

  it('can be set up while it is off, one directive at a time', async () => {
    const port = await freePorts(1);
    const off = { 'tls-cert-file': '', 'tls-key-file': '', 'tls-ca-cert-file': '' };
    const server = await start({ port, ...off });
    for (const [name, value] of [
      ['tls-cert-file', ours.cert],
      ['tls-key-file', ours.key],
      ['tls-ca-cert-file', ours.ca],
    ] as const) {
      expect(server.config.set([[name, value]])).toBeUndefined();
    }
  });

  it.skipIf(!hasRedisServer())('is what redis-cli speaks', async () => {
    const port = await freePorts(1);
    await start({ port: 0, 'tls-port': port });
    const files = ['--cacert', ours.ca, '--cert', ours.cert, '--key', ours.key];
    const { stdout } = await promisify(execFile)('redis-cli', ['--tls', ...files, '-p', `${port}`, 'PING']);
    expect(stdout).toBe('PONG\n');
  });

  it('is all that the nodes of a TLS cluster speak: bus, replication, MIGRATE', async () => {
    const first = await freePorts(2);
    const node = (port: number) => ({
      port: 0,
      'tls-port': port,
      'tls-cluster': true,
      'tls-replication': true,
      'cluster-enabled': true,
      'cluster-node-timeout': 2000,
    });
    await start(node(first));
    await start(node(first + 1));
    const a = (...words: string[]) => ask(first, ours, words);
    const b = (...words: string[]) => ask(first + 1, ours, words);
    await a('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await a('SET', 'k', 'v');
    await a('CLUSTER', 'MEET', '127.0.0.1', String(first + 1));
    await eventually(async () => (await b('CLUSTER', 'INFO')).includes('cluster_state:ok'));
    const id = (await a('CLUSTER', 'MYID')).split('\r\n')[1];
    await eventually(async () => (await b('CLUSTER', 'REPLICATE', id)) === '+OK\r\n');
    await eventually(async () => (await b('INFO', 'replication')).includes('master_link_status:up'));
    expect(await b('GET', 'k')).toBe(`-MOVED 7629 127.0.0.1:${first}\r\n`);
    const client = await connectClient({ host: '127.0.0.1', port: first + 1 }, clientTls());
    expect(await client.get('k')).toBe('v');
    await client.close();
  });

  it('names to each client the port that it can use', async () => {
    const port = await freePorts(2);
    const options = { port, 'tls-port': port + 1, 'tls-cluster': true, 'cluster-enabled': true };
    await start(options);
    const encrypted = (...words: string[]) => ask(port + 1, ours, words);
    const plaintext = async (...words: string[]) => String(await call(port, ...words));
    await encrypted('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    expect(await encrypted('CLUSTER', 'NODES')).toContain(`:${port + 1}@`);
    expect(await plaintext('CLUSTER', 'NODES')).toContain(`:${port}@`);
    expect(await encrypted('CLUSTER', 'SLOTS')).toContain(`:${port + 1}\r\n`);
    expect(await plaintext('CLUSTER', 'SLOTS')).toContain(`,${port},`);
  });
});
