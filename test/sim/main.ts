/**
 * `npm run sim`: runs disasters for a row of seeds and says how to run a failing one again. Exit codes: 0 no violation,
 * 1 some, 2 wrong usage.
 *
 *     npm run sim -- --seeds 1000 [--seed 1] [--nodes 6] [--focus power] [--shrink]
 */
import { parseArgs } from 'node:util';
import { type Outcome, runDisaster } from './disaster.js';
import { type Focus, focused, isFocus } from './focus.js';
import { drawScenario, type Scenario } from './scenario.js';
import { shrink } from './shrink.js';
import { Tally } from './tally.js';

const USAGE =
  'usage: npm run sim -- [--seeds count] [--seed first] [--nodes count] [--focus subsystem] [--shrink] [--keep-going]';

/** Between two lines that say how far it is, seconds. */
const PROGRESS_PERIOD = 10;

interface Options {
  readonly seeds: number;
  readonly first: number;
  readonly nodes: number;
  readonly focus: Focus | undefined;
  readonly shrink: boolean;
  readonly keepGoing: boolean;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
      nodes: { type: 'string', default: '6' },
      focus: { type: 'string' },
      shrink: { type: 'boolean', default: false },
      'keep-going': { type: 'boolean', default: false },
    },
  });
  const number = (text: string, least: number) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least)
      throw new RangeError(`not a number from ${least} on: ${text}`);
    return value;
  };
  const { focus } = values;
  if (focus !== undefined && !isFocus(focus)) throw new RangeError(`no focus: ${focus}`);
  return {
    focus,
    seeds: number(values.seeds, 1),
    first: number(values.seed, 0),
    nodes: number(values.nodes, 6),
    shrink: values.shrink,
    keepGoing: values['keep-going'],
  };
}

function report(scenario: Scenario, { violations, hash }: Outcome, { nodes, focus }: Options): void {
  console.log(`\nseed ${scenario.seed} fails (hash ${hash}); again:`);
  console.log(
    `    npm run sim -- --seed ${scenario.seed} --nodes ${nodes}${focus ? ` --focus ${focus}` : ''}`,
  );
  for (const { rule, text } of violations.slice(0, 10)) console.log(`  ${rule}: ${text}`);
  if (violations.length > 10) console.log(`  and ${violations.length - 10} more`);
}

function show({ size, nodeTimeout, appendfsync, faults, operations }: Scenario): void {
  console.log(
    `  ${size.masters} masters, ${size.replicas} replicas each, node timeout ${nodeTimeout}, ${appendfsync}`,
  );
  for (const event of [...faults, ...operations].sort((a, b) => a.at - b.at))
    console.log(`  ${JSON.stringify(event)}`);
}

function main(options: Options): number {
  const { seeds, first, nodes, focus, keepGoing } = options;
  const tally = new Tally(seeds);
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1000;
  let told = 0;
  for (let seed = first; seed < first + seeds; seed++) {
    const drawn = drawScenario(seed, nodes);
    const scenario = focus ? focused(drawn, focus) : drawn;
    const outcome = runDisaster(scenario);
    tally.add(seed, outcome);
    if (outcome.violations.length > 0) {
      report(scenario, outcome, options);
      if (options.shrink)
        show(shrink(scenario, runDisaster, (line) => process.stderr.write(`  shrinking: ${line}\r`)));
      else if (seeds === 1) show(scenario);
      if (!keepGoing) break;
    }
    if (seconds() - told > PROGRESS_PERIOD) {
      told = seconds();
      console.log(tally.progress(told));
    }
  }
  console.log(tally.summary(seconds()));
  return tally.failures > 0 ? 1 : 0;
}

try {
  process.exitCode = main(readOptions());
} catch (error) {
  if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
  console.error(`${error.message}\n${USAGE}`);
  process.exitCode = 2;
}
