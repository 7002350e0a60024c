/**
 * Who listens to what: channels, patterns, and the channels of slots (sharded pub/sub).
 *
 * Each kind is a map from name to listeners, in the order in which they came, and each listener's own names beside it,
 * so that publishing costs one lookup and one send per listener, plus one match per pattern; leaving costs what was
 * subscribed. Names are Latin-1 strings, one character per byte, so that any bytes can be a name.
 *
 * In cluster mode a message also goes over the bus: to all nodes, or for a slot's channel to the nodes of its shard.
 * When the slot goes to another shard its listeners are told that they are unsubscribed. Cluster specification,
 * "Publish/Subscribe".
 */
import { hasSlot } from '../../cluster/slot-bitmap.js';
import type { PubSubFacility, SubscriptionKind } from '../../commands/facilities/messaging.js';
import { type Bytes, fromLatin1, latin1 } from '../../protocol/bytes.js';
import { globMatch } from '../../protocol/glob.js';
import { keySlot } from '../../protocol/key-slot.js';
import type { ReplyWriter } from '../../protocol/reply-writer.js';
import { type Session, SPECIAL } from '../session.js';
import type { Deliveries, WriteMessage } from './deliveries.js';

/** A channel or pattern that somebody listens to. */
interface Topic {
  readonly name: Bytes;
  readonly listeners: Set<Session>;
}

type Names = Readonly<Record<SubscriptionKind, Set<string>>>;

/** How the messages of each kind begin. */
const WORDS = {
  channel: { subscribed: 'subscribe', unsubscribed: 'unsubscribe', message: 'message' },
  pattern: { subscribed: 'psubscribe', unsubscribed: 'punsubscribe', message: 'pmessage' },
  shard: { subscribed: 'ssubscribe', unsubscribed: 'sunsubscribe', message: 'smessage' },
} as const;

const NOTHING = { channel: [], pattern: [], shard: [] };

const KINDS = ['channel', 'shard', 'pattern'] as const;

export interface SubscriptionCounts {
  readonly channels: number;
  readonly patterns: number;
  readonly shardChannels: number;
}

/** Sends a message over the cluster bus. */
type PublishToCluster = (channel: Bytes, message: Bytes, sharded: boolean) => void;

export class PubSub {
  private readonly topics: Readonly<Record<SubscriptionKind, Map<string, Topic>>> = {
    channel: new Map(),
    pattern: new Map(),
    shard: new Map(),
  };
  private readonly sessions = new Map<Session, Names>();
  /** The channels of each slot that have listeners. */
  private readonly slots = new Map<number, Set<string>>();

  constructor(private readonly deliveries: Deliveries) {}

  // Subscribing

  subscribe(session: Session, kind: SubscriptionKind, name: string): void {
    let names = this.sessions.get(session);
    if (names === undefined) {
      names = { channel: new Set(), pattern: new Set(), shard: new Set() };
      this.sessions.set(session, names);
      session.special |= SPECIAL.subscriber;
    }
    if (!names[kind].has(name)) {
      names[kind].add(name);
      this.enter(session, kind, name);
    }
    this.confirm(session, kind, 'subscribed', name);
  }

  /** Ends one subscription and says so, whether or not there was one. */
  unsubscribe(session: Session, kind: SubscriptionKind, name: string): void {
    if (this.sessions.get(session)?.[kind].delete(name)) this.leave(session, kind, name);
    this.confirm(session, kind, 'unsubscribed', name);
    this.settle(session);
  }

  /** Ends all subscriptions of a kind, with a message each; one message when there are none. */
  unsubscribeAll(session: Session, kind: SubscriptionKind): void {
    const names = [...(this.sessions.get(session)?.[kind] ?? [])];
    for (const name of names) this.unsubscribe(session, kind, name);
    if (names.length === 0) this.confirm(session, kind, 'unsubscribed', null);
  }

  /** The session has gone, or begins anew: ends all its subscriptions silently. */
  forget(session: Session): void {
    const names = this.sessions.get(session);
    if (names === undefined) return;
    for (const kind of KINDS) {
      for (const name of names[kind]) this.leave(session, kind, name);
      names[kind].clear();
    }
    this.settle(session);
  }

  /** The slots of the bitmap are another shard's now: their channels' listeners are told. */
  slotsReleased(released: Bytes): void {
    for (const [slot, names] of this.slots) {
      if (!hasSlot(released, slot)) continue;
      for (const name of names) this.dismiss(name);
      this.slots.delete(slot);
    }
  }

  private dismiss(name: string): void {
    for (const session of this.topics.shard.get(name)!.listeners) {
      this.sessions.get(session)!.shard.delete(name);
      this.deliveries.send(session, (reply) =>
        this.writeCount(reply, session, 'shard', 'unsubscribed', name),
      );
      this.settle(session);
    }
    this.topics.shard.delete(name);
  }

