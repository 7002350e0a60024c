/**
 * The kinds of directives: how the words of each become a value, how the value is printed, what CONFIG REWRITE
 * writes. A directive is plain data with two functions; the table of them all is in directives.ts.
 *
 * Texts are one character per byte (Latin-1), as everywhere in the core. Complaints are in Redis's words, because
 * people and test suites know them.
 */

/** What a directive is set to: the value as the node uses it, and the text that CONFIG GET prints. */
export interface Setting<T> {
  readonly value: T;
  readonly text: string;
}

/** Why a value was refused. */
export class ConfigError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'ConfigError';
  }
}

/** What parsing may depend on besides the words. */
export interface ParseContext<T> {
  readonly current: T;
  /** Whether this comes from a file (or the command line) that has set the directive before: `save` adds up. */
  readonly repeated: boolean;
  /** The absolute path of an existing directory; throws `ConfigError`. */
  resolveDirectory(path: string): string;
}

/** A line of CONFIG REWRITE, without the name. A line that isn't `needed` only replaces one that is there. */
export interface RewriteLine {
  readonly text: string;
  readonly needed: boolean;
}

/** What else there is to know of a directive. */
export interface Traits {
  /** An older name that is still understood. */
  readonly alias?: string;
  /** CONFIG SET can't change it. */
  readonly immutable?: true;
  /** CONFIG SET needs `enable-protected-configs`. */
  readonly protected?: true;
  /** Not while the data set is being loaded. */
  readonly notWhileLoading?: true;
  /** Patterns of CONFIG GET don't find it, its exact name does. */
  readonly hidden?: true;
  /** A secret: not for the slow log, MONITOR and logs. */
  readonly sensitive?: true;
}

export interface Directive<T> extends Traits {
  readonly default: Setting<T>;
  /** Takes any number of words; all others take exactly one. */
  readonly manyWords: boolean;
  /** Throws `ConfigError`. */
  parse(words: readonly string[], context: ParseContext<T>): Setting<T>;
  rewrite(setting: Setting<T>): RewriteLine[];
}

export type NumberRange = { readonly min: number | bigint; readonly max: number | bigint };

export const INT_MAX = 2 ** 31 - 1;
export const UINT_MAX = 2 ** 32 - 1;
export const LONG_MAX = 2n ** 63n - 1n;
export const ULONG_MAX = 2n ** 64n - 1n;

/** One line, needed when the setting isn't the default. */
function oneLine<T>(initial: Setting<T>, print: (setting: Setting<T>) => string = (s) => s.text) {
  return (setting: Setting<T>): RewriteLine[] => [
    { text: print(setting), needed: setting.text !== initial.text },
  ];
}

export function yesNo(initial: boolean, traits: Traits = {}): Directive<boolean> {
  const setting = (value: boolean) => ({ value, text: value ? 'yes' : 'no' });
  return {
    ...traits,
    default: setting(initial),
    manyWords: false,
    parse([word]) {
      const lower = word.toLowerCase();
      if (lower !== 'yes' && lower !== 'no') throw new ConfigError("argument must be 'yes' or 'no'");
      return setting(lower === 'yes');
    },
    rewrite: oneLine(setting(initial)),
  };
}

function checkRange(value: bigint, { min, max }: NumberRange, base = 10): void {
  if (value >= min && value <= max) return;
  throw new ConfigError(`argument must be between ${min.toString(base)} and ${max.toString(base)} inclusive`);
}

