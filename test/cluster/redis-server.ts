/** Real redis-server processes in a temporary folder, for tests that put Hexis among them. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Whether redis-server is on PATH. */
export function hasRedisServer(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * The bus port that goes with a test's client port. Not 10000 above: that would lie among the ports that the system
 * gives to outgoing connections, and be taken now and then.
 */
export function testBusPort(port: number): number {
  return port + 500;
}

export class RedisServer {
  readonly port: number;
  readonly folder: string;
  private readonly process: ChildProcess;
  /** The end of what it printed. */
  private log = '';

  constructor(port: number, options: string[] = []) {
    this.port = port;
    this.folder = mkdtempSync(path.join(tmpdir(), 'hexis-redis-'));
    const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', this.folder, '--save', ''];
    const bus = ['--cluster-port', `${testBusPort(port)}`];
    const cluster = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000', ...bus];
    const replication = ['--repl-diskless-sync-delay', '0'];
    this.process = spawn('redis-server', [...args, ...cluster, ...replication, ...options]);
    const keep = (bytes: Buffer) => {
      this.log = (this.log + bytes).slice(-4000);
    };
    this.process.stdout?.on('data', keep);
    this.process.stderr?.on('data', keep);
    this.process.on('exit', (code, signal) => keep(Buffer.from(`(exited: ${code ?? signal})`)));
  }

  /** Sends one command; answers its reply as text: a bulk's content, or the reply's lines. */
  async command(...args: string[]): Promise<string> {
    const socket = net.connect(this.port, '127.0.0.1');
    try {
      return await new Promise<string>((resolve, reject) => {
        let reply = '';
        socket.setTimeout(5000, () => reject(new Error(`no reply from ${this.port}`)));
        socket.on('error', reject);
        socket.on('data', (bytes) => {
          reply += bytes.toString('latin1');
          const bulk = /^\$(-?\d+)\r\n/.exec(reply);
          if (!bulk) return reply.endsWith('\r\n') ? resolve(reply.trimEnd()) : undefined;
          const start = bulk[0].length;
          const end = start + Number(bulk[1]);
          if (reply.length >= end + 2) resolve(reply.slice(start, end));
        });
        const parts = args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`);
        socket.write(`*${args.length}\r\n${parts.join('')}`);
      });
    } finally {
      socket.destroy();
    }
  }

  /** Subscribes to a channel; the answer gives what has come so far. The server's end closes the connection. */
  subscribe(channel: string): () => string {
    const socket = net.connect(this.port, '127.0.0.1');
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
    });
    socket.write(`SUBSCRIBE ${channel}\r\n`);
    return () => text;
  }

  async ready(): Promise<void> {
    try {
      await eventually(async () => (await this.command('PING')) === '+PONG');
    } catch (error) {
      throw new Error(`redis-server on ${this.port} is not ready:\n${this.log}`, { cause: error });
    }
  }

  /** CLUSTER MEET with the node on a test port. */
  async meet(port: number): Promise<void> {
    await this.command('CLUSTER', 'MEET', '127.0.0.1', `${port}`, `${testBusPort(port)}`);
  }

  async id(): Promise<string> {
    return this.command('CLUSTER', 'MYID');
  }

  async info(field: string): Promise<string> {
    const text = await this.command('CLUSTER', 'INFO');
    return new RegExp(`^${field}:(.*?)\\r?$`, 'm').exec(text)?.[1] ?? '';
  }

  /** The line of CLUSTER NODES about a node, '' when this one does not know it. */
  async sees(nodeId: string): Promise<string> {
    const text = await this.command('CLUSTER', 'NODES');
    return text.split('\n').find((line) => line.startsWith(nodeId)) ?? '';
  }

  kill(): void {
    this.process.kill('SIGKILL');
  }

  stop(): void {
    this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Waits until the condition holds and no call of it fails; fails after `limit` milliseconds. */
export async function eventually(condition: () => Promise<boolean> | boolean, limit = 20_000): Promise<void> {
  const end = Date.now() + limit;
  let last: unknown;
  for (;;) {
    try {
      if (await condition()) return;
    } catch (error) {
      last = error;
    }
    if (Date.now() >= end) throw new Error(`not reached within ${limit} ms: ${condition}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
