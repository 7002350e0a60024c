/**
 * Calls of a command as its entry in the table declares it: every option and every choice once, and every number at its
 * limits. What a declaration doesn't say (how an ID or a lexical bound looks) is in WORDS.
 */
import type { Argument, Command } from '../../src/commands/command.js';

/** One word of a call. Of a number, `limits` are what it is tried with as well. */
interface Word {
  readonly text: string;
  readonly isKey?: boolean;
  readonly limits?: readonly string[];
}

const INTEGERS = [
  ...['-9223372036854775809', '-9223372036854775808', '-1', '0', '1', '2', '01', '+1', '1.5', 'x', ''],
  ...['4294967296', '9223372036854775807', '9223372036854775808'],
];
/** Numbers that would be over before both servers have been asked what is left. */
const SOON = ['1', '2'];
const DOUBLES = ['-inf', 'inf', 'nan', '-1', '0', '-0', '1e400', '0x10', '1.5', ' 1', 'x', ''];

/** Words that mean something, by the argument's name, or by the command's and the argument's. */
const WORDS: Record<string, string> = {
  id: '1-1',
  start: '-',
  end: '+',
  'xrevrange start': '-',
  'xautoclaim start': '0-0',
  min: '-',
  max: '+',
  threshold: '1',
  'min-idle-time': '0',
  'last-id': '5-5',
  max_deleted_entry_id: '1-1',
  group: 'g',
  groupname: 'g',
  encoding: 'u8',
  operation: 'AND',
  script: 'return 1',
  sha1: 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db',
  function: 'answer',
  pattern: '*',
  'zrange start': '0',
  'zrange stop': '1',
  'zrangestore min': '0',
  'zrangestore max': '1',
  'pfdebug subcommand': 'ENCODING',
};

/** Choices that depend on the clock. */
const LEFT_OUT = ['auto_id'];
const DURATIONS = ['seconds', 'milliseconds'];

/** The calls, from the shortest; in each list the declared one first, then those with a number at a limit. */
export function callsOf(command: Command): string[][][] {
  const name = command.fullName.split('|');
  return forms(command.definition.args ?? [], name[0]).map((words) => {
    const plain = [...name, ...texts(words)];
    const atLimits = words.flatMap(({ limits = [] }, place) =>
      limits.map((limit) => plain.with(name.length + place, limit)),
    );
    return [plain, ...atLimits];
  });
}

/** Calls with too few words and too many. */
export function misshapenCallsOf(command: Command): string[][] {
  const name = command.fullName.split('|');
  const counts = [name.length, Math.abs(command.arity) - 1, Math.abs(command.arity) + 1];
  return counts
    .filter((count) => count >= name.length && !command.accepts(count))
    .map((count) => [...name, ...Array(count - name.length).fill('1')]);
}

/** Keys get the names k1, k2 … in their order. */
function texts(words: readonly Word[]): string[] {
  let keys = 0;
  return words.map(({ text, isKey }) => (isKey ? `k${++keys}` : text));
}

/** Only what is required; then, one at a time, every other way to give an argument. */
function forms(args: readonly Argument[], command: string): Word[][] {
  const ways = args.map((argument) => waysOf(argument, command));
  const shortest = args.map(({ optional }, i) => (optional ? [] : ways[i][0]));
  const others = args.flatMap(({ optional }, i) =>
    (optional ? ways[i] : ways[i].slice(1)).map((way) => shortest.with(i, way).flat()),
  );
  return [shortest.flat(), ...others];
}

function waysOf(argument: Argument, command: string): Word[][] {
  const token = argument.token === undefined ? [] : [{ text: argument.token }];
  const values = valuesOf(argument, command);
  const ways = values.map((value) => [...token, ...value]);
  if (argument.multiple) ways.push([...ways[0], ...(argument.multipleToken ? token : []), ...values[0]]);
  return ways;
}

function valuesOf({ type, name, arguments: parts = [] }: Argument, command: string): Word[][] {
  const word = WORDS[`${command} ${name}`] ?? WORDS[name];
  switch (type) {
    case 'pure-token':
      return [[]];
    case 'oneof':
      return parts.filter((part) => !LEFT_OUT.includes(part.name)).flatMap((part) => waysOf(part, command));
    case 'block':
      return forms(parts, command);
    case 'key':
      return [[{ text: '', isKey: true }]];
    case 'integer':
      if (!DURATIONS.includes(name)) return [[{ text: '1', limits: INTEGERS }]];
      return [[{ text: '100000', limits: INTEGERS.filter((number) => !SOON.includes(number)) }]];
    case 'unix-time':
      return [[{ text: '33177117420', limits: INTEGERS }]];
    case 'double':
      return [[{ text: '1', limits: DOUBLES }]];
    default:
      return [[{ text: word ?? 'a', limits: word === undefined ? [''] : [word, ...INTEGERS, ...DOUBLES] }]];
  }
}
