/** Our configuration and redis-server's: the same names and defaults, the same words for what is wrong. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/io/config-files.js';
import { Config, ConfigFileError, parseCommandLine } from '../../src/node/config/index.js';
import { ServerProcess } from '../support/hexis-process.js';
import { freePorts } from '../support/ports.js';
import { hasRedisServer } from '../support/redis-process.js';
import { RawConnection, RedisServer } from '../support/redis-server.js';
import { parseReply } from '../support/resp.js';

const PORT = await freePorts(2);
/** Where we differ on purpose, or where the test's own server was told otherwise. */
const DIFFERENT: Readonly<Record<string, string>> = {
  bind: 'loopback only, and the test server was told so',
  'repl-diskless-sync-delay': 'a snapshot costs us no fork, so replicas need not wait for each other',
  port: 'the test server has a port of its own',
  dir: 'the test server has a directory of its own',
  save: 'the test server was told not to save',
};

let redis: RedisServer;
let connection: RawConnection;

async function ask(...words: string[]): Promise<string[]> {
  const [bytes] = await connection.send([words]);
  const reply = parseReply(bytes);
  if ('elements' in reply) return reply.elements.map((each) => ('text' in each ? each.text : ''));
  return ['text' in reply ? reply.text : ''];
}

describe.skipIf(!hasRedisServer())('compared with redis-server 7.0.15', () => {
  beforeAll(async () => {
    redis = await RedisServer.start();
    connection = await RawConnection.open(redis.port);
  });
  afterAll(async () => {
    connection.close();
    await redis.stop();
  });

  it('has the same directives with the same defaults', async () => {
    const words = await ask('CONFIG', 'GET', '*');
    const theirs: Record<string, string> = {};
    for (let i = 0; i < words.length; i += 2) theirs[words[i]] = words[i + 1];
    const ours = Object.fromEntries(new Config().get(['*']));
    expect(Object.keys(theirs).length).toBeGreaterThan(190);
    for (const name of Object.keys(DIFFERENT)) {
      expect(ours[name]).not.toBe(theirs[name]);
      delete ours[name];
      delete theirs[name];
    }
    expect(ours).toEqual(theirs);
  });

  it.each([
    [['maxmemory', 'lots']],
    [['maxmemory', '-1']],
    [['maxmemory', '1kb', 'maxmemory-policy', 'x']],
    [['maxclients', '0']],
    [['maxclients', '1.5']],
    [['port', '65536']],
    [['hz', '-1']],
    [['appendonly', 'maybe']],
    [['appendfsync', '']],
    [['loglevel', 'loud']],
    [['save', '1']],
    [['save', '0 1']],
    [['save', 'a b']],
    [['proto-max-bulk-len', '1']],
    [['maxmemory-clients', '101%']],
    [['maxmemory-clients', 'x%']],
    [['list-max-listpack-size', '2147483648']],
    [['slave-priority', '-1']],
    [['slave-priority', '1', 'SLAVE-PRIORITY', '1']],
    [['databases', '1']],
    [['daemonize', 'yes']],
    [['dir', '/']],
    [['nonsense', '1']],
    [['maxmemory', '1', 'nonsense', '1']],
    [['client-output-buffer-limit', 'normal 1 2']],
    [['client-output-buffer-limit', 'nobody 1 2 3']],
    [['client-output-buffer-limit', 'normal x 2 3']],
    [['client-output-buffer-limit', 'master 1 2 3']],
    [['oom-score-adj-values', '1 2']],
    [['oom-score-adj-values', '1 2 3000']],
    [['notify-keyspace-events', 'KEy']],
    [['latency-tracking-info-percentiles', '101']],
    [['latency-tracking-info-percentiles', 'x']],
    [['shutdown-on-sigint', 'save nosave']],
    [['shutdown-on-sigint', 'slowly']],
    [['cluster-announce-hostname', 'a_b']],
    [['proc-title-template', '{nonsense}']],
    [['unixsocketperm', '9']],
  ])('refuses %j in the same words', async (words) => {
    const pairs: [string, string][] = [];
    for (let i = 0; i < words.length; i += 2) pairs.push([words[i], words[i + 1]]);
    expect([new Config().set(pairs)]).toEqual(await ask('CONFIG', 'SET', ...words));
  });

  it.each([
    ['save', '900 1 300 10'],
    ['save', ''],
    ['notify-keyspace-events', 'gxK$lshzet'],
    ['notify-keyspace-events', 'KEAn'],
    ['notify-keyspace-events', 'mEdn'],
    ['client-output-buffer-limit', 'replica 1gb 1k 1 pubsub 0 0 0'],
    ['latency-tracking-info-percentiles', '0.5 99.99 100.0'],
    ['maxmemory', '2gB'],
    ['maxmemory-clients', '07'],
    ['maxmemory-clients', '3%'],
    ['shutdown-on-sigterm', 'FORCE now default'],
    ['oom-score-adj', 'yes'],
    ['hz', '1000'],
    ['hz', '0'],
    ['slowlog-log-slower-than', '9223372036854775807'],
    ['lua-time-limit', '10'],
  ])('takes %s "%s" and shows the same', async (name, value) => {
    const config = new Config();
    expect(config.set([[name, value]])).toBeUndefined();
    expect(await ask('CONFIG', 'SET', name, value)).toEqual(['OK']);
    expect(config.get([name])).toEqual([await ask('CONFIG', 'GET', name)]);
  });

  it.each([
    ['unknown', 'port 1\nnonsense\n'],
    ['unbalanced', '\n\nrequirepass "x\n'],
    ['words', 'port 1 2\n'],
    ['value', 'appendonly perhaps\n'],
    ['include', 'include /no/such/fil*\nport x\n'],
    ['contradiction', 'cluster-enabled yes\nreplicaof 127.0.0.1 1\n'],
    ['directory', 'dir /no/such/folder\n'],
  ])('reports a file with a mistake (%s) in the same shape', (_, text) => {
    const folder = mkdtempSync(join(tmpdir(), 'hexis-config-'));
    try {
      const file = join(folder, 'a.conf');
      writeFileSync(file, text);
      const { stderr, status } = spawnSync('redis-server', [file], { encoding: 'latin1', timeout: 5000 });
      expect(status).toBe(1);
      let report = '';
      try {
        readConfig(parseCommandLine([file]), () => '');
      } catch (error) {
        if (!(error instanceof ConfigFileError)) throw error;
        report = error.report('Redis 7.0.15');
      }
      expect(report.replace(` of ${file}`, '')).toBe(stderr);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('rewrites a file as redis-server does', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hexis-config-'));
    const file = join(folder, 'a.conf');
    const text = [
      '# Mine',
      `port ${PORT + 1}`,
      '',
      '',
      `dir ${folder}`,
      'slave-priority 5',
      'save 900 1',
      'save 300 10',
      'maxmemory 1000kb',
      'bind 127.0.0.1',
      'client-output-buffer-limit normal 1mb 1mb 1',
      '# the end',
    ].join('\n');
    writeFileSync(file, text);
    const changes = ['maxmemory', '10485760', 'save', '60 5', 'replica-priority', '7', 'hz', '33'];
    const child = new ServerProcess('redis-server', [file], { cwd: folder });
    try {
      await child.printed(/Ready to accept connections/);
      const other = await RawConnection.open(PORT + 1);
      const replies = await other.send([
        ['CONFIG', 'SET', ...changes],
        ['CONFIG', 'REWRITE'],
      ]);
      other.close();
      expect(replies.map(String)).toEqual(['+OK\r\n', '+OK\r\n']);
      const theirs = readFileSync(file, 'latin1');

      writeFileSync(file, text);
      const config = readConfig(parseCommandLine([file]), () => '');
      const pairs: [string, string][] = [];
      for (let i = 0; i < changes.length; i += 2) pairs.push([changes[i], changes[i + 1]]);
      expect(config.set(pairs)).toBeUndefined();
      expect(config.rewrite()).toBeUndefined();
      const ours = readFileSync(file, 'latin1');

      // What is added at the end comes in no particular order, and redis-server describes its users there.
      const [theirHead, theirTail] = theirs.split('# Generated by CONFIG REWRITE\n');
      const [ourHead, ourTail] = ours.split('# Generated by CONFIG REWRITE\n');
      expect(ourHead).toBe(theirHead);
      const lines = (tail: string) =>
        tail
          .split('\n')
          .filter((line) => !line.startsWith('user '))
          .sort();
      expect(lines(ourTail)).toEqual(lines(theirTail));
    } finally {
      await child.kill();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
