/**
 * One node's part in a Redis Cluster: a deterministic state machine without I/O.
 *
 * Inputs are bytes from bus links, a tick every 100 ms and an administrator's operations; outputs are calls on the
 * `ClusterEnvironment`. The rules live in modules of their own, each a set of functions over `ClusterState`:
 *
 *     membership  gossip  heartbeat      who belongs, and how the word spreads
 *     failure-detection  health          who has failed, and whether we may serve
 *     election  epochs  slot-claims      who takes over, and whose claim is newer
 *     manual-failover  replica-migration
 *     nodes-conf  startup                what survives a restart
 *
 * This class puts them in order. After each batch of inputs `afterEvents` does what they left to do: failover,
 * health, save, and only then frames are sent. What passes between others, and so promises nothing of this node's, is
 * saved with the next tick. The model is etcd's raft: a pure core whose messages leave behind the write-ahead log, so
 * that every interleaving can be replayed from a seed. Costs: a heartbeat is O(mentions), a tick O(nodes), saving
 * O(nodes + slots).
 */

import { type MessageName, NodeFlag } from '../protocol/bus-frame.js';
import type { Bytes } from '../protocol/bytes.js';
import { announcedPorts } from './addresses.js';
import { Administration } from './administration.js';
import type { BusReceiver, PeerLink } from './bus.js';
import type { ClusterNode } from './cluster-node.js';
import { advanceCandidacy } from './election.js';
import type { BusLink, BusLinkEvents, ClusterEnvironment, ClusterOptions } from './environment.js';
import { processFrame } from './frames.js';
import { updateHealth } from './health.js';
import { advanceManualFailover } from './manual-failover.js';
import { followHostname } from './membership.js';
import { broadcastPong, sendHeartbeat, sendPublish } from './messages.js';
import { formatNodesConf } from './nodes-conf.js';
import { type RoutedRequest, route, routeBlocked } from './route.js';
import { reconcileWithData, startState } from './startup.js';
import { type ClusterState, Todo } from './state.js';
import { tick } from './tick.js';
import { ClusterView } from './view.js';

export class Cluster {
  /** 1 for each slot that may be served without asking `route`. */
  readonly serves: Uint8Array;
  readonly administration: Administration;
  readonly view: ClusterView;
  private readonly state: ClusterState;
  private announcedIp = '';

  /**
   * `nodesConf` is the text of nodes.conf, '' when there is none yet. The options object is kept and read: change
   * it and call `optionsChanged`. Throws CorruptConfigError.
   */
  constructor(env: ClusterEnvironment, options: ClusterOptions, nodesConf: string) {
    const receiver: BusReceiver = {
      linkUp: (link) => this.greet(link),
      frame: (link, frame) => processFrame(this.state, link, frame),
    };
    this.state = startState(env, options, receiver, nodesConf);
    this.serves = this.state.slots.serves;
    this.administration = new Administration(this.state);
    this.view = new ClusterView(this.state);
    this.optionsChanged();
    if (this.state.todo & Todo.SAVE) this.saveConfig();
  }

  get myself(): ClusterNode {
    return this.state.myself;
  }

  /** Whether the cluster serves requests, as seen from here. */
  get isUp(): boolean {
    return this.state.isUp;
  }

  get currentEpoch(): number {
    return this.state.currentEpoch;
  }

  /** While true the master must add nothing to the replication stream, pings included. */
  get manualFailoverInProgress(): boolean {
    return this.state.manualFailover.end !== 0;
  }

  get nodes(): Iterable<ClusterNode> {
    return this.state.nodes;
  }

  node(id: string): ClusterNode | undefined {
    return this.state.nodes.get(id);
  }

  nodeOfSlot(slot: number): ClusterNode | null {
    return this.state.slots.owner(slot);
  }

  migratingTo(slot: number): ClusterNode | undefined {
    return this.state.slots.migratingTo(slot);
  }

  importingFrom(slot: number): ClusterNode | undefined {
    return this.state.slots.importingFrom(slot);
  }

  /** The error that sends a request away, or null when it is to be served here. */
  route(request: RoutedRequest): string | null {
    return route(this.state, this.view, request);
  }

