/**
 * Replication in its node: the serving side (`Master`) and the following side (`ReplicaLink`), their settings from the
 * configuration, and what their state means for the rest of the node: which commands are refused, how expired keys are
 * treated.
 *
 * A master's changes reach the serving side through `Propagation`, like the append-only file's. A replica's come from
 * its link, byte for byte as the master sent them, while the append-only file still gets what was executed.
 */
import type { ReplicationView } from '../cluster/environment.js';
import type { ReplicationFacility, RoleView } from '../commands/facilities/facilities.js';
import { OwnExpiries } from '../keyspace/own-expiries.js';
import type { Loading } from '../persistence/load-progress.js';
import type { Snapshots } from '../persistence/snapshots.js';
import type { Bytes } from '../protocol/bytes.js';
import { CommandError } from '../protocol/command-error.js';
import { CoordinatedFailover, type FailoverOrder } from '../replication/coordinated-failover.js';
import { Master, type MasterSettings } from '../replication/master.js';
import type { ConfigureOutcome } from '../replication/replica.js';
import { ReplicaLink, type ReplicaLinkSettings } from '../replication/replica-link.js';
import type { Blocking } from './blocking.js';
import type { Pauses } from './clients/pauses.js';
import type { Config } from './config/index.js';
import type { Gatekeeper } from './gatekeeper.js';
import type { Schedule } from './host.js';
import { MasterStream, type MasterStreamSurroundings } from './master-stream.js';
import { type Propagation, TARGET } from './propagation.js';
import { ReplicaWaits } from './replica-waits.js';
import type { Session } from './session.js';

/** What replication needs of the node around it. */
export interface ReplicationSurroundings extends MasterStreamSurroundings {
  readonly propagation: Propagation;
  readonly gatekeeper: Gatekeeper;
  readonly blocking: Blocking;
  readonly schedule: Schedule;
  readonly persistence: { readonly snapshots: Snapshots; resync(parts: readonly Bytes[]): Loading<number> };
  /** The session whose command is running. */
  readonly caller: Session;
  /** Whether the node is to follow a master when it has started. */
  startsAsReplica(): boolean;
  /** Whether the session, whose command is running, has been answered before and not yet been sent the answer. */
  owesReplies(session: Session): boolean;
  /** A replica has acknowledged more, or the set of replicas has changed. */
  replicasProgressed(): void;
}

const DIRECTIVES = [
  'repl-backlog-size',
  'repl-backlog-ttl',
  'repl-ping-replica-period',
  'repl-timeout',
  'client-output-buffer-limit',
  'masterauth',
  'masteruser',
  'replica-announce-ip',
  'replica-announce-port',
  'replica-read-only',
  'replica-serve-stale-data',
  'min-replicas-to-write',
  'min-replicas-max-lag',
  'repl-diskless-load',
  'repl-diskless-sync-delay',
  'repl-diskless-sync-max-replicas',
  'port',
] as const;

/** CONFIG SET makes it no smaller. */
const SMALLEST_BACKLOG = 16 * 1024;

export class ReplicationService implements ReplicationFacility {
  readonly master: Master;
  readonly link: ReplicaLink;
  readonly failover: CoordinatedFailover;
  /** What the cluster wants to know and do. */
  readonly view: ReplicationView;
  /** The stream has bytes that replicas haven't been sent. */
  pending = false;
  private readonly masterStream: MasterStream;
  private readonly waits: ReplicaWaits;
  private expiryPaused = false;
  private clientsPaused = false;
  private scriptRuns = false;
  /** The node has started with data that is part of a stream. */
  private continuesStream = false;

  /** The role that the host knows of. */
  private toldReplica = false;

