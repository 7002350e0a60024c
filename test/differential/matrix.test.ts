/**
 * Every command of the table on keys of every type, with every option and every number at its limits (see forms.ts), and
 * with too few and too many words: equal replies and equal data, between a redis-server and a Hexis on sockets.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Command, FLAG } from '../../src/commands/command.js';
import { commandTable } from '../../src/commands/index.js';
import { startServer } from '../../src/io/index.js';
import { hasRedisServer } from '../support/redis-process.js';
import { RawConnection, RedisServer } from '../support/redis-server.js';
import { firstDifference, parseScript, type Step } from './compare.js';
import { callsOf, misshapenCallsOf } from './forms.js';
import { OWN_COMMANDS } from './own-commands.js';

/** What makes a key of each type, and one for each way to keep it that commands tell apart. */
const MAKERS = {
  nothing: '',
  string: 'SET KEY text',
  number: 'SET KEY 10',
  hyperloglog: 'PFADD KEY a b',
  list: 'RPUSH KEY a b c',
  hash: 'HSET KEY a 1 b 2',
  set: 'SADD KEY a b',
  intset: 'SADD KEY 1 2',
  zset: 'ZADD KEY 1 a 2 b',
  stream: 'XADD KEY 1-1 a 1 \n XADD KEY 2-1 b 2 \n XGROUP CREATE KEY g 0',
};
type KeyType = keyof typeof MAKERS;
const TYPES = Object.keys(MAKERS) as KeyType[];

/** What is called with the wrong number of words only, and why. */
const LEFT_OUT = {
  'ends, hands over or occupies the server': [
    ...[
      'shutdown',
      'failover',
      'replicaof',
      'slaveof',
      'save',
      'bgsave',
      'bgrewriteaof',
      'debug',
      'pfselftest',
    ],
    ...['client|pause', 'client|kill', 'script|debug', 'migrate', 'wait'],
  ],
  'does not answer every request with one reply': [
    ...['sync', 'psync', 'monitor', 'quit', 'client|reply', 'client|tracking', 'subscribe', 'psubscribe'],
    ...['ssubscribe', 'unsubscribe', 'punsubscribe', 'sunsubscribe'],
  ],
  'is compared in table.test.ts': ['command|docs', 'command|info', 'command|list'],
};

/** What says something of its own on every server, though its tips don't say so. */
const VARIES = ['hello', 'client|id', 'acl|genpass', 'acl|log', 'memory|usage', 'lolwut', 'cluster|myid'];

/** Calls that are answered differently, and why. */
const DIFFERS = {
  'redis-server negates the number, which overflows': ['lpos k1 a RANK -9223372036854775808'],
  'the complaint repeats a number beyond 2^53': [
    'cluster set-config-epoch -9223372036854775808',
    ...['cluster meet a -9223372036854775808', 'cluster meet a -9223372036854775808 1'],
    ...['cluster meet a 9223372036854775807', 'cluster meet a 9223372036854775807 1'],
  ],
};

const differs = new Set(Object.values(DIFFERS).flat());
const leftOut = new Set(Object.values(LEFT_OUT).flat());
const commands = commandTable.all.filter(
  ({ isContainer, fullName }) => !isContainer && !OWN_COMMANDS.includes(fullName),
);
const called = commands.filter(({ fullName }) => !leftOut.has(fullName));
const named = (some: readonly Command[]) => some.map((command) => [command.fullName, command] as const);

const step = (words: readonly string[], mark = ''): Step => ({ mark, words });
const ready = parseScript('FUNCTION FLUSH \n SCRIPT LOAD "return 1"');

/** Where replies can't be equal byte for byte. */
function markOf({ fullName, definition: { name, tips = [] } }: Command, type: KeyType): string {
  const varies = tips.includes('nondeterministic_output') || VARIES.includes(fullName) || name === 'help';
  if (varies) return '?';
  return tips.includes('nondeterministic_output_order') || type.endsWith('set') ? '~' : '';
}

/** The data's digest; of what was taken at random, only that there is one. */
function digest(command: Command): Step {
  return step(['DEBUG', 'DIGEST'], command.fullName === 'spop' ? '?' : '');
}

/** Two keys, the first of one type, the second of another. */
function keys(first: KeyType, second: KeyType): Step[] {
  const make = (type: KeyType, key: string) => MAKERS[type].replaceAll('KEY', key);
  return parseScript(`FLUSHALL \n ${make(first, 'k1')} \n ${make(second, 'k2')}`);
}

