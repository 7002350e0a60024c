/**
 * Addresses: which ports this node announces, and IP literals in their canonical form.
 */
import type { ClusterOptions } from './environment.js';

/** The bus listens this far above the client port unless cluster-port says otherwise. */
export const BUS_PORT_OFFSET = 10_000;

export interface AnnouncedPorts {
  port: number;
  plainPort: number;
  busPort: number;
}

/** The ports others are told, after cluster-announce-*. */
export function announcedPorts(options: ClusterOptions): AnnouncedPorts {
  const { tlsCluster, announcePort } = options;
  const listening = tlsCluster ? options.tlsPort : options.port;
  const announceTlsPort = tlsCluster ? options.announceTlsPort : 0;
  const listeningPlain = tlsCluster ? options.port : 0;
  return {
    // A TLS cluster's cluster-announce-port means the TLS port as long as there is no cluster-announce-tls-port.
    port: announceTlsPort || announcePort || listening,
    plainPort: announceTlsPort ? announcePort : listeningPlain,
    busPort: options.announceBusPort || options.busPort || listening + BUS_PORT_OFFSET,
  };
}

/** The IPv4 or IPv6 literal as inet_ntop writes it; null when the text is neither. */
export function normalizeIp(text: string): string | null {
  if (isIPv4(text)) return text;
  const groups = parseIPv6(text);
  return groups && formatIPv6(groups);
}

function isIPv4(text: string): boolean {
  const octets = text.split('.');
  return (
    octets.length === 4 && octets.every((octet) => /^(0|[1-9]\d{0,2})$/.test(octet) && Number(octet) < 256)
  );
}

/** The eight 16-bit groups, or null. */
function parseIPv6(text: string): number[] | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const parsed = halves.map((half, i) => parseGroups(half, i === halves.length - 1));
  const [head, tail] = parsed;
  if (!head || (halves.length === 2 && !tail)) return null;
  if (halves.length === 1) return head.length === 8 ? head : null;
  const gap = 8 - head.length - tail!.length;
  return gap < 1 ? null : [...head, ...new Array(gap).fill(0), ...tail!];
}

function parseGroups(text: string, mayEndInIPv4: boolean): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const words = text.split(':');
  for (const [i, word] of words.entries()) {
    if (mayEndInIPv4 && i === words.length - 1 && isIPv4(word)) {
      const [a, b, c, d] = word.split('.').map(Number);
      groups.push(a * 256 + b, c * 256 + d);
    } else if (/^[0-9a-f]{1,4}$/i.test(word)) groups.push(Number.parseInt(word, 16));
    else return null;
  }
  return groups;
}

/** Lower-case hex with the longest run of two or more zero groups left out. */
function formatIPv6(groups: number[]): string {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  if (best.start === 0 && best.length === 5 && groups[5] === 0xffff) return `::ffff:${dotted(groups)}`;
  if (best.start === 0 && best.length === 6 && groups[6] !== 0) return `::${dotted(groups)}`;
  const hex = groups.map((group) => group.toString(16));
  if (best.length < 2) return hex.join(':');
  return `${hex.slice(0, best.start).join(':')}::${hex.slice(best.start + best.length).join(':')}`;
}

function dotted(groups: number[]): string {
  return [groups[6] >> 8, groups[6] & 255, groups[7] >> 8, groups[7] & 255].join('.');
}
