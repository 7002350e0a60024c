/** Routing for a session: everything on one reserved connection, nothing ever anywhere else. */
import type { Connection } from './connection.js';
import { UsageError } from './errors.js';
import { closed } from './recovery.js';
import { PINNED, type Request } from './request.js';
import type { Router } from './router.js';

export class ReservedRouter implements Router {
  readonly clustered = false;
  private readonly own: Connection;

  constructor(connection: Connection) {
    this.own = connection;
  }

  send(request: Request): void {
    request.slot = PINNED;
    if (this.own.closed) request.reject(closed(request));
    else this.own.send(request);
  }

  async ready(): Promise<void> {}

  nodes(): never {
    throw new UsageError('a session on one connection cannot reach other nodes: use the client it came from');
  }

  link(): never {
    return this.nodes();
  }

  connection(): Connection {
    return this.own;
  }

  onChange(): () => void {
    return () => {};
  }

  refreshSoon(): void {}

  async close(): Promise<void> {}

  destroy(): void {}
}