/** The call, which must not wait. */
function call(command: Command, words: readonly string[], type: KeyType): Step[] {
  const mark = markOf(command, type);
  if (differs.has(words.join(' '))) return [];
  return command.flags & FLAG.blocking
    ? [step(['MULTI']), step(words), step(['EXEC'], mark)]
    : [step(words, mark)];
}

/** A redis-server and a Hexis with the same options, and a connection to each. */
class Pair {
  private constructor(
    private readonly servers: readonly { stop(): Promise<void> }[],
    private readonly redis: RawConnection,
    private readonly hexis: RawConnection,
  ) {}

  static async start(options: Record<string, string>): Promise<Pair> {
    const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    const redis = await RedisServer.start(...words);
    const dir = mkdtempSync(join(tmpdir(), 'hexis-matrix-'));
    const hexis = await startServer({ anyPort: true, config: { save: '', dir, ...options } });
    const stop = async () => {
      await hexis.close();
      rmSync(dir, { recursive: true });
    };
    const connections = [await RawConnection.open(redis.port), await RawConnection.open(hexis.port)] as const;
    return new Pair([redis, { stop }], ...connections);
  }

  async compare(steps: readonly Step[], resp: number): Promise<void> {
    expect(await firstDifference(steps, this.redis, this.hexis, resp)).toBeUndefined();
  }

  async stop(): Promise<void> {
    this.redis.close();
    this.hexis.close();
    for (const server of this.servers) await server.stop();
  }
}

describe.skipIf(!hasRedisServer())('every command', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await Pair.start({ 'enable-debug-command': 'yes' });
  });

  afterAll(() => pair.stop());

  it.each(named(commands))('%s with too few and too many words', async (_, command) => {
    const steps = misshapenCallsOf(command).map((words) => step(words));
    await pair.compare(steps, 2);
  });

  describe.each([2, 3])('in RESP%i', (resp) => {
    it.each(named(called))('%s', async (_, command) => {
      const steps = (command.hasKeys ? TYPES : (['nothing'] as const)).flatMap((type) =>
        callsOf(command).flatMap((calls) => [
          ...keys(type, type),
          ...calls.flatMap((words) => call(command, words, type)),
          digest(command),
        ]),
      );
      await pair.compare([...ready, ...steps], resp);
    });
  });

  const ofTwoKeys = called.filter((command) => callsOf(command).some(([words]) => words.includes('k2')));
  it.each(named(ofTwoKeys))('%s on keys of two types', async (_, command) => {
    const steps = TYPES.flatMap((first) =>
      TYPES.flatMap((second) =>
        callsOf(command).flatMap(([words]) => [
          ...keys(first, second),
          ...call(command, words, second.endsWith('set') ? second : first),
          digest(command),
        ]),
      ),
    );
    await pair.compare([...ready, ...steps], 2);
  });
});

describe.skipIf(!hasRedisServer())('every command of clusters', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await Pair.start({ 'cluster-enabled': 'yes' });
  });

  afterAll(() => pair.stop());

  const ofClusters = called.filter(
    ({ fullName, definition }) => fullName.startsWith('cluster|') || definition.group === 'cluster',
  );
  const alone = parseScript('CLUSTER RESET \n CLUSTER ADDSLOTSRANGE 1 100');
  it.each(named(ofClusters))('%s', async (_, command) => {
    const steps = callsOf(command).flatMap((calls) => [
      ...alone,
      ...calls.flatMap((words) => call(command, words, 'nothing')),
    ]);
    await pair.compare(steps, 3);
  });

  it('refuses too many words, and keys of slots that nobody serves, in the same words', async () => {
    const script = `
      CLUSTER RESET
      CLUSTER FAILOVER FORCE more
      CLUSTER RESET HARD more
      CLUSTER MEET 127.0.0.1 7000 17000 more
      MGET k126 elsewhere
      EVAL "return redis.call('get', 'k126')" 0
      CLUSTER ADDSLOTSRANGE 0 100
      MGET k126 elsewhere
      EVAL "return redis.call('get', 'k126')" 0
      CONFIG SET cluster-allow-reads-when-down yes
      EVAL "return redis.call('get', 'k126')" 0
      EVAL "return redis.call('set', 'k126', 'v')" 0
      EVAL "return redis.call('mget', 'k126', 'elsewhere')" 0
      CONFIG SET cluster-allow-reads-when-down no
    `;
    await pair.compare(parseScript(script), 3);
  });
});
