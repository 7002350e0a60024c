/** `startServer`: several servers in one process, and what they give back when they end. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ListenError,
  type RunningServer,
  type ServerOptions,
  StartError,
  startServer,
} from '../../src/io/index.js';
import { freePorts } from '../support/ports.js';
import { RawConnection } from '../support/redis-server.js';

const PORT = await freePorts(3);
let folder: string;
let servers: RunningServer[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hexis-start-'));
  servers = [];
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: ServerOptions): Promise<RunningServer> {
  // Nothing is saved unless a test says so: then only one server can have the folder.
  const config = { dir: folder, save: '', ...(options.config as object) };
  const server = await startServer({ ...options, config });
  servers.push(server);
  return server;
}

async function ask(port: number, ...requests: string[][]): Promise<string[]> {
  const connection = await RawConnection.open(port);
  try {
    return (await connection.send(requests)).map(String);
  } finally {
    connection.close();
  }
}

describe('startServer', () => {
  it('runs several servers side by side, each with its own data', async () => {
    const first = await start({ anyPort: true });
    const second = await start({ anyPort: true });
    expect(first.port).not.toBe(second.port);
    expect(await ask(first.port, ['SET', 'k', '1'])).toEqual(['+OK\r\n']);
    expect(await ask(second.port, ['GET', 'k'])).toEqual(['$-1\r\n']);
    await first.close();
    expect(await ask(second.port, ['PING'])).toEqual(['+PONG\r\n']);
    await expect(RawConnection.open(first.port)).rejects.toThrow('ECONNREFUSED');
  });

  it('can be started again on the same port and data', async () => {
    const config = { port: PORT, appendonly: true };
    const first = await start({ config });
    await ask(PORT, ['SET', 'k', 'v']);
    await first.close();
    expect(await first.ended).toBe(0);
    await start({ config });
    expect(await ask(PORT, ['GET', 'k'])).toEqual(['$1\r\nv\r\n']);
  });

  it('finds a free port with a free one for the bus above it', async () => {
    const server = await start({ anyPort: true, config: { 'cluster-enabled': true } });
    expect(server.busPort).toBe(server.port + 10_000);
    expect(server.config.values.port).toBe(server.port);
  });

  it('keeps its log to itself, unless it is told where to', async () => {
    const lines: string[] = [];
    await start({ anyPort: true, log: (line) => lines.push(line), config: { loglevel: 'notice' } });
    expect(lines.at(-1)).toMatch(/^\d+:M .* \* Ready to accept connections$/);
    await start({ anyPort: true, config: { logfile: 'a.log' } });
    expect(readFileSync(join(folder, 'a.log'), 'utf8')).toMatch(/Ready to accept connections\n$/);
  });

  it('listens on a Unix socket, over one that was left behind', async () => {
    const path = join(folder, 'socket');
    writeFileSync(path, '');
    const server = await start({ config: { port: 0, unixsocket: path, unixsocketperm: '700' } });
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect({ path }, () => socket.write('PING\r\n'));
      socket.once('error', reject);
      socket.once('data', (bytes) => {
        socket.destroy();
        resolve(String(bytes));
      });
    });
    expect(answer).toBe('+PONG\r\n');
    await expect(start({ config: { port: 0, unixsocket: path } })).rejects.toThrow('in use');
    await server.close();
    expect(existsSync(path)).toBe(false);
  });

  it('says why it can’t start, and leaves nothing open', async () => {
    await start({ config: { port: PORT } });
    await expect(start({ config: { port: PORT } })).rejects.toThrow(ListenError);
    await expect(start({ config: { port: 62_000, 'cluster-enabled': true } })).rejects.toThrow('port 72000');
    await expect(start({ config: { port: 0 } })).rejects.toThrow('not listen anywhere');
    writeFileSync(join(folder, 'nodes.conf'), 'nonsense\n');
    const broken = start({ config: { port: PORT + 1, 'cluster-enabled': true } });
    await expect(broken).rejects.toThrow(StartError);
    await start({ config: { port: PORT + 1 } });
  });

  it('moves to another port while it runs', async () => {
    const server = await start({ config: { port: PORT } });
    const connection = await RawConnection.open(PORT);
    expect(server.config.set([['port', String(PORT + 2)]])).toBeUndefined();
    await expect.poll(() => ask(PORT + 2, ['PING']).catch(() => [])).toEqual(['+PONG\r\n']);
    await expect(RawConnection.open(PORT)).rejects.toThrow('ECONNREFUSED');
    expect((await connection.send([['PING']])).map(String)).toEqual(['+PONG\r\n']);
    connection.close();
    expect(server.config.set([['bind', '999.1.1.1']])).toMatch(/Failed to bind to specified addresses\.$/);
  });

  it('closes connections when it closes', async () => {
    const server = await start({ anyPort: true });
    const connection = await RawConnection.open(server.port);
    await connection.send([['PING']]);
    await server.close();
    expect(await connection.send([['PING']])).toEqual([]);
  });

  it('moves to another port at once, or says that it is taken and stays', async () => {
    const server = await start({ anyPort: true });
    const other = await start({ anyPort: true });
    const before = server.port;
    const [refusal] = await ask(before, ['CONFIG', 'SET', 'port', String(other.port)]);
    expect(refusal).toMatch(/argument 'port'\) - Unable to listen on this port\. Check server logs\./);
    expect(await ask(before, ['CONFIG', 'GET', 'port'])).toEqual([`*2\r\n$4\r\nport\r\n$5\r\n${before}\r\n`]);
    const free = await freePorts(1);
    expect(await ask(before, ['CONFIG', 'SET', 'port', String(free)])).toEqual(['+OK\r\n']);
    expect(await ask(free, ['PING'])).toEqual(['+PONG\r\n']);
    await expect(RawConnection.open(before)).rejects.toThrow('ECONNREFUSED');
  });

  it('says loudly that a cluster bus beyond loopback is open', async () => {
    const lines: string[] = [];
    const log = (line: string) => lines.push(line);
    const config = { 'cluster-enabled': true, bind: ['127.0.0.1'] };
    await start({ anyPort: true, log, config });
    expect(lines.join('\n')).not.toContain('authenticated');
    const beyond = { bind: ['127.0.0.1', '-10.255.255.1'], 'cluster-config-file': 'other.conf' };
    await start({ anyPort: true, log, config: { ...config, ...beyond } });
    expect(lines.filter((line) => line.includes('neither encrypted nor authenticated')).length).toBe(1);
  });
});
