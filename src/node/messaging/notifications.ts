/**
 * Keyspace events: what happens to keys, published on two channels, `__keyspace@db__:key` with the event's name and
 * `__keyevent@db__:event` with the key.
 *
 * Which classes of events are published is a set of bits (`notify-keyspace-events`); as long as nobody wants any, an
 * event costs its reporter one AND with zero.
 */
import { EVENT } from '../../commands/context.js';
import { type Bytes, concat, fromLatin1, slice } from '../../protocol/bytes.js';
import { CHANNEL } from '../config/special.js';
import type { PubSub } from './pubsub.js';

export class Notifications {
  /** The classes that are published: bits of `EVENT`. */
  private classes = 0;
  private channels = 0;

  constructor(private readonly pubsub: PubSub) {}

  /** Takes over `notify-keyspace-events`: bits of `EVENT` and `CHANNEL`. Without a channel nothing is published. */
  configure(bits: number): void {
    this.channels = bits & (CHANNEL.keyspace | CHANNEL.keyevent);
    this.classes = this.channels === 0 ? 0 : bits & ~this.channels;
  }

  /** Whether anybody wants events that only the keyspace itself can see: lookups in vain, new keys. */
  get ofKeyspace(): boolean {
    return (this.classes & (EVENT.keymiss | EVENT.new)) !== 0;
  }

  /** Something has happened to the key bytes[start, end): publishes the event if somebody may want it. */
  report(
    eventClass: number,
    event: string,
    database: number,
    bytes: Bytes,
    start: number,
    end: number,
  ): void {
    if (eventClass & this.classes) this.publish(event, database, bytes, start, end);
  }

  private publish(event: string, database: number, bytes: Bytes, start: number, end: number): void {
    const key = slice(bytes, start, end);
    if (this.channels & CHANNEL.keyspace) {
      const channel = concat([fromLatin1(`__keyspace@${database}__:`), key]);
      this.pubsub.publish(channel, fromLatin1(event));
    }
    if (this.channels & CHANNEL.keyevent) {
      this.pubsub.publish(fromLatin1(`__keyevent@${database}__:${event}`), key);
    }
  }
}
