/** What a client can be told, with the defaults. */
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import type { Credentials } from './handshake.js';
import type { ReadFrom } from './read-choice.js';
import type { ReplyCache } from './reply-cache.js';
import type { AddressMap } from './slot-map.js';

export interface ClientOptions {
  readonly username?: string;
  readonly password?: string;
  /** Asked for user and password before every connection, for those that change (IAM tokens, rotating secrets). */
  readonly credentials?: () => Credentials | Promise<Credentials>;
  /** Database of a single server; a cluster has only 0. */
  readonly db?: number;
  /** TLS for every node, with Node's options for it. */
  readonly tls?: boolean | TlsOptions;
  /** Name shown by CLIENT LIST. */
  readonly name?: string;
  /** Protocol version, 3 by default; servers that only know 2 are spoken to in 2. */
  readonly resp?: 2 | 3;
  /** Milliseconds for connecting to a node, handshake included; 5000 by default. */
  readonly connectTimeout?: number;
  /** Milliseconds for a command, with all its redirects and retries; 5000 by default, 0 for no limit. */
  readonly commandTimeout?: number;
  /** How many MOVED and ASK a command follows; 16 by default. */
  readonly maxRedirects?: number;
  /** Milliseconds of the first and of the longest pause before a command is tried again; 10 and 500 by default. */
  readonly retryPause?: { readonly first: number; readonly longest: number };
  /** Commands that may wait for a connection or a retry before new ones are refused; 10000 by default. */
  readonly queueLimit?: number;
  /** Whether a command that changes nothing is sent again when its connection broke; true by default. */
  readonly retryReads?: boolean;
  /** Which nodes answer commands that change nothing; 'master' by default. Replicas may answer stale data. */
  readonly readFrom?: ReadFrom;
  /** The availability zone that the program runs in, for `readFrom: 'zone'`. */
  readonly zone?: string;
  /** From addresses that nodes announce to addresses that can be reached (Docker, NAT, tunnels). */
  readonly addressMap?: AddressMap;
  /**
   * Keep replies of reading commands on this side until the server says that the key has changed; `true` for 10000
   * keys. Needs RESP3, and reads from masters.
   */
  readonly cache?: boolean | { readonly keys: number };
  /** Milliseconds between looks at the slot map; 60000 by default, 0 for never. */
  readonly refreshInterval?: number;
}

const DEFAULTS = {
  resp: 3,
  connectTimeout: 5000,
  commandTimeout: 5000,
  maxRedirects: 16,
  retryPause: { first: 10, longest: 500 },
  queueLimit: 10_000,
  retryReads: true,
  readFrom: 'master',
  refreshInterval: 60_000,
} as const satisfies ClientOptions;

/** Keys that `cache: true` keeps. */
export const DEFAULT_CACHED_KEYS = 10_000;

export type Settings = ClientOptions & {
  readonly replyCache?: ReplyCache;
  /** The first name among the addresses, which certificates may be for. */
  readonly serverName?: string;
} & {
  readonly [Name in keyof typeof DEFAULTS]: Required<ClientOptions>[Name];
};

/** The options with defaults for whatever is absent or undefined. */
export function withDefaults(options: ClientOptions): Settings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { ...DEFAULTS, ...given };
}
