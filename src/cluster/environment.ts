/**
 * What the cluster core needs from outside, and what it tells the outside. Everything impure comes through here:
 * the clock, randomness, connections, the disk, the data and its replication. A real node, a test and the
 * simulator each hand in their own.
 *
 * The contract with the host:
 *  - call `Cluster.tick()` every 100 ms;
 *  - feed connections through the `BusLinkEvents` that `dial` receives or `Cluster.accept` answers;
 *  - after every batch of inputs (bytes, ticks, operations) call `Cluster.afterEvents()` once. Frames leave only
 *    there, behind the save of nodes.conf: nothing is promised to others that a power loss could undo.
 */
import type { Bytes } from '../protocol/bytes.js';

export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning';

/** One connection of the bus, owned by the host. */
export interface BusLink {
  /** Address of the other side, '' when it is not known. */
  readonly remoteAddress: string;
  /** Our own address on this connection, '' when it is not known. */
  readonly localAddress: string;
  /** Bytes accepted by `send` that have not left yet. */
  readonly pendingBytes: number;
  /** Sends in order; before the connection stands the host keeps the bytes back. The bytes are never changed. */
  send(bytes: Bytes): void;
  /** Ends the connection; bytes not sent yet are dropped and no event follows. */
  close(): void;
}

/** What the host reports about one connection. */
export interface BusLinkEvents {
  /** The dialled connection stands. Not called for accepted ones. */
  connected(): void;
  /** bytes[start, end) arrived; they may be reused after the call. */
  received(bytes: Bytes, start: number, end: number): void;
  /** The connection failed or was closed by the other side; `reason` is for the log. */
  closed(reason: string): void;
}

/** This node's place in replication. */
export interface ReplicationView {
  /** Offset produced (master) or processed (replica), bytes. */
  offset(): number;
  /** Whether a script is half done: what it has written will raise the offset when it is over. */
  inUnit(): boolean;
  /** Milliseconds since the master was last heard; Infinity when it never was. */
  dataAge(): number;
  /** Whether a snapshot of the master's is being taken in: what there is of the data is no state it ever had. */
  isLoading(): boolean;
  /** Whether replication from some master is turned on. */
  isFollowing(): boolean;
  /** Whether the master's stream is being followed: only then the offset is a place in it. */
  isLinked(): boolean;
  becomeReplicaOf(host: string, port: number): void;
  becomeMaster(): void;
}

/** This node's data, as far as slots are concerned. */
export interface KeyspaceView {
  /** Whether database 0 holds no key. */
  isEmpty(): boolean;
  countKeysInSlot(slot: number): number;
  deleteKeysInSlot(slot: number): void;
  /** Drops everything, when a replica is reset. */
  flushAll(): void;
}

export interface ClusterEnvironment {
  /** Milliseconds by a clock that nobody sets: it begins where the wall clock stood at the start, so 0 is never. */
  now(): number;
  /** Wall-clock milliseconds since 1970, for times that others are told. Somebody may set it at any time. */
  wallClock(): number;
  /** A random unsigned 32-bit integer. */
  random(): number;
  /** Opens a connection; the outcome comes through `events`, never before `dial` returns. */
  dial(host: string, busPort: number, events: BusLinkEvents): BusLink;
  /**
   * Replaces nodes.conf by `text` in one step; returns when it is there, and with `durable` when it would survive
   * a power loss. A failure is the host's to end the process on: a node that can't save must not go on.
   */
  saveConfig(text: string, durable: boolean): void;
  log(level: LogLevel, message: string): void;
  /** Told after the fact, for dashboards, tests and the simulator. */
  emit(event: ClusterEvent): void;
  /** A PUBLISH or SPUBLISH that came over the bus. The views are valid during the call. */
  deliver(channel: Bytes, message: Bytes, sharded: boolean): void;
  /** This shard gave the slots of the bitmap up: their sharded subscriptions end. */
  slotsReleased(slots: Bytes): void;
  /** Holds writing clients (and expiry) back for so many milliseconds, for a manual failover. */
  pauseWrites(milliseconds: number): void;
  resumeWrites(): void;
  readonly replication: ReplicationView;
  readonly keyspace: KeyspaceView;
}

/** Why a replica that could stand for election does not. */
export type CannotFailover = 'none' | 'data-age' | 'waiting-delay' | 'expired' | 'waiting-votes';

/** What happened, as plain data. Node ids are the 40-character names. */
export type ClusterEvent =
  | { type: 'state-changed'; state: 'ok' | 'fail' }
  | { type: 'node-added'; nodeId: string }
  | { type: 'node-removed'; nodeId: string }
  | { type: 'node-address-changed'; nodeId: string; ip: string; port: number; busPort: number }
  | { type: 'node-suspected'; nodeId: string }
  | { type: 'node-failed'; nodeId: string; reportedBy: string }
  | { type: 'node-recovered'; nodeId: string }
  | { type: 'role-changed'; nodeId: string; role: 'master' | 'replica'; masterId: string }
  | { type: 'slots-changed'; nodeId: string; count: number }
  | {
      type: 'epoch-changed';
      configEpoch: number;
      reason: 'bump' | 'collision' | 'election' | 'set' | 'reset';
    }
  | { type: 'vote-granted'; nodeId: string; epoch: number }
  | { type: 'election-scheduled'; at: number; rank: number }
  | { type: 'election-started'; epoch: number }
  | { type: 'election-won'; epoch: number; votes: number }
  | { type: 'manual-failover'; phase: 'requested' | 'paused' | 'ready' | 'timeout' }
  | { type: 'replica-migrated'; masterId: string };

/** The directives of redis.conf that the cluster reads. The host may change them; see `Cluster.optionsChanged`. */
export interface ClusterOptions {
  /** Client port; with `tlsCluster` the TLS port is announced instead. */
  port: number;
  tlsPort: number;
  tlsCluster: boolean;
  /** cluster-port: 0 for the client port + 10000. */
  busPort: number;
  announceIp: string;
  announcePort: number;
  announceTlsPort: number;
  announceBusPort: number;
  announceHostname: string;
  preferredEndpointType: 'ip' | 'hostname' | 'unknown-endpoint';
  /** Milliseconds. */
  nodeTimeout: number;
  requireFullCoverage: boolean;
  allowReadsWhenDown: boolean;
  allowPubsubShardWhenDown: boolean;
  allowReplicaMigration: boolean;
  migrationBarrier: number;
  replicaNoFailover: boolean;
  replicaValidityFactor: number;
  /** repl-ping-replica-period, seconds. */
  replicaPingPeriod: number;
  /** cluster-link-sendbuf-limit, bytes; 0 for none. */
  linkSendBufferLimit: number;
}

/** Redis's defaults. */
export const DEFAULT_CLUSTER_OPTIONS: Readonly<ClusterOptions> = {
  port: 6379,
  tlsPort: 0,
  tlsCluster: false,
  busPort: 0,
  announceIp: '',
  announcePort: 0,
  announceTlsPort: 0,
  announceBusPort: 0,
  announceHostname: '',
  preferredEndpointType: 'ip',
  nodeTimeout: 15_000,
  requireFullCoverage: true,
  allowReadsWhenDown: false,
  allowPubsubShardWhenDown: true,
  allowReplicaMigration: true,
  migrationBarrier: 1,
  replicaNoFailover: false,
  replicaValidityFactor: 10,
  replicaPingPeriod: 10,
  linkSendBufferLimit: 0,
};
