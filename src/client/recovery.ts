/**
 * What happens to a request that did not get its answer: tried again after a pause, or failed with an error that
 * says what became of it.
 *
 * The one rule: a command is sent again only when it cannot have run (it was never written, or the server refused
 * it) or when it changes nothing and the client may repeat reads. Pauses double up to half a second, half of
 * each at random so that clients do not return together, and end at the request's deadline.
 */
import type { Connection } from './connection.js';
import {
  ClosedError,
  ConnectionLostError,
  type FailureDetails,
  QueueFullError,
  reasonOf,
  TimeoutError,
} from './errors.js';
import type { Settings } from './options.js';
import { PINNED, type Request } from './request.js';
import { ticker, ticksFor, type Watcher, watch } from './ticker.js';

interface Paused {
  readonly request: Request;
  readonly due: number;
  readonly reason: Error;
}

export class Recovery implements Watcher {
  private readonly settings: Settings;
  private readonly send: (request: Request) => void;
  private paused: Paused[] = [];

  /** @param send how a request whose pause is over is routed afresh */
  constructor(settings: Settings, send: (request: Request) => void) {
    this.settings = settings;
    this.send = send;
  }

  /** Tries a request that certainly did not run again after a pause. */
  later(request: Request, reason: Error): void {
    if (request.settled) return;
    if (request.slot === PINNED) {
      request.reject(reason);
      return;
    }
    if (this.paused.length >= this.settings.queueLimit) {
      request.reject(queueFull(request, this.settings.queueLimit, reason));
      return;
    }
    const { first, longest } = this.settings.retryPause;
    const pause = Math.min(longest, first * 2 ** request.delays++);
    const due = ticker.now + ticksFor(pause * (0.5 + Math.random() / 2)) - 1;
    this.paused.push({ request, due, reason });
    if (this.paused.length === 1) watch(this);
  }

  /** Decides about a request whose connection ended. */
  lost(request: Request, reason: Error, written: boolean, { address }: Connection): void {
    if (request.settled) return;
    const harmless = request.info.readOnly && this.settings.retryReads && request.slot !== PINNED;
    if (!written || harmless) {
      this.later(request, reason);
      return;
    }
    const { name } = request.info;
    request.reject(
      new ConnectionLostError(
        `the connection to ${address} was lost while ${name} waited for its answer; it may or may not have run (${reasonOf(reason)})`,
        detailsOf(request, { address, outcome: 'unknown', cause: reason }),
      ),
    );
  }

  /** Sends everything that waits now, in the order in which it came. */
  resume(): void {
    const paused = this.paused;
    this.paused = [];
    for (const { request } of paused) if (!request.settled) this.send(request);
  }

  /** Fails everything that waits, because the client was closed or for the given reason. */
  clear(reason?: Error): void {
    const paused = this.paused;
    this.paused = [];
    for (const { request } of paused) if (!request.settled) request.reject(reason ?? closed(request));
  }

  tick(now: number): boolean {
    const paused = this.paused;
    this.paused = [];
    for (const entry of paused) {
      const { request, due, reason } = entry;
      if (request.overdue(now)) request.reject(neverSent(request, reason));
      else if (!request.settled && due > now) this.paused.push(entry);
      else if (!request.settled) this.send(request);
    }
    return this.paused.length > 0;
  }
}

/** What is known about any failed request. */
export function detailsOf({ info, slot, attempts }: Request, details: FailureDetails): FailureDetails {
  return { command: info.name, slot: slot < 0 ? undefined : slot, attempts, ...details };
}

export function closed(request: Request): ClosedError {
  return new ClosedError(
    `${request.info.name} was not run: the client is closed`,
    detailsOf(request, { outcome: 'not executed' }),
  );
}

export function queueFull(request: Request, limit: number, cause?: Error): QueueFullError {
  const why = cause === undefined ? '' : ` (${reasonOf(cause)})`;
  return new QueueFullError(
    `${request.info.name} was not run: ${limit} commands wait for a connection already${why}`,
    detailsOf(request, { outcome: 'not executed', cause }),
  );
}

/** The error of a request whose time ran out while it could not be sent. */
export function neverSent(request: Request, cause: Error): TimeoutError {
  return new TimeoutError(
    `${request.info.name} could not be run in time: ${reasonOf(cause)}`,
    detailsOf(request, { outcome: 'not executed', cause }),
  );
}
