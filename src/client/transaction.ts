/**
 * MULTI and EXEC. The commands of a transaction are collected first and then sent in one write on the shared
 * connection, so no other command can come between them, and the whole is one request: when a slot has moved the
 * server refuses it before anything has run, and it is redirected like any other.
 */
import { type Reply, ReplyError } from '../protocol/reply-decoder.js';
import type { CommandInfo } from './command-info.js';
import { Commands } from './commands.js';
import { type Argument, encodeCommand } from './encode.js';
import { ConflictError, UsageError } from './errors.js';
import { slotOf, slotOfCommand } from './keys.js';
import { NO_DEADLINE, NO_SLOT, Request, type Transform } from './request.js';
import { infoOf, keyless } from './routing.js';
import { type ScriptOptions, scriptArgs } from './script.js';
import { textOf } from './transforms.js';

/** How a transaction is routed: as a whole, by its slot. */
export const MULTI = keyless('MULTI');

const OPEN = encodeCommand(['MULTI']);
const EXEC = encodeCommand(['EXEC']);

/** What `client.multi` hands to its callback: the same commands, whose promises settle when EXEC has run. */
export class Transaction<Text = string> extends Commands<Text> {
  private readonly clustered: boolean;
  private readonly queued: Request[] = [];
  private keySlot = NO_SLOT;

  constructor(clustered: boolean) {
    super();
    this.clustered = clustered;
  }

  /** Queues any command. */
  call(command: string, ...args: Argument[]): Promise<Reply> {
    return this.sendArgs(infoOf(command, args), [command, ...args]) as Promise<Reply>;
  }

  /** Queues a Lua script. It is sent whole: a server that does not know its digest would say so too late. */
  eval(script: string, options: ScriptOptions = {}): Promise<Reply> {
    return this.call('EVAL', script, ...scriptArgs(options));
  }

  /** Queues a function of a library that was loaded before. */
  fCall(name: string, options: ScriptOptions = {}): Promise<Reply> {
    return this.call('FCALL', name, ...scriptArgs(options));
  }

  get size(): number {
    return this.queued.length;
  }

  get slot(): number {
    return this.keySlot;
  }

  get payload(): string {
    return OPEN + this.queued.map(({ payload }) => payload).join('') + EXEC;
  }

  /** Gives every queued command its part of EXEC's reply. */
  settle(replies: Reply): void {
    if (!Array.isArray(replies)) {
      throw new ConflictError('a watched key was changed by somebody else, so the transaction did not run', {
        command: 'EXEC',
        outcome: 'not executed',
      });
    }
    this.queued.forEach((request, i) => {
      const reply = replies[i];
      if (reply instanceof ReplyError) {
        reply.command = request.info.name;
        request.reject(reply);
      } else {
        // EXEC's reply comes in one form, that of the data in it.
        request.resolve(request.info.textual ? textOf(reply) : reply);
      }
    });
  }

  fail(reason: unknown): void {
    for (const request of this.queued) request.reject(reason);
  }

  protected override send(
    info: CommandInfo,
    payload: string,
    key: string,
    transform?: Transform,
  ): Promise<unknown> {
    // A channel goes anywhere, so PUBLISH may stand in any transaction.
    const slot = info.steady ? NO_SLOT : slotOf(key);
    return this.queue(info, payload, slot, transform);
  }

  protected override sendArgs(
    info: CommandInfo,
    args: readonly Argument[],
    transform?: Transform,
  ): Promise<unknown> {
    return this.queue(info, encodeCommand(args), slotOfCommand(info, args), transform);
  }

  private queue(info: CommandInfo, payload: string, slot: number, transform?: Transform): Promise<unknown> {
    if (this.clustered && slot !== NO_SLOT) {
      if (this.keySlot !== NO_SLOT && this.keySlot !== slot) {
        throw new UsageError(
          `a transaction runs on one node, and the key of ${info.name} belongs to another slot than those before it: give the keys a common hash tag, such as {user:1}:name and {user:1}:age`,
          { command: info.name, slot, outcome: 'not executed' },
        );
      }
      this.keySlot = slot;
    }
    const request = new Request(info, payload, slot, NO_DEADLINE, false, transform);
    // Whoever does not look at one command's outcome still sees the transaction's.
    request.promise.catch(() => {});
    this.queued.push(request);
    return request.promise;
  }
}
