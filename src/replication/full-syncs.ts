/**
 * The full synchronisations of a master, one after another: each serves all replicas that wait when it begins. It
 * begins at once, or when enough replicas wait or have waited long enough, as `repl-diskless-sync-delay` has it.
 */
import type { Log, Schedule } from '../node/host.js';
import type { SnapshotSource } from '../persistence/snapshots.js';
import { type Bytes, fromLatin1 } from '../protocol/bytes.js';
import { FullSync } from './full-sync.js';
import { randomHex } from './history.js';
import { PATIENCE } from './pace.js';
import type { Replica } from './replica.js';
import { SnapshotDelivery } from './snapshot-delivery.js';

export interface FullSyncSettings {
  /**
   * `repl-diskless-sync-delay`, seconds, and `repl-diskless-sync-max-replicas`: how long a snapshot waits for company,
   * unless so many replicas wait for it (0: however many do).
   */
  syncDelay: number;
  syncReplicas: number;
}

export interface FullSyncsEnvironment {
  readonly log: Log;
  readonly schedule: Schedule;
  /** Monotonic clock, milliseconds. */
  now(): number;
  /** Unsigned 32-bit random numbers. */
  random(): number;
  readonly snapshots: SnapshotSource;
  /** A transaction or a script is half done: the data is not what the stream says. */
  readonly inUnit: boolean;
  readonly waiting: Replica[];
  /** Where the stream stands. */
  readonly position: { id: string; offset: number; database: number };
  /** A snapshot has begun: the stream goes on behind it. */
  begun(): void;
  /** So many bytes of a snapshot have been sent. */
  sent(bytes: number): void;
  /** A snapshot has been sent to these replicas, in the streamed form or the other. */
  ended(replicas: ReadonlySet<Replica>, streamed: boolean): void;
}

export class FullSyncs {
  /** When the one under way began (monotonic clock), -1 when none is. */
  since = -1;
  private current: FullSync | null = null;
  /** Of those that are over, to replicas that don't know the streamed form. */
  private readonly deliveries = new Map<Replica, SnapshotDelivery>();
  /** The next will begin; calls that off. */
  private cancel: (() => void) | undefined;

  constructor(
    private readonly env: FullSyncsEnvironment,
    private readonly settings: FullSyncSettings,
  ) {}

  /** Whether the one under way has the streamed form. */
  get streaming(): boolean {
    return this.current?.mark !== undefined;
  }

  /** One more replica waits. */
  request(): void {
    if (this.current === null) this.schedule();
    else this.env.log('notice', 'Current BGSAVE has socket target. Waiting for next BGSAVE for SYNC');
  }

  /** A replica has gone. */
  leave(replica: Replica): void {
    this.current?.leave(replica);
    this.deliveries.get(replica)?.cancel();
    this.deliveries.delete(replica);
  }

  private schedule(): void {
    const { syncDelay, syncReplicas } = this.settings;
    const { waiting, log } = this.env;
    const companyMayCome = waiting.length < syncReplicas || syncReplicas === 0;
    const waits =
      syncDelay > 0 && companyMayCome && waiting.every((replica) => replica.takesStreamedSnapshot);
    if (this.cancel !== undefined) {
      if (waits) return;
      this.cancel();
    }
    if (waits) log('notice', 'Delay next BGSAVE for diskless SYNC');
    this.beginIn(waits ? syncDelay * 1000 : 0);
  }

  private beginIn(milliseconds: number): void {
    const { env } = this;
    this.cancel = env.schedule(milliseconds, () => {
      this.cancel = undefined;
      if (env.inUnit) this.beginIn(PATIENCE);
      else this.begin();
    });
  }

  private begin(): void {
    const { env } = this;
    const { waiting, position } = env;
    if (waiting.length === 0 || this.current !== null) return;
    const { takesStreamedSnapshot: streamed, contents } = waiting[0];
    const alike = (replica: Replica) =>
      replica.takesStreamedSnapshot === streamed &&
      replica.contents.data === contents.data &&
      replica.contents.libraries === contents.libraries;
    const replicas = new Set(waiting.filter(alike));
    env.log('notice', `Starting BGSAVE for SYNC with target: ${streamed ? 'replicas sockets' : 'disk'}`);
    const snapshot = env.snapshots.begin({ form: 'dump', replication: position, contents });
    const answer = fromLatin1(`+FULLRESYNC ${position.id} ${position.offset}\r\n`);
    for (const replica of replicas) {
      replica.state = 'saving';
      replica.sent = position.offset;
      replica.progressAt = env.now();
      if (!replica.isOld) replica.link.write(answer, 0, answer.length);
    }
    env.begun();
    const mark = streamed ? randomHex(() => env.random()) : undefined;
    this.since = env.now();
    this.current = new FullSync(replicas, snapshot, env.schedule, mark, () => this.end());
  }

  private end(): void {
    const { replicas, mark, sentBytes, collected } = this.current!;
    this.since = -1;
    this.env.sent(sentBytes);
    if (mark === undefined) for (const replica of replicas) this.deliver(replica, collected);
    else if (replicas.size > 0) this.env.ended(replicas, true);
    this.current = null; // not before: a replica may be given up meanwhile, and leaves
    if (this.env.waiting.length > 0) this.schedule();
  }

  private deliver(replica: Replica, parts: readonly Bytes[]): void {
    const { schedule, sent } = this.env;
    replica.state = 'transfer';
    const ended = () => {
      this.deliveries.delete(replica);
      this.env.ended(new Set([replica]), false);
    };
    const delivery = new SnapshotDelivery(replica.link, parts, schedule, sent, ended);
    this.deliveries.set(replica, delivery);
    delivery.start();
  }
}
