/**
 * What goes to the append-only file and to the replicas: the commands that changed something, in order.
 *
 * The common case, one command whose request is propagated as it came, passes the request's own bytes straight to
 * the sinks. A command that caused others (an expired key's DEL before it, several in a transaction or a script) is
 * collected first and wrapped in MULTI … EXEC, so that whoever follows sees all of it or nothing.
 *
 * Each sink has its own notion of the selected database; SELECT is inserted where it changes.
 */
import { type Bytes, slice } from '../protocol/bytes.js';
import { encodeRequest } from '../protocol/request-parser.js';

/** Takes the stream of commands, in RESP. */
export interface CommandSink {
  feed(bytes: Bytes, start: number, end: number): void;
}

/** The kinds of sinks that a script can choose from (redis.set_repl). */
export const TARGET = { log: 1, replicas: 2, all: 3 } as const;

const MULTI = encodeRequest(['MULTI']);
const EXEC = encodeRequest(['EXEC']);
const NONE = -1;

/** A sink and the database its stream has selected. */
class Stream {
  selected = NONE;

  constructor(
    readonly sink: CommandSink,
    /** A bit of `TARGET`. */
    readonly target: number,
  ) {}

  feed(database: number, bytes: Bytes, start: number, end: number): void {
    if (database !== this.selected) {
      const select = encodeRequest(['SELECT', String(database)]);
      this.sink.feed(select, 0, select.length);
      this.selected = database;
    }
    this.sink.feed(bytes, start, end);
  }

  /** What follows goes to somebody who hasn't heard what came before. */
  restart(): void {
    this.selected = NONE;
  }
}

export class Propagation {
  private streams: Stream[] = [];
  private pending: { database: number; bytes: Bytes; targets: number }[] = [];
  /** Who hears of the commands that come now: a sum of `TARGET`. */
  targets: number = TARGET.all;
  /** More than zero inside EXEC or a script: everything waits for the outermost end. */
  private depth = 0;

  /** While data is being loaded: what is replayed is no news. */
  muted = false;

  /** Whether anybody listens. */
  get active(): boolean {
    return this.streams.length > 0 && !this.muted;
  }

  /** Whether commands wait for `flush`. */
  get waiting(): boolean {
    return this.pending.length > 0;
  }

  /** Whether a transaction or a script is running. */
  get inUnit(): boolean {
    return this.depth > 0;
  }

  /** @param target which of `TARGET` it is */
  add(sink: CommandSink, target: number = TARGET.all): void {
    if (this.streamTo(sink) === undefined) this.streams.push(new Stream(sink, target));
  }

  remove(sink: CommandSink): void {
    this.streams = this.streams.filter((stream) => stream.sink !== sink);
  }

  /** The database that the sink's stream has selected, -1 when the next command will select one. */
  databaseOf(sink: CommandSink): number {
    return this.streamTo(sink)?.selected ?? NONE;
  }

  /** The sink has a new listener: SELECT comes first again. */
  restart(sink: CommandSink): void {
    this.streamTo(sink)?.restart();
  }

  private streamTo(sink: CommandSink): Stream | undefined {
    return this.streams.find((stream) => stream.sink === sink);
  }

  /** Commands from here to `end` are one unit. */
  begin(): void {
    this.depth++;
  }

  end(): void {
    if (--this.depth === 0) this.flush();
  }

  /** One command, in RESP, that is only valid during the call. */
  command(database: number, bytes: Bytes, start: number, end: number, targets = this.targets): void {
    if (this.depth === 0 && this.pending.length === 0) this.feed(database, bytes, start, end, targets);
    else this.pending.push({ database, bytes: slice(bytes, start, end), targets });
  }

  /** One command, in words; Latin-1 where they are text. */
  words(database: number, ...words: (string | Bytes)[]): void {
    if (!this.active) return;
    this.pending.push({ database, bytes: encodeRequest(words), targets: this.targets });
  }

  /**
   * Passes on what a command, or everything since the outermost `begin`, has caused; as one unit, unless it was keys
   * that expired independently of each other.
   */
  flush(asUnit = true): void {
    const { pending } = this;
    if (pending.length === 0 || this.depth > 0) return;
    this.pending = [];
    const { database } = pending[0];
    const wrapped = asUnit && pending.length > 1;
    if (wrapped) this.feed(database, MULTI, 0, MULTI.length);
    for (const { database, bytes, targets } of pending) this.feed(database, bytes, 0, bytes.length, targets);
    if (wrapped) this.feed(pending[pending.length - 1].database, EXEC, 0, EXEC.length);
  }

  private feed(
    database: number,
    bytes: Bytes,
    start: number,
    end: number,
    targets: number = TARGET.all,
  ): void {
    for (const stream of this.streams) {
      if (stream.target & targets) stream.feed(database, bytes, start, end);
    }
  }
}
