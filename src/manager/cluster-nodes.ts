/** Reads the text of CLUSTER NODES: one line per node that the answering node knows. */
import type { SlotRange } from './slots.js';

/** A slot on its way between two masters, as one of the two sees it. */
export interface OpenSlot {
  readonly slot: number;
  readonly state: 'migrating' | 'importing';
  /** Node ID of the other side: the target of a migrating slot, the source of an importing one. */
  readonly peer: string;
}

/** One node as some node's table describes it. */
export interface NodeEntry {
  /** 40 hexadecimal digits. */
  readonly id: string;
  /** Announced IP address; empty while the node has not learnt its own. */
  readonly host: string;
  readonly port: number;
  readonly busPort: number;
  /** Announced hostname, if any (Redis 7). */
  readonly hostname: string;
  /** As printed, without `myself`: `master`, `slave`, `fail?`, `fail`, `handshake`, `noaddr`, … */
  readonly flags: readonly string[];
  readonly myself: boolean;
  readonly role: 'master' | 'replica';
  /** ID of the master that a replica follows. */
  readonly masterId: string | null;
  /** Milliseconds since the epoch, 0 when no ping is pending. */
  readonly pingSent: number;
  /** Milliseconds since the epoch. */
  readonly pongReceived: number;
  readonly configEpoch: number;
  /** Whether the answering node has a working bus link to this node. */
  readonly linked: boolean;
  readonly slots: readonly SlotRange[];
  /** Slots being moved; only a node's own line tells. */
  readonly openSlots: readonly OpenSlot[];
}

/** Parses a CLUSTER NODES (or CLUSTER REPLICAS line) text. Throws SyntaxError naming the line it can't read. */
export function parseClusterNodes(text: string): NodeEntry[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(parseLine);
}

function parseLine(line: string): NodeEntry {
  const [id, address, flagList, master, pingSent, pongReceived, configEpoch, link, ...slotList] =
    line.split(' ');
  const place = /^(.*):(\d+)(?:@(\d+))?(?:,([^,]*).*)?$/.exec(address ?? '');
  if (!place || link === undefined) throw new SyntaxError(`not a line of CLUSTER NODES: ${line}`);
  const [, host, port, busPort, hostname] = place;
  const flags = flagList.split(',');
  const slots: SlotRange[] = [];
  const openSlots: OpenSlot[] = [];
  for (const item of slotList) {
    const open = /^\[(\d+)-([<>])-(\w+)\]$/.exec(item);
    if (open) {
      openSlots.push({
        slot: Number(open[1]),
        state: open[2] === '>' ? 'migrating' : 'importing',
        peer: open[3],
      });
    } else if (item !== '') {
      const [start, end = start] = item.split('-').map(Number);
      slots.push({ start, end });
    }
  }
  return {
    id,
    host,
    port: Number(port),
    busPort: busPort === undefined ? Number(port) + 10000 : Number(busPort),
    hostname: hostname ?? '',
    flags: flags.filter((flag) => flag !== 'myself'),
    myself: flags.includes('myself'),
    role: flags.includes('slave') ? 'replica' : 'master',
    masterId: master === '-' ? null : master,
    pingSent: Number(pingSent),
    pongReceived: Number(pongReceived),
    configEpoch: Number(configEpoch),
    linked: link === 'connected',
    slots,
    openSlots,
  };
}
