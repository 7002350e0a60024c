/**
 * Replicas away from their masters.
 *
 * A replica on its master's host dies with it, and two replicas of one master on one host die together. The
 * score counts both, the first 10,000 times heavier, as redis-cli does; 0 is perfect. The search is redis-cli's
 * too: let a random offender and another random replica trade masters and keep the trade unless it scores
 * worse (some layouts need a few neutral trades on the way). Two differences: the random numbers come from a
 * fixed seed, so a plan is the same each time, and the best layout seen is kept, so where nothing can be gained
 * (all nodes on one host) the replicas stay where they were put.
 */
import type { NodeAddress } from './address.js';

/** Score of a replica that shares its master's host. */
export const SAME_HOST_AS_MASTER = 10_000;

/** One replica and its master. */
export interface ReplicaOf {
  readonly node: NodeAddress;
  readonly master: NodeAddress;
}

/** How badly the replicas are placed: 0 is perfect, from `SAME_HOST_AS_MASTER` some share their master's host. */
export function antiAffinityScore(replicas: readonly ReplicaOf[]): number {
  /** Replicas of one master on one host other than its own. */
  const together = new Map<string, number>();
  let score = 0;
  for (const { node, master } of replicas) {
    if (node.host === master.host) {
      score += SAME_HOST_AS_MASTER;
      continue;
    }
    const key = `${master.id} ${node.host}`;
    const before = together.get(key) ?? 0;
    together.set(key, before + 1);
    if (before > 0) score += before === 1 ? 2 : 1;
  }
  return score;
}

/** The same replicas with masters traded until the score is as low as the search finds. */
export function improveAntiAffinity(replicas: readonly ReplicaOf[]): ReplicaOf[] {
  const current = replicas.map(({ node, master }) => ({ node, master }));
  let score = antiAffinityScore(current);
  let best = replicas.slice();
  let bestScore = score;
  const hosts = new Set(replicas.flatMap(({ node, master }) => [node.host, master.host]));
  if (hosts.size < 2) return best;

  const random = seededRandom();
  for (let effort = 500 * replicas.length; effort > 0 && bestScore > 0; effort--) {
    const offenders = current.filter((replica) => offends(replica, current));
    const first = offenders[random(offenders.length)];
    const others = current.filter((replica) => replica !== first);
    if (others.length === 0) break;
    const second = others[random(others.length)];
    trade(first, second);
    const traded = antiAffinityScore(current);
    if (traded > score) {
      trade(first, second);
      continue;
    }
    score = traded;
    if (score < bestScore) {
      bestScore = score;
      best = current.map(({ node, master }) => ({ node, master }));
    }
  }
  return best;
}

function offends(replica: ReplicaOf, all: readonly ReplicaOf[]): boolean {
  return (
    replica.node.host === replica.master.host ||
    all.some(
      (other) =>
        other !== replica && other.master.id === replica.master.id && other.node.host === replica.node.host,
    )
  );
}

function trade(a: { master: NodeAddress }, b: { master: NodeAddress }): void {
  const master = a.master;
  a.master = b.master;
  b.master = master;
}

/** A xorshift generator: each call answers an integer below `limit`, the same sequence every time. */
function seededRandom(): (limit: number) => number {
  let state = 0x9e3779b9;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}
