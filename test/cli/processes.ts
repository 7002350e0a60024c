/** Real processes for the CLI's tests: servers to talk to, and the two CLIs to compare. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { Connection } from '../../src/cli/connection.js';
import { latin1 } from '../../src/protocol/bytes.js';
import type { Reply } from '../../src/protocol/reply-tree.js';

const START_LIMIT = 10_000;
const RUN_LIMIT = 20_000;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Whether a program can be started at all. */
export async function onPath(program: string): Promise<boolean> {
  const child = spawn(program, ['--version'], { stdio: 'ignore' });
  return new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('exit', () => resolve(true));
  });
}

/** A real redis-server in a directory of its own. */
export class RealServer {
  readonly port: number;
  private readonly child: ChildProcess;
  private readonly directory: string;
  private readonly ended: Promise<unknown>;
  private connection: Connection | undefined;

  private constructor(port: number, options: string[]) {
    this.port = port;
    this.directory = mkdtempSync(join(tmpdir(), 'hexis-cli-test-'));
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', ''];
    args.push('--enable-debug-command', 'yes', '--repl-diskless-sync-delay', '0');
    this.child = spawn('redis-server', [...args, ...options], { cwd: this.directory, stdio: 'ignore' });
    this.ended = new Promise((resolve) => this.child.once('exit', resolve));
  }

  /** Starts it and waits until it answers. */
  static async start(port: number, ...options: string[]): Promise<RealServer> {
    const server = new RealServer(port, options);
    try {
      await server.connect();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  private async connect(): Promise<void> {
    const deadline = performance.now() + START_LIMIT;
    while (!this.connection) {
      if (this.child.exitCode !== null) throw new Error(`redis-server on port ${this.port} ended at once`);
      this.connection = await Connection.open({ host: '127.0.0.1', port: this.port }).catch((error) => {
        if (performance.now() > deadline) throw error;
        return undefined;
      });
      if (!this.connection) await sleep(20);
    }
    const info = await this.command('INFO', 'server');
    if (info.type !== 'bulk' || !latin1(info.value).includes(`process_id:${this.child.pid}\r\n`))
      throw new Error(`port ${this.port} belongs to another server`);
  }

  async command(...args: string[]): Promise<Reply> {
    return this.connection!.command(args, RUN_LIMIT);
  }

  async stop(): Promise<void> {
    this.connection?.close();
    this.child.kill('SIGKILL');
    await this.ended;
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A cluster of masters on the ports, the slots spread evenly, ready for writes. */
export async function startCluster(ports: readonly number[]): Promise<RealServer[]> {
  // Not the usual port + 10000: that lies where the system takes ports for outgoing connections from.
  const busPort = (port: number) => String(port + 500);
  const servers: RealServer[] = [];
  try {
    for (const port of ports)
      servers.push(await RealServer.start(port, '--cluster-enabled', 'yes', '--cluster-port', busPort(port)));
    await joinCluster(servers, ports[0], busPort(ports[0]));
  } catch (error) {
    await Promise.all(servers.map((server) => server.stop()));
    throw error;
  }
  return servers;
}

async function joinCluster(servers: readonly RealServer[], seed: number, seedBus: string): Promise<void> {
  for (const [i, server] of servers.entries()) {
    const share = (n: number) => Math.floor((n * 16384) / servers.length);
    await server.command('CLUSTER', 'ADDSLOTSRANGE', String(share(i)), String(share(i + 1) - 1));
    await server.command('CLUSTER', 'MEET', '127.0.0.1', String(seed), seedBus);
  }
  const deadline = performance.now() + START_LIMIT;
  for (const server of servers) {
    for (;;) {
      const info = await server.command('CLUSTER', 'INFO');
      if (info.type === 'bulk' && latin1(info.value).includes('cluster_state:ok')) break;
      if (performance.now() > deadline) throw new Error(`no cluster within ${START_LIMIT} ms`);
      await sleep(50);
    }
  }
}

export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

/** Runs a program to its end; `input` goes to its stdin. */
export async function runProgram(
  command: readonly string[],
  input = '',
  environment: Record<string, string> = {},
): Promise<RunResult> {
  const child = spawn(command[0], command.slice(1), { env: { ...process.env, ...environment } });
  const limit = setTimeout(() => child.kill('SIGKILL'), RUN_LIMIT);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('latin1');
    child[name].on('data', (text: string) => {
      output[name] += text;
    });
  }
  child.stdin.on('error', () => {}); // It may end without reading.
  child.stdin.end(input, 'latin1');
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearTimeout(limit);
  return { ...output, code };
}

/** Bundles the binary from the sources as they are now; answers its path and a function that removes it. */
export async function bundleBinary(): Promise<{ path: string; remove: () => void }> {
  // Inside the package, where it finds its package.json and its dependencies.
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  const directory = mkdtempSync(join(ROOT, 'dist', 'test-cli-'));
  await build({
    entryPoints: { hexis: join(ROOT, 'src/cli/main.ts') },
    outdir: directory,
    bundle: true,
    platform: 'node',
    target: 'node20',
    packages: 'external',
    format: 'esm',
    splitting: true,
    logLevel: 'error',
  });
  return { path: join(directory, 'hexis.js'), remove: () => rmSync(directory, { recursive: true }) };
}
