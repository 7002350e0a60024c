/**
 * Slots on the move while clients write: redis-cli and our own manager, Hexis and real redis-servers as source and
 * target. Every write that was acknowledged is there exactly once afterwards.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Client, connect } from '../../src/client/index.js';
import { createCluster, type TestCluster, type TestNode } from '../../src/local/testing.js';
import {
  applyMoves,
  checkCluster,
  inspect,
  inspectHealthy,
  planRebalance,
  planReshard,
} from '../../src/manager/index.js';
import { asciiKeySlot } from '../../src/protocol/key-slot.js';
import { call, RedisServers } from '../manager/redis-servers.js';
import { CountingLoad } from '../support/counting-load.js';
import { freePorts } from '../support/ports.js';
import { redisCli } from '../support/redis-cli.js';
import { hasRedisServer } from '../support/redis-process.js';

describe('resharding under load', () => {
  const servers = new RedisServers();
  let cluster: TestCluster;
  let client: Client;
  let load: CountingLoad;

  beforeAll(async () => {
    cluster = await createCluster({ nodeTimeout: 2000 });
    client = await connect(cluster.addresses[0]);
  });
  afterAll(async () => {
    await client?.close();
    await cluster?.close();
    await servers.close();
  });

  beforeEach(async () => {
    for (const node of cluster.nodes.slice(0, 3)) await cluster.call(node, 'FLUSHALL');
    load = new CountingLoad(client);
  });
  afterEach(() => load.stopAndCheck());

  async function expectSound(): Promise<void> {
    const isSound = async () => checkCluster(await inspect(cluster.addresses[0])).ok;
    await expect.poll(isSound, { timeout: 10_000 }).toBe(true);
  }

  it('reshards and rebalances with our manager', async () => {
    const [first] = cluster.nodes;
    const plan = planReshard(await inspectHealthy(first.address), { to: first.id, from: 'all', slots: 120 });
    await applyMoves(plan.transfers);
    await expectSound();
    await applyMoves(planRebalance(await inspectHealthy(first.address)).transfers);
    await expectSound();
  });

  it.skipIf(!hasRedisServer())('reshards with redis-cli', async () => {
    const [, second] = cluster.nodes;
    const words = [
      '--cluster-from',
      'all',
      '--cluster-to',
      second.id,
      '--cluster-slots',
      '300',
      '--cluster-yes',
    ];
    await redisCli('reshard', second.address, ...words);
    await expectSound();
  });

  it.skipIf(!hasRedisServer())('fixes a slot left open with keys on both sides', async () => {
    const [source, target] = cluster.nodes;
    const tag = await tagServedBy(cluster, source);
    const slot = String(asciiKeySlot(tag));
    for (let n = 0; n < 20; n++) await cluster.call(source, 'SET', `{${tag}}${n}`, String(n));
    await cluster.call(target, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', source.id);
    await cluster.call(source, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', target.id);
    const keys = Array.from({ length: 10 }, (_, n) => `{${tag}}${n}`);
    await cluster.call(source, 'MIGRATE', target.host, target.port, '', 0, 5000, 'KEYS', ...keys);
    await expect(cluster.call(source, 'GET', keys[0])).rejects.toThrow(`ASK ${slot} ${target.address}`);
    await expect(cluster.call(source, 'MGET', keys[0], `{${tag}}15`)).rejects.toThrow('TRYAGAIN');
    expect(await cluster.call(source, 'MGET', `{${tag}}15`, `{${tag}}15`)).toEqual(['15', '15']);
    await redisCli('fix', source.address);
    await expectSound();
    for (let n = 0; n < 20; n++) expect(await client.get(`{${tag}}${n}`)).toBe(String(n));
  });

  it.skipIf(!hasRedisServer())('moves slots to a real redis-server and back', async () => {
    const port = await freePorts(1);
    await servers.start(port);
    const [first] = cluster.nodes;
    await redisCli('add-node', `127.0.0.1:${port}`, first.address);
    const id = (await call(port, 'CLUSTER', 'MYID')) as string;
    const known = async () => {
      const tables = await Promise.all(cluster.nodes.map((node) => cluster.call(node, 'CLUSTER', 'NODES')));
      return tables.every((table) => String(table).includes(`${id} 127.0.0.1`));
    };
    await expect.poll(known, { timeout: 10_000 }).toBe(true);
    await expect.poll(() => call(port, 'CLUSTER', 'INFO'), { timeout: 10_000 }).toContain('state:ok');
    const to = ['--cluster-from', 'all', '--cluster-to', id, '--cluster-slots', '30', '--cluster-yes'];
    await redisCli('reshard', first.address, ...to);
    await expectSound();
    expect(await call(port, 'CLUSTER', 'SLOTS')).toContainEqual(
      expect.arrayContaining([[expect.anything(), port, id, expect.anything()]]),
    );
    const back = ['--cluster-from', id, '--cluster-to', first.id, '--cluster-slots', '30', '--cluster-yes'];
    await redisCli('reshard', first.address, ...back);
    await expectSound();
  });
});

/** A hash tag whose slot the node serves. */
async function tagServedBy(cluster: TestCluster, node: TestNode): Promise<string> {
  for (let n = 0; ; n++) {
    const answer = await cluster.call(node, 'GET', `{tag${n}}`).catch((error: Error) => error);
    if (!(answer instanceof Error)) return `tag${n}`;
  }
}
