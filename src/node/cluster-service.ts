/**
 * The cluster core in its node: gives it the bus, nodes.conf, the data and replication, and drives it.
 *
 * The core sends frames and saves nodes.conf only in `afterEvents`, which runs once at the end of a turn in which
 * anything happened on the bus, every 100 ms, and behind every CLUSTER command.
 */
import { Cluster } from '../cluster/cluster.js';
import type {
  BusLink,
  BusLinkEvents,
  ClusterEnvironment,
  ClusterEvent,
  ClusterOptions,
  KeyspaceView,
  LogLevel,
  ReplicationView,
} from '../cluster/environment.js';
import type { Database } from '../keyspace/database.js';
import { type Bytes, fromLatin1, latin1 } from '../protocol/bytes.js';
import type { Host, Link, LinkHandler, Log, Schedule } from './host.js';

/** What the cluster core's surroundings need of the node. */
export interface ClusterSurroundings {
  readonly host: Host;
  /** The cluster's options as they are set now. */
  readonly options: () => ClusterOptions;
  /** Path of nodes.conf (`cluster-config-file`). */
  readonly configFile: string;
  readonly database: Database;
  readonly replication: ReplicationView;
  readonly log: Log;
  readonly schedule: Schedule;
  emit(event: ClusterEvent): void;
  deliver(channel: Bytes, message: Bytes, sharded: boolean): void;
  slotsReleased(slots: Bytes): void;
  /** A key is about to be removed because its slot is another node's now. */
  keyDropped(db: Database, ref: number): void;
  flushAll(): void;
  pauseWrites(milliseconds: number): void;
  resumeWrites(): void;
}

const TICK_MILLISECONDS = 100;
/** A tick that is so late shows that the process was stopped for a while, or its machine. */
const PAUSE_MILLISECONDS = 500;

/** A connection of the bus: the core's link to one side, the host's handler to the other. */
class BusConnection implements BusLink, LinkHandler {
  events!: BusLinkEvents;
  link!: Link;
  private dropped = false;

  constructor(
    private readonly host: Host,
    private readonly service: ClusterService,
  ) {}

  // As the core sees it; the address of a dialled link is known once it is up.

  get remoteAddress(): string {
    return this.link.remoteAddress;
  }

  get localAddress(): string {
    return this.link.localAddress;
  }

  get pendingBytes(): number {
    return this.link.buffered;
  }

  send(bytes: Bytes): void {
    this.link.write(bytes, 0, bytes.length);
  }

  close(): void {
    this.dropped = true;
    this.link.destroy();
  }

  // As the host sees it; what the core has closed it hears no more of.

  connected(): void {
    if (this.dropped) return;
    this.events.connected();
    this.host.wakeAtEndOfTurn();
  }

  received(bytes: Bytes, start: number, end: number): void {
    if (this.dropped) return;
    this.service.noticePause(this.host.wallClock());
    this.events.received(bytes, start, end);
    this.host.wakeAtEndOfTurn();
  }

  closed(reason: string): void {
    if (this.dropped) return;
    this.events.closed(reason);
    this.host.wakeAtEndOfTurn();
  }
}

export class ClusterService implements ClusterEnvironment {
  readonly cluster: Cluster;
  readonly replication: ReplicationView;
  readonly keyspace: KeyspaceView;
  private readonly host: Host;
  private readonly options: ClusterOptions;
  /** What the wall clock showed when the monotonic one was 0. */
  private readonly epoch: number;
  /** When the cluster last looked at its health, by the wall clock; it does not before it has started. */
  private looked = Number.POSITIVE_INFINITY;

  /** Reads nodes.conf. Throws when it can't be read or is corrupt. */
  constructor(private readonly around: ClusterSurroundings) {
    this.host = around.host;
    this.epoch = this.host.wallClock() - this.host.monotonicClock();
    this.replication = around.replication;
    this.keyspace = {
      isEmpty: () => around.database.size === 0,
      countKeysInSlot: (slot) => around.database.slots!.count(slot),
      deleteKeysInSlot: (slot) => this.deleteKeysInSlot(slot),
      flushAll: () => around.flushAll(),
    };
    const nodesConf = this.host.disk.read(around.configFile);
    this.options = around.options();
    this.cluster = new Cluster(this, this.options, nodesConf === undefined ? '' : latin1(nodesConf));
  }

  /** The data has been loaded: begins to take part in the cluster. */
  start(): void {
    this.optionsChanged(); // when any free port was asked for, it is known only now
    this.cluster.reconcileWithData();
    this.tick();
  }

  /** Takes over the options as they are set now. */
  optionsChanged(): void {
    Object.assign(this.options, this.around.options());
    this.cluster.optionsChanged();
  }

  /**
   * Call it with the wall clock before anything that came in is handled. What a process finds when it goes on after a
   * pause may be old: it must not serve, nor take anybody for alive, before it has seen how long it was away.
   */
  noticePause(now: number): void {
    if (now - this.looked < PAUSE_MILLISECONDS) return;
    this.looked = now;
    this.cluster.reviewHealth();
  }

  private tick(): void {
    this.looked = this.host.wallClock();
    this.cluster.tick();
    this.cluster.afterEvents();
    this.around.schedule(TICK_MILLISECONDS, () => this.tick());
  }

  /** A connection came in on the bus port. */
  accept(link: Link): LinkHandler {
    const connection = new BusConnection(this.host, this);
    connection.link = link;
    connection.events = this.cluster.accept(connection);
    return connection;
  }

  private deleteKeysInSlot(slot: number): void {
    const { database } = this.around;
    const index = database.slots!;
    for (let ref = index.first(slot); ref !== 0; ref = index.first(slot)) {
      this.around.keyDropped(database, ref);
      database.remove(ref);
    }
  }

  // ClusterEnvironment

  now(): number {
    return Math.floor(this.epoch + this.host.monotonicClock());
  }

  wallClock(): number {
    return this.host.wallClock();
  }

  random(): number {
    return this.host.random();
  }

  dial(address: string, busPort: number, events: BusLinkEvents): BusLink {
    const connection = new BusConnection(this.host, this);
    connection.events = events;
    connection.link = this.host.dial(address, busPort, connection, 'bus');
    return connection;
  }

  saveConfig(text: string, durable: boolean): void {
    try {
      this.host.disk.replace(this.around.configFile, fromLatin1(text), durable);
    } catch (error) {
      this.log('warning', `Fatal: can't update cluster config file: ${(error as Error).message}`);
      this.host.exit(1);
    }
  }

  log(level: LogLevel, message: string): void {
    this.around.log(level, message);
  }

  emit(event: ClusterEvent): void {
    this.around.emit(event);
  }

  deliver(channel: Bytes, message: Bytes, sharded: boolean): void {
    this.around.deliver(channel, message, sharded);
  }

  slotsReleased(slots: Bytes): void {
    this.around.slotsReleased(slots);
  }

  pauseWrites(milliseconds: number): void {
    this.around.pauseWrites(milliseconds);
  }

  resumeWrites(): void {
    this.around.resumeWrites();
  }
}
