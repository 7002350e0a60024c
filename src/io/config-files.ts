/** Configuration from real files, directories and standard input. */
import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, parse, resolve } from 'node:path';
import {
  type CommandLine,
  Config,
  ConfigError,
  type ConfigSource,
  loadConfig,
} from '../node/config/index.js';
import { fromLatin1, fromUtf8, latin1, utf8 } from '../protocol/bytes.js';
import { globMatch } from '../protocol/glob.js';
import { replaceFile } from './disk.js';
import { systemReason } from './system-error.js';

/** A file's configuration text, one character per byte, as the path that it really is. */
export function pathOf(text: string): string {
  return utf8(fromLatin1(text));
}

/** A path as configuration text. */
export function textOf(path: string): string {
  return latin1(fromUtf8(path));
}

/** The defaults, with the process's directory as `dir`. */
export function createConfig(): Config {
  return new Config((path, from) => {
    const absolute = resolve(from === '.' ? process.cwd() : pathOf(from), pathOf(path));
    const found = attempt(() => statSync(absolute));
    if (!found.isDirectory()) throw new ConfigError('Not a directory');
    attempt(() => accessSync(absolute, constants.X_OK));
    return textOf(absolute);
  });
}

/** A configuration file named on the command line can't be read. */
export class ConfigFileMissing extends Error {
  constructor(
    readonly path: string,
    readonly reason: string,
  ) {
    super(`Fatal error, can't open config file '${path}': ${reason}`);
    this.name = 'ConfigFileMissing';
  }
}

/**
 * Reads what the command line asks for. CONFIG REWRITE goes to the file that it names.
 * Throws `ConfigFileError` for a mistake in a file, `ConfigFileMissing` when the file can't be read.
 */
export function readConfig(commandLine: CommandLine, readStandardInput: () => string): Config {
  const config = createConfig();
  const sources: ConfigSource[] = [];
  if (commandLine.file !== undefined) {
    const path = resolve(commandLine.file);
    for (const source of filesOf(path)) sources.push(source);
    config.store = {
      path,
      read: () => attempt(() => readText(path)),
      write: (text) => attempt(() => replaceFile(path, fromLatin1(text))),
    };
  }
  if (commandLine.standardInput) sources.push({ name: 'standard input', text: readStandardInput() });
  if (commandLine.options !== '') sources.push({ name: 'the command line', text: commandLine.options });
  loadConfig(config, sources, (path, directory) => {
    const real = pathOf(path);
    return filesOf(isAbsolute(real) ? real : join(pathOf(directory), real));
  });
  return config;
}

/** The file, or the files when the path is a glob. */
function filesOf(path: string): ConfigSource[] {
  const paths = /[*?[]/.test(path) ? expand(path) : [path];
  return paths.map((name) => {
    try {
      return { name, text: readText(name) };
    } catch (error) {
      throw new ConfigFileMissing(name, systemReason(error));
    }
  });
}

function readText(path: string): string {
  return latin1(readFileSync(path));
}

/** The existing paths that a glob matches, in order. `*` doesn't match names that begin with a dot. */
function expand(path: string): string[] {
  const { root } = parse(path);
  let found = [root];
  for (const segment of path.slice(root.length).split('/')) {
    if (!/[*?[]/.test(segment)) {
      found = found.map((base) => join(base, segment));
      continue;
    }
    const glob = fromUtf8(segment);
    found = found.flatMap((base) =>
      namesIn(base)
        .filter((name) => {
          const bytes = fromUtf8(name);
          return (
            (!name.startsWith('.') || segment.startsWith('.')) &&
            globMatch(glob, 0, glob.length, bytes, 0, bytes.length)
          );
        })
        .sort()
        .map((name) => join(base, name)),
    );
  }
  return found.filter((name) => statSync(name, { throwIfNoEntry: false })?.isFile());
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // no such directory, so no such files
  }
}

/** Failures of the system become `ConfigError`s. */
function attempt<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new ConfigError(systemReason(error));
  }
}
