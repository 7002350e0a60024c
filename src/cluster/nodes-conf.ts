/**
 * nodes.conf, the cluster configuration file, in Redis's own format: one line a node as in CLUSTER NODES, this node
 * with the slots it is migrating and importing, and a line of variables. Each format that is read here is one that
 * some Redis version wrote; anything else means that the file can't be trusted, and a node must not start on guesses
 * about who serves which slot.
 *
 *     <id> <ip:port@busport[,hostname]> <flags> <master or -> <ping> <pong> <epoch> <link> <slots> …
 *     vars currentEpoch <n> lastVoteEpoch <n> [shardId <id>]
 *
 * Redis since 7.2 adds `,tls-port=<port>,shard-id=<id>` to the address, which older ones take for part of the hostname. The
 * only shard id that can't be learned anew is the one which this node, a master by now, had as a replica: a variable that
 * others skip.
 */
import { isNodeId, NodeFlag } from '../protocol/bus-frame.js';
import { SLOT_COUNT } from '../protocol/key-slot.js';
import { BUS_PORT_OFFSET } from './addresses.js';
import { type ClusterNode, formatFlags, parseFlags } from './cluster-node.js';
import type { SlotRange } from './slot-bitmap.js';
import type { ClusterState } from './state.js';

/** The file is not one that can be loaded. */
export class CorruptConfigError extends Error {
  /** Line number, from 1; 0 for the file as a whole. */
  readonly line: number;

  constructor(line: number, detail: string) {
    super('Unrecoverable error: corrupted cluster config file.', { cause: detail });
    this.name = 'CorruptConfigError';
    this.line = line;
  }
}

/** One node line. */
export interface NodeRecord {
  id: string;
  ip: string;
  port: number;
  busPort: number;
  hostname: string;
  /** '' when there is none. */
  shardId: string;
  flags: number;
  /** '' for none. */
  masterId: string;
  /** Whether a ping was under way, and whether a pong had ever come. */
  pingSent: boolean;
  pongReceived: boolean;
  configEpoch: number;
  ranges: SlotRange[];
  migrating: { slot: number; nodeId: string }[];
  importing: { slot: number; nodeId: string }[];
}

export interface NodesConf {
  nodes: NodeRecord[];
  currentEpoch: number;
  lastVoteEpoch: number;
  /** '' when there is none. */
  shardId: string;
  /** Names of variables that some other version wrote. */
  unknownVariables: string[];
}

/** The node as a line of CLUSTER NODES, without the line end. `port` is the client port to show. */
export function describeNode(state: ClusterState, node: ClusterNode, port = node.port): string {
  const hostname = node.hostname && `,${node.hostname}`;
  const fields = [
    node.id,
    `${node.ip}:${port}@${node.busPort}${hostname}`,
    formatFlags(node.flags),
    node.master?.id ?? '-',
    state.toWallClock(node.pingSent),
    state.toWallClock(node.pongReceived),
    node.shardMaster.configEpoch,
    node.link || node.isMyself ? 'connected' : 'disconnected',
  ];
  for (const { first, last } of state.slots.rangesOf(node))
    fields.push(first === last ? first : `${first}-${last}`);
  if (node.isMyself) fields.push(...openSlots(state));
  return fields.join(' ');
}

/** The slots in migration, in order: `[5->-id]` going out, `[5-<-id]` coming in. */
function openSlots(state: ClusterState): string[] {
  const { importing, migrating } = state.slots;
  const slots = [...new Set([...migrating.keys(), ...importing.keys()])].sort((a, b) => a - b);
  return slots.map((slot) => {
    const to = migrating.get(slot);
    return to ? `[${slot}->-${to.id}]` : `[${slot}-<-${importing.get(slot)!.id}]`;
  });
}

/** The text of nodes.conf. Nodes still in handshake have no name to be kept under. */
export function formatNodesConf(state: ClusterState): string {
  let text = '';
  for (const node of state.nodes) if (!node.inHandshake) text += `${describeNode(state, node)}\n`;
  const { id, isMaster, shardId } = state.myself;
  const inherited = isMaster && shardId !== id ? ` shardId ${shardId}` : '';
  return `${text}vars currentEpoch ${state.currentEpoch} lastVoteEpoch ${state.lastVoteEpoch}${inherited}\n`;
}

