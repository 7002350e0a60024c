/**
 * Consumer groups of streams: how far a group has got, who reads for it, and what has been delivered and not been
 * acknowledged. These are ordinary objects: groups and consumers are few, and entries stay pending for a short time.
 *
 * Names are Latin-1 text, one character per byte, so that their order is that of the bytes.
 */
import { PendingEntry, PendingList } from './pending-list.js';
import { StreamId } from './stream-id.js';

/** `entriesRead` when it can't be told. */
export const UNKNOWN_READ = -1;

export class Consumer {
  readonly pending = new PendingList();

  /** @param seenAt wall clock, in milliseconds, of its last command */
  constructor(
    readonly name: string,
    public seenAt: number,
  ) {}
}

export class ConsumerGroup {
  /** The last entry that was delivered to anybody. */
  readonly lastId = new StreamId();
  readonly pending = new PendingList();
  private readonly consumers = new Map<string, Consumer>();

  /** @param entriesRead how many entries of the stream's history lie up to `lastId`, or UNKNOWN_READ */
  constructor(
    readonly name: string,
    public entriesRead: number,
  ) {}

  get size(): number {
    return this.consumers.size;
  }

  consumer(name: string): Consumer | undefined {
    return this.consumers.get(name);
  }

  /** Makes a consumer, of whose name there is none. */
  addConsumer(name: string, now: number): Consumer {
    const consumer = new Consumer(name, now);
    this.consumers.set(name, consumer);
    return consumer;
  }

  /** Takes out a consumer with all that is pending with it. */
  removeConsumer(consumer: Consumer): void {
    consumer.pending.visit((entry) => this.pending.remove(entry.id) !== undefined);
    this.consumers.delete(consumer.name);
  }

  /** In the order of their names. */
  sortedConsumers(): Consumer[] {
    return sortByName(this.consumers);
  }

  /** Makes an entry pending with a consumer, whoever had it before. */
  assign(entry: PendingEntry, consumer: Consumer): void {
    if (entry.consumer === consumer) return;
    entry.consumer?.pending.remove(entry.id);
    entry.consumer = consumer;
    consumer.pending.add(entry);
  }

  /** Nothing is pending any more with this ID. Answers whether something was. */
  acknowledge(id: StreamId): boolean {
    const entry = this.pending.remove(id);
    entry?.consumer?.pending.remove(id);
    return entry !== undefined;
  }

  clone(): ConsumerGroup {
    const group = new ConsumerGroup(this.name, this.entriesRead);
    group.lastId.copy(this.lastId);
    for (const { name, seenAt } of this.consumers.values()) group.addConsumer(name, seenAt);
    this.pending.visit(({ id, consumer, deliveredAt, deliveries }) => {
      const entry = new PendingEntry(id.clone(), null, deliveredAt, deliveries);
      group.pending.add(entry);
      group.assign(entry, group.consumer(consumer!.name)!);
      return true;
    });
    return group;
  }
}

/** The values of a map by name, in the order of the names. */
export function sortByName<T extends { readonly name: string }>(named: ReadonlyMap<string, T>): T[] {
  return [...named.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
