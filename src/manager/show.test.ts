import { describe, expect, it } from 'vitest';
import { parseAddress } from './address.js';
import { checkCluster } from './check.js';
import { planCluster } from './create-plan.js';
import { planRebalance, planReshard } from './move-plan.js';
import { showCheck, showCreatePlan, showInfo, showRebalancePlan, showReshardPlan } from './show.js';
import { type ClusterView, describeNode } from './view.js';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const R = 'c'.repeat(40);

/** Two masters and a replica of the first; the texts are what follows the link state in their own lines. */
function cluster(a: string, b: string): ClusterView {
  const lines = [
    `${A} h:7000@17000 master - 0 0 1 connected ${a}`,
    `${B} h:7001@17001 master - 0 0 2 connected ${b}`,
    `${R} h:7002@17002 slave ${A} 0 0 1 connected`,
  ];
  return {
    nodes: lines.map((own, index) =>
      describeNode(parseAddress(`h:${7000 + index}`), {
        nodes: lines.map((line) => (line === own ? line.replace(/@(\d+) /, '@$1 myself,') : line)).join('\n'),
        clusterInfo: 'cluster_state:ok',
        replication: 'master_link_status:up',
        keys: 5,
      }),
    ),
    unreachable: [],
  };
}

const healthy = cluster('0-8191', '8192-16383');

describe('text of plans and views', () => {
  it('has the lines of redis-trib and redis-cli for a new cluster', () => {
    const nodes = [1, 2, 3, 4, 5, 6, 7].map((n) => ({ host: 'h', port: 7000 + n, id: `${n}`.repeat(40) }));
    expect(showCreatePlan(planCluster(nodes, 1)).join('\n')).toBe(`\
>>> Performing hash slots allocation on 7 nodes...
Using 3 masters:
h:7001
h:7002
h:7003
Master[0] -> Slots 0 - 5460
Master[1] -> Slots 5461 - 10922
Master[2] -> Slots 10923 - 16383
Adding replica h:7005 to h:7001
Adding replica h:7006 to h:7002
Adding replica h:7007 to h:7003
Adding extra replicas...
Adding replica h:7004 to h:7001
>>> Trying to optimize slaves allocation for anti-affinity
[WARNING] Some slaves are in the same host as their master
M: ${nodes[0].id} h:7001
   slots:[0-5460] (5461 slots) master
M: ${nodes[1].id} h:7002
   slots:[5461-10922] (5462 slots) master
M: ${nodes[2].id} h:7003
   slots:[10923-16383] (5461 slots) master
S: ${nodes[3].id} h:7004
   replicates ${nodes[0].id}
S: ${nodes[4].id} h:7005
   replicates ${nodes[0].id}
S: ${nodes[5].id} h:7006
   replicates ${nodes[1].id}
S: ${nodes[6].id} h:7007
   replicates ${nodes[2].id}`);
  });

  it('tells of a healthy cluster', () => {
    expect([...showInfo(healthy), ...showCheck(healthy, checkCluster(healthy))].join('\n')).toBe(`\
h:7000 (aaaaaaaa...) -> 5 keys | 8192 slots | 1 slaves.
h:7001 (bbbbbbbb...) -> 5 keys | 8192 slots | 0 slaves.
[OK] 10 keys in 2 masters.
0.00 keys per slot on average.
>>> Performing Cluster Check (using node h:7000)
M: ${A} h:7000
   slots:[0-8191] (8192 slots) master
   1 additional replica(s)
M: ${B} h:7001
   slots:[8192-16383] (8192 slots) master
S: ${R} h:7002
   slots: (0 slots) slave
   replicates ${A}
[OK] All nodes agree about slots configuration.
>>> Check for open slots...
>>> Check slots coverage...
[OK] All 16384 slots covered.`);
  });

  it('tells of open and uncovered slots', () => {
    const view = cluster(`0-8190 [5->-${B}]`, `8192-16383 [5-<-${A}]`);
    const lines = showCheck(view, checkCluster(view), { nodes: false });
    expect(lines.slice(2)).toEqual([
      '>>> Check for open slots...',
      '[WARNING] Node h:7000 has slots in migrating state 5.',
      '[WARNING] Node h:7001 has slots in importing state 5.',
      '[WARNING] The following slots are open: 5.',
      '>>> Check slots coverage...',
      '[ERR] Not all 16384 slots are covered by nodes.',
      '    Not covered: [8191] (1 slots)',
    ]);
  });

  it('tells what a reshard and a rebalance will move', () => {
    const reshard = planReshard(healthy, { to: B, from: 'all', slots: 2 });
    expect(showReshardPlan(healthy, reshard).join('\n')).toBe(`
Ready to move 2 slots.
  Source nodes:
    M: ${A} h:7000
       slots:[0-8191] (8192 slots) master
       1 additional replica(s)
  Destination node:
    M: ${B} h:7001
       slots:[8192-16383] (8192 slots) master
  Resharding plan:
    Moving slot 0 from ${A}
    Moving slot 1 from ${A}`);
    expect(showRebalancePlan(planRebalance(healthy, { weights: { [B]: 3 } }))).toEqual([
      '>>> Rebalancing across 2 nodes. Total weight = 4.00',
      'Moving 4096 slots from h:7000 to h:7001',
    ]);
  });
});
