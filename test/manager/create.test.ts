/** `hexis cluster create`, `check` and `info` against real redis-servers. */

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/cli/cluster.js';
import { applyCreate, inspect, ManagerError, planCreate } from '../../src/manager/index.js';
import { freePorts } from '../support/ports.js';
import { hasRedisServer } from '../support/redis-process.js';
import { call, RedisServers } from './redis-servers.js';

/** Six nodes, one that nobody listens on, and three more nodes. */
const FIRST = await freePorts(10);
const PORTS = Array.from({ length: 6 }, (_, i) => FIRST + i);
const NOBODY = FIRST + 6;
const LATER = [7, 8, 9].map((i) => FIRST + i);
/** A bus port that nobody listens on. */
const CLOSED_BUS = NOBODY + 10_000;
const ADDRESSES = PORTS.map((port) => `127.0.0.1:${port}`);

/** Runs `hexis cluster …` and catches what it prints. */
async function hexisCluster(...args: string[]) {
  let output = '';
  let errors = '';
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += text;
    return true;
  });
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    errors += text;
    return true;
  });
  try {
    return { code: await run(args), output, errors };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
  }
}

describe.skipIf(!hasRedisServer())('hexis cluster on six redis-servers (needs redis-server on PATH)', () => {
  const servers = new RedisServers();
  beforeAll(() => Promise.all(PORTS.map((port) => servers.start(port))));
  afterAll(() => servers.close());

  it('refuses to make a cluster of too few nodes', async () => {
    const { code, errors } = await hexisCluster('create', '--replicas', '1', ...ADDRESSES.slice(0, 5));
    expect(code).toBe(1);
    expect(errors).toContain('*** At least 6 nodes are required.');
  });

  it('refuses what is no node, or no new one', async () => {
    const refusals = [
      [['create', ADDRESSES[0], 'nonsense'], 'Invalid address format: nonsense'],
      [['create', ADDRESSES[0], ADDRESSES[1], ADDRESSES[0]], `Node 127.0.0.1:${PORTS[0]} is given twice.`],
      [['create', ADDRESSES[0], `127.0.0.1:${NOBODY}`], `Could not connect to Redis at 127.0.0.1:${NOBODY}`],
    ] as const;
    for (const [args, error] of refusals) {
      const { code, errors } = await hexisCluster(...args);
      expect(errors).toContain(error);
      expect(code).toBe(1);
    }
    expect((await hexisCluster('create')).code).toBe(2);
  });

  it('creates a cluster that is ready, with redis-trib’s words', async () => {
    const { code, output, errors } = await hexisCluster('create', '--replicas', '1', ...ADDRESSES, '--yes');
    expect(errors).toBe('');
    expect(code).toBe(0);
    const lines = output.split('\n');
    expect(lines.slice(0, 14)).toEqual([
      '>>> Creating cluster',
      '>>> Performing hash slots allocation on 6 nodes...',
      'Using 3 masters:',
      ...ADDRESSES.slice(0, 3),
      'Master[0] -> Slots 0 - 5460',
      'Master[1] -> Slots 5461 - 10922',
      'Master[2] -> Slots 10923 - 16383',
      `Adding replica 127.0.0.1:${PORTS[4]} to 127.0.0.1:${PORTS[0]}`,
      `Adding replica 127.0.0.1:${PORTS[5]} to 127.0.0.1:${PORTS[1]}`,
      `Adding replica 127.0.0.1:${PORTS[3]} to 127.0.0.1:${PORTS[2]}`,
      '>>> Trying to optimize slaves allocation for anti-affinity',
      '[WARNING] Some slaves are in the same host as their master',
    ]);
    expect(lines.filter((line) => /^[>[W]/.test(line)).slice(4)).toEqual([
      '>>> Nodes configuration updated',
      '>>> Assign a different config epoch to each node',
      '>>> Sending CLUSTER MEET messages to join the cluster',
      'Waiting for the cluster to join',
      `>>> Performing Cluster Check (using node 127.0.0.1:${PORTS[0]})`,
      '[OK] All nodes agree about slots configuration.',
      '>>> Check for open slots...',
      '>>> Check slots coverage...',
      '[OK] All 16384 slots covered.',
      expect.stringMatching(/^\[OK\] Every slot takes writes and 3 replicas are in sync/),
    ]);

    // Ready means now: a write to each master, acknowledged by its replica.
    for (const [port, key] of [
      [PORTS[0], 'b'],
      [PORTS[1], 'c'],
      [PORTS[2], 'a'],
    ] as const) {
      expect(await call(port, 'SET', key, '1')).toBe('OK');
    }
    for (const port of PORTS) expect(await call(port, 'CLUSTER', 'INFO')).toContain('cluster_state:ok');
    for (const port of PORTS.slice(3)) {
      expect(await call(port, 'INFO', 'replication')).toContain('master_link_status:up');
    }
  });

  it('puts the settings back that it lowered while joining', async () => {
    expect(await call(PORTS[0], 'CONFIG', 'GET', 'cluster-node-timeout')).toEqual([
      'cluster-node-timeout',
      '2000',
    ]);
    expect(await call(PORTS[0], 'CONFIG', 'GET', 'repl-diskless-sync-delay')).toEqual([
      'repl-diskless-sync-delay',
      '5',
    ]);
  });

  it('refuses nodes that are in use, and says how to empty them', async () => {
    const { code, errors } = await hexisCluster('create', ...ADDRESSES, '--cluster-yes');
    expect(code).toBe(1);
    expect(errors).toContain(`Nodes ${ADDRESSES.join(', ')} are not empty.`);
    expect(errors).toContain('CLUSTER RESET HARD');
  });

  it('finds the cluster healthy from any node', async () => {
    const { code, output } = await hexisCluster('check', `127.0.0.1:${PORTS[4]}`);
    expect(output).toContain('[OK] 3 keys in 3 masters.');
    expect(output).toContain(`>>> Performing Cluster Check (using node 127.0.0.1:${PORTS[4]})`);
    expect(output).toContain('[OK] All 16384 slots covered.');
    expect(code).toBe(0);
  });

  it('prints JSON', async () => {
    const { code, output } = await hexisCluster('check', '127.0.0.1', `${PORTS[1]}`, '--json');
    const report = JSON.parse(output);
    expect(report).toMatchObject({ ok: true, agreed: true, open: [], uncovered: [], unreachable: [] });
    expect(report.nodes).toHaveLength(6);
    expect(code).toBe(0);
  });

  it('fails the check when a master is gone, naming it and its slots', async () => {
    await servers.kill(PORTS[1]);
    const { code, output } = await hexisCluster('check', `127.0.0.1:${PORTS[0]}`);
    expect(code).toBe(1);
    expect(output).toContain(`Could not connect to Redis at 127.0.0.1:${PORTS[1]}: Connection refused`);
    expect(output).toContain('[ERR] Not all 16384 slots are covered by nodes.');
    expect(output).toContain('Not covered: [5461-10922] (5462 slots)');
    expect((await hexisCluster('check', `127.0.0.1:${PORTS[1]}`)).code).toBe(1);

    const dead = (await inspect(ADDRESSES[0])).unreachable.find(({ port }) => port === PORTS[1])!;
    const deletion = await hexisCluster('del-node', ADDRESSES[0], dead.id);
    expect(deletion.code).toBe(1);
    expect(deletion.errors).toContain(`hexis cluster fix --fix-with-unreachable-masters ${ADDRESSES[0]}`);
  });
});

describe.skipIf(!hasRedisServer())('an unreachable bus port (needs redis-server on PATH)', () => {
  const servers = new RedisServers();
  beforeAll(() =>
    Promise.all([
      servers.start(LATER[0]),
      servers.start(LATER[1]),
      servers.start(LATER[2], '--cluster-announce-bus-port', String(CLOSED_BUS)),
    ]),
  );
  afterAll(() => servers.close());

  it('ends the wait at the limit and names who does not see whom', async () => {
    const plan = await planCreate([
      `127.0.0.1:${LATER[0]}`,
      `127.0.0.1:${LATER[1]}`,
      `127.0.0.1:${LATER[2]}`,
    ]);
    const error = await applyCreate(plan, { timeout: 2000 }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ManagerError);
    expect((error as ManagerError).code).toBe('TIMEOUT');
    expect((error as ManagerError).message).toContain(
      `127.0.0.1:${LATER[0]}, 127.0.0.1:${LATER[1]} do not see 127.0.0.1:${LATER[2]}: its cluster bus port ${CLOSED_BUS}`,
    );
  });
});
