/**
 * `hexis cluster SUBCOMMAND`: redis-trib.rb and redis-cli --cluster over `src/manager`. Everything the manager
 * knows comes as plain values; the files in `cluster/` turn words into calls and values into lines, this one
 * declares the words.
 *
 * Exit codes: 0 done or healthy, 1 refused or failed, 2 wrong usage.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { ManagerError } from '../manager/index.js';
import { backup } from './cluster/backup.js';
import { check, create, info } from './cluster/create-check-info.js';
import { call, setTimeout } from './cluster/everywhere.js';
import { fix } from './cluster/fix.js';
import { importFrom } from './cluster/import.js';
import { addNode, deleteNode } from './cluster/membership.js';
import { rebalance, reshard } from './cluster/moves.js';
import { type Action, type CommonOptions, DONE, FAILED, Session, WRONG_USAGE } from './cluster/session.js';
import { ClusterTerminal } from './cluster/terminal.js';
import { UsageError } from './options.js';
import { tlsOptions } from './tls-options.js';

/** To which nodes `call` goes, as redis-cli writes it. */
const REDIS_CLI_CHOICES = new Set(['--cluster-only-masters', '--cluster-only-replicas']);

/** Takes the words behind `cluster`; answers the exit code. */
export async function run(args: string[]): Promise<number> {
  let code = DONE;
  const program = new Command('hexis cluster')
    .description('Create, check and change clusters of Hexis, Redis or Valkey nodes.')
    .enablePositionalOptions()
    .exitOverride();

  const subcommand = <Options extends CommonOptions>(
    usage: string,
    description: string,
    action: Action<Options>,
  ): Command =>
    program
      .command(usage)
      .description(description)
      .option('-a, --pass <password>', 'password of all nodes (or the variable REDISCLI_AUTH)')
      .option('--user <name>', 'user name that belongs to the password')
      .option('--tls', 'connect with TLS')
      .option('--cacert <file>', 'certificates to trust')
      .option('--cacertdir <folder>', 'a folder of them')
      .option('--cert <file>', 'certificate of this client')
      .option('--key <file>', 'its key')
      .option('--sni <name>', 'server name to ask for')
      .option('--insecure', 'accept any certificate')
      .option('--tls-ciphers <list>', 'ciphers up to TLS 1.2')
      .option('--tls-ciphersuites <list>', 'ciphers of TLS 1.3')
      .addOption(new Option('--no-auth-warning').hideHelp())
      .option('--json', 'print the result as JSON and nothing else')
      .option('-y, --yes', 'do not ask')
      .action(async (...parameters: unknown[]) => {
        const command = parameters.at(-1) as Command;
        const options = command.opts<Options>();
        code = await perform(options, (session) => action(session, command.args, options));
      });

  subcommand('create <host:port...>', 'make a cluster of empty nodes', create)
    .option('--replicas <n>', 'replicas for each master', wholeNumber, 0)
    .option('--timeout <ms>', 'limit for waiting until the cluster is ready (30000)', wholeNumber)
    .option('--keep-delays', "leave the nodes' own delays in force while they join");
  subcommand('check <host:port...>', 'whether the nodes agree and all slots are covered', check);
  subcommand('info <host:port...>', 'keys, slots and replicas of each master', info);
  moving(subcommand('fix <host:port...>', 'close open slots and cover slots without owner', fix))
    .option('--search-multiple-owners', 'look into every slot for keys outside its owner')
    .option('--fix-with-unreachable-masters', 'give away the slots of masters that do not answer');
  moving(subcommand('reshard <host:port...>', 'move slots to one master', reshard))
    .option('--from <ids>', "masters that give, separated by commas, or 'all'")
    .option('--to <id>', 'master that receives')
    .option('--slots <n>', 'how many slots', wholeNumber);
  moving(subcommand('rebalance <host:port...>', 'give every master its share of the slots', rebalance))
    .option('--weight <id=weight>', 'share of a master; 1 unless given, 0 empties it', append, [])
    .option('--use-empty-masters', 'let masters without slots take part')
    .option('--threshold <percent>', 'leave masters alone that are off by less (2)', decimal)
    .option('--simulate', 'print the plan only');
  waiting(
    subcommand('add-node <new-host:port> <host:port>', 'let an empty node join a cluster', addNode)
      .option('--replica', 'as a replica')
      .option('--slave', 'the same')
      .option('--master-id <id>', 'of this master; of one with fewest replicas unless given'),
  );
  waiting(
    subcommand('del-node <host:port> <node-id>', 'take a node without slots out of a cluster', deleteNode),
  );
  subcommand('set-timeout <host:port> <ms>', 'set the node timeout on all nodes', setTimeout);
  subcommand('call <host:port> <command...>', 'send a command to all nodes', call)
    .option('--only-masters', 'to masters only')
    .option('--only-replicas', 'to replicas only')
    .passThroughOptions();
  moving(subcommand('import <host:port...>', 'bring the keys of a single server into a cluster', importFrom))
    .requiredOption('--from <host:port>', 'the single server')
    .option('--from-user <name>', 'its user name')
    .option('--from-pass <password>', 'its password')
    .option('--copy', 'leave the keys there as well');
  subcommand('backup <host:port> <folder>', 'save the data of every master and the layout', backup);

  try {
    await program.parseAsync(plainOptions(args), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? DONE : WRONG_USAGE;
  }
  return code;
}

/** Options of subcommands that move keys. */
function moving(command: Command): Command {
  return waiting(command)
    .option('--timeout <ms>', 'limit for each MIGRATE (60000)', wholeNumber)
    .option('--pipeline <n>', 'keys per MIGRATE (100)', wholeNumber)
    .option('--replace', 'overwrite keys that the receiving node already has');
}

function waiting(command: Command): Command {
  return command.option('--wait <ms>', 'limit for waiting until the nodes agree (30000)', wholeNumber);
}

/** redis-cli's option names are redis-trib's with `cluster-` before them; both are understood. */
function plainOptions(args: readonly string[]): string[] {
  const plain = (word: string) => word.replace(/^--cluster-/, '--');
  const [subcommand, ...words] = args;
  if (subcommand !== 'call') return args.map(plain);
  // What is sent to the nodes stays as it is, but for the options that people are used to write behind it.
  const choices = words.filter((word) => REDIS_CLI_CHOICES.has(word));
  return [subcommand, ...choices.map(plain), ...words.filter((word) => !REDIS_CLI_CHOICES.has(word))];
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function decimal(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('It must be a number.');
  return Number(text);
}

/** Lets an option be given several times. */
function append(text: string, before: readonly string[]): string[] {
  return [...before, text];
}

/** Runs an action; failures become messages and exit codes. */
async function perform(
  options: CommonOptions,
  action: (session: Session) => Promise<number>,
): Promise<number> {
  const terminal = new ClusterTerminal(options.json === true);
  try {
    return await action(new Session(options, terminal, await readTls(options)));
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.fail(error.message);
      return WRONG_USAGE;
    }
    if (error instanceof ManagerError) terminal.fail(error.message, error.hint);
    else if (error instanceof RangeError) terminal.fail(error.message);
    else if ((error as Error).name === 'AbortError') terminal.fail('Interrupted.');
    else throw error;
    return FAILED;
  } finally {
    terminal.close();
  }
}

async function readTls(options: CommonOptions) {
  if (!options.tls) return undefined;
  const { cacert: ca, cacertdir: caDirectory, cert: certificate, key, sni: serverName } = options;
  const { tlsCiphers: ciphers, tlsCiphersuites: ciphersuites, insecure = false } = options;
  return tlsOptions({ ca, caDirectory, certificate, key, serverName, ciphers, ciphersuites, insecure });
}
