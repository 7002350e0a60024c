/** Replies of `hexis cluster call`, as text and as JSON. */
import { type Reply, ReplyError } from '../../protocol/reply-decoder.js';

/** Elements on lines of their own, as redis-cli prints a reply into a pipe. */
export function rawText(reply: Reply): string {
  if (reply instanceof Map) return [...reply].flat().map(rawText).join('\n');
  if (Array.isArray(reply) || reply instanceof Set) return [...reply].map(rawText).join('\n');
  if (reply instanceof ReplyError) return reply.message;
  return reply === null ? '' : String(reply);
}

/** What JSON can hold: integers beyond its own are strings. */
export function plainReply(reply: Reply): unknown {
  if (reply instanceof Map) {
    return Object.fromEntries([...reply].map(([key, value]) => [rawText(key), plainReply(value)]));
  }
  if (Array.isArray(reply) || reply instanceof Set) return [...reply].map(plainReply);
  if (reply instanceof ReplyError) return { error: reply.message };
  return typeof reply === 'bigint' ? String(reply) : reply;
}
