/**
 * One node as the client sees it: an address, and a connection that is opened when the first command needs it.
 * Commands wait meanwhile, within a limit. When the node cannot be reached they go back to the router, which may
 * know a better node by then; the next command tries the connection afresh.
 */
import type { Reply } from '../protocol/reply-decoder.js';
import { type Address, formatAddress } from './address.js';
import { Connection, type ConnectionOptions, type RequestHandler } from './connection.js';
import { reportConnection } from './diagnostics.js';
import { ConnectError } from './errors.js';
import type { Settings } from './options.js';
import type { ReadCandidate } from './read-choice.js';
import { closed, neverSent, queueFull } from './recovery.js';
import type { Request } from './request.js';
import { RequestQueue } from './request-queue.js';
import { ticker, ticksFor, type Watcher, watch } from './ticker.js';

/** The router's part in what happens to requests. */
export interface LinkHandler extends RequestHandler {
  /** No connection could be made; the request was not sent. */
  onUnreachable(request: Request, reason: Error, link: NodeLink): void;
}

/** Milliseconds between two PINGs on a connection for pub/sub. */
const PING_INTERVAL = 2500;
/** Milliseconds for which reads avoid a node that could not answer one. */
const AVOIDED_FOR = 1000;

export class NodeLink implements Watcher, ReadCandidate {
  readonly host: string;
  readonly port: number;
  readonly address: string;
  latency = 0;
  zone: string | undefined;
  private avoidedUntil = 0;
  private readonly settings: Settings;
  private readonly handler: LinkHandler;
  private current: Connection | undefined;
  private opening: Promise<void> | undefined;
  private closed = false;
  /** Connections besides the shared one, and those of `reserve` that nobody uses at the moment. */
  private readonly dedicated = new Set<Connection>();
  private idle: Connection[] = [];
  private readonly waiting = new RequestQueue();

  constructor({ host, port }: Address, settings: Settings, handler: LinkHandler) {
    this.host = host;
    this.port = port;
    this.address = formatAddress({ host, port });
    this.settings = settings;
    this.handler = handler;
  }

  /** Part of `ReadCandidate`. */
  get fit(): boolean {
    return ticker.now >= this.avoidedUntil;
  }

  /** Reads go elsewhere for a while. */
  avoid(): void {
    this.avoidedUntil = ticker.now + ticksFor(AVOIDED_FOR);
  }

  /** The shared connection, while there is one. */
  get connection(): Connection | undefined {
    return this.current;
  }

  send(request: Request): void {
    if (request.info.blocking) void this.sendAlone(request);
    else if (this.current !== undefined) this.current.send(request);
    else this.wait(request);
  }

  /**
   * A connection that nobody else uses, for commands that may wait for ever or that concern the connection itself.
   * Give it back with `release`. Rejects with a `ConnectError`.
   */
  async reserve(): Promise<Connection> {
    const idle = this.idle.pop();
    if (idle !== undefined) return idle;
    const connection: Connection = await this.dedicate({
      commandTimeout: 0,
      onClose: () => {
        this.idle = this.idle.filter((other) => other !== connection);
      },
    });
    return connection;
  }

  /** Opens a connection besides the shared one. It ends with the link. Rejects with a `ConnectError`. */
  async dedicate(options: Partial<ConnectionOptions>): Promise<Connection> {
    const { host, port } = this;
    const onClose = (reason?: Error) => {
      this.dedicated.delete(connection);
      options.onClose?.(reason);
    };
    const connection = await Connection.open(
      { ...this.settings, ...options, host, port, onClose },
      this.handler,
    );
    this.dedicated.add(connection);
    if (this.closed) connection.destroy();
    return connection;
  }

  /**
   * Opens a connection for pub/sub, with a PING now and then that finds out whether it is half-open. Rejects with a
   * `ConnectError`.
   */
  async listen(
    onPush: (items: Reply[], connection: Connection) => void,
    onClose: (reason: Error, connection: Connection) => void,
  ): Promise<Connection> {
    let pinger: NodeJS.Timeout | undefined;
    const connection: Connection = await this.dedicate({
      subscriber: true,
      onPush: (items) => onPush(items, connection),
      onClose: (reason) => {
        clearInterval(pinger);
        if (pinger) onClose(reason ?? new Error('the connection was closed'), connection);
      },
    });
    const { address } = this;
    if (connection.closed) throw new ConnectError(`${address} hung up at once`, { address });
    pinger = setInterval(() => connection.call('PING').catch(() => {}), PING_INTERVAL);
    return connection;
  }

