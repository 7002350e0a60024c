/**
 * The `hexis` binary: finds the subcommand and loads only its code, because start-up time is part of the
 * product (`hexis up` promises a cluster in well under a second).
 *
 * A subcommand is a module with `run(args)`, which gets the words behind its name and answers the exit code.
 */
import { VERSION } from './version.js';

interface Subcommand {
  run(args: string[]): Promise<number>;
}

const SUBCOMMANDS: Readonly<Record<string, (args: string[]) => Promise<number>>> = {
  up: (args) => run(import('./local.js'), ['up', ...args]),
  down: (args) => run(import('./local.js'), ['down', ...args]),
  status: (args) => run(import('./local.js'), ['status', ...args]),
  server: (args) => run(import('./server.js'), args),
  cli: (args) => run(import('./redis-cli.js'), args),
  cluster: (args) => run(import('./cluster.js'), args),
  'check-aof': (args) => run(import('./check-aof.js'), args),
  'check-rdb': (args) => run(import('./check-rdb.js'), args),
};

const HELP = `hexis ${VERSION}: a whole Redis Cluster in one package

Usage: hexis COMMAND [ARGUMENTS]

  up                     start a local cluster: 3 masters and 3 replicas on ports 7000-7005
  down                   stop it
  status                 show the local clusters that run
  server [CONF]          run one node; redis-server's config file and options
  cli [-c] [-h] [-p]     talk to a server or cluster; redis-cli's options
  cluster SUBCOMMAND     create, check and change clusters; redis-cli --cluster's options
  check-aof FILE         check and mend an append-only file; redis-check-aof's options
  check-rdb FILE         check an RDB file

Every command explains itself with --help.
`;

/** Wrong usage, as shells have it. */
const USAGE_ERROR = 2;

async function run(module: Promise<Subcommand>, args: string[]): Promise<number> {
  return (await module).run(args);
}

async function main([word, ...args]: string[]): Promise<number> {
  switch (word) {
    case undefined:
      process.stderr.write(HELP);
      return USAGE_ERROR;
    case 'help':
      if (args.length > 0) return subcommand(args[0], ['--help']);
      process.stdout.write(HELP);
      return 0;
    case '--help':
    case '-h':
      process.stdout.write(HELP);
      return 0;
    case '--version':
    case '-v':
      process.stdout.write(`hexis ${VERSION}\n`);
      return 0;
  }
  return subcommand(word, args);
}

async function subcommand(word: string, args: string[]): Promise<number> {
  if (Object.hasOwn(SUBCOMMANDS, word)) return SUBCOMMANDS[word](args);
  const known = Object.keys(SUBCOMMANDS).join(', ');
  process.stderr.write(`hexis: '${word}' is not a hexis command. Commands: ${known}. See hexis --help.\n`);
  return USAGE_ERROR;
}

// A reader that has seen enough (`hexis cli … | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await main(process.argv.slice(2));
