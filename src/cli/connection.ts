/**
 * The CLI's own socket: one request, exact replies (`Reply` trees, pushes included, in order).
 *
 * Unlike the client of `hexis/client` it neither pipelines by itself nor hides anything: what the server says
 * is what the caller gets. Opening has a time limit always, reading when the caller sets one (a blocked
 * BLPOP or SUBSCRIBE rightly waits for ever; TCP keep-alive notices a dead peer meanwhile).
 */
import { connect as connectTcp, type Socket } from 'node:net';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { systemReason } from '../io/system-error.js';
import type { Bytes } from '../protocol/bytes.js';
import { type Reply, ReplyDecoder } from '../protocol/reply-tree.js';
import { encodeRequest } from '../protocol/request-parser.js';
import type { ByteText } from './byte-text.js';

export type Address =
  | { readonly host: string; readonly port: number; readonly path?: undefined }
  | { readonly path: string };

export interface ConnectOptions {
  /** Present for TLS. */
  readonly tls?: TlsOptions;
  /** Limit for opening the connection, in milliseconds. */
  readonly timeout?: number;
}

const CONNECT_TIMEOUT = 10_000;
const KEEP_ALIVE_DELAY = 15_000;
/** Above this many unread bytes the socket is paused: a MONITOR faster than the terminal must not fill memory. */
const HIGH_WATER = 2 ** 20;

/** The connection could not be opened, or is gone. The message is the reason in the system's usual words. */
export class ConnectionError extends Error {
  override name = 'ConnectionError';
}

export class Connection {
  private readonly socket: Socket;
  private readonly decoder = new ReplyDecoder();
  private brokenBy: Error | undefined;
  private wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setKeepAlive(true, KEEP_ALIVE_DELAY);
    socket.setNoDelay(true);
    socket.on('data', (bytes) => {
      this.decoder.append(bytes);
      if (this.decoder.buffered > HIGH_WATER) socket.pause();
      this.wake?.();
    });
    socket.on('end', () => this.fail(new ConnectionError('Server closed the connection')));
    socket.on('close', () => this.fail(new ConnectionError('Server closed the connection')));
    socket.on('error', (error) => this.fail(new ConnectionError(systemReason(error))));
  }

  /** @throws ConnectionError */
  static async open(address: Address, options: ConnectOptions = {}): Promise<Connection> {
    const socket = options.tls ? await openTls(address, options.tls) : connectTcp(address);
    const ready = options.tls ? 'secureConnect' : 'connect';
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: Error) => {
        clearTimeout(limit);
        socket.off(ready, settle).off('error', settle).off('close', closed);
        if (error instanceof Error) reject(new ConnectionError(systemReason(error)));
        else resolve();
      };
      const closed = () => settle(new ConnectionError('Server closed the connection'));
      const limit = setTimeout(
        () => socket.destroy(new ConnectionError('Connection timed out')),
        options.timeout ?? CONNECT_TIMEOUT,
      );
      socket.on(ready, settle).on('error', settle).on('close', closed);
    });
    return new Connection(socket);
  }

  /** Why no more replies can come, once that is so. */
  get failure(): Error | undefined {
    return this.brokenBy;
  }

  /** Writes one request. A dead connection shows when its reply is received. */
  send(args: readonly ByteText[]): void {
    this.sendRaw(encodeRequest(args));
  }

  /** Writes bytes as they are; answers whether the socket wants more at once. */
  sendRaw(bytes: Bytes): boolean {
    return this.socket.write(bytes);
  }

  /** Resolves when everything written has been handed to the system, or the connection is gone. */
  async drained(): Promise<void> {
    while (this.socket.writableNeedDrain && !this.brokenBy) {
      await new Promise<void>((resolve) => {
        const settle = () => {
          this.socket.off('drain', settle);
          this.socket.off('close', settle);
          resolve();
        };
        this.socket.on('drain', settle);
        this.socket.on('close', settle);
      });
    }
  }

  /**
   * The next reply or push. One reader at a time.
   * @param timeout in milliseconds; without it the wait has no end
   * @throws ConnectionError when the connection is gone or the time is up, ReplyFormatError for broken bytes
   */
  async receive(timeout?: number): Promise<Reply> {
    const deadline = timeout === undefined ? undefined : performance.now() + timeout;
    for (;;) {
      const reply = this.decoder.next();
      if (reply) return reply;
      await this.more(deadline);
    }
  }

  /** The next bytes as they come, for streams that are not replies (an RDB transfer). */
  async receiveRaw(timeout?: number): Promise<Bytes> {
    const deadline = timeout === undefined ? undefined : performance.now() + timeout;
    while (this.decoder.buffered === 0) await this.more(deadline);
    return this.decoder.takeRest();
  }

  /** Gives bytes from `receiveRaw` back: replies begin with them. */
  putBack(bytes: Bytes): void {
    const later = this.decoder.takeRest();
    this.decoder.append(bytes);
    this.decoder.append(later);
  }

  /** Sends a request and answers its reply, dropping pushes that come before it. */
  async command(args: readonly ByteText[], timeout?: number): Promise<Reply> {
    this.send(args);
    for (;;) {
      const reply = await this.receive(timeout);
      if (reply.type !== 'push') return reply;
    }
  }

  /** Drops the connection; a reader that waits gets `reason`. */
  close(reason = new ConnectionError('Connection closed')): void {
    this.fail(reason);
    this.socket.destroy();
  }

  private fail(error: Error): void {
    this.brokenBy ??= error;
    this.wake?.();
  }

  /** Waits for bytes, the end of the connection or the deadline. */
  private async more(deadline: number | undefined): Promise<void> {
    if (this.brokenBy) throw this.brokenBy;
    this.socket.resume();
    await new Promise<void>((resolve, reject) => {
      const limit =
        deadline === undefined
          ? undefined
          : setTimeout(
              () => {
                this.wake = undefined;
                reject(new ConnectionError('Timed out waiting for a reply'));
              },
              Math.max(0, deadline - performance.now()),
            );
      this.wake = () => {
        this.wake = undefined;
        clearTimeout(limit);
        resolve();
      };
    });
  }
}

async function openTls(address: Address, options: TlsOptions): Promise<Socket> {
  const { connect } = await import('node:tls');
  try {
    return connect({ ...address, ...options });
  } catch (error) {
    // A certificate or key that is none shows before the connection is opened.
    throw new ConnectionError((error as Error).message);
  }
}