  constructor(private readonly around: ReplicationSurroundings) {
    const { host, config, log, schedule, propagation, clients } = around;
    const service = this;
    const now = () => host.monotonicClock();
    this.masterStream = new MasterStream(around);
    this.master = new Master(
      {
        log,
        schedule,
        now,
        random: () => host.random(),
        snapshots: around.persistence.snapshots,
        source: () => (!this.isReplica ? 'own' : this.link.up ? 'master' : 'broken'),
        streamDatabase: () => this.streamDatabase,
        reselect: () => propagation.restart(this.master),
        get handingOver() {
          return clients.pauses.has('failover');
        },
        get inUnit() {
          return propagation.inUnit;
        },
        progressed: () => this.replicasProgressed(),
      },
      masterSettings(config),
    );
    this.link = new ReplicaLink(
      {
        log,
        schedule,
        now,
        dial: (address, port, handler) => host.dial(address, port, handler, 'master'),
        loadSnapshot: (parts) => around.persistence.resync(parts),
        get servesOldData() {
          return service.loadingBesides;
        },
        beginStream: (database) => this.masterStream.begin(database),
        execute: (request) => {
          this.masterStream.execute(request);
          this.sendSoon();
        },
        get inTransaction() {
          return service.masterStream.session.inTransaction;
        },
        interruptStream: () => this.masterStream.interrupt(),
        get promotesMaster() {
          return service.failover.state === 'failover-in-progress';
        },
        answeredPsync: (accepted) => this.failover.answered(accepted),
        stateChanged: () => {
          this.masterStream.connect(this.link.connection);
          this.updateGates();
        },
      },
      this.master,
      linkSettings(config),
    );
    this.failover = this.createFailover();
    this.waits = new ReplicaWaits(this.master, around.blocking, around.reply);
    this.view = {
      // What is being loaded is no place in the stream yet; nodes don't send clients to a replica at 0.
      offset: () => (this.link.state === 'loading' ? 0 : this.master.history.offset),
      inUnit: () => propagation.inUnit,
      dataAge: () => this.dataAge(),
      isLoading: () => this.link.state === 'loading',
      isFollowing: () => this.isReplica,
      isLinked: () => this.link.up,
      becomeReplicaOf: (address, port) => this.follow(address, port),
      becomeMaster: () => this.becomeMaster(),
    };
    config.onChange(DIRECTIVES, () => {
      this.settingsChanged();
      return undefined;
    });
  }

  get isReplica(): boolean {
    return this.link.state !== 'off';
  }

  /** The data has been loaded: follows the master that the configuration names. */
  start(): void {
    const { replicaof } = this.around.config.values;
    if (replicaof !== null) this.follow(replicaof.host, replicaof.port, this.continuesStream);
    this.tick();
  }

  /**
   * Where the stream stands, for a dump: undefined while there is none, and in the middle of a transaction of our own (with
   * FLUSHALL in it), of which the stream says nothing yet. One of our master's would come again, FLUSHALL and all.
   */
  get streamPosition(): { id: string; offset: number; database: number } | undefined {
    if (!this.master.active || (!this.isReplica && this.around.propagation.inUnit)) return undefined;
    const { id, offset } = this.master.history;
    return { id, offset, database: Math.max(0, this.streamDatabase) };
  }

  /** The dump that the node has started with stood here in a stream: it goes on there, as its master or its replica. */
  continueStream({ id, offset, database }: { id: string; offset: number; database: number }): void {
    const { propagation } = this.around;
    if (this.around.startsAsReplica()) {
      this.master.becomeReplicaAt(id, offset);
      this.masterStream.begin(Math.max(0, database));
      this.continuesStream = true;
    } else {
      this.master.resumeAt(id, offset);
      propagation.add(this.master, TARGET.replicas);
    }
  }

  /** A key of the dump has expired since, which replicas that go on with the stream don't know. */
  expiredWhileAway(database: number, key: Bytes): void {
    const { propagation } = this.around;
    const { muted } = propagation;
    propagation.muted = false; // what is loaded isn't propagated, but this is
    propagation.words(database, 'DEL', key);
    propagation.flush();
    propagation.muted = muted;
    this.sendSoon();
  }

  private get streamDatabase(): number {
    return this.isReplica
      ? this.masterStream.session.database
      : this.around.propagation.databaseOf(this.master);
  }

  /** The end of a turn: replicas are sent what was fed. */
  flush(): void {
    this.pending = false;
    this.master.flush();
  }

  /** A command of the session has changed something, and has been propagated. */
  wrote(session: Session): void {
    if (!this.master.active) return;
    session.lastWriteOffset = this.master.history.offset;
    this.pending = true;
  }

  /** A client's connection has gone. */
  sessionClosed(session: Session): void {
    if (session === this.masterStream.session) this.link.connectionKilled();
    else this.master.closed(session.id);
  }

  // Roles

  replicaOf(address: string, port: number): { status: string } | { error: string } {
    const { config, log, clients, caller } = this.around;
    const { host } = this.link;
    if (this.failover.state !== 'no-failover')
      return { error: 'ERR REPLICAOF not allowed while failing over.' };
    if (caller.isReplica) return { error: 'ERR Command is not valid when client is a replica.' };
    if (this.isReplica && host.toLowerCase() === address.toLowerCase() && this.link.port === port) {
      log(
        'notice',
        'REPLICAOF would result into synchronization with the master we are already connected with. No operation performed.',
      );
      return { status: 'OK Already connected to specified master' };
    }
    config.record('replicaof', [address, String(port)]);
    this.follow(address, port);
    log('notice', `REPLICAOF ${address}:${port} enabled (user request from '${clients.describe(caller)}')`);
    return { status: 'OK' };
  }

