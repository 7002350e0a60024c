/**
 * Listening on several addresses and a Unix socket, with errors that say what to do.
 *
 * Addresses are as `bind` has them: `*` is every IPv4 address, `::*` every IPv6 one, and a leading `-` means that
 * nothing is wrong when the address isn't there.
 */
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { connect, createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { createServer as createTlsServer, type TlsOptions, Server as TlsServer } from 'node:tls';
import type { Link, LinkHandler } from '../node/host.js';
import { StartError } from './start-error.js';
import { systemReason } from './system-error.js';
import { TcpLink } from './tcp-link.js';

export interface ListenerOptions {
  /** What happens on a new connection. */
  readonly accept: (link: Link) => LinkHandler;
  /** Something went wrong while accepting (too many open files …). */
  readonly failed: (reason: string) => void;
  /** Length of the system's queue of connections. */
  readonly backlog: number;
  /** Connections are encrypted, with these options. Asked for when it begins to listen. */
  readonly tls?: () => TlsOptions;
  /** Seconds of silence after which the system asks whether a peer is still there; 0 for never. */
  readonly keepAlive: number;
}

/** An address can't be listened on. */
export class ListenError extends StartError {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
    this.name = 'ListenError';
  }
}

/** The machine has no such address, or none of its kind. */
const ABSENT = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EPROTONOSUPPORT', 'ENOPROTOOPT']);

export class Listener {
  /** Connections that are open. */
  readonly links = new Set<TcpLink>();
  /** Those that came before `begin`; null from then on. */
  private early: Socket[] | null = [];
  private readonly servers: Server[] = [];

  constructor(private readonly options: ListenerOptions) {}

  /** Listens on the port at each address. Answers the port: the one chosen by the system when 0 was asked for. */
  async listen(addresses: readonly string[], port: number): Promise<number> {
    const opened: Server[] = [];
    try {
      for (const entry of addresses) {
        const optional = entry.startsWith('-');
        const host = plainHost(optional ? entry.slice(1) : entry);
        const server = this.createServer();
        try {
          await this.open(server, {
            host,
            port,
            backlog: this.options.backlog,
            ipv6Only: host.includes(':'),
          });
        } catch (error) {
          const { code = '' } = error as NodeJS.ErrnoException;
          if (ABSENT.has(code) && optional) continue;
          throw new ListenError(explain(code, host, port, systemReason(error)), code);
        }
        opened.push(server);
        const address = server.address();
        if (address !== null && typeof address === 'object') port = address.port;
      }
    } catch (error) {
      for (const server of opened) server.close();
      throw error;
    }
    this.servers.push(...opened);
    return port;
  }

  /** Listens on a Unix socket, in place of one that nobody listens on any more. */
  async listenUnix(path: string, permissions: number): Promise<void> {
    if (await isServed(path)) {
      throw new ListenError(`The Unix socket ${path} is in use by another server.`, 'EADDRINUSE');
    }
    const server = this.createServer();
    try {
      rmSync(path, { force: true });
      await this.open(server, { path, backlog: this.options.backlog });
      if (permissions !== 0) chmodSync(path, permissions);
    } catch (error) {
      server.close();
      // libuv says EACCES when it means ENOENT here.
      const code = existsSync(dirname(path)) ? (error as NodeJS.ErrnoException).code : 'ENOENT';
      const reason = code === 'ENOENT' ? 'No such file or directory' : systemReason(error);
      throw new ListenError(`Can't listen on the Unix socket ${path}: ${reason}`, code ?? '');
    }
    this.servers.push(server);
  }

  /** Serves connections, those first that have come so far: until now they wait. */
  begin(): void {
    const { early } = this;
    this.early = null;
    for (const socket of early ?? []) this.take(socket);
  }

  /** Accepts no more; connections stay. The ports are free when it returns. */
  async stopAccepting(): Promise<void> {
    const closed = this.servers.splice(0).map((server) => new Promise((done) => server.close(done)));
    await Promise.all(closed);
  }

  /** Closes ports and connections, in this order: who sees its connection end finds nobody listening. */
  async close(): Promise<void> {
    const closed = this.stopAccepting();
    for (const link of this.links) link.destroy();
    for (const socket of this.early ?? []) socket.destroy();
    await closed;
  }

  private createServer(): Server {
    const { keepAlive, tls } = this.options;
    const options = { noDelay: true, keepAlive: keepAlive > 0, keepAliveInitialDelay: keepAlive * 1000 };
    if (tls === undefined) {
      const server = createServer({ ...options, pauseOnConnect: true });
      server.on('connection', (socket) => this.take(socket));
      return server;
    }
    const server = createTlsServer({ ...options, ...tls() });
    server.on('secureConnection', (socket) => {
      // With tls-auth-clients optional no certificate will do, but not a wrong one.
      if (!socket.authorized && Object.keys(socket.getPeerCertificate()).length > 0) socket.destroy();
      else this.take(socket.pause());
    });
    server.on('tlsClientError', (error, socket) => {
      this.options.failed(error.message);
      socket.destroy();
    });
    return server;
  }

  /** Connections that come from now on are encrypted with the options as they are now. */
  renewTls(): void {
    const { tls } = this.options;
    // Without a server it isn't asked for: TLS may be off, and its directives not yet fit to be used.
    if (tls)
      for (const server of this.servers) if (server instanceof TlsServer) server.setSecureContext(tls());
  }

  private take(socket: Socket): void {
    if (this.early === null) TcpLink.accept(socket, this.links, this.options.accept);
    else this.early.push(socket);
  }

  private open(server: Server, options: ListenOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(options, () => {
        server.off('error', reject);
        server.on('error', (error) => this.options.failed(error.message));
        resolve();
      });
    });
  }
}

/** Whether somebody answers at a Unix socket. */
function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** An entry of `bind`, without its mark, as the system takes it. */
export function plainHost(address: string): string {
  if (address === '*') return '0.0.0.0';
  return address === '::*' ? '::' : address;
}

function explain(code: string, host: string, port: number, reason: string): string {
  const where = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  switch (code) {
    case 'EADDRINUSE':
      return `Failed listening on port ${port}: another program is listening on ${where}. Stop it, or choose another port.`;
    case 'EACCES':
      return `Port ${port} may not be used: ports below 1024 need special rights. Choose another port.`;
    default:
      return ABSENT.has(code)
        ? `Can't listen on ${where}: this machine has no such address. Check the bind directive.`
        : `Can't listen on ${where}: ${reason}`;
  }
}
