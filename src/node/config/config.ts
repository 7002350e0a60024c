/**
 * A node's configuration: what CONFIG GET, SET and REWRITE work on, and where the node reads its settings.
 *
 * Reading is free: `config.values.maxmemory` is a field of a plain object. Who must act when a setting changes says
 * so with `onChange`; such a listener may refuse the new value, and then the whole CONFIG SET is undone, as in Redis.
 *
 * Nothing here touches a file: files come in through file.ts as text, and `rewrite` hands text to the `store`.
 */
import type { ConfigFacility } from '../../commands/facilities/facilities.js';
import { commandTable } from '../../commands/index.js';
import { fromLatin1 } from '../../protocol/bytes.js';
import { globMatch } from '../../protocol/glob.js';
import { DIRECTIVES, type Name, type Values } from './directives.js';
import { ConfigError, type Directive, type Setting } from './kinds.js';
import { rewriteFile } from './rewrite.js';

/** Acts on new settings. Answers why they can't be, or nothing. */
export type ChangeListener = () => string | undefined;

/** The file that CONFIG REWRITE writes. Both throw `ConfigError`. */
export interface ConfigStore {
  /** Absolute, for people. */
  readonly path: string;
  /** Its text, '' when it doesn't exist. */
  read(): string;
  write(text: string): void;
}

/** Who asks for CONFIG SET. */
export interface ConfigCaller {
  /** Connected from this machine: `enable-protected-configs local` is for them. */
  readonly isLocal: boolean;
}

type AnyDirective = Directive<unknown>;

interface Known {
  readonly name: Name;
  readonly directive: AnyDirective;
}

const directives = Object.entries(DIRECTIVES) as readonly [Name, AnyDirective][];
const known = new Map<string, Known>();
for (const [name, directive] of directives) {
  known.set(name, { name, directive });
  if (directive.alias !== undefined) known.set(directive.alias, { name, directive });
}

/** The directive with this name or alias, in any case. */
export function findDirective(name: string): Known | undefined {
  return known.get(name.toLowerCase());
}

export class Config implements ConfigFacility {
  /** What is set; read only, fresh at every look. */
  readonly values: Readonly<Values>;
  store: ConfigStore | undefined;
  /** The commands, by the names that files give them. */
  commands = commandTable;
  /** The users that files declare: name and rules. */
  readonly users: (readonly string[])[] = [];
  /** The `user` lines for CONFIG REWRITE. */
  userLines: () => readonly string[] = () => [];
  /** The data set is being loaded, and some directives can't be set meanwhile. */
  loading = false;
  /** While newer data arrives beside what is served. */
  loadingBesides = false;
  private readonly texts = new Map<Name, string>();
  private readonly listeners: { readonly names: ReadonlySet<Name>; readonly listener: ChangeListener }[] = [];

  /**
   * `resolveDirectory` answers the absolute path of a directory that exists, given the present `dir`, or throws
   * `ConfigError`.
   */
  constructor(
    private readonly resolveDirectory: (path: string, from: string) => string = (path, from) =>
      path === '.' ? from : path,
  ) {
    this.values = Object.fromEntries(
      directives.map(([name, { default: setting }]) => [name, setting.value]),
    ) as Values;
    for (const [name, { default: setting }] of directives) this.texts.set(name, setting.text);
    this.assign('dir', DIRECTIVES.dir, ['.'], false);
  }

  text(name: string): string {
    const found = findDirective(name);
    if (found === undefined) throw new RangeError(`no directive ${name}`);
    return this.texts.get(found.name)!;
  }

