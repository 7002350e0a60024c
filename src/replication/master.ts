/**
 * The serving side of replication: synchronises replicas and sends them the stream of changes. Every node has one; on
 * a node that is a replica itself it is fed its master's stream byte for byte, so that replicas of replicas share ids
 * and offsets with all others (PSYNC2).
 *
 * A replica that asks (PSYNC) goes on where it was if the stream is the same and the backlog reaches back that far
 * (+CONTINUE). Otherwise (+FULLRESYNC) it gets a snapshot and then the stream from the snapshot's moment on. One
 * snapshot is under way at a time and serves all replicas that were waiting when it began. Unless told otherwise it begins
 * at once: without a fork to save there is little to gain by waiting for more replicas (`repl-diskless-sync-delay`).
 *
 * `feed` only appends to the backlog; `flush`, at the end of the turn, sends each replica everything behind its place
 * in one write. Offsets count from the moment the backlog exists: while nobody ever asked to replicate, feeding is
 * free.
 *
 * Specification: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/ and redis 7.0
 * `replication.c`.
 */
import type { Log, Schedule } from '../node/host.js';
import { EVERYTHING, type SnapshotSource } from '../persistence/snapshots.js';
import { type Bytes, fromLatin1 } from '../protocol/bytes.js';
import { encodeRequest } from '../protocol/request-parser.js';
import { Backlog } from './backlog.js';
import { type FullSyncSettings, FullSyncs } from './full-syncs.js';
import { ReplicationHistory } from './history.js';
import { MOST_BUFFERED, PATIENCE } from './pace.js';
import type { ConfigureOutcome, Replica, ReplicaConnection } from './replica.js';
import type { OutputSettings } from './replica-output.js';
import { Replicas } from './replicas.js';
import { resumption } from './resumption.js';

export interface MasterSettings extends FullSyncSettings, OutputSettings {
  /** `repl-backlog-size`, bytes; `repl-backlog-ttl`, seconds, 0 for ever. */
  backlogSize: number;
  backlogTtl: number;
  /** `repl-ping-replica-period` and `repl-timeout`, seconds. */
  pingPeriod: number;
  timeout: number;
}

export interface MasterEnvironment {
  readonly log: Log;
  readonly schedule: Schedule;
  /** Monotonic clock, milliseconds. */
  now(): number;
  /** Unsigned 32-bit random numbers. */
  random(): number;
  readonly snapshots: SnapshotSource;
  /** Whose stream is fed: this node's own, or its master's, which may have broken off. */
  source(): 'own' | 'master' | 'broken';
  /** The database that the stream has selected, -1 when the next command will select one. */
  streamDatabase(): number;
  /** The next command fed must come behind a SELECT. Not called for a master's stream. */
  reselect(): void;
  /** A failover waits for replicas to acknowledge everything: the stream is to stay as it is. */
  readonly handingOver: boolean;
  /** A transaction or a script is half done: the data is not what the stream says. */
  readonly inUnit: boolean;
  /** A replica has acknowledged more (WAIT), or the set of replicas has changed. */
  progressed(): void;
}

/** What replicas have been given since the start, or since CONFIG RESETSTAT. */
export interface Served {
  fullSyncs: number;
  partialSyncs: number;
  /** Asked for in vain. */
  refusedPartialSyncs: number;
  /** Of snapshots and of the stream. */
  sentBytes: number;
}

const PING = encodeRequest(['PING']);
const GET_ACK = encodeRequest(['REPLCONF', 'GETACK', '*']);
const NEWLINE = fromLatin1('\n');
const ONE_SECOND = 1000;

/** Whether the stream is kept for the replica. */
function isSentTo({ state, snapshotOnly }: Replica): boolean {
  return !snapshotOnly && (state === 'online' || state === 'transfer' || state === 'saving');
}

export class Master {
  readonly history: ReplicationHistory;
  backlog: Backlog | null = null;
  readonly served: Served = { fullSyncs: 0, partialSyncs: 0, refusedPartialSyncs: 0, sentBytes: 0 };

  readonly replicas: Replicas;
  private readonly fullSyncs: FullSyncs;
  private retryScheduled = false;
  private acknowledgementsWanted = false;
  private withoutReplicasSince = 0;
  private ticks = 0;

