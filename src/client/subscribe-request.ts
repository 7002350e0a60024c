/** SUBSCRIBE and its kin: the one sort of command that is answered by a push, not by an ordinary reply. */

import { encodeCommand } from './encode.js';
import { PINNED, Request } from './request.js';
import { keyless } from './routing.js';

export type SubscribeCommand =
  | 'subscribe'
  | 'psubscribe'
  | 'ssubscribe'
  | 'unsubscribe'
  | 'punsubscribe'
  | 'sunsubscribe';

const SUBSCRIBE = keyless('SUBSCRIBE');

/** Kinds of push that RESP2 sends in the guise of ordinary arrays. */
const PUBSUB_KINDS = /^[ps]?(message|subscribe|unsubscribe)$/;

export function isPubSub(items: readonly unknown[]): boolean {
  return typeof items[0] === 'string' && PUBSUB_KINDS.test(items[0]);
}

export class SubscribeRequest extends Request {
  readonly command: SubscribeCommand;
  readonly channel: string;

  constructor(command: SubscribeCommand, channel: string, deadline: number) {
    super(SUBSCRIBE, encodeCommand([command.toUpperCase(), channel]), PINNED, deadline);
    this.command = command;
    this.channel = channel;
  }

  /** Whether the push is the server's answer to this request. */
  isConfirmedBy(items: readonly unknown[]): boolean {
    return items[0] === this.command && items[1] === this.channel;
  }
}
