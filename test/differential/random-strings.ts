/** Random commands on strings and on keys as such; see random.test.ts. */
import type { TestRandom } from '../support/random.js';
import type { Vocabulary } from './vocabulary.js';

const templates = [
  'GET <key>',
  'SET <key> <value>',
  'SET <key> <value> <condition>',
  'SET <key> <value> <condition> GET',
  'SET <key> <value> <expiry>',
  'SET <key> <value> KEEPTTL',
  'SETNX <key> <value>',
  'GETSET <key> <value>',
  'GETDEL <key>',
  'GETEX <key> <expiry>',
  'GETEX <key> PERSIST',
  'MSET <key> <value> <key> <value>',
  'MSETNX <key> <value> <key> <value>',
  'MGET <key> <key> <key>',
  'INCR <key>',
  'DECR <key>',
  'INCRBY <key> <integer>',
  'DECRBY <key> <integer>',
  'INCRBYFLOAT <key> <float>',
  'APPEND <key> <value>',
  'STRLEN <key>',
  'GETRANGE <key> <index> <index>',
  'SETRANGE <key> <offset> <value>',
  'LCS <key> <key>',
  'LCS <key> <key> IDX WITHMATCHLEN',
  'DEL <key> <key>',
  'UNLINK <key>',
  'EXISTS <key> <key>',
  'TYPE <key>',
  'RENAME <key> <key>',
  'RENAMENX <key> <key>',
  'COPY <key> <key>',
  'COPY <key> <key> REPLACE',
  'COPY <key> <key> DB <database>',
  'MOVE <key> <database>',
  'SELECT <database>',
  'DBSIZE',
  'SWAPDB <database> <database>',
  'PEXPIREAT <key> <time>',
  'PEXPIREAT <key> <time> <expire-condition>',
  'PEXPIRETIME <key>',
  'PERSIST <key>',
  'OBJECT ENCODING <key>',
  'DEBUG DIGEST-VALUE <key>',
  'DUMP <key>',
];

const INTEGERS = [
  '0',
  '1',
  '-1',
  '12',
  '9007199254740991',
  '9007199254740993',
  '-9223372036854775808',
  '9223372036854775807',
];

function draw(kind: string, random: TestRandom): string | string[] {
  switch (kind) {
    case 'key':
      return `k${random.below(6)}`;
    case 'value':
      return random.pick([
        () => random.text(12),
        () => random.text(60, '\0\xff\r\nab'),
        () => random.pick(INTEGERS),
        () => String(random.below(20_000) - 10_000),
        () => (random.below(10_000) / 100).toString(),
        () => 'x'.repeat(random.below(200)),
      ])();
    case 'integer':
      return random.below(2) === 0 ? random.pick(INTEGERS) : String(random.below(2000) - 1000);
    case 'float':
      return `${random.below(2) === 0 ? '-' : ''}${random.below(1000)}.${random.below(1_000_000)}e${random.below(12) - 6}`;
    case 'index':
      return String(random.below(60) - 30);
    case 'offset':
      return String(random.below(40));
    case 'database':
      return String(random.below(3));
    case 'condition':
      return random.pick(['NX', 'XX']);
    case 'expire-condition':
      return random.pick(['NX', 'XX', 'GT', 'LT']);
    case 'time':
      return random.pick(['1', '33177117420000', '33177117420001', '33177117430000', '9007199254740991']);
    default:
      return random.pick(['PXAT 33177117420123', 'EXAT 33177117420', 'PXAT 1']).split(' ');
  }
}

export const strings: Vocabulary = { templates, draw };
