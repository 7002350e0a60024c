/** A real redis-server as a child process, for tests that compare with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeRequest } from '../../src/protocol/request-parser.js';
import { replyEnd } from './resp.js';

const START_LIMIT_MS = 10_000;
const REPLY_LIMIT_MS = 10_000;

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

export class RedisServer {
  private constructor(
    private readonly process: ChildProcess,
    private readonly directory: string,
    readonly port: number,
  ) {}

  /** Starts one on a free loopback port, with these further options. */
  static async start(...options: string[]): Promise<RedisServer> {
    const port = await freePort();
    const directory = mkdtempSync(join(tmpdir(), 'hexis-redis-'));
    const child = spawn(
      'redis-server',
      ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', '', ...options],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await new Promise<void>((resolve, reject) => {
      let output = '';
      const limit = setTimeout(
        () => reject(new Error(`redis-server didn't start:\n${output}`)),
        START_LIMIT_MS,
      );
      child.on('error', reject);
      child.on('exit', () => reject(new Error(`redis-server ended:\n${output}`)));
      child.stdout!.on('data', (text: Buffer) => {
        output += text.toString();
        if (!output.includes('Ready to accept connections')) return;
        clearTimeout(limit);
        resolve();
      });
    });
    child.stdout!.resume();
    return new RedisServer(child, directory, port);
  }

  async stop(): Promise<void> {
    this.process.removeAllListeners('exit');
    const gone = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGKILL');
    await gone;
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** One connection that sends a batch of requests and gives back the bytes of each reply. */
export class RawConnection {
  private received = Buffer.alloc(0);
  private waiting: (() => void) | undefined;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (bytes) => {
      this.received = this.received.length === 0 ? bytes : Buffer.concat([this.received, bytes]);
      this.waiting?.();
    });
    socket.on('close', () => this.waiting?.());
    socket.on('error', () => this.waiting?.());
  }

  static open(port: number): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.removeListener('error', reject);
        resolve(new RawConnection(socket));
      });
    });
  }

  /** Sends all requests at once; resolves to their replies, one each, or fewer when the connection closes. */
  async send(requests: readonly (readonly (string | Uint8Array)[])[]): Promise<Buffer[]> {
    this.socket.write(Buffer.concat(requests.map((words) => encodeRequest(words))));
    const replies: Buffer[] = [];
    while (replies.length < requests.length) {
      const end = replyEnd(this.received);
      if (end > 0) {
        replies.push(this.received.subarray(0, end));
        this.received = this.received.subarray(end);
      } else if (this.socket.closed || !(await this.more())) break;
    }
    return replies;
  }

  private more(): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error('no reply within 10 s')), REPLY_LIMIT_MS);
      this.waiting = () => {
        clearTimeout(limit);
        this.waiting = undefined;
        resolve(!this.socket.closed);
      };
    });
  }

  close(): void {
    this.socket.destroy();
  }
}
