/**
 * The nodes this node knows, by id, with a random pick in constant time for gossip; and the ids it was told to
 * forget, which are not taken in again for a minute so that gossip about them can die out (CLUSTER FORGET).
 */
import type { ClusterNode } from './cluster-node.js';

/** How long a forgotten node stays out, milliseconds. */
const FORGET_PERIOD = 60_000;

export class NodeTable {
  private readonly byId = new Map<string, ClusterNode>();
  private readonly list: ClusterNode[] = [];
  private readonly forgottenUntil = new Map<string, number>();

  get size(): number {
    return this.list.length;
  }

  /** All nodes, this one included. Nodes may be removed while iterating over `snapshot`, not over this. */
  [Symbol.iterator](): Iterator<ClusterNode> {
    return this.list[Symbol.iterator]();
  }

  /** The nodes as they are now. */
  snapshot(): ClusterNode[] {
    return this.list.slice();
  }

  get(id: string): ClusterNode | undefined {
    return this.byId.get(id);
  }

  /** The node at a position picked by a random 32-bit integer. */
  pick(random: number): ClusterNode {
    return this.list[random % this.list.length];
  }

  add(node: ClusterNode): void {
    this.byId.set(node.id, node);
    this.list.push(node);
  }

  remove(node: ClusterNode): void {
    this.byId.delete(node.id);
    this.list.splice(this.list.indexOf(node), 1);
  }

  rename(node: ClusterNode, id: string): void {
    this.byId.delete(node.id);
    node.id = id;
    this.byId.set(id, node);
  }

  /** Keeps the id out until a minute from now. */
  forget(id: string, now: number): void {
    this.forgottenUntil.set(id, now + FORGET_PERIOD);
  }

  isForgotten(id: string, now: number): boolean {
    const until = this.forgottenUntil.get(id);
    if (until === undefined) return false;
    if (now <= until) return true;
    this.forgottenUntil.delete(id);
    return false;
  }
}
