/**
 * The client that programs hold: typed commands on top, a router beneath. It encodes, finds the slot, makes the
 * request and hands it over; where the request goes and what becomes of it is the router's business.
 *
 * A client is also a view: `client.with({ timeout: 100 })` and `client.bytes` share its connections and differ in
 * how they treat a command. A view costs one small object.
 */
import type { Reply } from '../protocol/reply-decoder.js';
import { abortable } from './abort.js';
import type { Key } from './arguments.js';
import type { CommandInfo } from './command-info.js';
import { Commands } from './commands.js';
import { isTraced, traced } from './diagnostics.js';
import { type Argument, encodeCommand, wire } from './encode.js';
import { ConflictError, ReplyError } from './errors.js';
import type { HScanOptions, SScanOptions, ZScanOptions } from './generated/methods.js';
import { keyRange, slotOf, slotOfCommand } from './keys.js';
import { type KeyspaceEvent, type KeyspaceEventOptions, keyspaceEvents } from './keyspace-events.js';
import type { NodeLink } from './node-link.js';
import { refusalOf } from './refusal.js';
import type { CacheStatistics, ReplyCache } from './reply-cache.js';
import { NO_DEADLINE, NO_SLOT, PINNED, Request, type Transform } from './request.js';
import { ReservedRouter } from './reserved-router.js';
import type { Router } from './router.js';
import { infoOf } from './routing.js';
import { batches, type ScanOptions, scanArgs } from './scan.js';
import { combine, firstSuccess, gather, splitBySlot } from './scatter.js';
import { runScript, type ScriptOptions, scriptArgs } from './script.js';
import type { SubscribeCommand } from './subscribe-request.js';
import { type Listener, type SubscribeOptions, type Subscription, Subscriptions } from './subscriptions.js';
import { millisecondsOf, ticker, ticksFor } from './ticker.js';
import { MULTI, Transaction } from './transaction.js';

/** How a view treats its commands. */
export interface CallOptions {
  /** Milliseconds for a command with all its redirects and retries, 0 for no limit. */
  readonly timeout?: number;
  /** Gives up waiting when it is aborted. */
  readonly signal?: AbortSignal;
}

interface View {
  readonly ticks: number;
  /** The limit was set for this view, so it also holds for commands that wait on purpose. */
  readonly limited: boolean;
  readonly binary: boolean;
  readonly signal?: AbortSignal;
  readonly cache?: ReplyCache;
}

export class Client<Text = string> extends Commands<Text> {
  private readonly router: Router;
  private readonly view: View;
  private readonly subscriptions: Subscriptions;

  /** Use `connect`, `createCluster` or `createClient`. */
  constructor(router: Router, view: View, subscriptions = new Subscriptions(router)) {
    super();
    this.router = router;
    this.view = view;
    this.subscriptions = subscriptions;
  }

  /** Whether this client speaks with a cluster. */
  get isCluster(): boolean {
    return this.router.clustered;
  }

  /** How well the cache serves; `undefined` without the option `cache`. */
  get cacheStatistics(): CacheStatistics | undefined {
    return this.view.cache?.statistics;
  }

  /** The same client with other options for the commands called on it. */
  with(options: CallOptions): Client<Text> {
    const { timeout, signal = this.view.signal } = options;
    const limit = timeout === undefined ? {} : { ticks: ticksOf(timeout), limited: true };
    return new Client<Text>(this.router, { ...this.view, ...limit, signal }, this.subscriptions);
  }

  /**
   * The same client with strings given as `Uint8Array` (a `Buffer`), for values that are not text. What the server says in
   * its own words (`info`, `type`) stays text.
   */
  get bytes(): Client<Uint8Array> {
    return new Client<Uint8Array>(this.router, { ...this.view, binary: true }, this.subscriptions);
  }

  /**
   * Sends any command and gives its reply as the server's protocol shapes it, RESP3 unless told otherwise:
   * `await client.call('HGETALL', 'user:1')` is a `Map`. Subcommands are arguments: `call('CONFIG', 'GET', '*')`.
   */
  call(command: string, ...args: Argument[]): Promise<Reply> {
    const refusal = refusalOf(command, this.router.clustered);
    if (refusal !== undefined) return Promise.reject(refusal);
    return this.sendArgs(infoOf(command, args), [command, ...args]) as Promise<Reply>;
  }

