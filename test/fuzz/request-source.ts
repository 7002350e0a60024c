/**
 * Requests of every command of the table, with arguments as its entry describes them or any, in RESP or inline; most are
 * then damaged.
 */
import type { Argument, Command } from '../../src/commands/command.js';
import { commandTable } from '../../src/commands/index.js';
import type { TestRandom } from '../support/random.js';
import { mutate, NUMBERS } from './mutate.js';

const KEYS = ['k', 's', 'h', 'l', 'z', 'set', 'hll', 'bits', '{a}1', '{a}2', '', 'x\0y\r\n'];
const WORDS = [
  ...[
    'a',
    'b',
    'field',
    'member',
    '*',
    '-',
    '+',
    '(a',
    '[b',
    '$',
    '>',
    '0-0',
    '1-1',
    'default',
    'on',
    'yes',
    'no',
  ],
  ...[
    'u8',
    'i64',
    'get',
    'set',
    'nx',
    'xx',
    'ch',
    'limit',
    'withscores',
    'match',
    'count',
    'channel',
    'save',
  ],
  ...[
    'maxmemory',
    'list-max-listpack-size',
    '-5',
    'return 1',
    "return redis.call('set',KEYS[1],1)",
    'nan',
    'inf',
  ],
  ...['{"a":[1,2,{}]}', 'return cjson.decode(ARGV[1])', 'return cmsgpack.unpack(ARGV[1])', 'x'.repeat(300)],
];
const DOUBLES = [
  '0',
  '1.5',
  '-1e10',
  'inf',
  '-inf',
  'nan',
  '1e308',
  '1e-320',
  '3.0000000000000000000001',
  '13.361389',
];

export class RequestSource {
  /** All but one that only takes long. */
  private readonly commands = commandTable.all.filter(
    ({ subcommands, fullName }) => subcommands.size === 0 && fullName !== 'pfselftest',
  );

  constructor(private readonly random: TestRandom) {}

  /** One input: a few requests in a row, three of four inputs damaged. */
  next(): string {
    const { random } = this;
    let text = '';
    for (let n = 1 + random.below(3); n > 0; n--) text += this.encode(this.words());
    return random.below(4) === 0 ? text : mutate(random, text);
  }

  words(): string[] {
    const { random } = this;
    let command = random.pick(this.commands);
    if (!command.hasKeys && random.below(2) === 0) command = random.pick(this.commands); // data before the rest
    const words = command.fullName.split('|');
    if (random.below(4) === 0) this.anything(command, words);
    else this.add(words, command.definition.args ?? []);
    return words;
  }

  private encode(words: string[]): string {
    if (this.random.below(12) === 0) return `${words.join(' ')}\r\n`;
    let text = `*${words.length}\r\n`;
    for (const word of words) text += `$${word.length}\r\n${word}\r\n`;
    return text;
  }

  private anything({ arity }: Command, words: string[]): void {
    const { random } = this;
    for (let n = Math.abs(arity) - words.length + random.below(4); n > 0; n--) {
      words.push(random.pick(random.pick([KEYS, WORDS, NUMBERS])));
    }
  }

  private add(words: string[], args: readonly Argument[]): void {
    for (const argument of args) {
      if (argument.optional && this.random.below(3) > 0) continue;
      const times = argument.multiple ? 1 + this.random.below(3) : 1;
      for (let n = 0; n < times; n++) {
        const { token } = argument;
        if (token !== undefined && (n === 0 || argument.multipleToken)) words.push(token);
        this.addOne(words, argument);
      }
    }
  }

  private addOne(words: string[], { type, name, arguments: parts = [] }: Argument): void {
    const { random } = this;
    switch (type) {
      case 'pure-token':
        break;
      case 'oneof':
        this.add(words, [random.pick(parts)]);
        break;
      case 'block':
        this.add(words, parts);
        break;
      case 'key':
        words.push(random.pick(KEYS));
        break;
      case 'double':
        words.push(random.pick(DOUBLES));
        break;
      case 'integer':
      case 'unix-time':
        words.push(name === 'numkeys' ? String(1 + random.below(2)) : random.pick(NUMBERS));
        break;
      default:
        words.push(random.pick(WORDS));
    }
  }
}
