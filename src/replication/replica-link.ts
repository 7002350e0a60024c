/**
 * The following side of replication: the link to the master, from dialling to the stream, and again after every loss.
 *
 *     connect → connecting → introducing → psync → [bulk → transfer → loading →] connected
 *
 * What has been processed of the stream is fed, byte for byte, to this node's own replicas and backlog. After a loss
 * the link dials again at once, then ever later up to once a second, and asks to go on where it was. Redis dials once a
 * second only; but nodes often start together, and a replica may be there a moment before its master.
 *
 * A snapshot replaces the data only once it is here in full, and is then loaded piece by piece: the node goes on with
 * its other work meanwhile, and tells the master that it is alive. Times out after `repl-timeout` without a byte.
 */
import type { Link, LinkHandler, Log, Schedule } from '../node/host.js';
import { type Loading, runToEnd } from '../persistence/load-progress.js';
import { RdbError } from '../persistence/rdb/format.js';
import { type Bytes, fromLatin1, latin1, slice } from '../protocol/bytes.js';
import type { Request } from '../protocol/request.js';
import { encodeRequest } from '../protocol/request-parser.js';
import { Introduction, type IntroductionSettings } from './introduction.js';
import type { Master } from './master.js';
import { SnapshotReceiver } from './snapshot-receiver.js';
import { StreamFollower } from './stream-follower.js';

export interface ReplicaLinkSettings extends IntroductionSettings {
  /** `repl-timeout`, seconds. */
  readonly timeout: number;
}

export interface ReplicaLinkEnvironment {
  readonly log: Log;
  readonly schedule: Schedule;
  /** Monotonic clock, milliseconds. */
  now(): number;
  dial(host: string, port: number, handler: LinkHandler): Link;
  /**
   * Replaces all data by the snapshot, given in parts. The value is the database that the stream has selected, -1 for
   * none (the "repl-stream-db" field). Throws `RdbError` when it isn't sound; the data is empty then, and when the
   * loading is given up (`return`).
   */
  loadSnapshot(parts: readonly Bytes[]): Loading<number>;
  /** The old data is being served until the new is there: nobody may see the loading. */
  readonly servesOldData: boolean;
  /** A stream begins after a snapshot: its first command runs in this database. */
  beginStream(database: number): void;
  /** Runs a command of the stream; the request is valid during the call only. Nothing is replied. */
  execute(request: Request): void;
  /** Whether the commands run belong to a transaction that isn't over. */
  readonly inTransaction: boolean;
  /** The stream has broken off: a transaction begun is dropped. The selected database stays. */
  interruptStream(): void;
  /** The master that is followed now is to become it by being asked to continue (FAILOVER). */
  readonly promotesMaster: boolean;
  /** It has answered PSYNC, with what makes this node its replica or with an error. */
  answeredPsync(accepted: boolean): void;
  /** The link has come up or has been lost, or a snapshot has begun or ceased to arrive. */
  stateChanged(): void;
}

export type ReplicaLinkState =
  | 'off'
  | 'connect'
  | 'connecting'
  | 'introducing'
  | 'psync'
  | 'bulk'
  | 'transfer'
  | 'loading'
  | 'connected';

const ONE_SECOND = 1000;
/** Who can't connect dials again after this time, milliseconds, and after twice as long each time. */
const FIRST_RETRY = 50;
const LF = 10;
const LONGEST_LINE = 1024;
const NEWLINE = fromLatin1('\n');
const NO_ANSWER = 'Master did not respond to command during SYNC handshake';
const NO_ANSWER_TO_PSYNC = 'Master did not reply to PSYNC, will try later';

/** A snapshot that is being loaded. */
interface SnapshotLoading {
  readonly pieces: Loading<number>;
  /** Why the connection has been lost meanwhile; the snapshot is whole without it. */
  lost: string | undefined;
  /** Calls the next piece off. */
  cancel(): void;
}

