/**
 * `hexis cli` beside the real redis-cli: the same arguments and the same input against the same server must
 * give the same stdout, stderr and exit code.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleHexis } from '../support/hexis-process.js';
import { freePorts } from '../support/ports.js';
import { hasRedisServer } from '../support/redis-process.js';
import { RealServer, runProgram, startCluster } from './processes.js';

const PORT = await freePorts(3);
const CLUSTER_PORTS = [PORT + 1, PORT + 2];

/** Commands whose replies have every shape; the same each time they run from the start. */
const SCRIPT = String.raw`
flushall
set plain value
set quoted "a \"b\" \\ \n\r\t\x00\xff\x7f é"
set empty ''
set number 42
get plain
get quoted
get empty
get missing
incr number
3 incr number
strlen plain
mget plain missing quoted
del missing
lpush list a b c d e f g h i j k
lrange list 0 -1
lrange list 0 1
lrange missing 0 -1
incr list
nosuchcommand with args
get
hset hash field1 value1 field2 "two words"
hgetall hash
hgetall missing
sadd set one
smembers set
smembers missing
zadd zset 1 a 2.5 b 1e30 c
zrange zset 0 -1 withscores
zscore zset b
zscore zset missing
zincrby zset 1.5 a
geoadd geo 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
geopos geo Palermo missing Catania
geosearch geo fromlonlat 15 37 byradius 200 km asc withcoord withdist
xadd stream 1-1 field value other "x y"
xadd stream 1-2 field value
xrange stream - +
xread streams stream 0
xinfo stream stream
eval "return {1,'two',{3,{4,'five'}},false,{err='MY error'},{ok='status'},{}}" 0
eval "return {}" 0
eval "return {{}}" 0
eval "return {{{'deep'}}}" 0
eval "return redis.error_reply('BAD thing')" 0
command info get
command docs get set
command getkeys mset a 1 b 2
command list filterby pattern *del
acl whoami
config get maxmemory
config get nothing*
object encoding number
debug protocol string
debug protocol integer
debug protocol double
debug protocol null
debug protocol array
debug protocol set
debug protocol map
debug protocol verbatim
debug protocol true
debug protocol false
client getname
client list id 9999999
latency doctor
memory doctor
slowlog get 0
echo "unbalanced
echo 'also
echo "stuck"here
0 ping
-1 ping
10 ping
ping "a b"
time extra
multi
select 3
set inside 1
lrange inside 0 -1
exec
get inside
select 0
multi
incr list
incr number
exec
multi
discard
exec
select 99
multi
badcommand
exec
reset
help get
HELP set
? xadd
help nosuchcommand
help config
help @hyperloglog
:set hints
:set nothing
:unknown
restart
dump missing
object help
quit
ping
`;

const FORMATS: string[][] = [
  ['--no-raw'],
  ['--no-raw', '-3'],
  [],
  ['-3'],
  ['--csv'],
  ['--csv', '-3'],
  ['--json', '-2'],
  ['--json'],
  ['--quoted-json'],
  ['-d', '|', '-D', '\n--\n'],
  ['--no-raw', '-n', '2'],
];

