/**
 * One simulated disaster, from its scenario to its verdict: the shipping nodes, clients and operators in a virtual
 * world in which things go wrong for a while; then everything is made whole, and the cluster must come together again
 * with all its data.
 *
 *     scenario  faults  operators    what will happen: plain data, drawn from the seed
 *     clients   script               who uses the cluster meanwhile
 *     watch     history  losses      what must never be, and what may be missing in the end
 *
 * The model is TigerBeetle's VOPR. A violation names the promise of docs/GUARANTEES.md that was broken.
 */
import { VirtualCluster } from '../../src/local/virtual-cluster.js';
import { Client } from './clients.js';
import { converged, differingReplicas, digestsOf, obstacles, sharedEpochs } from './convergence.js';
import { heal, inject } from './faults.js';
import { History } from './history.js';
import { checkLosses } from './losses.js';
import { Operator } from './operators.js';
import type { Scenario } from './scenario.js';
import { play, type Script, sleep } from './script.js';
import { type Violation, Watch } from './watch.js';

export interface Outcome {
  readonly violations: readonly Violation[];
  /** Of everything that happened (R16). */
  readonly hash: string;
  readonly virtualMilliseconds: number;
  /** From healing until the cluster was whole, milliseconds. */
  readonly healing: number;
  readonly writes: number;
  /** Lost writes by the window that explains them. */
  readonly losses: ReadonlyMap<string, number>;
  readonly promotions: number;
}

/** Between two looks at the nodes, milliseconds. */
const STEP = 50;
/** Nodes may come to agree by themselves for so long before an operator looks, milliseconds. */
const GRACE = 4000;
/** The operator tries to mend what is left this often while the cluster heals. */
const MEND_PERIOD = 2000;
const HEALING_LIMIT = 90_000;
/** Every so many seeds all nodes are restarted at the end. */
const RESTART_PERIOD = 3;
/** Until the longest key of the workload has expired, milliseconds. */
const EXPIRY_TIME = 2500;

export function runDisaster(scenario: Scenario): Outcome {
  return new Disaster(scenario).run();
}

class Disaster {
  private readonly history: History;
  private readonly watch: Watch;
  private readonly cluster: VirtualCluster;
  private readonly operator: Operator;
  private healing = 0;

  constructor(private readonly scenario: Scenario) {
    const { seed, size, nodeTimeout, appendfsync, rates } = scenario;
    this.history = new History(nodeTimeout, appendfsync !== 'always');
    this.watch = new Watch(this.history);
    this.cluster = new VirtualCluster({
      ...size,
      seed,
      nodeTimeout,
      faults: rates,
      config: {
        appendfsync,
        'cluster-replica-validity-factor': scenario.validityFactor,
        'cluster-require-full-coverage': scenario.fullCoverage ? 'yes' : 'no',
        'repl-ping-replica-period': 1,
        'repl-timeout': 5,
      },
      observe: (node, event) => this.watch.happened(node, event),
    });
    this.watch.cluster = this.cluster;
    this.operator = new Operator(this.cluster, this.history, this.watch);
  }

  run(): Outcome {
    let losses: ReadonlyMap<string, number> = new Map();
    try {
      this.goWrong();
      if (this.becomeWhole()) losses = this.settleAccounts();
    } catch (error) {
      // A node that throws would have ended its process.
      this.watch.accuse('crash', (error as Error).stack ?? String(error));
    }
    return {
      violations: this.watch.violations,
      hash: this.cluster.hash,
      virtualMilliseconds: this.cluster.now,
      healing: this.healing,
      writes: this.history.writes.length,
      losses,
      promotions: this.history.promotions.length,
    };
  }

  private goWrong(): void {
    const { cluster, scenario } = this;
    cluster.advanceUntil(() => converged(this.operator.members));
    const { world } = cluster;
    for (const fault of scenario.faults) {
      world.after(fault.at, () => {
        this.noted(fault.type);
        inject(cluster, fault, (node) => this.operator.members.includes(node));
        this.watch.look();
        if ('lasts' in fault) world.after(fault.lasts, () => this.watch.look());
      });
    }
    const end = world.now + scenario.duration;
    if (scenario.oneAdministrator) play(this.administrate(end));
    else {
      for (const operation of scenario.operations) {
        world.after(operation.at, () => play(this.operator.perform(operation)));
      }
    }
    for (let i = 0; i < scenario.clients; i++) {
      play(new Client(cluster, this.history, this.watch, i).work(end));
    }
    this.advance(scenario.duration);
  }

