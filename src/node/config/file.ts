/**
 * Configuration files and the command line, in redis-server's syntax: one directive a line, words split as in inline
 * commands, `#` comments, `include` with globs. The command line's `--port 7000 --save ""` is turned into such lines
 * and read last, so that it has the last word.
 *
 * A mistake says where it is: file, line, text. Files are read by the caller.
 */
import { fromLatin1, fromUtf8, latin1 } from '../../protocol/bytes.js';
import { splitArguments } from '../../protocol/inline-arguments.js';
import { hasSpaces } from '../acl/selector.js';
import { UserError, Users } from '../acl/users.js';
import { type Config, findDirective } from './config.js';
import { IGNORED, type Name } from './directives.js';
import { ConfigError, quote } from './kinds.js';

/** A text to read directives from. */
export interface ConfigSource {
  /** For complaints: an absolute path, `standard input`, `the command line`. */
  readonly name: string;
  /** One character per byte. */
  readonly text: string;
}

/** A line of a source. */
export interface ConfigPlace {
  readonly source: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** A mistake in a configuration file; `report` is what redis-server prints for it. */
export class ConfigFileError extends Error {
  constructor(
    readonly reason: string,
    readonly place?: ConfigPlace,
  ) {
    super(place === undefined ? reason : `${place.source}, line ${place.line}, '${place.text}': ${reason}`);
    this.name = 'ConfigFileError';
  }

  /** The lines for stderr. `version` names the program. */
  report(version: string): string {
    const lines = ['', `*** FATAL CONFIG FILE ERROR (${version}) ***`];
    if (this.place !== undefined) {
      lines.push(`Reading the configuration file, at line ${this.place.line} of ${this.place.source}`);
      lines.push(`>>> '${this.place.text}'`);
    }
    return `${lines.join('\n')}\n${this.reason}\n`;
  }
}

/** Directives of files that must not be passed over: whoever wrote them relies on what they do. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  loadmodule: 'Modules are not supported by Hexis',
  sentinel: 'sentinel directive while not in sentinel mode',
};

/** Included files nest no deeper. */
const DEEPEST_INCLUDE = 16;

/**
 * Sets what the sources say, one after the other. `include` reads the files that a path (or a glob) names, relative
 * to `config.values.dir`, and throws `ConfigError` when a path that is no glob can't be read. Throws `ConfigFileError`.
 */
export function loadConfig(
  config: Config,
  sources: readonly ConfigSource[],
  include: (path: string, directory: string) => readonly ConfigSource[],
): void {
  const seen = new Set<Name>();

  const readLine = (word: string, words: readonly string[], depth: number): void => {
    const found = findDirective(word);
    if (found !== undefined) {
      const { name, directive } = found;
      if (!directive.manyWords && words.length !== 1) throw new ConfigError('wrong number of arguments');
      const single = directive.manyWords && words.length === 1 && words[0] !== '';
      config.setFromFile(name, single ? splitText(words[0])! : words, seen.has(name));
      seen.add(name);
    } else if (word === 'include' && words.length === 1) {
      if (depth === DEEPEST_INCLUDE) throw new ConfigError('Files include each other too deeply');
      for (const source of include(words[0], config.values.dir)) readSource(source, depth + 1);
    } else if (word === 'user' && words.length > 0) declareUser(config, words);
    else if (word === 'rename-command' && words.length === 2) renameCommand(config, words[0], words[1]);
    else if (Object.hasOwn(UNSUPPORTED, word)) throw new ConfigError(UNSUPPORTED[word]);
    else if (!IGNORED.has(word) || words.length !== 1) {
      throw new ConfigError('Bad directive or wrong number of arguments');
    }
  };

  const readSource = ({ name: source, text: whole }: ConfigSource, depth: number): void => {
    for (const [i, raw] of whole.split('\n').entries()) {
      const text = raw.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
      if (text === '' || text.startsWith('#')) continue;
      const place = { source, line: i + 1, text };
      const words = splitText(text);
      if (words === undefined) throw new ConfigFileError('Unbalanced quotes in configuration line', place);
      if (words.length === 0) continue;
      try {
        readLine(words[0].toLowerCase(), words.slice(1), depth);
      } catch (error) {
        throw error instanceof ConfigError ? new ConfigFileError(error.message, place) : error;
      }
    }
  };

  for (const source of sources) readSource(source, 0);
  const { values } = config;
  if (values['cluster-enabled'] && values.replicaof !== null) {
    throw new ConfigFileError('replicaof directive not allowed in cluster mode');
  }
  if (values.aclfile !== '' && config.users.length > 0) {
    throw new ConfigFileError(
      'Users are declared in the configuration, and aclfile names a file of users: choose one of the two',
    );
  }
}

function renameCommand(config: Config, from: string, to: string): void {
  const renamed = config.commands.renamed(from, to);
  if (typeof renamed === 'string') throw new ConfigError(renamed);
  config.commands = renamed;
}

/** A `user` line: a name and rules. */
function declareUser(config: Config, words: readonly string[]): void {
  const [name, ...rules] = words;
  const complain = (word: string, reason: string): never => {
    throw new ConfigError(`Error in user declaration '${word}': ${reason}`);
  };
  if (hasSpaces(name)) complain(name, 'Spaces not allowed in ACL usernames');
  if (config.users.some(([known]) => known === name)) {
    complain(name, 'Duplicate user found. A user can only be defined once in config files');
  }
  try {
    Users.apply(new Users(() => false).create(name), rules);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    complain(error.rule, error.reason);
  }
  config.users.push(words);
}

function splitText(text: string): string[] | undefined {
  const bytes = fromLatin1(text);
  return splitArguments(bytes, 0, bytes.length)?.map((word) => latin1(word));
}

/** What redis-server's command line asks for. */
export interface CommandLine {
  /** The configuration file. */
  readonly file?: string;
  /** A lone `-`: more configuration comes on standard input. */
  readonly standardInput: boolean;
  /** The options, as lines of configuration. */
  readonly options: string;
}

/**
 * Takes redis-server's arguments apart: `[file] [--name value…]… [-]`. Whatever follows an option is its values
 * until the next one; its first value may begin with `--`, `--save` and `--sentinel` may have none.
 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const named = args.length > 0 && !args[0].startsWith('-');
  const first = named ? 1 : 0;
  const lines: string[] = [];
  let standardInput = false;
  let valueDue = false;
  for (let i = first; i < args.length; i++) {
    // As bytes: configuration texts have one character per byte.
    const arg = latin1(fromUtf8(args[i]));
    const isEnd = i === 0 || i === args.length - 1;
    if (arg === '-' && isEnd) standardInput = true;
    else if (arg.startsWith('--') && !valueDue) {
      const words = splitText(arg);
      const mayBeBare = /^--save$/i.test(arg) && (i === args.length - 1 || args[i + 1].startsWith('--'));
      lines.push(arg.slice(2) + (mayBeBare ? ' ""' : ''));
      valueDue = words?.length === 1 && !mayBeBare;
    } else {
      lines.push(`${lines.pop() ?? ''} ${quote(arg)}`);
      valueDue = false;
    }
  }
  return { ...(named && { file: args[0] }), standardInput, options: lines.join('\n') };
}
