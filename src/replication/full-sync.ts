/**
 * One snapshot in the making for the replicas that wait for it.
 *
 * A replica that knows the form gets it as a stream between two random marks, `$EOF:<40 characters>` and the same 40
 * characters, slice by slice as fast as the slowest takes it, and nothing is kept. For one that doesn't the snapshot is
 * collected first, since its length comes before it (snapshot-delivery.ts); that costs its size in memory.
 */
import type { Schedule } from '../node/host.js';
import type { Snapshot } from '../persistence/snapshots.js';
import { type Bytes, fromLatin1, slice } from '../protocol/bytes.js';
import { MOST_BUFFERED, PATIENCE } from './pace.js';
import type { Replica } from './replica.js';

export class FullSync {
  sentBytes = 0;
  /** The whole, when it isn't streamed. */
  readonly collected: Bytes[] = [];
  private over = false;

  /**
   * @param mark 40 characters for the streamed form, or undefined for the other
   * @param ended called when it is whole, and has been handed to the links if it is streamed
   */
  constructor(
    readonly replicas: Set<Replica>,
    private readonly snapshot: Snapshot,
    private readonly schedule: Schedule,
    readonly mark: string | undefined,
    private readonly ended: () => void,
  ) {
    if (mark !== undefined) this.send(fromLatin1(`$EOF:${mark}\r\n`));
    schedule(0, () => this.step());
  }

  /** A replica has gone. */
  leave(replica: Replica): void {
    if (!this.replicas.delete(replica) || this.replicas.size > 0 || this.over) return;
    this.over = true;
    this.snapshot.close();
    this.ended();
  }

  private step(): void {
    if (this.over) return;
    if (this.mark !== undefined && [...this.replicas].some(({ link }) => link.buffered > MOST_BUFFERED)) {
      this.schedule(PATIENCE, () => this.step());
      return;
    }
    const next = this.snapshot.next();
    if (next === undefined) {
      this.finish();
      return;
    }
    const part = slice(next, 0, next.length); // links may keep it
    if (this.mark === undefined) this.collected.push(part);
    else if (part.length > 0) this.send(part);
    this.schedule(this.snapshot.delay, () => this.step());
  }

  private finish(): void {
    if (this.mark !== undefined) this.send(fromLatin1(this.mark));
    this.over = true;
    this.ended();
  }

  private send(bytes: Bytes): void {
    for (const { link } of this.replicas) {
      link.write(bytes, 0, bytes.length);
      this.sentBytes += bytes.length;
    }
  }
}
