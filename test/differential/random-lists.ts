/** Random commands on lists of one listpack and of many; see random.test.ts. */
import type { TestRandom } from '../support/random.js';
import type { Vocabulary } from './vocabulary.js';

const opening = ['CONFIG SET list-max-listpack-size -2'];

const templates = [
  'LPUSH <key> <element>',
  'RPUSH <key> <element> <element>',
  'LPUSH <key> <many>',
  'RPUSH <key> <many>',
  'LPUSHX <key> <element> <element>',
  'RPUSHX <key> <element>',
  'LPOP <key>',
  'RPOP <key>',
  'LPOP <key> <count>',
  'RPOP <key> <count>',
  'LLEN <key>',
  'LINDEX <key> <index>',
  'LINDEX <key> <index>',
  'LSET <key> <index> <element>',
  'LSET <key> <index> <element>',
  'LRANGE <key> <index> <index>',
  'LINSERT <key> BEFORE <element> <element>',
  'LINSERT <key> AFTER <element> <element>',
  'LINSERT <key> AFTER <element> <element>',
  'LREM <key> <index> <element>',
  'LREM <key> 0 <element>',
  'LTRIM <key> <near> -<near>',
  'LTRIM <key> <index> <index>',
  'LMOVE <key> <key> <end> <end>',
  'RPOPLPUSH <key> <key>',
  'LPOS <key> <element>',
  'LPOS <key> <element> RANK <index> COUNT <count> MAXLEN <count>',
  'LMPOP 2 <key> <key> <end> COUNT <count>',
  'BLPOP <key> <key> 0.001',
  'BLMPOP 0.001 2 <key> <key> <end> COUNT <count>',
  'BLMOVE <key> <key> <end> <end> 0.001',
  'COPY <key> <key> REPLACE',
  'RENAME <key> <key>',
  'OBJECT ENCODING <key>',
  'DEBUG DIGEST-VALUE <key>',
  'CONFIG SET list-max-listpack-size <limit>',
];

const INTEGERS = [
  '0',
  '1',
  '-1',
  '127',
  '4096',
  '9007199254740993',
  '-9223372036854775808',
  '9223372036854775807',
];

function element(random: TestRandom): string {
  return random.pick([
    () => `e${random.below(10)}`,
    () => `e${random.below(10)}`,
    () => String(random.below(10)),
    () => random.pick(INTEGERS),
    () => random.text(70, '\0\xff\r\nab'),
    () => 'x'.repeat(random.below(5) * 100),
    () => (random.below(20) === 0 ? 'y'.repeat(4000 + random.below(3) * 6000) : 'z'),
  ])();
}

function draw(kind: string, random: TestRandom): string | string[] {
  switch (kind) {
    case 'key':
      return `l${random.below(3)}`;
    case 'element':
      return element(random);
    case 'many':
      return Array.from({ length: 1 + random.below(120) }, () => element(random));
    case 'count':
      return String(random.below(4) === 0 ? random.below(200) : random.below(4));
    case 'index':
      return String(random.below(4) === 0 ? random.below(600) - 300 : random.below(10) - 5);
    case 'near':
      return String(random.below(4));
    case 'end':
      return random.pick(['LEFT', 'RIGHT']);
    default:
      return random.pick(['-1', '-2', '-3', '-5', '1', '2', '5', '16', '128']);
  }
}

export const lists: Vocabulary = { opening, templates, draw };
