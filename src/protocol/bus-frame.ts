/**
 * Frames of the cluster bus, version 1, as Redis 7.0 speaks it: bytes to typed values and back.
 *
 * Every frame starts with the same 2256-byte header: who sends it, its epochs, its replication offset and the
 * bitmap of the slots it (or, for a replica, its master) serves. That is why any frame keeps its receiver's view
 * fresh. PING, PONG and MEET follow it with gossip entries of 104 bytes and, since 7.0, with extensions. All
 * integers are big-endian.
 *
 * The bus has no authentication, so nothing that arrives is trusted: every count and length is compared with the
 * bytes that are there, node ids and texts are held to the characters that nodes.conf can carry, and 64-bit values
 * beyond 2^53 are refused, because epochs and offsets are exact numbers here. `decodeFrame` answers a frame or a
 * `MalformedFrame`; it never throws. Cluster specification, "Cluster bus" and "Heartbeat packet content".
 *
 * Byte strings in a decoded frame (`slots`, `channel`, `message`, `payload`) are views of the frame's bytes: copy
 * what must outlive them.
 */
import { type Bytes, carve, copy, latin1, writeLatin1 } from './bytes.js';

/** Message names in the order of their type numbers; also the names that CLUSTER INFO counts them under. */
export const MESSAGE_NAMES = [
  'ping',
  'pong',
  'meet',
  'fail',
  'publish',
  'auth-req',
  'auth-ack',
  'update',
  'mfstart',
  'module',
  'publishshard',
] as const;

export type MessageName = (typeof MESSAGE_NAMES)[number];

/** What a node is and how it is doing, as it appears in headers, gossip entries and CLUSTER NODES. */
export const NodeFlag = {
  MASTER: 1,
  REPLICA: 2,
  /** Not reachable from here for longer than the node timeout. */
  PFAIL: 4,
  /** The majority of masters could not reach it. */
  FAIL: 8,
  MYSELF: 16,
  /** Met, but its node id is not known yet. */
  HANDSHAKE: 32,
  NOADDR: 64,
  /** The first frame to this node must be a MEET. */
  MEET: 128,
  /** A master that had replicas and may therefore receive one by replica migration. */
  MIGRATE_TO: 256,
  NOFAILOVER: 512,
} as const;

/** Bits of the first message-flags byte. */
export const MessageFlag = {
  /** The master holds its clients back for a manual failover. */
  PAUSED: 1,
  /** Vote even though the master works: a manual failover. */
  FORCE_ACK: 2,
  /** Extensions follow the gossip entries. */
  EXTENSIONS: 4,
} as const;

/** The part that all frames share. */
export interface BusHeader {
  /** Node id of the sender, 40 characters. */
  sender: string;
  /** Node id of the sender's master; '' when the sender is a master. */
  masterId: string;
  /** The address the sender announces; '' lets receivers take it from the socket. */
  ip: string;
  port: number;
  /** Plaintext client port when `port` is the TLS port, else 0. */
  plainPort: number;
  busPort: number;
  /** Node flags of the sender. */
  flags: number;
  currentEpoch: number;
  /** Config epoch of the sender, or of its master when it is a replica. */
  configEpoch: number;
  /** Replication offset: produced by a master, processed by a replica. */
  offset: number;
  /** Bitmap, 2048 bytes, of the slots served by the sender or its master. */
  slots: Bytes;
  /** Whether the cluster works, as the sender sees it. */
  clusterOk: boolean;
  messageFlags: number;
}

/** What a heartbeat tells about a third node. Times are wall milliseconds, whole seconds on the wire. */
export interface GossipEntry {
  id: string;
  pingSent: number;
  pongReceived: number;
  ip: string;
  port: number;
  plainPort: number;
  busPort: number;
  flags: number;
}

export type HeartbeatName = 'ping' | 'pong' | 'meet';

export interface HeartbeatBody {
  type: HeartbeatName;
  gossip: readonly GossipEntry[];
  /** '' for none. */
  hostname: string;
  /** Redis tells it since 7.2. */
  shardId?: string;
}

