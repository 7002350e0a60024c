/**
 * SHUTDOWN and the signals that mean it. A master first lets its replicas catch up (`shutdown-timeout`), with writes
 * paused and the clients that asked for it waiting; then the data is saved and the process ends. When it can't be
 * saved the node stays, and says so to those who wait. A signal is heeded by the next periodic work, as in Redis: not in
 * the middle of a script, and until then SHUTDOWN ABORT undoes it.
 */
import type { Master } from '../replication/master.js';
import type { Blocking } from './blocking.js';
import type { Clients } from './clients/clients.js';
import type { Config } from './config/index.js';
import type { Host, Log, Schedule } from './host.js';
import type { Session } from './session.js';

export interface ShutdownOptions {
  /** Whether a snapshot is saved; as configured unless given. */
  readonly save?: boolean;
  /** Doesn't wait for replicas. */
  readonly now?: boolean;
  /** Ends even if the data can't be saved. */
  readonly force?: boolean;
}

/** What a shutdown needs of the node. */
export interface ShutdownSurroundings {
  readonly host: Host;
  readonly config: Config;
  readonly log: Log;
  readonly schedule: Schedule;
  readonly blocking: Blocking;
  readonly clients: Clients;
  readonly replication: { readonly master: Master };
  readonly persistence: { close(options: ShutdownOptions): boolean };
  /** The process will end; nothing has been told to the other nodes yet. */
  endCluster(): void;
}

const FAILED = 'ERR Errors trying to SHUTDOWN. Check logs.';

export class Shutdown {
  /** When the wait for replicas ends, on the monotonic clock; undefined when there is none. */
  deadline: number | undefined;
  private options: ShutdownOptions = {};
  /** What a signal has asked for. */
  private request: ShutdownOptions | undefined;
  private ended = false;
  private stopClock = () => {};
  private readonly waiting = new Set<Session>();

  constructor(private readonly around: ShutdownSurroundings) {}

  /** Whether somebody has asked for it, and it has neither failed nor been aborted. */
  get underWay(): boolean {
    return this.ended || this.canBeAborted;
  }

  private get canBeAborted(): boolean {
    return this.request !== undefined || this.deadline !== undefined;
  }

  /** A signal asks for it: see `tick`. While data is being loaded there is nothing to wait for. */
  ask(options: ShutdownOptions): void {
    if (this.around.config.loading) this.begin(options);
    else this.request = options;
  }

  /** Periodic work: what a signal has asked for begins. */
  tick(): void {
    const { request } = this;
    this.request = undefined;
    if (request !== undefined) this.begin(request);
  }

  /**
   * Ends the process, at once or when the replicas have caught up. Answers an error reply when that can't be.
   * @param caller the client that asks, which then waits; none for a signal
   */
  begin(options: ShutdownOptions, caller?: Session): string | undefined {
    const { log, host, schedule, config, clients, replication } = this.around;
    if (caller?.mayBlock === false && !options.now) {
      return "ERR SHUTDOWN without NOW or ABORT isn't allowed for DENY BLOCKING client";
    }
    if (this.deadline === undefined) {
      log('warning', 'User requested shutdown...');
      this.options = options;
      const timeout = config.values['shutdown-timeout'] * 1000;
      if (options.now || timeout === 0 || this.laggingReplicas.length === 0) return this.finish();
      this.deadline = host.monotonicClock() + timeout;
      replication.master.requestAcknowledgements();
      clients.pause(Number.POSITIVE_INFINITY, true, 'shutdown');
      this.stopClock = schedule(timeout, () => this.finish());
      log('notice', 'Waiting for replicas before shutting down.');
      host.wakeAtEndOfTurn();
    }
    if (caller !== undefined) this.wait(caller);
    return undefined;
  }

  /** SHUTDOWN ABORT; answers an error reply when no shutdown is under way. */
  abort(): string | undefined {
    if (!this.canBeAborted) return 'ERR No shutdown in progress.';
    this.request = undefined;
    this.callOff();
    this.around.log('notice', 'Shutdown manually aborted.');
    return undefined;
  }

  /** A replica has acknowledged more, or has gone. */
  advance(): void {
    if (this.deadline !== undefined && this.laggingReplicas.length === 0) this.finish();
  }

  private get laggingReplicas() {
    const { master } = this.around.replication;
    return master.replicas.views.filter(({ offset }) => offset !== master.history.offset);
  }

  private wait(caller: Session): void {
    this.waiting.add(caller);
    this.around.blocking.block(
      caller,
      0,
      (reply) => reply.error(FAILED),
      () => this.waiting.delete(caller),
    );
  }

  private finish(): string | undefined {
    const { log, host, clients, persistence } = this.around;
    this.reportReplicas();
    // What else this turn brings would come after what is saved, and still be acknowledged.
    clients.pause(Number.POSITIVE_INFINITY, true, 'shutdown');
    if (!persistence.close(this.options)) {
      log('warning', 'Errors trying to shut down the server. Check the logs for more information.');
      clients.unpause('shutdown');
      this.callOff();
      return FAILED;
    }
    this.deadline = undefined;
    this.ended = true;
    this.around.replication.master.flush();
    this.around.endCluster();
    host.exit(0);
    return undefined;
  }

  private reportReplicas(): void {
    const { log, replication } = this.around;
    const { master } = replication;
    const count = master.replicas.count;
    if (count === 0) return;
    const lagging = this.laggingReplicas;
    for (const { name, offset, lag, state } of lagging) {
      const behind = master.history.offset - offset;
      log(
        'warning',
        `Lagging replica ${name} reported offset ${behind} behind master, lag=${lag}, state=${state}.`,
      );
    }
    log('notice', `${count - lagging.length} of ${count} replicas are in sync when shutting down.`);
  }

  private callOff(): void {
    if (this.deadline === undefined) return;
    this.deadline = undefined;
    this.stopClock();
    for (const session of [...this.waiting]) {
      this.around.blocking.unblock(session, (reply) => reply.error(FAILED));
    }
    this.around.clients.unpause('shutdown');
  }
}
