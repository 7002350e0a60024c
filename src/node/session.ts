/**
 * One client connection, from the node's side: its input so far, its state as commands see it, its output.
 *
 * Input is read straight out of the host's shared receive buffer; a session keeps bytes of its own only while a
 * request has arrived in part, or while it must wait (blocked, paused).
 */
import type { Command } from '../commands/command.js';
import type { ClientView, SessionView } from '../commands/facilities/facilities.js';
import { allocate, type Bytes, copy, EMPTY } from '../protocol/bytes.js';
import type { PartialRequest } from '../protocol/request-parser.js';
import type { User } from './acl/user.js';
import type { Link, LinkHandler } from './host.js';
import type { Transaction } from './transactions.js';

/** What a session needs of its node. */
export interface SessionOwner {
  /** Bytes have come; see `Session.received`. */
  serve(session: Session, bytes: Bytes, start: number, end: number): void;
  sessionClosed(session: Session, reason: string): void;
  /** Whether a command of the session is running. */
  isServing(session: Session): boolean;
  /** So many bytes are about to wait for the session; answers whether it may have them. */
  allowsOutput(session: Session, bytes: number): boolean;
}

const SMALLEST_INPUT = 4096;

/** What makes a session's commands need more than the ordinary checks. */
export const SPECIAL = {
  /** It must authenticate first. */
  stranger: 1 << 0,
  transaction: 1 << 1,
  /** CLIENT REPLY OFF or SKIP. */
  muted: 1 << 2,
  master: 1 << 3,
  replica: 1 << 4,
  /** It listens to channels or patterns. */
  subscriber: 1 << 5,
  /** It is shown every command. */
  monitor: 1 << 6,
  /** Its user may not do everything. */
  restricted: 1 << 7,
  /** The next command may use an importing slot. */
  asking: 1 << 8,
  /** Its requests are commands to the debugger of its script. */
  debugging: 1 << 9,
} as const;

export class Session implements ClientView, LinkHandler {
  name = '';
  libraryName = '';
  libraryVersion = '';
  database = 0;
  resp: 2 | 3 = 2;
  /** A key it watches was changed. */
  watchBroken = false;
  /** A replica in cluster mode may answer its reads (READONLY). */
  readonly = false;
  /** Where the replication stream ended after its last write: what WAIT waits for. */
  lastWriteOffset = 0;
  /** The append-only file's commands run in it. */
  replays = false;
  noEvict = false;
  debugsScripts = false;
  /** Bits of `SPECIAL`; 0 for a session whose commands need no thought. */
  special = 0;
  /** Its user's password was checked, or none was needed when it came. */
  authenticated = false;
  private speaker: User | null = null;
  /** Between MULTI and EXEC. */
  private openTransaction: Transaction | null = null;
  private mode: SessionView['replyMode'] = 'on';
  /** Nothing more is read; the connection closes when its replies have been sent. */
  closing = false;
  gone = false;
  /** Commands may wait: somebody is connected (number 0 isn't), and no transaction runs. */
  mayBlock: boolean;
  /** Input waits: the session is blocked by a command or paused. */
  suspended = false;
  /** For CLIENT LIST. */
  lastCommand: Command | null = null;
  /** Wall clock, in milliseconds, of the connection and of the last command. */
  lastActive: number;
  /** Bytes of input that have not become a request yet: input[0, inputLength). */
  input: Bytes = EMPTY;
  inputLength = 0;
  /** State of the request at the beginning of `input`, when it has arrived in part. */
  partial: PartialRequest | null = null;

  constructor(
    readonly id: number,
    readonly link: Link,
    readonly createdAt: number,
    private readonly owner: SessionOwner,
  ) {
    this.lastActive = createdAt;
    this.mayBlock = id !== 0;
  }

  received(bytes: Bytes, start: number, end: number): void {
    if (!this.closing) this.owner.serve(this, bytes, start, end);
  }

  closed(reason: string): void {
    this.owner.sessionClosed(this, reason);
  }

  /**
   * Keeps bytes[start, end) as input, behind what is kept already. The buffer grows as bytes come, by doubling, but not
   * beyond the end of the argument that is coming.
   */
  keep(bytes: Bytes, start: number, end: number): void {
    const length = this.inputLength + end - start;
    if (length > this.input.length) {
      const grown = allocate(Math.max(SMALLEST_INPUT, length, Math.min(this.input.length * 2, this.needed)));
      copy(grown, 0, this.input, 0, this.inputLength);
      this.input = grown;
    }
    this.inputLength = copy(this.input, this.inputLength, bytes, start, end);
  }

