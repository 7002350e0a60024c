/** add-node, del-node, import, call and set-timeout against real redis-servers. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  applyAddNode,
  applyCreate,
  applyDeleteNode,
  applyMoves,
  backup,
  callEverywhere,
  checkCluster,
  importKeys,
  inspect,
  inspectHealthy,
  planAddNode,
  planCreate,
  planDeleteNode,
  planRebalance,
  planReshard,
  setNodeTimeout,
} from '../../src/manager/index.js';
import { freePorts } from '../support/ports.js';
import { hasRedisServer } from '../support/redis-process.js';
import { call, RedisServers } from './redis-servers.js';

const FIRST = await freePorts(6);
const PORTS = Array.from({ length: 6 }, (_, i) => FIRST + i);
const ADDRESSES = PORTS.map((port) => `127.0.0.1:${port}`);
const FOUNDERS = ADDRESSES.slice(0, 3);
const [, , , MASTER, REPLICA] = ADDRESSES;
const SINGLE = PORTS[5];

describe.skipIf(!hasRedisServer())('changing a cluster (needs redis-server on PATH)', () => {
  const servers = new RedisServers();

  beforeAll(async () => {
    await Promise.all(
      [PORTS[0], PORTS[1], PORTS[2], PORTS[3], PORTS[4]].map((port) =>
        servers.start(port, '--repl-diskless-sync-delay', '0'),
      ),
    );
    await servers.start(SINGLE, '--cluster-enabled', 'no');
    await applyCreate(await planCreate(FOUNDERS));
  });
  afterAll(() => servers.close());

  const idOf = async (address: string) => (await inspect(address)).nodes[0].id;

  it('adds a master that serves at once, with the functions of the cluster', async () => {
    const library = "#!lua name=lib\nredis.register_function('f', function() return 1 end)";
    await call(PORTS[1], 'FUNCTION', 'LOAD', library);
    const { plan } = await planAddNode(MASTER, FOUNDERS[1]);
    expect(plan).toMatchObject({ kind: 'add-node', node: { port: PORTS[3] }, master: null });
    const view = await applyAddNode(plan);
    expect(view.nodes.find(({ port }) => port === PORTS[3])).toMatchObject({ role: 'master', state: 'ok' });
    expect(JSON.stringify(await call(PORTS[3], 'FUNCTION', 'LIST'))).toContain('lib');
  });

  it('adds a replica, to the master with fewest unless told', async () => {
    const { plan } = await planAddNode(REPLICA, FOUNDERS[0], { replicaOf: true });
    expect(plan.master).toMatchObject({ port: PORTS[0] });
    const named = await planAddNode(REPLICA, FOUNDERS[0], { replicaOf: await idOf(FOUNDERS[2]) });
    const view = await applyAddNode(named.plan);
    expect(view.nodes.find(({ port }) => port === PORTS[4])).toMatchObject({
      role: 'replica',
      masterId: await idOf(FOUNDERS[2]),
    });
  });

  it('refuses a node that is in the cluster already', async () => {
    await expect(planAddNode(MASTER, FOUNDERS[0])).rejects.toMatchObject({ code: 'NOT_EMPTY' });
  });

  it('takes slots to the new master that answer at once', async () => {
    const plan = planReshard(await inspectHealthy(FOUNDERS[0]), {
      to: await idOf(MASTER),
      from: 'all',
      slots: 400,
    });
    const { slots, view } = await applyMoves(plan.transfers);
    expect(slots).toBe(400);
    expect(checkCluster(view).ok).toBe(true);
  });

  it('imports the keys of a single server, binary names too', async () => {
    const names = Array.from({ length: 300 }, (_, n) => `name:${n}`);
    for (const name of names) await call(SINGLE, 'SET', name, name);
    await call(SINGLE, 'EVAL', "return redis.call('SET', '\\255\\0\\r\\n', 'binary')", '0');
    let announced = 0;
    const count = await importKeys(`127.0.0.1:${SINGLE}`, FOUNDERS[0], {
      copy: true,
      onSize: (size) => {
        announced = size;
      },
    });
    expect([announced, count]).toEqual([301, 301]);
    const masters = await callEverywhere(FOUNDERS[0], ['DBSIZE'], { only: 'masters' });
    expect(masters).toHaveLength(4);
    expect(masters.reduce((sum, answer) => sum + ('reply' in answer ? Number(answer.reply) : 0), 0)).toBe(
      301,
    );

    await expect(importKeys(`127.0.0.1:${SINGLE}`, FOUNDERS[0])).rejects.toMatchObject({
      code: 'REFUSED',
      hint: expect.stringContaining('--replace'),
    });
    expect(await importKeys(`127.0.0.1:${SINGLE}`, FOUNDERS[0], { replace: true })).toBe(301);
    expect(await call(SINGLE, 'DBSIZE')).toBe(0);
    await expect(importKeys(FOUNDERS[1], FOUNDERS[0])).rejects.toMatchObject({ code: 'NOT_A_NODE' });
  });

  it('backs up every master, in files that redis-check-rdb accepts', async () => {
    const folder = join(servers.folder, 'backup');
    const { files, report } = await backup(FOUNDERS[2], folder);
    expect(report.ok).toBe(true);
    expect(files.map(({ node }) => node.port).sort()).toEqual([PORTS[0], PORTS[1], PORTS[2], PORTS[3]]);
    let keys = 0;
    for (const { path, bytes } of files) {
      expect(statSync(path).size).toBe(bytes);
      keys += Number(
        /\[info\] (\d+) keys read/.exec(execFileSync('redis-check-rdb', [path]).toString())?.[1],
      );
    }
    expect(keys).toBe(301);
    const nodes = JSON.parse(readFileSync(join(folder, 'nodes.json'), 'utf8'));
    expect(nodes.map(({ port }: { port: number }) => port).sort()).toEqual([
      PORTS[0],
      PORTS[1],
      PORTS[2],
      PORTS[3],
      PORTS[4],
    ]);
  });

  it('says why a backup cannot be written, and leaves no part of it', async () => {
    const file = join(servers.folder, 'a-file');
    writeFileSync(file, '');
    await expect(backup(FOUNDERS[2], file)).rejects.toMatchObject({
      code: 'UNWRITABLE',
      message: expect.stringContaining("The backup can't be written: EEXIST"),
    });
    // A folder where a file should be.
    const folder = join(servers.folder, 'blocked');
    const { nodes } = await inspect(FOUNDERS[2]);
    for (const { host, port, id } of nodes) {
      mkdirSync(join(folder, `redis-node-${host}-${port}-${id}.rdb`, 'full'), { recursive: true });
    }
    await expect(backup(FOUNDERS[2], folder)).rejects.toMatchObject({ code: 'UNWRITABLE' });
    await expect.poll(() => readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('does not delete a node that holds slots', async () => {
    await expect(planDeleteNode(FOUNDERS[0], await idOf(MASTER))).rejects.toMatchObject({
      code: 'UNHEALTHY',
    });
    await expect(planDeleteNode(FOUNDERS[0], 'f00')).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('deletes an emptied node', async () => {
    const id = await idOf(MASTER);
    const plan = planRebalance(await inspectHealthy(FOUNDERS[0]), { weights: { [id]: 0 } });
    await applyMoves(plan.transfers);
    const view = await applyDeleteNode(await planDeleteNode(FOUNDERS[0], id.slice(0, 12)));
    expect(view.nodes.map(({ port }) => port).sort()).toEqual([PORTS[0], PORTS[1], PORTS[2], PORTS[4]]);
    expect((await inspect(MASTER)).nodes).toHaveLength(1);
    expect(checkCluster(await inspect(FOUNDERS[0])).ok).toBe(true);
  });

  it('deletes a node that is dead', async () => {
    const id = await idOf(REPLICA);
    await servers.kill(PORTS[4]);
    const plan = await planDeleteNode(FOUNDERS[0], id);
    expect(plan.reachable).toBe(false);
    await applyDeleteNode(plan);
    const view = await inspect(FOUNDERS[0]);
    expect([view.nodes.length, view.unreachable]).toEqual([3, []]);
  });

  it('sets the node timeout everywhere, and tells where it could not be written down', async () => {
    const answers = await setNodeTimeout(FOUNDERS[0], 3000);
    expect(answers).toHaveLength(3);
    for (const answer of answers) expect('error' in answer && answer.error.message).toContain('config file');
    for (const port of [PORTS[0], PORTS[1], PORTS[2]]) {
      expect(await call(port, 'CONFIG', 'GET', 'cluster-node-timeout')).toEqual([
        'cluster-node-timeout',
        '3000',
      ]);
    }
    expect(() => setNodeTimeout(FOUNDERS[0], 99)).toThrow(RangeError);
    expect(() => setNodeTimeout(FOUNDERS[0], Number.NaN)).toThrow('whole number of milliseconds');
  });
});

describe.skipIf(!hasRedisServer())('nodes without slots (needs redis-server on PATH)', () => {
  const servers = new RedisServers();
  afterAll(() => servers.close());

  it('does not leave a replica without a master to follow', async () => {
    const first = await freePorts(2);
    await Promise.all([servers.start(first), servers.start(first + 1)]);
    await call(first, 'CLUSTER', 'MEET', '127.0.0.1', String(first + 1));
    const id = String(await call(first, 'CLUSTER', 'MYID'));
    await expect.poll(() => call(first + 1, 'CLUSTER', 'REPLICATE', id).catch(String)).toBe('OK');
    await expect(planDeleteNode(`127.0.0.1:${first + 1}`, id)).rejects.toMatchObject({
      code: 'INVALID',
      message: '*** No master with slots is left to follow.',
    });
  });
});
