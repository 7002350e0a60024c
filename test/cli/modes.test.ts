/** The special modes beside redis-cli's, and over a whole cluster, where redis-cli does one node. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleHexis } from '../support/hexis-process.js';
import { freePorts } from '../support/ports.js';
import { hasRedisServer } from '../support/redis-process.js';
import { RealServer, runProgram, startCluster } from './processes.js';

const PORT = await freePorts(3);
const CLUSTER_PORTS = [PORT + 1, PORT + 2];
const P = ['-p', String(PORT)];

const available = hasRedisServer();

/** SCAN answers in the same order each time only when the server's table is not being resized. */
async function rehashed(server: RealServer): Promise<void> {
  for (let tries = 0; tries < 10_000; tries++) {
    const reply = await server.command('DEBUG', 'HTSTATS', '0');
    if (reply.type === 'verbatim' || reply.type === 'bulk')
      if (!String(reply.value).includes('rehashing target')) return;
  }
  throw new Error('the server does not finish resizing its table');
}

describe.skipIf(!available)('the special modes of hexis cli', () => {
  let binary: Awaited<ReturnType<typeof bundleHexis>>;
  let directory: string;

  beforeAll(async () => {
    binary = await bundleHexis();
    directory = mkdtempSync(join(tmpdir(), 'hexis-cli-modes-'));
  });
  afterAll(() => {
    binary.remove();
    rmSync(directory, { recursive: true });
  });

  function hexis(args: readonly string[], input?: string) {
    return runProgram([process.execPath, binary.program, 'cli', ...args], input);
  }

  describe('one server', () => {
    let server: RealServer;

    beforeAll(async () => {
      server = await RealServer.start(PORT, '--maxmemory-policy', 'allkeys-lfu');
      for (const line of [
        'SET string hello',
        'SET longer hello-world',
        'RPUSH list 1 2 3',
        'SADD set a b',
        'HSET hash f v',
        'ZADD zset 1 a 2 b',
        'XADD stream 1-1 f v',
        ...Array.from({ length: 300 }, (_, i) => `SET key:${i} ${i}`),
      ])
        await server.command(...line.split(' '));
      await server.command('SET', 'binary \n\xff"', 'x');
      await rehashed(server);
    });
    afterAll(() => server.stop());

    it.each([
      [['--scan']],
      [['--scan', '--no-raw']],
      [['--scan', '--pattern', 'key:1?']],
      [['--scan', '--quoted-pattern', '"binary*"', '--no-raw']],
      [['--scan', '--quoted-pattern', '"open']],
      [['--bigkeys']],
      [['--bigkeys', '--pattern', 's*']],
      [['--memkeys']],
      [['--memkeys-samples', '2']],
      [['--eval', '/nonexistent.lua', 'k']],
      [['--rdb', 'a', '--functions-rdb', 'b']],
    ])('%j prints what redis-cli prints', async (args) => {
      const theirs = await runProgram(['redis-cli', ...P, ...args]);
      expect(await hexis([...P, ...args])).toEqual(theirs);
    });

    it('--hotkeys ranks the keys by use', async () => {
      await server.command('CONFIG', 'SET', 'lfu-log-factor', '0');
      for (let i = 0; i < 50; i++) await server.command('GET', 'key:7');
      for (let i = 0; i < 30; i++) await server.command('GET', 'key:8');
      const { stdout, code } = await hexis([...P, '--hotkeys']);
      const ranking = stdout.split('\n').filter((line) => line.startsWith('hot key found'));
      expect(code).toBe(0);
      expect(ranking).toHaveLength(16);
      expect(ranking[0]).toMatch(/keyname: "key:7"$/);
      expect(ranking[1]).toMatch(/keyname: "key:8"$/);
    });

    it('--eval passes keys and arguments', async () => {
      const script = join(directory, 'script.lua');
      writeFileSync(script, 'return {KEYS, ARGV}');
      const args = [...P, '--no-raw', '--eval', script, 'k1', 'k2', ',', 'a', 'b'];
      expect(await hexis(args)).toEqual(await runProgram(['redis-cli', ...args]));
    });

    it('--pipe sends everything and counts replies and errors', async () => {
      const commands = Array.from({ length: 5000 }, (_, i) => `SET pipe:${i} ${'x'.repeat(100)}\r\n`).join(
        '',
      );
      const sound = await hexis([...P, '--pipe'], commands);
      expect(sound).toEqual(await runProgram(['redis-cli', ...P, '--pipe'], commands));
      expect(sound.stdout).toContain('errors: 0, replies: 5000\n');
      const faulty = 'SET a 1\r\nNOPE\r\nSET b 2\r\n';
      expect(await hexis([...P, '--pipe'], faulty)).toEqual(
        await runProgram(['redis-cli', ...P, '--pipe'], faulty),
      );
    });

    it('--rdb saves the very bytes that the server sent', async () => {
      const ours = join(directory, 'ours.rdb');
      const { code, stderr } = await hexis([...P, '--rdb', ours]);
      expect(code).toBe(0);
      expect(stderr).toMatch(/Transfer finished with success after \d+ bytes\n$/);
      const check = await runProgram(['redis-check-rdb', ours]);
      expect(check.stdout).toContain('RDB looks OK!');
      const toStdout = await hexis([...P, '--rdb', '-']);
      expect(toStdout.stdout.slice(0, 5)).toBe('REDIS');
      expect(toStdout.stdout).toHaveLength(readFileSync(ours).length);
    });

    it('--rdb says why it cannot write, before the server has done any work', async () => {
      const { stderr, code } = await hexis([...P, '--rdb', '/nonexistent/dump.rdb']);
      expect(code).toBe(1);
      expect(stderr).toMatch(/Error opening '\/nonexistent\/dump.rdb': No such file or directory\n$/);
    });

    it('--latency measures and ends when nobody watches', async () => {
      const { stdout, code } = await hexis([...P, '--latency', '-i', '0.1']);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^\d+ \d+ \d+\.\d\d \d+\n$/);
    });

    it('fails plainly when the server is not there', async () => {
      expect(await hexis(['-p', '23199', '--scan'])).toEqual({
        stdout: '',
        stderr: 'Could not connect to Redis at 127.0.0.1:23199: Connection refused\n',
        code: 1,
      });
    });
  });

  describe('a cluster, with -c', () => {
    let servers: RealServer[];
    const C = ['-c', '-p', String(CLUSTER_PORTS[1])];

    beforeAll(async () => {
      servers = await startCluster(CLUSTER_PORTS);
      await hexis(C, Array.from({ length: 100 }, (_, i) => `SET key:${i} ${i}\n`).join(''));
    });
    afterAll(() => Promise.all(servers.map((server) => server.stop())));

    it('--scan lists the keys of every master', async () => {
      const { stdout } = await hexis([...C, '--scan']);
      const keys = stdout.trimEnd().split('\n').sort();
      expect(keys).toEqual(Array.from({ length: 100 }, (_, i) => `key:${i}`).sort());
    });

    it('--pipe sends every command to the master of its key', async () => {
      const inResp = (...words: string[]) =>
        `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
      const commands = Array.from({ length: 2000 }, (_, i) =>
        i % 2 === 0 ? inResp('SET', `pipe:${i}`, 'v\r\n\0') : `SET pipe:${i} v\r\n`,
      );
      commands.push(inResp('EVAL', "return redis.call('DEL', KEYS[1])", '1', 'pipe:0'), 'PING', '\n', 'get');
      const { stdout, stderr, code } = await hexis([...C, '--pipe'], commands.join(''));
      expect(stderr).toBe("ERR wrong number of arguments for 'get' command\n");
      expect(stdout).toContain('errors: 1, replies: 2003\n');
      expect(code).toBe(1);
      const { stdout: keys } = await hexis([...C, '--scan', '--pattern', 'pipe:*']);
      expect(keys.trimEnd().split('\n')).toHaveLength(1999);
      await hexis([...C, '--pipe'], Array.from({ length: 2000 }, (_, i) => `DEL pipe:${i}\n`).join(''));
    });

    it('--pipe refuses what is no request', async () => {
      const cut = await hexis([...C, '--pipe'], '*2\r\n$3\r\nGET\r\n$10\r\nshort');
      expect(cut).toMatchObject({ stderr: 'stdin ends in the middle of a request\n', code: 1 });
      const wrong = await hexis([...C, '--pipe'], '*2\r\nx3\r\n');
      expect(wrong).toMatchObject({ stderr: "Protocol error: expected '$', got 'x'\n", code: 1 });
    });

    it('--bigkeys counts them', async () => {
      const { stdout, code } = await hexis([...C, '--bigkeys']);
      expect(code).toBe(0);
      expect(stdout).toContain('Sampled 100 keys in the keyspace!\n');
    });
  });
});
