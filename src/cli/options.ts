/**
 * redis-cli's option grammar: options end at the first word that is none, an option that needs a value is
 * unknown without one, and everything after `--cluster` belongs to the cluster manager. That is not the usual
 * grammar of argument parsers, so this is a small table instead of a library.
 */
import { type ByteText, fromUnicode, toUnicode } from './byte-text.js';
import { unquote } from './quoting.js';
import type { OutputFormat } from './render.js';

/** What runs instead of commands. */
export type Mode =
  | { readonly kind: 'scan' | 'bigkeys' | 'hotkeys' | 'stat' | 'pipe' | 'replica' }
  | { readonly kind: 'memkeys'; readonly samples: number | undefined }
  | { readonly kind: 'latency'; readonly history: boolean }
  | { readonly kind: 'rdb'; readonly file: string; readonly functionsOnly: boolean }
  | { readonly kind: 'eval'; readonly file: string }
  | { readonly kind: 'intrinsic-latency'; readonly seconds: number }
  | { readonly kind: 'lru-test'; readonly keys: number };

export interface TlsFiles {
  serverName?: string;
  ca?: string;
  caDirectory?: string;
  certificate?: string;
  key?: string;
  ciphers?: string;
  ciphersuites?: string;
  insecure: boolean;
}

export interface CliOptions {
  host: string;
  port: number;
  socketPath?: string;
  /** Limit for connecting, in seconds. */
  timeout?: number;
  user?: ByteText;
  password?: ByteText;
  askPassword: boolean;
  authWarning: boolean;
  db: number;
  /** Counted down to 0; negative means for ever. */
  repeat: number;
  /** Seconds. */
  interval: number;
  resp2: boolean;
  resp3: 'no' | 'preferred' | 'required';
  cluster: boolean;
  /** Unless given, the format depends on whether stdout is a terminal. */
  format?: OutputFormat;
  elementDelimiter: ByteText;
  replyDelimiter: ByteText;
  failOnError: boolean;
  quotedInput: boolean;
  lastArgumentFromStdin: boolean;
  stdinTag?: ByteText;
  showPushes?: boolean;
  tls?: TlsFiles;
  pattern?: ByteText;
  /** Seconds; 0 means for ever. */
  pipeTimeout: number;
  mode?: Mode;
  /** Debug the script: a copy of the data in a process of its own, or the server itself, which waits. */
  ldb?: 'yes' | 'sync';
}

export type ParsedArguments =
  | { readonly kind: 'run'; readonly options: CliOptions; readonly command: readonly ByteText[] }
  | { readonly kind: 'cluster-manager'; readonly args: readonly string[] }
  | { readonly kind: 'help' | 'version' };

/** The command line cannot be understood; the message says what is wrong. */
export class UsageError extends Error {
  override name = 'UsageError';
}

const DEFAULT_PIPE_TIMEOUT = 30;

function defaults(): CliOptions {
  return {
    host: '127.0.0.1',
    port: 6379,
    askPassword: false,
    authWarning: true,
    db: 0,
    repeat: 1,
    interval: 0,
    resp2: false,
    resp3: 'no',
    cluster: false,
    elementDelimiter: '\n',
    replyDelimiter: '\n',
    failOnError: false,
    quotedInput: false,
    lastArgumentFromStdin: false,
    pipeTimeout: DEFAULT_PIPE_TIMEOUT,
  };
}

type Change = Partial<CliOptions>;

/** JSON maps need RESP3, unless the user decided about the protocol. */
function json(options: CliOptions, format: OutputFormat): Change {
  return { format, resp3: options.resp3 === 'no' ? 'preferred' : options.resp3 };
}

function tls(options: CliOptions, change: Partial<TlsFiles> = {}): Change {
  return { tls: { insecure: false, ...options.tls, ...change } };
}

