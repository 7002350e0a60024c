/** Routing for one server that is not part of a cluster: everything goes to it. */
import type { ReplyError } from '../protocol/reply-decoder.js';
import type { Address } from './address.js';
import type { Connection } from './connection.js';
import { UsageError } from './errors.js';
import { type LinkHandler, NodeLink } from './node-link.js';
import type { Settings } from './options.js';
import { closed, detailsOf, Recovery } from './recovery.js';
import type { Request } from './request.js';
import type { Router } from './router.js';

export class SingleRouter implements Router, LinkHandler {
  readonly clustered = false;
  private readonly only: NodeLink;
  private readonly recovery: Recovery;
  private closed = false;

  constructor(address: Address, settings: Settings) {
    this.only = new NodeLink(address, settings, this);
    this.recovery = new Recovery(settings, (request) => this.only.send(request));
  }

  send(request: Request): void {
    if (this.closed) request.reject(closed(request));
    else this.only.send(request);
  }

  async ready(): Promise<void> {
    await this.only.open();
  }

  async nodes(): Promise<readonly NodeLink[]> {
    return [this.only];
  }

  async link(): Promise<NodeLink> {
    return this.only;
  }

  connection(): Connection | undefined {
    return this.only.connection;
  }

  onChange(): () => void {
    return () => {};
  }

  refreshSoon(): void {}

  async close(): Promise<void> {
    this.closed = true;
    await this.only.close();
    this.recovery.clear();
  }

  destroy(): void {
    this.closed = true;
    this.recovery.clear();
    this.only.destroy();
  }

  onErrorReply(request: Request, error: ReplyError, connection: Connection): void {
    if (error.code === 'LOADING') this.recovery.later(request, error);
    else if (error.code === 'MOVED') request.reject(facesCluster(request, error, connection.address));
    else request.reject(error);
  }

  onLost(request: Request, reason: Error, written: boolean, connection: Connection): void {
    this.recovery.lost(request, reason, written, connection);
  }

  onUnreachable(request: Request, reason: Error): void {
    if (this.closed) request.reject(closed(request));
    else this.recovery.later(request, reason);
  }
}

function facesCluster(request: Request, cause: ReplyError, address: string): UsageError {
  return new UsageError(
    `${address} is a node of a cluster, and this client is for a single server: use createCluster('${address}'), or connect('${address}'), which finds out by itself`,
    detailsOf(request, { address, outcome: 'not executed', cause }),
  );
}
