/**
 * What the client tells `node:diagnostics_channel`, for logs, metrics and tracing. Without subscribers it costs a
 * look at a flag.
 *
 * | channel | message |
 * |---|---|
 * | `tracing:hexis:command:start`, `…:asyncEnd`, `…:error` | `CommandTrace`, one object for all events of a command |
 * | `hexis:connection` | `ConnectionEvent` |
 * | `hexis:topology` | `TopologyEvent` |
 */
import { channel, tracingChannel } from 'node:diagnostics_channel';
import type { Request } from './request.js';
import type { SlotMap } from './slot-map.js';

export interface CommandTrace {
  readonly command: string;
  /** Slot of its keys; below 0 when it has none. */
  readonly slot: number;
  /** How many times it was sent, once it has ended. */
  attempts?: number;
  /** Added by Node.js when it has ended. */
  result?: unknown;
  error?: unknown;
}

export interface ConnectionEvent {
  readonly address: string;
  readonly event: 'open' | 'close' | 'failed';
  readonly reason?: Error;
}

export interface TopologyEvent {
  readonly map: SlotMap;
}

const commands = tracingChannel('hexis:command');
const connections = channel('hexis:connection');
const topologies = channel('hexis:topology');

/** Whether anybody wants to know about commands. */
export function isTraced(): boolean {
  const { start, asyncEnd, error } = commands;
  return start.hasSubscribers || asyncEnd.hasSubscribers || error.hasSubscribers;
}

/** Sends a request and reports it. */
export function traced(request: Request, send: () => void): Promise<unknown> {
  const trace: CommandTrace = { command: request.info.name, slot: request.slot };
  return commands.tracePromise(async () => {
    send();
    try {
      return await request.promise;
    } finally {
      trace.attempts = request.attempts;
    }
  }, trace);
}

export function reportConnection(event: ConnectionEvent): void {
  if (connections.hasSubscribers) connections.publish(event);
}

export function reportTopology(event: TopologyEvent): void {
  if (topologies.hasSubscribers) topologies.publish(event);
}
