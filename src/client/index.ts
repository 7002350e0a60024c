/** `hexis` and `hexis/client`: the client for Redis, Valkey and Hexis, clusters and single servers. */
export type { Reply } from '../protocol/reply-decoder.js';
export type { Address } from './address.js';
export type { Double, Entries, Integer, Key, OneOrMore, Value } from './arguments.js';
export { type CallOptions, Client } from './client.js';
export { type Addresses, connect, createClient, createCluster } from './connect.js';
export { Connection, type ConnectionOptions } from './connection.js';
export type { CommandTrace, ConnectionEvent, TopologyEvent } from './diagnostics.js';
export type { Argument } from './encode.js';
export {
  AbortError,
  AllNodesFailedError,
  ClosedError,
  ConflictError,
  ConnectError,
  ConnectionLostError,
  HexisError,
  type Outcome,
  QueueFullError,
  ReplyError,
  ReplyFormatError,
  TimeoutError,
  UsageError,
} from './errors.js';
export type * from './generated/methods.js';
export type { Credentials, HandshakeOptions } from './handshake.js';
export type { KeyspaceEvent, KeyspaceEventOptions } from './keyspace-events.js';
export type { ClientOptions } from './options.js';
export type { ReadCandidate, ReadFrom } from './read-choice.js';
export type { CacheStatistics } from './reply-cache.js';
export type { ScanOptions } from './scan.js';
export type { ScriptOptions } from './script.js';
export type { AddressMap, Shard, SlotMap } from './slot-map.js';
export type { SocketOptions } from './socket.js';
export type { Listener, SubscribeOptions, Subscription } from './subscriptions.js';
export type { Transaction } from './transaction.js';
