/** Real processes for the CLI's tests: servers to talk to, and the two CLIs to compare. */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '../../src/cli/connection.js';
import { latin1 } from '../../src/protocol/bytes.js';
import type { Reply } from '../../src/protocol/reply-tree.js';
import { RedisProcess } from '../support/redis-process.js';

const START_LIMIT = 10_000;
const RUN_LIMIT = 20_000;

/** A redis-server with one connection to it. */
export class RealServer {
  private constructor(
    private readonly process: RedisProcess,
    private readonly connection: Connection,
  ) {}

  /** Starts it and waits until it answers. */
  static async start(port: number, ...options: string[]): Promise<RealServer> {
    const args = ['--enable-debug-command', 'yes', '--repl-diskless-sync-delay', '0', ...options];
    const process = new RedisProcess({ port, args });
    try {
      await process.ready();
      return new RealServer(process, await Connection.open({ host: '127.0.0.1', port }));
    } catch (error) {
      await process.stop();
      throw error;
    }
  }

  get port(): number {
    return this.process.port;
  }

  command(...args: string[]): Promise<Reply> {
    return this.connection.command(args, RUN_LIMIT);
  }

  async stop(): Promise<void> {
    this.connection.close();
    await this.process.stop();
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
