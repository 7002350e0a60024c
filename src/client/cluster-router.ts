/**
 * Routing for a cluster: each request to the node that serves its slot, wherever that is by now.
 *
 * A table of 16384 entries gives the node at once. MOVED corrects one entry and sends the request on; the whole
 * map is looked at again behind it, once for however many such answers. ASK concerns one request only. TRYAGAIN,
 * CLUSTERDOWN and LOADING pass by themselves, so the request waits and is routed afresh. In all these cases the
 * server has not run the command, so sending it again is safe. Cluster specification, "MOVED Redirection",
 * "ASK redirection" and "Clients first connection and handling of redirections".
 */
import { SLOT_COUNT } from '../protocol/key-slot.js';
import type { ReplyError } from '../protocol/reply-decoder.js';
import { type Address, formatAddress } from './address.js';
import type { Connection } from './connection.js';
import { reportTopology } from './diagnostics.js';
import { HexisError } from './errors.js';
import { type LinkHandler, NodeLink } from './node-link.js';
import type { Settings } from './options.js';
import { chooseReader } from './read-choice.js';
import { closed, Recovery } from './recovery.js';
import { PINNED, type Request } from './request.js';
import type { Router } from './router.js';
import { resolveAddress, type SlotMap } from './slot-map.js';
import { addressesOf, askingOrder, discover } from './topology.js';

/** Milliseconds between two looks at the map that errors caused. */
const REFRESH_PAUSE = 100;

export class ClusterRouter implements Router, LinkHandler {
  readonly clustered = true;
  private readonly settings: Settings;
  private readonly seeds: readonly NodeLink[];
  private readonly recovery: Recovery;
  /** Every node of the map, by address. */
  private readonly links = new Map<string, NodeLink>();
  /** The master of each slot. */
  private readonly masters: (NodeLink | undefined)[] = new Array(SLOT_COUNT).fill(undefined);
  /** The replicas of each slot, one array for all slots of a shard. */
  private readonly replicas: (readonly NodeLink[])[] = new Array(SLOT_COUNT).fill([]);
  private masterLinks: readonly NodeLink[] = [];
  private readonly listeners = new Set<() => void>();
  private turn = 0;
  private refreshing: Promise<void> | undefined;
  private refreshedAt = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(seeds: readonly Address[], settings: Settings) {
    this.settings = settings;
    this.seeds = seeds.map((address) => new NodeLink(address, settings, this));
    this.recovery = new Recovery(settings, (request) => this.send(request));
  }

  send(request: Request): void {
    const { slot } = request;
    let link = slot < 0 ? this.anyMaster() : this.masters[slot];
    if (request.info.readOnly && slot >= 0 && this.settings.readFrom !== 'master') link = this.reader(slot);
    if (link !== undefined && !this.closed) link.send(request);
    else this.withoutNode(request);
  }

  ready(): Promise<void> {
    return this.masterLinks.length > 0 ? Promise.resolve() : this.refresh();
  }

  async nodes(which: 'all-masters' | 'all-nodes'): Promise<readonly NodeLink[]> {
    await this.ready();
    return which === 'all-masters' ? this.masterLinks : [...this.links.values()];
  }

  async link(slot: number): Promise<NodeLink> {
    await this.ready();
    const link = slot < 0 ? this.anyMaster() : this.masters[slot];
    if (link !== undefined) return link;
    throw new HexisError(`no node serves slot ${slot}`, { slot, outcome: 'not executed' });
  }