  constructor(
    private readonly env: MasterEnvironment,
    readonly settings: MasterSettings,
  ) {
    this.history = new ReplicationHistory(() => env.random());
    this.replicas = new Replicas(() => env.now());
    this.withoutReplicasSince = env.now();
    const master = this;
    this.fullSyncs = new FullSyncs(
      {
        log: env.log,
        schedule: env.schedule,
        now: () => env.now(),
        random: () => env.random(),
        snapshots: env.snapshots,
        get inUnit() {
          return env.inUnit;
        },
        get waiting() {
          return [...master.replicas].filter(({ state }) => state === 'waiting');
        },
        get position() {
          const { id, offset } = master.history;
          return { id, offset, database: Math.max(0, env.streamDatabase()) };
        },
        begun: () => {
          if (env.source() === 'own') env.reselect();
        },
        sent: (bytes) => {
          this.served.sentBytes += bytes;
        },
        ended: (replicas, streamed) => this.synchronised(replicas, streamed),
      },
      settings,
    );
    env.schedule(ONE_SECOND, () => this.tick());
  }

  // The stream

  /** Appends bytes[start, end), whole commands in RESP, to the stream. */
  feed(bytes: Bytes, start: number, end: number): void {
    if (this.backlog === null) return;
    this.backlog.append(bytes, start, end);
    this.history.offset += end - start;
  }

  /** Whether anything is to be fed. */
  get active(): boolean {
    return this.backlog !== null;
  }

  /** What the backlog holds for replicas that may come back, without what some have yet to be sent. */
  get backlogBytes(): number {
    const { backlog } = this;
    return backlog === null ? 0 : backlog.length - this.unsentBytes;
  }

  /** What the backlog holds beyond its size because some replicas have yet to be sent it. */
  get unsentBytes(): number {
    const { backlog } = this;
    if (backlog === null) return 0;
    let needed = backlog.end;
    for (const replica of this.replicas) if (isSentTo(replica)) needed = Math.min(needed, replica.sent);
    return Math.max(0, backlog.end - backlog.size - needed);
  }

  /** The turn's end: sends every replica what it hasn't been sent. */
  flush(): void {
    if (this.acknowledgementsWanted) this.feedGetAck();
    const { backlog } = this;
    if (backlog === null) return;
    let needed = backlog.end;
    for (const replica of this.replicas) {
      if (replica.state === 'online' && !replica.awaitsFirstAck) this.sendStream(replica, backlog);
      if (isSentTo(replica)) {
        if (this.overLimit(replica, backlog)) this.drop(replica);
        else needed = Math.min(needed, replica.sent);
      }
    }
    backlog.trim(needed);
  }

  private sendStream(replica: Replica, backlog: Backlog): void {
    const { link } = replica;
    while (replica.sent < backlog.end) {
      if (link.buffered > MOST_BUFFERED) {
        this.retryLater();
        return;
      }
      const before = replica.sent;
      replica.sent = backlog.read(before, (bytes, start, end) => link.write(bytes, start, end));
      this.served.sentBytes += replica.sent - before;
    }
  }

  private retryLater(): void {
    if (this.retryScheduled) return;
    this.retryScheduled = true;
    this.env.schedule(PATIENCE, () => {
      this.retryScheduled = false;
      this.flush();
    });
  }

  /** Whether a replica's output has passed the limits; says so in the log. */
  private overLimit(replica: Replica, backlog: Backlog): boolean {
    const size = backlog.end - replica.sent + (replica.state === 'online' ? replica.link.buffered : 0);
    if (replica.output.allows(size, this.env.now(), this.settings)) return false;
    this.env.log(
      'warning',
      `Replica ${replica.name} scheduled to be closed ASAP for overcoming of output buffer limits.`,
    );
    return true;
  }

  // Synchronisation

  /** REPLCONF option value: whether it is answered OK, an error or not at all. */
  configure(connection: ReplicaConnection, option: string, value: string): ConfigureOutcome {
    const replica = this.replicas.of(connection);
    if (option.toLowerCase() !== 'ack') return replica.configure(option, value);
    this.acknowledge(replica, Number(value));
    return 'silent';
  }