export class ReplicaLink {
  state: ReplicaLinkState = 'off';
  host = '';
  port = 0;
  /** Monotonic time of the last byte from the master. */
  lastInteraction = 0;
  /**
   * Since when the link is down; -1 while it is up, before it has ever been up with this node a replica, and when a
   * snapshot that couldn't be loaded has cost it its data. Whom it tries to follow makes no difference: what it has
   * doesn't become newer by that.
   */
  downSince = -1;
  /** From all masters since the start, or since CONFIG RESETSTAT. */
  receivedBytes = 0;
  /** A snapshot is on its way, or being loaded: its bytes received, and announced (0 when their number isn't, -1 before). */
  get transfer(): { readonly received: number; readonly size: number } | undefined {
    if (this.state !== 'bulk' && this.state !== 'transfer' && this.state !== 'loading') return undefined;
    const { receiver } = this;
    if (receiver === null) return { received: 0, size: -1 };
    return { received: receiver.received, size: Math.max(0, receiver.size) };
  }

  private link: Link | null = null;
  private retryDelay = FIRST_RETRY;
  private line = '';
  private receiver: SnapshotReceiver | null = null;
  private loading: SnapshotLoading | null = null;
  /** What has come of the stream and must wait: behind a snapshot that is being loaded, or for the end of a pause. */
  private held: Bytes[] = [];
  private paused = false;
  /** Whether our data is a prefix of a stream that the master may know. */
  private resumable = false;
  /** What +FULLRESYNC promised. */
  private promisedId = '';
  private promisedOffset = 0;
  /** The master doesn't speak PSYNC: no offsets, no acknowledgements. */
  private isOldMaster = false;

  private introduction: Introduction | undefined;
  private readonly stream: StreamFollower;
  private stopTicking: (() => void) | undefined;

  constructor(
    private readonly env: ReplicaLinkEnvironment,
    private readonly master: Master,
    readonly settings: ReplicaLinkSettings,
  ) {
    this.stream = new StreamFollower({
      execute: (request) => env.execute(request),
      get inTransaction() {
        return env.inTransaction;
      },
      processed: (bytes, start, end) => master.feed(bytes, start, end),
      acknowledge: () => this.acknowledge(),
    });
  }

  /** Whether a newer state of our own history is arriving in a stream: what we have isn't wrong, only old. */
  get renewing(): boolean {
    return this.receiver?.streamed === true && this.promisedId === this.master.history.id;
  }

  /** The connection on which the stream is being followed, null while none is. */
  get connection(): Link | null {
    return this.up ? this.link : null;
  }

  /** Whether the stream is being followed. */
  get up(): boolean {
    return this.state === 'connected';
  }

  /**
   * Follows this master from now on.
   * @param resumable whether our own history may be part of its: always so but on a node that has just started
   */
  follow(host: string, port: number, resumable: boolean): void {
    const { log } = this.env;
    if (this.state === 'off') {
      this.resumable = resumable;
      if (resumable) {
        log(
          'notice',
          'Before turning into a replica, using my own master parameters to synthesize a cached master: I may be able to synchronize with the new master with just a partial transfer.',
        );
      }
    } else this.disconnect();
    this.host = host;
    this.port = port;
    this.retryDelay = FIRST_RETRY;
    this.state = 'connect';
    this.stopTicking ??= this.tickLater();
    this.connect();
  }

  /** Follows no one any more. */
  stop(): void {
    if (this.state === 'off') return;
    this.disconnect();
    this.discardHistory();
    this.state = 'off';
    this.downSince = -1;
    this.stopTicking?.();
    this.stopTicking = undefined;
  }

  /**
   * Lets the stream wait, or go on. What has come is kept meanwhile; when the connection is lost it comes again. A
   * snapshot that is here is not loaded before.
   */
  pauseStream(paused: boolean): void {
    this.paused = paused;
    // Later: a command may be running that ends the pause.
    if (this.held.length > 0 || this.state === 'loading') this.env.schedule(0, () => this.goOn());
  }

  private goOn(): void {
    if (this.paused) return;
    if (this.state === 'connected') this.processHeld();
    else if (this.state === 'loading' && this.loading === null) this.load();
  }

  /** Where the stream stands that has come, whether or not it has been processed. */
  get receivedOffset(): number {
    return this.held.reduce((offset, { length }) => offset + length, this.master.history.offset);
  }

  /** The connection to the master has been closed on this side (CLIENT KILL): as if the master had. */
  connectionKilled(): void {
    if (this.up) this.lost('killed');
  }

  /** Reports the offset to the master at once. */
  acknowledge(): void {
    if (this.state !== 'connected' || this.isOldMaster) return;
    this.send('REPLCONF', 'ACK', String(this.master.history.offset));
  }

  // The connection

