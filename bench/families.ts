/**
 * One row for each family of commands, a Hexis node beside redis-server (load.ts says how): 32-byte values, one command
 * at a time and 16 deep.
 *
 *     npm run bench -- families lpush zadd     # these families only
 *     npm run bench -- families 16             # this depth only
 */
import { COLUMNS, compare, RANDOM, type Subject, send, startSubjects } from './load.js';
import { table, Workshop } from './processes.js';

/** Each of so many requests of the deepest pipelines before a family is measured: the code for a command is compiled while it runs. */
const WARM_ROUNDS = 2;
const ROUNDS = 3;
const REQUESTS: Readonly<Record<string, number>> = { 1: 20_000, 16: 300_000 };
const DEEPEST = 16;
const GOALS: Readonly<Record<string, number>> = { 1: 1, 16: 1.3 };

const VALUE = 'x'.repeat(32);

interface Family {
  /** The command that is measured. */
  readonly command: readonly string[];
  /** Is run before, with any data of former rounds gone: so many times, or once for each request. */
  readonly filler?: { readonly command: readonly string[]; readonly times?: number };
  /** For commands with long replies: fewer requests. */
  readonly share?: number;
}

const push = ['LPUSH', 'list', VALUE];
const add = ['XADD', 'stream', '*', 'field', VALUE];
const script = "return redis.call('incr', KEYS[1])";

function listRange(count: number): Family {
  const command = ['LRANGE', 'list', '0', `${count - 1}`];
  return { command, filler: { command: push, times: 1000 }, share: 30 / count };
}

const FAMILIES: Readonly<Record<string, Family>> = {
  // What redis-benchmark can send, whatever the server: no other row can come out above this one.
  PING: { command: ['PING'] },
  LPUSH: { command: push },
  LPOP: { command: ['LPOP', 'list'], filler: { command: push } },
  SADD: { command: ['SADD', 'set', RANDOM] },
  SPOP: { command: ['SPOP', 'set'], filler: { command: ['SADD', 'set', RANDOM] } },
  HSET: { command: ['HSET', 'hash', RANDOM, VALUE] },
  ZADD: { command: ['ZADD', 'zset', RANDOM, RANDOM] },
  ZPOPMIN: { command: ['ZPOPMIN', 'zset'], filler: { command: ['ZADD', 'zset', RANDOM, RANDOM] } },
  XADD: { command: add },
  XRANGE_10: {
    command: ['XRANGE', 'stream', '-', '+', 'COUNT', '10'],
    filler: { command: add, times: 10_000 },
  },
  XREAD_10: {
    command: ['XREAD', 'COUNT', '10', 'STREAMS', 'stream', '0'],
    filler: { command: add, times: 10_000 },
  },
  LRANGE_100: listRange(100),
  LRANGE_300: listRange(300),
  LRANGE_600: listRange(600),
  MSET_10: {
    command: ['MSET', ...Array.from({ length: 10 }, () => [`key:${RANDOM}`, VALUE]).flat()],
    share: 0.3,
  },
  INCR: { command: ['INCR', `counter:${RANDOM}`] },
  EVAL: { command: ['EVAL', script, '1', `counter:${RANDOM}`], share: 0.5 },
};

/** Gives the server the data that the family's command works on. */
async function fill(subject: Subject, { filler }: Family, requests: number): Promise<void> {
  await send(subject, { command: ['FLUSHALL'], requests: 1, depth: 1 });
  if (filler === undefined) return;
  await send(subject, { command: filler.command, requests: filler.times ?? requests, depth: 100 });
}

/** Runs the comparison, of all families and depths or those named, and answers the table. */
export async function benchmarkFamilies(words: readonly string[]): Promise<string> {
  const args = words.map((word) => word.toUpperCase());
  const chosen = (among: readonly string[]) => {
    const named = among.filter((name) => args.includes(name));
    return named.length > 0 ? named : among;
  };
  const names = Object.keys(FAMILIES);
  const stranger = args.find((arg) => !names.includes(arg) && !(arg in REQUESTS));
  if (stranger !== undefined) throw new Error(`no family '${stranger}'; there are ${names.join(', ')}`);
  const workshop = new Workshop();
  const rows = [['family', 'depth', ...COLUMNS]];
  try {
    const subjects = await startSubjects(workshop);
    for (const name of chosen(names)) {
      const family = FAMILIES[name];
      const { command, share = 1 } = family;
      for (let round = 0; round < WARM_ROUNDS; round++) {
        const requests = Math.ceil(REQUESTS[DEEPEST] * share);
        await fill(subjects.hexis, family, requests);
        await send(subjects.hexis, { command, requests, depth: DEEPEST });
      }
      for (const depth of chosen(Object.keys(REQUESTS))) {
        const requests = Math.ceil(REQUESTS[depth] * share);
        const load = { command, requests, depth: Number(depth) };
        const cells = await compare(subjects, load, ROUNDS, GOALS[depth], (subject) =>
          fill(subject, family, requests),
        );
        const row = [name, depth, ...cells];
        rows.push(row);
        console.error(row.join('  ')); // all of them take three minutes: what there is when somebody gives up
      }
    }
  } finally {
    await workshop.close();
  }
  return table(rows);
}
