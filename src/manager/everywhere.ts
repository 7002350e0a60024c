/** One command to every node of a cluster. */

import type { Reply } from '../protocol/reply-decoder.js';
import { type NodeAddress, nameOf } from './address.js';
import { type ConnectOptions, withConnections } from './connections.js';
import type { AddressLike } from './operation.js';
import { inspectFrom, toAddress } from './view.js';

/** What one node answered, or why it did not. */
export type Answer =
  | { readonly node: NodeAddress; readonly reply: Reply }
  | { readonly node: NodeAddress; readonly error: Error };

export interface CallOptions extends ConnectOptions {
  /** Which nodes to ask; all by default. */
  readonly only?: 'masters' | 'replicas';
}

/** Sends a command to the nodes of a cluster, to all at once, and answers in the order of the view. */
export function callEverywhere(
  seed: AddressLike,
  command: readonly string[],
  options: CallOptions = {},
): Promise<Answer[]> {
  return withConnections(options, async (connections) => {
    const view = await inspectFrom(connections, toAddress(seed));
    const role = { masters: 'master', replicas: 'replica' }[options.only as string];
    const nodes = view.nodes.filter((node) => role === undefined || node.role === role);
    return Promise.all(
      nodes.map((node) =>
        connections.call(node, ...command).then(
          (reply) => ({ node: nameOf(node), reply }),
          (error: Error) => ({ node: nameOf(node), error }),
        ),
      ),
    );
  });
}

/**
 * Sets `cluster-node-timeout` on every node and writes it into their configuration files. Answers for each node;
 * the reply is `OK`. Throws RangeError below 100 ms and for what is no whole number.
 */
export function setNodeTimeout(
  seed: AddressLike,
  milliseconds: number,
  options: ConnectOptions = {},
): Promise<Answer[]> {
  if (!Number.isInteger(milliseconds))
    throw new RangeError('A node timeout is a whole number of milliseconds.');
  if (milliseconds < 100) {
    throw new RangeError('Setting a node timeout of less than 100 milliseconds is a bad idea.');
  }
  return withConnections(options, async (connections) => {
    const { nodes } = await inspectFrom(connections, toAddress(seed));
    return Promise.all(
      nodes.map(async (node): Promise<Answer> => {
        try {
          await connections.call(node, 'CONFIG', 'SET', 'cluster-node-timeout', milliseconds);
          return { node: nameOf(node), reply: await connections.call(node, 'CONFIG', 'REWRITE') };
        } catch (error) {
          return { node: nameOf(node), error: error as Error };
        }
      }),
    );
  });
}
