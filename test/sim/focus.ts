/**
 * Scenarios that do one thing to excess. A drawn scenario goes through everything a little, and rarely meets the few
 * milliseconds in which one subsystem must be right; these provoke them again and again, and leave out whatever else
 * would explain a lost write.
 */
import { RandomStream } from '../../src/local/world/random.js';
import type { Fault } from './faults.js';
import type { Operation } from './operators.js';
import type { Scenario } from './scenario.js';

type Script = Pick<Scenario, 'faults' | 'operations'> & Partial<Scenario>;

const BUSY_CLIENTS = 20;
const TIMES = 12;

/** What each focus makes of a drawn scenario. */
const FOCUSES = {
  /** Masters lose power while a slow disk syncs, and are back before anybody replaces them. */
  power: (random, scenario) => ({
    appendfsync: 'always',
    rates: { ...scenario.rates, sync: 30 },
    clients: BUSY_CLIENTS,
    operations: [],
    faults: repeat(random, scenario, (at) => [
      { type: 'power-loss', at, lasts: random.below(200), node: random.below(scenario.size.masters) },
    ]),
  }),

  /** Slots with keys move while connections break under the transfers. */
  migration: (random, scenario) => ({
    rates: { ...scenario.rates, linkLife: 1000 },
    clients: BUSY_CLIENTS,
    faults: [],
    // Two at once may take a slot's keys: the node that gives it away and takes another claims it under a newer epoch.
    oneAdministrator: true,
    operations: inTurn(TIMES, scenario.duration, (at): Operation[] => {
      const from = random.below(scenario.size.masters);
      const to = (from + 1 + random.below(scenario.size.masters - 1)) % scenario.size.masters;
      return [{ type: 'reshard', at, from, to, slots: 4, keysFirst: true }];
    }),
  }),

  /** Replicas ask for their master's place, over a network that is slow enough for writes to come between. */
  failover: (random, scenario) => ({
    rates: { ...scenario.rates, delay: { least: 1, mean: 20 } },
    clients: BUSY_CLIENTS,
    faults: [],
    operations: repeat(random, scenario, (at): Operation[] => [
      { type: 'failover', at, node: random.below(nodesOf(scenario)), mode: 'NORMAL' },
    ]),
  }),

  /** Replication links break all the time. */
  links: (random, scenario) => ({
    rates: { ...scenario.rates, linkLife: 500 },
    clients: BUSY_CLIENTS,
    operations: [],
    faults: repeat(random, scenario, (at): Fault[] => {
      const master = random.below(scenario.size.masters);
      return [{ type: 'break', at, between: [master, master + scenario.size.masters] }];
    }),
  }),

  /** A replica stops hearing its master, which goes on taking writes, and replaces it: by order, or by election. */
  fork: (random, scenario) => {
    const { size, nodeTimeout } = scenario;
    const faults: Fault[] = [];
    const operations: Operation[] = [];
    for (let master = 0; master < size.masters; master++) {
      const replica = master + size.masters;
      const at = 500 + random.below(scenario.duration / 4);
      faults.push({ type: 'cut', at, lasts: 2 * nodeTimeout, from: master, to: replica });
      const then = at + 200 + random.below(nodeTimeout / 2);
      if (random.chance(0.5)) operations.push({ type: 'failover', at: then, node: replica, mode: 'FORCE' });
      else faults.push({ type: 'crash', at: then, lasts: 4 * nodeTimeout, node: master });
    }
    return { validityFactor: 10, clients: BUSY_CLIENTS, faults, operations };
  },

  /** Masters, one after another, are cut off from everybody but their clients. */
  minority: (random, { duration, nodeTimeout, size }) => ({
    clients: BUSY_CLIENTS,
    operations: [],
    faults: inTurn(3, duration, (at) => [
      { type: 'partition', at, lasts: 2 * nodeTimeout, group: [random.below(size.masters)] },
    ]),
  }),

  /** Single nodes don't hear others for long, replicas their masters among them, and then a master dies. */
  cuts: (random, scenario) => {
    const { size, nodeTimeout } = scenario;
    const lasts = 7 * nodeTimeout;
    const cut = (from: number, to: number): Fault => ({ type: 'cut', at: 100, lasts, from, to });
    const masters = Array.from({ length: size.masters }, (_, i) => i);
    const [dying, deaf, ...others] = masters;
    return {
      validityFactor: 1,
      operations: [],
      faults: [
        ...masters.map((master) => cut(master, master + size.masters)),
        cut(random.pick(others), deaf),
        { type: 'crash', at: 5 * nodeTimeout, lasts, node: dying },
      ],
    };
  },

  /** On a slow network two nodes at a time take new epochs: masters that import slots, or replicas that replace masters. */
  epochs: (random, { duration, rates, size }) => {
    const resharding = random.chance(0.5);
    const operations = inTurn(6, duration, (at): Operation[] => {
      const first = random.below(size.masters);
      const [second, third] = [1, 2].map((i) => (first + i) % size.masters);
      return resharding
        ? [
            { type: 'reshard', at, from: first, to: second, slots: 1 },
            { type: 'reshard', at, from: second, to: third, slots: 1 },
          ]
        : [first, second].map((master) => ({
            type: 'failover',
            at,
            node: master + size.masters,
            mode: 'NORMAL',
          }));
    });
    return { rates: { ...rates, delay: { least: 20, mean: 20 } }, faults: [], operations };
  },
} satisfies Record<string, (random: RandomStream, scenario: Scenario) => Script>;

export type Focus = keyof typeof FOCUSES;

export const isFocus = (name: string): name is Focus => name in FOCUSES;

/** The scenario of the same seed and size, bent on one subsystem. */
export function focused(scenario: Scenario, focus: Focus): Scenario {
  return { ...scenario, ...FOCUSES[focus](new RandomStream(scenario.seed, focus), scenario) };
}

function nodesOf({ size }: Scenario): number {
  return size.masters * (1 + size.replicas);
}

/** Draws something so many times, at equal distances. */
function inTurn<T>(times: number, duration: number, draw: (at: number) => T[]): T[] {
  return Array.from({ length: times }, (_, i) => draw(Math.floor((duration * i) / times))).flat();
}

function repeat<T extends { readonly at: number }>(
  random: RandomStream,
  { duration }: Scenario,
  draw: (at: number) => T[],
): T[] {
  return Array.from({ length: TIMES }, () => draw(Math.floor(random.fraction() * duration)))
    .flat()
    .sort((a, b) => a.at - b.at);
}
