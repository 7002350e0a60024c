/**
 * `hexis cluster SUBCOMMAND`: redis-trib.rb and redis-cli --cluster over `src/manager`. Everything the manager
 * knows comes as plain values; this file turns words into calls and values into lines.
 *
 * Exit codes: 0 done or healthy, 1 refused or failed, 2 wrong usage.
 */
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import {
  applyCreate,
  type ConnectOptions,
  checkCluster,
  formatAddress,
  inspect,
  ManagerError,
  type ManagerEvent,
  type OperationOptions,
  parseAddress,
  planCreate,
  type Step,
  showCheck,
  showCreatePlan,
  showInfo,
  showUnreachable,
} from '../manager/index.js';
import { ClusterTerminal } from './cluster-terminal.js';

const FAILED = 1;
const WRONG_USAGE = 2;

/** Options that every subcommand has. */
interface CommonOptions {
  readonly pass?: string;
  readonly user?: string;
  readonly tls?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly timeout?: number;
}

/** Takes the words behind `cluster`; answers the exit code. */
export async function run(args: string[]): Promise<number> {
  let code = 0;
  const program = new Command('hexis cluster')
    .description('Create, check and change clusters of Hexis, Redis or Valkey nodes.')
    .exitOverride();

  /** Adds a subcommand whose action answers the exit code. */
  const subcommand = (
    usage: string,
    description: string,
    action: (terminal: ClusterTerminal, words: string[], options: never) => Promise<number>,
  ): Command =>
    program
      .command(usage)
      .description(description)
      .option('-a, --pass <password>', 'password of all nodes (or the variable REDISCLI_AUTH)')
      .option('--user <name>', 'user name that belongs to the password')
      .option('--tls', 'connect with TLS')
      .option('--json', 'print the result as JSON and nothing else')
      .option('--timeout <ms>', 'limit for waiting on the nodes, in milliseconds', wholeNumber)
      .action(async (...parameters: unknown[]) => {
        const command = parameters.at(-1) as Command;
        const options = command.opts<CommonOptions>();
        code = await perform(options, (terminal) => action(terminal, command.args, options as never));
      });

  subcommand('create <host:port...>', 'make a cluster of empty nodes', create)
    .option('--replicas <n>', 'replicas for each master', wholeNumber, 0)
    .option('--keep-delays', "leave the nodes' own delays in force while they join")
    .option('-y, --yes', 'do not ask');
  subcommand('check <host:port...>', 'whether the nodes agree and all slots are covered', check);
  subcommand('info <host:port...>', 'keys, slots and replicas of each master', info);

  try {
    await program.parseAsync(plainOptions(args), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : WRONG_USAGE;
  }
  return code;
}

/** redis-cli's option names are redis-trib's with `cluster-` before them; both are understood. */
function plainOptions(args: readonly string[]): string[] {
  return args.map((word) => word.replace(/^--cluster-/, '--'));
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

/** Runs an action; failures become messages and exit codes. */
async function perform(
  options: CommonOptions,
  action: (terminal: ClusterTerminal) => Promise<number>,
): Promise<number> {
  const terminal = new ClusterTerminal(options.json === true);
  try {
    return await action(terminal);
  } catch (error) {
    if (error instanceof ManagerError) terminal.fail(error.message, error.hint);
    else if (error instanceof RangeError) terminal.fail(error.message);
    else if ((error as Error).name === 'AbortError') terminal.fail('Interrupted.');
    else throw error;
    return FAILED;
  } finally {
    terminal.close();
  }
}

async function create(
  terminal: ClusterTerminal,
  addresses: string[],
  options: CommonOptions & { replicas: number; keepDelays?: boolean },
): Promise<number> {
  terminal.print(['>>> Creating cluster']);
  const connect = connectOptions(options);
  const plan = await planCreate(addresses, { ...connect, replicas: options.replicas });
  terminal.print(showCreatePlan(plan));
  if (!(await confirmed(terminal, options, 'Can I set the above configuration?'))) return FAILED;
  const start = performance.now();
  const view = await interruptible((signal) =>
    applyCreate(plan, {
      ...operationOptions(terminal, options, signal),
      keepDelays: options.keepDelays,
    }),
  );
  const elapsed = Math.round(performance.now() - start);
  const report = checkCluster(view);
  terminal.print(showCheck(view, report));
  terminal.print([
    `[OK] Every slot takes writes and ${plan.replicas.length} replicas are in sync, after ${(elapsed / 1000).toFixed(1)} s.`,
  ]);
  printJson(terminal, { plan, report, elapsed });
  return report.ok ? 0 : FAILED;
}

async function check(terminal: ClusterTerminal, words: string[], options: CommonOptions): Promise<number> {
  const view = await inspect(addressOf(words), connectOptions(options));
  const report = checkCluster(view);
  terminal.print([...showUnreachable(view), ...showInfo(view), ...showCheck(view, report)]);
  printJson(terminal, { ...report, nodes: view.nodes.map(({ table, ...node }) => node) });
  return report.ok ? 0 : FAILED;
}

async function info(terminal: ClusterTerminal, words: string[], options: CommonOptions): Promise<number> {
  const view = await inspect(addressOf(words), connectOptions(options));
  terminal.print([...showUnreachable(view), ...showInfo(view)]);
  printJson(terminal, {
    nodes: view.nodes.map(({ table, ...node }) => node),
    unreachable: view.unreachable,
  });
  return 0;
}

/** `host:port`, or host and port as two words. */
function addressOf([host, port, ...rest]: string[]): string {
  if (rest.length > 0) throw new RangeError(`One address is enough: ${host}`);
  const text = port === undefined ? host : `${host}:${port}`;
  return formatAddress(parseAddress(text));
}

function connectOptions(options: CommonOptions): ConnectOptions {
  return {
    username: options.user,
    password: options.pass ?? process.env.REDISCLI_AUTH,
    tls: options.tls,
  };
}

function operationOptions(
  terminal: ClusterTerminal,
  options: CommonOptions,
  signal: AbortSignal,
): OperationOptions {
  return {
    ...connectOptions(options),
    timeout: options.timeout,
    signal,
    onEvent: (event) => showEvent(terminal, event),
  };
}

const STEPS: Readonly<Record<Step, string | undefined>> = {
  configured: '>>> Nodes configuration updated',
  epochs: '>>> Assign a different config epoch to each node',
  meet: '>>> Sending CLUSTER MEET messages to join the cluster',
  join: 'Waiting for the cluster to join',
  replicate: undefined,
  ready: undefined,
};

function showEvent(terminal: ClusterTerminal, event: ManagerEvent): void {
  if (event.type === 'waiting') {
    terminal.progress('.');
    return;
  }
  const line = STEPS[event.step];
  if (line !== undefined) terminal.print([line]);
}

/** Asks unless `--yes` is given; only the whole word counts. */
async function confirmed(
  terminal: ClusterTerminal,
  options: CommonOptions,
  question: string,
): Promise<boolean> {
  if (options.yes) return true;
  if (terminal.json) throw new ManagerError('INVALID', 'With --json, give --yes as well.');
  if ((await terminal.ask(`${question} (type 'yes' to accept): `)) === 'yes') return true;
  terminal.print(['*** Aborting...']);
  return false;
}

/** Ctrl-C ends the work at the next safe point, with what was changed for a time put back. */
async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  process.once('SIGINT', abort);
  try {
    return await work(controller.signal);
  } finally {
    process.removeListener('SIGINT', abort);
  }
}

function printJson(terminal: ClusterTerminal, value: unknown): void {
  if (terminal.json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
