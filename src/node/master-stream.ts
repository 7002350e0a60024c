/**
 * Our master's stream as the node takes it in: the session that runs its commands, which clients see as one of them
 * (CLIENT LIST and KILL).
 */
import type { Keyspace } from '../keyspace/keyspace.js';
import type { ReplyWriter } from '../protocol/reply-writer.js';
import type { Request } from '../protocol/request.js';
import type { Clients } from './clients/clients.js';
import type { Config } from './config/index.js';
import type { Host, Link, Log } from './host.js';
import type { Statistics } from './monitoring/statistics.js';
import { NO_LINK } from './no-link.js';
import { Session, type SessionOwner } from './session.js';

/** What the stream needs of the node. */
export interface MasterStreamSurroundings extends SessionOwner {
  readonly host: Host;
  readonly config: Config;
  readonly keyspace: Keyspace;
  readonly clients: Clients;
  readonly statistics: Statistics;
  readonly log: Log;
  readonly reply: ReplyWriter;
  /** Runs a command of the stream. */
  dispatchFor(session: Session, request: Request): void;
  /** Ends at once. */
  crash(code: number): void;
}

export class MasterStream {
  session: Session;

  constructor(private readonly around: MasterStreamSurroundings) {
    this.session = this.createSession(0, NO_LINK);
  }

  /** The stream comes on this connection, or on none any more. */
  connect(connection: Link | null): void {
    const { clients } = this.around;
    const { database } = this.session;
    clients.remove(this.session);
    if (connection === null) return;
    this.session = this.createSession(clients.takeId(), connection);
    this.session.database = database;
    clients.add(this.session);
  }

  /** The first command runs in this database. */
  begin(database: number): void {
    this.session.database = database;
  }

  /** The stream has broken off; the selected database stays. */
  interrupt(): void {
    this.session.transaction = null;
  }

  execute(request: Request): void {
    const { keyspace, reply } = this.around;
    const { expiryPolicy, ownExpiries } = keyspace;
    const { errors } = reply;
    keyspace.expiryPolicy = 'ignore';
    keyspace.ownExpiries = null;
    this.around.dispatchFor(this.session, request);
    keyspace.expiryPolicy = expiryPolicy;
    keyspace.ownExpiries = ownExpiries;
    if (reply.errors !== errors) this.failed(request, reply.lastError);
  }

  private createSession(id: number, link: Link): Session {
    const session = new Session(id, link, this.around.host.wallClock(), this.around);
    session.isMaster = true;
    session.mayBlock = false;
    return session;
  }

  /** What the master could do we couldn't: our data may have diverged. */
  private failed(request: Request, error: string): void {
    const { log, statistics, config } = this.around;
    const { values } = config;
    const name = request.latin1(0).toLowerCase();
    statistics.unexpectedErrors++;
    log(
      'warning',
      `== CRITICAL == This replica is sending an error to its master: '-${error}' after processing the command '${name}'`,
    );
    if (!values['replica-read-only'] || values['propagation-error-behavior'] === 'ignore') return;
    log(
      'warning',
      `This replica panicked sending an error to its master after processing the command '${name}'`,
    );
    this.around.crash(1);
  }
}