  /** Ends the use of a reserved connection; one that still owes an answer is not used again. */
  release(connection: Connection): void {
    if (connection.pending > 0) connection.destroy();
    else if (!connection.closed) this.idle.push(connection);
  }

  /** Opens the connection if there is none. Rejects with a `ConnectError`. */
  async open(): Promise<Connection> {
    if (this.current === undefined) {
      this.opening ??= this.connect().finally(() => {
        this.opening = undefined;
      });
      await this.opening;
    }
    const { address } = this;
    if (this.current === undefined) throw new ConnectError(`${address} hung up at once`, { address });
    return this.current;
  }

  /** Answers what is due, then ends the connection; the next command opens another. */
  async suspend(): Promise<void> {
    await this.opening?.catch(() => {});
    const connection = this.current;
    this.current = undefined;
    await connection?.close();
  }

  /** Answers what is due, then ends the connection for good. */
  async close(): Promise<void> {
    await this.suspend();
    this.closed = true;
    // What a blocking command waits for may never come.
    for (const connection of this.dedicated) connection.destroy();
  }

  destroy(): void {
    this.closed = true;
    this.current?.destroy();
    for (const connection of this.dedicated) connection.destroy();
    this.returnWaiting((request) => request.reject(closed(request)));
  }

  /** Part of `Watcher`: expires what waits for a connection. */
  tick(now: number): boolean {
    for (let i = 0; i < this.waiting.length; i++) {
      const request = this.waiting.at(i)!;
      if (request.overdue(now)) {
        const reason = new Error(`no connection to ${this.address} yet`);
        request.reject(neverSent(request, reason));
      }
    }
    return this.waiting.length > 0;
  }

  private async sendAlone(request: Request): Promise<void> {
    try {
      const connection = await this.reserve();
      if (!request.settled) connection.send(request);
      const release = () => this.release(connection);
      request.promise.then(release, release);
    } catch (error) {
      this.handler.onUnreachable(request, error as Error, this);
    }
  }

  private wait(request: Request): void {
    const { queueLimit } = this.settings;
    if (this.closed) {
      request.reject(closed(request));
    } else if (this.waiting.length >= queueLimit) {
      request.reject(queueFull(request, queueLimit));
    } else {
      this.waiting.push(request);
      if (this.waiting.length === 1) {
        watch(this);
        // `connect` gives back what waits when it fails.
        this.open().catch(() => {});
      }
    }
  }

  private async connect(): Promise<void> {
    const { host, port, address } = this;
    const { readFrom, replyCache } = this.settings;
    try {
      const connection = await Connection.open(
        {
          ...this.settings,
          host,
          port,
          onPush: replyCache && ((items) => replyCache.onPush(items)),
          onClose: (reason) => {
            this.current = undefined;
            reportConnection({ address, event: 'close', reason });
          },
        },
        this.handler,
      );
      if (this.closed) {
        connection.destroy();
        throw new ConnectError(`the client was closed while it connected to ${address}`, { address });
      }
      if (readFrom !== 'master') await this.prepareForReads(connection);
      if (replyCache !== undefined) await connection.call('CLIENT', 'TRACKING', 'ON');
      if (connection.closed) throw new ConnectError(`${address} hung up at once`, { address });
      this.current = connection;
    } catch (error) {
      reportConnection({ address, event: 'failed', reason: error as Error });
      this.returnWaiting((request) => this.handler.onUnreachable(request, error as Error, this));
      throw error;
    }
    reportConnection({ address, event: 'open' });
    this.returnWaiting((request) => this.send(request));
  }

  private async prepareForReads(connection: Connection): Promise<void> {
    const start = performance.now();
    // Without READONLY a replica redirects every read to its master. A single server may refuse it.
    await connection.call('READONLY').catch(() => {});
    this.latency = performance.now() - start;
    if (this.settings.readFrom !== 'zone') return;
    const server = String(await connection.call('INFO', 'server'));
    this.zone = /^availability_zone:(\S+)/m.exec(server)?.[1];
  }

  private returnWaiting(take: (request: Request) => void): void {
    for (let count = this.waiting.length; count > 0; count--) {
      const request = this.waiting.shift()!;
      if (!request.settled) take(request);
    }
  }
}
