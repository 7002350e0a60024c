/**
 * Pub/sub. Subscriptions have connections of their own, one to a node at most: ordinary channels and patterns on
 * any one node, sharded channels on the node that serves their slot.
 *
 * A subscription outlives its connection. When that ends, or the server takes a sharded channel away because its
 * slot has moved, the channel is subscribed again wherever it belongs now, for as long as somebody listens. What
 * was published meanwhile is lost, as Redis keeps nothing; `onGap` says so.
 */
import { utf8 } from '../protocol/bytes.js';
import type { Reply } from '../protocol/reply-decoder.js';
import type { Connection } from './connection.js';
import { wire } from './encode.js';
import { ClosedError, reasonOf } from './errors.js';
import { slotOf } from './keys.js';
import type { NodeLink } from './node-link.js';
import { NO_SLOT } from './request.js';
import type { Router } from './router.js';
import type { SubscribeCommand } from './subscribe-request.js';

/** Called with every message. `channel` is where it was published, also for patterns. */
export type Listener<Text = string> = (message: Text, channel: string) => void;

export interface SubscribeOptions {
  /** Called when the subscription was interrupted and stands again: messages may have been missed. */
  readonly onGap?: (reason: Error) => void;
}

/** What `subscribe` gives back. */
export interface Subscription extends AsyncDisposable {
  /** Ends it. */
  close(): Promise<void>;
}

interface Subscriber {
  readonly listener: Listener<never>;
  /** Messages are wanted as bytes. */
  readonly binary: boolean;
  readonly onGap?: (reason: Error) => void;
}

/** A channel or pattern that somebody listens to. */
interface Channel {
  readonly command: SubscribeCommand;
  readonly name: string;
  readonly slot: number;
  readonly subscribers: Set<Subscriber>;
  /** Settles when the server has confirmed the first subscription. */
  ready: Promise<void>;
  hub: Hub | undefined;
  /** It is being subscribed, so whoever does that sees to interruptions. */
  attaching: boolean;
}

/** A connection that receives messages. */
interface Hub {
  readonly link: NodeLink;
  readonly connection: Connection;
}

const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 1000;

/** Which command's channels a kind of message is for. */
const COMMAND_OF: Readonly<Record<string, SubscribeCommand>> = {
  message: 'subscribe',
  pmessage: 'psubscribe',
  smessage: 'ssubscribe',
};

export class Subscriptions {
  private readonly router: Router;
  /** By command and name. */
  private readonly channels = new Map<string, Channel>();
  private readonly hubs = new Map<NodeLink, Promise<Hub>>();
  /** Where ordinary channels are. */
  private home: NodeLink | undefined;
  private closed = false;

  constructor(router: Router) {
    this.router = router;
  }

  /** Subscribes; resolves when the server has confirmed every channel. Tries for `limit` milliseconds. */
  async subscribe(
    command: SubscribeCommand,
    names: readonly string[],
    subscriber: Subscriber,
    limit: number,
  ): Promise<Subscription> {
    if (this.closed) throw new ClosedError('the client is closed', { outcome: 'not executed' });
    const channels = names.map((name) => this.channel(command, name, limit));
    for (const { subscribers } of channels) subscribers.add(subscriber);
    const close = async () => {
      await Promise.all(channels.map((channel) => this.leave(channel, subscriber)));
    };
    try {
      await Promise.all(channels.map(({ ready }) => ready));
    } catch (error) {
      await close();
      throw error;
    }
    return { close, [Symbol.asyncDispose]: close };
  }

  /** Ends all subscriptions. */
  destroy(): void {
    this.closed = true;
    this.channels.clear();
    for (const hub of this.hubs.values()) hub.then(({ connection }) => connection.destroy(), ignore);
  }

  private channel(command: SubscribeCommand, name: string, limit: number): Channel {
    const id = `${command}:${name}`;
    let channel = this.channels.get(id);
    if (channel === undefined) {
      const slot = command === 'ssubscribe' && this.router.clustered ? slotOf(wire(name)) : NO_SLOT;
      channel = {
        command,
        name,
        slot,
        subscribers: new Set(),
        ready: Promise.resolve(),
        hub: undefined,
        attaching: false,
      };
      this.channels.set(id, channel);
      channel.ready = this.attach(channel, performance.now() + limit);
    }
    return channel;
  }

