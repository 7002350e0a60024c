/**
 * One connection to one server. Commands are written in batches and answered in order.
 *
 * Sending appends to a string and queues the request; the string is written once, when the code that is running,
 * every promise continuation it causes and all sockets that are ready have had their turn. So concurrent commands
 * share one system call without anybody asking for a pipeline, and any number of batches may be in flight. The other
 * sockets' answers usually cause more commands for this one: measured at 64 in flight over three nodes, waiting for
 * them saves a tenth of the client's time and as much of the servers', and at one in flight it costs nothing.
 *
 * Nothing waits for ever. Connecting and the handshake share one limit, every command has its own, and a
 * connection whose oldest command is overdue, and on which nothing has arrived for the length of the command limit,
 * is given up: that is how a half-open connection looks, and the kernel would need a quarter of an hour to say so.
 */
import type { Socket } from 'node:net';
import { type Reply, ReplyDecoder, ReplyError, type ReplySink } from '../protocol/reply-decoder.js';
import { formatAddress } from './address.js';
import { type Argument, encodeCommand } from './encode.js';
import { ClosedError, ConnectError, ConnectionLostError, reasonOf, TimeoutError } from './errors.js';
import { type HandshakeOptions, shakeHands } from './handshake.js';
import { NO_DEADLINE, NO_SLOT, Request } from './request.js';
import { RequestQueue } from './request-queue.js';
import { keyless } from './routing.js';
import { openSocket, type SocketOptions } from './socket.js';
import { isPubSub, nameChannel, type SubscribeCommand, SubscribeRequest } from './subscribe-request.js';
import { ticker, ticksFor, type Watcher, watch } from './ticker.js';

export interface ConnectionOptions extends SocketOptions, HandshakeOptions {
  /** Milliseconds for connecting and the handshake; 5000 by default. */
  readonly connectTimeout?: number;
  /** Milliseconds for each command; 5000 by default, 0 for no limit. */
  readonly commandTimeout?: number;
  /** Called with every RESP3 push, such as `['message', channel, text]`. */
  readonly onPush?: (items: Reply[]) => void;
  /** Whether it is for pub/sub: messages are given as bytes, and in RESP2 they come in the guise of ordinary replies. */
  readonly subscriber?: boolean;
  /** Called once when an open connection has ended, with the reason unless `close` or `destroy` ended it. */
  readonly onClose?: (reason?: Error) => void;
}

/** How a client takes part in what happens to its requests. A plain connection rejects them. */
export interface RequestHandler {
  /** The server answered with an error. */
  onErrorReply(request: Request, error: ReplyError, connection: Connection): void;
  /** The connection ended. `written` tells whether the server may have received the request. */
  onLost(request: Request, reason: Error, written: boolean, connection: Connection): void;
}

const DEFAULT_TIMEOUT = 5000;
/** A batch is written early once it has this many bytes, so that a loop of a million commands stays small. */
const BATCH_LIMIT = 64 * 1024;

/** As it is now: the fake timers that a test framework puts in its place later must not hold commands back. */
const afterReadySockets = setImmediate;

const ASKING = encodeCommand(['ASKING']);

/** `connection.call` knows nothing about the commands it carries. */
const UNROUTED = keyless('');

const rejecting: RequestHandler = {
  onErrorReply: (request, error) => request.reject(error),
  onLost(request, reason, written, connection) {
    const outcome = written ? 'unknown' : 'not executed';
    const { address } = connection;
    request.reject(
      new ConnectionLostError(`connection to ${address} lost: ${reasonOf(reason)}`, {
        address,
        outcome,
        cause: reason,
      }),
    );
  },
};

export class Connection implements ReplySink, Watcher {
  readonly host: string;
  /** host:port, for messages. */
  readonly address: string;
  private readonly options: ConnectionOptions;
  private readonly handler: RequestHandler;
  private readonly socket: Socket;
  private readonly decoder = new ReplyDecoder(this);
  private readonly inFlight = new RequestQueue();
  private readonly commandTicks: number;
  /** The commands that wait for the next write, and how many requests they are. */
  private batch = '';
  private batchLength = 0;
  private scheduled = false;
  /** The socket has not passed on what it was given. */
  private congested = false;
  private watched = false;
  /** The tick at which the server was last known not to owe an answer. */
  private heardAt = 0;
  private opened = false;
  private ended = false;
  private endReason: Error | undefined;
  private drained: (() => void) | undefined;

