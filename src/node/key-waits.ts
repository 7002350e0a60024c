/**
 * Sessions that wait for keys: BLPOP and its like.
 *
 * Each key that is waited for has a queue. A change of the key, or of everything in its database, makes it ready;
 * nothing more happens while commands run, so a transaction or a script is over before anybody sees what it did. Then
 * the ready keys are gone through in the order in which they became ready, and the sessions of each in the order in
 * which they came, as long as the key holds what they wait for. Serving one may make other keys ready (BLMOVE pushes
 * what another session waits for): they join the end of the line.
 *
 * A key belongs to a numbered database, not to its contents: a session in database 9 waits for what comes to be in
 * database 9, through SWAPDB too.
 *
 * While nobody waits a change costs one test. Otherwise it costs a lookup; blocking, serving and giving up O(keys
 * waited for).
 */
import type { Command } from '../commands/command.js';
import type { KeyWait } from '../commands/context.js';
import type { Database } from '../keyspace/database.js';
import type { Bytes } from '../protocol/bytes.js';
import { keySlot } from '../protocol/key-slot.js';
import type { ReplyWriter } from '../protocol/reply-writer.js';
import type { Request } from '../protocol/request.js';
import type { Blocking } from './blocking.js';
import { keyName } from './key-names.js';
import type { Session } from './session.js';
import { copyRequest } from './transactions.js';

/** A session in the middle of a command that waits. */
export interface Waiter {
  readonly session: Session;
  readonly command: Command;
  readonly request: Request;
  readonly wait: KeyWait;
}

/** The sessions waiting for one key. */
interface Queue {
  readonly name: string;
  readonly database: number;
  /** In the order in which they came, with the argument that names the key. */
  readonly waiters: Map<Waiter, number>;
}

/** Says that a session's wait is over with this error, or null when it may go on. */
export type Redirect = (slot: number, command: Command, session: Session) => string | null;

export class KeyWaits {
  private readonly queues = new Map<string, Queue>();
  private readonly ready = new Set<Queue>();

  constructor(
    private readonly blocking: Blocking,
    private readonly databases: readonly Database[],
  ) {}

  /** Whether any key is waited for. */
  get any(): boolean {
    return this.queues.size > 0;
  }

  /** Whether any key that is waited for has changed. */
  get anyReady(): boolean {
    return this.ready.size > 0;
  }

  /** The session's command waits; its request is copied. */
  add(session: Session, command: Command, request: Request, wait: KeyWait): void {
    const waiter: Waiter = { session, command, request: copyRequest(request), wait };
    const own: Queue[] = [];
    for (let i = wait.firstKey; i <= wait.lastKey; i++) {
      const queue = this.queueOf(session.database, waiter.request, i);
      if (queue.waiters.has(waiter)) continue; // the same key twice: the first place counts
      queue.waiters.set(waiter, i);
      own.push(queue);
    }
    this.blocking.block(session, wait.timeout, writeNothing, () => {
      for (const queue of own) this.leave(queue, waiter);
    });
  }

  keyChanged(db: Database, bytes: Bytes, start: number, end: number): void {
    const queue = this.queues.get(keyName(db.index, bytes, start, end));
    if (queue !== undefined) this.ready.add(queue);
  }

  /** A database gets other contents. */
  databaseReplaced(db: Database): void {
    for (const queue of this.queues.values()) if (queue.database === db.index) this.ready.add(queue);
  }

  /**
   * Serves sessions as long as keys are ready.
   * @param resume goes on with the waiter's command as `serve` says, which concerns the key in argument `i`; answers
   * whether it has replied
   */
  serveReady(resume: (waiter: Waiter, serve: KeyWait['serve'], i: number) => boolean): void {
    for (const queue of this.ready) {
      this.ready.delete(queue); // whatever makes it ready again puts it behind the others
      const db = this.databases[queue.database];
      for (const [waiter, i] of queue.waiters) {
        const { buffer, starts, ends } = waiter.request;
        const ref = db.live(buffer, starts[i], ends[i]);
        const { type, serve, lost } = waiter.wait;
        const action = ref !== 0 && db.type(ref) === type ? serve : lost;
        if (action !== undefined) this.blocking.serve(waiter.session, () => resume(waiter, action, i));
      }
    }
  }

  /** Cluster mode: ends the waits for keys that this node no longer serves. */
  redirect(redirect: Redirect): void {
    for (const { waiters } of this.queues.values()) {
      for (const [{ session, command, request }, i] of waiters) {
        const error = redirect(keySlot(request.buffer, request.starts[i], request.ends[i]), command, session);
        if (error !== null) this.blocking.unblock(session, (reply) => reply.error(error));
      }
    }
  }

  private queueOf(database: number, { buffer, starts, ends }: Request, i: number): Queue {
    const name = keyName(database, buffer, starts[i], ends[i]);
    let queue = this.queues.get(name);
    if (queue === undefined) {
      queue = { name, database, waiters: new Map() };
      this.queues.set(name, queue);
    }
    return queue;
  }

  private leave(queue: Queue, waiter: Waiter): void {
    queue.waiters.delete(waiter);
    if (queue.waiters.size > 0) return;
    this.queues.delete(queue.name);
    this.ready.delete(queue);
  }
}

/** What a session gets that has waited in vain. */
function writeNothing(reply: ReplyWriter): void {
  reply.nilArray();
}
