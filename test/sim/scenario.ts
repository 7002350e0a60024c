/**
 * A run in full, as plain data: everything that is not the shipping code or chance within the world's own streams. The
 * same scenario gives the same run.
 */
import { drawFaults, type FaultRates } from '../../src/local/world/faults.js';
import { RandomStream } from '../../src/local/world/random.js';
import { drawFaultList, type Fault } from './faults.js';
import { drawOperations, type Operation } from './operators.js';

export interface Size {
  readonly masters: number;
  readonly replicas: number;
}

export interface Scenario {
  readonly seed: number;
  readonly size: Size;
  /** cluster-node-timeout, milliseconds. */
  readonly nodeTimeout: number;
  readonly appendfsync: 'always' | 'everysec' | 'no';
  /** cluster-replica-validity-factor. */
  readonly validityFactor: number;
  /** cluster-require-full-coverage. */
  readonly fullCoverage: boolean;
  readonly rates: FaultRates;
  readonly clients: number;
  /** How long things go wrong, milliseconds. */
  readonly duration: number;
  readonly faults: readonly Fault[];
  readonly operations: readonly Operation[];
  /** No operation begins before the one before it has ended, as if one administrator did them all. */
  readonly oneAdministrator: boolean;
}

/** Masters and replicas of a cluster of so many nodes: one replica each, two each in some of the seeds. */
function drawSize(random: RandomStream, nodes: number): Size {
  const replicas = nodes % 3 === 0 && nodes >= 9 && random.chance(0.3) ? 2 : 1;
  return { masters: Math.floor(nodes / (replicas + 1)), replicas };
}

export function drawScenario(seed: number, nodes: number): Scenario {
  const random = new RandomStream(seed, 'scenario');
  const size = drawSize(random, nodes);
  const count = size.masters * (size.replicas + 1);
  const nodeTimeout = random.pick([1000, 1500, 2000]);
  const duration = nodeTimeout * 8;
  return {
    seed,
    size,
    nodeTimeout,
    appendfsync: random.pick(['always', 'everysec', 'everysec', 'no']),
    validityFactor: random.pick([1, 2, 10]),
    fullCoverage: random.chance(0.5),
    rates: drawFaults(new RandomStream(seed, 'rates')),
    clients: Math.max(3, Math.min(size.masters, 10)),
    duration,
    faults: drawFaultList(new RandomStream(seed, 'fault list'), size.masters, count, duration, nodeTimeout),
    operations: drawOperations(new RandomStream(seed, 'operations'), size, duration),
    oneAdministrator: false,
  };
}