  /** The error that wakes a blocked client, or null when it may go on waiting. */
  routeBlocked(request: Pick<RoutedRequest, 'slot' | 'write' | 'readonly' | 'plain'>): string | null {
    return routeBlocked(this.state, this.view, request);
  }

  /** A connection came in on the bus port; the host reports what happens on it to the answer. */
  accept(link: BusLink): BusLinkEvents {
    return this.state.bus.accept(link);
  }

  /** Call every 100 ms. */
  tick(): void {
    if (this.state.behind) this.state.later(Todo.SAVE | Todo.FSYNC);
    tick(this.state);
  }

  /** Looks whether this node may still serve: after a pause, in which there was no tick. */
  reviewHealth(): void {
    updateHealth(this.state);
  }

  /** Whether `afterEvents` has something to do. */
  get hasWork(): boolean {
    return this.state.todo !== 0;
  }

  /** Call once after every batch of inputs. */
  afterEvents(): void {
    const state = this.state;
    if (state.todo & Todo.MANUAL_FAILOVER) {
      state.todo &= ~Todo.MANUAL_FAILOVER;
      advanceManualFailover(state);
    }
    while (state.todo & Todo.FAILOVER) {
      state.todo &= ~Todo.FAILOVER;
      advanceCandidacy(state);
    }
    if (state.todo & Todo.UPDATE_STATE) updateHealth(state);
    if (state.todo & Todo.BROADCAST) {
      state.todo &= ~Todo.BROADCAST;
      broadcastPong(state);
    }
    if (state.todo & Todo.SAVE) this.saveConfig(state.todo & Todo.FSYNC ? 'durable' : 'fast');
    state.bus.flush();
  }

  /** Writes nodes.conf now. */
  saveConfig(mode: 'durable' | 'fast' = 'durable'): void {
    const state = this.state;
    state.todo &= ~(Todo.SAVE | Todo.FSYNC);
    state.behind = false;
    state.env.saveConfig(formatNodesConf(state), mode === 'durable');
  }

  /** Call after loading data, before serving: brings slots and data into agreement. */
  reconcileWithData(): void {
    reconcileWithData(this.state);
  }

  /** Takes over changed options that are part of what this node announces. */
  optionsChanged(): void {
    const { myself, options } = this.state;
    if (options.announceIp !== this.announcedIp) {
      // Without an announced address the next frame shows which one others use.
      myself.ip = options.announceIp;
      this.announcedIp = options.announceIp;
    }
    Object.assign(myself, announcedPorts(options));
    followHostname(this.state, myself, options.announceHostname);
    if (options.replicaNoFailover === myself.cannotFailover) return;
    myself.flags ^= NodeFlag.NOFAILOVER;
    this.state.later(Todo.SAVE | Todo.UPDATE_STATE);
  }

  /** Publishes to the other nodes: to all, or with `sharded` to this shard. */
  publish(channel: Bytes, message: Bytes, sharded: boolean): void {
    sendPublish(this.state, channel, message, sharded);
  }

  /** DEBUG DROP-CLUSTER-PACKET-FILTER: drops one kind of message on arrival; null for none. */
  dropMessages(type: MessageName | null): void {
    this.state.bus.dropped = type;
  }

  /**
   * DEBUG CLUSTERLINK KILL: breaks the link that we opened to a node, the one that it opened to us, or both. Answers
   * whether there is such a node.
   */
  breakLinks(nodeId: string, which: 'to' | 'from' | 'all'): boolean {
    const node = this.node(nodeId);
    if (node === undefined) return false;
    if (which !== 'from' && node.link) this.state.bus.close(node.link);
    if (which !== 'to' && node.inboundLink) this.state.bus.close(node.inboundLink);
    return true;
  }

  /** A link that we opened stands: the first frame on it introduces us. */
  private greet(link: PeerLink): void {
    const node = link.node!;
    // A ping from before the connection broke is still unanswered: its time counts.
    const waitingSince = node.pingSent;
    sendHeartbeat(this.state, link, node.has(NodeFlag.MEET) ? 'meet' : 'ping');
    if (waitingSince !== 0) node.pingSent = waitingSince;
  }
}
