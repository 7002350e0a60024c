/**
 * One node: the keyspace, the command table and the facilities around them, driven by its host.
 *
 * Input in, effects out: the host calls `accept`, a session's `received`, `wake` and `endOfTurn`; the node answers
 * through its links, its disk and its log, all of them the host's. It never waits and never asks the time itself
 * but at the start of what it is told, so the same inputs give the same outputs.
 */
import { commandTable } from '../commands/index.js';
import { Keyspace } from '../keyspace/keyspace.js';
import type { Bytes } from '../protocol/bytes.js';
import { COMPLETE, INVALID, type RequestLimits, RequestParser } from '../protocol/request-parser.js';
import { Dispatcher } from './dispatcher.js';
import type { Host, Link, LinkHandler } from './host.js';
import { Outbox } from './outbox.js';
import { Session, type SessionOwner } from './session.js';
import { Timers } from './timers.js';

const LIMITS: RequestLimits = {
  maxArguments: Number.POSITIVE_INFINITY,
  maxBulkLength: 512 * 1024 * 1024,
  authenticated: true,
};

export class Node implements SessionOwner {
  readonly keyspace: Keyspace;
  private readonly parser = new RequestParser();
  private readonly outbox = new Outbox();
  private readonly timers: Timers;
  private readonly dispatcher: Dispatcher;
  private readonly sessions = new Map<number, Session>();
  private nextSessionId = 1;

  constructor(private readonly host: Host) {
    this.keyspace = new Keyspace({
      databases: 16,
      clusterMode: false,
      random: host.random,
      listener: { expiring() {} },
    });
    this.timers = new Timers((time) => host.wakeAt(time));
    this.dispatcher = new Dispatcher(
      commandTable,
      this.keyspace,
      this.parser.request,
      this.outbox.writer,
      undefined as never,
    );
  }

  /** A client has connected. The answer handles what happens on the link. */
  accept(link: Link): LinkHandler {
    const session = new Session(this.nextSessionId++, link, this.host.wallClock(), this);
    this.sessions.set(session.id, session);
    return session;
  }

  /** The time asked for with `host.wakeAt` has come. */
  wake(): void {
    this.timers.run(this.host.monotonicClock());
  }

  /** All events at hand have been handled. */
  endOfTurn(): void {
    this.outbox.flush();
  }

  serve(session: Session, bytes: Bytes, start: number, end: number): void {
    const { parser, outbox } = this;
    let buffer = bytes;
    parser.position = start;
    if (session.inputLength > 0) {
      session.keep(bytes, start, end);
      buffer = session.input;
      end = session.inputLength;
      parser.position = 0;
      if (session.partial !== null) parser.resume(session.partial);
      session.partial = null;
    }
    this.keyspace.now = this.dispatcher.now = session.lastActive = this.host.wallClock();
    const { writer } = outbox;
    const mark = writer.length;
    writer.resp = session.resp;
    while (!session.closing && !session.suspended) {
      const result = parser.parse(buffer, end, LIMITS);
      if (result === COMPLETE) this.dispatcher.dispatch(session);
      else {
        if (result === INVALID) {
          writer.error(`ERR ${parser.error}`);
          session.closeAfterReply();
        }
        break;
      }
    }
    this.keepRest(session, buffer, end);
    outbox.post(session, mark, false);
    if (session.closing) outbox.close(session);
  }

  /** What has not become a request stays with the session. */
  private keepRest(session: Session, buffer: Bytes, end: number): void {
    const { parser } = this;
    const begin = parser.suspended ? parser.request.first : parser.position;
    if (parser.suspended) session.partial = parser.suspend();
    if (buffer === session.input) session.discardInput(begin);
    else if (begin < end) session.keep(buffer, begin, end);
  }

  sessionClosed(session: Session): void {
    session.gone = true;
    this.sessions.delete(session.id);
  }
}
