/**
 * One snapshot on its way to the replicas that wait for it, slice by slice as fast as the slowest takes it.
 *
 * A replica that knows the form gets a stream between two random marks, `$EOF:<40 characters>` and the same 40
 * characters, and nothing is kept. For one that doesn't the snapshot is collected first, since its length comes before
 * it (`$<length>`); that costs its size in memory.
 */
import type { Schedule } from '../node/host.js';
import type { Snapshot } from '../persistence/snapshots.js';
import { type Bytes, fromLatin1, slice } from '../protocol/bytes.js';
import type { Replica } from './replica.js';

/** With more than this on its way to some replica the snapshot waits. */
const MOST_BUFFERED = 1024 * 1024;
const PATIENCE = 5;

export class FullSync {
  sentBytes = 0;
  private readonly collected: Bytes[] = [];
  private over = false;

  /**
   * @param mark 40 characters for the streamed form, or undefined for the other
   * @param ended called when everything has been handed to the links
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
    for (const { link } of this.replicas) {
      if (link.buffered <= MOST_BUFFERED) continue;
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
    else {
      const length = this.collected.reduce((sum, part) => sum + part.length, 0);
      this.send(fromLatin1(`$${length}\r\n`));
      for (const part of this.collected) this.send(part);
    }
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