  replicaOfNoOne(): string | undefined {
    if (this.failover.state !== 'no-failover') return 'ERR REPLICAOF not allowed while failing over.';
    if (this.isReplica) this.becomeMasterFor('user request');
    return undefined;
  }

  private becomeMasterFor(cause: string): void {
    const { log, clients, caller } = this.around;
    this.becomeMaster();
    log('notice', `MASTER MODE enabled (${cause} from '${clients.describe(caller)}')`);
  }

  private becomeMaster(): void {
    if (!this.isReplica) return;
    const { config } = this.around;
    config.record('replicaof', ['no', 'one']);
    this.link.stop();
    this.master.becomeMaster();
    if (this.master.active) this.around.propagation.add(this.master, TARGET.replicas);
    this.updateExpiry();
    this.updateGates();
  }

  private follow(address: string, port: number, resumable = true): void {
    const { propagation, host, blocking } = this.around;
    propagation.remove(this.master);
    blocking.disconnectAll();
    this.link.follow(address, port, resumable);
    this.updateExpiry();
    this.updateGates();
    host.wakeAtEndOfTurn();
  }

  /**
   * While writes are paused keys don't expire: nothing may be fed to replicas. During CLIENT PAUSE a replica lets its
   * master's stream wait as well.
   */
  pausesChanged(pauses: Pauses): void {
    this.expiryPaused = pauses.any;
    this.updateExpiry();
    this.clientsPaused = pauses.has('client');
    this.updateStream();
  }

  /** A script has been interrupted, or is over: meanwhile the data must not change, not even by our master's doing. */
  scriptInterrupted(runs: boolean): void {
    this.scriptRuns = runs;
    this.updateStream();
  }

  private updateStream(): void {
    this.link.pauseStream(this.clientsPaused || this.scriptRuns);
  }

  private updateExpiry(): void {
    const { keyspace, config } = this.around;
    keyspace.expiryPolicy = this.isReplica || this.expiryPaused ? 'hide' : 'remove';
    const isWritable = this.isReplica && !config.values['replica-read-only'];
    keyspace.ownExpiries = isWritable ? (keyspace.ownExpiries ?? new OwnExpiries()) : null;
  }

  /** Tells the host when the role is another than before. */
  private noteRole(): void {
    if (this.toldReplica === this.isReplica) return;
    this.toldReplica = this.isReplica;
    this.around.host.roleChanged?.(this.isReplica);
  }

  private updateGates(): void {
    this.noteRole();
    const { config, gatekeeper } = this.around;
    const { values } = config;
    const { isReplica, loadingBesides } = this;
    config.loadingBesides = loadingBesides;
    gatekeeper.set({
      readOnly: isReplica && values['replica-read-only'],
      loadingBesides,
      stale: isReplica && !this.link.up && !values['replica-serve-stale-data'],
      tooFewReplicas:
        !isReplica &&
        values['min-replicas-to-write'] > 0 &&
        values['min-replicas-max-lag'] > 0 &&
        this.master.replicas.heardWithin(values['min-replicas-max-lag']) < values['min-replicas-to-write'],
    });
  }

  /** Whether old data is served while newer arrives, as `repl-diskless-load swapdb` has it (INFO: async_loading). */
  get loadingBesides(): boolean {
    return this.around.config.values['repl-diskless-load'] === 'swapdb' && this.link.renewing;
  }

  private tick(): void {
    this.updateGates();
    this.around.schedule(1000, () => this.tick());
  }

  private settingsChanged(): void {
    const { config } = this.around;
    if (config.values['repl-backlog-size'] < SMALLEST_BACKLOG) {
      config.record('repl-backlog-size', [String(SMALLEST_BACKLOG)]);
    }
    Object.assign(this.master.settings, masterSettings(config));
    Object.assign(this.link.settings, linkSettings(config));
    this.master.resizeBacklog(config.values['repl-backlog-size']);
    this.updateExpiry();
    this.updateGates();
  }

  /**
   * Milliseconds since the master was last heard; infinite for a replica that has not been linked since it started, as
   * nobody knows what its master has written meanwhile.
   */
  private dataAge(): number {
    const now = this.around.host.monotonicClock();
    if (this.link.up) return now - this.link.lastInteraction;
    return this.link.downSince < 0 ? Number.POSITIVE_INFINITY : now - this.link.downSince;
  }

  // Handing over