  /**
   * Runs a Lua script by its digest, sending it whole only to servers that do not know it yet. The keys belong to
   * one slot.
   */
  eval(script: string, options: ScriptOptions = {}): Promise<Reply> {
    return runScript((command, ...args) => this.call(command, ...args), script, options);
  }

  /** Like `eval`, of a script that the servers know (`scriptLoad`), by its digest. */
  evalSha(digest: string, options: ScriptOptions = {}): Promise<Reply> {
    return this.call('EVALSHA', digest, ...scriptArgs(options));
  }

  /** Runs a function of a library that was loaded before (`functionLoad`). The keys belong to one slot. */
  fCall(name: string, options: ScriptOptions = {}): Promise<Reply> {
    return this.call('FCALL', name, ...scriptArgs(options));
  }

  /** Like `eval`, for a script that changes nothing: replicas may run it. */
  evalRo(script: string, options: ScriptOptions = {}): Promise<Reply> {
    return runScript((command, ...args) => this.call(`${command}_RO`, ...args), script, options);
  }

  /** Like `evalSha`, for a script that changes nothing: replicas may run it. */
  evalShaRo(digest: string, options: ScriptOptions = {}): Promise<Reply> {
    return this.call('EVALSHA_RO', digest, ...scriptArgs(options));
  }

  /** Like `fCall`, for a function that changes nothing: replicas may run it. */
  fCallRo(name: string, options: ScriptOptions = {}): Promise<Reply> {
    return this.call('FCALL_RO', name, ...scriptArgs(options));
  }

  /**
   * Runs commands as one transaction, all or nothing and nothing in between, and gives their replies:
   *
   *     const [count, name] = await client.multi((t) => [t.incr('{user:1}:visits'), t.get('{user:1}:name')]);
   *
   * In a cluster all keys belong to one slot. The callback only queues; it cannot look at replies.
   */
  async multi<T extends readonly unknown[] | []>(
    queue: (transaction: Transaction<Text>) => T,
  ): Promise<{ -readonly [Index in keyof T]: Awaited<T[Index]> }> {
    const transaction = new Transaction<Text>(this.router.clustered);
    const results = queue(transaction);
    if (transaction.size > 0) {
      const { payload, slot, size } = transaction;
      try {
        transaction.settle((await this.dispatch(MULTI, payload, slot, undefined, size + 1)) as Reply);
      } catch (error) {
        transaction.fail(error);
        throw error;
      }
    }
    return Promise.all(results);
  }

