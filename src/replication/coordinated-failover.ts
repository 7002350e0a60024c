/**
 * FAILOVER: a master hands over to one of its replicas without losing a write, outside cluster mode.
 *
 *     no-failover → waiting-for-sync → failover-in-progress → no-failover
 *
 * Writes are paused until a replica has acknowledged everything. Then this node follows it, and its PSYNC says
 * FAILOVER: the replica becomes the master as it answers. When it doesn't, or nobody catches up in time, the node stays
 * the master it was. With FORCE a timeout is no reason to give up: what the replica hasn't got by then is lost.
 *
 * Redis 7.0 `replication.c`, "Failover".
 */
import type { Log, Schedule } from '../node/host.js';
import type { Master } from './master.js';
import type { ReplicaView } from './replicas.js';

export interface FailoverEnvironment {
  readonly log: Log;
  readonly schedule: Schedule;
  readonly master: Master;
  readonly isReplica: boolean;
  pauseWrites(): void;
  resumeWrites(): void;
  follow(host: string, port: number): void;
  becomeMaster(): void;
}

export interface FailoverOrder {
  /** The replica to hand over to, by the address ROLE shows; any without one. */
  readonly target?: { readonly host: string; readonly port: number };
  /** Milliseconds to catch up in, 0 for any time it takes. */
  readonly timeout: number;
  readonly force: boolean;
}

export type FailoverState = 'no-failover' | 'waiting-for-sync' | 'failover-in-progress';

export class CoordinatedFailover {
  state: FailoverState = 'no-failover';
  private target: FailoverOrder['target'];
  private stopClock: (() => void) | undefined;

  constructor(private readonly env: FailoverEnvironment) {}

  /** Begins; answers an error reply when it can't. */
  begin(order: FailoverOrder): string | undefined {
    const complaint = this.complaintAbout(order);
    if (complaint !== undefined) return complaint;
    const { target, timeout, force } = order;
    this.target = target;
    this.state = 'waiting-for-sync';
    this.env.log('notice', `FAILOVER requested to ${this.targetName}.`);
    this.env.master.requestAcknowledgements();
    this.env.pauseWrites();
    if (timeout > 0) this.stopClock = this.env.schedule(timeout, () => this.timeOut(force));
    return undefined;
  }

  /** FAILOVER ABORT; answers an error reply when there is nothing to abort. */
  abort(): string | undefined {
    if (this.state === 'no-failover') return 'ERR No failover in progress.';
    this.giveUp('Failover manually aborted');
    return undefined;
  }

  /** A replica has acknowledged more. */
  advance(): void {
    if (this.state !== 'waiting-for-sync') return;
    const { offset } = this.env.master.history;
    const replica = this.env.master.replicas.views.find(
      (candidate) => candidate.offset === offset && (this.target === undefined || this.isTarget(candidate)),
    );
    if (replica === undefined) return;
    this.target ??= { host: replica.address, port: replica.port };
    this.env.log('notice', `Failover target ${this.targetName} is synced, failing over.`);
    this.handOver();
  }

  /** The target has answered the PSYNC that was to make it the master. */
  answered(accepted: boolean): void {
    if (this.state !== 'failover-in-progress') return;
    if (accepted) this.end();
    else this.giveUp('Failover target rejected psync request');
  }

  private complaintAbout({ target, timeout, force }: FailoverOrder): string | undefined {
    const { isReplica, master } = this.env;
    if (this.state !== 'no-failover') return 'ERR FAILOVER already in progress.';
    if (isReplica) return 'ERR FAILOVER is not valid when server is a replica.';
    if (master.replicas.count === 0) return 'ERR FAILOVER requires connected replicas.';
    if (force && (timeout === 0 || target === undefined)) {
      return 'ERR FAILOVER with force option requires both a timeout and target HOST and IP.';
    }
    if (target === undefined) return undefined;
    this.target = target;
    const replica = master.replicas.views.find((candidate) => this.isTarget(candidate));
    if (replica === undefined) return 'ERR FAILOVER target HOST and PORT is not a replica.';
    if (replica.state !== 'online') return 'ERR FAILOVER target replica is not online.';
    return undefined;
  }

  private isTarget({ address, port }: ReplicaView): boolean {
    const { target } = this;
    return target?.host.toLowerCase() === address.toLowerCase() && target.port === port;
  }

  private get targetName(): string {
    return this.target === undefined ? 'any replica' : `${this.target.host}:${this.target.port}`;
  }

  private timeOut(force: boolean): void {
    this.stopClock = undefined;
    if (!force) {
      this.giveUp('Replica never caught up before timeout');
      return;
    }
    this.env.log('notice', `FAILOVER to ${this.targetName} time out exceeded, failing over.`);
    this.handOver();
  }

  private handOver(): void {
    const { host, port } = this.target!;
    this.stopClock?.();
    this.state = 'failover-in-progress';
    this.env.follow(host, port);
  }

  private giveUp(reason: string): void {
    this.env.log('notice', `FAILOVER to ${this.targetName} aborted: ${reason}`);
    if (this.state === 'failover-in-progress') this.env.becomeMaster();
    this.end();
  }

  private end(): void {
    this.stopClock?.();
    this.stopClock = undefined;
    this.target = undefined;
    this.state = 'no-failover';
    this.env.resumeWrites();
  }
}