  private createFailover(): CoordinatedFailover {
    const { log, schedule, clients } = this.around;
    const service = this;
    return new CoordinatedFailover({
      log,
      schedule,
      master: this.master,
      get isReplica() {
        return service.isReplica;
      },
      pauseWrites: () => clients.pause(Number.POSITIVE_INFINITY, true, 'failover'),
      resumeWrites: () => clients.unpause('failover'),
      follow: (address, port) => {
        this.around.config.record('replicaof', [address, String(port)]);
        this.follow(address, port);
      },
      becomeMaster: () => this.becomeMaster(),
    });
  }

  failOver(order: FailoverOrder): string | undefined {
    const complaint = this.failover.begin(order);
    if (complaint === undefined) this.sendSoon();
    return complaint;
  }

  abortFailover(): string | undefined {
    return this.failover.abort();
  }

  /** PSYNC id offset FAILOVER: our master asks us to take over. */
  private takeOver(replicationId: string): void {
    const { log } = this.around;
    log('warning', `Failover request received for replid ${replicationId}.`);
    if (!this.isReplica) throw new CommandError("ERR PSYNC FAILOVER can't be sent to a master.");
    if (replicationId.toLowerCase() !== this.master.history.id) {
      throw new CommandError('ERR PSYNC FAILOVER replid must match my replid.');
    }
    this.becomeMasterFor('failover request');
  }

  /** The stream has grown: replicas are sent it at the end of this turn. */
  private sendSoon(): void {
    this.pending = true;
    this.around.host.wakeAtEndOfTurn();
  }

  // Serving

  synchronise(replicationId: string | undefined, offset: number, takingOver = false): void {
    const { caller, propagation, host } = this.around;
    if (caller.isSpectator) return;
    if (takingOver) this.takeOver(replicationId!);
    if (this.failover.state !== 'no-failover') {
      throw new CommandError("NOMASTERLINK Can't SYNC while failing over");
    }
    if (this.around.owesReplies(caller)) {
      throw new CommandError('ERR SYNC and PSYNC are invalid with pending output');
    }
    const complaint = this.master.synchronise(caller, replicationId, offset);
    if (complaint !== undefined) throw new CommandError(complaint);
    caller.isReplica = true;
    if (!this.isReplica) propagation.add(this.master, TARGET.replicas);
    host.wakeAtEndOfTurn();
  }

  configure(option: string, value: string): ConfigureOutcome {
    if (option.toLowerCase() === 'getack') {
      this.link.acknowledge();
      return 'silent';
    }
    return this.master.configure(this.around.caller, option, value);
  }

  /** Something has come from a replica of ours. */
  heardOf(session: Session): void {
    this.master.heardOf(session.id);
  }

  private replicasProgressed(): void {
    this.updateGates();
    this.failover.advance();
    this.around.replicasProgressed();
    this.waits.advance();
  }

  wait(replicas: number, timeout: number): void {
    if (this.isReplica) {
      throw new CommandError(
        'ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a replica is configured to be writable (which is not the default) writes to replicas are just local and are not propagated.',
      );
    }
    if (this.waits.begin(this.around.caller, replicas, timeout)) this.sendSoon();
  }

  // Telling

  /** CONFIG RESETSTAT. */
  resetStatistics(): void {
    this.master.resetStatistics();
    this.link.receivedBytes = 0;
  }

  role(): RoleView {
    const { offset } = this.master.history;
    if (!this.isReplica) {
      const replicas = this.master.replicas.views.filter(({ state }) => state === 'online');
      return { role: 'master', offset, replicas };
    }
    const { host, port, state, up } = this.link;
    const words: Partial<Record<typeof state, string>> = {
      connect: 'connect',
      connecting: 'connecting',
      bulk: 'sync',
      transfer: 'sync',
      loading: 'sync',
      connected: 'connected',
    };
    return { role: 'slave', host, port, state: words[state] ?? 'handshake', offset: up ? offset : -1 };
  }
}

function masterSettings({ values }: Config): MasterSettings {
  const limit = values['client-output-buffer-limit'].replica;
  return {
    backlogSize: values['repl-backlog-size'],
    backlogTtl: values['repl-backlog-ttl'],
    pingPeriod: values['repl-ping-replica-period'],
    timeout: values['repl-timeout'],
    syncDelay: values['repl-diskless-sync-delay'],
    syncReplicas: values['repl-diskless-sync-max-replicas'],
    hardLimit: limit.hard,
    softLimit: limit.soft,
    softSeconds: limit.seconds,
  };
}

function linkSettings({ values }: Config): ReplicaLinkSettings {
  return {
    timeout: values['repl-timeout'],
    masterAuth: values.masterauth,
    masterUser: values.masteruser,
    announcedPort: values['replica-announce-port'] || values.port,
    announcedAddress: values['replica-announce-ip'],
  };
}
