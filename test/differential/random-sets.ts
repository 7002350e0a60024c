/** Random commands on sets that cross the limits of their encodings; see random.test.ts. */
import type { TestRandom } from '../support/random.js';
import type { Vocabulary } from './vocabulary.js';

const opening = ['CONFIG SET set-max-intset-entries 512'];

const templates = [
  'SADD <key> <member>',
  'SADD <key> <member> <member> <member>',
  'SADD <key> <integers>',
  'SADD <key> <texts>',
  'SREM <key> <member>',
  'SREM <key> <member> <member>',
  'SREM <key> <integers>',
  'SREM <key> <texts>',
  'SISMEMBER <key> <member>',
  'SMISMEMBER <key> <member> <member> <member>',
  'SCARD <key>',
  '~ SMEMBERS <key>',
  '~ SRANDMEMBER <key> 1000',
  '? SRANDMEMBER <key> -5',
  '~ SPOP <key> 1000',
  'SMOVE <key> <key> <member>',
  '~ SINTER <key> <key>',
  '~ SUNION <key> <key> <key>',
  '~ SDIFF <key> <key>',
  '~ SDIFF <key> <key> <key> <key>',
  'SINTERCARD 2 <key> <key>',
  'SINTERSTORE <key> <key> <key>',
  'SUNIONSTORE <key> <key> <key>',
  'SDIFFSTORE <key> <key> <key>',
  'SDIFFSTORE <key> <key> <key> <key>',
  'COPY <key> <key> REPLACE',
  'RENAME <key> <key>',
  'DEL <key>',
  'PEXPIREAT <key> 33177117420000',
  'OBJECT ENCODING <key>',
  'DEBUG DIGEST-VALUE <key>',
  'CONFIG SET set-max-intset-entries <limit>',
];

const EDGES = [127, 128, 32767, 32768, 2147483647, 2147483648, 9007199254740991]
  .flatMap((n) => [String(n), String(-n), String(-n - 1)])
  .concat(['9007199254740993', '9223372036854775806', '9223372036854775807', '-9223372036854775808'])
  .concat(['9223372036854775808', '007', '', ' 1']);

function integer(random: TestRandom): string {
  return random.below(20) === 0 ? random.pick(EDGES) : String(random.below(600) - 100);
}

function draw(kind: string, random: TestRandom): string | string[] {
  switch (kind) {
    case 'key':
      return `s${random.below(5)}`;
    case 'member':
      return random.below(3) === 0 ? random.text(3, 'ab\0') : integer(random);
    case 'integers':
      return Array.from({ length: 1 + random.below(150) }, () => integer(random));
    case 'texts':
      return Array.from({ length: 1 + random.below(150) }, () =>
        random.below(50) === 0 ? 'x'.repeat(random.below(1000)) : `m${random.below(400)}`,
      );
    default:
      return random.pick(['0', '3', '100', '512', '512']);
  }
}

export const sets: Vocabulary = { opening, templates, draw };