export type BusBody =
  | HeartbeatBody
  | { type: 'fail'; nodeId: string }
  | { type: 'publish' | 'publishshard'; channel: Bytes; message: Bytes }
  | { type: 'auth-req' | 'auth-ack' | 'mfstart' }
  | { type: 'update'; nodeId: string; configEpoch: number; slots: Bytes }
  | { type: 'module'; moduleId: Bytes; moduleType: number; payload: Bytes };

export interface BusFrame {
  header: BusHeader;
  body: BusBody;
}

/** A whole frame whose content is not acceptable; the stream itself is still in step. */
export class MalformedFrame {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Size of the header, the smallest frame there is. */
export const HEADER_SIZE = 2256;
export const NODE_ID_SIZE = 40;
export const SLOT_BITMAP_SIZE = 2048;

const GOSSIP_SIZE = 104;
const EXTENSION_HEADER_SIZE = 8;
const HOSTNAME_EXTENSION = 0;
const SHARD_ID_EXTENSION = 3;
const ADDRESS_SIZE = 46;
const PROTOCOL_VERSION = 1;
const MODULE_PREFIX_SIZE = 13;

/** Offsets of the header's fields. */
const AT = {
  length: 4,
  version: 8,
  port: 10,
  type: 12,
  count: 14,
  currentEpoch: 16,
  configEpoch: 24,
  offset: 32,
  sender: 40,
  slots: 80,
  master: 2128,
  ip: 2168,
  extensions: 2214,
  plainPort: 2246,
  busPort: 2248,
  flags: 2250,
  state: 2252,
  messageFlags: 2253,
} as const;

const SIGNATURE = 0x52436d62; // RCmb

/** Whether a text has the shape of a node id: 40 lower-case letters or digits. */
export function isNodeId(text: string): boolean {
  return /^[a-z0-9]{40}$/.test(text);
}

/** Node ids read lately, by their first bytes: a heartbeat in a large cluster holds dozens, nearly always known ones. */
const knownIds = new Map<number, string>();
const MOST_KNOWN_IDS = 4096;

/** The node id at `at`, '' when there is none. One that is known costs a comparison, and is found in maps at once. */
function readNodeId(bytes: Bytes, at: number): string {
  const key = read32(bytes, at) ^ Math.imul(read32(bytes, at + 4), 31);
  const known = knownIds.get(key);
  if (known !== undefined && isAt(known, bytes, at)) return known;
  const id = latin1(bytes, at, at + NODE_ID_SIZE);
  if (!isNodeId(id)) return '';
  if (knownIds.size >= MOST_KNOWN_IDS) knownIds.clear();
  knownIds.set(key, id);
  return id;
}

function isAt(text: string, bytes: Bytes, at: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[at + i]) return false;
  return true;
}

/** The frame's bytes. Texts longer than their fields are cut, as the wire format demands. */
export function encodeFrame(header: BusHeader, body: BusBody): Bytes {
  switch (body.type) {
    case 'ping':
    case 'pong':
    case 'meet':
      return encodeHeartbeat(header, body);
    case 'fail': {
      const bytes = encodeHeader(header, body.type, HEADER_SIZE + NODE_ID_SIZE);
      writeLatin1(bytes, body.nodeId, HEADER_SIZE);
      return bytes;
    }
    case 'publish':
    case 'publishshard': {
      const { channel, message } = body;
      const length = HEADER_SIZE + 8 + channel.length + message.length;
      const bytes = encodeHeader(header, body.type, length);
      write32(bytes, HEADER_SIZE, channel.length);
      write32(bytes, HEADER_SIZE + 4, message.length);
      const behind = copy(bytes, HEADER_SIZE + 8, channel, 0, channel.length);
      copy(bytes, behind, message, 0, message.length);
      return bytes;
    }
    case 'auth-req':
    case 'auth-ack':
    case 'mfstart':
      return encodeHeader(header, body.type, HEADER_SIZE);
    case 'update': {
      const bytes = encodeHeader(header, body.type, HEADER_SIZE + 8 + NODE_ID_SIZE + SLOT_BITMAP_SIZE);
      write64(bytes, HEADER_SIZE, body.configEpoch);
      writeLatin1(bytes, body.nodeId, HEADER_SIZE + 8);
      copy(bytes, HEADER_SIZE + 8 + NODE_ID_SIZE, body.slots, 0, SLOT_BITMAP_SIZE);
      return bytes;
    }
    case 'module': {
      const { payload } = body;
      const bytes = encodeHeader(header, body.type, HEADER_SIZE + MODULE_PREFIX_SIZE + payload.length);
      copy(bytes, HEADER_SIZE, body.moduleId, 0, 8);
      write32(bytes, HEADER_SIZE + 8, payload.length);
      bytes[HEADER_SIZE + 12] = body.moduleType;
      copy(bytes, HEADER_SIZE + MODULE_PREFIX_SIZE, payload, 0, payload.length);
      return bytes;
    }
  }
}

