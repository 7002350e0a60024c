/** Random commands on sorted sets that cross the limits of their encodings; see random.test.ts. */
import type { TestRandom } from '../support/random.js';
import type { Vocabulary } from './vocabulary.js';

const opening = ['CONFIG SET zset-max-listpack-entries 128 zset-max-listpack-value 64'];

const templates = [
  'ZADD <key> <score> <member>',
  'ZADD <key> <score> <member> <score> <member> <score> <member>',
  'ZADD <key> <many>',
  'ZADD <key> <many>',
  'ZADD <key> <options> <score> <member>',
  'ZADD <key> <options> CH <score> <member> <score> <member>',
  'ZADD <key> INCR <score> <member>',
  'ZINCRBY <key> <score> <member>',
  'ZREM <key> <member>',
  'ZREM <key> <members>',
  'ZSCORE <key> <member>',
  'ZMSCORE <key> <member> <member>',
  'ZCARD <key>',
  'ZRANK <key> <member>',
  'ZREVRANK <key> <member>',
  'ZCOUNT <key> <bound> <bound>',
  'ZRANGE <key> <place> <place>',
  'ZRANGE <key> <place> <place> REV WITHSCORES',
  'ZRANGE <key> <bound> <bound> BYSCORE WITHSCORES',
  'ZRANGE <key> <bound> <bound> BYSCORE REV LIMIT <place> <place>',
  'ZRANGEBYSCORE <key> <bound> <bound> LIMIT <place> <place>',
  'ZREVRANGE <key> <place> <place> WITHSCORES',
  'ZRANGESTORE <key> <key> <place> <place>',
  'ZRANGESTORE <key> <key> <bound> <bound> BYSCORE REV LIMIT 0 <place>',
  'ZREMRANGEBYRANK <key> <place> <place>',
  'ZREMRANGEBYSCORE <key> <bound> <bound>',
  'ZPOPMIN <key>',
  'ZPOPMAX <key> <count>',
  'ZMPOP 2 <key> <key> MAX COUNT <count>',
  'ZUNIONSTORE <key> 2 <key> <key>',
  'ZUNIONSTORE <key> 2 <key> <key> WEIGHTS <weight> <weight> AGGREGATE MAX',
  'ZINTERSTORE <key> 3 <key> <key> <key> AGGREGATE MIN',
  'ZINTER 2 <key> <key> WITHSCORES',
  'ZUNION 2 <key> <key> WEIGHTS <weight> 1 WITHSCORES',
  'ZINTERCARD 2 <key> <key> LIMIT <count>',
  'ZDIFF 2 <key> <key> WITHSCORES',
  'ZDIFFSTORE <key> 2 <key> <key>',
  '~ ZRANDMEMBER <key> 1000',
  '? ZRANDMEMBER <key> -5 WITHSCORES',
  // All scores the same: ranges by name have a meaning.
  'ZADD <names> <equal>',
  'ZRANGE <names> <name-bound> <name-bound> BYLEX',
  'ZRANGE <names> <name-bound> <name-bound> BYLEX REV LIMIT <place> <place>',
  'ZLEXCOUNT <names> <name-bound> <name-bound>',
  'ZREMRANGEBYLEX <names> <name-bound> <name-bound>',
  'ZREM <names> <member> <member>',
  'ZRANK <names> <member>',
  'COPY <key> <key> REPLACE',
  'RENAME <key> <key>',
  'DEL <key>',
  'OBJECT ENCODING <key>',
  'DEBUG DIGEST-VALUE <key>',
  'CONFIG SET zset-max-listpack-entries <limit>',
  'CONFIG SET zset-max-listpack-value <limit>',
];

// No -0: whether Redis keeps its sign depends on what the set was packed as on the way.
const SCORES = [
  '0',

  'inf',
  '-inf',
  '1e17',
  '-1e-7',
  '9007199254740993',
  '4611686018427387904',
  '1e308',
];

function draw(kind: string, random: TestRandom): string | string[] {
  switch (kind) {
    case 'key':
      return `z${random.below(4)}`;
    case 'names':
      return `n${random.below(2)}`;
    case 'member':
      return random.below(8) === 0 ? String(random.below(300) - 150) : `m${random.below(300)}`;
    case 'members':
      return Array.from({ length: 1 + random.below(200) }, () => `m${random.below(300)}`);
    case 'many':
      return Array.from({ length: 1 + random.below(200) }, () => [
        draw('score', random) as string,
        random.below(200) === 0 ? 'x'.repeat(random.below(300)) : `m${random.below(300)}`,
      ]).flat();
    case 'equal':
      return Array.from({ length: 1 + random.below(150) }, () => ['0', random.text(4)]).flat();
    case 'score':
      return random.pick([
        () => String(random.below(100)),
        () => String(random.below(100)),
        () => String(random.below(2000) / 8 - 125),
        () => (random.below(1_000_000) / 1000 - 500).toString(),
        () => random.pick(SCORES),
      ])();
    case 'weight':
      return String((1 + random.below(20)) / 4);
    case 'bound':
      return random.pick(['', '', '(']) + draw('score', random);
    case 'name-bound':
      return random.pick([
        '-',
        '+',
        ...['(', '['].flatMap((mark) => [mark + random.text(3), mark + random.text(5)]),
      ]);
    case 'place':
      return String(random.below(300) - 100);
    case 'count':
      return String(random.below(60));
    case 'options':
      return random.pick(['NX', 'XX', 'GT', 'LT', 'XX GT', 'LT XX']).split(' ');
    default:
      return random.pick(['0', '3', '16', '64', '128', '1000000']);
  }
}

export const zsets: Vocabulary = { opening, templates, draw };