  /**
   * Optimistic locking: watches the keys (of one slot), and runs `body` with a session on a connection of its own.
   * When the session's `multi` finds that somebody changed a watched key, all of it is tried again.
   *
   *     await client.watch('stock', async (session) => {
   *       const stock = Number(await session.get('stock'));
   *       return session.multi((t) => [t.set('stock', stock - 1)]);
   *     });
   *
   * Rejects with `ConflictError` when that did not succeed within the client's time limit.
   */
  async watch<T>(keys: Key | readonly Key[], body: (session: Client<Text>) => Promise<T>): Promise<T> {
    const names = typeof keys === 'string' || keys instanceof Uint8Array ? [keys] : keys;
    const slot = this.router.clustered ? slotOf(wire(names[0])) : NO_SLOT;
    const deadline = this.deadline(MULTI);
    for (let attempt = 1; ; attempt++) {
      const link = await this.router.link(slot);
      const connection = await link.reserve();
      try {
        const session = new Client<Text>(new ReservedRouter(connection), { ...this.view, cache: undefined });
        await session.sendArgs(infoOf('WATCH', []), ['WATCH', ...names]);
        return await body(session);
      } catch (error) {
        const passing = error instanceof ConflictError || isRedirection(error);
        if (!passing || (deadline !== NO_DEADLINE && ticker.now >= deadline)) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(attempt * 5, 200)));
      } finally {
        const release = () => link.release(connection);
        if (!connection.closed) connection.call('UNWATCH').then(release, release);
      }
    }
  }

  /**
   * Calls the listener with every message of the channels, until the subscription is closed. Survives lost
   * connections and failovers; `onGap` tells when messages may have been missed.
   *
   *     await using news = await client.subscribe('news', (message, channel) => console.log(channel, message));
   */
  subscribe(
    channels: string | readonly string[],
    listener: Listener<Text>,
    options?: SubscribeOptions,
  ): Promise<Subscription> {
    return this.subscribeIn('subscribe', channels, listener, options);
  }

  /** Like `subscribe`, for all channels that match a glob pattern. */
  pSubscribe(
    patterns: string | readonly string[],
    listener: Listener<Text>,
    options?: SubscribeOptions,
  ): Promise<Subscription> {
    return this.subscribeIn('psubscribe', patterns, listener, options);
  }

  /** Like `subscribe`, for sharded channels, whose messages stay within the shard that serves the channel's slot. */
  sSubscribe(
    channels: string | readonly string[],
    listener: Listener<Text>,
    options?: SubscribeOptions,
  ): Promise<Subscription> {
    return this.subscribeIn('ssubscribe', channels, listener, options);
  }

  private subscribeIn(
    command: SubscribeCommand,
    names: string | readonly string[],
    listener: Listener<Text>,
    options: SubscribeOptions = {},
  ): Promise<Subscription> {
    const list = typeof names === 'string' ? [names] : names;
    const { ticks } = this.view;
    const limit = ticks === 0 ? Number.POSITIVE_INFINITY : millisecondsOf(ticks);
    const { binary } = this.view;
    return this.subscriptions.subscribe(command, list, { listener, binary, ...options }, limit);
  }

  /**
   * All keys of the whole cluster, or those that match, in batches and each at least once:
   *
   *     for await (const keys of client.scanIterator({ match: 'user:*' })) await client.unlink(keys);
   */
  async *scanIterator(options: ScanOptions = {}): AsyncGenerator<Text[], void> {
    const scan = infoOf('SCAN', []);
    for (const link of await this.router.nodes('all-masters')) {
      yield* batches((cursor) => {
        const step = this.ask(link, scan, encodeCommand(scanArgs(cursor, options)));
        return step as Promise<[Text, Text[]]>;
      });
    }
  }

  /** All fields of a hash with their values, or those that match, in batches of pairs. */
  hScanIterator(key: Key, options: HScanOptions = {}): AsyncGenerator<[field: Text, value: Text][], void> {
    return batches((cursor) => this.hScan(key, cursor, options));
  }

  /** All members of a set, or those that match, in batches. */
  sScanIterator(key: Key, options: SScanOptions = {}): AsyncGenerator<Text[], void> {
    return batches((cursor) => this.sScan(key, cursor, options));
  }

  /** All members of a sorted set with their scores, or those that match, in batches of pairs. */
  zScanIterator(key: Key, options: ZScanOptions = {}): AsyncGenerator<[member: Text, score: number][], void> {
    return batches((cursor) => this.zScan(key, cursor, options));
  }

  /**
   * What happens to keys, on all nodes of the cluster, for as long as the loop runs:
   *
   *     for await (const { key, event } of client.keyspaceEvents({ match: 'user:*' })) console.log(event, key);
   *
   * Needs `notify-keyspace-events` on the servers.
   */
  keyspaceEvents(options: KeyspaceEventOptions = {}): AsyncGenerator<KeyspaceEvent, void> {
    return keyspaceEvents(this.router, options);
  }

  /**
   * Resolves when every node takes what it is sent, at once in most cases. A program that produces commands faster than
   * the servers read them waits for it now and then, lest the commands pile up in memory:
   *
   *     for (const [key, value] of endless) {
   *       client.set(key, value).catch(report);
   *       await client.writable();
   *     }
   */
  async writable(): Promise<void> {
    for (const { connection } of await this.router.nodes('all-nodes')) await connection?.writable();
  }

  /** Connects now; otherwise the first command does. Rejects with the reasons when no server can be reached. */
  async ready(): Promise<this> {
    await this.router.ready();
    return this;
  }

  /** Waits for the commands under way, then closes all connections. */
  close(): Promise<void> {
    this.subscriptions.destroy();
    return this.router.close();
  }

  /** Closes all connections now. Commands under way reject. */
  destroy(): void {
    this.subscriptions.destroy();
    this.router.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  protected override send(
    info: CommandInfo,
    payload: string,
    key: string,
    transform?: Transform,
  ): Promise<unknown> {
    const slot = this.router.clustered ? slotOf(key) : NO_SLOT;
    const { cache, binary } = this.view;
    if (cache !== undefined) {
      if (info.cacheable && !binary) return this.cached(cache, info, payload, key, slot, transform);
      if (!info.readOnly) cache.drop(key);
    }
    return this.dispatch(info, payload, slot, transform);
  }

  protected override sendArgs(
    info: CommandInfo,
    args: readonly Argument[],
    transform?: Transform,
  ): Promise<unknown> {
    if (info.blocking && info.keyWord !== '' && !saysToBlock(args)) info = { ...info, blocking: false };
    if (this.view.cache !== undefined && !info.readOnly) this.forget(this.view.cache, info, args);
    if (!this.router.clustered) return this.dispatch(info, encodeCommand(args), NO_SLOT, transform);
    if (info.request === 'per-slot') return this.perSlot(info, args, transform);
    if (info.request !== undefined) return this.everywhere(info, args, info.request, transform);
    return this.dispatch(info, encodeCommand(args), slotOfCommand(info, args), transform);
  }

  /** Answers from the cache, or asks and keeps the answer. */
  private cached(
    cache: ReplyCache,
    info: CommandInfo,
    payload: string,
    key: string,
    slot: number,
    transform: Transform = (reply) => reply,
  ): Promise<unknown> {
    const source = this.router.connection(slot);
    if (source === undefined) return this.dispatch(info, payload, slot, transform);
    const kept = cache.get(key, payload, source);
    if (kept !== undefined) return Promise.resolve(kept);
    // Kept while the reply is decoded: the server's word that the key has changed may follow at once.
    return this.dispatch(info, payload, slot, (reply, request) => {
      const value = transform(reply);
      if (request?.attempts === 1) cache.put(key, payload, source, value);
      return value;
    });
  }

  /** Drops what is kept of the keys that a command changes. */
  private forget(cache: ReplyCache, info: CommandInfo, args: readonly Argument[]): void {
    const range = keyRange(info, args);
    if (range === undefined) return;
    for (let at = range.first; at <= range.last; at += range.step) cache.drop(wire(args[at]));
  }

  /** The tick at which a command that starts now is overdue. One that waits on purpose has no limit of its own. */
  private deadline(info: CommandInfo): number {
    const { ticks, limited } = this.view;
    return ticks === 0 || (info.blocking && !limited) ? NO_DEADLINE : ticker.now + ticks;
  }

  private dispatch(
    info: CommandInfo,
    payload: string,
    slot: number,
    transform?: Transform,
    extraReplies = 0,
  ): Promise<unknown> {
    const { binary, signal } = this.view;
    const request = new Request(info, payload, slot, this.deadline(info), binary, transform, extraReplies);
    const sendable = signal === undefined || abortable(request, signal);
    if (isTraced()) return traced(request, () => sendable && this.router.send(request));
    if (sendable) this.router.send(request);
    return request.promise;
  }

  /** Sends a command to one certain node. */
  private ask(link: NodeLink, info: CommandInfo, payload: string): Promise<Reply> {
    const request = new Request(info, payload, PINNED, this.deadline(info), this.view.binary);
    link.send(request);
    return request.promise as Promise<Reply>;
  }

  private async perSlot(
    info: CommandInfo,
    args: readonly Argument[],
    transform?: Transform,
  ): Promise<unknown> {
    const range = keyRange(info, args);
    const parts = range === undefined ? [] : splitBySlot(args, range);
    if (parts.length < 2) {
      return this.dispatch(info, encodeCommand(args), parts[0]?.slot ?? NO_SLOT, transform);
    }
    const calls = parts.map((part) => this.dispatch(info, part.payload, part.slot));
    const reply = gather(info, parts, (await Promise.all(calls)) as Reply[]);
    return transform === undefined ? reply : transform(reply as never);
  }

  private async everywhere(
    info: CommandInfo,
    args: readonly Argument[],
    which: 'all-masters' | 'all-nodes',
    transform?: Transform,
  ): Promise<unknown> {
    const payload = encodeCommand(args);
    const links = await this.router.nodes(which);
    const calls = links.map((link) => this.ask(link, info, payload));
    const reply =
      info.response === 'one-succeeded'
        ? await firstSuccess(calls)
        : combine(info.response, await Promise.all(calls));
    return transform === undefined ? reply : transform(reply as never);
  }
}

/** Ticks for a limit in milliseconds, 0 for none. */
export function ticksOf(milliseconds: number): number {
  return milliseconds > 0 ? ticksFor(milliseconds) : 0;
}

/** XREAD waits only if it is told to. */
function saysToBlock(args: readonly Argument[]): boolean {
  return args.some((word) => typeof word === 'string' && word.toUpperCase() === 'BLOCK');
}

/** Whether a server refused a command because the slot is elsewhere or not ready, before it ran. */
function isRedirection(error: unknown): boolean {
  return error instanceof ReplyError && /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN|LOADING)$/.test(error.code);
}
