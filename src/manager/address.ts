/** Where a node listens for clients. Plans and views name nodes by these, as people do. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A node that a plan can name: by its ID (40 hexadecimal digits) for nodes, by its address for people. */
export interface NodeAddress extends Address {
  readonly id: string;
}

/**
 * Reads `host:port`, `[v6]:port` or `v6:port`; a bus port behind `@` is accepted and ignored, so a field of
 * CLUSTER NODES can be pasted. Throws RangeError when the text is not an address.
 */
export function parseAddress(text: string): Address {
  const plain = text.split('@', 1)[0];
  const colon = plain.lastIndexOf(':');
  const host = plain.slice(0, Math.max(colon, 0)).replace(/^\[(.*)\]$/, '$1');
  const digits = plain.slice(colon + 1);
  const port = Number(digits);
  if (host === '' || !/^\d+$/.test(digits) || port < 1 || port > 65535) {
    throw new RangeError(`Invalid address format: ${text}`);
  }
  return { host, port };
}

/** `host:port`, the form Redis prints (no brackets around IPv6). */
export function formatAddress({ host, port }: Address): string {
  return `${host}:${port}`;
}

/** The address alone, without what else the value carries: for plans, which are printed and compared. */
export function nameOf({ id, host, port }: NodeAddress): NodeAddress {
  return { id, host, port };
}
