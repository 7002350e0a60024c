/**
 * Keyspace events of the whole cluster. A node tells only its own subscribers what happens to its keys, so every master
 * is listened to, and whichever becomes one later.
 *
 * Events wait in a list until the program takes them. What is lost, because a connection was, a master was replaced or the
 * list was full, is told by `onGap`. Servers send events only if `notify-keyspace-events` says so (`KA` for all of these).
 */
import { utf8 } from '../protocol/bytes.js';
import type { Reply } from '../protocol/reply-decoder.js';
import type { Connection } from './connection.js';
import { reasonOf } from './errors.js';
import type { NodeLink } from './node-link.js';
import type { Router } from './router.js';

export interface KeyspaceEvent {
  readonly key: string;
  /** What happened: the command in small letters, or `expired`, `evicted` … */
  readonly event: string;
  readonly db: number;
  /** The node that tells it, as host:port. */
  readonly address: string;
}

export interface KeyspaceEventOptions {
  /** Only keys that match this glob pattern. */
  readonly match?: string;
  /** Called when events may have been missed. */
  readonly onGap?: (reason: Error) => void;
  /** Ends the iteration when it is aborted. */
  readonly signal?: AbortSignal;
  /** Events that may wait to be taken; 10000 by default. */
  readonly limit?: number;
}

const PAUSE = 200;
const DEFAULT_LIMIT = 10_000;
const CHANNEL = /^__keyspace@(\d+)__:(.*)$/s;

export async function* keyspaceEvents(
  router: Router,
  options: KeyspaceEventOptions,
): AsyncGenerator<KeyspaceEvent, void> {
  const listening = new Listening(router, options);
  try {
    await listening.follow();
    while (!options.signal?.aborted) {
      const event = await listening.next();
      if (event === undefined) return;
      yield event;
    }
  } finally {
    listening.end();
  }
}

class Listening {
  private readonly router: Router;
  private readonly options: KeyspaceEventOptions;
  private readonly pattern: string;
  private readonly connections = new Map<NodeLink, Promise<Connection>>();
  /** Nodes whose events are being missed. */
  private readonly unheard = new Set<NodeLink>();
  private readonly unfollow: () => void;
  private events: KeyspaceEvent[] = [];
  private wake: (() => void) | undefined;
  private timer: NodeJS.Timeout | undefined;
  private ended = false;
  /** All masters have been listened to: whoever comes later may have had events before. */
  private complete = false;

  constructor(router: Router, options: KeyspaceEventOptions) {
    this.router = router;
    this.options = options;
    this.pattern = `__keyspace@*__:${options.match ?? '*'}`;
    this.unfollow = router.onChange(() => this.followSoon());
    options.signal?.addEventListener('abort', this.end, { once: true });
  }

  /** Listens to every master there is. Rejects when one cannot be listened to. */
  async follow(): Promise<void> {
    const masters = await this.router.nodes('all-masters');
    for (const [link, connection] of this.connections) {
      if (!masters.includes(link)) connection.then((gone) => gone.destroy(), ignore);
    }
    const added = masters.filter((link) => !this.connections.has(link));
    if (this.complete) for (const link of added) this.gap(link, new Error(`${link.address} is a master now`));
    await Promise.all(added.map((link) => this.listen(link)));
    this.complete = true;
  }

  /** The next event; waits for it. `undefined` when there will be none. */
  async next(): Promise<KeyspaceEvent | undefined> {
    while (this.events.length === 0 && !this.ended) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    return this.events.shift();
  }

  readonly end = (): void => {
    this.ended = true;
    this.unfollow();
    clearTimeout(this.timer);
    this.options.signal?.removeEventListener('abort', this.end);
    for (const connection of this.connections.values()) connection.then((open) => open.destroy(), ignore);
    this.wake?.();
  };

  private followSoon(): void {
    if (this.ended) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.follow().catch(() => this.followSoon());
    }, PAUSE);
  }

  private async listen(link: NodeLink): Promise<void> {
    const opening = link.listen(
      (items) => this.receive(link, items),
      (reason) => this.lost(link, reason),
    );
    this.connections.set(link, opening);
    try {
      const connection = await opening;
      if (this.ended) connection.destroy();
      else await connection.subscription('psubscribe', this.pattern);
      this.unheard.delete(link);
    } catch (error) {
      this.connections.delete(link);
      this.router.refreshSoon();
      throw error;
    }
  }

  private lost(link: NodeLink, reason: Error): void {
    this.connections.delete(link);
    if (this.ended) return;
    this.gap(link, reason);
    this.router.refreshSoon();
    this.followSoon();
  }

  private receive(link: NodeLink, [kind, , channel, event]: Reply[]): void {
    const parts = kind === 'pmessage' ? CHANNEL.exec(String(channel)) : null;
    if (parts === null) return;
    const { limit = DEFAULT_LIMIT } = this.options;
    if (this.events.length >= limit) {
      this.events = [];
      this.tell(new Error(`more than ${limit} events waited to be taken`));
    }
    const { address } = link;
    this.events.push({ key: parts[2], event: utf8(event as Uint8Array), db: Number(parts[1]), address });
    this.wake?.();
  }

  /** Tells once that events of a node are missed, until it is listened to again. */
  private gap(link: NodeLink, reason: Error): void {
    if (this.unheard.has(link)) return;
    this.unheard.add(link);
    this.tell(reason);
  }

  private tell(reason: Error): void {
    const message = `keyspace events may have been missed: ${reasonOf(reason)}`;
    this.options.onGap?.(new Error(message, { cause: reason }));
  }
}

function ignore(): void {}
