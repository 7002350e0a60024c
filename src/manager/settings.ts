/** Settings changed while an operation runs, and put back after it. */
import type { Address } from './address.js';
import { type Connections, isRefusal } from './connections.js';

/**
 * Lowers numeric settings on the nodes while `work` runs. A setting that a node does not have, that is lower
 * already or that it won't let us change is left alone; the others get their old value back whatever happens.
 */
export async function withLowered<Result>(
  connections: Connections,
  nodes: readonly Address[],
  settings: Readonly<Record<string, number>>,
  work: () => Promise<Result>,
): Promise<Result> {
  const undo: (() => Promise<unknown>)[] = [];
  const lower = async (node: Address, name: string, value: number) => {
    try {
      const reply = await connections.call(node, 'CONFIG', 'GET', name);
      const old = Array.isArray(reply) ? Number(reply[1]) : Number.NaN;
      if (!(old > value)) return;
      undo.push(() => connections.call(node, 'CONFIG', 'SET', name, old));
      await connections.call(node, 'CONFIG', 'SET', name, value);
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  };
  try {
    await Promise.all(
      nodes.flatMap((node) => Object.entries(settings).map(([name, value]) => lower(node, name, value))),
    );
    return await work();
  } finally {
    await Promise.allSettled(undo.map((restore) => restore()));
  }
}