/** One whole frame, as `BusFrameSplitter` cuts them, as a value. */
export function decodeFrame(bytes: Bytes): BusFrame | MalformedFrame {
  if (bytes.length < HEADER_SIZE) return new MalformedFrame('frame shorter than its header');
  if (read16(bytes, AT.version) !== PROTOCOL_VERSION) return new MalformedFrame('unknown protocol version');
  const type = MESSAGE_NAMES[read16(bytes, AT.type)];
  if (type === undefined)
    return new MalformedFrame(`Received unknown packet type: ${read16(bytes, AT.type)}`);
  const header = decodeHeader(bytes);
  if (header instanceof MalformedFrame) return header;
  const body = decodeBody(bytes, type, header.messageFlags);
  return body instanceof MalformedFrame ? body : { header, body };
}

function encodeHeader(header: BusHeader, type: MessageName, length: number): Bytes {
  const bytes = carve(length);
  write32(bytes, 0, SIGNATURE);
  write32(bytes, AT.length, length);
  write16(bytes, AT.version, PROTOCOL_VERSION);
  write16(bytes, AT.port, header.port);
  write16(bytes, AT.type, MESSAGE_NAMES.indexOf(type));
  write64(bytes, AT.currentEpoch, header.currentEpoch);
  write64(bytes, AT.configEpoch, header.configEpoch);
  write64(bytes, AT.offset, header.offset);
  writeLatin1(bytes, header.sender, AT.sender);
  copy(bytes, AT.slots, header.slots, 0, SLOT_BITMAP_SIZE);
  writeLatin1(bytes, header.masterId, AT.master);
  writeText(bytes, header.ip, AT.ip);
  write16(bytes, AT.plainPort, header.plainPort);
  write16(bytes, AT.busPort, header.busPort);
  write16(bytes, AT.flags, header.flags);
  bytes[AT.state] = header.clusterOk ? 0 : 1;
  bytes[AT.messageFlags] = header.messageFlags;
  return bytes;
}

function encodeHeartbeat(header: BusHeader, body: HeartbeatBody): Bytes {
  const { gossip, hostname, shardId = '' } = body;
  // A hostname ends in a NUL, a shard id fills its extension.
  const hostnameSize = hostname === '' ? 0 : EXTENSION_HEADER_SIZE + ((hostname.length + 8) & ~7);
  const shardIdSize = shardId === '' ? 0 : EXTENSION_HEADER_SIZE + NODE_ID_SIZE;
  const behindGossip = HEADER_SIZE + gossip.length * GOSSIP_SIZE;
  const bytes = encodeHeader(header, body.type, behindGossip + hostnameSize + shardIdSize);
  write16(bytes, AT.count, gossip.length);
  let at = HEADER_SIZE;
  for (const entry of gossip) {
    writeLatin1(bytes, entry.id, at);
    write32(bytes, at + 40, entry.pingSent / 1000);
    write32(bytes, at + 44, entry.pongReceived / 1000);
    writeText(bytes, entry.ip, at + 48);
    write16(bytes, at + 94, entry.port);
    write16(bytes, at + 96, entry.busPort);
    write16(bytes, at + 98, entry.flags);
    write16(bytes, at + 100, entry.plainPort);
    at += GOSSIP_SIZE;
  }
  if (hostnameSize > 0) addExtension(bytes, at, HOSTNAME_EXTENSION, hostnameSize, hostname);
  if (shardIdSize > 0) addExtension(bytes, at + hostnameSize, SHARD_ID_EXTENSION, shardIdSize, shardId);
  return bytes;
}

