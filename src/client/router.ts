/** What a client needs of the servers behind it, be it one or a cluster. */
import type { Connection } from './connection.js';
import type { NodeLink } from './node-link.js';
import type { Request } from './request.js';

export interface Router {
  /** Whether keys are spread over slots. */
  readonly clustered: boolean;
  /** Sends the request where it belongs and sees to its outcome. */
  send(request: Request): void;
  /** Connects now instead of with the first command. Rejects when no server can be reached. */
  ready(): Promise<void>;
  /** All masters, or all nodes; connects and looks at the cluster first if need be. */
  nodes(which: 'all-masters' | 'all-nodes'): Promise<readonly NodeLink[]>;
  /** The master of the slot, or any master for a slot below 0; connects and looks at the cluster first if need be. */
  link(slot: number): Promise<NodeLink>;
  /** The connection on which requests for this slot are sent at present, if there is one. */
  connection(slot: number): Connection | undefined;
  /** Calls the listener whenever the nodes may be others; answers how to end that. */
  onChange(listener: () => void): () => void;
  /** Looks at the cluster again, since something seems to have changed. */
  refreshSoon(): void;
  /** Answers what is due, then ends every connection. */
  close(): Promise<void>;
  /** Ends every connection now. */
  destroy(): void;
}