/** Options without a value. */
const flags: Readonly<Record<string, (options: CliOptions) => Change>> = {
  '-2': () => ({ resp2: true }),
  '-3': () => ({ resp3: 'required' }),
  '-c': () => ({ cluster: true }),
  '-e': () => ({ failOnError: true }),
  '-x': () => ({ lastArgumentFromStdin: true }),
  '--askpass': () => ({ askPassword: true }),
  '--no-auth-warning': () => ({ authWarning: false }),
  '--raw': () => ({ format: 'raw' }),
  '--no-raw': () => ({ format: 'standard' }),
  '--csv': () => ({ format: 'csv' }),
  '--json': (options) => json(options, 'json'),
  '--quoted-json': (options) => json(options, 'quoted-json'),
  '--quoted-input': () => ({ quotedInput: true }),
  '--verbose': () => ({}), // Accepted as in redis-cli, where it means something to the cluster manager only.
  '--tls': (options) => tls(options),
  '--insecure': (options) => tls(options, { insecure: true }),
  '--scan': () => ({ mode: { kind: 'scan' } }),
  '--stat': () => ({ mode: { kind: 'stat' } }),
  '--pipe': () => ({ mode: { kind: 'pipe' } }),
  '--replica': () => ({ mode: { kind: 'replica' } }),
  '--slave': () => ({ mode: { kind: 'replica' } }),
  '--bigkeys': () => ({ mode: { kind: 'bigkeys' } }),
  '--memkeys': () => ({ mode: { kind: 'memkeys', samples: undefined } }),
  '--hotkeys': () => ({ mode: { kind: 'hotkeys' } }),
  '--ldb': ({ ldb = 'yes' }) => ({ ldb }),
  '--ldb-sync-mode': () => ({ ldb: 'sync' }),
  '--latency': () => ({ mode: { kind: 'latency', history: false } }),
  '--latency-history': () => ({ mode: { kind: 'latency', history: true } }),
};

/** Options with a value, which is the next word whatever it looks like. */
const valued: Readonly<Record<string, (value: string, options: CliOptions) => Change>> = {
  '-h': (host) => ({ host }),
  '-p': (port) => ({ port: wholeNumber('-p', port, 0, 65535) }),
  '-s': (socketPath) => ({ socketPath }),
  '-t': (seconds) => ({ timeout: decimal('-t', seconds) }),
  '-a': (password) => ({ password: fromUnicode(password) }),
  '--pass': (password) => ({ password: fromUnicode(password) }),
  '--user': (user) => ({ user: fromUnicode(user) }),
  '-u': (uri, options) => uriOptions(uri, options),
  '-n': (db) => ({ db: wholeNumber('-n', db, 0) }),
  '-r': (times) => ({ repeat: wholeNumber('-r', times) }),
  '-i': (seconds) => ({ interval: decimal('-i', seconds) }),
  '-d': (delimiter) => ({ elementDelimiter: fromUnicode(delimiter) }),
  '-D': (delimiter) => ({ replyDelimiter: fromUnicode(delimiter) }),
  '-X': (tag) => ({ stdinTag: fromUnicode(tag) }),
  '--show-pushes': (answer) => ({ showPushes: yesOrNo('--show-pushes', answer) }),
  '--pattern': (pattern) => ({ pattern: fromUnicode(pattern) }),
  '--quoted-pattern': (quoted) => ({ pattern: unquotedPattern(quoted) }),
  '--pipe-timeout': (seconds) => ({ pipeTimeout: wholeNumber('--pipe-timeout', seconds, 0) }),
  '--memkeys-samples': (count) => ({
    mode: { kind: 'memkeys', samples: wholeNumber('--memkeys-samples', count, 0) },
  }),
  '--rdb': (file, options) => rdb(file, options, false),
  '--functions-rdb': (file, options) => rdb(file, options, true),
  '--eval': (file) => ({ mode: { kind: 'eval', file } }),
  '--intrinsic-latency': (seconds) => ({
    mode: { kind: 'intrinsic-latency', seconds: wholeNumber('--intrinsic-latency', seconds, 1) },
  }),
  '--lru-test': (keys) => ({ mode: { kind: 'lru-test', keys: wholeNumber('--lru-test', keys, 1) } }),
  '--sni': (serverName, options) => tls(options, { serverName }),
  '--cacert': (ca, options) => tls(options, { ca }),
  '--cacertdir': (caDirectory, options) => tls(options, { caDirectory }),
  '--cert': (certificate, options) => tls(options, { certificate }),
  '--key': (key, options) => tls(options, { key }),
  '--tls-ciphers': (ciphers, options) => tls(options, { ciphers }),
  '--tls-ciphersuites': (ciphersuites, options) => tls(options, { ciphersuites }),
};

/** @throws UsageError */
export function parseArguments(args: readonly string[]): ParsedArguments {
  const options = defaults();
  let at = 0;
  for (; at < args.length; at++) {
    const arg = args[at];
    if (arg === '--help' || (arg === '-h' && at === args.length - 1)) return { kind: 'help' };
    if (arg === '--version' || arg === '-v') return { kind: 'version' };
    if (arg === '--cluster') return managerCall(args.slice(at + 1), options);
    if (Object.hasOwn(flags, arg)) {
      Object.assign(options, flags[arg](options));
    } else if (Object.hasOwn(valued, arg) && at + 1 < args.length) {
      Object.assign(options, valued[arg](args[++at], options));
    } else if (arg.startsWith('-')) {
      throw new UsageError(`Unrecognized option or bad number of args for: '${arg}'`);
    } else {
      break;
    }
  }
  rejectContradictions(options);
  return { kind: 'run', options, command: args.slice(at).map(fromUnicode) };
}

