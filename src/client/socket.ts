/** Sockets, TCP and TLS, that hand over what arrives. */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, type ConnectionOptions as TlsOptions } from 'node:tls';

export interface SocketOptions {
  readonly host: string;
  readonly port: number;
  /** TLS, with Node's options for it. */
  readonly tls?: boolean | TlsOptions;
  /** The name that a certificate may also be for when `host` is an IP address. */
  readonly serverName?: string;
}

const KEEP_ALIVE_DELAY = 30_000;
const RECEIVE_BUFFER = 64 * 1024;

/** Pieces are read into one buffer, past Node's streams, and are valid only during the call of `receive`. */
export function openSocket(options: SocketOptions, receive: (piece: Uint8Array) => void): Socket {
  const socket = options.tls ? openTls(options, receive) : openTcp(options, receive);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_DELAY);
  return socket;
}

function openTcp({ host, port }: SocketOptions, receive: (piece: Uint8Array) => void): Socket {
  const callback = (length: number, buffer: Uint8Array): boolean => {
    receive(buffer.subarray(0, length));
    return true;
  };
  const onread = { buffer: Buffer.allocUnsafeSlow(RECEIVE_BUFFER), callback };
  return connectTcp({ host, port, onread });
}

function openTls(options: SocketOptions, receive: (piece: Uint8Array) => void): Socket {
  const { host, port, tls } = options;
  const more = typeof tls === 'object' ? tls : {};
  return connectTls({ host, port, ...identityOf(options), ...more }).on('data', receive);
}

/**
 * Whom the certificate must name. Nodes of managed clusters announce IP addresses while their certificates are for the
 * name that the program was given, so either will do; a server name for SNI may not be an IP address.
 */
function identityOf({ host, serverName }: SocketOptions): TlsOptions {
  if (isIP(host) === 0) return { servername: host };
  if (serverName === undefined) return {};
  return {
    servername: serverName,
    checkServerIdentity: (name, certificate) =>
      checkServerIdentity(host, certificate) && checkServerIdentity(name, certificate),
  };
}