  /** Length of the input when the argument in progress will be there. */
  private get needed(): number {
    const { partial } = this;
    if (partial === null || partial.bulkLength < 0) return Number.POSITIVE_INFINITY;
    return partial.position + partial.bulkLength + 2;
  }

  /** Forgets the first `count` bytes of the input. */
  discardInput(count: number): void {
    this.inputLength -= count;
    if (this.inputLength === 0) this.input = EMPTY;
    else if (count > 0) this.input.copyWithin(0, count, count + this.inputLength);
  }

  /** Whether it may be sent so many bytes, beside those that wait. If not it is gone now. */
  mayHave(bytes: number): boolean {
    return !this.gone && this.owner.allowsOutput(this, this.link.buffered + bytes);
  }

  /** Sends bytes; answers false when the link keeps hold of them. */
  send(bytes: Bytes, start: number, end: number): boolean {
    if (!this.mayHave(end - start)) return true;
    return this.link.write(bytes, start, end);
  }

  get isLocal(): boolean {
    const { remoteAddress } = this.link;
    return remoteAddress.startsWith('127.') || remoteAddress === '::1' || remoteAddress === '';
  }

  get isPlaintext(): boolean {
    return this.link.secure !== true;
  }

  /** Whom it speaks for; null is the node itself (our master, the append-only file), which may do anything. */
  get user(): User | null {
    return this.speaker;
  }

  get userName(): string | null {
    return this.speaker?.name ?? null;
  }

  /** Makes it the user's; `authenticated` unless the user has yet to show a password. See `review`. */
  speakFor(user: User | null, authenticated: boolean): void {
    this.speaker = user;
    this.authenticated = authenticated;
  }

  /** Sees what its user may do by now. `open`: nobody needs to authenticate. */
  review(open: boolean): void {
    this.mark(SPECIAL.stranger, !this.authenticated && !open);
    this.mark(SPECIAL.restricted, this.speaker !== null && !this.speaker.unlimited);
  }

  /** The next command may use an importing slot (ASKING). */
  get asking(): boolean {
    return (this.special & SPECIAL.asking) !== 0;
  }

  set asking(value: boolean) {
    this.mark(SPECIAL.asking, value);
  }

  get transaction(): Transaction | null {
    return this.openTransaction;
  }

  set transaction(transaction: Transaction | null) {
    this.openTransaction = transaction;
    this.mark(SPECIAL.transaction, transaction !== null);
  }

  get address(): string {
    return `${this.link.remoteAddress}:${this.link.remotePort}`;
  }

  get localAddress(): string {
    return `${this.link.localAddress}:${this.link.localPort}`;
  }

  get kind(): ClientView['kind'] {
    if (this.isMaster) return 'master';
    if (this.isReplica) return 'replica';
    return this.special & SPECIAL.subscriber ? 'pubsub' : 'normal';
  }

  get isCaller(): boolean {
    return this.owner.isServing(this);
  }

  get isSubscriber(): boolean {
    return (this.special & SPECIAL.subscriber) !== 0;
  }

  get isSpectator(): boolean {
    return (this.special & (SPECIAL.replica | SPECIAL.monitor)) !== 0;
  }

  get inTransaction(): boolean {
    return this.openTransaction !== null;
  }

  get replyMode(): SessionView['replyMode'] {
    return this.mode;
  }

  set replyMode(mode: SessionView['replyMode']) {
    this.mode = mode;
    this.mark(SPECIAL.muted, mode !== 'on');
  }

  /** The link to our master: its commands are obeyed, and it isn't answered. */
  get isMaster(): boolean {
    return (this.special & SPECIAL.master) !== 0;
  }

  set isMaster(value: boolean) {
    this.mark(SPECIAL.master, value);
  }

  /** A replica of ours: it has sent PSYNC. */
  get isReplica(): boolean {
    return (this.special & SPECIAL.replica) !== 0;
  }

  set isReplica(value: boolean) {
    this.mark(SPECIAL.replica, value);
  }

  set isDebugging(value: boolean) {
    this.mark(SPECIAL.debugging, value);
  }

  /** Scripts' commands run in it. */
  get isScript(): boolean {
    return this.id === 0 && !this.isObeyed;
  }

  get isObeyed(): boolean {
    return this.replays || this.isMaster;
  }

  private mark(bit: number, on: boolean): void {
    this.special = on ? this.special | bit : this.special & ~bit;
  }

  closeAfterReply(): void {
    this.closing = true;
  }

  /** Everything but the user back to how a new connection is (RESET). */
  reset(): void {
    this.name = '';
    this.database = 0;
    this.resp = 2;
    this.readonly = false;
    this.asking = false;
    this.replyMode = 'on';
  }
}