/** Reads nodes.conf. Throws CorruptConfigError. */
export function parseNodesConf(text: string): NodesConf {
  const conf: NodesConf = { nodes: [], currentEpoch: 0, lastVoteEpoch: 0, shardId: '', unknownVariables: [] };
  for (const [index, line] of text.split('\n').entries()) {
    const words = line.split(/[ \t\r]+/).filter((word) => word !== '');
    if (words.length === 0) continue;
    const fail = (detail: string): never => {
      throw new CorruptConfigError(index + 1, detail);
    };
    if (words[0].toLowerCase() === 'vars') parseVariables(words, conf, fail);
    else conf.nodes.push(parseNode(words, fail));
  }
  const selves = conf.nodes.filter((node) => node.flags & NodeFlag.MYSELF);
  if (selves.length !== 1) throw new CorruptConfigError(0, `${selves.length} nodes are flagged myself`);
  return conf;
}

type Fail = (detail: string) => never;

function parseVariables(words: string[], conf: NodesConf, fail: Fail): void {
  if (words.length % 2 === 0) fail('a variable without a value');
  for (let i = 1; i < words.length; i += 2) {
    const name = words[i].toLowerCase();
    if (name === 'currentepoch') conf.currentEpoch = parseNumber(words[i + 1], fail);
    else if (name === 'lastvoteepoch') conf.lastVoteEpoch = parseNumber(words[i + 1], fail);
    else if (name === 'shardid' && isNodeId(words[i + 1])) conf.shardId = words[i + 1];
    else conf.unknownVariables.push(words[i]);
  }
}

function parseNode(words: string[], fail: Fail): NodeRecord {
  if (words.length < 8) fail('a node line with fewer than eight fields');
  const [id, address, flagNames, masterId, ping, pong, epoch, , ...slots] = words;
  const flags = parseFlags(flagNames);
  if (!isNodeId(id)) fail(`${id} is not a node id`);
  if (flags < 0) fail(`unknown flag among ${flagNames}`);
  if (masterId !== '-' && !isNodeId(masterId)) fail(`${masterId} is not a node id`);
  const record: NodeRecord = {
    id,
    ...parseAddress(address, fail),
    flags,
    masterId: masterId === '-' ? '' : masterId,
    pingSent: parseNumber(ping, fail) > 0,
    pongReceived: parseNumber(pong, fail) > 0,
    configEpoch: parseNumber(epoch, fail),
    ranges: [],
    migrating: [],
    importing: [],
  };
  for (const word of slots) parseSlots(word, record, fail);
  return record;
}

type AddressFields = 'ip' | 'port' | 'busPort' | 'hostname' | 'shardId';

/** `ip:port[@busport][,hostname[,name=value…]]`; before Redis 4 there was no bus port. */
function parseAddress(text: string, fail: Fail): Pick<NodeRecord, AddressFields> {
  const match = /^([^,]*):(\d+)(?:@(\d+))?(?:,([^,]*)(.*))?$/.exec(text);
  if (!match) return fail(`${text} is not an address`);
  const port = Number(match[2]);
  const busPort = match[3] === undefined ? port + BUS_PORT_OFFSET : Number(match[3]);
  const shardId = /,shard-id=([a-z0-9]{40})(?:,|$)/.exec(match[5] ?? '')?.[1] ?? '';
  return { ip: match[1], port, busPort, hostname: match[4] ?? '', shardId };
}

/** `5`, `0-5460`, `[5->-id]` or `[5-<-id]`. */
function parseSlots(word: string, record: NodeRecord, fail: Fail): void {
  const open = /^\[(\d+)-([<>])-([a-z0-9]{40})\]$/.exec(word);
  const range = /^(\d+)(?:-(\d+))?$/.exec(word);
  if (open) {
    const slot = Number(open[1]);
    if (slot >= SLOT_COUNT) fail(`${slot} is not a slot`);
    record[open[2] === '>' ? 'migrating' : 'importing'].push({ slot, nodeId: open[3] });
  } else if (range) {
    const first = Number(range[1]);
    const last = range[2] === undefined ? first : Number(range[2]);
    if (first >= SLOT_COUNT || last >= SLOT_COUNT) fail(`${word} goes beyond the last slot`);
    record.ranges.push({ first, last });
  } else fail(`${word} is not a slot`);
}

function parseNumber(text: string, fail: Fail): number {
  const value = Number(text);
  return /^\d+$/.test(text) && Number.isSafeInteger(value) ? value : fail(`${text} is not a number`);
}