  private async leave(channel: Channel, subscriber: Subscriber): Promise<void> {
    channel.subscribers.delete(subscriber);
    if (channel.subscribers.size > 0 || !this.wanted(channel)) return;
    this.channels.delete(`${channel.command}:${channel.name}`);
    const { hub } = channel;
    if (hub === undefined || hub.connection.closed) return;
    await hub.connection.subscription(unsubscribed(channel.command), channel.name).catch(ignore);
    const inUse = [...this.channels.values()].some((other) => other.hub === hub);
    if (!inUse) hub.connection.destroy();
  }

  private wanted(channel: Channel): boolean {
    return this.channels.get(`${channel.command}:${channel.name}`) === channel;
  }

  /** Subscribes the channel where it belongs, trying until it succeeds, nobody wants it, or the time is up. */
  private async attach(channel: Channel, giveUpAt = Number.POSITIVE_INFINITY): Promise<void> {
    channel.attaching = true;
    for (let pause = FIRST_PAUSE; this.wanted(channel); pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      try {
        const hub = await this.hub(await this.linkFor(channel));
        // Messages may follow the confirmation at once, so the channel is at home here before it is confirmed.
        channel.hub = hub;
        await hub.connection.subscription(channel.command, channel.name);
        if (channel.hub === hub && !hub.connection.closed) break;
      } catch (error) {
        this.home = undefined;
        if (performance.now() + pause > giveUpAt) throw error;
        this.router.refreshSoon();
      }
      channel.hub = undefined;
      await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random() / 2)));
    }
    channel.attaching = false;
  }

  private async linkFor({ command, slot }: Channel): Promise<NodeLink> {
    if (command === 'ssubscribe') return this.router.link(slot);
    this.home ??= await this.router.link(NO_SLOT);
    return this.home;
  }

  private hub(link: NodeLink): Promise<Hub> {
    let hub = this.hubs.get(link);
    if (hub === undefined) {
      hub = this.openHub(link);
      this.hubs.set(link, hub);
      hub.catch(() => this.hubs.delete(link));
    }
    return hub;
  }

  private async openHub(link: NodeLink): Promise<Hub> {
    const connection = await link.listen(
      (items) => this.receive(hub, items),
      (reason) => this.lost(hub, reason),
    );
    const hub: Hub = { link, connection };
    return hub;
  }

  private receive(hub: Hub, items: Reply[]): void {
    const kind = String(items[0]);
    const name = String(items[1]);
    const command = COMMAND_OF[kind];
    if (command === undefined) {
      // The slot of a sharded channel has moved, and the server has taken the channel away.
      const channel = this.channels.get(`ssubscribe:${name}`);
      if (kind === 'sunsubscribe' && channel?.hub === hub) {
        this.resume(channel, new Error(`the slot of ${name} has moved`));
      }
      return;
    }
    const channel = this.channels.get(`${command}:${name}`);
    if (channel?.hub !== hub) return;
    const message = items[items.length - 1] as Uint8Array;
    const published = String(items[items.length - 2]);
    for (const { listener, binary } of channel.subscribers) {
      guarded(() => listener((binary ? message : utf8(message)) as never, published));
    }
  }

  private lost(hub: Hub, reason: Error): void {
    this.hubs.delete(hub.link);
    if (this.home === hub.link) this.home = undefined;
    for (const channel of this.channels.values()) {
      if (channel.hub === hub) this.resume(channel, reason);
    }
  }

  /** Subscribes the channel again and tells its subscribers that there was a gap. */
  private resume(channel: Channel, reason: Error): void {
    channel.hub = undefined;
    if (channel.attaching) return;
    this.attach(channel).then(() => {
      const gap = new Error(`messages of ${channel.name} may have been missed: ${reasonOf(reason)}`, {
        cause: reason,
      });
      for (const { onGap } of channel.subscribers) guarded(() => onGap?.(gap));
    }, ignore);
  }
}

function unsubscribed(command: SubscribeCommand): SubscribeCommand {
  return command.replace('subscribe', 'unsubscribe') as SubscribeCommand;
}

/** What a listener throws is its program's concern, not the connection's. */
function guarded(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

function ignore(): void {}