  /** The operations one after another, each at its time or later. */
  private *administrate(end: number): Script {
    const { world } = this.cluster;
    const begun = world.now;
    for (const operation of this.scenario.operations) {
      const wait = begun + operation.at - world.now;
      if (wait > 0) yield* sleep(world, wait);
      if (world.now >= end) return;
      yield* this.operator.perform(operation);
    }
  }

  private noted(fault: string): void {
    const { history, cluster } = this;
    if (fault === 'power-loss') history.powerLosses.push(cluster.now);
    if (fault === 'power-loss' || fault === 'crash') history.disturbances.push(cluster.now);
  }

  private advance(milliseconds: number): void {
    for (const end = this.cluster.now + milliseconds; this.cluster.now < end; ) {
      this.cluster.advance(Math.min(STEP, end - this.cluster.now));
      this.watch.look();
      this.expectAlive();
    }
  }

  /** A node ends only when it is told to. */
  private expectAlive(): void {
    for (const { index, machine } of this.operator.members) {
      const { process } = machine;
      if (process?.exitCode === undefined) continue;
      this.watch.accuse('crash', `node ${index} has ended itself: ${process.logLines.slice(-3).join('\n')}`);
      machine.run();
    }
  }

  /** Heals everything and lets time pass until the cluster is whole (R1-R3); answers whether it became so. */
  private becomeWhole(): boolean {
    const { cluster } = this;
    heal(cluster, this.operator.members);
    this.watch.look();
    const healed = cluster.now;
    let mending = { over: true };
    for (let next = healed + GRACE; !converged(this.operator.members) || !mending.over; this.advance(250)) {
      if (cluster.now - healed > HEALING_LIMIT) {
        this.watch.accuse(
          'R1-R3',
          `not whole ${HEALING_LIMIT} ms after healing: ${obstacles(this.operator.members).join('; ')}`,
        );
        return false;
      }
      if (!mending.over || cluster.now < next) continue;
      next = cluster.now + MEND_PERIOD;
      mending = play(this.operator.mend());
    }
    this.healing = cluster.now - healed;
    return true;
  }

  /** Everything rests: data is the same everywhere (R10), and what was acknowledged is there (R6). */
  private settleAccounts(): ReadonlyMap<string, number> {
    const { cluster, history, watch } = this;
    this.advance(EXPIRY_TIME);
    for (let tries = 0; tries < 20 && !converged(this.operator.members); tries++) this.advance(250);
    watch.readLogs();
    for (const [a, b] of sharedEpochs(this.operator.members))
      watch.accuse('R4', `masters ${a} and ${b} have one config epoch`);
    this.compareReplicas();
    const losses = checkLosses(cluster, this.operator.members, history, watch);
    if (this.scenario.seed % RESTART_PERIOD === 0) this.restartAll();
    return losses;
  }

  private compareReplicas(): void {
    for (const index of differingReplicas(this.operator.members))
      this.watch.accuse('R10', `node ${index} has other data than its master`);
  }

  /** All processes end, and start again from their files: the masters' data, and so their replicas', is the same (R10). */
  private restartAll(): void {
    const { members } = this.operator;
    const before = digestsOf(members);
    const known = this.watch.violations.length;
    for (const node of members) this.cluster.kill(node);
    for (const { machine } of members) machine.run();
    for (const begun = this.cluster.now; !converged(members); this.advance(100)) {
      if (this.cluster.now - begun < HEALING_LIMIT && this.watch.violations.length === known) continue;
      this.watch.accuse('R1-R3', `not whole after a restart: ${obstacles(members).join('; ')}`);
      return;
    }
    this.compareReplicas();
    const after = digestsOf(members);
    for (const { id, index, server } of members) {
      if (server.clusterService!.cluster.myself.isMaster && after.get(id) !== before.get(id))
        this.watch.accuse('R10', `node ${index} has other data when it restarts`);
    }
  }
}