function addExtension(bytes: Bytes, at: number, type: number, size: number, text: string): void {
  bytes[AT.messageFlags] |= MessageFlag.EXTENSIONS;
  write16(bytes, AT.extensions, read16(bytes, AT.extensions) + 1);
  write32(bytes, at, size);
  write16(bytes, at + 4, type);
  writeLatin1(bytes, text, at + EXTENSION_HEADER_SIZE);
}

function decodeHeader(bytes: Bytes): BusHeader | MalformedFrame {
  const sender = readNodeId(bytes, AT.sender);
  if (sender === '') return new MalformedFrame('sender is not a node id');
  const masterId = bytes[AT.master] === 0 ? '' : readNodeId(bytes, AT.master);
  if (masterId === '' && bytes[AT.master] !== 0) return new MalformedFrame('master is not a node id');
  const ip = readText(bytes, AT.ip, ADDRESS_SIZE);
  if (!isPlain(ip)) return new MalformedFrame('address holds characters that no address has');
  const currentEpoch = read64(bytes, AT.currentEpoch);
  const configEpoch = read64(bytes, AT.configEpoch);
  const offset = read64(bytes, AT.offset);
  if (currentEpoch < 0 || configEpoch < 0 || offset < 0)
    return new MalformedFrame('epoch or offset too large');
  return {
    sender,
    masterId,
    ip,
    port: read16(bytes, AT.port),
    plainPort: read16(bytes, AT.plainPort),
    busPort: read16(bytes, AT.busPort),
    flags: read16(bytes, AT.flags),
    currentEpoch,
    configEpoch,
    offset,
    slots: bytes.subarray(AT.slots, AT.slots + SLOT_BITMAP_SIZE),
    clusterOk: bytes[AT.state] === 0,
    messageFlags: bytes[AT.messageFlags],
  };
}

function decodeBody(bytes: Bytes, type: MessageName, messageFlags: number): BusBody | MalformedFrame {
  switch (type) {
    case 'ping':
    case 'pong':
    case 'meet':
      return decodeHeartbeat(bytes, type, messageFlags);
    case 'fail': {
      if (bytes.length !== HEADER_SIZE + NODE_ID_SIZE) return wrongLength(bytes, type);
      const nodeId = readNodeId(bytes, HEADER_SIZE);
      return nodeId !== '' ? { type, nodeId } : new MalformedFrame('FAIL about something not a node id');
    }
    case 'publish':
    case 'publishshard': {
      const data = HEADER_SIZE + 8;
      if (bytes.length < data) return wrongLength(bytes, type);
      const message = data + read32(bytes, HEADER_SIZE);
      const end = message + read32(bytes, HEADER_SIZE + 4);
      if (bytes.length !== end) return wrongLength(bytes, type);
      return { type, channel: bytes.subarray(data, message), message: bytes.subarray(message, end) };
    }
    case 'auth-req':
    case 'auth-ack':
    case 'mfstart':
      return bytes.length === HEADER_SIZE ? { type } : wrongLength(bytes, type);
    case 'update': {
      const slots = HEADER_SIZE + 8 + NODE_ID_SIZE;
      if (bytes.length !== slots + SLOT_BITMAP_SIZE) return wrongLength(bytes, type);
      const nodeId = readNodeId(bytes, HEADER_SIZE + 8);
      const configEpoch = read64(bytes, HEADER_SIZE);
      if (nodeId === '' || configEpoch < 0) return new MalformedFrame('UPDATE with a wrong id or epoch');
      return { type, nodeId, configEpoch, slots: bytes.subarray(slots) };
    }
    case 'module': {
      const data = HEADER_SIZE + MODULE_PREFIX_SIZE;
      if (bytes.length < data || bytes.length !== data + read32(bytes, HEADER_SIZE + 8))
        return wrongLength(bytes, type);
      return {
        type,
        moduleId: bytes.subarray(HEADER_SIZE, HEADER_SIZE + 8),
        moduleType: bytes[HEADER_SIZE + 12],
        payload: bytes.subarray(data),
      };
    }
  }
}

