/** SCRIPT DEBUG SYNC: sessions with the debugger of scripts, line by line as redis-server's. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../../src/io/index.js';
import { hasRedisServer } from '../support/redis-process.js';
import { RawConnection, RedisServer } from '../support/redis-server.js';

const SCRIPT = `local function double(n)
  local twice = n * 2
  return twice
end
local t = {1, 'two', {3, x = false}, 4.5, 1e100, 0.1}
local name = "a\\0b" .. string.rep('y', 300)
redis.call('set', KEYS[1], ARGV[1])
local list = redis.pcall('lrange', 'list', 0, -1)
for i = 1, 3 do
  double(i)
end
local ok = pcall(function()
  local inside = double(5)
  error('caught')
end)
redis.debug('seen', t, nil, ok)
redis.breakpoint()
return {KEYS[1], list, double(21)}
`;

/** Commands of the user, each answered before the next; the last ends the session. */
const SESSIONS = {
  steps: [...Array(40).fill('step'), 'continue'],
  'breakpoints and lists': [
    ...[
      'list',
      'list 8',
      'list 8 1',
      'list 0 2',
      'whole',
      'break',
      'break 3 10',
      'break 99',
      'break x',
      'break -4',
    ],
    ...[
      'list 3 1',
      'b',
      'c',
      't',
      'p',
      'print n',
      'print t',
      'c',
      'c',
      'break -3',
      'c',
      'c',
      'break 0',
      'c',
      'c',
    ],
  ],
  values: [
    ...[
      'n',
      'p',
      'print KEYS',
      'print ARGV',
      'print nothing',
      'n',
      'n',
      'print',
      'print t',
      'maxlen',
      'print name',
    ],
    ...[
      'maxlen 10',
      'print name',
      'maxlen 0',
      'print name',
      'm 70',
      'p name',
      'n',
      'print list',
      'break 17',
      'c',
    ],
    ...['print ok', 'trace', 'c', 'c'],
  ],
  'code and commands': [
    ...['eval 1 + 1', "eval {1, 2, {a = 'b'}}", 'eval =', 'eval error("x")', 'eval return 7', 'e #KEYS'],
    ...[
      'redis set k v',
      'redis get k',
      'redis hset h a 1 b 2',
      'redis hgetall h',
      'redis nothing',
      'redis get',
    ],
    ...[
      'redis lrange k 0 1',
      'redis mset 1 2 3 4 5 6 7 8 9 10 11 12',
      'redis',
      'r incr n',
      'nonsense',
      'continue',
      'c',
    ],
  ],
  'an end by request': ['step', 'abort'],
};

let server: RedisServer;
let hexis: RunningServer;

/** Everything that the server says, from the first to the last reply. */
async function play(port: number, commands: readonly string[]): Promise<string[]> {
  const connection = await RawConnection.open(port);
  const said: string[] = [];
  const opening = [
    ['FLUSHALL'],
    ['RPUSH', 'list', 'a', 'b'],
    ['SCRIPT', 'DEBUG', 'SYNC'],
    ['EVAL', SCRIPT, '1', 'key', 'argument'],
  ];
  for (const words of [...opening, ...commands.map((line) => line.split(' '))]) {
    const reply = String(await connection.send([words]));
    said.push(`${words[0]}: ${reply.replace(/@0x[0-9a-f]+/g, '@address')}`);
  }
  said.push(...(await connection.send([['the reply to EVAL']])).map(String));
  connection.close();
  return said;
}

describe.skipIf(!hasRedisServer())('the debugger of scripts', () => {
  beforeAll(async () => {
    server = await RedisServer.start();
    hexis = await startServer({ anyPort: true, config: { save: '' } });
  });

  afterAll(async () => {
    await server.stop();
    await hexis.close();
  });

  it.each(Object.entries(SESSIONS))('%s', async (_, commands) => {
    expect(await play(hexis.port, commands)).toEqual(await play(server.port, commands));
  });
});
