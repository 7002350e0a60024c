/**
 * Everything the client can throw beside `ReplyError`, the server's own words. Each error says what failed,
 * where (`address`), and carries the underlying failure as `cause`. An error about a command also says what
 * became of it: `outcome` is 'not executed' when the server cannot have run it, so that sending it again is
 * safe, and 'unknown' when it was sent and its answer never came.
 */
export { ReplyError, ReplyFormatError } from '../protocol/reply-decoder.js';

export type Outcome = 'not executed' | 'unknown';

/** What is known about the place and the state of a failed command. */
export interface FailureDetails {
  /** The node concerned, as host:port. */
  readonly address?: string;
  /** The command's name, such as GET. */
  readonly command?: string;
  /** The slot of the command's key. */
  readonly slot?: number;
  /** How many times the command was sent. */
  readonly attempts?: number;
  readonly outcome?: Outcome;
  readonly cause?: unknown;
}

/** What all errors of the client have in common. */
export class HexisError extends Error {
  override readonly name: string = 'HexisError';
  readonly address?: string;
  readonly command?: string;
  readonly slot?: number;
  readonly attempts?: number;
  readonly outcome?: Outcome;

  constructor(message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.address = details.address;
    this.command = details.command;
    this.slot = details.slot;
    this.attempts = details.attempts;
    this.outcome = details.outcome;
  }
}

/** The command's AbortSignal was aborted; its reason is the `cause`. */
export class AbortError extends HexisError {
  override readonly name: string = 'AbortError';
}

/** A connection could not be made: refused, unreachable, too slow, or the server refused the credentials. */
export class ConnectError extends HexisError {
  override readonly name: string = 'ConnectError';
}

/** A connection ended while the command was waiting for its answer. */
export class ConnectionLostError extends HexisError {
  override readonly name: string = 'ConnectionLostError';
}

/** The command's time ran out. */
export class TimeoutError extends HexisError {
  override readonly name: string = 'TimeoutError';
}

/** The command was given to a client or connection that is closed. */
export class ClosedError extends HexisError {
  override readonly name: string = 'ClosedError';
}

/** Too many commands wait for a connection. */
export class QueueFullError extends HexisError {
  override readonly name: string = 'QueueFullError';
}

/** A watched key was changed by somebody else, again and again. */
export class ConflictError extends HexisError {
  override readonly name: string = 'ConflictError';
}

/** The client is used in a way that cannot work; the message says what to do instead. */
export class UsageError extends HexisError {
  override readonly name: string = 'UsageError';
}

/** No node of the cluster could be asked for the slot map. */
export class AllNodesFailedError extends HexisError {
  override readonly name: string = 'AllNodesFailedError';
  /** Why, for each address that was tried. */
  readonly reasons: ReadonlyMap<string, Error>;

  constructor(reasons: ReadonlyMap<string, Error>) {
    const lines = Array.from(reasons, ([address, reason]) => `\n  ${address}: ${reasonOf(reason)}`);
    super(`no node of the cluster could be asked for its slots:${lines.join('')}`, {
      outcome: 'not executed',
      cause: reasons.values().next().value,
    });
    this.reasons = reasons;
  }
}

/** The reason in one line, also for Node's AggregateError, whose own message is empty. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (error instanceof Error) return error.message || error.name;
  return String(error);
}
