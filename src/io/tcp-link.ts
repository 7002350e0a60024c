/**
 * TCP connections as the node sees them.
 *
 * Node's stream machinery costs more than the commands it carries. Two measures, each with the public API behind it,
 * make single commands as fast as redis-server's:
 * - One receive buffer for the whole process: the `onread` option of `net.Socket` reads into it without allocating.
 *   It is public for dialled sockets; an accepted handle is wrapped in a socket of our own, and what it reads comes here
 *   straight from the handle.
 * - Writes go straight to the native handle (stream-binding.ts), which nearly always sends them at once; only what
 *   the system won't take is queued, and counted in `buffered`.
 */
import { Socket, type SocketConstructorOpts } from 'node:net';
import { type ConnectionOptions, connect as connectTls, TLSSocket } from 'node:tls';
import type { Link, LinkHandler } from '../node/host.js';
import { type Bytes, slice } from '../protocol/bytes.js';
import { fastStreams, type StreamHandle, type WriteRequest } from './stream-binding.js';

const RECEIVE_BYTES = 256 * 1024;
let receiveBuffer: Buffer | undefined;

type Deliver = (bytes: Uint8Array, start: number, end: number) => void;

/** Socket options that read into the process's shared buffer. */
function sharedReceive(deliver: Deliver): SocketConstructorOpts {
  receiveBuffer ??= Buffer.allocUnsafeSlow(RECEIVE_BYTES);
  return {
    onread: {
      buffer: receiveBuffer,
      callback(length: number, bytes: Uint8Array): boolean {
        deliver(bytes, 0, length);
        return true;
      },
    },
  } as SocketConstructorOpts;
}

/** The socket's native handle, where the fast path can use it: not below encryption. */
function handleOf(socket: Socket): StreamHandle | undefined {
  if (socket instanceof TLSSocket) return undefined;
  const { _handle } = socket as unknown as { _handle?: StreamHandle | null };
  return fastStreams && typeof _handle?.writeBuffer === 'function' ? _handle : undefined;
}

/** Takes what a handle has read past its socket, which hears of the end and of errors. */
function readDirectly(handle: StreamHandle, deliver: Deliver): void {
  const { onread } = handle;
  handle.onread = function (bytes) {
    const length = fastStreams!.lastRead();
    return length > 0 ? deliver(receiveBuffer!, 0, length) : onread.call(this, bytes);
  };
}

/** A request for writes that end at once, shared by all links: it is free again after each. */
let idleRequest: WriteRequest | undefined;

export interface DialTarget {
  readonly host: string;
  readonly port: number;
  /** Where to come from; '' leaves it to the system. */
  readonly localAddress: string;
  /** Speak TLS, with these options. */
  readonly tls?: ConnectionOptions;
}

export class TcpLink implements Link {
  buffered = 0;
  remoteAddress = '';
  remotePort = 0;
  localAddress = '';
  localPort = 0;
  readonly secure: boolean;
  private handle: StreamHandle | undefined;
  /** Nothing more may be written. */
  private closing = false;
  private handler!: LinkHandler;

  private constructor(
    private readonly socket: Socket,
    /** The links of the same owner: this is one of them as long as it is open. */
    links: Set<TcpLink>,
  ) {
    links.add(this);
    this.secure = socket instanceof TLSSocket;
    let reason = 'connection closed';
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('close', () => {
      this.closing = true;
      links.delete(this);
      this.handler.closed(reason);
    });
  }

