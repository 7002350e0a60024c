/**
 * `hexis up`, `down`, `status`: a cluster on this machine, in its own folder.
 *
 * Exit codes: 0 done or healthy, 1 refused or failed, 2 wrong usage; of `status` also 3 when nothing runs.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { ENGINES } from '../local/engine.js';
import { DEFAULT_FOLDER } from '../local/folder.js';
import { DONE, reportFailure, WRONG_USAGE } from './local/outcome.js';
import type { UpWords } from './local/up.js';

/** Takes the command's name and the words behind it; answers the exit code. */
export async function run(args: string[]): Promise<number> {
  let code = DONE;
  const program = new Command('hexis').exitOverride();

  program
    .command('up')
    .description(`Start a cluster on this machine, or bring back the one in ${DEFAULT_FOLDER}.`)
    .option('--masters <n>', 'masters of a new cluster (3)', positive)
    .option('--replicas <n>', 'replicas of each master (1)', wholeNumber)
    .option('--port <port>', 'port of the first node (7000); the others follow', positive)
    .option('--node-timeout <ms>', 'when a silent node counts as failed (5000)', positive)
    .addOption(new Option('--engine <name>', 'what runs the nodes').choices(ENGINES).default('hexis'))
    .option('--dir <folder>', 'where the cluster lives', DEFAULT_FOLDER)
    .option('--ephemeral', 'keep nothing: all data is gone at the end')
    .option('-d, --detach', 'return when the cluster is ready and leave it running')
    .option('--timeout <ms>', 'limit until it must be ready (30000)', positive)
    .action(async (words: UpWords) => {
      code = await (await import('./local/up.js')).up(words);
    });
  program
    .command('down')
    .description('Stop a cluster that `hexis up` has started.')
    .option('--dir <folder>', 'its folder', DEFAULT_FOLDER)
    .option('--all', 'stop all of yours')
    .action(async (words: { dir: string; all?: boolean }) => {
      code = await (await import('./local/down.js')).down(words);
    });
  program
    .command('status')
    .description('Show the clusters that run: nodes, roles, slots, links.')
    .option('--dir <folder>', 'only the one in this folder')
    .option('--json', 'as JSON')
    .action(async (words: { dir?: string; json?: boolean }) => {
      code = await (await import('./local/status.js')).status(words);
    });

  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : WRONG_USAGE;
    return reportFailure(error);
  }
  return code;
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function positive(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('It must be greater than 0.');
  return value;
}
