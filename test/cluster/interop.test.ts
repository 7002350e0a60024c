import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { freePorts } from '../support/ports.js';
import { hasRedisServer } from '../support/redis-process.js';
import { RedisNode, testBusPort } from './redis-node.js';
import { TcpNode } from './tcp-node.js';

const PORT = await freePorts(4);

/**
 * Two masters and a replica that are real redis-servers, and one master that is ours: every decision that needs a
 * majority of the three masters needs both kinds.
 */
describe.skipIf(!hasRedisServer())('among real redis-servers', () => {
  let node: TcpNode;
  let servers: RedisNode[];

  beforeAll(async () => {
    node = new TcpNode({ port: PORT });
    servers = [1, 2, 3].map((i) => new RedisNode(PORT + i));
    await node.listen();
    for (const server of servers) await server.ready();
  });

  afterAll(() => {
    node?.stop();
    for (const server of servers ?? []) server.stop();
  });

  const seen = async (nodeId: string, pattern: RegExp): Promise<boolean> => {
    for (const server of servers) if (!pattern.test(await server.sees(nodeId))) return false;
    return true;
  };

  it('meets them, in either direction, and all know each other', async () => {
    node.do((cluster) => cluster.administration.meet('127.0.0.1', PORT + 1, testBusPort(PORT + 1)));
    await servers[1].meet(PORT);
    await servers[2].meet(PORT);
    await eventually(async () => {
      for (const server of servers) if ((await server.info('cluster_known_nodes')) !== '4') return false;
      return node.cluster.view.info().knownNodes === 4;
    });
    await eventually(() =>
      seen(node.id, new RegExp(`127.0.0.1:${PORT}@${testBusPort(PORT)} master - .* connected`)),
    );
    expect(node.cluster.myself.ip).toBe('127.0.0.1');
  });

  it('learns their slots and tells them its own, and the cluster is up everywhere', async () => {
    expect(await servers[0].command('CLUSTER', 'ADDSLOTSRANGE', '0', '5460')).toBe('+OK');
    expect(await servers[1].command('CLUSTER', 'ADDSLOTSRANGE', '5461', '10922')).toBe('+OK');
    node.do((cluster) => cluster.administration.addSlots([{ first: 10_923, last: 16_383 }]));
    expect(await servers[2].command('CLUSTER', 'REPLICATE', await servers[0].id())).toBe('+OK');
    await eventually(() => seen(node.id, / 10923-16383$/));
    const first = await servers[0].id();
    await eventually(() => node.cluster.nodeOfSlot(0)?.id === first && node.cluster.isUp);
    await eventually(async () => (await servers[1].info('cluster_state')) === 'ok');
    const replica = await servers[2].id();
    await eventually(() => node.cluster.node(replica)?.master?.id === first);
  });

  it('passes a published message on', async () => {
    const received = servers[1].subscribe('news');
    await eventually(async () => (await servers[1].command('PUBSUB', 'NUMSUB', 'news')).endsWith(':1'));
    node.do((cluster) => cluster.publish(Buffer.from('news'), Buffer.from('from us'), false));
    await servers[0].command('PUBLISH', 'news', 'from them');
    await eventually(() => node.published.includes('news=from them'));
    await eventually(() => received().includes('from us') && received().includes('from them'));
  });

  it('notices that a real master died and votes for its replica', async () => {
    await eventually(async () =>
      (await servers[2].command('INFO', 'replication')).includes('link_status:up'),
    );
    const [dead, successor] = [await servers[0].id(), await servers[2].id()];
    // Voters refuse a replica that has missed its master's last config epoch: let collisions settle.
    const masters = [node.id, dead, await servers[1].id()];
    await eventually(() => {
      const epochs = masters.map((id) => node.cluster.node(id)!.configEpoch);
      return new Set(epochs).size === 3 && seen(dead, new RegExp(` ${epochs[1]} connected`));
    });
    servers[0].kill();
    await eventually(() =>
      node.events.some((event) => event.type === 'vote-granted' && event.nodeId === successor),
    );
    expect(node.events).toContainEqual(expect.objectContaining({ type: 'node-failed', nodeId: dead }));
    await eventually(() => node.cluster.nodeOfSlot(0)?.id === successor && node.cluster.isUp);
    expect(node.savedConfig).toMatch(/^vars currentEpoch \d+ lastVoteEpoch [1-9]\d*$/m);
  });
});
