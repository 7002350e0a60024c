/** One replica, as its master sees it. */
import type { Link } from '../node/host.js';
import { EVERYTHING, type SnapshotContents } from '../persistence/snapshots.js';
import { fromLatin1, latin1 } from '../protocol/bytes.js';
import { splitArguments } from '../protocol/inline-arguments.js';
import { ReplicaOutput } from './replica-output.js';

/** A client connection that is or may become a replica. */
export interface ReplicaConnection {
  readonly id: number;
  readonly link: Link;
}

/**
 * `configuring`: has sent REPLCONF only. `waiting`: for a snapshot to begin. `saving`: it is in the making, and sent
 * at the same time if it is streamed. `transfer`: it was collected, and is being sent. `online`: follows the stream.
 */
export type ReplicaState = 'configuring' | 'waiting' | 'saving' | 'transfer' | 'online';

/** How an option of REPLCONF is answered: OK, not at all, with an error. */
export type ConfigureOutcome = 'ok' | 'silent' | { readonly error: string };

const INTEGER = /^-?\d{1,15}$/;
const NOT_AN_INTEGER = 'ERR value is not an integer or out of range';
/** An address is shorter. */
const LONGEST_ADDRESS = 256;

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
  readonly output = new ReplicaOutput();

  constructor(readonly connection: ReplicaConnection) {}

  /** REPLCONF option value: what the replica says of itself. */
  configure(option: string, value: string): ConfigureOutcome {
    switch (option.toLowerCase()) {
      case 'listening-port':
        if (!INTEGER.test(value)) return { error: NOT_AN_INTEGER };
        this.listeningPort = Number(value);
        return 'ok';
      case 'ip-address':
        if (value.length >= LONGEST_ADDRESS) {
          const length = `${value.length} bytes`;
          return { error: `ERR REPLCONF ip-address provided by replica instance is too long: ${length}` };
        }
        this.announcedAddress = value;
        return 'ok';
      case 'capa':
        if (value.toLowerCase() === 'eof') this.takesStreamedSnapshot = true;
        else if (value.toLowerCase() === 'psync2') this.knowsIdChanges = true;
        return 'ok';
      case 'rdb-only':
        if (!INTEGER.test(value)) return { error: NOT_AN_INTEGER };
        if (value !== '0' && value !== '1') {
          return { error: 'ERR value is out of range, value must between 0 and 1' };
        }
        this.snapshotOnly = value === '1';
        return 'ok';
      case 'rdb-filter-only': {
        const words = fromLatin1(value);
        const wanted = splitArguments(words, 0, words.length)?.map((word) => latin1(word));
        if (wanted === undefined) return { error: 'ERR Missing rdb-filter-only values' };
        const unknown = wanted.find((word) => word.toLowerCase() !== 'functions');
        if (unknown !== undefined) return { error: `ERR Unsupported rdb-filter-only option: ${unknown}` };
        this.contents = { data: false, libraries: wanted.length > 0 };
        return 'ok';
      }
      default:
        return { error: `ERR Unrecognized REPLCONF option: ${option}` };
    }
  }

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
