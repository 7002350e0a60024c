/** `hexis cluster reshard`, `rebalance`. */
import {
  applyMoves,
  checkCluster,
  formatAddress,
  inspectHealthy,
  ManagerError,
  type ManagerEvent,
  type MigrateOptions,
  planRebalance,
  planReshard,
  type ReshardRequest,
  showCheck,
  showRebalancePlan,
  showReshardPlan,
} from '../../manager/index.js';
import { type Action, addressOf, type CommonOptions, DONE, FAILED, type Session } from './session.js';

/** Options of all subcommands that move keys. */
export interface MoveWords extends CommonOptions {
  readonly timeout?: number;
  readonly pipeline?: number;
  readonly replace?: boolean;
}

export interface ReshardWords extends MoveWords {
  readonly from?: string;
  readonly to?: string;
  readonly slots?: number;
}

export interface RebalanceWords extends MoveWords {
  readonly weight: readonly string[];
  readonly useEmptyMasters?: boolean;
  readonly threshold?: number;
  readonly simulate?: boolean;
}

export const reshard: Action<ReshardWords> = async (session, words, options) => {
  const view = await inspectHealthy(addressOf(words), session.patience);
  session.print(showCheck(view, checkCluster(view)));
  const plan = planReshard(view, {
    slots: options.slots ?? (await askSlots(session)),
    to: options.to ?? (await session.ask('What is the receiving node ID? ')),
    from: options.from === undefined ? await askSources(session) : sourcesOf(options.from.split(',')),
  });
  session.print(showReshardPlan(view, plan));
  const question = 'Do you want to proceed with the proposed reshard plan';
  if (!(await session.confirmed(question, '(yes/no)? '))) return FAILED;
  const { slots, keys } = await session.operate(
    (operation) => applyMoves(plan.transfers, { ...operation, ...migrateOptions(options) }),
    (event) => showMovedSlot(session, event),
  );
  session.result({ plan, slots, keys });
  return DONE;
};

export const rebalance: Action<RebalanceWords> = async (session, words, options) => {
  // redis-cli takes several weights behind one option: the later ones arrive among the words.
  const isWeight = (word: string) => word.includes('=');
  const weights = readWeights([...options.weight, ...words.filter(isWeight)]);
  const view = await inspectHealthy(addressOf(words.filter((word) => !isWeight(word))), session.patience);
  session.print(showCheck(view, checkCluster(view), { nodes: false }));
  const { useEmptyMasters, threshold = 2 } = options;
  const plan = planRebalance(view, { weights, useEmptyMasters, threshold });
  if (plan.transfers.length === 0) {
    session.print([
      `*** No rebalancing needed! All nodes are within the ${threshold.toFixed(2)}% threshold.`,
    ]);
    session.result({ plan, slots: 0, keys: 0 });
    return DONE;
  }
  session.print(showRebalancePlan(plan));
  if (options.simulate) {
    session.result({ plan, slots: 0, keys: 0 });
    return DONE;
  }
  const { slots, keys } = await session.operate(
    (operation) => applyMoves(plan.transfers, { ...operation, ...migrateOptions(options) }),
    (event) => (event.type === 'slot-moved' ? session.terminal.progress('#') : session.show(event)),
  );
  session.result({ plan, slots, keys });
  return DONE;
};

export function migrateOptions({ timeout, pipeline, replace }: MoveWords): MigrateOptions {
  return { migrateTimeout: timeout, batch: pipeline, replace };
}

/** A line for each slot with a dot for each key, as redis-cli has it, but for slots with very many. */
function showMovedSlot(session: Session, event: ManagerEvent): void {
  if (event.type !== 'slot-moved') {
    session.show(event);
    return;
  }
  const { slot, source, target, keys } = event;
  const dots = keys <= 100 ? '.'.repeat(keys) : `${'.'.repeat(100)} (${keys} keys)`;
  session.print([`Moving slot ${slot} from ${formatAddress(source)} to ${formatAddress(target)}: ${dots}`]);
}

async function askSlots(session: Session): Promise<number> {
  for (;;) {
    const slots = Number(await session.ask('How many slots do you want to move (from 1 to 16384)? '));
    if (Number.isInteger(slots) && slots >= 1 && slots <= 16384) return slots;
  }
}

async function askSources(session: Session): Promise<ReshardRequest['from']> {
  session.print([
    'Please enter all the source node IDs.',
    "  Type 'all' to use all the nodes as source nodes for the hash slots.",
    "  Type 'done' once you entered all the source nodes IDs.",
  ]);
  const sources: string[] = [];
  for (;;) {
    const answer = await session.ask(`Source node #${sources.length + 1}: `);
    if (answer === 'done') return sources;
    if (answer === 'all') return 'all';
    sources.push(answer);
  }
}

function sourcesOf(ids: readonly string[]): ReshardRequest['from'] {
  return ids.includes('all') ? 'all' : ids.filter((id) => id !== '');
}

function readWeights(words: readonly string[]): Record<string, number> {
  const weights: Record<string, number> = {};
  for (const word of words) {
    const [, id, weight] = /^(.+)=(\d+(?:\.\d+)?)$/.exec(word) ?? [];
    if (id === undefined) throw new ManagerError('INVALID', `*** invalid input ${word}`);
    weights[id] = Number(weight);
  }
  return weights;
}
