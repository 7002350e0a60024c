/**
 * One command under way: its bytes, where it goes, how long it may take, and the promise that waits for it.
 * This is the only object the client makes per command beside the promise, so it also serves redirects and
 * retries. The executor is shared: a closure per promise would be one more.
 */
import type { Reply } from '../protocol/reply-decoder.js';
import type { CommandInfo } from './command-info.js';

/** Turns a reply into what a typed method promises. */
export type Transform = (reply: never) => unknown;

/** `deadline` of a request that may take for ever, or is settled already. */
export const NO_DEADLINE = 0;

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
  /** The slot of its keys, -1 when it has none. */
  readonly slot: number;
  /** Whether bulk strings of the reply are wanted as bytes. */
  readonly binary: boolean;
  /** The tick at which its time is up. */
  deadline: number;
  /** How many times it was written to a socket. */
  attempts = 0;
  readonly promise: Promise<unknown>;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #transform: Transform | undefined;

  constructor(
    info: CommandInfo,
    payload: string,
    slot: number,
    deadline: number,
    binary = false,
    transform?: Transform,
  ) {
    this.info = info;
    this.payload = payload;
    this.slot = slot;
    this.deadline = deadline;
    this.binary = binary;
    this.#transform = transform;
    this.promise = new Promise(capture);
    this.#resolve = capturedResolve;
    this.#reject = capturedReject;
  }

  resolve(reply: Reply): void {
    this.deadline = NO_DEADLINE;
    if (this.#transform === undefined) {
      this.#resolve(reply);
      return;
    }
    try {
      this.#resolve(this.#transform(reply as never));
    } catch (error) {
      this.#reject(error);
    }
  }

  /** Fails the request. Whatever arrives for it later is ignored. */
  reject(reason: unknown): void {
    this.deadline = NO_DEADLINE;
    this.#reject(reason);
  }
}
