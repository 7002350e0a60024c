/**
 * Replies kept on this side, dropped when the server says that their key has changed (RESP3, CLIENT TRACKING).
 *
 * An entry counts only as long as the connection that delivered it is the one that serves its slot: the server
 * remembers for each connection what it has read, so a new connection or another master knows nothing about it. That
 * makes reconnects, failovers and moved slots safe without clearing anything. Only immutable replies are kept: text,
 * numbers and `null`. What somebody else writes, or a transaction, is seen when the server's word of it arrives; what
 * a command of this client writes, at once.
 */
import { utf8Length } from '../protocol/bytes.js';
import type { Reply } from '../protocol/reply-decoder.js';
import type { Connection } from './connection.js';
import { wire } from './encode.js';

interface Entry {
  readonly value: unknown;
  readonly source: Connection;
}

/** How well the cache serves. */
export interface CacheStatistics {
  readonly keys: number;
  readonly hits: number;
  readonly misses: number;
}

export class ReplyCache {
  private readonly limit: number;
  /** By key, the one used longest ago first, then by command. */
  private readonly keys = new Map<string, Map<string, Entry>>();
  private hits = 0;
  private misses = 0;

  /** @param limit how many keys are kept */
  constructor(limit: number) {
    this.limit = limit;
  }

  get statistics(): CacheStatistics {
    return { keys: this.keys.size, hits: this.hits, misses: this.misses };
  }

  /** The kept reply to this command, `undefined` when there is none that still counts. */
  get(key: string, command: string, source: Connection): unknown {
    const entries = this.keys.get(key);
    const entry = entries?.get(command);
    if (entries === undefined || entry === undefined || entry.source !== source) {
      this.misses++;
      return undefined;
    }
    this.hits++;
    this.keys.delete(key);
    this.keys.set(key, entries);
    return entry.value;
  }

  put(key: string, command: string, source: Connection, value: unknown): void {
    const immutable = value === null || typeof value === 'string' || typeof value === 'number';
    // The server names keys in UTF-8; one that is not ASCII might not be recognised.
    if (!immutable || utf8Length(key) !== key.length) return;
    let entries = this.keys.get(key);
    if (entries === undefined) {
      entries = new Map();
      this.keys.set(key, entries);
      if (this.keys.size > this.limit) this.keys.delete(this.keys.keys().next().value!);
    }
    entries.set(command, { value, source });
  }

  /** Drops what is kept of a key, given in wire form. */
  drop(key: string): void {
    this.keys.delete(key);
  }

  /** Takes a push from the server: `['invalidate', keys]`, with `null` for all keys. */
  onPush([kind, keys]: Reply[]): void {
    if (kind !== 'invalidate') return;
    if (Array.isArray(keys)) for (const key of keys) this.drop(wire(String(key)));
    else this.keys.clear();
  }
}
