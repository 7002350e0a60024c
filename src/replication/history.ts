/**
 * Which replication stream this node's data is a prefix of, and how much of it: a stream has a random id, and every
 * byte of it an offset. Two nodes with the same id and offset have the same data.
 *
 * A promoted replica begins a stream of its own, but up to the offset of its promotion its data is also a prefix of
 * its old master's: it remembers that as the second id, so that the old master's other replicas can go on with it
 * without a full synchronisation (PSYNC2).
 */

export const NO_ID = '0'.repeat(40);

export class ReplicationHistory {
  /** 40 hexadecimal digits. */
  id: string;
  secondId = NO_ID;
  /** Offset of the first byte that is not shared with the second id's stream any more; -1 without one. */
  secondOffset = -1;
  /** Bytes of the stream so far; the next byte has this offset plus one. */
  offset = 0;

  /** @param random answers unsigned 32-bit numbers */
  constructor(private readonly random: () => number) {
    this.id = randomHex(random);
  }

  /** A new stream that shares nothing with the past; the offset goes on. */
  renew(): void {
    this.id = randomHex(this.random);
    this.secondId = NO_ID;
    this.secondOffset = -1;
  }

  /** This node has been promoted: a new stream that shares its past with the old one. */
  branch(): void {
    this.continueAs(randomHex(this.random));
  }

  /** The stream goes on under another id: the master was promoted, or replaced by one that was. */
  continueAs(id: string): void {
    this.secondId = this.id;
    this.secondOffset = this.offset + 1;
    this.id = id;
  }

  /** A master has started with the data of this stream at this offset: its own stream begins there. */
  branchFrom(id: string, offset: number): void {
    this.adopt(id, offset);
    this.branch();
  }

  /** The data is now that of another stream at this offset. */
  adopt(id: string, offset: number): void {
    this.id = id;
    this.offset = offset;
    this.secondId = NO_ID;
    this.secondOffset = -1;
  }
}

/** 40 random hexadecimal digits. */
export function randomHex(random: () => number): string {
  let text = '';
  for (let i = 0; i < 5; i++) text += (random() >>> 0).toString(16).padStart(8, '0');
  return text;
}