  connection(slot: number): Connection | undefined {
    return this.masters[slot]?.connection;
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Looks at the map behind the commands' back; what fails now is tried again with the next error. */
  refreshSoon(): void {
    if (this.closed || this.refreshing !== undefined) return;
    const pause = this.refreshedAt + REFRESH_PAUSE - performance.now();
    if (pause > 0) this.scheduleRefresh(pause);
    else this.refresh().catch(() => {});
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.refreshing?.catch(() => {});
    await Promise.all([...this.links.values(), ...this.seeds].map((link) => link.close()));
    this.recovery.clear();
  }

  destroy(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.recovery.clear();
    for (const link of [...this.links.values(), ...this.seeds]) link.destroy();
  }

  onErrorReply(request: Request, error: ReplyError, connection: Connection): void {
    if (request.slot === PINNED) {
      if (error.code === 'MOVED' || error.code === 'CLUSTERDOWN') this.refreshSoon();
      request.reject(error);
      return;
    }
    switch (error.code) {
      case 'MOVED':
      case 'ASK':
        this.redirect(request, error, connection);
        break;
      case 'MASTERDOWN':
      case 'LOADING':
        this.links.get(connection.address)?.avoid();
        this.recovery.later(request, error);
        break;
      case 'CLUSTERDOWN':
      case 'READONLY':
      case 'UNBLOCKED':
        this.refreshSoon();
        this.recovery.later(request, error);
        break;
      case 'TRYAGAIN':
        this.recovery.later(request, error);
        break;
      default:
        request.reject(error);
    }
  }

  onLost(request: Request, reason: Error, written: boolean, connection: Connection): void {
    this.refreshSoon();
    this.recovery.lost(request, reason, written, connection);
  }

  onUnreachable(request: Request, reason: Error, link: NodeLink): void {
    if (this.closed) {
      request.reject(closed(request));
      return;
    }
    link.avoid();
    this.refreshSoon();
    this.recovery.later(request, reason);
  }

  /** `MOVED 3999 127.0.0.1:6381` or the same with ASK. */
  private redirect(request: Request, error: ReplyError, { host }: Connection): void {
    const [, slotText, target = ''] = error.message.split(' ');
    const colon = target.lastIndexOf(':');
    const slot = Number(slotText);
    const port = Number(target.slice(colon + 1));
    if (colon < 0 || !(slot < SLOT_COUNT) || !(port > 0) || request.attempts > this.settings.maxRedirects) {
      request.reject(error);
      return;
    }
    const announced = target.slice(0, colon).replace(/^\[|\]$/g, '');
    const link = this.linkTo(resolveAddress(announced, port, host, this.settings.addressMap));
    if (error.code === 'ASK') {
      request.asking = true;
      link.send(request);
      return;
    }
    this.masters[slot] = link;
    this.replicas[slot] = [];
    this.refreshSoon();
    // Nodes that send a request back and forth have not agreed yet: give them time.
    if (request.attempts > 2) this.recovery.later(request, error);
    else link.send(request);
  }

  /** No node is known for the request: it waits until one is. */
  private withoutNode(request: Request): void {
    if (this.closed) {
      request.reject(closed(request));
      return;
    }
    const what = request.slot < 0 ? 'the cluster yet' : `a node that serves slot ${request.slot}`;
    this.recovery.later(request, new Error(`the client does not know ${what}`));
    if (this.masterLinks.length > 0) {
      this.refreshSoon();
    } else if (this.refreshing === undefined) {
      this.refresh().then(
        () => this.recovery.resume(),
        (error) => this.recovery.clear(error),
      );
    }
  }

  private anyMaster(): NodeLink | undefined {
    return this.masterLinks[this.turn++ % this.masterLinks.length];
  }

  private reader(slot: number): NodeLink | undefined {
    const { readFrom, zone } = this.settings;
    return chooseReader(readFrom, this.masters[slot], this.replicas[slot], this.turn++, zone);
  }

  private linkTo(address: Address): NodeLink {
    const name = formatAddress(address);
    let link = this.links.get(name);
    if (link === undefined) {
      link = new NodeLink(address, this.settings, this);
      this.links.set(name, link);
    }
    return link;
  }

  private refresh(): Promise<void> {
    this.refreshing ??= this.discoverAndApply().finally(() => {
      this.refreshing = undefined;
      this.refreshedAt = performance.now();
      const { refreshInterval } = this.settings;
      if (refreshInterval > 0) this.scheduleRefresh(refreshInterval);
    });
    return this.refreshing;
  }

  private async discoverAndApply(): Promise<void> {
    const links = askingOrder(this.links.values(), this.seeds);
    this.apply(await discover(links, this.settings.addressMap));
    // The seeds have served their purpose; nodes are reached by the addresses that the cluster names.
    for (const seed of this.seeds) void seed.suspend();
  }

  private scheduleRefresh(delay: number): void {
    clearTimeout(this.timer);
    if (this.closed) return;
    this.timer = setTimeout(() => this.refreshSoon(), delay);
    this.timer.unref();
  }

  private apply(map: SlotMap): void {
    reportTopology({ map });
    this.masters.fill(undefined);
    for (const { master, replicas, slots } of map) {
      const link = this.linkTo(master);
      const replicaLinks = replicas.map((address) => this.linkTo(address));
      for (const [first, last] of slots) {
        this.masters.fill(link, first, last + 1);
        this.replicas.fill(replicaLinks, first, last + 1);
      }
    }
    this.masterLinks = map.map(({ master }) => this.linkTo(master));
    const current = addressesOf(map);
    for (const [address, link] of this.links) {
      if (current.has(address)) continue;
      this.links.delete(address);
      void link.close();
    }
    for (const listener of this.listeners) listener();
  }
}
