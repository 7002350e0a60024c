/**
 * What no run may ever show, looked at while it goes on (R4, R5): votes, winners, epochs, and what a master that is cut
 * off still acknowledges. It also notes in the history what explains lost writes.
 */
import { NODES_CONF } from '../../src/local/layout.js';
import type { VirtualCluster, VirtualNode } from '../../src/local/virtual-cluster.js';
import type { ClusterEvent } from '../../src/node/node.js';
import { EMPTY, latin1 } from '../../src/protocol/bytes.js';
import type { History, Promotion, Stream } from './history.js';

/** A master notices within this time beyond the node timeout that it is among a minority, milliseconds. */
const MINORITY_MARGIN = 100;
/** What the virtual network and schedulers add to that: the command was sent before it ran. */
const SLACK = 50;
/** A report may be so late: it waited for a heartbeat, and at a node that was paused. */
const REPORT_DELAY = 60_000;

/** A replica that can't make sense of its master's stream synchronises anew, so nothing else would show it. */
const NEVER_LOGGED = /master stream corruption|greater than the master replication offset/;

/** Something that must not happen did. `rule` names the promise of docs/GUARANTEES.md. */
export interface Violation {
  readonly rule: string;
  readonly text: string;
}

export class Watch {
  readonly violations: Violation[] = [];
  private observed!: VirtualCluster;
  /** Epochs in which each node has voted. */
  private readonly votes = new Map<number, Set<number>>();
  private readonly voters = new Map<number, Set<number>>();
  private readonly winners = new Map<number, number>();
  /** Until when each node, by index, has suspected another, by id: Infinity while it does. */
  private readonly suspicions = new Map<string, number>();
  /** Greatest epochs seen of each life of a node. */
  private readonly epochs = new Map<VirtualNode['server'], number>();
  private readonly manual = new Map<number, Promotion['by']>();
  private readonly promoting = new Map<number, Stream>();
  private readonly lastServer = new Map<number, VirtualNode['server']>();
  /** Since when a node, in this life of it, hears less than the majority of masters. */
  private readonly minoritySince = new Map<VirtualNode['server'], number>();

  constructor(private readonly history: History) {}

  get cluster(): VirtualCluster {
    return this.observed;
  }

  /** What is watched: it needs to know the watch first, to tell it what happens. */
  set cluster(cluster: VirtualCluster) {
    this.observed = cluster;
    cluster.world.onBytes = (from, to) => this.arrived(from, to);
  }

  accuse(rule: string, text: string): void {
    this.violations.push({ rule, text });
  }

  happened(node: VirtualNode, event: ClusterEvent): void {
    const { index } = node;
    switch (event.type) {
      case 'vote-granted': {
        const epochs = this.votes.get(index) ?? new Set();
        this.votes.set(index, epochs);
        if (epochs.has(event.epoch)) this.accuse('R4', `node ${index} votes twice in epoch ${event.epoch}`);
        epochs.add(event.epoch);
        const voters = this.voters.get(event.epoch) ?? new Set();
        this.voters.set(event.epoch, voters.add(index));
        this.expectSaved(node, 'lastVoteEpoch', event.epoch);
        return;
      }
      case 'election-won': {
        const other = this.winners.get(event.epoch);
        if (other !== undefined)
          this.accuse('R4', `nodes ${other} and ${index} both win epoch ${event.epoch}`);
        this.winners.set(event.epoch, index);
        const voters = this.voters.get(event.epoch)?.size ?? 0;
        const electorate = mastersKnownTo(node).length;
        if (voters <= electorate / 2)
          this.accuse('R4', `node ${index} wins epoch ${event.epoch} with ${voters} votes of ${electorate}`);
        this.expectClaim(node, event.epoch);
        this.expectSaved(node, 'lastVoteEpoch', event.epoch);
        return;
      }
      case 'election-started':
        if (event.epoch <= (this.epochs.get(node.server) ?? 0))
          this.accuse('R4', `node ${index} stands for election in epoch ${event.epoch}, which is not new`);
        this.expectFreshData(node);
        return;
      case 'node-suspected':
        this.suspicions.set(`${index} ${event.nodeId}`, Number.POSITIVE_INFINITY);
        return;
      case 'node-recovered':
        this.suspicions.set(`${index} ${event.nodeId}`, this.cluster.now);
        return;
      case 'node-failed':
        this.suspicions.set(`${index} ${event.nodeId}`, Number.POSITIVE_INFINITY);
        if (event.reportedBy === node.id) this.expectMajority(node, event.nodeId);
        return;
      case 'epoch-changed':
        if (event.reason === 'bump' || event.reason === 'collision') this.claimed(node);
        return;
      case 'manual-failover':
        if (event.phase === 'ready') this.manual.set(index, 'manual');
        if (event.phase === 'timeout') this.manual.delete(index);
        return;
      case 'role-changed':
        if (event.nodeId !== node.id) return;
        if (event.role === 'master') this.promoting.set(index, streamOf(node));
        else this.manual.delete(index);
        return;
      case 'slots-changed':
        if (event.nodeId === node.id) this.promoted(node);
    }
  }

