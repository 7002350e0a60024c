/** Directives with a shape of their own. */
import { EVENT } from '../../commands/context.js';
import {
  ConfigError,
  type Directive,
  formatMemory,
  parseMemory,
  quote,
  type Setting,
  type Traits,
} from './kinds.js';

/** A snapshot is due after so many seconds when there were so many changes. */
export interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

/** `save 900 1`, several pairs, several lines; `save ""` for none. */
export function savePoints(initial: readonly SavePoint[]): Directive<readonly SavePoint[]> {
  const setting = (value: readonly SavePoint[]): Setting<readonly SavePoint[]> => ({
    value,
    text: value.map(({ seconds, changes }) => `${seconds} ${changes}`).join(' '),
  });
  return {
    default: setting(initial),
    manyWords: true,
    parse(words, { current, repeated }) {
      if (words.length === 1 && words[0] === '') return setting([]);
      if (words.length % 2 !== 0) throw new ConfigError('Invalid save parameters');
      const points: SavePoint[] = repeated ? [...current] : [];
      for (let i = 0; i < words.length; i += 2) {
        const seconds = decimal(words[i]);
        const changes = decimal(words[i + 1]);
        if (!(seconds >= 1) || !(changes >= 0)) throw new ConfigError('Invalid save parameters');
        points.push({ seconds, changes });
      }
      return setting(points);
    },
    rewrite({ value }) {
      if (value.length === 0) return [{ text: '""', needed: true }];
      return value.map((point) => ({ text: `${point.seconds} ${point.changes}`, needed: true }));
    },
  };
}

/** A signed decimal number, or NaN. */
function decimal(word: string): number {
  return /^[-+]?[0-9]{1,15}$/.test(word) ? Number(word) : Number.NaN;
}

/** A client is closed when so many bytes wait for it, or `soft` bytes for so many seconds; 0 is no limit. */
export interface OutputLimit {
  readonly hard: number;
  readonly soft: number;
  readonly seconds: number;
}

export type OutputLimits = Readonly<Record<'normal' | 'replica' | 'pubsub', OutputLimit>>;

const OUTPUT_CLASSES = ['normal', 'replica', 'pubsub'] as const;

export function outputLimits(initial: OutputLimits): Directive<OutputLimits> {
  const setting = (value: OutputLimits): Setting<OutputLimits> => ({
    value,
    text: OUTPUT_CLASSES.map((name) => {
      const { hard, soft, seconds } = value[name];
      return `${name === 'replica' ? 'slave' : name} ${hard} ${soft} ${seconds}`;
    }).join(' '),
  });
  const line = ({ hard, soft, seconds }: OutputLimit) =>
    `${formatMemory(String(hard))} ${formatMemory(String(soft))} ${seconds}`;
  return {
    default: setting(initial),
    manyWords: true,
    parse(words, { current }) {
      if (words.length % 4 !== 0) {
        throw new ConfigError('Wrong number of arguments in buffer limit configuration.');
      }
      const limits = { ...current };
      for (let i = 0; i < words.length; i += 4) {
        const word = words[i].toLowerCase();
        const name = OUTPUT_CLASSES.find(
          (known) => known === word || (known === 'replica' && word === 'slave'),
        );
        if (name === undefined) {
          throw new ConfigError('Invalid client class specified in buffer limit configuration.');
        }
        const hard = parseMemory(words[i + 1]);
        const soft = parseMemory(words[i + 2]);
        const seconds = decimal(words[i + 3]);
        if (hard === undefined || soft === undefined || !(seconds >= 0)) {
          throw new ConfigError('Error in hard, soft or soft_seconds setting in buffer limit configuration.');
        }
        limits[name] = { hard: Number(hard), soft: Number(soft), seconds };
      }
      return setting(limits);
    },
    rewrite({ value }) {
      return OUTPUT_CLASSES.map((name) => ({
        text: `${name} ${line(value[name])}`,
        needed: line(value[name]) !== line(initial[name]),
      }));
    },
  };
}

/** `oom-score-adj-values`: for a master, a replica, a child that saves. */
export function oomScores(initial: readonly number[]): Directive<readonly number[]> {
  const setting = (value: readonly number[]) => ({ value, text: value.join(' ') });
  return {
    default: setting(initial),
    manyWords: true,
    parse(words) {
      if (words.length !== initial.length) throw new ConfigError('wrong number of arguments');
      const values = words.map(decimal);
      if (!values.every((value) => value >= -2000 && value <= 2000)) {
        throw new ConfigError('Invalid oom-score-adj-values, elements must be between -2000 and 2000.');
      }
      return setting(values);
    },
    rewrite: ({ text }) => [{ text, needed: text !== initial.join(' ') }],
  };
}

/** Where keyspace events are sent: bits beside those of `EVENT`. */
export const CHANNEL = {
  /** K: `__keyspace@db__:key`. */
  keyspace: 1 << 0,
  /** E: `__keyevent@db__:event`. */
  keyevent: 1 << 1,
} as const;

const MODULE_EVENTS = 1 << 13;