/** The options in front come before the words: what is behind those of `call` goes to the nodes. */
function managerCall([subcommand, ...words]: readonly string[], options: CliOptions): ParsedArguments {
  const args = subcommand === undefined ? [] : [subcommand, ...managerOptions(options), ...words];
  return { kind: 'cluster-manager', args };
}

/** What the cluster manager needs of the options in front of `--cluster`, as its own options. */
function managerOptions({ user, password, tls }: CliOptions): string[] {
  return [
    ...(password === undefined ? [] : ['--pass', toUnicode(password)]),
    ...(user === undefined ? [] : ['--user', toUnicode(user)]),
    ...(tls === undefined ? [] : tlsWords(tls)),
  ];
}

function tlsWords(tls: TlsFiles): string[] {
  const valued = {
    '--sni': tls.serverName,
    '--cacert': tls.ca,
    '--cacertdir': tls.caDirectory,
    '--cert': tls.certificate,
    '--key': tls.key,
    '--tls-ciphers': tls.ciphers,
    '--tls-ciphersuites': tls.ciphersuites,
  };
  const words = Object.entries(valued).flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
  return ['--tls', ...(tls.insecure ? ['--insecure'] : []), ...words];
}

function rejectContradictions(options: CliOptions): void {
  if (options.socketPath !== undefined && options.cluster)
    throw new UsageError('Options -c and -s are mutually exclusive.');
  if (options.resp2 && options.resp3 === 'required')
    throw new UsageError('Options -2 and -3 are mutually exclusive.');
  if (options.resp2) options.resp3 = 'no';
  if (options.ldb !== undefined && options.mode?.kind !== 'eval') {
    throw new UsageError(
      'Options --ldb and --ldb-sync-mode require --eval.\nTry hexis cli --help for more information.',
    );
  }
  if (options.lastArgumentFromStdin && options.stdinTag !== undefined)
    throw new UsageError('Options -x and -X are mutually exclusive.');
}

function rdb(file: string, { mode }: CliOptions, functionsOnly: boolean): Change {
  if (mode?.kind === 'rdb' && mode.functionsOnly !== functionsOnly)
    throw new UsageError('Option --functions-rdb and --rdb are mutually exclusive.');
  return { mode: { kind: 'rdb', file, functionsOnly } };
}

function unquotedPattern(quoted: string): ByteText {
  const pattern = unquote(fromUnicode(quoted));
  if (pattern === undefined) throw new UsageError('Invalid quoted string specified for --quoted-pattern.');
  return pattern;
}

function wholeNumber(option: string, value: string, min = -Infinity, max = Number.MAX_SAFE_INTEGER): number {
  const number = /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= min && number <= max)) throw new UsageError(`Invalid value for ${option}: '${value}'`);
  return number;
}

function decimal(option: string, value: string): number {
  const number = /^(\d+\.?\d*|\.\d+)$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isNaN(number)) throw new UsageError(`Invalid value for ${option}: '${value}'`);
  return number;
}

function yesOrNo(option: string, value: string): boolean {
  const answer = value[0]?.toLowerCase();
  if (answer !== 'y' && answer !== 'n')
    throw new UsageError(`Unknown ${option} value '${value}' (valid: '[y]es', '[n]o')`);
  return answer === 'y';
}

/** `redis[s]://[[user:]password@][host[:port]][/db]`, user and password percent-encoded. */
function uriOptions(uri: string, options: CliOptions): Change {
  const match = /^redis(s)?:\/\/(?:([^@]*)@)?([^/]*)(?:\/(.*))?$/is.exec(uri);
  if (!match) throw new UsageError('Invalid URI scheme');
  const [, secure, userInfo, authority, db] = match;
  const change: Change = secure ? tls(options) : {};
  if (userInfo !== undefined) {
    const colon = userInfo.indexOf(':');
    if (colon >= 0) change.user = decodePercent(userInfo.slice(0, colon));
    change.password = decodePercent(userInfo.slice(colon + 1));
  }
  const [, host, port] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(authority) ?? [undefined, authority];
  if (host) change.host = host.replace(/^\[(.*)\]$/, '$1');
  if (port) change.port = wholeNumber('-u', port, 0, 65535);
  if (db) change.db = wholeNumber('-u', db, 0);
  return change;
}

function decodePercent(text: string): ByteText {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) throw new UsageError('Illegal character in URI encoding');
  return fromUnicode(text).replace(/%(..)/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}
