/** All replicas of a node, and what INFO, ROLE, WAIT and `min-replicas-to-write` want to know of them. */
import { Replica, type ReplicaConnection } from './replica.js';

/** A replica, as others see it. */
export interface ReplicaView {
  /** How log lines name it. */
  readonly name: string;
  readonly id: number;
  readonly address: string;
  readonly port: number;
  readonly state: 'wait_bgsave' | 'send_bulk' | 'online';
  readonly offset: number;
  /** Seconds since the last acknowledgement. */
  readonly lag: number;
}

const ONE_SECOND = 1000;

/** What Redis calls the states. */
const SHOWN = {
  waiting: 'wait_bgsave',
  saving: 'wait_bgsave',
  transfer: 'send_bulk',
  online: 'online',
} as const;

export class Replicas {
  /** Connections that have sent REPLCONF or are replicas, by their id. */
  private readonly known = new Map<number, Replica>();

  /** @param now monotonic clock, milliseconds */
  constructor(private readonly now: () => number) {}

  /** With those that have sent REPLCONF only. */
  [Symbol.iterator](): Iterator<Replica> {
    return this.known.values();
  }

  /** The replica that the connection is, or may become. */
  of(connection: ReplicaConnection): Replica {
    let replica = this.known.get(connection.id);
    if (replica === undefined) {
      replica = new Replica(connection);
      this.known.set(connection.id, replica);
    }
    return replica;
  }

  get(connectionId: number): Replica | undefined {
    return this.known.get(connectionId);
  }

  remove({ connection }: Replica): void {
    this.known.delete(connection.id);
  }

  get count(): number {
    return this.matching(({ state }) => state !== 'configuring');
  }

  get views(): ReplicaView[] {
    const views: ReplicaView[] = [];
    for (const replica of this.known.values()) {
      const { state } = replica;
      if (state === 'configuring') continue;
      views.push({
        id: replica.connection.id,
        name: replica.name,
        address: replica.address,
        port: replica.listeningPort,
        state: SHOWN[state],
        offset: replica.acknowledged,
        lag: state === 'online' ? this.lagOf(replica) : 0,
      });
    }
    return views;
  }

  /** How many have acknowledged everything up to the offset (WAIT). */
  acknowledgedBy(offset: number): number {
    return this.matching(({ state, acknowledged }) => state === 'online' && acknowledged >= offset);
  }

  /** How many were heard of in the last so many seconds (`min-replicas-max-lag`). */
  heardWithin(seconds: number): number {
    return this.matching((replica) => replica.state === 'online' && this.lagOf(replica) <= seconds);
  }

  private lagOf({ acknowledgedAt }: Replica): number {
    return Math.floor((this.now() - acknowledgedAt) / ONE_SECOND);
  }

  private matching(matches: (replica: Replica) => boolean): number {
    let count = 0;
    for (const replica of this.known.values()) if (matches(replica)) count++;
    return count;
  }
}
