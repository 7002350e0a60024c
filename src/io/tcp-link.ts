/**
 * TCP connections as the node sees them.
 *
 * Node's stream machinery costs more than the commands it carries. Two measures, each with the public API behind it,
 * make single commands as fast as redis-server's:
 * - One receive buffer for the whole process: the `onread` option of `net.Socket` reads into it without allocating.
 *   It is public for dialled sockets; an accepted handle is wrapped in a socket of our own.
 * - Writes go straight to the native handle (stream-binding.ts), which nearly always sends them at once; only what
 *   the system won't take is queued, and counted in `buffered`.
 */
import { Socket, type SocketConstructorOpts } from 'node:net';
import type { Link, LinkHandler } from '../node/host.js';
import { type Bytes, slice } from '../protocol/bytes.js';
import { fastWrites, type StreamHandle, type WriteRequest } from './stream-binding.js';

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

/** The socket's native handle, where the fast path can use it. */
function handleOf(socket: Socket): StreamHandle | undefined {
  const { _handle } = socket as unknown as { _handle?: StreamHandle | null };
  return fastWrites && typeof _handle?.writeBuffer === 'function' ? _handle : undefined;
}

/** A request for writes that end at once, shared by all links: it is free again after each. */
let idleRequest: WriteRequest | undefined;

export class TcpLink implements Link {
  buffered = 0;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  private handle: StreamHandle | undefined;
  private closing = false;

  private constructor(private readonly socket: Socket) {
    this.remoteAddress = plainAddress(socket.remoteAddress);
    this.remotePort = socket.remotePort ?? 0;
    this.localAddress = plainAddress(socket.localAddress);
    this.localPort = socket.localPort ?? 0;
  }

  /** Takes over a socket that `net.Server` accepted with `pauseOnConnect`. */
  static accept(accepted: Socket, handlerFor: (link: Link) => LinkHandler): void {
    let handler: LinkHandler;
    let socket = accepted;
    if (handleOf(accepted)) {
      const inner = accepted as unknown as { _handle: StreamHandle | null };
      const options = sharedReceive((bytes, start, end) => handler.received(bytes, start, end));
      socket = new Socket({ handle: inner._handle, ...options } as SocketConstructorOpts);
      inner._handle = null;
    } else {
      accepted.on('data', (bytes) => handler.received(bytes, 0, bytes.length));
    }
    const link = new TcpLink(socket);
    handler = handlerFor(link);
    link.start(handler);
    socket.resume();
  }

  /** Dials; the handler hears `connected` or `closed`. */
  static dial(host: string, port: number, handler: LinkHandler): Link {
    const socket = new Socket(sharedReceive((bytes, start, end) => handler.received(bytes, start, end)));
    const link = new TcpLink(socket);
    socket.once('connect', () => {
      link.handle = handleOf(socket);
      handler.connected?.();
    });
    link.start(handler);
    socket.connect({ host, port });
    return link;
  }

  private start(handler: LinkHandler): void {
    const { socket } = this;
    let reason = 'connection closed';
    socket.setNoDelay(true);
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('close', () => {
      this.closing = true;
      handler.closed(reason);
    });
    if (!socket.connecting) this.handle = handleOf(socket);
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
    const request = idleRequest ?? fastWrites!.newRequest();
    request.handle = handle;
    if (handle.writeBuffer(request, bytes) !== 0) {
      this.socket.destroy();
      return true;
    }
    if (!fastWrites!.lastWasUnfinished()) {
      idleRequest = request;
      return true;
    }
    idleRequest = undefined;
    this.buffered += bytes.length;
    request.bytes = bytes;
    request.oncomplete = (status) => {
      this.buffered -= bytes.length;
      if (status !== 0) this.socket.destroy();
      else if (this.closing && this.buffered === 0) this.socket.end();
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
    if (this.buffered === 0 || this.handle === undefined) this.socket.end();
  }

  destroy(): void {
    this.closing = true;
    this.socket.destroy();
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
