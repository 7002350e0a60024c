/**
 * Reads the master's stream command by command. What counts as processed are whole commands that have been executed,
 * and a transaction only when it is over: a replica that loses its master in between asks for the transaction again.
 */
import { allocate, type Bytes, copy, EMPTY } from '../protocol/bytes.js';
import type { Request } from '../protocol/request.js';
import { COMPLETE, INVALID, type RequestLimits, RequestParser } from '../protocol/request-parser.js';

export interface StreamFollowerEnvironment {
  /** Runs a command; the request is valid during the call only. */
  execute(request: Request): void;
  /** Whether the commands run belong to a transaction that isn't over. */
  readonly inTransaction: boolean;
  /** bytes[start, end) of the stream have been processed. */
  processed(bytes: Bytes, start: number, end: number): void;
  /** The master asks for the offset, in the stream; what it asks with has been processed too. */
  acknowledge(): void;
}

const LOST = 'Closing the master connection and discarding the cached master.';
const INLINE = `WARNING: Receiving inline protocol from master, master stream corruption? ${LOST}`;

const LIMITS: RequestLimits = {
  maxArguments: Number.POSITIVE_INFINITY,
  maxBulkLength: Number.POSITIVE_INFINITY,
  authenticated: true,
};

export class StreamFollower {
  private readonly parser = new RequestParser();
  /** Bytes that have not been processed: kept[0, keptLength), read up to `position`. */
  private kept: Bytes = EMPTY;
  private keptLength = 0;
  private position = 0;
  private wantsAck = false;
  /** How many streams have been followed before this one. */
  private streams = 0;

  constructor(private readonly env: StreamFollowerEnvironment) {}

  /** The stream has broken off: what hasn't been processed of it is forgotten. */
  reset(): void {
    this.streams++;
    this.kept = EMPTY;
    this.keptLength = this.position = 0;
    this.wantsAck = false;
    this.parser.reset();
  }

  /** Takes bytes[start, end) of the stream; answers what is wrong with it, or undefined. */
  take(bytes: Bytes, start: number, end: number): string | undefined {
    const { parser, streams } = this;
    let buffer = bytes;
    let counted = start;
    let position = start;
    if (this.keptLength > 0) {
      this.keep(bytes, start, end);
      buffer = this.kept;
      counted = 0;
      position = this.position;
      end = this.keptLength;
    }
    for (;;) {
      parser.position = position;
      const result = parser.parse(buffer, end, LIMITS);
      if (result !== COMPLETE) {
        parser.reset();
        if (result === INVALID) {
          return `Protocol error (${parser.error.replace('Protocol error: ', '')}) from master. ${LOST}`;
        }
        break;
      }
      const { request } = parser;
      if (request.first === request.last) return INLINE;
      position = parser.position;
      this.run(request);
      if (this.streams !== streams) return undefined; // the command has ended the stream
      if (this.env.inTransaction) continue;
      this.env.processed(buffer, counted, position);
      counted = position;
      if (this.wantsAck) {
        this.wantsAck = false;
        this.env.acknowledge();
      }
    }
    this.keepRest(buffer, counted, position, end);
    return undefined;
  }

  private run(request: Request): void {
    if (request.is(0, 'REPLCONF')) {
      if (request.argc > 1 && request.is(1, 'GETACK')) this.wantsAck = true;
      return;
    }
    this.env.execute(request);
  }

  private keepRest(buffer: Bytes, counted: number, position: number, end: number): void {
    if (buffer === this.kept) {
      this.kept.copyWithin(0, counted, end);
      this.keptLength = end - counted;
      if (this.keptLength === 0) this.kept = EMPTY;
    } else if (counted < end) this.keep(buffer, counted, end);
    this.position = position - counted;
  }

  private keep(bytes: Bytes, start: number, end: number): void {
    const length = this.keptLength + end - start;
    if (length > this.kept.length) {
      const grown = allocate(Math.max(length, this.kept.length * 2));
      copy(grown, 0, this.kept, 0, this.keptLength);
      this.kept = grown;
    }
    this.keptLength = copy(this.kept, this.keptLength, bytes, start, end);
  }
}