  private connect(): void {
    this.env.log('notice', `Connecting to MASTER ${this.host}:${this.port}`);
    this.dial();
  }

  private dial(): void {
    const { env, host, port } = this;
    this.state = 'connecting';
    this.lastInteraction = env.now();
    this.line = '';
    const handler: LinkHandler = {
      connected: () => {
        if (this.link === link) this.connected();
      },
      received: (bytes, start, end) => {
        if (this.link === link) this.received(bytes, start, end);
      },
      closed: (reason) => {
        if (this.link === link) this.lost(reason);
      },
    };
    const link = env.dial(host, port, handler);
    this.link = link;
    env.log('notice', 'MASTER <-> REPLICA sync started');
  }

  /** Closes the connection, whatever it was doing; what has been counted of the stream stays. */
  private disconnect(): void {
    const { link } = this;
    const { log } = this.env;
    const { state: stateBefore } = this;
    this.link = null;
    link?.destroy();
    this.receiver = null;
    this.giveUpLoading();
    this.held = [];
    this.introduction = undefined;
    this.stream.reset();
    this.state = 'connect';
    if (stateBefore === 'connected') {
      log('warning', 'Connection with master lost.');
      if (this.resumable) log('notice', 'Caching the disconnected master state.');
      this.downSince = this.env.now();
      this.env.interruptStream();
    } else if (stateBefore !== 'transfer' && stateBefore !== 'loading') return;
    this.env.stateChanged();
  }

  /** The master has closed the connection, or it couldn't be made. */
  private lost(reason: string): void {
    const { log } = this.env;
    const { state } = this;
    if (this.loading !== null) {
      this.loading.lost = reason;
      return;
    }
    this.disconnect();
    if (state === 'connected') this.resume();
    else if (state === 'connecting') {
      log('warning', `Error condition on socket for SYNC: ${reason}`);
      this.retrySoon();
    } else if (state === 'transfer' || state === 'loading') {
      log('warning', 'I/O error trying to sync with MASTER: connection lost');
      this.reconnect();
    } else if (state === 'bulk') log('warning', `I/O error reading bulk count from MASTER: ${reason}`);
    else {
      log('warning', `Failed to read response from the server: ${reason}`);
      log('warning', state === 'psync' ? NO_ANSWER_TO_PSYNC : NO_ANSWER);
    }
  }

  /** Gives this attempt up; the next comes with the next tick. */
  private fail(complaint: string): void {
    this.env.log('warning', complaint);
    this.disconnect();
  }

  /** Dials again before the next tick does. */
  private retrySoon(): void {
    if (this.retryDelay >= ONE_SECOND) return;
    this.env.schedule(this.retryDelay, () => {
      if (this.state === 'connect') this.connect();
    });
    this.retryDelay *= 2;
  }

  /** Dials again after the stream has broken off. */
  private resume(): void {
    this.env.log('notice', `Reconnecting to MASTER ${this.host}:${this.port}`);
    this.dial();
  }

  /** Dials again after an attempt to synchronise. */
  private reconnect(): void {
    this.env.log('notice', `Reconnecting to MASTER ${this.host}:${this.port} after failure`);
    this.dial();
  }

  /** Our data is no part of anybody else's stream any more. */
  private discardHistory(): void {
    if (this.resumable) this.env.log('notice', 'Discarding previously cached master state.');
    this.resumable = false;
  }

  private send(...words: string[]): void {
    const bytes = encodeRequest(words);
    this.link?.write(bytes, 0, bytes.length);
  }

  private received(bytes: Bytes, start: number, end: number): void {
    this.lastInteraction = this.env.now();
    this.receivedBytes += end - start;
    this.process(bytes, start, end);
  }

  /** Whether what comes of the stream is kept; also while older bytes of it are kept still. */
  private get streamWaits(): boolean {
    if (this.state === 'loading') return true;
    return this.state === 'connected' && (this.paused || this.held.length > 0);
  }

  private process(bytes: Bytes, start: number, end: number): void {
    const { link } = this;
    while (start < end && this.link === link) {
      if (this.streamWaits) {
        this.held.push(slice(bytes, start, end));
        return;
      }
      if (this.state === 'connected') {
        const complaint = this.stream.take(bytes, start, end);
        if (complaint !== undefined) this.lostTrack(complaint);
        return;
      }
      start += this.state === 'transfer' ? this.receive(bytes, start, end) : this.readLine(bytes, start, end);
    }
  }

