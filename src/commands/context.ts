/**
 * What a command sees of the node that runs it: narrow interfaces that this folder declares and `node/` implements,
 * so that a command can be read, tested and moved without knowing the node.
 *
 * One `Context` serves all commands of a node, one after the other: it is filled before `run` and means nothing
 * afterwards.
 */
import type { Database } from '../keyspace/database.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import type { ValueType } from '../keyspace/record.js';
import type { Bytes } from '../protocol/bytes.js';
import type { ReplyWriter } from '../protocol/reply-writer.js';
import type { Request } from '../protocol/request.js';
import type { Command } from './command.js';
import type { ServerFacilities, SessionView } from './facilities/facilities.js';

/** Classes of keyspace events, as `notify-keyspace-events` selects them. */
export const EVENT = {
  generic: 1 << 2, // g
  string: 1 << 3, // $
  list: 1 << 4, // l
  set: 1 << 5, // s
  hash: 1 << 6, // h
  zset: 1 << 7, // z
  expired: 1 << 8, // x
  evicted: 1 << 9, // e
  stream: 1 << 10, // t
  keymiss: 1 << 11, // m
  new: 1 << 14, // n
} as const;

/** A command's wait for a key that isn't there: what for, for how long, and how it goes on. */
export interface KeyWait {
  /** The arguments that name the keys: any of them will do. */
  readonly firstKey: number;
  readonly lastKey: number;
  /** Only a key with a value of this type will do. */
  readonly type: ValueType;
  /** In milliseconds; 0: for ever. When the time is up the reply is a null array. */
  readonly timeout: number;
  /**
   * Goes on, now that the key in argument `i` of the same request is there: writes the reply and says what to
   * propagate. Answers false, with nothing written, when it is not what the caller waits for.
   */
  readonly serve: (c: Context, i: number) => boolean;
  /** As `serve`, when the key in argument `i` has gone or holds something else; without this the wait goes on. */
  readonly lost?: (c: Context, i: number) => boolean;
}

export interface Context {
  /** The command being run. */
  readonly command: Command;
  /** Its arguments; 0 is the name. */
  readonly request: Request;
  /** Where the reply goes: exactly one reply a command. */
  readonly reply: ReplyWriter;
  /** The caller's selected database. */
  readonly db: Database;
  readonly keyspace: Keyspace;
  /** Who calls. */
  readonly session: SessionView;
  /** The node behind the data. */
  readonly server: ServerFacilities;
  /** Wall clock in milliseconds since 1970; the same during a whole command. */
  readonly now: number;

  /**
   * Says that the key in argument `i` was changed: it counts as a change to be propagated, watchers of the key fail,
   * and the keyspace event is sent. Call it once a changed key, after the change. `count` is the number of changes it
   * stands for.
   */
  changed(i: number, eventClass: number, event: string, count?: number): void;
  /** As `changed`, for a key that isn't an argument. `db` is the caller's unless given. */
  changedKey(key: Bytes, start: number, end: number, eventClass: number, event: string, db?: Database): void;
  /** A keyspace event for a key that was not changed by it, or changed by more than one event. */
  notify(i: number, eventClass: number, event: string): void;
  /** The key in argument `i` is as it was, but those who wait for it are to look again. */
  awaken(i: number): void;
  /**
   * All keys of a database are about to go; `by` is the database that takes its place, when it isn't emptied. Watchers
   * of a key that is in either fail, and clients that cache keys are told.
   */
  replacing(db: Database, by?: Database): void;
  /** Something other than an argument's key was changed (FLUSHDB, FUNCTION LOAD …): propagate the command. */
  touched(count?: number): void;
  /** Whether there is an AOF or a replica: if not, `propagate` need not be called. */
  readonly propagates: boolean;
  /**
   * What to propagate to the AOF and replicas instead of the request as it came; several calls propagate several
   * commands, none (with `propagateNothing`) nothing. Text is Latin-1.
   */
  propagate(...words: (string | Bytes)[]): void;
  propagateNothing(): void;
  /** The request as it came, even if it has changed nothing. */
  propagateAnyway(): void;
  /** Replicas get the request although nothing was changed (PUBLISH). */
  propagateToReplicas(): void;
  /** Whether the caller may not be sent what has been replied so far: it is disconnected, the rest is of no use. */
  replyIsTooLong(): boolean;
  /** Whether the command may wait; not inside transactions and scripts. */
  readonly mayBlock: boolean;
  /** The caller waits: nothing is replied until a key is there, its time is up or it is told to give up. */
  block(wait: KeyWait): void;
}
