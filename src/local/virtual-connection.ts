/**
 * A client's connection in the virtual world: bytes over virtual links, as any client's, but waiting for a reply
 * means letting virtual time pass.
 */
import type { Link, LinkHandler } from '../node/host.js';
import { type Bytes, fromUtf8, slice } from '../protocol/bytes.js';
import { type Reply, ReplyDecoder, ReplyError, type ReplySink } from '../protocol/reply-decoder.js';
import { encodeRequest } from '../protocol/request-parser.js';
import type { Endpoint } from './layout.js';
import type { VirtualProcess } from './world/process.js';

/** The reply to a command that was sent, once it is there. */
export class PendingReply {
  private state: 'waiting' | 'replied' | 'lost' = 'waiting';
  private reply: Reply = null;
  private reason = '';
  private readonly listeners: (() => void)[] = [];

  constructor(readonly command: string) {}

  /** Whether the reply has come, or never will. */
  get isSettled(): boolean {
    return this.state !== 'waiting';
  }

  /** The reply. Throws the `ReplyError` that came instead, or an error while there is none. */
  get value(): Reply {
    if (this.state === 'waiting') throw new Error(`no reply yet to ${this.command}`);
    if (this.state === 'lost') throw new Error(`no reply to ${this.command}: ${this.reason}`);
    if (this.reply instanceof ReplyError) throw this.reply;
    return this.reply;
  }

  /** Calls the listener as soon as there is something to see. */
  whenSettled(listener: () => void): void {
    if (this.isSettled) listener();
    else this.listeners.push(listener);
  }

  settle(reply: Reply): void {
    this.reply = reply;
    this.become('replied');
  }

  lose(reason: string): void {
    this.reason = reason;
    this.become('lost');
  }

  private become(state: 'replied' | 'lost'): void {
    this.state = state;
    for (const listener of this.listeners.splice(0)) listener();
  }
}

export class VirtualConnection implements LinkHandler, ReplySink {
  /** RESP3 pushes, oldest first: take out what you have seen. */
  readonly pushes: Reply[][] = [];
  /** Why the connection has gone; undefined while it is there. */
  lost: string | undefined;
  private readonly link: Link;
  private readonly waiting: PendingReply[] = [];
  private readonly decoder = new ReplyDecoder(this);

  constructor(
    private readonly process: VirtualProcess,
    readonly endpoint: Endpoint,
  ) {
    this.link = process.dial(endpoint.host, endpoint.port, this);
  }

  /** Sends a command; the reply comes as time passes. */
  send(...args: (string | number | Bytes)[]): PendingReply {
    const pending = new PendingReply(args.map(String).join(' '));
    if (this.lost === undefined) {
      const bytes = encodeRequest(
        args.map((arg) => (arg instanceof Uint8Array ? arg : fromUtf8(String(arg)))),
      );
      this.link.write(bytes, 0, bytes.length);
      this.waiting.push(pending);
    } else pending.lose(this.lost);
    return pending;
  }

  /**
   * Sends a command and lets time pass until its reply is there, which is answered. Throws the `ReplyError` that
   * comes instead, or an error when the connection is lost or nothing comes within `limit` virtual milliseconds.
   */
  call(args: readonly (string | number | Bytes)[], limit: number): Reply {
    const pending = this.send(...args);
    if (!this.process.machine.world.advanceUntil(() => pending.isSettled, limit)) {
      const { host, port } = this.endpoint;
      throw new Error(`no reply from ${host}:${port} to ${pending.command} within ${limit} virtual ms`);
    }
    return pending.value;
  }

  close(): void {
    this.link.destroy();
  }

  received(bytes: Bytes, start: number, end: number): void {
    this.decoder.decode(slice(bytes, start, end));
  }

  closed(reason: string): void {
    this.lost = reason;
    for (const pending of this.waiting.splice(0)) pending.lose(reason);
  }

  reply(value: Reply): void {
    this.waiting.shift()?.settle(value);
  }

  push(items: Reply[]): void {
    this.pushes.push(items);
  }
}