  private readLine(bytes: Bytes, start: number, end: number): number {
    let stop = start;
    while (stop < end && bytes[stop] !== LF) stop++;
    this.line += latin1(bytes, start, stop);
    if (this.line.length > LONGEST_LINE) {
      this.fail('Master sent a line that is too long during the SYNC handshake');
      return end - start;
    }
    if (stop === end) return end - start;
    const line = this.line.endsWith('\r') ? this.line.slice(0, -1) : this.line;
    this.line = '';
    this.answer(line);
    return stop + 1 - start;
  }

  // The handshake

  private connected(): void {
    this.env.log('notice', 'Non blocking connect for SYNC fired the event.');
    this.lastInteraction = this.env.now();
    this.retryDelay = FIRST_RETRY;
    this.state = 'introducing';
    this.introduction = new Introduction(this.settings, this.env.log, (...words) => this.send(...words));
  }

  /** The master's answer to what was asked last. */
  private answer(line: string): void {
    if (this.state === 'introducing') {
      const outcome = this.introduction!.answer(line);
      if (outcome === 'done') this.askToSynchronise();
      else if (outcome !== 'unfinished') this.fail(outcome.refused);
    } else if (line === '')
      return; // keeps the connection alive
    else if (this.state === 'psync') this.answerToPsync(line);
    else this.announced(line);
  }

  private askToSynchronise(): void {
    const { log } = this.env;
    const { id, offset } = this.master.history;
    this.state = 'psync';
    this.isOldMaster = false;
    const place = this.resumable ? [id, String(offset + 1)] : ['?', '-1'];
    if (this.resumable) log('notice', `Trying a partial resynchronization (request ${place.join(':')}).`);
    else log('notice', 'Partial resynchronization not possible (no cached master)');
    this.send('PSYNC', ...place, ...(this.env.promotesMaster ? ['FAILOVER'] : []));
  }

  private answerToPsync(line: string): void {
    const { log } = this.env;
    const { link } = this;
    this.env.answeredPsync(line.startsWith('+'));
    if (this.link !== link) return; // it was asked to be the master, and refused
    const full = /^\+FULLRESYNC ([0-9a-zA-Z]{40}) (\d+)$/.exec(line);
    if (full) {
      this.promisedId = full[1];
      this.promisedOffset = Number(full[2]);
      this.state = 'bulk';
      log('notice', `Full resync from master: ${full[1]}:${full[2]}`);
    } else if (line.startsWith('+FULLRESYNC')) this.fail('Master replied with wrong +FULLRESYNC syntax.');
    else if (line.startsWith('+CONTINUE')) this.continueStream(line.slice(10));
    else if (/^-(NOMASTERLINK|LOADING)/.test(line)) {
      log('notice', `Master is currently unable to PSYNC but should be in the future: ${line}`);
      this.disconnect();
    } else {
      if (line.startsWith('-ERR')) {
        log('notice', `Master does not support PSYNC or is in error state (reply: ${line})`);
      } else log('warning', `Unexpected reply to PSYNC from master: ${line}`);
      // BUSY, MASTERDOWN, NOAUTH …: it knows PSYNC. If it took SYNC a moment later it would be told no offset ever.
      if (/^-(?!ERR)/.test(line)) {
        this.disconnect();
        return;
      }
      log('notice', 'Retrying with SYNC...');
      this.isOldMaster = true;
      this.promisedId = '';
      this.state = 'bulk';
      this.send('SYNC');
    }
  }

  private continueStream(id: string): void {
    const { log } = this.env;
    const { history } = this.master;
    log('notice', 'Successful partial resynchronization with master.');
    if (id.length === 40 && id !== history.id) {
      log('warning', `Master replication ID changed to ${id}`);
      this.master.continueAs(id);
    }
    if (!this.master.active) this.master.createBacklog();
    this.comeUp();
    log('notice', 'MASTER <-> REPLICA sync: Master accepted a Partial Resynchronization.');
  }

  private comeUp(): void {
    this.state = 'connected';
    this.downSince = -1;
    this.env.stateChanged();
  }

  // The snapshot