  private constructor(options: ConnectionOptions, handler: RequestHandler) {
    this.host = options.host;
    this.address = formatAddress(options);
    this.options = options;
    this.handler = handler;
    const timeout = options.commandTimeout ?? DEFAULT_TIMEOUT;
    this.commandTicks = timeout > 0 ? ticksFor(timeout) : 0;
    this.decoder.binaryPushes = options.subscriber === true;
    this.socket = openSocket(options, (piece) => this.receive(piece));
    this.socket.on('drain', () => {
      this.congested = false;
      this.flush();
    });
    this.socket.on('error', (error) => this.end(error));
    // What is written behind the server's back after its end would be lost with an unknown outcome.
    this.socket.on('end', () => this.end(new Error('the server closed the connection')));
    this.socket.on('close', () => this.end(new Error('the server closed the connection')));
  }

  /**
   * Connects and shakes hands (HELLO or AUTH, SELECT, CLIENT SETNAME). Rejects with a `ConnectError` that names
   * the address when that fails or takes longer than `connectTimeout`.
   */
  static async open(options: ConnectionOptions, handler: RequestHandler = rejecting): Promise<Connection> {
    const connection = new Connection(options, handler);
    const limit = options.connectTimeout ?? DEFAULT_TIMEOUT;
    const timer = setTimeout(() => connection.end(new Error(`no answer within ${limit} ms`)), limit);
    try {
      await connection.connected();
      await shakeHands((...args) => connection.call(...args), options);
      if (connection.ended) throw connection.endReason ?? new Error('closed while connecting');
      connection.opened = true;
    } catch (error) {
      connection.destroy();
      const reason = connection.endReason ?? error;
      const { address } = connection;
      throw new ConnectError(`could not connect to ${address}: ${reasonOf(reason)}`, {
        address,
        outcome: 'not executed',
        cause: reason,
      });
    } finally {
      clearTimeout(timer);
    }
    return connection;
  }

  /** Whether the connection has ended, for whatever reason. */
  get closed(): boolean {
    return this.ended;
  }

  /** Requests that wait for their answer. */
  get pending(): number {
    return this.inFlight.length;
  }

  /**
   * Sends a command and gives its reply. Rejects with `ReplyError` when the server answers with an error,
   * `TimeoutError` or `ConnectionLostError` when no answer comes, `ClosedError` after `close`.
   */
  call(...args: Argument[]): Promise<Reply> {
    const request = new Request(UNROUTED, encodeCommand(args), NO_SLOT, this.deadline());
    this.sendOrRefuse(request);
    return request.promise as Promise<Reply>;
  }

  private deadline(): number {
    return this.commandTicks === 0 ? NO_DEADLINE : ticker.now + this.commandTicks;
  }

  private sendOrRefuse(request: Request): void {
    if (this.ended || this.drained !== undefined) {
      const { address } = this;
      request.reject(
        new ClosedError(`the connection to ${address} is closed`, { address, outcome: 'not executed' }),
      );
    } else {
      this.send(request);
    }
  }

  /** Queues a request for the next write. The caller has checked that the connection is not closed. */
  send(request: Request): void {
    if (this.inFlight.length === 0) {
      this.heardAt = ticker.now;
      this.decoder.binary = request.binary || this.options.subscriber === true;
    }
    this.inFlight.push(request);
    request.attempts++;
    request.lead = request.extraReplies;
    if (request.asking) {
      request.asking = false;
      request.lead++;
      this.batch += ASKING;
    }
    this.batchLength++;
    this.batch += request.payload;
    if (this.batch.length >= BATCH_LIMIT) {
      this.flush();
    } else if (!this.scheduled) {
      this.scheduled = true;
      afterReadySockets(this.flushLater);
    }
    if (!this.watched) {
      this.watched = true;
      watch(this);
    }
  }

  /** Sends SUBSCRIBE or one of its kin for one channel; resolves when the server has confirmed it. */
  subscription(command: SubscribeCommand, channel: string): Promise<unknown> {
    const request = new SubscribeRequest(command, channel, this.deadline());
    this.sendOrRefuse(request);
    return request.promise;
  }

  /** Resolves when the socket takes what it is given: at once, unless the server reads more slowly than we write. */
  async writable(): Promise<void> {
    if (!this.congested || this.ended) return;
    await new Promise<void>((resolve) => {
      this.socket.once('drain', resolve);
      this.socket.once('close', resolve);
    });
  }

  /** Waits for the answers that are due, then ends the connection. No command is accepted meanwhile. */
  async close(): Promise<void> {
    if (!this.ended && this.inFlight.length > 0) {
      await new Promise<void>((resolve) => {
        const others = this.drained;
        this.drained = () => {
          others?.();
          resolve();
        };
      });
    }
    this.destroy();
  }