  /** What a node tells others, now that the turn ends, must be on disk already, to survive a power loss. */
  private expectSaved(node: VirtualNode, variable: 'lastVoteEpoch', least: number): void {
    const { server, machine, index } = node;
    this.cluster.world.after(0, () => {
      if (node.server !== server || !machine.running) return;
      // By now another turn may have replaced the file without a sync; what a power loss leaves must know enough.
      const text = latin1(machine.disk.survivor(NODES_CONF) ?? EMPTY);
      const saved = Number(new RegExp(`${variable} (\\d+)`).exec(text)?.[1] ?? -1);
      if (saved < least)
        this.accuse('R4', `node ${index} has told of ${variable} ${least} before it was on disk`);
    });
  }

  /** A winner claims its slots under the epoch that it was elected for. */
  private expectClaim({ index, server }: VirtualNode, epoch: number): void {
    this.cluster.world.after(0, () => {
      const { configEpoch, isMaster } = server.clusterService!.cluster.myself;
      if (isMaster && configEpoch < epoch)
        this.accuse('R4', `node ${index} has won epoch ${epoch} and claims its slots under ${configEpoch}`);
    });
  }

  /** A candidate's data is not older than cluster-replica-validity-factor allows. */
  private expectFreshData(node: VirtualNode): void {
    if (this.manual.has(node.index)) return;
    const { values } = node.server.config;
    const factor = values['cluster-replica-validity-factor'];
    if (factor === 0) return;
    const { nodeTimeout } = this.history;
    const limit = values['repl-ping-replica-period'] * 1000 + nodeTimeout * (factor + 1);
    const age = node.server.replication.view.dataAge();
    if (age > limit + SLACK)
      this.accuse('R4', `node ${node.index} stands for election with data ${age} ms old, over ${limit}`);
  }

  /** Whoever marks a node as failed has heard it from the majority of masters, within two node timeouts. */
  private expectMajority(node: VirtualNode, failed: string): void {
    const masters = mastersKnownTo(node);
    const oldest = this.cluster.now - this.history.nodeTimeout * 2 - REPORT_DELAY;
    const suspecting = masters.filter((id) => {
      const master = this.cluster.nodes.find((candidate) => candidate.server && candidate.id === id);
      return (this.suspicions.get(`${master?.index} ${failed}`) ?? Number.NEGATIVE_INFINITY) > oldest;
    });
    // A node counts the electorate at the end of a turn; in this one somebody may have joined it.
    const electorate = Math.min(masters.length, node.server.clusterService!.cluster.view.info().size);
    if (suspecting.length <= electorate / 2)
      this.accuse(
        'R4',
        `node ${node.index} marks ${failed} as failed; ${suspecting.length} of ${electorate} suspect it`,
      );
  }

  /** A replica has taken its master's slots. The role changed before its stream branched off, the slots behind. */
  private promoted(node: VirtualNode): void {
    const { index, server } = node;
    const followed = this.promoting.get(index);
    if (!followed) return;
    this.promoting.delete(index);
    this.history.branched(streamOf(node).stream, followed.stream, followed.offset);
    this.history.disturbances.push(this.cluster.now);
    this.history.promotions.push({
      ...followed,
      time: this.cluster.now,
      node: index,
      branch: streamOf(node).stream,
      by: this.manual.get(index) ?? 'election',
      slots: server.clusterService!.cluster.myself.slots.slice(),
    });
    this.manual.delete(index);
  }

