/** Random commands on hashes that cross the limits of their encodings; see random.test.ts. */
import type { TestRandom } from '../support/random.js';
import type { Vocabulary } from './vocabulary.js';

const opening = ['CONFIG SET hash-max-listpack-entries 512 hash-max-listpack-value 64'];

const templates = [
  'HSET <key> <field> <value>',
  'HSET <key> <field> <value> <field> <value> <field> <value>',
  'HSET <key> <field> <value>',
  'HSET <key> <many>',
  'HMSET <key> <field> <value> <field> <value>',
  'HSETNX <key> <field> <value>',
  'HGET <key> <field>',
  'HMGET <key> <field> <field> <field>',
  'HDEL <key> <field>',
  'HDEL <key> <field> <field> <field>',
  'HDEL <key> <fields>',
  'HEXISTS <key> <field>',
  'HSTRLEN <key> <field>',
  'HLEN <key>',
  'HINCRBY <key> <field> <integer>',
  'HINCRBYFLOAT <key> <field> <float>',
  '~ HGETALL <key>',
  '~ HKEYS <key>',
  '~ HVALS <key>',
  '~ HRANDFIELD <key> 1000 WITHVALUES',
  '? HRANDFIELD <key> -5',
  'COPY <key> <key> REPLACE',
  'RENAME <key> <key>',
  'DEL <key>',
  'PEXPIREAT <key> 33177117420000',
  'OBJECT ENCODING <key>',
  'DEBUG DIGEST-VALUE <key>',
  'CONFIG SET hash-max-listpack-entries <limit>',
  'CONFIG SET hash-max-listpack-value <limit>',
];

const INTEGERS = ['0', '1', '-1', '4096', '9007199254740993', '-9223372036854775808', '9223372036854775807'];

function draw(kind: string, random: TestRandom): string | string[] {
  switch (kind) {
    case 'key':
      return `h${random.below(4)}`;
    case 'field':
      return random.below(4) === 0 ? random.pick(INTEGERS) : `f${random.below(20)}`;
    case 'fields':
      return Array.from({ length: 1 + random.below(200) }, () => `m${random.below(300)}`);
    case 'many':
      return Array.from({ length: 1 + random.below(200) }, () => [
        `m${random.below(300)}`,
        draw('value', random) as string,
      ]).flat();
    case 'value':
      return random.pick([
        () => random.text(12),
        () => random.pick(INTEGERS),
        () => String(random.below(20_000) - 10_000),
        () => (random.below(10_000) / 100).toString(),
        () => (random.below(10) === 0 ? 'x'.repeat(random.below(3000)) : random.text(70, '\0\xff\r\nab')),
      ])();
    case 'integer':
      return random.below(2) === 0 ? random.pick(INTEGERS) : String(random.below(2000) - 1000);
    case 'float':
      return `${random.below(1000) - 500}.${random.below(1_000_000)}e${random.below(12) - 6}`;
    default:
      return random.pick(['0', '3', '16', '64', '200', '1000000']);
  }
}

export const hashes: Vocabulary = { opening, templates, draw };
