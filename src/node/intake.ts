/**
 * What clients send, from bytes to commands run.
 *
 * Requests are found in the host's receive buffer and run where they lie. A pipeline is read ahead, several requests at
 * a time, so that its keys can be looked up together; a request that changes what may follow it (the session must
 * wait, authenticates, says goodbye …) takes the reading back to what comes behind it. Of what has arrived in part the
 * session keeps the bytes, and the parser's place in them.
 */
import type { Keyspace } from '../keyspace/keyspace.js';
import { type Bytes, withView } from '../protocol/bytes.js';
import { INCOMPLETE, INVALID, type RequestLimits, RequestParser } from '../protocol/request-parser.js';
import type { Clients } from './clients/clients.js';
import type { Config } from './config/index.js';
import type { Dispatcher } from './dispatcher.js';
import { Lookahead } from './lookahead.js';
import type { Messaging } from './messaging/messaging.js';
import type { Statistics } from './monitoring/statistics.js';
import type { Outbox } from './outbox.js';
import type { Scripting } from './scripting/scripting.js';
import { type Session, type SessionOwner, SPECIAL } from './session.js';

/** What a connection may send before it has authenticated. */
const STRANGER_LIMITS: RequestLimits = { maxArguments: 10, maxBulkLength: 16384, authenticated: false };

/** What the intake needs of its node. */
export interface IntakeSurroundings extends Pick<SessionOwner, 'allowsOutput'> {
  readonly config: Config;
  readonly keyspace: Keyspace;
  readonly statistics: Statistics;
  readonly clients: Clients;
  readonly messaging: Messaging;
  readonly outbox: Outbox;
  readonly dispatcher: Dispatcher;
  readonly scripting: Scripting;
  /** Notes the time for what comes now. */
  setClock(): void;
}

export class Intake {
  private readonly parser = new RequestParser();
  private readonly lookahead = new Lookahead();
  /** Where the replies begin to what is being taken. */
  private begin = 0;
  private readonly limits: { maxArguments: number; maxBulkLength: number; authenticated: boolean };

  constructor(private readonly around: IntakeSurroundings) {
    const { config } = around;
    this.limits = {
      maxArguments: Number.POSITIVE_INFINITY,
      maxBulkLength: config.values['proto-max-bulk-len'],
      authenticated: true,
    };
    config.onChange('proto-max-bulk-len', () => {
      this.limits.maxBulkLength = config.values['proto-max-bulk-len'];
      return undefined;
    });
  }

  /** Whether what is being taken has had a reply already. */
  get hasReplied(): boolean {
    return this.around.outbox.writer.length > this.begin;
  }

  /** Runs the requests that become whole with bytes[start, end); their replies are in the outbox then. */
  take(session: Session, bytes: Bytes, start: number, end: number): void {
    const { parser, around } = this;
    const { outbox, dispatcher, clients, keyspace } = around;
    around.statistics.inputBytes += end - start;
    around.statistics.reads++;
    let buffer = withView(bytes);
    parser.position = start;
    if (session.inputLength > 0 || session.suspended) {
      session.keep(bytes, start, end);
      if (session.suspended) {
        clients.limitInput(session);
        return;
      }
      if (clients.eviction.limit > 0 && !clients.eviction.spares(session)) return;
      buffer = session.input;
      end = session.inputLength;
      parser.position = 0;
      if (session.partial !== null) parser.resume(session.partial);
      session.partial = null;
    }
    around.setClock();
    session.lastActive = keyspace.now;
    const { writer } = outbox;
    const mark = writer.length;
    this.begin = mark;
    writer.resp = session.resp;
    const { deliveries } = around.messaging;
    deliveries.begin(session);
    while (!session.closing && !session.suspended) {
      const begin = parser.suspended ? parser.request.first : parser.position;
      const limits = session.special & SPECIAL.stranger ? STRANGER_LIMITS : this.limits;
      const count = parser.parseSeveral(buffer, end, limits);
      if (count > 1) this.lookahead.prepare(keyspace.databases[session.database], parser.ahead, count);
      const { special } = session;
      const done = this.run(session, count);
      if (done < count || session.special !== special)
        parser.goTo(done === 0 ? begin : parser.ahead[done - 1].next);
      else if (parser.result === INVALID) {
        writer.error(`ERR ${parser.error}`);
        session.closeAfterReply();
      } else if (parser.result === INCOMPLETE) break;
    }
    deliveries.end();
    dispatcher.endOfInput();
    this.keepRest(session, buffer, end);
    outbox.post(session, mark);
    around.allowsOutput(session, session.link.buffered + writer.length - mark); // before it holds more of others
    if (session.closing) outbox.close(session);
    clients.limitInput(session);
  }

  /** Runs the requests read ahead, until one of them changes what may follow it; answers how many have been run. */
  private run(session: Session, count: number): number {
    const { dispatcher, scripting } = this.around;
    const { ahead } = this.parser;
    const { special } = session;
    for (let i = 0; i < count; i++) {
      if (special & SPECIAL.debugging) scripting.debug(ahead[i]);
      else if (!dispatcher.dispatch(session, ahead[i])) return i;
      if (session.closing || session.suspended || session.special !== special) return i + 1;
    }
    return count;
  }

  /** What has not become a request stays with the session. */
  private keepRest(session: Session, buffer: Bytes, end: number): void {
    const { parser } = this;
    const begin = parser.suspended ? parser.request.first : parser.position;
    if (parser.suspended) session.partial = parser.suspend();
    if (buffer === session.input) session.discardInput(begin);
    else if (begin < end) session.keep(buffer, begin, end);
  }
}
