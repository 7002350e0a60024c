/**
 * One node: the keyspace, the command table and the services around them, driven by its host.
 *
 * Input in, effects out: the host calls `start`, `accept`, a link's handler, `wake` and `endOfTurn`; the node answers
 * through its links, its disk and its log, all of them the host's. It never waits, and asks for the time only at the
 * start of what it is told, so the same inputs give the same outputs.
 *
 * A turn is everything the host has to tell at once. What commands cause leaves at its end, in an order that keeps the
 * promises: the append-only file is written first, then replicas get the stream and clients their replies, then goes
 * what the cluster has to say.
 */
import type { Cluster } from '../cluster/cluster.js';
import type { ClusterEvent } from '../cluster/environment.js';
import type { Command } from '../commands/command.js';
import { FLAG } from '../commands/command.js';
import { EVENT } from '../commands/context.js';
import { commandTable } from '../commands/index.js';
import { expireSome } from '../keyspace/active-expiry.js';
import type { Ref } from '../keyspace/arena.js';
import type { Database } from '../keyspace/database.js';
import { Keyspace, type KeyspaceListener } from '../keyspace/keyspace.js';
import { DumpPayloads } from '../persistence/rdb/dump-payload.js';
import { type Bytes, EMPTY, fromLatin1, latin1, slice } from '../protocol/bytes.js';
import { CommandError } from '../protocol/command-error.js';
import type { ReplyWriter } from '../protocol/reply-writer.js';
import type { Request } from '../protocol/request.js';
import { randomHex } from '../replication/history.js';
import { Acl } from './acl/acl.js';
import { Blocking } from './blocking.js';
import { Clients } from './clients/clients.js';
import { CLUSTER_DIRECTIVES, clusterOptions } from './cluster-options.js';
import { ClusterService, type ClusterSurroundings } from './cluster-service.js';
import type { Config } from './config/index.js';
import { Dispatcher } from './dispatcher.js';
import { Eviction } from './eviction.js';
import { facilitiesOf } from './facilities.js';
import { Gatekeeper } from './gatekeeper.js';
import type { Host, Link, LinkHandler, Log, Schedule } from './host.js';
import { Intake } from './intake.js';
import { KeyWaits } from './key-waits.js';
import { freeLazily } from './lazy-free.js';
import { createLog } from './log.js';
import { Messaging } from './messaging/messaging.js';
import { Migration } from './migration.js';
import { infoText } from './monitoring/info.js';
import { countersOf, infoSourceOf } from './monitoring/info-source.js';
import { notePeak } from './monitoring/memory-report.js';
import { Observers } from './monitoring/observers.js';
import { Rates } from './monitoring/rates.js';
import { Statistics } from './monitoring/statistics.js';
import { Stopwatch } from './monitoring/stopwatch.js';
import { NO_LINK } from './no-link.js';
import { Outbox } from './outbox.js';
import { PersistenceService } from './persistence-service.js';
import { Propagation } from './propagation.js';
import { ReplicationService } from './replication-service.js';
import { Scripting } from './scripting/scripting.js';
import { Session, type SessionOwner, SPECIAL } from './session.js';
import { Shutdown, type ShutdownOptions } from './shutdown.js';
import { SlotGate } from './slot-gate.js';
import { Timers } from './timers.js';
import { Watches } from './transactions.js';

/**
 * More bytes of replies than this don't wait for the end of the turn: they would have left the processor's caches by
 * then, and a buffer that grows to megabytes again and again costs the system more than the writes that it saves.
 */
const OUTPUT_OF_A_TURN = 64 * 1024;

/** Keys looked at by one round of active expiry. */
const EXPIRY_BUDGET = 2000;

export type { ClusterEvent };

export interface NodeOptions {
  readonly host: Host;
  readonly config: Config;
  /** Told what happens in the cluster, after the fact. */
  readonly observe?: (event: ClusterEvent) => void;
}