  private announced(line: string): void {
    if (line.startsWith('-')) {
      this.fail(`MASTER aborted replication with an error: ${line.slice(1)}`);
      return;
    }
    const receiver = SnapshotReceiver.from(line);
    if (receiver === undefined) {
      this.fail(
        `Bad protocol from MASTER, the first byte is not '$' (we received '${line}'), are you sure the host and port are right?`,
      );
      return;
    }
    this.receiver = receiver;
    this.state = 'transfer';
    this.env.stateChanged();
    const what = receiver.streamed ? 'streamed RDB' : `${receiver.size} bytes`;
    const form = receiver.streamed ? ' with EOF to parser' : ' to parser';
    this.env.log('notice', `MASTER <-> REPLICA sync: receiving ${what} from master${form}`);
  }

  private receive(bytes: Bytes, start: number, end: number): number {
    const receiver = this.receiver!;
    const taken = receiver.take(bytes, start, end);
    if (receiver.complete) {
      this.state = 'loading';
      this.link!.pause();
      if (!this.paused) this.load();
    }
    return taken;
  }

  private load(): void {
    const { log, servesOldData } = this.env;
    this.discardHistory();
    log('notice', 'MASTER <-> REPLICA sync: Flushing old data');
    this.downSince = -1;
    this.master.forsake();
    log('notice', 'MASTER <-> REPLICA sync: Loading DB in memory');
    const pieces = this.env.loadSnapshot(this.receiver!.contents());
    this.loading = { pieces, lost: undefined, cancel() {} };
    this.loadPiece(servesOldData);
  }

  private loadPiece(all: boolean): void {
    const { env } = this;
    const loading = this.loading!;
    let database: number;
    try {
      const { done, value } = all ? { done: true, value: runToEnd(loading.pieces) } : loading.pieces.next();
      if (!done) {
        loading.cancel = env.schedule(value, () => this.loadPiece(false));
        return;
      }
      database = value;
    } catch (error) {
      if (!(error instanceof RdbError)) throw error;
      env.log('warning', error.message);
      this.fail('Failed trying to load the MASTER synchronization DB from socket');
      this.reconnect();
      return;
    }
    this.loaded(database);
  }

  private loaded(database: number): void {
    const { env } = this;
    const { streamed } = this.receiver!;
    const { lost } = this.loading!;
    this.receiver = null;
    this.loading = null;
    if (this.isOldMaster) this.master.becomeReplicaOfOld();
    else this.master.becomeReplicaAt(this.promisedId, this.promisedOffset);
    this.resumable = !this.isOldMaster;
    env.beginStream(Math.max(0, database));
    this.comeUp();
    env.log('notice', 'MASTER <-> REPLICA sync: Finished with success');
    this.processHeld();
    if (lost !== undefined) this.lost(lost);
    // Of a streamed snapshot the master learns by this that it has arrived.
    else if (streamed) this.acknowledge();
    this.link?.resume();
  }

  private processHeld(): void {
    if (this.paused) return;
    const { held, link } = this;
    this.held = [];
    for (const bytes of held) {
      if (this.link !== link) return; // it broke off in the middle
      this.process(bytes, 0, bytes.length);
    }
  }

  private giveUpLoading(): void {
    this.loading?.cancel();
    this.loading?.pieces.return(-1);
    this.loading = null;
  }

  /** The stream makes no sense any more: the data can't be trusted to be a prefix of anything. */
  private lostTrack(complaint: string): void {
    this.resumable = false;
    this.fail(complaint);
  }

  // Once a second

  private tickLater(): () => void {
    return this.env.schedule(ONE_SECOND, () => {
      this.stopTicking = this.tickLater();
      this.tick();
    });
  }

  private tick(): void {
    const silence = this.env.now() - this.lastInteraction;
    if (this.state === 'connect') this.connect();
    else if (this.state === 'loading') this.link?.write(NEWLINE, 0, NEWLINE.length);
    else if (silence > this.settings.timeout * ONE_SECOND) this.timeOut();
    else this.acknowledge();
  }

  private timeOut(): void {
    const { log } = this.env;
    const { state } = this;
    if (state === 'connected') {
      log('warning', 'MASTER timeout: no data nor PING received...');
      this.disconnect();
      this.resume();
      return;
    }
    this.disconnect();
    log(
      'warning',
      state === 'transfer' || state === 'bulk'
        ? "Timeout receiving bulk data from MASTER... If the problem persists try to set the 'repl-timeout' parameter in redis.conf to a larger value."
        : 'Timeout connecting to the MASTER...',
    );
    this.reconnect();
  }
}