  private claimed(node: VirtualNode): void {
    const { myself } = node.server.clusterService!.cluster;
    const { stream } = streamOf(node);
    const { now } = this.cluster;
    this.history.claims.push({ time: now, node: node.index, stream, slots: myself.slots.slice() });
  }

  /** An operator has ordered a failover that asks nobody, or not the master. */
  ordered(node: number, by: 'force' | 'takeover'): void {
    this.manual.set(node, by);
  }

  /** Reads the logs: some lines say that a promise was broken inside. Call it at the end. */
  readLogs(): void {
    for (const { machine, index } of this.cluster.nodes) {
      const line = machine.process!.logLines.find((text) => NEVER_LOGGED.test(text));
      if (line !== undefined) this.accuse('R10', `node ${index} says: ${line}`);
    }
  }

  /** Looks at all nodes; call it every now and then, and whenever a fault begins or ends. */
  look(): void {
    const byId = this.nodesById();
    for (const node of this.cluster.nodes) {
      const { server, index, machine } = node;
      if (!server || !machine.running) continue;
      const { currentEpoch } = server.clusterService!.cluster;
      if (currentEpoch < (this.epochs.get(server) ?? 0))
        this.accuse('R4', `the epoch of node ${index} goes back to ${currentEpoch}`);
      this.epochs.set(server, currentEpoch);
      this.followStream(node);
      if (this.hearsMajority(node, byId)) this.minoritySince.delete(server);
      else if (!this.minoritySince.has(server)) this.minoritySince.set(server, this.cluster.now);
    }
  }

  /** A node that was started again goes on with its data under the id of a new stream. */
  private followStream({ index, server }: VirtualNode): void {
    const last = this.lastServer.get(index);
    if (last === server) return;
    this.lastServer.set(index, server);
    if (!last) return;
    const { id, offset } = last.replication.master.history;
    this.history.branched(server.replication.master.history.id, id, offset);
  }

  /**
   * Bytes have arrived. What was under way when its sender was cut off, or ended, is heard now, whenever it left: nobody can
   * tell, so from now on the node may take writes for as long as if its sender were there.
   */
  private arrived(from: string, to: string): void {
    if (this.minoritySince.size === 0) return;
    const sender = this.cluster.nodes.find(({ machine }) => machine.name === from);
    const node = this.cluster.nodes.find(({ machine }) => machine.name === to);
    if (!sender || !node || !this.minoritySince.has(node.server)) return;
    if (this.hearsMajority(node, this.nodesById(), sender))
      this.minoritySince.set(node.server, this.cluster.now);
  }

  private nodesById(): Map<string, VirtualNode> {
    return new Map(this.cluster.nodes.filter(({ server }) => server).map((node) => [node.id, node]));
  }

  /** Whether a node is reached by the majority of masters, `alsoHeard` among them. */
  private hearsMajority(
    node: VirtualNode,
    byId: ReadonlyMap<string, VirtualNode>,
    alsoHeard?: VirtualNode,
  ): boolean {
    const { network } = this.cluster.world;
    let masters = 0;
    let heard = 0;
    for (const { id, isMaster, slotCount } of node.server.clusterService!.cluster.nodes) {
      if (!isMaster || slotCount === 0) continue;
      masters++;
      const other = byId.get(id);
      if (other === node || other === alsoHeard) heard++;
      else if (other?.machine.running && !other.machine.process!.isFrozen)
        if (network.reaches(other.machine, node.machine)) heard++;
    }
    return node.machine.process!.isFrozen || heard > masters / 2;
  }

  /** A node has acknowledged a write that was sent at this time (R5). */
  acknowledged(index: number, sent: number): void {
    const since = this.minoritySince.get(this.cluster.nodes[index].server);
    const limit = this.history.nodeTimeout * 1.001 + MINORITY_MARGIN + SLACK;
    if (since !== undefined && sent - since > limit)
      this.accuse('R5', `node ${index} takes a write ${Math.round(sent - since)} ms after it was cut off`);
  }
}

function streamOf({ server }: VirtualNode): Stream {
  const { id, offset } = server.replication.master.history;
  return { stream: id, offset };
}

/** Ids of the masters with slots that the node knows: the electorate. */
function mastersKnownTo({ server }: VirtualNode): string[] {
  return [...server.clusterService!.cluster.nodes]
    .filter(({ isMaster, slotCount }) => isMaster && slotCount > 0)
    .map(({ id }) => id);
}
