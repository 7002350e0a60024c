/** Addresses as people write them, and as nodes announce them. */
import { UsageError } from './errors.js';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What an address may also carry when it is given as a URL. */
export interface Endpoint extends Address {
  readonly username?: string;
  readonly password?: string;
  readonly db?: number;
  readonly tls?: boolean;
}

const DEFAULT_PORT = 6379;

/** host:port, with brackets around an IPv6 host. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Understands `host`, `host:port`, `[ipv6]:port`, `redis://user:password@host:port/db`, `rediss://…` (TLS; also
 * `valkey://` and `valkeys://`) and `{ host, port }`. Throws `UsageError` for anything else.
 */
export function parseAddress(address: string | Address): Endpoint {
  if (typeof address !== 'string') return checked(address, formatAddress(address));
  if (address.includes('://')) return parseUrl(address);
  const parts = /^(?:\[([^\]]+)\]|([^:\s]+))(?::(\d+))?$/.exec(address);
  // A bare IPv6 address has more than one colon and no brackets.
  const host = parts?.[1] ?? parts?.[2] ?? (address.split(':').length > 2 ? address : '');
  const port = parts?.[3] === undefined ? DEFAULT_PORT : Number(parts[3]);
  return checked({ host, port }, address);
}

function parseUrl(text: string): Endpoint {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const tls = url?.protocol === 'rediss:' || url?.protocol === 'valkeys:';
  const known = tls || url?.protocol === 'redis:' || url?.protocol === 'valkey:';
  if (url === undefined || !known) {
    throw new UsageError(`${text} is not an address: write redis://host:port or rediss://host:port`);
  }
  const db = url.pathname.length > 1 ? Number(url.pathname.slice(1)) : undefined;
  if (db !== undefined && !Number.isInteger(db)) {
    throw new UsageError(`${text} is not an address: the path is the number of a database`);
  }
  return checked(
    {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? DEFAULT_PORT : Number(url.port),
      username: url.username === '' ? undefined : decodeURIComponent(url.username),
      password: url.password === '' ? undefined : decodeURIComponent(url.password),
      db,
      tls: tls || undefined,
    },
    text,
  );
}

function checked(endpoint: Endpoint, text: string): Endpoint {
  const { host, port } = endpoint;
  if (!host || !Number.isInteger(port) || port < 1 || port > 65535) {
    throw new UsageError(`${text} is not an address: write host:port, such as localhost:7000`);
  }
  return endpoint;
}