export class Node implements SessionOwner, KeyspaceListener {
  // What the services of this folder and `facilities.ts` work with.
  readonly host: Host;
  readonly config: Config;
  readonly keyspace: Keyspace;
  readonly statistics = new Statistics(commandTable.all.length);
  readonly rates = new Rates();
  readonly clients: Clients;
  readonly blocking: Blocking;
  private readonly keyWaits: KeyWaits;
  readonly outbox = new Outbox(this.statistics);
  readonly messaging: Messaging;
  readonly observers: Observers;
  readonly propagation = new Propagation();
  readonly watches = new Watches();
  readonly gatekeeper = new Gatekeeper(commandTable);
  readonly acl: Acl;
  readonly dispatcher: Dispatcher;
  readonly persistence: PersistenceService;
  readonly payloads: DumpPayloads;
  readonly migration: Migration;
  private readonly eviction: Eviction;
  readonly replication: ReplicationService;
  readonly shutdowns: Shutdown;
  /** 40 hexadecimal digits, new at every start. */
  readonly runId: string;
  /** Null outside cluster mode. */
  readonly clusterService: ClusterService | null;
  /** Whether keys are removed when their time has passed although nobody asks for them. */
  activeExpiry = true;
  /** DEBUG PAUSE-CRON: what the node does every so often is left out. */
  cronPaused = false;

  readonly scripting: Scripting;
  /** Who runs the commands of scripts. */
  private readonly scriptSession = new Session(0, NO_LINK, 0, this);
  /** Who runs the commands of the append-only file. */
  private readonly replayer = new Session(0, NO_LINK, 0, this);
  private readonly intake: Intake;
  private readonly timers: Timers;
  /** The node has failed, and nothing may leave it any more. */
  private crashed = false;

  /** Composes the node. Reads nodes.conf in cluster mode; throws when it is corrupt. */
  constructor({ host, config, observe }: NodeOptions) {
    this.host = host;
    this.config = config;
    this.log = createLog(host, config, () => this.roleCharacter);
    const { values } = config;
    const clusterMode = values['cluster-enabled'];
    this.keyspace = new Keyspace({
      databases: clusterMode ? 1 : values.databases,
      clusterMode,
      random: () => host.random(),
      listener: this,
      limits: values,
    });
    this.runId = randomHex(() => host.random());
    this.statistics.startedAt = host.wallClock();
    this.timers = new Timers((time) => host.wakeAt(time));
    const monotonic = () => host.monotonicClock();
    this.blocking = new Blocking(this.outbox, this.timers, monotonic, () => host.wakeAtEndOfTurn());
    this.keyWaits = new KeyWaits(this.blocking, this.keyspace.databases);
    this.messaging = this.createMessaging();
    const stopwatch = new Stopwatch(
      () => monotonic() * 1000,
      (command, microseconds, calls) => this.statistics.recordTime(command.id, microseconds, calls),
    );
    this.observers = this.createObservers(stopwatch);
    this.clients = this.createClients();
    this.payloads = new DumpPayloads(values, this.log);
    this.persistence = new PersistenceService(this);
    this.replication = new ReplicationService(this);
    this.acl = this.createAcl();
    this.shutdowns = new Shutdown(this);
    this.clusterService = clusterMode ? new ClusterService(this.clusterSurroundings(observe)) : null;
    const slotGate =
      this.clusterService &&
      new SlotGate(this.clusterService.cluster, this.keyspace.databases[0], this.flagsOf);
    this.dispatcher = this.createDispatcher(stopwatch, slotGate);
    this.eviction = this.createEviction();
    this.migration = this.createMigration();
    this.scripting = this.createScripting(slotGate);
    this.intake = new Intake(this);
    this.scriptSession.mayBlock = false;
    this.replayer.replays = true;
    freeLazily(this.keyspace.disposal, this.schedule);
    this.dispatcher.server = facilitiesOf(this);
    config.onChange(CLUSTER_DIRECTIVES, () => {
      this.clusterService?.optionsChanged();
      return undefined;
    });
  }

  // What the services need of the node, and what they tell it. Some of it is there only when all are.

  private createMessaging(): Messaging {
    const { host, outbox, config, keyspace } = this;
    return new Messaging({
      outbox,
      config,
      keyspace,
      wallClock: () => host.wallClock(),
      wakeAtEndOfTurn: () => host.wakeAtEndOfTurn(),
      sessionById: (id) => this.clients.openSession(id),
      observersChanged: () => this.observers.update(),
    });
  }

