/** SUBSCRIBE and its kin: the one sort of command that is answered by a push, not by an ordinary reply. */

import { utf8 } from '../protocol/bytes.js';
import type { Reply } from '../protocol/reply-decoder.js';
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

export function isPubSub([kind]: readonly Reply[]): boolean {
  return kind instanceof Uint8Array && PUBSUB_KINDS.test(utf8(kind));
}

/** Makes text of everything but the message, which comes last: the kind, the pattern, the channel. */
export function nameChannel(items: Reply[]): void {
  for (let i = 0; i < items.length - 1; i++) {
    const item = items[i];
    if (item instanceof Uint8Array) items[i] = utf8(item);
  }
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