function decodeHeartbeat(
  bytes: Bytes,
  type: HeartbeatName,
  messageFlags: number,
): HeartbeatBody | MalformedFrame {
  const count = read16(bytes, AT.count);
  let at = HEADER_SIZE + count * GOSSIP_SIZE;
  if (at > bytes.length) return wrongLength(bytes, type);
  const body: HeartbeatBody = { type, gossip: [], hostname: '' };
  if (messageFlags & MessageFlag.EXTENSIONS) {
    for (let left = read16(bytes, AT.extensions); left > 0; left--) {
      if (bytes.length - at < EXTENSION_HEADER_SIZE) return wrongLength(bytes, type);
      const length = read32(bytes, at);
      if (length < EXTENSION_HEADER_SIZE || length % 8 !== 0 || length > bytes.length - at)
        return new MalformedFrame(`${type} frame with an extension of wrong length ${length}`);
      const content = at + EXTENSION_HEADER_SIZE;
      const size = length - EXTENSION_HEADER_SIZE;
      switch (read16(bytes, at + 4)) {
        case HOSTNAME_EXTENSION:
          body.hostname = readText(bytes, content, size);
          break;
        case SHARD_ID_EXTENSION:
          body.shardId = size === NODE_ID_SIZE ? readNodeId(bytes, content) : '';
          if (body.shardId === '') return new MalformedFrame('something that is no shard id');
          break;
        // Others are skipped: their length says how far. So are the nodes that others since 7.2 say were forgotten: who
        // listens to it drops a node that is met again within the minute, and for good.
      }
      at += length;
    }
  }
  if (at !== bytes.length) return wrongLength(bytes, type);
  if (!isPlain(body.hostname)) return new MalformedFrame('hostname holds characters that no hostname has');

  const gossip: GossipEntry[] = new Array(count);
  for (let i = 0, from = HEADER_SIZE; i < count; i++, from += GOSSIP_SIZE) {
    const id = readNodeId(bytes, from);
    const ip = readText(bytes, from + 48, ADDRESS_SIZE);
    if (id === '' || !isPlain(ip)) return new MalformedFrame('gossip entry with a wrong id or address');
    gossip[i] = {
      id,
      pingSent: read32(bytes, from + 40) * 1000,
      pongReceived: read32(bytes, from + 44) * 1000,
      ip,
      port: read16(bytes, from + 94),
      busPort: read16(bytes, from + 96),
      flags: read16(bytes, from + 98),
      plainPort: read16(bytes, from + 100),
    };
  }
  body.gossip = gossip;
  return body;
}

function wrongLength(bytes: Bytes, type: MessageName): MalformedFrame {
  return new MalformedFrame(`Received invalid ${type} packet of length ${bytes.length}`);
}

/** Addresses and hostnames end up between blanks, commas and @ in nodes.conf, so they can't contain any. */
function isPlain(text: string): boolean {
  return /^[!-+\--?A-~]*$/.test(text);
}

/** The text up to the first NUL in a field of `size` bytes. */
function readText(bytes: Bytes, at: number, size: number): string {
  const limit = at + size;
  let end = at;
  while (end < limit && bytes[end] !== 0) end++;
  return latin1(bytes, at, end);
}

/** Writes a text to an address field, leaving at least the closing NUL. */
function writeText(bytes: Bytes, text: string, at: number): void {
  writeLatin1(bytes, text.length < ADDRESS_SIZE ? text : text.slice(0, ADDRESS_SIZE - 1), at);
}

/** An unsigned 32-bit value at `at`. */
export function read32(bytes: Bytes, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}

function read16(bytes: Bytes, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}

/** An unsigned 64-bit value; -1 when it is beyond what a number holds exactly. */
function read64(bytes: Bytes, at: number): number {
  const value = read32(bytes, at) * 2 ** 32 + read32(bytes, at + 4);
  return Number.isSafeInteger(value) ? value : -1;
}

function write16(bytes: Bytes, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
}

function write32(bytes: Bytes, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function write64(bytes: Bytes, at: number, value: number): void {
  write32(bytes, at, Math.floor(value / 2 ** 32));
  write32(bytes, at + 4, value % 2 ** 32);
}
