/**
 * `hexis cli`: redis-cli. This module reads the command line and decides what runs; the work is elsewhere
 * (`session.ts` one conversation, `repl.ts` the interactive mode, `modes/` the special modes).
 */
import { type ByteText, fromUnicode } from './byte-text.js';
import { isHelp, printHelp } from './command-docs.js';
import { type CliOptions, type ParsedArguments, parseArguments, UsageError } from './options.js';
import { unquote } from './quoting.js';
import { type Output, Session, type SessionSettings } from './session.js';
import { tlsOptions } from './tls-options.js';
import { VERSION } from './version.js';

const output: Output = {
  write: (text) => void process.stdout.write(text, 'latin1'),
  writeError: (text) => void process.stderr.write(text, 'latin1'),
};

/** Takes redis-cli's arguments; answers its exit code. */
export async function run(args: string[]): Promise<number> {
  try {
    return await start(parseArguments(args));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

async function start(parsed: ParsedArguments): Promise<number> {
  switch (parsed.kind) {
    case 'version':
      process.stdout.write(`hexis cli ${VERSION}\n`);
      return 0;
    case 'help':
      process.stdout.write((await import('./usage.js')).USAGE);
      return 0;
    case 'cluster-manager':
      return (await import('./cluster.js')).run([...parsed.args]);
    case 'run':
      return runWith(parsed.options, parsed.command);
  }
}

async function runWith(options: CliOptions, command: readonly ByteText[]): Promise<number> {
  const password = await findPassword(options);
  const interactive = command.length === 0 && options.mode === undefined;
  const session = new Session(await settingsFor({ ...options, password }, interactive), output);
  try {
    if (options.mode) {
      const { runMode } = await import('./modes/run-mode.js');
      return await runMode(options.mode, { options, session, output, args: command });
    }
    if (!interactive) return await oneShot(session, options, command);
    const { converse, Interpreter } = await import('./repl.js');
    await session.connect();
    await converse(new Interpreter(session, output));
    return 0;
  } finally {
    session.close();
  }
}

async function oneShot(session: Session, options: CliOptions, command: readonly ByteText[]): Promise<number> {
  const args = options.quotedInput ? command.map(unquote) : [...command];
  if (!args.every((arg) => arg !== undefined)) {
    output.write('Invalid quoted string\n');
    return 1;
  }
  if (options.lastArgumentFromStdin) args.push(await readStdin());
  if (options.stdinTag !== undefined) {
    const tag = args.indexOf(options.stdinTag);
    if (tag < 0) {
      output.writeError('Using -X option but stdin tag not match.\n');
      return 1;
    }
    args[tag] = await readStdin();
  }
  if (isHelp(args)) {
    await printHelp(session, args.slice(1), output);
    return 0;
  }
  // Not reaching the server is reported once, by the command itself.
  await session.connect(true);
  return (await session.issue(args, options.repeat)) ? 0 : 1;
}

async function readStdin(): Promise<ByteText> {
  let text = '';
  process.stdin.setEncoding('latin1');
  for await (const chunk of process.stdin) text += chunk;
  return text;
}

async function findPassword(options: CliOptions): Promise<ByteText | undefined> {
  if (options.askPassword) {
    const { askPassword } = await import('./ask-password.js');
    return fromUnicode(await askPassword('Please input password: '));
  }
  if (options.password !== undefined) {
    if (options.authWarning)
      process.stderr.write(
        "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n",
      );
    return options.password;
  }
  const fromEnvironment = process.env.REDISCLI_AUTH;
  return fromEnvironment === undefined ? undefined : fromUnicode(fromEnvironment);
}

async function settingsFor(options: CliOptions, interactive: boolean): Promise<SessionSettings> {
  const terminal = process.stdout.isTTY || process.env.FAKETTY !== undefined;
  return {
    address:
      options.socketPath === undefined
        ? { host: options.host, port: options.port }
        : { path: options.socketPath },
    tls: options.tls && (await tlsOptions(options.tls, options.host)),
    timeout: options.timeout && options.timeout * 1000,
    user: options.user,
    password: options.password,
    db: options.db,
    resp3: options.resp3,
    cluster: options.cluster,
    style: {
      // A debugger is for people, as is the prompt behind it.
      format: options.format ?? (terminal || options.ldb !== undefined ? 'standard' : 'raw'),
      elementDelimiter: options.elementDelimiter,
      replyDelimiter: options.replyDelimiter,
    },
    showPushes: options.showPushes ?? terminal,
    interactive,
    failOnError: options.failOnError,
    interval: options.interval * 1000,
  };
}