const P = ['-p', String(PORT)];
const ONE_SHOTS: [args: string[], input?: string][] = [
  [[...P, 'ping']],
  [[...P, '--no-raw', 'ping']],
  [[...P, '--no-raw', 'get', 'plain']],
  [[...P, '--no-raw', 'mget', 'plain', 'missing']],
  [[...P, 'mget', 'plain', 'missing', 'plain']],
  [[...P, '--no-raw', 'nosuchcommand']],
  [[...P, 'nosuchcommand']],
  [[...P, '-e', 'nosuchcommand']],
  [[...P, '-e', 'get', 'plain']],
  [[...P, '-r', '3', '--no-raw', 'ping']],
  [[...P, '-r', '3', '-i', '0.01', 'ping']],
  [[...P, '-r', '0', 'ping']],
  [[...P, '-r', '2', '-e', 'nosuchcommand']],
  [[...P, '-n', '1', 'dbsize']],
  [[...P, '-n', '99', 'dbsize']],
  [[...P, '-x', 'echo'], 'from stdin\nwith \0 and \xff\n'],
  [[...P, '-x', '--no-raw', 'echo'], 'a\n'],
  [[...P, '-x', 'echo'], ''],
  [[...P, '-X', 'tag', '--no-raw', 'mget', 'tag', 'x', 'tag'], 'plain'],
  [[...P, '-X', 'tag', 'echo', 'other'], 'plain'],
  [[...P, '--quoted-input', '--no-raw', 'echo', '"\\x00\\n"']],
  [[...P, '--quoted-input', 'echo', '"open']],
  [[...P, '--quoted-input', 'echo', 'two words']],
  [[...P, '-a', 'wrong', 'ping']],
  [[...P, '-a', 'wrong', '--no-auth-warning', 'ping']],
  [[...P, '--user', 'nobody', '--pass', 'wrong', 'ping']],
  [['-u', `redis://127.0.0.1:${PORT}/1`, 'dbsize']],
  [['-u', `redis://nobody:p%41ss@127.0.0.1:${PORT}`, 'ping']],
  [['-u', 'http://127.0.0.1', 'ping']],
  [['-h', 'localhost', ...P, '--no-raw', 'get', 'plain']],
  [['-p', '23199', 'ping']],
  [['-s', '/nonexistent/redis.sock', 'ping']],
  [['-s', '/nonexistent/redis.sock', '-c', 'ping']],
  [['-2', '-3', 'ping']],
  [['-x', '-X', 'tag', 'ping']],
  [['--nonsense', 'ping']],
  [['-p']],
  [[...P, '--json', 'hgetall', 'hash']],
  [[...P, '-2', '--json', 'hgetall', 'hash']],
  [[...P, '--quoted-json', 'get', 'quoted']],
  [[...P, '--csv', 'command', 'info', 'get']],
  [[...P, 'help', 'get']],
  [[...P, 'quit']],
  [[...P, '-3', 'reset']],
  [[...P, 'multi']],
  [[...P, 'subscribe']],
  [[...P, '--no-raw', 'subscribe']],
  [[...P, '--show-pushes', 'yes', '--no-raw', '-3', 'debug', 'protocol', 'push']],
];

const available = hasRedisServer();

