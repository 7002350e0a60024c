import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from '../../src/cluster/cluster.js';
import { eventually } from '../support/eventually.js';
import { freePorts } from '../support/ports.js';
import { hasRedisServer } from '../support/redis-process.js';
import { RedisNode, testBusPort } from './redis-node.js';
import { SimulatedCluster } from './simulated-cluster.js';
import { TcpNode } from './tcp-node.js';

const PORT = await freePorts(5);

/** Three masters that are real redis-servers, and two replicas of ours: the votes come from real ones only. */
describe.skipIf(!hasRedisServer())('our replicas of real masters', () => {
  let servers: RedisNode[];
  let nodes: TcpNode[];
  let ids: string[];

  beforeAll(async () => {
    servers = [0, 1, 2].map((i) => new RedisNode(PORT + i));
    nodes = [3, 4].map((i) => new TcpNode({ port: PORT + i }));
    for (const server of servers) await server.ready();
    for (const node of nodes) {
      await node.listen();
      await servers[0].meet(node.options.port);
    }
    for (const [i, server] of servers.entries()) {
      await server.command('CLUSTER', 'SET-CONFIG-EPOCH', `${i + 1}`);
      if (i > 0) await server.meet(PORT);
      const first = Math.ceil((i * 16384) / 3);
      const last = Math.ceil(((i + 1) * 16384) / 3) - 1;
      expect(await server.command('CLUSTER', 'ADDSLOTSRANGE', `${first}`, `${last}`)).toBe('+OK');
    }
    ids = await Promise.all(servers.map((server) => server.id()));
    await eventually(() =>
      nodes.every((node) => node.cluster.isUp && node.cluster.view.info().knownNodes === 5),
    );
    for (const [i, node] of nodes.entries()) node.do((cluster) => cluster.administration.replicate(ids[i]));
    await everyoneSees(nodes[0].id, new RegExp(`slave ${ids[0]}`));
    await everyoneSees(nodes[1].id, new RegExp(`slave ${ids[1]}`));
  });

  afterAll(() => {
    for (const node of nodes ?? []) node.stop();
    for (const server of servers ?? []) server.stop();
  });

  async function everyoneSees(nodeId: string, pattern: RegExp, from = servers): Promise<void> {
    await eventually(async () => {
      for (const server of from) if (!pattern.test(await server.sees(nodeId))) return false;
      return true;
    });
  }

  it('take over by CLUSTER FAILOVER, and the real master becomes a replica', async () => {
    const [node] = nodes;
    node.do((cluster) => cluster.administration.failover('normal'));
    await eventually(() => node.cluster.myself.isMaster, 5000);
    expect(node.logs).toContainEqual(
      expect.stringContaining('Received replication offset for paused master'),
    );
    await everyoneSees(node.id, /master - .* 0-5461$/);
    await everyoneSees(ids[0], new RegExp(`slave ${node.id}`));
    await eventually(() => node.cluster.node(ids[0])?.master === node.cluster.myself);
  });

  it('are elected when the real master dies', async () => {
    const [, node] = nodes;
    servers[1].kill();
    await eventually(() => node.cluster.myself.isMaster);
    expect(node.events).toContainEqual(expect.objectContaining({ type: 'election-won' }));
    await everyoneSees(node.id, /master - .* 5462-10922$/, [servers[0], servers[2]]);
    await eventually(async () => (await servers[2].info('cluster_state')) === 'ok');
  });

  it('write a nodes.conf that redis-server starts with, and read its', async () => {
    const [node] = nodes;
    node.do((cluster) => cluster.administration.setSlotMigrating(7, ids[2]));
    node.stop();
    const folder = path.join(servers[0].folder, 'adopted');
    mkdirSync(folder);
    const file = path.join(folder, 'nodes.conf');
    writeFileSync(file, node.savedConfig);
    const adopted = new RedisNode(node.options.port, ['--dir', folder]);
    try {
      await adopted.ready();
      expect(await adopted.id()).toBe(node.id);
      const line = await adopted.sees(node.id);
      expect(line).toMatch(new RegExp(`myself,master - .* connected 0-5461 \\[7->-${ids[2]}\\]$`));
      await eventually(async () => (await adopted.info('cluster_state')) === 'ok');
      await everyoneSees(node.id, /master - .* connected 0-5461$/, [servers[2]]);
      await adopted.command('CLUSTER', 'SAVECONFIG');
      const written = readFileSync(file, 'utf8');
      expect(rewritten(written)).toEqual(withoutTimes(written));
    } finally {
      adopted.stop();
    }
  });
});

/** What a node of ours that starts with a nodes.conf would save. */
function rewritten(text: string): string[] {
  const simulation = new SimulatedCluster(1);
  const node = simulation.addNode({ port: PORT + 3, busPort: testBusPort(PORT + 3) });
  node.start(text);
  expect(node.cluster).toBeInstanceOf(Cluster);
  node.cluster.saveConfig();
  return withoutTimes(node.savedConfig);
}

/** The lines without ping and pong times and link states, which a restart does not keep. */
function withoutTimes(text: string): string[] {
  return text
    .replace(/ \d+ \d+ (\d+) (?:dis)?connected/g, ' $1')
    .split('\n')
    .sort();
}
