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
  await Promise.all(nodes.flatMap((node) => phantoms.map((phantom) => forget(connections, node, phantom))));
}

/** A replica can't forget its master: it must have followed the new one first. */
async function forget(connections: Connections, node: PlannedNode, phantom: string): Promise<void> {
  for (const end = performance.now() + LIMIT; ; await pause(PAUSE)) {
    try {
      await connections.call(node, 'CLUSTER', 'FORGET', phantom);
      return;
    } catch (error) {
      if (isRefusal(error, /Unknown node/)) return;
      if (!isRefusal(error, /forget my master/) || performance.now() > end) throw error;
    }
  }
}