/** The canonical signed 64-bit integer that the word is, or undefined. */
function parseInteger(word: string): bigint | undefined {
  if (!/^(0|-?[1-9][0-9]{0,18})$/.test(word)) return undefined;
  const value = BigInt(word);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

export function integer(
  initial: number,
  min: number | bigint,
  max: number | bigint,
  traits: Traits = {},
): Directive<number> {
  const first = { value: initial, text: String(initial) };
  return {
    ...traits,
    default: first,
    manyWords: false,
    parse([word]) {
      const value = parseInteger(word);
      if (value === undefined) throw new ConfigError("argument couldn't be parsed into an integer");
      checkRange(value, { min, max });
      return { value: Number(value), text: word };
    },
    rewrite: oneLine(first),
  };
}

/** An integer that is brought into its range instead of being refused. */
export function clamped(initial: number, min: number, max: number): Directive<number> {
  const any = integer(initial, 0, INT_MAX);
  return {
    ...any,
    parse(words, context) {
      const value = Math.min(Math.max(any.parse(words, context).value, min), max);
      return { value, text: String(value) };
    },
  };
}

/** Permission bits. */
export function octal(initial: number, max: number, traits: Traits = {}): Directive<number> {
  const setting = (value: number) => ({ value, text: value.toString(8) });
  return {
    ...traits,
    default: setting(initial),
    manyWords: false,
    parse([word]) {
      if (!/^[0-7]{1,20}$/.test(word))
        throw new ConfigError("argument couldn't be parsed as an octal number");
      const value = Number.parseInt(word, 8);
      checkRange(BigInt(value), { min: 0, max }, 8);
      return setting(value);
    },
    rewrite: oneLine(setting(initial)),
  };
}

const UNITS: Readonly<Record<string, bigint>> = {
  '': 1n,
  b: 1n,
  k: 1000n,
  kb: 1n << 10n,
  m: 1000_000n,
  mb: 1n << 20n,
  g: 1000_000_000n,
  gb: 1n << 30n,
};

/** A number of bytes with or without a unit: `100`, `64mb`, `1G`. Undefined when it is none. */
export function parseMemory(word: string): bigint | undefined {
  const match = /^([0-9]{1,20})([a-z]{0,2})$/i.exec(word);
  const unit = match ? UNITS[match[2].toLowerCase()] : undefined;
  return match && unit !== undefined ? BigInt(match[1]) * unit : undefined;
}

/** The shortest way to write a number of bytes. */
export function formatMemory(text: string): string {
  const bytes = BigInt(text);
  for (const unit of ['gb', 'mb', 'kb']) {
    if (bytes > 0n && bytes % UNITS[unit] === 0n) return `${bytes / UNITS[unit]}${unit}`;
  }
  return text;
}

export function memory(
  initial: number,
  min: number | bigint,
  max: number | bigint,
  traits: Traits = {},
): Directive<number> {
  const first = { value: initial, text: String(initial) };
  return {
    ...traits,
    default: first,
    manyWords: false,
    parse([word]) {
      const value = parseMemory(word);
      if (value === undefined) throw new ConfigError('argument must be a memory value');
      checkRange(value, { min, max });
      return { value: Number(value), text: String(value) };
    },
    rewrite: oneLine(first, ({ text }) => formatMemory(text)),
  };
}

/** A number of bytes, or a percentage, whose value is its negative. */
export function memoryOrPercent(initial: number, traits: Traits = {}): Directive<number> {
  const bytes = memory(initial, 0, LONG_MAX, traits);
  return {
    ...bytes,
    parse(words, context) {
      const percent = /^(0|[1-9][0-9]{0,17})%$/.exec(words[0]);
      if (percent === null) {
        if (parseMemory(words[0]) === undefined) {
          throw new ConfigError('argument must be a memory or percent value');
        }
        return bytes.parse(words, context);
      }
      const value = Number(percent[1]);
      if (value > 100) throw new ConfigError('percentage argument must be less or equal to 100');
      return value === 0 ? { value: 0, text: '0' } : { value: -value, text: words[0] };
    },
    rewrite: oneLine(bytes.default, ({ text }) => (text.endsWith('%') ? text : formatMemory(text))),
  };
}

export interface TextOptions {
  /** No line at all when it is empty: it has no empty value, only none. */
  readonly emptyIsNone?: boolean;
  /** What is wrong with the value, if anything. */
  readonly check?: (text: string) => string | undefined;
}

export function text(initial: string, traits: Traits & TextOptions = {}): Directive<string> {
  const { emptyIsNone = false, check, ...rest } = traits;
  return {
    ...rest,
    default: { value: initial, text: initial },
    manyWords: false,
    parse([word]) {
      const complaint = check?.(word);
      if (complaint !== undefined) throw new ConfigError(complaint);
      return { value: word, text: word };
    },
    rewrite({ value }) {
      if (emptyIsNone && value === '') return [];
      return [{ text: quote(value), needed: value !== initial }];
    },
  };
}

/** A text that may be absent (''). */
export function optionalText(traits: Traits & TextOptions = {}): Directive<string> {
  return text('', { ...traits, emptyIsNone: true });
}

/** The text in double quotes, escaped so that `splitArguments` gives it back. */
export function quote(text: string): string {
  const escaped = text.replace(/[\\"\n\r\t\x07\b]|[^\x20-\x7e]/g, (c) => {
    const known = '\\\\""\nn\rr\tt\x07a\bb';
    const at = known.indexOf(c);
    if (at >= 0 && at % 2 === 0) return `\\${known[at + 1]}`;
    return `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `"${escaped}"`;
}

function notOneOf(names: readonly string[]): ConfigError {
  return new ConfigError(`argument(s) must be one of the following: ${names.join(', ')}`);
}

export function oneOf<const N extends string>(
  names: readonly N[],
  initial: NoInfer<N>,
  traits: Traits = {},
): Directive<N> {
  const first = { value: initial, text: initial as string };
  return {
    ...traits,
    default: first,
    manyWords: false,
    parse([word]) {
      const lower = word.toLowerCase();
      const name = names.find((candidate) => candidate === lower);
      if (name === undefined) throw notOneOf(names);
      return { value: name, text: name };
    },
    rewrite: oneLine(first),
  };
}

/** Any of the names together; the first one means none of the others. */
export function anyOf<const N extends string>(
  names: readonly N[],
  check: (chosen: readonly N[]) => string | undefined,
  traits: Traits = {},
): Directive<readonly N[]> {
  const setting = (value: readonly N[]) => ({ value, text: value.join(' ') || names[0] });
  return {
    ...traits,
    default: setting([]),
    manyWords: true,
    parse(words) {
      const lower = words.map((word) => word.toLowerCase());
      if (lower.length === 0 || !lower.every((word) => (names as readonly string[]).includes(word))) {
        throw notOneOf(names);
      }
      const chosen = names.filter((name, i) => i > 0 && lower.includes(name));
      const complaint = check(chosen);
      if (complaint !== undefined) throw new ConfigError(complaint);
      return setting(chosen);
    },
    rewrite: oneLine(setting([])),
  };
}