  get(patterns: readonly string[]): [name: string, value: string][] {
    const found = new Map<string, string>();
    for (const pattern of patterns) {
      if (!/[[*?]/.test(pattern)) {
        const exact = findDirective(pattern);
        if (exact) found.set(pattern, this.texts.get(exact.name)!);
        continue;
      }
      const glob = fromLatin1(pattern);
      for (const [word, { name, directive }] of known) {
        const bytes = fromLatin1(word);
        if (!directive.hidden && globMatch(glob, 0, glob.length, bytes, 0, bytes.length, true)) {
          found.set(word, this.texts.get(name)!);
        }
      }
    }
    return [...found];
  }

  set(
    pairs: readonly (readonly [name: string, value: string])[],
    caller: ConfigCaller = { isLocal: true },
  ): string | undefined {
    const changes: { word: string; value: string; name: Name; directive: AnyDirective }[] = [];
    for (const [word, value] of pairs) {
      const found = findDirective(word);
      if (found === undefined) {
        return `ERR Unknown option or number of arguments for CONFIG SET - '${word}'`;
      }
      const { name, directive } = found;
      if (directive.immutable) return failure(word, "can't set immutable config");
      if (directive.protected && !this.allowsProtected(caller))
        return failure(word, "can't set protected config");
      if (directive.notWhileLoading && (this.loading || this.loadingBesides)) {
        return 'LOADING Redis is loading the dataset in memory';
      }
      if (changes.some((change) => change.name === name)) return failure(word, 'duplicate parameter');
      changes.push({ word, value, name, directive });
    }

    const before = changes.map(({ name }) => ({
      name,
      value: this.values[name],
      text: this.texts.get(name)!,
    }));
    const restore = () => {
      for (const { name, value, text } of before) this.put(name, { value, text });
    };
    for (const { word, value, name, directive } of changes) {
      try {
        this.assign(name, directive, directive.manyWords ? splitAtBlanks(value) : [value], false);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        restore();
        return failure(word.toLowerCase(), error.message);
      }
    }
    const changed = before.filter(({ name, text }) => this.texts.get(name) !== text).map(({ name }) => name);
    const complaint = this.announce(changed);
    if (complaint === undefined) return undefined;
    restore();
    this.announce(changed);
    return complaint;
  }

  /**
   * Calls `listener` once after each CONFIG SET that changed one of the directives. If it answers a complaint, the
   * old values come back and listeners are called again.
   */
  onChange(names: Name | readonly Name[], listener: ChangeListener): void {
    this.listeners.push({ names: new Set(typeof names === 'string' ? [names] : names), listener });
  }

  /** Whether the value is a secret, not to be shown in logs. */
  isSensitive(name: string): boolean {
    return findDirective(name)?.directive.sensitive === true;
  }

  rewrite(all = false): string | undefined {
    if (this.store === undefined) return 'ERR The server is running without a config file';
    try {
      this.store.write(this.rewritten(this.store.read(), all));
      return undefined;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return `ERR Rewriting config file: ${error.message}`;
    }
  }

  /** A configuration file's text with what is set now; with `all`, defaults too. */
  rewritten(old: string, all = false): string {
    const rewrites = directives.map(([name, directive]) => ({
      name,
      lines: directive.rewrite({ value: this.values[name], text: this.texts.get(name)! }),
    }));
    // Users with a file of their own aren't the configuration's.
    const users = this.values.aclfile === '' ? this.userLines() : [];
    const userLines = users.map((line) => ({ text: line.slice('user '.length), needed: true }));
    return rewriteFile(old, [...rewrites, { name: 'user', lines: userLines }], realName, all);
  }

  /**
   * Sets a directive from the words of a file or the command line; `repeated` when these have set it before.
   * Throws `ConfigError`. Listeners hear nothing: the node isn't there yet.
   */
  setFromFile(name: Name, words: readonly string[], repeated: boolean): void {
    this.assign(name, known.get(name)!.directive, words, repeated);
  }

  /** Sets a directive that CONFIG SET can't, from inside: REPLICAOF, or `port` when any free one was asked for. */
  record<N extends Name>(name: N, words: readonly string[]): void {
    this.assign(name, known.get(name)!.directive, words, false);
  }

  private allowsProtected({ isLocal }: ConfigCaller): boolean {
    const allowed = this.values['enable-protected-configs'];
    return allowed === 'yes' || (allowed === 'local' && isLocal);
  }

  private assign(name: Name, directive: AnyDirective, words: readonly string[], repeated: boolean): void {
    const setting = directive.parse(words, {
      current: this.values[name] as never,
      repeated,
      resolveDirectory: (path) => this.resolveDirectory(path, this.values.dir),
    });
    this.put(name, setting);
  }

  private put(name: Name, { value, text }: Setting<unknown>): void {
    (this.values as Record<Name, unknown>)[name] = value;
    this.texts.set(name, text);
  }

  private announce(changed: readonly Name[]): string | undefined {
    for (const { names, listener } of this.listeners) {
      const cause = changed.find((name) => names.has(name));
      if (cause === undefined) continue;
      const complaint = listener();
      if (complaint !== undefined) return failure(cause, complaint);
    }
    return undefined;
  }
}

function realName(word: string): string | undefined {
  return word === 'user' ? word : findDirective(word)?.name;
}

/** Words between single blanks; an empty text has none. */
function splitAtBlanks(text: string): string[] {
  return text === '' ? [] : text.split(' ');
}

function failure(word: string, reason: string): string {
  return `ERR CONFIG SET failed (possibly related to argument '${word}') - ${reason}`;
}
