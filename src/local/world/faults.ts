/**
 * How badly the network, the disks and the schedulers of a world behave. A seed draws rates of its own (swarm
 * testing): runs in which everything goes slightly wrong all look alike, while a run with fast links and a terrible
 * disk finds what only a terrible disk finds.
 */
import type { RandomStream } from './random.js';

export interface FaultRates {
  /** Time a segment takes from host to host, milliseconds: at least, on average above that. */
  readonly delay: { readonly least: number; readonly mean: number };
  /** Probability that a segment is much later than the others, and by how much on average. */
  readonly spike: { readonly probability: number; readonly mean: number };
  /** Probability that what is written in one piece arrives in several. */
  readonly fragmentation: number;
  /** Probability that a link holds on to the writer's buffer instead of copying. */
  readonly heldWrites: number;
  /** Mean life of a connection before the network breaks it, milliseconds. */
  readonly linkLife: number;
  /** Probability that a dial is refused though somebody listens. */
  readonly refusedDials: number;
  /** Mean time an fsync takes, milliseconds. */
  readonly sync: number;
  /** Mean time between an event and the thread that handles it getting a processor, milliseconds. */
  readonly latency: number;
  /** Clock drift: each machine's clock runs at 1 ± up to this. */
  readonly drift: number;
}

/** A quiet machine room: deterministic, in order, quick. What users' tests run in unless they ask for more. */
export const CALM: FaultRates = {
  delay: { least: 0.1, mean: 0.1 },
  spike: { probability: 0, mean: 0 },
  fragmentation: 0,
  heldWrites: 0,
  linkLife: Number.POSITIVE_INFINITY,
  refusedDials: 0,
  sync: 1,
  latency: 0.02,
  drift: 0,
};

/** Draws how one world misbehaves: each kind of fault is absent in about half of the worlds. */
export function drawFaults(random: RandomStream): FaultRates {
  const sometimes = (rate: number, otherwise: number) => (random.chance(0.5) ? rate : otherwise);
  return {
    delay: { least: random.between(0.05, 2), mean: random.exponential(3) },
    spike: { probability: sometimes(random.between(0, 0.02), 0), mean: random.between(20, 300) },
    fragmentation: sometimes(random.fraction(), 0),
    heldWrites: sometimes(random.fraction(), 0),
    linkLife: sometimes(random.between(20_000, 200_000), Number.POSITIVE_INFINITY),
    refusedDials: sometimes(random.between(0, 0.1), 0),
    sync: random.exponential(5),
    latency: random.exponential(0.2),
    drift: sometimes(random.between(0, 0.001), 0),
  };
}
