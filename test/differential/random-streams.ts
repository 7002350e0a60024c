/** Random commands on streams of one node and of many, with groups; see sequences.test.ts. */
import type { TestRandom } from '../support/random.js';
import type { Vocabulary } from './vocabulary.js';

const opening = ['CONFIG SET stream-node-max-entries 7', 'CONFIG SET stream-node-max-bytes 4096'];

const templates = [
  'XADD <key> <new> <fields>',
  'XADD <key> <new> <fields>',
  'XADD <key> <new> <fields>',
  'XADD <key> <new> f <value>',
  'XADD <key> <new> f <value>',
  'XADD <key> <new> f <value> g <value>',
  'XADD <key> <trim> <new> f <value>',
  'XADD <key> <id> <fields>',
  'XLEN <key>',
  'XRANGE <key> <from> <to>',
  'XRANGE <key> <from> <to> COUNT <count>',
  'XREVRANGE <key> <to> <from> COUNT <count>',
  'XDEL <key> <id> <id>',
  'XDEL <key> <id>',
  'XTRIM <key> <trim>',
  'XSETID <key> <id>',
  'XSETID <key> <id> ENTRIESADDED <count> MAXDELETEDID <id>',
  'XREAD COUNT <count> STREAMS <key> <key> <id> <id>',
  'XGROUP CREATE <key> <group> <id> MKSTREAM',
  'XGROUP CREATE <key> <group> $ ENTRIESREAD <count>',
  'XGROUP SETID <key> <group> <id>',
  'XGROUP DESTROY <key> <group>',
  'XGROUP CREATECONSUMER <key> <group> <consumer>',
  'XGROUP DELCONSUMER <key> <group> <consumer>',
  'XREADGROUP GROUP <group> <consumer> COUNT <count> STREAMS <key> >',
  'XREADGROUP GROUP <group> <consumer> COUNT <count> STREAMS <key> >',
  'XREADGROUP GROUP <group> <consumer> NOACK COUNT <count> STREAMS <key> >',
  'XREADGROUP GROUP <group> <consumer> COUNT <count> STREAMS <key> <id>',
  'XACK <key> <group> <id> <id>',
  'XPENDING <key> <group>',
  '? XPENDING <key> <group> <from> <to> <count>',
  'XCLAIM <key> <group> <consumer> 0 <id> <id>',
  'XCLAIM <key> <group> <consumer> 0 <id> <id> FORCE JUSTID RETRYCOUNT <count> LASTID <id>',
  'XAUTOCLAIM <key> <group> <consumer> 0 <from> COUNT <count>',
  'XAUTOCLAIM <key> <group> <consumer> 0 <from> JUSTID',
  'XINFO STREAM <key>',
  'XINFO GROUPS <key>',
  'COPY <key> <key> REPLACE',
  'RENAME <key> <key>',
  'DEBUG DIGEST-VALUE <key>',
  'CONFIG SET stream-node-max-entries <limit>',
];

const INTEGERS = ['0', '127', '-4096', '8388608', '9007199254740993', '-9223372036854775808'];

/** IDs are drawn from few times, so that they meet. */
function id(random: TestRandom): string {
  const ms = random.below(40) === 0 ? '9007199254740993' : String(random.below(120));
  return random.below(3) === 0 ? ms : `${ms}-${random.below(4)}`;
}

function value(random: TestRandom): string {
  return random.pick([
    () => `v${random.below(10)}`,
    () => String(random.below(1000)),
    () => random.pick(INTEGERS),
    () => random.text(70, '\0\xff\r\nab'),
    () => 'x'.repeat(random.below(6) * 90),
    () => (random.below(20) === 0 ? 'y'.repeat(4000) : 'z'),
  ])();
}

/** New IDs mostly lie beyond what is there: where each sequence has got. */
const times = new WeakMap<TestRandom, number>();

function newId(random: TestRandom): string {
  const time = random.below(200) === 0 ? 0 : (times.get(random) ?? 0) + random.below(2);
  times.set(random, time);
  return random.below(4) === 0 ? `${time}-*` : `${time}-${random.below(50)}`;
}

function draw(kind: string, random: TestRandom): string | string[] {
  switch (kind) {
    case 'key':
      return `s${random.below(3)}`;
    case 'new':
      return newId(random);
    case 'id':
      return id(random);
    case 'from':
      return random.pick(['-', '-', id(random), `(${id(random)}`]);
    case 'to':
      return random.pick(['+', '+', id(random), `(${id(random)}`]);
    case 'fields':
      return Array.from({ length: 1 + random.below(3) }, () => [
        random.pick(['f', 'g', value(random)]),
        value(random),
      ]).flat();
    case 'value':
      return value(random);
    case 'count':
      return String(random.below(5) === 0 ? random.below(60) : 1 + random.below(4));
    case 'group':
      return `g${random.below(3)}`;
    case 'consumer':
      return `c${random.below(4)}`;
    case 'trim':
      return [
        ...random.pick([
          ['MAXLEN', String(random.below(30))],
          ['MINID', id(random)],
        ]),
      ].flatMap((word, i) => (i === 1 ? [...random.pick([[], ['='], ['~']]), word] : word));
    default:
      return random.pick(['1', '3', '7', '20', '0']);
  }
}

export const streams: Vocabulary = { opening, templates, draw };
