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
  readonly #link: NodeLink;
  readonly #recovery: Recovery;
  #closed = false;

  constructor(address: Address, settings: Settings) {
    this.#link = new NodeLink(address, settings, this);
    this.#recovery = new Recovery(settings, (request) => this.#link.send(request));
  }

  send(request: Request): void {
    if (this.#closed) request.reject(closed(request));
    else this.#link.send(request);
  }

  async ready(): Promise<void> {
    await this.#link.open();
  }

  async nodes(): Promise<readonly NodeLink[]> {
    return [this.#link];
  }

  async link(): Promise<NodeLink> {
    return this.#link;
  }

  connection(): Connection | undefined {
    return this.#link.connection;
  }

  refreshSoon(): void {}

  async close(): Promise<void> {
    this.#closed = true;
    await this.#link.close();
    this.#recovery.clear();
  }

  destroy(): void {
    this.#closed = true;
    this.#recovery.clear();
    this.#link.destroy();
  }

  onErrorReply(request: Request, error: ReplyError, connection: Connection): void {
    if (error.code === 'LOADING') this.#recovery.later(request, error);
    else if (error.code === 'MOVED') request.reject(facesCluster(request, error, connection.address));
    else request.reject(error);
  }

  onLost(request: Request, reason: Error, written: boolean, connection: Connection): void {
    this.#recovery.lost(request, reason, written, connection);
  }

  onUnreachable(request: Request, reason: Error): void {
    if (this.#closed) request.reject(closed(request));
    else this.#recovery.later(request, reason);
  }
}

function facesCluster(request: Request, cause: ReplyError, address: string): UsageError {
  return new UsageError(
    `${address} is a node of a cluster, and this client is for a single server: use createCluster('${address}'), or connect('${address}'), which finds out by itself`,
    detailsOf(request, { address, outcome: 'not executed', cause }),
  );
}