  /**
   * PSYNC id offset; SYNC has no id. From now on the connection is a replica, and this class writes to its link.
   * Answers an error reply when that can't be.
   */
  synchronise(connection: ReplicaConnection, id: string | undefined, offset: number): string | undefined {
    const { log } = this.env;
    const replica = this.replicas.of(connection);
    if (replica.state !== 'configuring') return undefined;
    if (this.env.source() === 'broken') {
      return "NOMASTERLINK Can't SYNC while not connected with my master";
    }
    if (replica.contents !== EVERYTHING && !replica.takesStreamedSnapshot) {
      return 'ERR Filtered replica requires EOF capability';
    }
    log('notice', `Replica ${replica.name} asks for synchronization`);
    if (Number.isNaN(offset)) {
      log('warning', `Replica ${replica.name} asks for synchronization but with a wrong offset`);
      return 'ERR value is not an integer or out of range';
    }
    if (id === undefined) replica.isOld = true;
    else if (this.continueStream(replica, id, offset)) return undefined;
    else if (!id.startsWith('?')) this.served.refusedPartialSyncs++;
    this.served.fullSyncs++;
    replica.state = 'waiting';
    if (this.backlog === null) {
      this.history.renew();
      this.createBacklog();
      log(
        'notice',
        `Replication backlog created, my new replication IDs are '${this.history.id}' and '${this.history.secondId}'`,
      );
    }
    this.fullSyncs.request();
    return undefined;
  }

  /** The partial synchronisation, if it is possible. */
  private continueStream(replica: Replica, id: string, offset: number): boolean {
    const { history } = this;
    const { log } = this.env;
    const outcome = resumption(history, this.backlog, { id: id.toLowerCase(), offset, name: replica.name });
    if ('refusal' in outcome) {
      for (const [level, text] of outcome.refusal) log(level, text);
      return false;
    }
    const { place, backlog } = outcome;
    this.served.partialSyncs++;
    replica.state = 'online';
    replica.sent = place;
    replica.acknowledgedAt = this.env.now();
    write(replica, replica.knowsIdChanges ? `+CONTINUE ${history.id}\r\n` : '+CONTINUE\r\n');
    log(
      'notice',
      `Partial resynchronization request from ${replica.name} accepted. Sending ${backlog.end - place} bytes of backlog starting from offset ${offset}.`,
    );
    this.sendStream(replica, backlog);
    this.env.progressed();
    return true;
  }

  /** Replicas have been sent a whole snapshot. */
  private synchronised(replicas: ReadonlySet<Replica>, streamed: boolean): void {
    for (const replica of replicas) {
      if (replica.snapshotOnly) {
        this.env.log(
          'notice',
          `RDB transfer completed, rdb only replica (${replica.name}) should be disconnected asap`,
        );
        this.forget(replica);
        replica.link.close();
        continue;
      }
      replica.state = 'online';
      replica.awaitsFirstAck = streamed;
      replica.acknowledgedAt = this.env.now();
      if (streamed) {
        this.env.log(
          'notice',
          `Streamed RDB transfer with replica ${replica.name} succeeded (socket). Waiting for REPLCONF ACK from slave to enable streaming`,
        );
      }
      this.env.log('notice', `Synchronization with replica ${replica.name} succeeded`);
    }
    this.env.progressed();
    this.flush();
  }

  /** A replica has sent something: while it loads a snapshot, empty lines, to say that it is alive. */
  heardOf(connectionId: number): void {
    const replica = this.replicas.get(connectionId);
    if (replica !== undefined) replica.acknowledgedAt = this.env.now();
  }

  private acknowledge(replica: Replica, offset: number): void {
    if (replica.state !== 'online' || !Number.isSafeInteger(offset)) return;
    replica.acknowledgedAt = this.env.now();
    if (offset > replica.acknowledged) replica.acknowledged = offset;
    if (replica.awaitsFirstAck) {
      replica.awaitsFirstAck = false;
      this.flush();
    }
    this.env.progressed();
  }

  // Roles

  /** The node has stopped following its master: a stream of its own begins here. Its replicas come back for it. */
  becomeMaster(): void {
    const { history } = this;
    history.branch();
    this.env.log(
      'warning',
      `Setting secondary replication ID to ${history.secondId}, valid up to offset: ${history.secondOffset}. New replication ID is ${history.id}`,
    );
    this.disconnectReplicas();
    this.withoutReplicasSince = this.env.now();
    this.env.reselect();
  }

  /** The data is about to be replaced: nobody goes on with the stream that led to it. */
  forsake(): void {
    this.disconnectReplicas();
    this.backlog = null;
  }

  /** The node's data has become that of another stream at this offset. */
  becomeReplicaAt(id: string, offset: number): void {
    this.disconnectReplicas();
    this.history.adopt(id, offset);
    this.createBacklog();
  }

  /** The node's data has become that of a master that doesn't say where: no other node goes on with what came before. */
  becomeReplicaOfOld(): void {
    this.disconnectReplicas();
    this.history.renew();
    this.createBacklog();
  }

