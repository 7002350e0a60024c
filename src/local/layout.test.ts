import { describe, expect, it } from 'vitest';
import { parseNodesConf } from '../cluster/nodes-conf.js';
import { NodeFlag } from '../protocol/bus-frame.js';
import { configFile, localEndpoints, nodesConf, phantomNodesConf, planLayout } from './layout.js';

let next = 1;
const SIX = { masters: 3, replicas: 1 };
const layout = planLayout(SIX, localEndpoints(SIX, 7000), () => next++);

describe('the layout of a local cluster', () => {
  it('shares the slots as redis-cli does and deals replicas in turn', () => {
    expect(layout.nodes.map(({ port, slots, masterIndex }) => [port, slots ?? masterIndex])).toEqual([
      [7000, { first: 0, last: 5460 }],
      [7001, { first: 5461, last: 10922 }],
      [7002, { first: 10923, last: 16383 }],
      [7003, 0],
      [7004, 1],
      [7005, 2],
    ]);
  });

  it('covers every slot once, whatever the number of masters', () => {
    for (let masters = 1; masters <= 40; masters++) {
      const size = { masters, replicas: 2 };
      const { nodes } = planLayout(size, localEndpoints(size, 1000), () => next++);
      let slot = 0;
      for (const { slots } of nodes.slice(0, masters)) {
        expect(slots!.first).toBe(slot);
        slot = slots!.last + 1;
      }
      expect(slot).toBe(16384);
      expect(nodes.filter(({ masterIndex }) => masterIndex === masters - 1)).toHaveLength(2);
    }
  });

  it('writes a nodes.conf that the cluster reads back as planned', () => {
    for (const self of layout.nodes) {
      const conf = parseNodesConf(nodesConf(layout, self));
      expect(conf.currentEpoch).toBe(6);
      const own = conf.nodes.find(({ flags }) => flags & NodeFlag.MYSELF)!;
      expect([own.id, own.port, own.busPort]).toEqual([self.id, self.port, self.port + 10_000]);
      for (const [i, node] of conf.nodes.entries()) {
        const planned = layout.nodes[i];
        expect(node.ranges).toEqual(planned.slots ? [planned.slots] : []);
        expect(node.masterId).toBe(planned.slots ? '' : layout.nodes[planned.masterIndex!].id);
        expect(node.configEpoch).toBe((planned.masterIndex ?? i) + 1);
      }
    }
  });

  it('lets every node of a shard begin as a replica of its phantom', () => {
    const conf = parseNodesConf(phantomNodesConf(layout, layout.nodes[4]));
    expect(conf.nodes).toHaveLength(9);
    expect(conf.nodes[1].masterId).toBe(layout.phantoms[1]);
    expect(conf.nodes[4].masterId).toBe(layout.phantoms[1]);
    expect(conf.nodes[7]).toMatchObject({ id: layout.phantoms[1], ranges: [{ first: 5461, last: 10922 }] });
  });

  it('configures a node as one would by hand', () => {
    expect(configFile(layout.nodes[0], { nodeTimeout: 5000, ephemeral: false })).toBe(
      'port 7000\nbind 127.0.0.1\ncluster-enabled yes\ncluster-config-file nodes.conf\n' +
        'cluster-node-timeout 5000\nappendonly yes\nprotected-mode no\n',
    );
  });
});
