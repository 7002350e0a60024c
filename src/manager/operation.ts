/** What every operation shares: its options and the events by which it tells how far it is. */
import type { Address, NodeAddress } from './address.js';
import type { Obstacle } from './check.js';
import type { ConnectOptions } from './connections.js';

/** What an operation tells while it runs. Plain values; nothing is printed by the manager itself. */
export type ManagerEvent =
  /** A step begins. */
  | { readonly type: 'step'; readonly step: Step }
  /** The nodes are not there yet; told about once a second. */
  | { readonly type: 'waiting'; readonly obstacles: readonly Obstacle[] }
  /** A slot has a new owner, and its keys went along. */
  | {
      readonly type: 'slot-moved';
      readonly slot: number;
      readonly source: NodeAddress;
      readonly target: NodeAddress;
      readonly keys: number;
    }
  /** A slot has one owner and is closed; `keys` were moved for it. */
  | { readonly type: 'slot-fixed'; readonly slot: number; readonly keys: number };

export type Step =
  /** Slots have been given to the masters. */
  | 'configured'
  /** Each node gets a config epoch of its own. */
  | 'epochs'
  /** The nodes are introduced to each other. */
  | 'meet'
  /** Waiting until all know all. */
  | 'join'
  /** The functions of the cluster are copied to a new master. */
  | 'functions'
  /** All know all; replicas are told whom to follow. */
  | 'replicate'
  /** Every slot takes a write and every replica is in sync. */
  | 'ready'
  /** The others are told to forget a node. */
  | 'forget'
  /** The forgotten node is told to forget the others. */
  | 'reset';

export interface OperationOptions extends ConnectOptions {
  /** Milliseconds to wait for the nodes to agree and to be ready; 30,000 by default. */
  readonly timeout?: number;
  readonly onEvent?: (event: ManagerEvent) => void;
  /** Ends the operation at the next safe point. */
  readonly signal?: AbortSignal;
}

export const DEFAULT_TIMEOUT = 30_000;

export type AddressLike = string | Address;