  /** The node has started as a master, with data that stands here in the stream it had: its replicas go on from there. */
  resumeAt(id: string, offset: number): void {
    this.history.branchFrom(id, offset);
    this.createBacklog();
    this.withoutReplicasSince = this.env.now();
  }

  /** The master's stream goes on under another id. */
  continueAs(id: string): void {
    if (id === this.history.id) return;
    this.history.continueAs(id);
    this.disconnectReplicas();
  }

  /** A replica keeps a backlog from the beginning: it may be promoted. */
  createBacklog(): void {
    this.backlog = new Backlog(this.history.offset, this.settings.backlogSize);
  }

  /** CONFIG SET repl-backlog-size. */
  resizeBacklog(size: number): void {
    this.settings.backlogSize = size;
    if (this.backlog !== null) this.backlog.size = size;
  }

  /** CONFIG RESETSTAT. */
  resetStatistics(): void {
    Object.assign(this.served, { fullSyncs: 0, partialSyncs: 0, refusedPartialSyncs: 0, sentBytes: 0 });
  }

  disconnectReplicas(): void {
    for (const replica of this.replicas) if (replica.state !== 'configuring') this.drop(replica);
  }

  /** A client's connection has gone. */
  closed(connectionId: number): void {
    const replica = this.replicas.get(connectionId);
    if (replica !== undefined) this.forget(replica);
  }

  private drop(replica: Replica): void {
    this.forget(replica);
    replica.link.destroy();
  }

  private forget(replica: Replica): void {
    this.replicas.remove(replica);
    this.fullSyncs.leave(replica);
    if (this.replicas.count === 0) this.withoutReplicasSince = this.env.now();
    if (replica.state === 'configuring') return;
    this.env.log('warning', `Connection with replica ${replica.name} lost.`);
    this.env.progressed();
  }

  // What others ask

  /** When the snapshot under way began (monotonic clock), -1 when none is. */
  get fullSyncSince(): number {
    return this.fullSyncs.since;
  }

  /**
   * Asks all replicas to acknowledge at once (WAIT), with the next `flush`: once for all who want it by then. Not while
   * the stream is to stay as it is: they acknowledge every second by themselves.
   */
  requestAcknowledgements(): void {
    if (this.env.source() === 'own' && !this.env.handingOver) this.acknowledgementsWanted = true;
  }

  private feedGetAck(): void {
    this.acknowledgementsWanted = false;
    if (this.env.source() === 'own') this.feed(GET_ACK, 0, GET_ACK.length); // unless it has become a replica meanwhile
  }

  // Once a second

  private tick(): void {
    this.env.schedule(ONE_SECOND, () => this.tick());
    const { pingPeriod, backlogTtl } = this.settings;
    const { count } = this.replicas;
    const pinging = count > 0 && ++this.ticks % pingPeriod === 0;
    if (pinging && this.env.source() === 'own' && !this.env.handingOver) {
      this.feed(PING, 0, PING.length);
    }
    for (const replica of this.replicas) this.watch(replica);
    this.flush();
    if (count === 0 && backlogTtl > 0 && this.backlog !== null && this.env.source() === 'own') {
      if (this.env.now() - this.withoutReplicasSince <= backlogTtl * ONE_SECOND) return;
      this.history.renew();
      this.backlog = null;
      this.env.log(
        'notice',
        `Replication backlog freed after ${backlogTtl} seconds without connected replicas.`,
      );
    }
  }

  /** Keeps a waiting replica's patience up, and loses patience with a silent one. */
  private watch(replica: Replica): void {
    const { log } = this.env;
    const now = this.env.now();
    const timeout = this.settings.timeout * ONE_SECOND;
    if (replica.state === 'waiting' || (replica.state === 'saving' && !this.fullSyncs.streaming)) {
      replica.link.write(NEWLINE, 0, NEWLINE.length);
    } else if (replica.state === 'saving') {
      const { buffered } = replica.link;
      if (buffered === 0 || buffered !== replica.lastBuffered) replica.progressAt = now;
      replica.lastBuffered = buffered;
      if (now - replica.progressAt > timeout) {
        log('warning', `Disconnecting timedout replica (full sync): ${replica.name}`);
        this.drop(replica);
      }
    } else if (replica.state === 'online' && !replica.isOld && now - replica.acknowledgedAt > timeout) {
      log('warning', `Disconnecting timedout replica (streaming sync): ${replica.name}`);
      this.drop(replica);
    }
  }
}

function write(replica: Replica, text: string): void {
  const bytes = fromLatin1(text);
  replica.link.write(bytes, 0, bytes.length);
}
