/** A real redis-server in cluster mode, for tests that put Hexis among such nodes. */
import net from 'node:net';
import { RedisProcess } from '../support/redis-process.js';

/** The bus port that goes with a port of `freePorts`. */
export function testBusPort(port: number): number {
  return port + 10_000;
}

export class RedisNode {
  private readonly process: RedisProcess;

  constructor(
    readonly port: number,
    options: string[] = [],
  ) {
    const bus = ['--cluster-port', `${testBusPort(port)}`];
    const cluster = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000', ...bus];
    const args = [...cluster, '--repl-diskless-sync-delay', '0', ...options];
    this.process = new RedisProcess({ port, args });
  }

  get folder(): string {
    return this.process.folder;
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

  ready(): Promise<void> {
    return this.process.ready();
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

  kill(): Promise<void> {
    return this.process.kill();
  }

  stop(): Promise<void> {
    return this.process.stop();
  }
}
