/** A snapshot that has been collected, on its way to one replica as fast as that takes it: `$<length>` and its bytes. */
import type { Link, Schedule } from '../node/host.js';
import { type Bytes, fromLatin1 } from '../protocol/bytes.js';
import { MOST_BUFFERED, PATIENCE } from './pace.js';

export class SnapshotDelivery {
  private next = 0;
  private over = false;

  /**
   * @param sent told how many bytes more have been handed to the link
   * @param ended called when that are all
   */
  constructor(
    private readonly link: Link,
    private readonly parts: readonly Bytes[],
    private readonly schedule: Schedule,
    private readonly sent: (bytes: number) => void,
    private readonly ended: () => void,
  ) {}

  start(): void {
    const length = this.parts.reduce((sum, part) => sum + part.length, 0);
    this.send(fromLatin1(`$${length}\r\n`));
    this.goOn();
  }

  /** The replica has gone. */
  cancel(): void {
    this.over = true;
  }

  private goOn(): void {
    if (this.over) return;
    while (this.next < this.parts.length) {
      if (this.link.buffered > MOST_BUFFERED) {
        this.schedule(PATIENCE, () => this.goOn());
        return;
      }
      this.send(this.parts[this.next++]);
    }
    this.ended();
  }

  private send(bytes: Bytes): void {
    this.link.write(bytes, 0, bytes.length);
    this.sent(bytes.length);
  }
}