  private enter(session: Session, kind: SubscriptionKind, name: string): void {
    const topic = this.topics[kind].get(name);
    if (topic !== undefined) {
      topic.listeners.add(session);
      return;
    }
    this.topics[kind].set(name, { name: fromLatin1(name), listeners: new Set([session]) });
    if (kind !== 'shard') return;
    const slot = slotOf(name);
    const channels = this.slots.get(slot);
    if (channels === undefined) this.slots.set(slot, new Set([name]));
    else channels.add(name);
  }

  private leave(session: Session, kind: SubscriptionKind, name: string): void {
    const { listeners } = this.topics[kind].get(name)!;
    listeners.delete(session);
    if (listeners.size > 0) return;
    this.topics[kind].delete(name);
    if (kind !== 'shard') return;
    const slot = slotOf(name);
    const channels = this.slots.get(slot)!;
    channels.delete(name);
    if (channels.size === 0) this.slots.delete(slot);
  }

  /** A session without subscriptions is an ordinary one again. */
  private settle(session: Session): void {
    const names = this.sessions.get(session);
    if (names === undefined || KINDS.some((kind) => names[kind].size > 0)) return;
    this.sessions.delete(session);
    session.special &= ~SPECIAL.subscriber;
  }

  private confirm(
    session: Session,
    kind: SubscriptionKind,
    event: 'subscribed' | 'unsubscribed',
    name: string | null,
  ): void {
    this.deliveries.reply(session, (reply) => this.writeCount(reply, session, kind, event, name));
  }

  private writeCount(
    reply: ReplyWriter,
    session: Session,
    kind: SubscriptionKind,
    event: 'subscribed' | 'unsubscribed',
    name: string | null,
  ): void {
    const { channels, patterns, shardChannels } = this.countsOf(session);
    reply.push(3);
    reply.latin1(WORDS[kind][event]);
    if (name === null) reply.nil();
    else reply.latin1(name);
    reply.integer(kind === 'shard' ? shardChannels : channels + patterns);
  }

  // Publishing

  /**
   * Sends a message to its listeners here; answers how many there are. `beforeReply`: it is the running command's
   * whole purpose, and comes before its reply.
   */
  publish(channel: Bytes, message: Bytes, sharded = false, beforeReply = false): number {
    const topic = this.topics[sharded ? 'shard' : 'channel'].get(latin1(channel));
    let receivers = 0;
    if (topic !== undefined) {
      const write: WriteMessage = (reply) => {
        reply.push(3);
        reply.latin1(WORDS[sharded ? 'shard' : 'channel'].message);
        reply.bulk(channel);
        reply.bulk(message);
      };
      receivers += this.deliveries.broadcast(topic.listeners, write, beforeReply);
    }
    if (sharded) return receivers;
    for (const { name, listeners } of this.topics.pattern.values()) {
      if (!globMatch(name, 0, name.length, channel, 0, channel.length)) continue;
      const write: WriteMessage = (reply) => {
        reply.push(4);
        reply.latin1(WORDS.pattern.message);
        reply.bulk(name);
        reply.bulk(channel);
        reply.bulk(message);
      };
      receivers += this.deliveries.broadcast(listeners, write, beforeReply);
    }
    return receivers;
  }

  // Telling

  /** What the session listens to. */
  namesOf(session: Session): Readonly<Record<SubscriptionKind, Iterable<string>>> {
    return this.sessions.get(session) ?? NOTHING;
  }

  countsOf(session: Session): SubscriptionCounts {
    const names = this.sessions.get(session);
    return {
      channels: names?.channel.size ?? 0,
      patterns: names?.pattern.size ?? 0,
      shardChannels: names?.shard.size ?? 0,
    };
  }

  /** Number of names that have listeners. */
  count(kind: SubscriptionKind): number {
    return this.topics[kind].size;
  }

  /** The names that have listeners, or those that match the pattern. */
  names(kind: SubscriptionKind, pattern?: Bytes): string[] {
    const names: string[] = [];
    for (const [text, { name }] of this.topics[kind]) {
      if (pattern === undefined || globMatch(pattern, 0, pattern.length, name, 0, name.length))
        names.push(text);
    }
    return names;
  }

  /** Number of the name's listeners. */
  listeners(kind: SubscriptionKind, name: string): number {
    return this.topics[kind].get(name)?.listeners.size ?? 0;
  }

  /** As the commands of the session that is being served see it. */
  facility(caller: () => Session, publishToCluster: PublishToCluster | null): PubSubFacility {
    return {
      subscribe: (kind, name) => this.subscribe(caller(), kind, name),
      unsubscribe: (kind, name) => this.unsubscribe(caller(), kind, name),
      unsubscribeAll: (kind) => this.unsubscribeAll(caller(), kind),
      publish: (channel, message, sharded) => {
        // A script's caller must not find the message within what the script's command replies.
        const beforeReply = caller() === this.deliveries.serving;
        const receivers = this.publish(channel, message, sharded, beforeReply);
        publishToCluster?.(channel, message, sharded);
        return receivers;
      },
      names: (kind, pattern) => this.names(kind, pattern),
      listeners: (kind, name) => this.listeners(kind, name),
      count: (kind) => this.count(kind),
    };
  }
}

function slotOf(name: string): number {
  return keySlot(fromLatin1(name), 0, name.length);
}
