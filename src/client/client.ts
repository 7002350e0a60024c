/**
 * The client that programs hold: typed commands on top, a router beneath. It encodes, finds the slot, makes the
 * request and hands it over; where the request goes and what becomes of it is the router's business.
 *
 * A client is also a view: `client.with({ timeout: 100 })` and `client.bytes` share its connections and differ in
 * how they treat a command. A view costs one small object.
 */
import type { Reply } from '../protocol/reply-decoder.js';
import type { CommandInfo } from './command-info.js';
import { type Argument, encodeCommand } from './encode.js';
import { HexisError } from './errors.js';
import { Commands, routing } from './generated/commands.js';
import { keyRange, slotOf, slotOfCommand } from './keys.js';
import { detailsOf } from './recovery.js';
import { NO_DEADLINE, NO_SLOT, PINNED, Request, type Transform } from './request.js';
import type { Router } from './router.js';
import { combine, gather, splitBySlot } from './scatter.js';
import { ticker, ticksFor } from './ticker.js';

/** How a view treats its commands. */
export interface CallOptions {
  /** Milliseconds for a command with all its redirects and retries, 0 for no limit. */
  readonly timeout?: number;
  /** Gives up waiting when it is aborted. */
  readonly signal?: AbortSignal;
}

interface View {
  readonly ticks: number;
  readonly binary: boolean;
  readonly signal?: AbortSignal;
}

/** A command that the routing table does not know: a module's, say. Its first argument is taken for a key. */
const UNKNOWN: Omit<CommandInfo, 'name'> = {
  firstKey: 1,
  lastKey: 1,
  keyStep: 1,
  keyCount: 0,
  readOnly: false,
  blocking: false,
};

export class Client<Text = string> extends Commands<Text> {
  readonly #router: Router;
  readonly #view: View;

  /** Use `connect`, `createCluster` or `createClient`. */
  constructor(router: Router, view: View) {
    super();
    this.#router = router;
    this.#view = view;
  }

  /** Whether this client speaks with a cluster. */
  get isCluster(): boolean {
    return this.#router.clustered;
  }

  /** The same client with other options for the commands called on it. */
  with(options: CallOptions): Client<Text> {
    const { timeout, signal = this.#view.signal } = options;
    const ticks = timeout === undefined ? this.#view.ticks : ticksOf(timeout);
    return new Client<Text>(this.#router, { ...this.#view, ticks, signal });
  }

  /** The same client with strings given as `Uint8Array` (a `Buffer`), for values that are not text. */
  get bytes(): Client<Uint8Array> {
    return new Client<Uint8Array>(this.#router, { ...this.#view, binary: true });
  }

  /**
   * Sends any command and gives its reply as the server's protocol shapes it, RESP3 unless told otherwise:
   * `await client.call('HGETALL', 'user:1')` is a `Map`. Subcommands are arguments: `call('CONFIG', 'GET', '*')`.
   */
  call(command: string, ...args: Argument[]): Promise<Reply> {
    return this.sendArgs(infoOf(command, args), [command, ...args]);
  }

  /** Connects now; otherwise the first command does. Rejects with the reasons when no server can be reached. */
  async ready(): Promise<this> {
    await this.#router.ready();
    return this;
  }

  /** Waits for the commands under way, then closes all connections. */
  close(): Promise<void> {
    return this.#router.close();
  }

  /** Closes all connections now. Commands under way reject. */
  destroy(): void {
    this.#router.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  protected override send<T>(
    info: CommandInfo,
    payload: string,
    key?: string,
    transform?: Transform,
  ): Promise<T> {
    return this.#dispatch(
      info,
      payload,
      key !== undefined && this.#router.clustered ? slotOf(key) : NO_SLOT,
      transform,
    );
  }

  protected override sendArgs<T>(
    info: CommandInfo,
    args: readonly Argument[],
    transform?: Transform,
  ): Promise<T> {
    if (!this.#router.clustered) return this.#dispatch(info, encodeCommand(args), NO_SLOT, transform);
    if (info.request === 'per-slot') return this.#perSlot(info, args, transform);
    if (info.request !== undefined) return this.#everywhere(info, args, info.request, transform);
    return this.#dispatch(info, encodeCommand(args), slotOfCommand(info, args), transform);
  }

  #dispatch<T>(info: CommandInfo, payload: string, slot: number, transform?: Transform): Promise<T> {
    const { ticks, binary, signal } = this.#view;
    const deadline = ticks === 0 ? NO_DEADLINE : ticker.now + ticks;
    const request = new Request(info, payload, slot, deadline, binary, transform);
    if (signal === undefined || abortable(request, signal)) this.#router.send(request);
    return request.promise as Promise<T>;
  }

  async #perSlot<T>(info: CommandInfo, args: readonly Argument[], transform?: Transform): Promise<T> {
    const range = keyRange(info, args);
    const parts = range === undefined ? [] : splitBySlot(args, range);
    if (parts.length < 2)
      return this.#dispatch(info, encodeCommand(args), parts[0]?.slot ?? NO_SLOT, transform);
    const calls = parts.map((part) => this.#dispatch(info, encodeCommand(part.args), part.slot));
    const reply = gather(info, parts, (await Promise.all(calls)) as Reply[]);
    return (transform === undefined ? reply : transform(reply as never)) as T;
  }

  async #everywhere<T>(
    info: CommandInfo,
    args: readonly Argument[],
    which: 'all-masters' | 'all-nodes',
    transform?: Transform,
  ): Promise<T> {
    const payload = encodeCommand(args);
    const links = await this.#router.nodes(which);
    const { ticks, binary } = this.#view;
    const requests = links.map((link) => {
      const request = new Request(
        info,
        payload,
        PINNED,
        ticks === 0 ? NO_DEADLINE : ticker.now + ticks,
        binary,
      );
      link.send(request);
      return request.promise as Promise<Reply>;
    });
    const reply = combine(info.response, await Promise.all(requests));
    return (transform === undefined ? reply : transform(reply as never)) as T;
  }
}

/** Ticks for a limit in milliseconds, 0 for none. */
export function ticksOf(milliseconds: number): number {
  return milliseconds > 0 ? ticksFor(milliseconds) : 0;
}

function infoOf(command: string, args: readonly Argument[]): CommandInfo {
  const name = command.toUpperCase();
  const withSubcommand =
    args.length === 0 ? undefined : routing.get(`${name} ${String(args[0]).toUpperCase()}`);
  return withSubcommand ?? routing.get(name) ?? { name, ...UNKNOWN };
}

/** Rejects the request when the signal is aborted. Answers whether it may be sent. */
function abortable(request: Request, signal: AbortSignal): boolean {
  const abort = () => {
    const outcome = request.attempts === 0 ? 'not executed' : 'unknown';
    const message = `${request.info.name} was aborted${outcome === 'unknown' ? '; it may or may not have run' : ''}`;
    request.reject(new HexisError(message, detailsOf(request, { outcome, cause: signal.reason })));
  };
  if (signal.aborted) {
    abort();
    return false;
  }
  signal.addEventListener('abort', abort, { once: true });
  const forget = () => signal.removeEventListener('abort', abort);
  request.promise.then(forget, forget);
  return true;
}