  private createObservers(stopwatch: Stopwatch): Observers {
    const { host, config, statistics, messaging, blocking } = this;
    const observers = new Observers({
      config,
      stopwatch,
      statistics,
      monitors: messaging.monitors,
      tracking: messaging.tracking,
      wallClock: () => host.wallClock(),
      isBlocked: (session) => blocking.isBlocked(session),
    });
    blocking.unblocked = (session) => observers.unblocked(session);
    blocking.failed = ({ lastCommand }) => {
      if (lastCommand !== null) this.dispatcher.countFailure(lastCommand);
    };
    return observers;
  }

  private createClients(): Clients {
    const { host, config, log, timers, blocking, messaging, statistics, watches } = this;
    return new Clients({
      config,
      log,
      timers,
      blocking,
      messaging,
      wallClock: () => host.wallClock(),
      monotonicClock: () => host.monotonicClock(),
      welcome: (session) => this.acl.welcome(session),
      requestBytes: () => this.requestBytes,
      watchedKeys: (session) => watches.countOf(session),
      evicted: () => {
        statistics.evictedClients++;
      },
      pausesChanged: (pauses) => {
        this.gatekeeper.set({ paused: pauses.any });
        this.replication.pausesChanged(pauses);
      },
    });
  }

  private createAcl(): Acl {
    const { host, config, log, messaging, clients } = this;
    return new Acl({
      config,
      disk: host.disk,
      log,
      pubsub: messaging.pubsub,
      wallClock: () => host.wallClock(),
      random: () => host.random(),
      sessions: () => clients.sessions.values(),
      describe: (session) => clients.describe(session),
      disconnect: (session) => clients.end(session),
      call: () => this.dispatcher,
    });
  }

  private createDispatcher(stopwatch: Stopwatch, slotGate: SlotGate | null): Dispatcher {
    const { messaging, clients, replication } = this;
    return new Dispatcher({
      table: this.config.commands,
      keyspace: this.keyspace,
      reply: this.outbox.writer,
      gatekeeper: this.gatekeeper,
      acl: this.acl,
      propagation: this.propagation,
      statistics: this.statistics,
      watches: this.watches,
      keyWaits: this.keyWaits,
      slotGate,
      stopwatch,
      notifications: messaging.notifications,
      tracking: messaging.tracking,
      observers: this.observers,
      deliveries: messaging.deliveries,
      postpones: (session, command, request) =>
        (clients.pauses.any && clients.pauses.holds(session, command, this.flagsOf(command, request))) ||
        this.migration.holds(session, command, request),
      makeRoom: () => this.eviction.makeRoom(),
      hangUp: (session) => this.hangUp(session),
      rejectReplica: (session, command, error) => this.rejectReplica(session, command, error),
      wrote: (session) => replication.wrote(session),
      flagsOf: this.flagsOf,
    });
  }

  private createEviction(): Eviction {
    const { config, clients, replication, gatekeeper } = this;
    return new Eviction({
      host: this.host,
      config,
      schedule: this.schedule,
      keyspace: this.keyspace,
      gatekeeper,
      propagation: this.propagation,
      statistics: this.statistics,
      dispatcher: () => this.dispatcher,
      bufferBytes: () => clients.bufferBytes + replication.master.backlogBytes,
      mustNot: () =>
        (replication.isReplica && config.values['replica-ignore-maxmemory']) ||
        gatekeeper.loading ||
        clients.pauses.any,
    });
  }

  private createMigration(): Migration {
    return new Migration({
      host: this.host,
      schedule: this.schedule,
      blocking: this.blocking,
      dispatcher: this.dispatcher,
      gatekeeper: this.gatekeeper,
      payloads: this.payloads,
      clusterMode: this.clusterService !== null,
      isReplica: () => this.replication.isReplica,
      setClock: () => this.setClock(),
    });
  }

  private createScripting(slotGate: SlotGate | null): Scripting {
    const { config, clients, replication } = this;
    return new Scripting({
      host: this.host,
      keyspace: this.keyspace,
      outbox: this.outbox,
      blocking: this.blocking,
      schedule: this.schedule,
      log: this.log,
      threshold: () => config.values['busy-reply-threshold'],
      clusterMode: this.clusterService !== null,
      hold: (whom) => {
        replication.scriptInterrupted(true);
        if (whom === 'everybody') clients.pause(Number.POSITIVE_INFINITY, false, 'debugger');
      },
      letGo: () => {
        replication.scriptInterrupted(false);
        clients.unpause('debugger');
      },
      wrote: (session) => replication.wrote(session),
      makeRoom: () => this.eviction.makeRoom(),
      payloads: this.payloads,
      table: config.commands,
      dispatcher: this.dispatcher,
      gatekeeper: this.gatekeeper,
      acl: this.acl,
      propagation: this.propagation,
      statistics: this.statistics,
      slotGate,
      session: this.scriptSession,
    });
  }

