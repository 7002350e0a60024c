/** What sessions are told without being asked, as the commands that ask for it see it. */
import type { Bytes } from '../../protocol/bytes.js';

/** Channels, patterns of channels, and the channels of slots. */
export type SubscriptionKind = 'channel' | 'pattern' | 'shard';

/** Publish/subscribe. Names have one character per byte. */
export interface PubSubFacility {
  /** The caller listens to the name; this writes the reply. */
  subscribe(kind: SubscriptionKind, name: string): void;
  /** The caller stops listening; this writes the reply. */
  unsubscribe(kind: SubscriptionKind, name: string): void;
  /** The caller stops listening to everything of the kind; this writes the replies. */
  unsubscribeAll(kind: SubscriptionKind): void;
  /** Sends a message; answers how many listeners this node has for it. */
  publish(channel: Bytes, message: Bytes, sharded: boolean): number;
  /** The names that have listeners, or those of them that match a pattern. */
  names(kind: SubscriptionKind, pattern?: Bytes): string[];
  listeners(kind: SubscriptionKind, name: string): number;
  /** Number of names that have listeners. */
  count(kind: SubscriptionKind): number;
}

/** What CLIENT TRACKING asks for. */
export interface TrackingOptions {
  /** Number of the connection that gets the messages; 0: the caller's own. */
  readonly redirect: number;
  readonly broadcast: boolean;
  readonly optIn: boolean;
  readonly optOut: boolean;
  readonly noLoop: boolean;
  /** With `broadcast`: the beginnings of keys that matter. */
  readonly prefixes: readonly string[];
}

/** How a connection's keys are tracked. */
export interface TrackingView extends TrackingOptions {
  /** CLIENT CACHING has been said for the next command. */
  readonly caching: boolean;
  /** The connection that got the messages has gone. */
  readonly brokenRedirect: boolean;
}

/** Client-side caching, of the session being served. */
export interface TrackingFacility {
  /** Throws a CommandError when the options don't fit how it is tracked already. */
  enable(options: TrackingOptions): void;
  disable(): void;
  /** Null when it isn't tracked. */
  state(): TrackingView | null;
  /** CLIENT CACHING: the next command's keys count against the rule. */
  caching(): void;
}