  /** Takes over a socket that a `net.Server` with `pauseOnConnect`, or a `tls.Server`, accepted. */
  static accept(accepted: Socket, links: Set<TcpLink>, handlerFor: (link: Link) => LinkHandler): TcpLink {
    let socket = accepted;
    const handle = handleOf(accepted);
    if (handle !== undefined) {
      const deliver: Deliver = (bytes, start, end) => link.handler.received(bytes, start, end);
      socket = new Socket({ handle, ...sharedReceive(deliver) } as SocketConstructorOpts);
      readDirectly(handle, deliver);
      // The server counts its connections by the sockets it made; the empty one is done with.
      (accepted as unknown as { _handle: StreamHandle | null })._handle = null;
      accepted.destroy();
    } else {
      accepted.on('data', (bytes) => link.handler.received(bytes, 0, bytes.length));
    }
    const link = new TcpLink(socket, links);
    link.connected();
    link.handler = handlerFor(link);
    socket.resume();
    return link;
  }

  /** Dials; the handler hears `connected` or `closed`, never before this returns. */
  static dial(target: DialTarget, links: Set<TcpLink>, handler: LinkHandler): TcpLink {
    const { host, port, localAddress, tls } = target;
    const where = { host, port, ...(localAddress !== '' && { localAddress }) };
    const raw = new Socket(
      tls === undefined ? sharedReceive((bytes, start, end) => handler.received(bytes, start, end)) : {},
    );
    raw.setNoDelay(); // an option of `connect` by that name has no effect
    const socket = tls === undefined ? raw : connectTls({ ...tls, socket: raw });
    const link = new TcpLink(socket, links);
    link.handler = handler;
    if (tls !== undefined) socket.on('data', (bytes) => handler.received(bytes, 0, bytes.length));
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      if (link.closing) return;
      link.connected();
      handler.connected?.();
    });
    try {
      raw.connect(where);
    } catch (error) {
      socket.destroy(error as Error); // a port that can't be: `closed` comes as for any other failure
    }
    return link;
  }

  private connected(): void {
    const { socket } = this;
    this.remoteAddress = plainAddress(socket.remoteAddress);
    this.remotePort = socket.remotePort ?? 0;
    this.localAddress = plainAddress(socket.localAddress);
    this.localPort = socket.localPort ?? 0;
    // What was written while dialling waits in the stream: writing past it would change the order.
    if (this.buffered === 0) this.handle = handleOf(socket);
  }

  write(bytes: Bytes, start: number, end: number): boolean {
    if (this.closing) return true;
    const { handle } = this;
    if (handle === undefined) {
      this.writeThroughStream(slice(bytes, start, end));
      return true;
    }
    if (this.buffered > 0) {
      this.writeToHandle(handle, slice(bytes, start, end));
      return true;
    }
    return this.writeToHandle(handle, bytes.subarray(start, end));
  }

  /** Answers whether everything has been sent. */
  private writeToHandle(handle: StreamHandle, bytes: Uint8Array): boolean {
    const request = idleRequest ?? fastStreams!.newRequest();
    request.handle = handle;
    if (handle.writeBuffer(request, bytes) !== 0) {
      this.destroy();
      return true;
    }
    if (!fastStreams!.lastWasUnfinished()) {
      idleRequest = request;
      return true;
    }
    idleRequest = undefined;
    this.buffered += bytes.length;
    request.bytes = bytes;
    request.oncomplete = (status) => {
      this.buffered -= bytes.length;
      if (status !== 0) this.destroy();
      else if (this.closing && this.buffered === 0) this.socket.destroySoon();
    };
    return false;
  }

  private writeThroughStream(bytes: Uint8Array): void {
    this.buffered += bytes.length;
    this.socket.write(bytes, () => {
      this.buffered -= bytes.length;
    });
  }

  close(): void {
    if (this.closing) return;
    this.closing = true;
    // Not just the writing half: a peer that never hangs up must not keep the connection.
    if (this.buffered === 0 || this.handle === undefined) this.socket.destroySoon();
  }

  destroy(): void {
    this.closing = true;
    this.socket.destroy();
  }

  /** Closes now, and tells nobody. */
  abandon(): void {
    this.handler = { received() {}, closed() {} };
    this.destroy();
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }
}

/** `::ffff:127.0.0.1` is how a dual-stack socket says 127.0.0.1. */
function plainAddress(address = ''): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