// `clear` is left out: redis-cli writes it past its own output buffer, so its place depends on that buffer.
describe.skipIf(!available)('hexis cli beside redis-cli', () => {
  let binary: Awaited<ReturnType<typeof bundleHexis>>;

  beforeAll(async () => {
    binary = await bundleHexis();
  });
  afterAll(() => binary.remove());

  async function expectSame(args: readonly string[], input?: string, before?: () => Promise<unknown>) {
    const environment = { HOME: '/nonexistent' };
    await before?.();
    const theirs = await runProgram(['redis-cli', ...args], input, environment);
    await before?.();
    const ours = await runProgram([process.execPath, binary.program, 'cli', ...args], input, environment);
    expect(ours).toEqual(theirs);
    return theirs;
  }

  describe('one server', () => {
    let server: RealServer;

    beforeAll(async () => {
      server = await RealServer.start(PORT);
      await server.command('SET', 'plain', 'value');
      await server.command('SET', 'quoted', 'a "b" \\ \n\0\xff');
      await server.command('HSET', 'hash', 'f"1', 'v\n1', 'f2', 'v2');
    });
    afterAll(() => server.stop());

    it.each(ONE_SHOTS)('%j', async (args, input) => {
      await expectSame(args, input);
    });

    it.each(FORMATS)('a script on stdin with %j %j %j %j', async (...options) => {
      const theirs = await expectSame([...P, ...options.filter(Boolean)], SCRIPT);
      expect(theirs.stdout.length).toBeGreaterThan(1000);
    });

    it.each([
      ['--ldb', "redis.call('SET', 'debugged', ARGV[1])\nlocal got = redis.call('GET', KEYS[1])\nreturn got"],
      ['--ldb-sync-mode', "redis.call('SET', KEYS[1], 'value')\nreturn {1, 'two'}"],
      ['--ldb', "error('no')"],
      ['--ldb', 'return ('],
    ])('a session with the debugger, %s %j', async (option, script) => {
      const folder = mkdtempSync(join(tmpdir(), 'hexis-ldb-'));
      try {
        const file = join(folder, 'script.lua');
        writeFileSync(file, script);
        const lines = ['step', 'print', '', 'break 3', 'list', 'redis PING', 'e 1 + 1', 'eval "x" .. 2'];
        lines.push(
          'nonsense',
          '"unbalanced',
          'continue',
          'exists debugged',
          'restart',
          'abort',
          'get plain',
          'quit',
        );
        await expectSame([...P, option, '--eval', file, 'plain', ',', 'x'], `${lines.join('\n')}\n`);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    it('the reason for a failed connection, for every line on stdin', async () => {
      await expectSame(['-p', '23199'], 'ping\nget x\n');
    });

    it('a password from the environment', async () => {
      await server.command('CONFIG', 'SET', 'requirepass', 'secret');
      try {
        const environment = { REDISCLI_AUTH: 'secret' };
        const ours = [process.execPath, binary.program, 'cli', ...P, 'ping'];
        expect(await runProgram(ours, '', environment)).toEqual({ stdout: 'PONG\n', stderr: '', code: 0 });
        await expectSame([...P, 'ping']);
        await expectSame([...P, '-a', 'secret', 'ping']);
        await expectSame([...P], 'ping\nauth secret\nping\n');
      } finally {
        await server.command('CONFIG', 'SET', 'requirepass', '');
      }
    });
  });

  describe('a cluster', () => {
    let servers: RealServer[];
    const C = ['-p', String(CLUSTER_PORTS[1])];

    beforeAll(async () => {
      servers = await startCluster(CLUSTER_PORTS);
      await servers[0].command('SET', 'hoge', 'fuga'); // slot 1525
    });
    afterAll(() => Promise.all(servers.map((server) => server.stop())));

    it('a redirection, followed silently for one command and announced otherwise', async () => {
      const one = await expectSame([...C, '-c', '--no-raw', 'get', 'hoge']);
      expect(one.stdout).toBe('"fuga"\n');
      const lines = await expectSame([...C, '-c', '--no-raw'], 'get hoge\nget hoge\nset foo bar\n');
      expect(lines.stdout).toContain(
        `-> Redirected to slot [1525] located at 127.0.0.1:${CLUSTER_PORTS[0]}\n"fuga"`,
      );
    });

    it('MOVED shown as an error without -c', async () => {
      const one = await expectSame([...C, '--no-raw', 'get', 'hoge']);
      expect(one.stdout).toBe(`(error) MOVED 1525 127.0.0.1:${CLUSTER_PORTS[0]}\n`);
      await expectSame([...C], 'get hoge\nget hoge\n');
    });

    it('CROSSSLOT, repetition and expected redirections in RESP3', async () => {
      await expectSame([...C, '-c', '--no-raw', '-r', '3', 'get', 'hoge']);
      await expectSame([...C, '-c', '-3', '--no-raw'], '3 get hoge\nmget hoge foo\ncluster info x\n');
      await expectSame([...C, '-c', '-e', 'mget', 'hoge', 'foo']);
    });

    it('--cluster call to the nodes that the words behind the command choose', async () => {
      const words = ['--cluster', 'call', `127.0.0.1:${CLUSTER_PORTS[0]}`, 'ECHO', '--cluster-x'];
      const call = async (choice: string) => {
        const { stdout } = await runProgram([process.execPath, binary.program, 'cli', ...words, choice]);
        return stdout;
      };
      const answers = CLUSTER_PORTS.map((port) => `127.0.0.1:${port}: --cluster-x\n`).join('');
      expect(await call('--cluster-only-masters')).toBe(`>>> Calling ECHO --cluster-x\n${answers}`);
      expect(await call('--cluster-only-replicas')).toBe('>>> Calling ECHO --cluster-x\n');
    });

    it('ASK followed with ASKING', async () => {
      const [source, target] = servers;
      const nodeId = async (server: RealServer) => {
        const reply = await server.command('CLUSTER', 'MYID');
        return reply.type === 'bulk' ? String(reply.value) : '';
      };
      await source.command('CLUSTER', 'SETSLOT', '0', 'MIGRATING', await nodeId(target));
      await target.command('CLUSTER', 'SETSLOT', '0', 'IMPORTING', await nodeId(source));
      // {06S} hashes to slot 0.
      const lines = await expectSame(
        ['-p', String(CLUSTER_PORTS[0]), '-c', '--no-raw'],
        'set {06S}x 1\nget {06S}x\ncluster countkeysinslot 0\n',
        async () => target.command('FLUSHALL'),
      );
      expect(lines.stdout).toContain(`located at 127.0.0.1:${CLUSTER_PORTS[1]}`);
    });
  });
});
