/** A real redis-server as a child process, for tests that compare with it. */
import { connect, type Socket } from 'node:net';
import { encodeRequest } from '../../src/protocol/request-parser.js';
import { freePorts } from './ports.js';
import { RedisProcess } from './redis-process.js';
import { replyEnd } from './resp.js';

const REPLY_LIMIT_MS = 10_000;

export class RedisServer {
  private constructor(private readonly process: RedisProcess) {}

  /** Starts one on a free loopback port, with these further options. */
  static async start(...options: string[]): Promise<RedisServer> {
    const process = new RedisProcess({ port: await freePorts(1), args: options });
    await process.ready();
    return new RedisServer(process);
  }

  get port(): number {
    return this.process.port;
  }

  stop(): Promise<void> {
    return this.process.stop();
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
