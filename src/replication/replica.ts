/** One replica, as its master sees it. */
import type { Link } from '../node/host.js';
import { EVERYTHING, type SnapshotContents } from '../persistence/snapshots.js';

/** A client connection that is or may become a replica. */
export interface ReplicaConnection {
  readonly id: number;
  readonly link: Link;
}

/**
 * `configuring`: has sent REPLCONF only. `waiting`: for a snapshot to begin. `transfer`: is being sent one.
 * `online`: follows the stream. `served`: has got the snapshot and wants nothing else.
 */
export type ReplicaState = 'configuring' | 'waiting' | 'transfer' | 'online' | 'served';

export class Replica {
  state: ReplicaState = 'configuring';
  /** What it has announced. */
  listeningPort = 0;
  announcedAddress = '';
  takesStreamedSnapshot = false;
  knowsIdChanges = false;
  /** It wants a snapshot, of these contents, and no stream. */
  snapshotOnly = false;
  contents: SnapshotContents = EVERYTHING;
  /** It came with SYNC: it takes no +FULLRESYNC and sends no acknowledgements. */
  isOld = false;
  /** Place in the stream up to which it has been sent (or that its snapshot stands for). */
  sent = 0;
  /** It is online, but the stream waits for its first acknowledgement: the snapshot's end mark must be the last bytes. */
  awaitsFirstAck = false;
  /** What it has acknowledged, and when (monotonic clock). */
  acknowledged = 0;
  acknowledgedAt = 0;
  /** When its output was last seen to shrink, and how much there was. */
  progressAt = 0;
  lastBuffered = 0;
  /** Since when its output has been above the soft limit; -1 when it isn't. */
  overSoftLimitSince = -1;

  constructor(readonly connection: ReplicaConnection) {}

  get link(): Link {
    return this.connection.link;
  }

  get address(): string {
    return this.announcedAddress || this.link.remoteAddress;
  }

  /** How log lines name it. */
  get name(): string {
    return this.listeningPort === 0
      ? `${this.address}:<unknown-replica-port>`
      : `${this.address.includes(':') ? `[${this.address}]` : this.address}:${this.listeningPort}`;
  }
}