  private clusterSurroundings(emit: (event: ClusterEvent) => void = () => {}): ClusterSurroundings {
    const { host, config, keyspace } = this;
    return {
      host,
      options: () => clusterOptions(config),
      configFile: config.values['cluster-config-file'],
      database: keyspace.databases[0],
      replication: this.replication.view,
      log: this.log,
      schedule: this.schedule,
      emit,
      deliver: (channel, message, sharded) => {
        this.messaging.pubsub.publish(channel, message, sharded);
      },
      slotsReleased: (slots) => this.messaging.pubsub.slotsReleased(slots),
      keyDropped: (db, ref) => this.keyGoes(db, ref, 0, ''),
      flushAll: () => this.emptyAll(),
      pauseWrites: (milliseconds) => this.clients.pause(milliseconds, true, 'failover'),
      resumeWrites: () => this.clients.unpause('failover'),
    };
  }

  /**
   * Loads the data and begins to work. Calls `started` then; with false, the reason logged, when the node must not
   * start. Little data has been loaded when this returns. Clients may connect before; they are told that the data is
   * being loaded. Other nodes may not.
   */
  start(started: (ok: boolean) => void): void {
    this.setClock();
    this.persistence.load((ok) => {
      if (ok) this.begin();
      started(ok);
    });
  }

  private begin(): void {
    this.replication.start();
    this.eviction.start();
    this.clusterService?.start();
    this.every(100, () => {
      if (this.scripting.busyError === undefined) {
        this.shutdowns.tick();
        if (this.activeExpiry && this.keyspace.expiryPolicy === 'remove') this.expire();
        if (this.activeExpiry) this.keyspace.ownExpiries?.expire(EXPIRY_BUDGET);
      }
      for (const db of this.keyspace.databases) db.settle();
      notePeak(this);
      this.rates.sample(this.host.monotonicClock(), countersOf(this));
      if (this.clusterService !== null && this.keyWaits.any)
        this.redirectWaiters(this.clusterService.cluster);
    });
    this.every(1000, () => this.clients.tick());
  }

  private expire(): void {
    const begun = this.host.monotonicClock();
    expireSome(this.keyspace, EXPIRY_BUDGET);
    this.propagation.flush(false);
    if (this.keyWaits.anyReady) this.dispatcher.serveWaiters();
    this.observers.latency.add('expire-cycle', this.host.monotonicClock() - begun);
  }

  /** A client has connected. The answer handles what happens on the link. */
  accept(link: Link): LinkHandler {
    if (this.clients.sessions.size + this.busConnections >= this.config.values.maxclients) {
      return this.refuseConnection(link);
    }
    const session = new Session(this.clients.takeId(), link, this.host.wallClock(), this);
    this.statistics.connectionsReceived++;
    this.clients.add(session);
    return session;
  }

  /** Number of connections of the cluster bus. */
  get busConnections(): number {
    return this.clusterService?.cluster.view.connections ?? 0;
  }

  /** Bytes that wait in them. */
  get busBytes(): number {
    return this.clusterService?.cluster.view.linkBytes ?? 0;
  }

  private refuseConnection(link: Link): LinkHandler {
    const what = this.clusterService === null ? 'clients' : 'clients + cluster connections';
    const refusal = fromLatin1(`-ERR max number of ${what} reached\r\n`);
    link.write(refusal, 0, refusal.length);
    link.close();
    this.statistics.rejectedConnections++;
    return { received() {}, closed() {} };
  }

  /** Another node has connected to the bus port. Cluster mode only. */
  acceptBus(link: Link): LinkHandler {
    return this.clusterService!.accept(link);
  }

  /** The time asked for with `host.wakeAt` has come. */
  wake(): void {
    if (this.crashed) return;
    this.setClock();
    this.timers.run(this.host.monotonicClock());
    this.host.wakeAtEndOfTurn();
  }

  /** All events at hand have been handled. */
  endOfTurn(): void {
    if (this.crashed) return;
    this.setClock();
    for (const session of this.blocking.takeRunnable()) this.serve(session, EMPTY, 0, 0);
    this.release();
    if (this.crashed) return;
    this.clusterService?.cluster.afterEvents();
  }