/** In the order in which they are printed. `A` stands for all of the first group but `n`. */
const EVENT_LETTERS: readonly (readonly [letter: string, bit: number])[] = [
  ['g', EVENT.generic],
  ['$', EVENT.string],
  ['l', EVENT.list],
  ['s', EVENT.set],
  ['h', EVENT.hash],
  ['z', EVENT.zset],
  ['x', EVENT.expired],
  ['e', EVENT.evicted],
  ['t', EVENT.stream],
  ['d', MODULE_EVENTS],
];
const MORE_LETTERS: typeof EVENT_LETTERS = [
  ['K', CHANNEL.keyspace],
  ['E', CHANNEL.keyevent],
  ['m', EVENT.keymiss],
];
const ALL_EVENTS = EVENT_LETTERS.reduce((bits, [, bit]) => bits | bit, 0);

/** `notify-keyspace-events`: bits of `EVENT` and `CHANNEL`. */
export function eventClasses(): Directive<number> {
  const bits = new Map([
    ...EVENT_LETTERS,
    ...MORE_LETTERS,
    ['n', EVENT.new] as const,
    ['A', ALL_EVENTS] as const,
  ]);
  const print = (value: number): string => {
    const lettersOf = (letters: typeof EVENT_LETTERS) =>
      letters.map(([letter, bit]) => (value & bit ? letter : '')).join('');
    const all = (value & ALL_EVENTS) === ALL_EVENTS;
    const classes = all ? 'A' : lettersOf(EVENT_LETTERS) + (value & EVENT.new ? 'n' : '');
    return classes + lettersOf(MORE_LETTERS);
  };
  return {
    default: { value: 0, text: '' },
    manyWords: false,
    parse([word]) {
      let value = 0;
      for (const letter of word) {
        const bit = bits.get(letter);
        if (bit === undefined) {
          throw new ConfigError("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
        }
        value |= bit;
      }
      return { value, text: print(value) };
    },
    rewrite: ({ text }) => [{ text: quote(text), needed: text !== '' }],
  };
}

const MOST_ADDRESSES = 16;

/** `bind`: addresses to listen on. A leading `-` means: only if the address is there. */
export function addresses(initial: readonly string[]): Directive<readonly string[]> {
  const setting = (value: readonly string[]) => ({ value, text: value.join(' ') });
  return {
    default: setting(initial),
    manyWords: true,
    parse(words) {
      if (words.length > MOST_ADDRESSES) throw new ConfigError('Too many bind addresses specified.');
      return setting(words.length === 1 && words[0] === '' ? [] : words);
    },
    rewrite({ text }) {
      if (text === initial.join(' ')) return [];
      return [{ text: text === '' ? '""' : text, needed: true }];
    },
  };
}

/** `replicaof host port`, or null after `replicaof no one`. */
export type ReplicaOf = { readonly host: string; readonly port: number } | null;

export function replicaOf(traits: Traits): Directive<ReplicaOf> {
  return {
    ...traits,
    default: { value: null, text: '' },
    manyWords: true,
    parse(words) {
      if (words.length !== 2) throw new ConfigError('wrong number of arguments');
      const [host, portText] = words;
      if (host.toLowerCase() === 'no' && portText.toLowerCase() === 'one') return { value: null, text: '' };
      const port = decimal(portText);
      if (!(port >= 0 && port <= 65535)) throw new ConfigError('Invalid master port');
      return { value: { host, port }, text: `${host} ${port}` };
    },
    rewrite: ({ text }) => (text === '' ? [] : [{ text, needed: true }]),
  };
}

/** `latency-tracking-info-percentiles`: percentages that INFO latencystats prints. */
export function percentiles(initial: readonly number[]): Directive<readonly number[]> {
  const setting = (value: readonly number[]) => ({
    value,
    // as %f prints them, without zeros at the end
    text: value.map((percentile) => String(Number(percentile.toFixed(6)))).join(' '),
  });
  return {
    default: setting(initial),
    manyWords: true,
    parse(words) {
      if (words.length === 0 || (words.length === 1 && words[0] === '')) return setting([]);
      const values = words.map((word) =>
        /^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?$/i.test(word) ? Number(word) : Number.NaN,
      );
      if (values.some(Number.isNaN)) {
        throw new ConfigError('Invalid latency-tracking-info-percentiles parameters');
      }
      if (values.some((value) => value < 0 || value > 100)) {
        throw new ConfigError('latency-tracking-info-percentiles parameters should sit between [0.0,100.0]');
      }
      return setting(values);
    },
    rewrite: ({ text }) => [{ text: text === '' ? '""' : text, needed: true }],
  };
}

/** `dir`: always an absolute path of a directory that exists. */
export function directory(traits: Traits): Directive<string> {
  return {
    ...traits,
    default: { value: '.', text: '.' },
    manyWords: false,
    parse([word], { resolveDirectory }) {
      const path = resolveDirectory(word);
      return { value: path, text: path };
    },
    rewrite: ({ text }) => [{ text: quote(text), needed: true }],
  };
}