  /** Ends the connection now; commands in flight reject with `ConnectionLostError`. */
  destroy(): void {
    this.end(undefined);
  }

  /** Part of `ReplySink`: called by the decoder. */
  reply(value: Reply): void {
    if (this.options.subscriber && Array.isArray(value) && isPubSub(value)) {
      this.push(value);
      return;
    }
    const request = this.inFlight.at(0);
    if (request === undefined) {
      this.end(new Error('an answer came that nothing had asked for'));
      return;
    }
    if (request.lead > 0) {
      request.lead--;
      if (value instanceof ReplyError) request.leadError ??= value;
      return;
    }
    this.inFlight.shift();
    const next = this.inFlight.at(0);
    this.decoder.binary = next?.binary === true || this.options.subscriber === true;
    if (typeof value === 'object' && value instanceof ReplyError) {
      // EXEC only says that a queued command was refused; that one's error says why.
      const error = request.leadError ?? value;
      request.leadError = undefined;
      this.describe(error, request);
      this.handlerOf(request).onErrorReply(request, error, this);
    } else {
      request.resolve(value);
    }
    if (next === undefined) this.drained?.();
  }

  /** Part of `ReplySink`: called by the decoder. */
  push(items: Reply[]): void {
    if (this.options.subscriber) nameChannel(items);
    const oldest = this.inFlight.at(0);
    if (oldest instanceof SubscribeRequest && oldest.isConfirmedBy(items)) this.reply(null);
    else this.options.onPush?.(items);
  }

  /** Part of `Watcher`: expires what is overdue. */
  tick(now: number): boolean {
    const { length } = this.inFlight;
    for (let i = 0; i < length; i++) {
      const request = this.inFlight.at(i)!;
      if (request.overdue(now)) request.reject(this.timeoutOf(request));
    }
    // A command with a longer limit of its own may keep the server silent for as long.
    const givenUp = length > 0 && this.inFlight.at(0)!.settled;
    if (givenUp && this.commandTicks > 0 && now - this.heardAt >= this.commandTicks) {
      this.end(new Error(`no answer for ${this.options.commandTimeout ?? DEFAULT_TIMEOUT} ms`));
    }
    this.watched = !this.ended && this.inFlight.length > 0;
    return this.watched;
  }

  private timeoutOf(request: Request): TimeoutError {
    const { address } = this;
    const { info, slot, attempts } = request;
    const what = info.name === '' ? 'a command' : info.name;
    return new TimeoutError(`${what} got no answer from ${address} in time; it may or may not have run`, {
      address,
      command: info.name || undefined,
      slot: slot < 0 ? undefined : slot,
      attempts,
      outcome: 'unknown',
    });
  }

  private describe(error: ReplyError, { info, slot, attempts }: Request): void {
    error.address = this.address;
    if (info !== UNROUTED) error.command = info.name;
    if (slot >= 0) error.slot = slot;
    error.attempts = attempts;
  }

  /** What was sent by `call` belongs to this connection and is never routed elsewhere. */
  private handlerOf(request: Request): RequestHandler {
    return request.info === UNROUTED ? rejecting : this.handler;
  }

  private connected(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.once(this.options.tls ? 'secureConnect' : 'connect', resolve);
      this.socket.once('close', () => reject(this.endReason));
    });
  }

  private readonly flushLater = (): void => {
    this.scheduled = false;
    this.flush();
  };

  private flush(): void {
    if (this.congested || this.ended || this.batch === '') return;
    const batch = this.batch;
    this.batch = '';
    this.batchLength = 0;
    // `write` reports any batch above the high-water mark; only bytes left behind are congestion.
    this.congested = !this.socket.write(batch, 'latin1') && this.socket.writableLength > 0;
  }

  private receive(piece: Uint8Array): void {
    if (this.ended) return;
    this.heardAt = ticker.now;
    try {
      this.decoder.decode(piece);
    } catch (error) {
      this.end(error as Error);
    }
  }

  private end(reason: Error | undefined): void {
    if (this.ended) return;
    this.ended = true;
    this.endReason = reason;
    if (reason === undefined && this.inFlight.length === 0) this.socket.destroySoon();
    else this.socket.destroy();
    if (this.opened) this.options.onClose?.(reason);
    const lost = reason ?? new Error('the connection was closed');
    while (this.inFlight.length > 0) {
      const written = this.inFlight.length > this.batchLength;
      const request = this.inFlight.shift()!;
      this.handlerOf(request).onLost(request, lost, written, this);
    }
    this.drained?.();
  }
}