  /**
   * What clients' commands have caused leaves: the log first, then what replicas are sent, then replies. So a write is on
   * its way to the replicas before anybody hears of it, and who then reads from one will hardly find it behind.
   */
  private release(): void {
    this.persistence.flush();
    if (this.crashed) return;
    this.replication.flush();
    this.messaging.tracking.broadcast();
    this.outbox.flush();
    this.clients.eviction.settle();
  }

  /** Runs an action once, so many milliseconds from now; answers how to call it off. */
  readonly schedule: Schedule = (milliseconds, action) => {
    const timer = this.timers.at(this.host.monotonicClock() + milliseconds, action);
    return () => this.timers.cancel(timer);
  };

  /** The command's flags, or those of the script that it runs. */
  private readonly flagsOf = (command: Command, request: Request): number =>
    this.scripting.flagsOf(command, request);

  /** One event for the log. */
  readonly log: Log;
  /** When an attacker was last logged. */
  private hungUpAt = Number.NEGATIVE_INFINITY;

  /** How log lines name the role: M(aster) or S(lave), as in Redis. */
  private get roleCharacter(): 'M' | 'S' {
    return this.replication.isReplica ? 'S' : 'M';
  }

  /** Sessions that wait for keys which are another node's by now are sent there. */
  private redirectWaiters(cluster: Cluster): void {
    this.keyWaits.redirect((slot, { flags }, { readonly, isPlaintext }) =>
      cluster.routeBlocked({
        slot,
        write: (flags & FLAG.write) !== 0,
        readonly,
        plain: isPlaintext,
      }),
    );
  }

  /** Closes the connection of somebody who speaks HTTP, and says so in the log, once a minute at most. */
  private hangUp(session: Session): null {
    const now = this.host.monotonicClock();
    if (now - this.hungUpAt > 60_000) {
      this.hungUpAt = now;
      this.log(
        'warning',
        'Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis. This ' +
          'is likely due to an attacker attempting to use Cross Protocol Scripting to compromise your Redis ' +
          'instance. Connection aborted.',
      );
    }
    session.closeAfterReply();
    return null;
  }

  private rejectReplica(session: Session, command: string, error: string | undefined): void {
    if (error !== undefined) {
      this.statistics.unexpectedErrors++;
      this.log(
        'warning',
        `== CRITICAL == This master is sending an error to its replica: '-${error}' after processing the command '${command}'`,
      );
    }
    const client = this.clients.describe(session);
    this.log('warning', `Replica generated a reply to command '${command}', disconnecting it: ${client}`);
    session.closeAfterReply();
  }

  /** Whether the session, whose command is running, has been answered before and not yet been sent the answer. */
  owesReplies(session: Session): boolean {
    return this.intake.hasReplied || this.outbox.owes(session);
  }

  /** Runs `work` every so many milliseconds, on the monotonic clock. */
  private every(interval: number, work: () => void): void {
    const again = () => {
      if (!this.cronPaused) work();
      this.timers.at(this.host.monotonicClock() + interval, again);
    };
    this.timers.at(this.host.monotonicClock() + interval, again);
  }

  /** Notes the time for what comes now. */
  setClock(): void {
    const now = this.host.wallClock();
    this.keyspace.now = this.dispatcher.now = now;
    this.clusterService?.noticePause(now);
  }

  // Sessions

  serve(session: Session, bytes: Bytes, start: number, end: number): void {
    if (this.crashed) return;
    if (session.isReplica) this.replication.heardOf(session);
    this.intake.take(session, bytes, start, end);
    if (this.outbox.writer.length > OUTPUT_OF_A_TURN) this.release();
    if (this.turnHasWork) this.host.wakeAtEndOfTurn();
  }

  /** Whether something waits for the end of the turn. */
  private get turnHasWork(): boolean {
    const clusterHasWork = this.clusterService?.cluster.hasWork ?? false;
    if (this.clients.eviction.pending) return true;
    return this.outbox.waiting || this.persistence.pending || this.replication.pending || clusterHasWork;
  }

  isServing(session: Session): boolean {
    return this.dispatcher.session === session;
  }

  /** Bytes of the request being run. */
  private get requestBytes(): number {
    const { first, last } = this.dispatcher.request;
    return last - first;
  }

