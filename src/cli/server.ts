/**
 * `hexis server`: redis-server's command line around one server. Everything that concerns the whole process is here:
 * signals, the crash report, standard input and output, the background.
 */
import { spawn } from 'node:child_process';
import { readFileSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { basename } from 'node:path';
import { isatty } from 'node:tty';
import { compileForServing } from '../io/compiler.js';
import { ConfigFileMissing, readConfig } from '../io/config-files.js';
import { type StartingServer, startServer } from '../io/server.js';
import { StartError } from '../io/start-error.js';
import { type Config, ConfigFileError, parseCommandLine } from '../node/config/index.js';
import { REDIS_VERSION } from '../protocol/redis-version.js';
import { showProcessTitle } from './process-title.js';
import { VERSION } from './version.js';

const USAGE = `Usage: hexis server [/path/to/redis.conf] [options] [-]
       hexis server -              (configuration from standard input)
       hexis server -v, --version
       hexis server -h, --help

Runs one node, with redis-server's configuration file and options: every directive
of the file is an option. Options override the file. Without a 'bind' directive
only this machine can connect.

Examples:
       hexis server                (on port 6379, with the default configuration)
       echo 'maxmemory 128mb' | hexis server -
       hexis server cluster0.conf
       hexis server --port 7000 --cluster-enabled yes --appendonly yes
       hexis server --port 7777 --replicaof 127.0.0.1 8888
       hexis server /etc/my.conf --loglevel verbose
`;

const UNAVAILABLE: Readonly<Record<string, string>> = {
  '--test-memory': 'it tests the memory of the machine; use memtest86 or redis-server for that',
  '--check-system': "it checks what redis-server's way of saving needs of the kernel, and Hexis doesn't",
  '--sentinel': 'Hexis has no Sentinel; a cluster fails over by itself',
};

/** Set for the process in the background, which must not go there again. */
const IN_BACKGROUND = 'HEXIS_IN_BACKGROUND';

/** Exit codes above this stand for a signal, as a shell has them. */
const SIGNAL_BASE = 128;

/** Runs a server until it ends; answers the exit code. */
export async function run(args: string[]): Promise<number> {
  switch (args[0]) {
    case '-v':
    case '--version':
      print(1, `Hexis server v=${VERSION} redis=${REDIS_VERSION} node=${process.versions.node} bits=64`);
      return 0;
    case '-h':
    case '--help':
      print(1, USAGE.trimEnd());
      return 0;
  }
  const unavailable = args.find((arg) => Object.hasOwn(UNAVAILABLE, arg));
  if (unavailable !== undefined) {
    print(2, `hexis server: ${unavailable} is not available: ${UNAVAILABLE[unavailable]}.`);
    return 1;
  }

  let standardInput = '';
  let config: Config;
  try {
    config = readConfig(parseCommandLine(args), () => {
      standardInput = readFileSync(0, 'latin1');
      return standardInput;
    });
  } catch (error) {
    if (error instanceof ConfigFileError) print(2, error.report(`Hexis ${VERSION}`).trimEnd());
    else if (error instanceof ConfigFileMissing) print(2, error.message);
    else throw error;
    return 1;
  }

  const { values } = config;
  if (values.daemonize && values.supervised === 'no' && process.env[IN_BACKGROUND] === undefined) {
    runInBackground(standardInput);
    return 0;
  }
  compileForServing();
  const toStandardOutput = values.logfile === '';
  try {
    const server = await startServer({
      config,
      ...(toStandardOutput && { log: (line) => print(1, line), banner: isatty(1) }),
      created: watchProcess,
    });
    const code = await server.ended;
    if (code > SIGNAL_BASE) reportCrash(server, [`crashed by signal: ${code - SIGNAL_BASE}`]);
    return code;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    if (!toStandardOutput) print(2, `hexis server: ${error.message}`);
    return 1;
  }
}

/** Starts this command again, detached from the terminal. */
function runInBackground(standardInput: string): void {
  const child = spawn(process.execPath, process.argv.slice(1), {
    detached: true,
    env: { ...process.env, [IN_BACKGROUND]: '1' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.end(standardInput, 'latin1');
  child.unref();
}

/** The title, signals and mishaps of the process. */
function watchProcess(server: StartingServer): void {
  const { log, config } = server;
  showProcessTitle(config, basename(process.argv[1]));
  const stop = (signal: 'SIGTERM' | 'SIGINT') => {
    if (server.isShuttingDown() && signal === 'SIGINT') {
      log('warning', 'You insist... exiting now.');
      process.exit(1);
    }
    log(
      'warning',
      config.loading
        ? 'Received shutdown signal during loading, scheduling shutdown.'
        : `Received ${signal} scheduling shutdown...`,
    );
    const chosen = config.values[signal === 'SIGTERM' ? 'shutdown-on-sigterm' : 'shutdown-on-sigint'];
    server.requestShutdown({
      ...(chosen.includes('save') && { save: true }),
      ...(chosen.includes('nosave') && { save: false }),
      now: chosen.includes('now'),
      force: chosen.includes('force'),
    });
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGHUP', () => {}); // a terminal that goes away is no reason to stop

  process.on('uncaughtException', (error) => {
    reportCrash(server, (error.stack ?? String(error)).split('\n'));
    process.exit(1);
  });
  process.on('SIGABRT', () => {
    const signal = constants.signals.SIGABRT;
    reportCrash(server, [`crashed by signal: ${signal}`]);
    process.exit(SIGNAL_BASE + signal);
  });
}

/** Says what the process dies of, unless `crash-log-enabled` is no. */
function reportCrash({ log, config }: StartingServer, lines: readonly string[]): void {
  if (!config.values['crash-log-enabled']) return;
  log('warning', '=== HEXIS BUG REPORT START: Cut & paste starting from here ===');
  log('warning', `Hexis ${VERSION}, Node.js ${process.version}, ${process.platform} ${process.arch}`);
  for (const line of lines) log('warning', line);
  log('warning', '=== HEXIS BUG REPORT END ===');
}

/** Writes a line at once. What reads our output may be slow or gone; a server goes on. */
function print(fd: 1 | 2, line: string): void {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      writeSync(fd, `${line}\n`);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
