/** Which node of a shard answers a command that changes nothing. */

/**
 * - `master`: always the master
 * - `replica`: the replicas in turn, the master when none is fit
 * - `any`: the replicas and the master in turn
 * - `random`: any of them at random
 * - `nearest`: whichever of them answered fastest when its connection was made
 * - `zone`: the replicas of the client's availability zone in turn, then its master, then all replicas
 * - a function that is given what is known of the fit nodes, the master last, and answers the index of one
 */
export type ReadFrom =
  | 'master'
  | 'replica'
  | 'any'
  | 'random'
  | 'nearest'
  | 'zone'
  | ((nodes: readonly ReadCandidate[]) => number);

/** `latency` before the first connection. */
const NOT_ASKED = 0;

export interface ReadCandidate {
  /** host:port */
  readonly address: string;
  /** Whether it can be expected to answer: it was reachable lately, and has its data. */
  readonly fit: boolean;
  /** Milliseconds that a short command took when the connection was made; 0 before that. */
  readonly latency: number;
  /** Availability zone, where the server tells it (Valkey 8). */
  readonly zone: string | undefined;
}

/**
 * The node for the next read; the master when there is no better one.
 *
 * @param turn counts up by one with every read
 * @param zone the client's own availability zone
 */
export function chooseReader<Node extends ReadCandidate>(
  readFrom: ReadFrom,
  master: Node | undefined,
  replicas: readonly Node[],
  turn: number,
  zone?: string,
): Node | undefined {
  if (readFrom === 'master') return master;
  const fit = replicas.filter((node) => node.fit);
  const all = master?.fit ? [...fit, master] : fit;
  switch (readFrom) {
    case 'replica':
      return fit[turn % fit.length] ?? master;
    case 'any':
      return all[turn % all.length] ?? master;
    case 'random':
      return all[Math.floor(Math.random() * all.length)] ?? master;
    case 'nearest':
      return all.reduce((best, node) => (best && best.latency <= node.latency ? best : node), master);
    case 'zone': {
      // One that nobody has asked yet may be near: the first read finds out.
      const near = fit.filter((node) => node.zone === zone || node.latency === NOT_ASKED);
      if (near.length > 0) return near[turn % near.length];
      return master?.fit && master.zone === zone ? master : (fit[turn % fit.length] ?? master);
    }
    default:
      return all[readFrom(all)] ?? master;
  }
}
