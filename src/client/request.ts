/**
 * One command under way: its bytes, where it goes, how long it may take, and the promise that waits for it.
 * This is the only object the client makes per command beside the promise, so it also serves redirects and
 * retries. The executor is shared: a closure per promise would be one more.
 */
import type { Reply, ReplyError } from '../protocol/reply-decoder.js';
import type { CommandInfo } from './command-info.js';

/** Turns a reply into what a typed method promises, as soon as it is decoded. */
export type Transform = (reply: never, request?: Request) => unknown;

/** `deadline` of a request that may take for ever. */
export const NO_DEADLINE = 0;

/** `slot` of a request that has no key. */
export const NO_SLOT = -1;

/** `slot` of a request that is meant for one certain node and must not be routed to another. */
export const PINNED = -2;

let capturedResolve: (value: unknown) => void;
let capturedReject: (reason: unknown) => void;
const capture = (resolve: (value: unknown) => void, reject: (reason: unknown) => void): void => {
  capturedResolve = resolve;
  capturedReject = reject;
};

export class Request {
  readonly info: CommandInfo;
  /** The command as RESP, one character per byte. */
  readonly payload: string;
  /** The slot of its keys, or `NO_SLOT`, or `PINNED`. */
  slot: number;
  /** Whether bulk strings of the reply are wanted as bytes. */
  readonly binary: boolean;
  /** The tick at which its time is up. */
  readonly deadline: number;
  /** How many replies its payload causes before the one that counts: those of MULTI and the queued commands. */
  readonly extraReplies: number;
  /** Whether ASKING goes before it when it is sent next, for a slot that is on its way to the node. */
  asking = false;
  /** How many replies are still to come before the one that counts, in the current attempt. */
  lead = 0;
  /** The first error among those. */
  leadError: ReplyError | undefined;
  /** How many times it was handed to a connection. */
  attempts = 0;
  /** How many times it had to wait before it was tried again. */
  delays = 0;
  /** Its promise has an outcome; whatever arrives for it now is ignored. */
  settled = false;
  readonly promise: Promise<unknown>;
  private readonly fulfil: (value: unknown) => void;
  private readonly fail: (reason: unknown) => void;
  private readonly transform: Transform | undefined;

  constructor(
    info: CommandInfo,
    payload: string,
    slot: number,
    deadline: number,
    binary = false,
    transform?: Transform,
    extraReplies = 0,
  ) {
    this.info = info;
    this.payload = payload;
    this.slot = slot;
    this.deadline = deadline;
    this.binary = binary && !info.textual;
    this.transform = transform;
    this.extraReplies = extraReplies;
    this.promise = new Promise(capture);
    this.fulfil = capturedResolve;
    this.fail = capturedReject;
  }

  /** Whether its time is up and nobody has said so. */
  overdue(now: number): boolean {
    return !this.settled && this.deadline !== NO_DEADLINE && this.deadline <= now;
  }

  resolve(reply: Reply): void {
    this.settled = true;
    if (this.transform === undefined) {
      this.fulfil(reply);
      return;
    }
    try {
      this.fulfil(this.transform(reply as never, this));
    } catch (error) {
      this.fail(error);
    }
  }

  reject(reason: unknown): void {
    this.settled = true;
    this.fail(reason);
  }
}
