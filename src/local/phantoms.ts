/**
 * Takes a cluster of real servers over from its phantom masters (see layout.ts), without their delays. TAKEOVER skips
 * the vote of the other masters, which is right only where nobody else can claim anything: in a cluster that has not
 * begun yet.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Connections, isRefusal } from '../manager/connections.js';
import type { Layout, PlannedNode } from './layout.js';

const PAUSE = 5;
const LIMIT = 10_000;

export async function replacePhantoms(connections: Connections, { nodes, phantoms }: Layout): Promise<void> {
  const masters = nodes.filter(({ masterIndex }) => masterIndex === null);
  await Promise.all(masters.map((node) => connections.call(node, 'CLUSTER', 'FAILOVER', 'TAKEOVER')));
  await Promise.all(
    nodes.flatMap((node) => {
      const master = node.masterIndex === null ? undefined : nodes[node.masterIndex];
      return phantoms.map((phantom) => forget(connections, node, phantom, master));
    }),
  );
}

/**
 * A replica can't forget its master: it must have followed the new one first. It does so by itself when it hears of
 * the new one, but a ping that this one sent while it was a replica still may arrive behind the news, and makes
 * redis-server go back to the phantom, its master's master then, for good. So it is told.
 */
async function forget(
  connections: Connections,
  node: PlannedNode,
  phantom: string,
  master: PlannedNode | undefined,
): Promise<void> {
  for (const end = performance.now() + LIMIT; ; await pause(PAUSE)) {
    try {
      await connections.call(node, 'CLUSTER', 'FORGET', phantom);
      return;
    } catch (error) {
      if (isRefusal(error, /Unknown node/)) return;
      if (!isRefusal(error, /forget my master/) || performance.now() > end) throw error;
    }
    if (master) await connections.call(node, 'CLUSTER', 'REPLICATE', master.id).catch(ignoreRefusal);
  }
}

/** The replica hasn't heard yet that it is a master. */
function ignoreRefusal(error: unknown): void {
  if (!isRefusal(error)) throw error;
}
