import { describe, expect, it } from 'vitest';
import { formatClusterInfo } from '../../src/cluster/view.js';
import { SimulatedCluster } from './simulated-cluster.js';

const simulation = new SimulatedCluster(1);
for (let i = 0; i < 4; i++) simulation.addNode({ announceHostname: i === 1 ? 'b.example' : '' });
simulation.form(3);
for (const node of simulation.nodes.slice(0, 3)) node.offset = 50;
simulation.run(5000);
const [a, b, c, replica] = simulation.nodes;

describe('views of the cluster', () => {
  it('CLUSTER NODES has a line a node, this one first', () => {
    const lines = a.cluster.view.nodes().trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    const { configEpoch } = a.cluster.myself;
    expect(lines[0]).toMatch(
      new RegExp(`^${a.id} 10.0.0.1:7000@17000 myself,master - 0 \\d+ ${configEpoch} connected 0-5460$`),
    );
    const other = lines.find((line) => line.startsWith(b.id));
    expect(other).toMatch(/ 10\.0\.0\.2:7000@17000,b\.example master - \d+ \d{13} \d+ connected 5461-10922$/);
    const line = lines.find((text) => text.startsWith(replica.id));
    expect(line).toMatch(new RegExp(` slave ${a.id} \\d+ \\d{13} ${configEpoch} connected$`));
    expect(a.cluster.view.replicas(a.id)).toEqual([line]);
  });

  it('CLUSTER SLOTS has a range a master, with readable replicas', () => {
    const endpoint = (node: typeof a) => ({ endpoint: node.ip, port: 7000, id: node.id, metadata: {} });
    expect(c.cluster.view.slots()).toEqual([
      { first: 0, last: 5460, nodes: [endpoint(a), endpoint(replica)] },
      { first: 5461, last: 10922, nodes: [{ ...endpoint(b), metadata: { hostname: 'b.example' } }] },
      { first: 10923, last: 16383, nodes: [endpoint(c)] },
    ]);
    c.options.preferredEndpointType = 'unknown-endpoint';
    expect(c.cluster.view.slots()[1].nodes[0]).toMatchObject({
      endpoint: null,
      metadata: { ip: b.ip, hostname: 'b.example' },
    });
    c.options.preferredEndpointType = 'ip';
  });

  it('CLUSTER SHARDS has masters with their replicas', () => {
    const shard = b.cluster.view.shards().find(({ slots }) => slots[0].first === 0);
    expect(
      shard?.nodes.map(({ id, role, health, replicationOffset }) => [id, role, health, replicationOffset]),
    ).toEqual([
      [a.id, 'master', 'online', 50],
      [replica.id, 'replica', 'online', 50],
    ]);
  });

  it('CLUSTER LINKS has both directions to each node', () => {
    const links = a.cluster.view.links().map(({ direction, node }) => `${direction} ${node}`);
    expect(links.sort()).toEqual([b, c, replica].flatMap(({ id }) => [`from ${id}`, `to ${id}`]).sort());
  });

  it('what waits in the links is counted: here half a frame', () => {
    expect(a.cluster.view.linkBytes).toBe(0);
    const link = a.sees(b)!.link!;
    const header = Buffer.from('RCmb\0\0\x08\xd0', 'latin1');
    a.do(() => link.received(header, 0, header.length));
    expect(a.cluster.view.linkBytes).toBe(8);
  });

  it('CLUSTER INFO counts slots, nodes and messages', () => {
    const text = formatClusterInfo(a.cluster.view.info());
    expect(text).toMatch(
      new RegExp(
        `^cluster_state:ok\r\ncluster_slots_assigned:16384\r\ncluster_slots_ok:16384\r\ncluster_slots_pfail:0\r\n` +
          `cluster_slots_fail:0\r\ncluster_known_nodes:4\r\ncluster_size:3\r\ncluster_current_epoch:\\d+\r\n` +
          `cluster_my_epoch:${a.cluster.myself.configEpoch}\r\ncluster_stats_messages_ping_sent:\\d+\r\n` +
          `cluster_stats_messages_pong_sent:\\d+\r\ncluster_stats_messages_meet_sent:3\r\n`,
      ),
    );
    expect(text).toMatch(/messages_received:\d+\r\ntotal_cluster_links_buffer_limit_exceeded:0\r\n$/);
  });
});
