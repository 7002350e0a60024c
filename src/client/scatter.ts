/**
 * Commands that concern several slots or several nodes: taken apart, sent together, and their answers made one.
 *
 * The parts are ordinary requests, so each is redirected by itself, and those for one node leave in one write.
 * Over several slots a command is not atomic; when a part fails the whole rejects with that part's error, and the
 * other parts may have run.
 */
import type { Reply } from '../protocol/reply-decoder.js';
import type { CommandInfo, ResponsePolicy } from './command-info.js';
import { type Argument, bulk, bulkOf, wire } from './encode.js';
import { type KeyRange, slotOf } from './keys.js';

/** A command for one slot, and which keys of the whole it has. */
export interface SlotPart {
  readonly slot: number;
  readonly payload: string;
  readonly keys: readonly number[];
}

/** Takes a command with several keys apart, one part for each slot. What follows a key up to the next goes with it. */
export function splitBySlot(args: readonly Argument[], { first, last, step }: KeyRange): SlotPart[] {
  const start = args.slice(0, first).map(bulk).join('');
  const parts = new Map<number, { slot: number; words: number; text: string; keys: number[] }>();
  for (let at = first, key = 0; at <= last; at += step, key++) {
    const name = wire(args[at]);
    const slot = slotOf(name);
    let part = parts.get(slot);
    if (part === undefined) {
      part = { slot, words: first, text: start, keys: [] };
      parts.set(slot, part);
    }
    part.text += bulkOf(name);
    for (let i = at + 1; i < at + step; i++) part.text += bulk(args[i]);
    part.words += step;
    part.keys.push(key);
  }
  return Array.from(parts.values(), ({ slot, words, text, keys }) => {
    return { slot, payload: `*${words}\r\n${text}`, keys };
  });
}

/** Makes the answers of several nodes or slots one, as the command asks for. */
export function combine(policy: ResponsePolicy | undefined, replies: readonly Reply[]): Reply {
  switch (policy) {
    case 'sum':
      return replies.reduce<number>((sum, reply) => sum + Number(reply), 0);
    case 'max':
      return Math.max(...replies.map(Number));
    case 'min':
    case 'logical-and':
      return itemwise(replies, (values) => Math.min(...values));
    case 'logical-or':
      return itemwise(replies, (values) => Math.max(...values));
    case 'concatenate':
      return replies.flatMap((reply) => (Array.isArray(reply) ? reply : [reply]));
    case 'any': {
      const something = replies.filter((reply) => reply !== null);
      return something[Math.floor(Math.random() * something.length)] ?? null;
    }
    default:
      return replies[0];
  }
}

/** A number for each place of the replies, which are lists of the same length; of numbers, one. */
function itemwise(replies: readonly Reply[], choose: (values: number[]) => number): Reply {
  const [first] = replies;
  if (!Array.isArray(first)) return choose(replies.map(Number));
  return first.map((_, i) => choose(replies.map((reply) => Number((reply as Reply[])[i]))));
}

/** The answer that came first, be it all others failed; the first failure if all did. */
export async function firstSuccess(calls: readonly Promise<Reply>[]): Promise<Reply> {
  try {
    return await Promise.any(calls);
  } catch (error) {
    throw (error as AggregateError).errors[0];
  }
}

/** Puts the values of MGET's parts back in the order of its keys. */
function inKeyOrder(parts: readonly SlotPart[], replies: readonly Reply[]): Reply {
  const values: Reply[] = [];
  parts.forEach(({ keys }, i) => {
    const reply = replies[i] as Reply[];
    keys.forEach((key, j) => {
      values[key] = reply[j];
    });
  });
  return values;
}

/** The answer of a command that was taken apart by slot. */
export function gather(info: CommandInfo, parts: readonly SlotPart[], replies: readonly Reply[]): Reply {
  return info.response === 'in-key-order' ? inKeyOrder(parts, replies) : combine(info.response, replies);
}