  allowsOutput(session: Session, bytes: number): boolean {
    const { outputLimits, eviction } = this.clients;
    eviction.touched(session);
    return bytes < outputLimits.lowest || outputLimits.allows(session, bytes);
  }

  sessionClosed(session: Session): void {
    if (session.gone) return;
    session.gone = true;
    this.clients.remove(session);
    this.eviction.clientLeft();
    this.messaging.forget(session);
    this.observers.forget(session);
    this.blocking.forget(session);
    this.watches.removeAll(session);
    this.migration.forget(session);
    this.replication.sessionClosed(session);
    if (session.special & SPECIAL.debugging) this.scripting.debuggerLeft();
  }

  // What happens to keys by itself

  expiring(db: Database, ref: Ref): void {
    this.keyGoes(db, ref, EVENT.expired, 'expired');
  }

  /** A key is about to be removed without a command asking for it; `eventClass` 0: nobody hears of it. */
  private keyGoes(db: Database, ref: Ref, eventClass: number, event: string): void {
    const { tracking, notifications } = this.messaging;
    const buffer = db.buffer(ref);
    const start = db.keyStart(ref);
    const end = db.keyEnd(ref);
    if (this.watches.any) this.watches.keyChanged(db, buffer, start, end);
    if (tracking.any) tracking.keyChanged(buffer, start, end, null);
    if (this.keyWaits.any) this.keyWaits.keyChanged(db, buffer, start, end);
    notifications.report(eventClass, event, db.index, buffer, start, end);
    if (this.propagation.active) this.propagation.words(db.index, 'DEL', slice(buffer, start, end));
  }

  // What the services ask for

  /** Runs a command from the append-only file; answers false when there is no such command. */
  replay(request: Request): boolean {
    const { dispatcher, replayer } = this;
    const { writer } = this.outbox;
    const mark = writer.length;
    const command = dispatcher.find(replayer, request);
    if (command !== null) dispatcher.execute(replayer, command, request);
    writer.length = mark;
    return command !== null;
  }

  get caller(): Session {
    return this.dispatcher.session;
  }

  get reply(): ReplyWriter {
    return this.outbox.writer;
  }

  /** Runs a command of our master's stream. */
  dispatchFor(session: Session, request: Request): void {
    this.dispatcher.dispatch(session, request);
  }

  beginReplay(): void {
    this.replayer.database = 0;
  }

  /** A library from an RDB file; answers what is wrong with it. */
  loadLibrary(code: Bytes, mayReplace: boolean): string | undefined {
    try {
      this.scripting.loadLibrary(latin1(code), mayReplace, false);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      return error.message;
    }
    return undefined;
  }

  /** The libraries, for snapshots. */
  get libraryCodes(): string[] {
    return this.scripting.libraryCodes;
  }

  /** Everything goes, functions too: a full resync, a reset replica. */
  emptyAll(): void {
    this.scripting.flushLibraries();
    for (const db of this.keyspace.databases) {
      this.dispatcher.replacing(db);
      db.clear();
    }
  }

  info(sections: readonly string[]): string {
    return infoText(sections, infoSourceOf(this));
  }

  get streamPosition(): ReplicationService['streamPosition'] {
    return this.replication.streamPosition;
  }

  continueStream(position: Parameters<ReplicationService['continueStream']>[0]): void {
    this.replication.continueStream(position);
  }

  expiredWhileAway(database: number, key: Bytes): void {
    this.replication.expiredWhileAway(database, key);
  }

  /** Whether the node is to follow a master when it has started. */
  startsAsReplica(): boolean {
    return this.config.values.replicaof !== null || this.clusterService?.cluster.myself.isReplica === true;
  }

  /** Ends at once: what was promised can't be kept, so nothing more may be promised. */
  crash(code: number): void {
    this.crashed = true;
    this.host.exit(code);
  }

  /** Ends as SHUTDOWN does; answers why it can't, or undefined when it is ending. */
  shutdown(options: ShutdownOptions): string | undefined {
    return this.shutdowns.begin(options);
  }

  /** A signal asks for the same. */
  requestShutdown(options: ShutdownOptions): void {
    this.shutdowns.ask(options);
  }

  endCluster(): void {
    this.clusterService?.cluster.saveConfig();
  }

  replicasProgressed(): void {
    this.shutdowns.advance();
  }
}
