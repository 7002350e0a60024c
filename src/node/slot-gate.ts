/**
 * In cluster mode: whether a request's keys are served here, and if not, where the client must go.
 *
 * The ordinary case, one key in a slot that this node serves with nothing being moved, is decided from one byte of
 * `cluster.serves`. Everything else is `Cluster.route`'s to decide. Cluster specification, "Redirection and
 * resharding".
 */
import type { Cluster } from '../cluster/cluster.js';
import { type Command, FLAG } from '../commands/command.js';
import type { Database } from '../keyspace/database.js';
import { type Bytes, EMPTY, equal } from '../protocol/bytes.js';
import { keySlot } from '../protocol/key-slot.js';
import type { Request } from '../protocol/request.js';
import type { Session } from './session.js';
import type { QueuedCommand } from './transactions.js';

const NO_SLOT = -1;

export class SlotGate {
  /** The slot of the first key of the request looked at last; negative when it has no keys. */
  slot = NO_SLOT;
  private crossesSlots = false;
  /** The first key, and whether another one is named too: the same key twice counts as one. */
  private first: Bytes = EMPTY;
  private severalKeys = false;
  private request!: Request;

  constructor(
    private readonly cluster: Cluster,
    private readonly database: Database,
    /** A command's flags, or those of the script that it runs. */
    private readonly flagsOf: (command: Command, request: Request) => number,
  ) {}

  /** Whether the command names one key, in a slot that is simply served here, or none: most do. */
  admits({ firstKey, lastKey, flags }: Command, { buffer, starts, ends }: Request): boolean {
    if (flags & FLAG.movablekeys || firstKey !== lastKey) return false;
    return firstKey === 0 || this.cluster.serves[keySlot(buffer, starts[firstKey], ends[firstKey])] === 1;
  }

  /** The error that sends the client away, or null when the request may run here. */
  refusal(command: Command, request: Request, session: Session): string | null {
    this.reset();
    this.addKeys(command, request);
    if (this.slot === NO_SLOT || this.isServed) return null;
    const flags = this.flagsOf(command, request);
    return this.route(command, flags, session, [{ command, request, flags }]);
  }

  /** The same for all that a transaction has queued. */
  refusalOfTransaction(exec: Command, queue: readonly QueuedCommand[], session: Session): string | null {
    this.reset();
    let flags = 0;
    for (const queued of queue) {
      this.addKeys(queued.command, queued.request);
      flags |= queued.flags;
    }
    if (this.slot === NO_SLOT || this.isServed) return null;
    return this.route(exec, flags, session, queue);
  }

  private reset(): void {
    this.slot = NO_SLOT;
    this.crossesSlots = false;
    this.severalKeys = false;
  }

  /** Whether all keys looked at are in one slot that is simply served here. */
  private get isServed(): boolean {
    return !this.crossesSlots && this.cluster.serves[this.slot] === 1;
  }

  private addKeys(command: Command, request: Request): void {
    this.request = request;
    if (command.flags & FLAG.movablekeys) {
      command.eachKey(request, this.addKey);
      return;
    }
    const first = command.firstKey;
    if (first === 0) return;
    this.addKey(first);
    if (command.lastKey === first) return;
    const last = command.lastKey < 0 ? request.argc + command.lastKey : command.lastKey;
    for (let i = first + command.keyStep; i <= last; i += command.keyStep) this.addKey(i);
  }

  private readonly addKey = (i: number): void => {
    const { buffer, starts, ends } = this.request;
    const slot = keySlot(buffer, starts[i], ends[i]);
    if (this.slot === NO_SLOT) {
      this.slot = slot;
      this.first = buffer.subarray(starts[i], ends[i]);
    } else if (this.slot !== slot) this.crossesSlots = true;
    else this.severalKeys ||= !equal(this.first, 0, this.first.length, buffer, starts[i], ends[i]);
  };

  private route(
    command: Command,
    flags: number,
    session: Session,
    queue: readonly QueuedCommand[],
  ): string | null {
    return this.cluster.route({
      slot: this.slot,
      crossesSlots: this.crossesSlots,
      multipleKeys: this.severalKeys,
      write: (flags & FLAG.write) !== 0,
      shardedPubsub: (flags & FLAG.pubsub) !== 0,
      migrate: command.fullName === 'migrate',
      asking: session.asking || (flags & FLAG.asking) !== 0,
      readonly: session.readonly,
      plain: session.isPlaintext,
      countKeys: () => this.countKeys(queue),
    });
  }

  private countKeys(queue: readonly QueuedCommand[]): { existing: number; missing: number } {
    const counts = { existing: 0, missing: 0 };
    for (const { command, request } of queue) {
      command.eachKey(request, (i) => {
        const { buffer, starts, ends } = request;
        if (this.database.live(buffer, starts[i], ends[i]) === 0) counts.missing++;
        else counts.existing++;
      });
    }
    return counts;
  }
}
